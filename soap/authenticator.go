package soap

import "context"

// Authenticator yields sessions. Client.Login calls it, one call at a time.
//
// An error for which errors.Is(err, ErrCredentials) is true is definitive: the
// client does not call again until Reset.
type Authenticator interface {
	Login(ctx context.Context, c *Caller) (Session, error)
}

// SOAPLogin logs in with login() of the SOAP API, which exists up to API
// version 64.0 and ends with Summer '27 (LoginEnds).
type SOAPLogin struct {
	Username string
	Password Secret
	// Token is the security token that Salesforce wants appended to the
	// password when the call comes from outside the org's trusted networks.
	Token Secret
}

// Caller is what an Authenticator needs to talk to the login host.
type Caller struct{ client *Client }
