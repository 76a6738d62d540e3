package soap

import (
	"context"
	"errors"
	"strings"
)

// SOAPLogin logs in with login() of the SOAP API, which exists up to API version
// 64.0 and ends with Summer '27 (LoginEnds).
type SOAPLogin struct {
	Username string
	Password Secret
	// Token is the security token that Salesforce wants appended to the
	// password when the call comes from outside the org's trusted networks.
	Token Secret
}

// checkVersion refuses versions without login() before any call.
func (SOAPLogin) checkVersion(version string) error {
	if majorVersion(version) < firstWithout {
		return nil
	}
	return &CallError{
		Operation: loginOperation,
		Problem:   "API version " + version + " has no login() any more: it was removed with 65.0",
		Advice:    versionAdvice(),
		kinds:     []error{ErrLoginEnded},
	}
}

// Login makes one attempt. Refused credentials are a *CredentialsError.
func (l SOAPLogin) Login(ctx context.Context, c *Caller) (Session, error) {
	if err := l.checkVersion(c.APIVersion()); err != nil {
		return Session{}, err
	}
	if l.Username == "" || l.Password.Empty() {
		return Session{}, &CredentialsError{Message: "user name or password is empty", Advice: "set both"}
	}
	password := NewSecret(l.Password.Reveal() + l.Token.Reveal())
	var v struct {
		Result struct {
			PasswordExpired string   `xml:"passwordExpired"`
			Sandbox         string   `xml:"sandbox"`
			ServerURL       string   `xml:"serverUrl"`
			SessionID       string   `xml:"sessionId"`
			UserID          string   `xml:"userId"`
			User            userInfo `xml:"userInfo"`
		} `xml:"result"`
	}
	params := []Param{{"username", l.Username}, {"password", password.Reveal()}}
	// The longest first: the password is a part of it.
	err := c.Call(ctx, c.Endpoint(c.LoginURL()), loginOperation, params, &v, password, l.Password, l.Token)
	var fault *Fault
	if errors.As(err, &fault) && errors.Is(fault, ErrCredentials) {
		return Session{}, fault.refused(!l.Token.Empty())
	}
	if err != nil {
		return Session{}, err
	}
	r := &v.Result
	return Session{
		ID:              NewSecret(strings.TrimSpace(r.SessionID)),
		ServerURL:       strings.TrimSpace(r.ServerURL),
		OrganizationID:  r.User.info().OrganizationID,
		UserID:          parsedID(r.UserID),
		SecondsValid:    number(r.User.SecondsValid),
		Sandbox:         isTrue(r.Sandbox),
		PasswordExpired: isTrue(r.PasswordExpired),
		User:            r.User.info(),
	}, nil
}
