package soap

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

const loginOperation = "login"

// flight is a login in progress.
type flight struct {
	done chan struct{}
	err  error
}

// Login returns the client's session and logs in where there is none. Concurrent
// callers share one login. A definitive refusal is remembered: until Reset every
// further Login, and every call that needs one, gets it again without a request,
// since wrong passwords lock the user out.
func (c *Client) Login(ctx context.Context) (Session, error) {
	s, err := c.renew(ctx, nil)
	if err != nil {
		return Session{}, err
	}
	return *s, nil
}

// Reset forgets the session and a remembered refusal: the next call logs in. Use
// it when the credentials or their standing in the org have changed.
func (c *Client) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.session, c.refused = nil, nil
}

// renew returns a session other than stale.
func (c *Client) renew(ctx context.Context, stale *Session) (*Session, error) {
	for {
		c.mu.Lock()
		if s := c.session; s != nil && s != stale {
			c.mu.Unlock()
			return s, nil
		}
		if c.refused != nil {
			again := *c.refused
			c.mu.Unlock()
			again.Repeated = true
			return nil, &again
		}
		if f := c.flight; f != nil {
			c.mu.Unlock()
			select {
			case <-f.done:
			case <-ctx.Done():
				return nil, &CallError{Operation: loginOperation, Problem: ctx.Err().Error(), cause: ctx.Err()}
			}
			// A login that its own caller gave up says nothing about ours.
			if f.err != nil && !errors.Is(f.err, context.Canceled) && !errors.Is(f.err, context.DeadlineExceeded) {
				return nil, f.err
			}
			continue
		}
		if err := c.mayLogin(); err != nil {
			c.mu.Unlock()
			return nil, err
		}
		f := &flight{done: make(chan struct{}), err: errors.New("soap: login broke off")}
		c.flight = f
		times := slices.Clone(c.logins)
		c.mu.Unlock()
		return c.fly(ctx, f, times)
	}
}

// mayLogin notes a login, unless there were too many in the last hour. A session that ends as soon as it is made would
// otherwise bring a login with every call. It is called with c.mu held.
func (c *Client) mayLogin() error {
	now := c.options.Clock()
	c.logins = slices.DeleteFunc(c.logins, func(t time.Time) bool { return now.Sub(t) >= time.Hour || t.After(now) })
	if len(c.logins) < c.options.LoginsPerHour {
		c.logins = append(c.logins, now)
		return nil
	}
	return &CallError{
		Operation: loginOperation,
		Problem:   fmt.Sprintf("not made: there were %d within an hour, as many as there may be", len(c.logins)),
		Advice: "the next one may be made at " + c.logins[0].Add(time.Hour).Format(time.TimeOnly) +
			"; see in the user's login history what ends its sessions, such as another program that logs out as the same user",
		kinds: []error{ErrLogins},
	}
}

// fly makes the login that others may wait for, the last one of times.
func (c *Client) fly(ctx context.Context, f *flight, times []time.Time) (*Session, error) {
	var s *Session
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.flight = nil
		var refused *CredentialsError
		switch {
		case f.err == nil:
			c.session = s
		case errors.As(f.err, &refused):
			c.session, c.refused = nil, refused
		case errors.Is(f.err, ErrCredentials):
			c.session, c.refused = nil, &CredentialsError{Message: strings.TrimPrefix(f.err.Error(), "soap: ")}
		}
		close(f.done)
	}()
	if c.options.NoteLogin != nil {
		if err := c.options.NoteLogin(times); err != nil {
			f.err = fmt.Errorf("soap: login: not made, since it can't be noted: %w", err)
			return nil, f.err
		}
	}
	c.usage.logins.Add(1)
	session, err := c.options.Auth.Login(ctx, &Caller{client: c})
	if err == nil {
		err = c.accept(&session)
	}
	c.secrets.add(session.ID)
	if f.err = err; err != nil {
		return nil, err
	}
	s = &session
	return s, nil
}

// accept checks what an authenticator returned.
func (c *Client) accept(s *Session) error {
	if s.PasswordExpired {
		f := &Fault{Operation: loginOperation, Code: "INVALID_OPERATION_WITH_EXPIRED_PASSWORD"}
		return &CredentialsError{Code: f.Code, Message: "the password has expired", Advice: f.advice()}
	}
	if s.ID.Empty() {
		return &CallError{Operation: loginOperation, Problem: "the reply has no session id", Advice: "try again", kinds: []error{ErrReply}}
	}
	u, err := c.hosts.check(s.ServerURL, "the login's server URL")
	if err != nil {
		var call *CallError
		if errors.As(err, &call) {
			call.Operation = loginOperation
		}
		return err
	}
	if !strings.HasPrefix(u.Path, "/services/Soap/u/") {
		return &CallError{
			Operation: loginOperation, Problem: "the login's server URL is not one of the Partner API",
			Advice: "check the URL", kinds: []error{ErrReply},
		}
	}
	return nil
}

// Logout ends the session, where there is one. The next call logs in again.
func (c *Client) Logout(ctx context.Context) error {
	c.mu.Lock()
	s := c.session
	c.session = nil
	c.mu.Unlock()
	if s == nil {
		return nil
	}
	err := c.send(ctx, sessionCall(s, &call{operation: "logout"}), nil)
	if errors.Is(err, ErrSession) {
		return nil // it had ended by itself
	}
	return err
}

func sessionCall(s *Session, q *call) *call {
	q.session, q.endpoint, q.secrets = s.ID, s.ServerURL, []Secret{s.ID}
	return q
}

// call makes a call within the session. Where the session has ended it logs in
// once more and repeats the call once. It returns the session that was used last.
func (c *Client) call(ctx context.Context, q *call, into any) (*Session, error) {
	s, err := c.renew(ctx, nil)
	if err != nil {
		return nil, err
	}
	err = c.send(ctx, sessionCall(s, q), into)
	if !errors.Is(err, ErrSession) {
		return s, err
	}
	if s, err = c.renew(ctx, s); err != nil {
		return nil, err
	}
	err = c.send(ctx, sessionCall(s, q), into)
	return s, err
}
