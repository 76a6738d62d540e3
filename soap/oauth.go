package soap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"
)

const (
	tokenOperation = "token"
	tokenPath      = "/services/oauth2/token"
	authorizePath  = "/services/oauth2/authorize"
)

// tokenReply is what we keep of the token endpoint's answer (RFC 6749, 5.1). Salesforce gives no expires_in: a token
// lives as long as a session.
type tokenReply struct {
	accessToken  string
	refreshToken string // of a grant that has one: the new one where the org exchanges it, else the one that was sent
	instanceURL  string
	identity     string // https://login.salesforce.com/id/ORG/USER
	tokenFormat  string
}

// oauthConfig is the app at our token endpoint. The style is set, since the library would else find it out by trying
// twice, and each try counts towards the user's lockout.
func (c *Caller) oauthConfig(clientID string, secret Secret) *oauth2.Config {
	return &oauth2.Config{
		ClientID: clientID, ClientSecret: secret.Reveal(),
		Endpoint: oauth2.Endpoint{TokenURL: c.LoginURL() + tokenPath, AuthStyle: oauth2.AuthStyleInParams},
	}
}

// token asks for an access token, once. fetch is a call of golang.org/x/oauth2 with the context that it gets. The
// library's errors are sorted here and never shown: they hold whole replies, and those may repeat what was sent.
func (c *Caller) token(ctx context.Context, fetch func(context.Context) (*oauth2.Token, error), secrets ...Secret) (tokenReply, error) {
	h := c.HTTPClient(ctx, secrets...)
	got, err := fetch(context.WithValue(ctx, oauth2.HTTPClient, h))
	wire := h.Transport.(*formExchange)
	if wire.err != nil {
		return tokenReply{}, wire.err
	}
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) {
		if code, description := refusalOf(refused); code != "" {
			return tokenReply{}, c.refusedGrant(code, description)
		}
	}
	var r tokenReply
	if err == nil {
		extra := func(key string) string { s, _ := got.Extra(key).(string); return s }
		r = tokenReply{got.AccessToken, got.RefreshToken, extra("instance_url"), extra("id"), extra("token_format")}
	}
	host := c.client.loginURL.Host
	switch status := wire.status; {
	case status == 0:
		return tokenReply{}, c.tokenProblem("no request was made", "check the login's settings", ErrReply)
	case status >= 500 || status == http.StatusTooManyRequests:
		return tokenReply{}, c.tokenProblem(fmt.Sprintf("%s answered HTTP %d", host, status),
			"the org or something before it is out of service: try again later", ErrReply, ErrTemporary)
	case status >= 300 && status < 400:
		return tokenReply{}, c.tokenProblem(fmt.Sprintf("%s answered HTTP %d, a redirect, which is not followed", host, status),
			"set the address that your browser shows after a login as the URL: https://mycompany.my.salesforce.com", ErrReply)
	case err != nil || status != http.StatusOK || r.accessToken == "" || r.instanceURL == "":
		return tokenReply{}, c.tokenProblem(fmt.Sprintf("%s answered HTTP %d with something that is no token", host, status),
			"check the URL, and see whether a proxy stands between", ErrReply)
	}
	return r, nil
}

// refusalOf reads {"error", "error_description"} (RFC 6749, 5.2); the library's JWT flow leaves it in the body.
func refusalOf(e *oauth2.RetrieveError) (code, description string) {
	if e.ErrorCode != "" {
		return e.ErrorCode, e.ErrorDescription
	}
	var v struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(e.Body, &v) != nil {
		return "", ""
	}
	return v.Error, v.Description
}

func (c *Caller) tokenProblem(problem, advice string, kinds ...error) error {
	return &CallError{Operation: tokenOperation, Problem: problem, Advice: advice, kinds: kinds}
}

// session makes a session of an access token: it goes into the SessionHeader of the same SOAP calls.
func (c *Caller) session(ctx context.Context, r tokenReply) (Session, error) {
	id := NewSecret(r.accessToken)
	c.client.secrets.add(id)
	if r.tokenFormat == "jwt" || isJWT(r.accessToken) {
		return Session{}, jwtTokenRefused()
	}
	s := Session{ID: id, ServerURL: c.Endpoint(r.instanceURL)}
	user, err := c.UserInfo(ctx, s.ServerURL, id)
	if err != nil {
		if f, ok := sessionFault(err); ok {
			return Session{}, &CredentialsError{
				Code: f.Code, Message: "the org issued an access token and does not take it for SOAP calls",
				Advice: "give the app the OAuth scope “Manage user data via APIs (api)”, turn its JWT-based access tokens off, " +
					"and see whether the user has the permission API Enabled", Fault: f,
			}
		}
		return Session{}, err
	}
	s.User, s.OrganizationID, s.UserID, s.SecondsValid = user, user.OrganizationID, user.UserID, user.SessionSecondsValid
	if org, who, ok := identity(r.identity); ok {
		s.OrganizationID, s.UserID = org, who
	}
	// The token endpoint does not say so, but the names of sandboxes do.
	s.Sandbox = isSandbox(r.instanceURL)
	return s, nil
}

// identity takes organization and user out of …/id/ORG/USER.
func identity(address string) (org, user ID, ok bool) {
	u, err := url.Parse(address)
	if err != nil {
		return "", "", false
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(parts) != 3 || parts[0] != "id" {
		return "", "", false
	}
	if org, err = ParseID(parts[1]); err != nil {
		return "", "", false
	}
	if user, err = ParseID(parts[2]); err != nil {
		return "", "", false
	}
	return org, user, true
}

// isJWT tells JSON Web Tokens (RFC 7519, 3) from opaque access tokens, which begin with the org's Id.
func isJWT(token string) bool {
	return strings.HasPrefix(token, "eyJ") && strings.Count(token, ".") == 2
}

func jwtTokenRefused() error {
	return &CredentialsError{
		Code: "jwt_access_token", Message: "the app issues JWT-based access tokens, which SOAP calls do not take",
		Advice: "turn off “Issue JSON Web Token (JWT)-based access tokens” in the app's OAuth settings",
	}
}

// isGenericLogin reports Salesforce's shared login hosts.
func isGenericLogin(host string) bool {
	host = strings.ToLower(host)
	return host == "login.salesforce.com" || host == "test.salesforce.com"
}

// isSandbox reports hosts of sandboxes: test.salesforce.com, mycompany--name.sandbox.my.salesforce.com.
func isSandbox(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	host := strings.ToLower(u.Hostname())
	first, _, _ := strings.Cut(host, ".")
	return host == "test.salesforce.com" || strings.Contains(first, "--")
}
