package soap

import "strings"

// advice says what to do about a fault, or "".
func (f *Fault) advice() string {
	switch f.Code {
	case "INVALID_LOGIN":
		return "check the user name, the password and the security token (resetting the password makes a new token); " +
			"if they are right, see whether the user is locked out and whether the org allows logins only at its My Domain URL"
	case "LOGIN_MUST_USE_SECURITY_TOKEN":
		return "the security token is missing or no longer valid (resetting the password makes a new one): " +
			"reset it in the user's personal settings, or add this network to the org's trusted IP ranges"
	case "PASSWORD_LOCKOUT":
		return "the user is locked out after too many wrong passwords: wait or unlock the user in Setup, then check the password"
	case "INVALID_OPERATION_WITH_EXPIRED_PASSWORD":
		return "the password has expired: log in with a browser, set a new one, and use the new security token that comes with it"
	case "LOGIN_DURING_RESTRICTED_TIME":
		return "the user's profile does not allow logins at this hour: change its login hours"
	case "LOGIN_DURING_RESTRICTED_DOMAIN":
		return "the profile's login IP ranges or the org's My Domain policy exclude this login: use the My Domain URL, and allow this network"
	case "API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED":
		return "the org's edition has no API, or the user lacks the permission API Enabled"
	case "TRIAL_EXPIRED", "ORG_LOCKED":
		return "the org itself is closed: ask its administrator"
	case "LOGIN_CHALLENGE_ISSUED", "LOGIN_CHALLENGE_PENDING":
		return "Salesforce asks to confirm this login: log in once with a browser, or add this network to the trusted IP ranges"
	case "UNSUPPORTED_API_VERSION":
		return "this API version is retired: use " + DefaultAPIVersion
	case "REQUEST_LIMIT_EXCEEDED":
		if f.Is(ErrTemporary) {
			return "the org runs too many long API calls at once: try again in a few minutes"
		}
		return "the org's API calls of the last 24 hours are used up: wait, or replicate less often"
	case "INVALID_SESSION_ID":
		return "the session is not accepted: see whether the org locks sessions to an IP address or logs the user out"
	}
	if f.Is(ErrTemporary) {
		return "the org is busy or out of service for now: try again later, and see status.salesforce.com if it lasts"
	}
	if f.Operation != loginOperation {
		return ""
	}
	switch f.Code {
	case "INVALID_OPERATION":
		if strings.Contains(f.Message, "API version") {
			return versionAdvice()
		}
		return "turn on Enable SOAP API login() in Setup, User Interface, or use OAuth; login() ends " + loginEnd()
	case "INSUFFICIENT_ACCESS":
		return "give the user the permission Use Any API Auth, or use OAuth; login() ends " + loginEnd()
	}
	return ""
}

func versionAdvice() string {
	return "use API version " + DefaultAPIVersion + " until login() ends " + loginEnd() + ", or OAuth"
}

func loginEnd() string {
	return "with Summer '27 (about " + LoginEnds().Format("2 January 2006") + ")"
}

// refused makes the definitive error of a login fault. What is known of the
// credentials makes its advice more exact.
func (f *Fault) refused(withToken bool) *CredentialsError {
	advice := f.advice()
	switch {
	case f.Code == "INVALID_LOGIN" && !withToken:
		advice = "check the user name and the password, and set the security token: there is none, and outside the org's " +
			"trusted networks it is needed; if all is right, see whether the user is locked out and whether the org allows logins only at its My Domain URL"
	case f.Code == "LOGIN_MUST_USE_SECURITY_TOKEN" && withToken:
		advice = "the password may be right, the security token is not: resetting the password made a new one; " +
			"reset the token in the user's personal settings, or add this network to the org's trusted IP ranges"
	}
	message := f.Message
	if advice != "" {
		// Salesforce's own advice follows its first sentence, and is long.
		message, _, _ = strings.Cut(message, ". ")
		message = strings.TrimSuffix(message, ".")
	}
	return &CredentialsError{Code: f.Code, Message: message, Advice: advice, Fault: f}
}
