package soap

import (
	"errors"
	"strings"
)

// refusedGrant makes the error of an answer {"error", "error_description"}: what was refused, and what a person does.
func (c *Caller) refusedGrant(code, message string) error {
	clean := func(s string) string { return oneLine(redact(s, c.client.secrets.all()), maxMessageRunes) }
	code, message = clean(code), clean(message)
	if code == "rate_limit_exceeded" || code == "temporarily_unavailable" || code == "server_error" {
		return c.tokenProblem(code+": "+message, "wait some minutes: too many logins in a short time are put off", ErrTemporary)
	}
	return &CredentialsError{Code: code, Message: message, Advice: grantAdvice(code, message)}
}

// grantAdvice knows the texts of Salesforce's token endpoint.
func grantAdvice(code, message string) string {
	text := strings.ToLower(message)
	has := func(s string) bool { return strings.Contains(text, s) }
	switch code {
	case "invalid_client_id":
		return "the org knows no app with this client id: copy the Consumer Key from the app's OAuth settings; a new app works after up to ten minutes"
	case "invalid_client":
		return "the client secret is wrong: copy the Consumer Secret from the app's OAuth settings"
	case "redirect_uri_mismatch":
		return "add the callback URL that the wizard shows to the app's OAuth settings, letter by letter"
	case "unsupported_grant_type":
		return "the org or the app does not allow this flow: enable it in the app's OAuth settings, or choose another login"
	case "inactive_user":
		return "the user is inactive: activate it in Setup, Users"
	case "inactive_org":
		return "the org itself is closed: ask its administrator"
	case "access_denied":
		return "the login in the browser was not approved: approve it, or ask the administrator for access to the app"
	case "invalid_app_access":
		return preauthorise
	case "invalid_grant", "invalid_request":
	default:
		return "see the app's OAuth settings and policies"
	}
	switch {
	case has("not supported on this domain"):
		return "set the org's My Domain as the URL: https://mycompany.my.salesforce.com (Setup, My Domain)"
	case has("no client credentials user"):
		return "enable the client credentials flow in the app's policies and name a user under Run As"
	case has("hasn't approved"), has("not admin approved"):
		return preauthorise
	case has("audience"):
		return "set salesforce.audience: https://login.salesforce.com for production, https://test.salesforce.com for a sandbox"
	case has("assertion"):
		return "the key does not belong to the certificate in the app, the user name is wrong, or this machine's clock is: check the three"
	case has("expired access/refresh token"):
		return "the refresh token is no longer valid (revoked, expired by the app's policy, or used by another program): run ringdex wizard and log in again"
	case has("authorization code"):
		return "log in with the browser once more: a code works once, and for a quarter of an hour"
	case has("authentication failure"):
		return "check the user name, the password and the security token (resetting the password makes a new token), " +
			"and whether the org allows the username-password flow (Setup, OAuth and OpenID Connect Settings)"
	case has("code verifier"), has("code_verifier"):
		return "log in with the browser once more"
	case has("ip restricted"):
		return "allow this network in the app's policies (IP relaxation) or in the user's profile"
	}
	return "see the app's OAuth settings and policies, and the user's login history in Setup"
}

const preauthorise = "in the app's policies set Permitted Users to “Admin approved users are pre-authorized”, and give the user's profile or a permission set of the user access to the app"

// sessionFault finds a fault that says that a session is not accepted.
func sessionFault(err error) (*Fault, bool) {
	var f *Fault
	if errors.As(err, &f) && f.Is(ErrSession) {
		return f, true
	}
	return nil, false
}
