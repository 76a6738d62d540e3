package soap

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Authenticator yields sessions. A Client calls it for one login at a time.
//
// An error for which errors.Is(err, ErrCredentials) is true, such as a
// *CredentialsError, is definitive: the client does not call again until Reset.
// Errors must not hold secrets.
type Authenticator interface {
	Login(ctx context.Context, c *Caller) (Session, error)
}

// Caller is what an Authenticator needs to talk to the login host: calls with the
// client's transport, limits, host rules and counters, but without a session.
type Caller struct{ client *Client }

// Param is one parameter of a call, in the order of the WSDL.
type Param struct{ Name, Value string }

// LoginURL is https://host of Options.URL, without a path.
func (c *Caller) LoginURL() string { return c.client.loginURL.String() }

// APIVersion is "64.0".
func (c *Caller) APIVersion() string { return c.client.options.APIVersion }

// Endpoint is the SOAP address on an instance such as
// https://mycompany.my.salesforce.com.
func (c *Caller) Endpoint(instance string) string { return c.client.endpoint(instance) }

// Call makes a SOAP call without a session and decodes the body of its reply.
// The secrets are kept out of errors.
func (c *Caller) Call(ctx context.Context, endpoint, operation string, params []Param, into any, secrets ...Secret) error {
	if _, err := c.client.hosts.check(endpoint, "the endpoint"); err != nil {
		return err
	}
	c.client.secrets.add(secrets...)
	return c.client.send(ctx, &call{operation: operation, endpoint: endpoint, params: params, secrets: secrets}, into)
}

// UserInfo asks who a session belongs to. An authenticator whose token endpoint
// does not say so fills Session.User with it.
func (c *Caller) UserInfo(ctx context.Context, endpoint string, session Secret) (UserInfo, error) {
	if _, err := c.client.hosts.check(endpoint, "the endpoint"); err != nil {
		return UserInfo{}, err
	}
	c.client.secrets.add(session)
	var v userInfoXML
	err := c.client.send(ctx, sessionCall(&Session{ID: session, ServerURL: endpoint}, &call{operation: userInfoOperation}), &v)
	return v.Result.info(), err
}

// maxFormReply limits the reply of a token endpoint.
const maxFormReply = 1 << 20

// PostForm sends a form to a token endpoint and returns status and body, whatever
// the status; redirects are not followed. The secrets are kept out of errors.
func (c *Caller) PostForm(ctx context.Context, address string, form url.Values, secrets ...Secret) (status int, body []byte, err error) {
	if _, err := c.client.hosts.check(address, "the token endpoint"); err != nil {
		return 0, nil, err
	}
	c.client.secrets.add(secrets...)
	x := &exchange{client: c.client, ctx: ctx, call: &call{operation: "token", endpoint: address, secrets: secrets}}
	ctx, stop := context.WithTimeoutCause(ctx, c.client.options.HeaderTimeout, errNoHeader)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, nil, x.fail(ctx, 0, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.client.options.UserAgent)
	c.client.usage.calls.Add(1)
	c.client.usage.bytesOut.Add(req.ContentLength)
	resp, err := c.client.transport.RoundTrip(req)
	if err != nil {
		return 0, nil, x.fail(ctx, 0, err)
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, maxFormReply+1))
	c.client.usage.bytesIn.Add(int64(len(body)))
	switch {
	case err != nil:
		return 0, nil, x.fail(ctx, int64(len(body)), err)
	case len(body) > maxFormReply:
		return 0, nil, x.problem(fmt.Sprintf("the reply is larger than %d bytes", maxFormReply), "check the URL", ErrReply)
	}
	return resp.StatusCode, body, nil
}
