package soap

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

const (
	tokenOperation = "token"
	tokenPath      = "/services/oauth2/token"
)

// tokenReply is the token endpoint's answer, of whatever outcome (RFC 6749, 5.1 and 5.2). Salesforce gives no
// expires_in: a token lives as long as a session.
type tokenReply struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	InstanceURL  string `json:"instance_url"`
	Identity     string `json:"id"` // https://login.salesforce.com/id/ORG/USER
	TokenFormat  string `json:"token_format"`

	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// token asks for an access token.
func (c *Caller) token(ctx context.Context, form url.Values, secrets ...Secret) (tokenReply, error) {
	status, body, err := c.PostForm(ctx, c.LoginURL()+tokenPath, form, secrets...)
	if err != nil {
		return tokenReply{}, err
	}
	var r tokenReply
	err = json.Unmarshal(body, &r)
	switch {
	case err == nil && r.Error != "":
		return tokenReply{}, c.refusedGrant(r)
	case status >= 500 || status == http.StatusTooManyRequests:
		return tokenReply{}, c.tokenProblem(fmt.Sprintf("%s answered HTTP %d", c.client.loginURL.Host, status),
			"the org or something before it is out of service: try again later", ErrReply, ErrTemporary)
	case status >= 300 && status < 400:
		return tokenReply{}, c.tokenProblem(fmt.Sprintf("%s answered HTTP %d, a redirect, which is not followed", c.client.loginURL.Host, status),
			"set the address that your browser shows after a login as the URL: https://mycompany.my.salesforce.com", ErrReply)
	case err != nil || status != http.StatusOK || r.AccessToken == "" || r.InstanceURL == "":
		return tokenReply{}, c.tokenProblem(fmt.Sprintf("%s answered HTTP %d with something that is no token", c.client.loginURL.Host, status),
			"check the URL, and see whether a proxy stands between", ErrReply)
	}
	return r, nil
}

func (c *Caller) tokenProblem(problem, advice string, kinds ...error) error {
	return &CallError{Operation: tokenOperation, Problem: problem, Advice: advice, kinds: kinds}
}

// session makes a session of an access token: it goes into the SessionHeader of the same SOAP calls.
func (c *Caller) session(ctx context.Context, r tokenReply) (Session, error) {
	id := NewSecret(r.AccessToken)
	c.client.secrets.add(id)
	if r.TokenFormat == "jwt" || isJWT(r.AccessToken) {
		return Session{}, jwtTokenRefused()
	}
	s := Session{ID: id, ServerURL: c.Endpoint(r.InstanceURL)}
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
	if org, who, ok := identity(r.Identity); ok {
		s.OrganizationID, s.UserID = org, who
	}
	// The token endpoint does not say so, but the names of sandboxes do.
	s.Sandbox = isSandbox(r.InstanceURL)
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
