package soap

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// Sentinels for errors.Is. An error may be of several kinds.
var (
	// ErrCredentials: a person must act; trying again changes nothing and may lock
	// the user out. Client.Login repeats it, without a call, until Reset.
	ErrCredentials = errors.New("soap: credentials refused")
	// ErrSession: the session ended and a new one did not help.
	ErrSession = errors.New("soap: session ended")
	// ErrLocator: the rest of a query cannot be fetched any more. Start a new
	// query behind the last record that was kept.
	ErrLocator = errors.New("soap: query locator lost")
	// ErrLimit: the org's limit of API calls is used up.
	ErrLimit = errors.New("soap: request limit exceeded")
	// ErrLogins: so many logins were made within the last hour that no further one is (Options.LoginsPerHour).
	ErrLogins = errors.New("soap: too many logins")
	// ErrTemporary: the same call may work later. Wait, longer each time.
	ErrTemporary = errors.New("soap: temporarily unavailable")
	// ErrQuery: the query names something that does not exist, or that the user
	// may not see, or is wrong.
	ErrQuery = errors.New("soap: query refused")
	// ErrReply: what came back is no usable answer.
	ErrReply = errors.New("soap: unusable reply")
	// ErrHost: a host that is neither Salesforce's nor allowed.
	ErrHost = errors.New("soap: host not allowed")
	// ErrTLS: no trustworthy connection.
	ErrTLS = errors.New("soap: no trustworthy connection")
	// ErrLoginEnded: login() does not exist in this API version.
	ErrLoginEnded = errors.New("soap: login() not available")
)

// CallError is a call without a usable answer, or one that was not made.
type CallError struct {
	// Operation is the call, "query"; "" before any call.
	Operation string
	// Problem is one line.
	Problem string
	// Advice says what to do; it is part of Error.
	Advice string

	kinds []error
	cause error
}

// Error is one line: what was called, what went wrong, what to do.
func (e *CallError) Error() string {
	parts := []string{"soap", e.Operation, e.Problem, e.Advice}
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return strings.Join(parts, ": ")
}

// Is sorts the error under the package's sentinels.
func (e *CallError) Is(target error) bool { return slices.Contains(e.kinds, target) }

// Unwrap returns context.Canceled, context.DeadlineExceeded or a system error
// number, where one is the cause.
func (e *CallError) Unwrap() error { return e.cause }

// CredentialsError is a login that was refused for good: ErrCredentials.
type CredentialsError struct {
	// Code is the API's or OAuth's: "INVALID_LOGIN", "invalid_grant".
	Code    string
	Message string
	// Advice says what to check; it is part of Error.
	Advice string
	// Fault is the SOAP fault, where there was one.
	Fault *Fault
	// Repeated: the login was refused before, and not tried again.
	Repeated bool
}

// Error is one line: what was refused and what to check.
func (e *CredentialsError) Error() string {
	parts := []string{"soap", e.Code, e.Message, e.Advice}
	if e.Repeated {
		parts[0] = "soap: login not tried again after it was refused"
	}
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return strings.Join(parts, ": ")
}

// Is reports ErrCredentials.
func (e *CredentialsError) Is(target error) bool { return target == ErrCredentials }

// Unwrap returns the fault.
func (e *CredentialsError) Unwrap() error {
	if e.Fault == nil {
		return nil
	}
	return e.Fault
}

// Hint returns what to do about an error of this package, or "". For a
// CallError and a CredentialsError it is also the last part of the error's text.
func Hint(err error) string {
	var credentials *CredentialsError
	if errors.As(err, &credentials) {
		return credentials.Advice
	}
	var call *CallError
	if errors.As(err, &call) {
		return call.Advice
	}
	var fault *Fault
	if errors.As(err, &fault) {
		return fault.advice()
	}
	return ""
}

// LoginEnds is when Salesforce ends login() for all API versions that have it:
// with Summer '27, about 1 June 2027 (help article 005132110).
func LoginEnds() time.Time { return time.Date(2027, time.June, 1, 0, 0, 0, 0, time.UTC) }
