package soap

import (
	"context"
	"net/url"
)

// ClientCredentials logs in as the user that the app's policies name under Run As (RFC 6749, 4.4). Salesforce serves
// it at the org's My Domain only.
type ClientCredentials struct {
	ClientID     string // the app's Consumer Key
	ClientSecret Secret
}

// Login makes one attempt. A refusal is a *CredentialsError.
func (g ClientCredentials) Login(ctx context.Context, c *Caller) (Session, error) {
	if g.ClientID == "" || g.ClientSecret.Empty() {
		return Session{}, &CredentialsError{Message: "client id or client secret is empty", Advice: "set both"}
	}
	if host := c.client.loginURL.Hostname(); isGenericLogin(host) {
		return Session{}, myDomainNeeded(host)
	}
	return c.grant(ctx, url.Values{
		"grant_type": {"client_credentials"}, "client_id": {g.ClientID}, "client_secret": {g.ClientSecret.Reveal()},
	}, nil, g.ClientSecret)
}

func myDomainNeeded(host string) error {
	return &CredentialsError{
		Code: "invalid_grant", Message: host + " does not serve the client credentials flow",
		Advice: "set the org's My Domain as the URL: https://mycompany.my.salesforce.com (Setup, My Domain)",
	}
}

// PasswordGrant logs in with user name and password beside the app's key and secret (RFC 6749, 4.3). Salesforce blocks
// it in orgs made since Summer '23 and is giving it up: use it where nothing else works.
type PasswordGrant struct {
	ClientID     string
	ClientSecret Secret
	Username     string
	Password     Secret
	Token        Secret // the security token, as in SOAPLogin
}

// Login makes one attempt. A refusal is a *CredentialsError.
func (g PasswordGrant) Login(ctx context.Context, c *Caller) (Session, error) {
	if g.ClientID == "" || g.Username == "" || g.Password.Empty() {
		return Session{}, &CredentialsError{Message: "client id, user name or password is empty", Advice: "set all three"}
	}
	password := NewSecret(g.Password.Reveal() + g.Token.Reveal())
	form := url.Values{
		"grant_type": {"password"}, "client_id": {g.ClientID}, "username": {g.Username}, "password": {password.Reveal()},
	}
	setSecret(form, g.ClientSecret)
	return c.grant(ctx, form, nil, password, g.Password, g.Token, g.ClientSecret)
}

// RefreshToken logs in with the refresh token that a login in a browser gave (RFC 6749, 6).
type RefreshToken struct {
	ClientID     string
	ClientSecret Secret // empty for an app that wants none
	Token        Secret
	// Rotated gets the new refresh token of an org that changes it with each use: the one before is worthless from
	// then on, so it must be stored before anything else happens. Its error ends the login. nil ignores rotation.
	Rotated func(ctx context.Context, token Secret) error
}

// Login makes one attempt. A refusal is a *CredentialsError.
func (g RefreshToken) Login(ctx context.Context, c *Caller) (Session, error) {
	if g.ClientID == "" || g.Token.Empty() {
		return Session{}, &CredentialsError{Message: "client id or refresh token is empty", Advice: "set both"}
	}
	form := url.Values{"grant_type": {"refresh_token"}, "client_id": {g.ClientID}, "refresh_token": {g.Token.Reveal()}}
	setSecret(form, g.ClientSecret)
	return c.grant(ctx, form, g.Rotated, g.Token, g.ClientSecret)
}

// AuthorizationCode exchanges the code of the web server flow (RFC 6749, 4.1) with PKCE (RFC 7636). A code works once.
type AuthorizationCode struct {
	ClientID     string
	ClientSecret Secret // empty for an app that wants none
	Code         Secret
	Verifier     Secret // of PKCE
	RedirectURI  string // as in the authorization request
	// Granted gets the refresh token; there is none where the app lacks the scope refresh_token. Its error ends the login.
	Granted func(ctx context.Context, token Secret) error
}

// Login makes one attempt. A refusal is a *CredentialsError.
func (g AuthorizationCode) Login(ctx context.Context, c *Caller) (Session, error) {
	form := url.Values{
		"grant_type": {"authorization_code"}, "client_id": {g.ClientID}, "code": {g.Code.Reveal()},
		"redirect_uri": {g.RedirectURI}, "code_verifier": {g.Verifier.Reveal()},
	}
	setSecret(form, g.ClientSecret)
	return c.grant(ctx, form, g.Granted, g.Code, g.Verifier, g.ClientSecret)
}

func setSecret(form url.Values, secret Secret) {
	if !secret.Empty() {
		form.Set("client_secret", secret.Reveal())
	}
}

// grant turns a form into a session. kept gets a refresh token before the access token is used.
func (c *Caller) grant(ctx context.Context, form url.Values, kept func(context.Context, Secret) error, secrets ...Secret) (Session, error) {
	r, err := c.token(ctx, form, secrets...)
	if err != nil {
		return Session{}, err
	}
	if r.RefreshToken != "" {
		token := NewSecret(r.RefreshToken)
		c.client.secrets.add(token)
		if kept != nil && r.RefreshToken != form.Get("refresh_token") {
			if err := kept(ctx, token); err != nil {
				return Session{}, err
			}
		}
	}
	return c.session(ctx, r)
}
