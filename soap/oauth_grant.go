package soap

import (
	"context"
	"strings"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
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
	app := clientcredentials.Config{
		ClientID: g.ClientID, ClientSecret: g.ClientSecret.Reveal(), TokenURL: c.LoginURL() + tokenPath, AuthStyle: oauth2.AuthStyleInParams,
	}
	return c.grant(ctx, app.Token, nil, g.ClientSecret)
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
	return c.grant(ctx, func(ctx context.Context) (*oauth2.Token, error) {
		return c.oauthConfig(g.ClientID, g.ClientSecret).PasswordCredentialsToken(ctx, g.Username, password.Reveal())
	}, nil, password, g.Password, g.Token, g.ClientSecret)
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
	rotated := func(ctx context.Context, token Secret) error {
		if g.Rotated == nil || token.Reveal() == g.Token.Reveal() {
			return nil
		}
		return g.Rotated(ctx, token)
	}
	return c.grant(ctx, func(ctx context.Context) (*oauth2.Token, error) {
		return c.oauthConfig(g.ClientID, g.ClientSecret).TokenSource(ctx, &oauth2.Token{RefreshToken: g.Token.Reveal()}).Token()
	}, rotated, g.Token, g.ClientSecret)
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
	app := c.oauthConfig(g.ClientID, g.ClientSecret)
	app.RedirectURL = g.RedirectURI
	return c.grant(ctx, func(ctx context.Context) (*oauth2.Token, error) {
		return app.Exchange(ctx, g.Code.Reveal(), oauth2.VerifierOption(g.Verifier.Reveal()))
	}, g.Granted, g.Code, g.Verifier, g.ClientSecret)
}

// AuthorizationURL is where a person approves in a browser, for AuthorizationCode. loginURL is Options.URL; state comes
// back with the code; verifier is PKCE's (RFC 7636), of which only the SHA-256 is in the address.
func AuthorizationURL(loginURL, clientID, redirectURI, state string, verifier Secret) string {
	app := oauth2.Config{
		ClientID: clientID, RedirectURL: redirectURI, Scopes: []string{"api", "refresh_token"},
		Endpoint: oauth2.Endpoint{AuthURL: strings.TrimRight(loginURL, "/") + authorizePath},
	}
	return app.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier.Reveal()))
}

// NewVerifier makes a verifier for one login in the browser.
func NewVerifier() Secret { return NewSecret(oauth2.GenerateVerifier()) }

// grant asks for a token and makes a session of it. kept gets a refresh token before the access token is used.
func (c *Caller) grant(ctx context.Context, fetch func(context.Context) (*oauth2.Token, error), kept func(context.Context, Secret) error, secrets ...Secret) (Session, error) {
	r, err := c.token(ctx, fetch, secrets...)
	if err != nil {
		return Session{}, err
	}
	if r.refreshToken != "" {
		token := NewSecret(r.refreshToken)
		c.client.secrets.add(token)
		if kept != nil {
			if err := kept(ctx, token); err != nil {
				return Session{}, err
			}
		}
	}
	return c.session(ctx, r)
}
