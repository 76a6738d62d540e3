package main

import (
	"errors"
	"fmt"
	"slices"

	"ringdex/soap"
)

// loginError says in words of a person without SOAP or OAuth what a refused login means. Its hint is what to do.
func loginError(cfg *Config, err error) error {
	var refused *soap.CredentialsError
	if !errors.As(err, &refused) || refused.Code == "" {
		return salesforceError(err)
	}
	who := "the app"
	if m, _ := cfg.Salesforce.method(); slices.Contains(m.needs, "username") {
		who = cfg.Salesforce.Username
	}
	what := orElse(refusalText(refused.Code), orElse(refused.Message, "Salesforce gives no reason"))
	return &hintError{fmt.Errorf("%s was not let in: %s (%s)", who, what, refused.Code), refused.Advice}
}

// refusalText explains the codes of login faults and of the token endpoint; "" where Salesforce's own message tells more.
func refusalText(code string) string {
	switch code {
	case "INVALID_LOGIN":
		return "Salesforce does not know this combination of user name, password and security token"
	case "LOGIN_MUST_USE_SECURITY_TOKEN":
		return "the security token is missing or out of date; the password itself seems right"
	case "PASSWORD_LOCKOUT":
		return "the user is locked out after too many wrong passwords"
	case "INVALID_OPERATION_WITH_EXPIRED_PASSWORD":
		return "the password has expired"
	case "LOGIN_DURING_RESTRICTED_TIME":
		return "the user may not log in at this hour"
	case "LOGIN_DURING_RESTRICTED_DOMAIN":
		return "the user may not log in from this network, or not at this address"
	case "LOGIN_CHALLENGE_ISSUED", "LOGIN_CHALLENGE_PENDING":
		return "Salesforce wants a person to confirm that this machine may log in"
	case "API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED":
		return "programs may not log in to this org, or not as this user"
	case "INVALID_OPERATION":
		return "this org does not let programs log in with user name and password"
	case "INSUFFICIENT_ACCESS":
		return "the user lacks a permission for logging in with user name and password"
	case "UNSUPPORTED_API_VERSION":
		return "Salesforce has retired this version of its API"
	case "ORG_LOCKED":
		return "the org itself is locked"
	case "TRIAL_EXPIRED":
		return "the org was a trial, and it has ended"
	case "invalid_client_id":
		return "the org knows no app with this Consumer Key"
	case "invalid_client":
		return "the Consumer Secret is not that of the app"
	case "unsupported_grant_type":
		return "the org does not allow this way to log in"
	case "inactive_user":
		return "the user is not active"
	case "inactive_org":
		return "the org itself is closed"
	case "access_denied":
		return "the login in the browser was refused"
	case "invalid_app_access":
		return "the user may not use the app"
	case "redirect_uri_mismatch":
		return "the app does not know the address to which the browser shall come back"
	}
	return ""
}
