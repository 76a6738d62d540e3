package soap

import (
	"encoding/xml"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Fault is a SOAP fault: Salesforce understood the call and refused it.
// errors.Is sorts it: ErrCredentials, ErrSession, ErrLocator, ErrLimit,
// ErrTemporary, ErrQuery.
type Fault struct {
	// Operation is the call: "query".
	Operation string
	// Code is the API's exception code: "INVALID_FIELD".
	Code string
	// ExtendedCode is the first extendedErrorCode, mostly empty.
	ExtendedCode string
	// Message is one line; the excerpt of the query that Salesforce puts before it
	// is left out.
	Message string
	// Row and Column are the place in the query, 1-based; 0 or -1 where unknown.
	Row, Column int
	// Status is the HTTP status that the fault came with, normally 500.
	Status int
}

// Error is one line: "soap: INVALID_FIELD: No such column …".
func (f *Fault) Error() string {
	if f.Message == "" {
		return "soap: " + f.Code
	}
	return "soap: " + f.Code + ": " + f.Message
}

// Is sorts the fault under the package's sentinels.
func (f *Fault) Is(target error) bool {
	switch target {
	case ErrSession:
		return f.Code == "INVALID_SESSION_ID" || f.Code == "INVALID_SESSION"
	case ErrLocator:
		return f.Code == "INVALID_QUERY_LOCATOR" && f.ExtendedCode != "TEMPORARY_QUERY_MORE_FAILURE"
	case ErrLimit:
		return f.Code == "REQUEST_LIMIT_EXCEEDED"
	case ErrTemporary:
		switch f.Code {
		case "REQUEST_LIMIT_EXCEEDED":
			// Too many long calls at once pass; the daily limit does not.
			return strings.Contains(f.Message, "ConcurrentRequests")
		case "INVALID_QUERY_LOCATOR":
			return f.ExtendedCode == "TEMPORARY_QUERY_MORE_FAILURE"
		}
		return slices.Contains(temporaryCodes(), f.Code)
	case ErrQuery:
		return slices.Contains(queryCodes(), f.Code)
	case ErrCredentials:
		return slices.Contains(credentialCodes(), f.Code) ||
			f.Operation == loginOperation && slices.Contains(loginCodes(), f.Code)
	}
	return false
}

// Codes that pass by themselves.
func temporaryCodes() []string {
	return []string{
		"SERVER_UNAVAILABLE", "SERVER_ERROR", "UNKNOWN_EXCEPTION", "UNABLE_TO_LOCK_ROW",
		"REQUEST_RUNNING_TOO_LONG", "QUERY_TIMEOUT", "FUNCTIONALITY_TEMPORARILY_UNAVAILABLE",
		"ORG_IN_MAINTENANCE", "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE",
	}
}

// Codes that mean the query's text.
func queryCodes() []string {
	return []string{
		"INVALID_FIELD", "INVALID_TYPE", "MALFORMED_QUERY", "INVALID_QUERY_FILTER_OPERATOR",
		"INVALID_QUERY_SCOPE", "QUERY_TOO_COMPLICATED", "INVALID_QUERY_VALUE",
	}
}

// Codes that need a person, whatever the call.
func credentialCodes() []string {
	return []string{
		"INVALID_LOGIN", "LOGIN_MUST_USE_SECURITY_TOKEN", "PASSWORD_LOCKOUT",
		"INVALID_OPERATION_WITH_EXPIRED_PASSWORD", "LOGIN_DURING_RESTRICTED_TIME",
		"LOGIN_DURING_RESTRICTED_DOMAIN", "API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED",
		"TRIAL_EXPIRED", "ORG_LOCKED", "LOGIN_CHALLENGE_ISSUED", "LOGIN_CHALLENGE_PENDING",
	}
}

// Codes that need a person when login() gives them.
func loginCodes() []string {
	return []string{
		"INSUFFICIENT_ACCESS", "INVALID_OPERATION", "UNSUPPORTED_API_VERSION",
		"FUNCTIONALITY_NOT_ENABLED", "INACTIVE_OWNER_OR_USER", "INVALID_CLIENT",
	}
}

// Limits of a fault's own text.
const (
	maxFaultBytes   = 1 << 20
	maxMessageRunes = 500
)

var errNoFault = errors.New("is a fault that says nothing")

// faultXML is the fault of SOAP 1.1, 4.4, with Salesforce's detail: one element,
// named after the kind of fault.
type faultXML struct {
	Fault struct {
		Code   string `xml:"faultcode"`
		String string `xml:"faultstring"`
		Detail struct {
			Kinds []struct {
				Code     string `xml:"exceptionCode"`
				Message  string `xml:"exceptionMessage"`
				Row      string `xml:"row"`
				Column   string `xml:"column"`
				Extended []struct {
					Code string `xml:"extendedErrorCode"`
				} `xml:"extendedErrorDetails"`
			} `xml:",any"`
		} `xml:"detail"`
	} `xml:"Body>Fault"`
}

// parseFault reads the fault of a whole envelope that a replyScan has passed. Its
// texts go through clean, which takes out secrets.
func parseFault(envelope []byte, clean func(string) string) (*Fault, error) {
	if len(envelope) > maxFaultBytes {
		return nil, errors.New("is a fault of more than 1 MiB")
	}
	var v faultXML
	if err := xml.Unmarshal(envelope, &v); err != nil {
		return nil, errNoFault
	}
	f := &Fault{Code: strings.TrimSpace(localPart(v.Fault.Code)), Message: v.Fault.String}
	for _, k := range v.Fault.Detail.Kinds {
		if code := strings.TrimSpace(k.Code); code != "" {
			f.Code = code
			f.Row, f.Column = number(k.Row), number(k.Column)
			if k.Message != "" {
				f.Message = k.Message
			}
			if len(k.Extended) > 0 {
				f.ExtendedCode = oneLine(clean(k.Extended[0].Code), 80)
			}
			break
		}
	}
	f.Code = oneLine(clean(f.Code), 80)
	if f.Code == "" {
		return nil, errNoFault
	}
	f.Message = strings.TrimPrefix(strings.TrimSpace(f.Message), f.Code+": ")
	f.Message = oneLine(clean(withoutExcerpt(f.Message)), maxMessageRunes)
	return f, nil
}

// withoutExcerpt drops the lines that repeat the query and point into it: they
// end with "ERROR at Row:1:Column:8".
func withoutExcerpt(message string) string {
	at := strings.LastIndex(message, "ERROR at Row:")
	if at < 0 {
		return message
	}
	if _, after, ok := strings.Cut(message[at:], "\n"); ok && strings.TrimSpace(after) != "" {
		return after
	}
	return message
}

// oneLine squeezes white space and control characters and cuts at limit runes.
func oneLine(s string, limit int) string {
	var b strings.Builder
	n, space := 0, false
	for _, r := range s {
		if unicode.IsSpace(r) || unicode.IsControl(r) || r == utf8.RuneError {
			space = b.Len() > 0
			continue
		}
		if n >= limit {
			b.WriteString("…")
			break
		}
		if space {
			b.WriteByte(' ')
			n, space = n+1, false
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}
