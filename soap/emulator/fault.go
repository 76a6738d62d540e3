package emulator

import (
	"strconv"
	"strings"
)

// A fault is an error answer: HTTP 500 with a SOAP fault.
type fault struct {
	code, message string
	row, column   int
	client        bool // a soapenv:Client fault without detail: the request is no call at all
}

func (f *fault) Error() string { return "emulator: " + f.code + ": " + f.message }

func newFault(code, message string) *fault {
	return &fault{code: code, message: message, row: -1, column: -1}
}

func clientFault(message string) *fault {
	return &fault{code: "Client", message: message, client: true}
}

// The server's own words.
const (
	textInvalidLogin   = "Invalid username, password, security token; or user locked out."
	textNewLocation    = textInvalidLogin + " Are you at a new location? When accessing Salesforce--either via a desktop client or the API--from outside of your company’s trusted networks, you must add a security token to your password to log in. To get your new security token, log in to Salesforce. From your personal settings, enter Reset My Security Token in the Quick Find box, then select Reset My Security Token."
	textInvalidSession = "Invalid Session ID found in SessionHeader: Illegal Session"
	textLoginDisabled  = "SOAP API login() is disabled by default in this org. Contact the org administrator to enable SOAP API login()."
)

// faultText is the usual message of a code, for faults that a script asks for.
func faultText(code string) string {
	switch code {
	case "INVALID_LOGIN":
		return textInvalidLogin
	case "LOGIN_MUST_USE_SECURITY_TOKEN":
		return textNewLocation
	case "INVALID_SESSION_ID":
		return textInvalidSession
	case "INVALID_QUERY_LOCATOR":
		return "invalid query locator"
	case "REQUEST_LIMIT_EXCEEDED":
		return "TotalRequests Limit exceeded."
	case "SERVER_UNAVAILABLE":
		return "Server is unavailable"
	case "API_CURRENTLY_DISABLED":
		return "API is currently disabled"
	case "API_DISABLED_FOR_ORG":
		return "API is not enabled for this Organization or Partner"
	case "EXCEEDED_ID_LIMIT":
		return "The maximum number of ids was exceeded"
	case "INVALID_REPLICATION_DATE":
		return "startDate before org replication enabled date"
	case "QUERY_TIMEOUT":
		return "Your query request was running for too long."
	case "INVALID_OPERATION":
		return textLoginDisabled
	case "UNABLE_TO_LOCK_ROW":
		return "unable to obtain exclusive access to this record"
	case "UNKNOWN_EXCEPTION":
		return "Operation not available or permitted"
	}
	return "The emulator was told to answer so"
}

// detail is the fault element of a code and whether it carries row and column.
func (f *fault) detail() (name string, query bool) {
	switch f.code {
	case "INVALID_FIELD":
		return "InvalidFieldFault", true
	case "INVALID_TYPE":
		return "InvalidSObjectFault", true
	case "MALFORMED_QUERY":
		return "MalformedQueryFault", true
	case "INVALID_QUERY_LOCATOR":
		return "InvalidQueryLocatorFault", false
	case "INVALID_ID_FIELD":
		return "InvalidIdFault", false
	case "INVALID_LOGIN", "PASSWORD_LOCKOUT", "INVALID_OPERATION_WITH_EXPIRED_PASSWORD", "ORG_LOCKED", "TRIAL_EXPIRED":
		return "LoginFault", false
	}
	if strings.HasPrefix(f.code, "LOGIN_") {
		return "LoginFault", false
	}
	return "UnexpectedErrorFault", false
}

// body is the whole reply.
func (f *fault) body() []byte {
	w := &xmlWriter{}
	if f.client {
		w.raw(`<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="` + nsEnvelope + `"><soapenv:Body><soapenv:Fault><faultcode>soapenv:Client</faultcode>`)
		w.text("faultstring", f.message)
		w.raw(`</soapenv:Fault></soapenv:Body></soapenv:Envelope>`)
		return w.buf
	}
	name, query := f.detail()
	w.raw(`<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="` + nsEnvelope + `" xmlns:sf="` + nsFault + `" xmlns:xsi="` + nsXSI + `"><soapenv:Body><soapenv:Fault>`)
	w.text("faultcode", "sf:"+f.code)
	w.text("faultstring", f.code+": "+f.message)
	w.raw(`<detail><sf:` + name + ` xsi:type="sf:` + name + `">`)
	w.text("sf:exceptionCode", f.code)
	w.text("sf:exceptionMessage", f.message)
	if query {
		w.number("sf:row", f.row)
		w.number("sf:column", f.column)
	}
	w.raw(`</sf:` + name + `></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>`)
	return w.buf
}

// Widths of a query excerpt: longer lines are cut around the place.
const (
	excerptBefore = 60
	excerptAfter  = 60
)

// queryFault turns an error in a query into a fault with an excerpt of the query and a mark below the place.
func queryFault(query string, e *queryError) *fault {
	f := newFault(e.code, e.text)
	if e.at < 0 || !e.excerpt {
		return f
	}
	at := min(e.at, len(query))
	f.row = 1 + strings.Count(query[:at], "\n")
	start := strings.LastIndexByte(query[:at], '\n') + 1
	line, _, _ := strings.Cut(query[start:], "\n")
	before := []rune(query[start:at])
	after := []rune(line[len(query[start:at]):])
	f.column = len(before) + 1
	if len(before) > excerptBefore {
		before = before[len(before)-excerptBefore:]
	}
	if len(after) > excerptAfter {
		after = after[:excerptAfter]
	}
	f.message = "\n" + string(before) + string(after) + "\n" + strings.Repeat(" ", len(before)) + "^\nERROR at Row:" +
		strconv.Itoa(f.row) + ":Column:" + strconv.Itoa(f.column) + "\n" + e.text
	return f
}
