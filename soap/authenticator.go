package soap

import (
	"context"
	"net/http"
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

// HTTPClient is what a token endpoint is spoken to with: the client's transport, host rules and counters, no redirects,
// bounded replies, and the secrets kept out of errors. It serves one login attempt: its requests end with ctx, whatever
// context they carry. What went wrong on the wire is a *CallError inside the error.
func (c *Caller) HTTPClient(ctx context.Context, secrets ...Secret) *http.Client {
	c.client.secrets.add(secrets...)
	return &http.Client{
		Transport:     &formExchange{client: c.client, ctx: ctx, secrets: secrets},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
