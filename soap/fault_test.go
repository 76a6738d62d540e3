package soap

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

func TestFaultKinds(t *testing.T) {
	t.Parallel()
	all := []error{ErrCredentials, ErrSession, ErrLocator, ErrLimit, ErrTemporary, ErrQuery, ErrReply, ErrHost, ErrTLS}
	cases := []struct {
		fault Fault
		kinds []error
	}{
		{Fault{Code: "INVALID_SESSION_ID"}, []error{ErrSession}},
		{Fault{Code: "INVALID_QUERY_LOCATOR"}, []error{ErrLocator}},
		{Fault{Code: "INVALID_QUERY_LOCATOR", ExtendedCode: "TEMPORARY_QUERY_MORE_FAILURE"}, []error{ErrTemporary}},
		{Fault{Code: "REQUEST_LIMIT_EXCEEDED", Message: "TotalRequests Limit exceeded."}, []error{ErrLimit}},
		{Fault{Code: "REQUEST_LIMIT_EXCEEDED", Message: "ConcurrentRequests (Concurrent API Requests) Limit exceeded."}, []error{ErrLimit, ErrTemporary}},
		{Fault{Code: "UNABLE_TO_LOCK_ROW"}, []error{ErrTemporary}},
		{Fault{Code: "SERVER_UNAVAILABLE"}, []error{ErrTemporary}},
		{Fault{Code: "QUERY_TIMEOUT"}, []error{ErrTemporary}},
		{Fault{Code: "INVALID_FIELD"}, []error{ErrQuery}},
		{Fault{Code: "INVALID_TYPE"}, []error{ErrQuery}},
		{Fault{Code: "MALFORMED_QUERY"}, []error{ErrQuery}},
		{Fault{Code: "INVALID_LOGIN"}, []error{ErrCredentials}},
		{Fault{Code: "INSUFFICIENT_ACCESS", Operation: "query"}, nil},
		{Fault{Code: "INSUFFICIENT_ACCESS", Operation: "login"}, []error{ErrCredentials}},
		{Fault{Code: "INVALID_OPERATION", Operation: "login"}, []error{ErrCredentials}},
		{Fault{Code: "UNSUPPORTED_API_VERSION", Operation: "login"}, []error{ErrCredentials}},
		{Fault{Code: "SOMETHING_NEW"}, nil},
	}
	for _, c := range cases {
		for _, kind := range all {
			want := false
			for _, k := range c.kinds {
				want = want || k == kind
			}
			if got := errors.Is(&c.fault, kind); got != want {
				t.Errorf("%s in %q: is %v = %v, want %v", c.fault.Code, c.fault.Operation, kind, got, want)
			}
		}
	}
}

func TestParseFault(t *testing.T) {
	t.Parallel()
	envelope := func(inner string) string {
		return `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="urn:fault.partner.soap.sforce.com"><e:Body><e:Fault>` + inner + `</e:Fault></e:Body></e:Envelope>`
	}
	cases := []struct {
		name, body string
		want       Fault
		text       string
	}{
		{
			"query fault with excerpt",
			envelope("<faultcode>sf:INVALID_FIELD</faultcode><faultstring>INVALID_FIELD: x</faultstring><detail><sf:InvalidFieldFault><sf:exceptionCode>INVALID_FIELD</sf:exceptionCode><sf:exceptionMessage>\nselect Foo, Name from Contact\n       ^\nERROR at Row:1:Column:8\nNo such column &apos;Foo&apos; on entity &apos;Contact&apos;.\nMore.</sf:exceptionMessage><sf:row>1</sf:row><sf:column>8</sf:column></sf:InvalidFieldFault></detail>"),
			Fault{Code: "INVALID_FIELD", Message: "No such column 'Foo' on entity 'Contact'. More.", Row: 1, Column: 8},
			"soap: INVALID_FIELD: No such column 'Foo' on entity 'Contact'. More.",
		},
		{
			"row and column unknown",
			envelope("<faultcode>sf:MALFORMED_QUERY</faultcode><faultstring>MALFORMED_QUERY: unexpected token</faultstring><detail><sf:MalformedQueryFault><sf:exceptionCode>MALFORMED_QUERY</sf:exceptionCode><sf:exceptionMessage>unexpected token</sf:exceptionMessage><sf:row>-1</sf:row><sf:column>-1</sf:column></sf:MalformedQueryFault></detail>"),
			Fault{Code: "MALFORMED_QUERY", Message: "unexpected token", Row: -1, Column: -1},
			"soap: MALFORMED_QUERY: unexpected token",
		},
		{
			"no detail", envelope("<faultcode>e:Client</faultcode><faultstring>bad\n request</faultstring>"),
			Fault{Code: "Client", Message: "bad request"},
			"soap: Client: bad request",
		},
		{
			"extended code",
			envelope("<faultcode>sf:INVALID_QUERY_LOCATOR</faultcode><faultstring>INVALID_QUERY_LOCATOR: gone</faultstring><detail><sf:InvalidQueryLocatorFault><sf:exceptionCode>INVALID_QUERY_LOCATOR</sf:exceptionCode><sf:exceptionMessage>gone</sf:exceptionMessage><sf:extendedErrorDetails><sf:extendedErrorCode>QUERY_LOCATOR_EXPIRED</sf:extendedErrorCode></sf:extendedErrorDetails></sf:InvalidQueryLocatorFault></detail>"),
			Fault{Code: "INVALID_QUERY_LOCATOR", ExtendedCode: "QUERY_LOCATOR_EXPIRED", Message: "gone"},
			"soap: INVALID_QUERY_LOCATOR: gone",
		},
		{"no message", envelope("<faultcode>sf:X</faultcode>"), Fault{Code: "X"}, "soap: X"},
		{
			"long message", envelope("<faultcode>sf:X</faultcode><faultstring>" + strings.Repeat("ü ", 2000) + "</faultstring>"),
			Fault{Code: "X", Message: strings.Repeat("ü ", maxMessageRunes/2) + "ü…"},
			"soap: X: " + strings.Repeat("ü ", maxMessageRunes/2) + "ü…",
		},
	}
	for _, c := range cases {
		f, err := parseFault([]byte(c.body), strings.TrimSpace)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if *f != c.want || f.Error() != c.text {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, *f, c.want)
		}
	}
	for _, body := range []string{"", "<", envelope(""), "<Envelope/>", envelope(strings.Repeat(" ", maxFaultBytes))} {
		if f, err := parseFault([]byte(body), strings.TrimSpace); err == nil {
			t.Errorf("%.60q: got %+v", body, f)
		}
	}
}

// A fault is found whatever its status, and control characters do not hide it.
func TestFaultOverHTTP(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 400, 500, 503} {
		o := newOrg(t)
		o.answers["query"] = func(w http.ResponseWriter, q *orgRequest) {
			w.Header().Set("Content-Type", "text/xml;charset=UTF-8")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(faultBody("INVALID_TYPE", "sObject type \x02&#x1;'X' is not supported")))
		}
		_, err := o.client(nil).Query(t.Context(), "SELECT Id FROM X", QueryOptions{}).Page(t.Context())
		var f *Fault
		if !errors.As(err, &f) || f.Code != "INVALID_TYPE" || f.Status != status || f.Operation != "query" || !errors.Is(err, ErrQuery) ||
			err.Error() != "soap: INVALID_TYPE: sObject type 'X' is not supported" {
			t.Errorf("status %d: got %v", status, err)
		}
	}
}

func FuzzFault(f *testing.F) {
	f.Add([]byte(faultBody("INVALID_LOGIN", "Invalid username")))
	f.Add([]byte("<Envelope><Body><Fault><faultcode>a:b</faultcode><detail><x><row>9999999999999999999</row><exceptionCode>C</exceptionCode></x></detail></Fault></Body></Envelope>"))
	f.Add([]byte("<Envelope><Body><Fault><![CDATA[&]]><faultcode>\xff</faultcode></Fault></Body></Envelope>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		var scan replyScan
		rest, err := scan.run(body)
		if err != nil {
			return
		}
		fault, err := parseFault(rest, strings.TrimSpace)
		if err != nil {
			return
		}
		text := fault.Error()
		if fault.Code == "" || strings.ContainsAny(text, "\r\n\x00") || len(text) > 4*(maxMessageRunes+200) {
			t.Fatalf("fault %q", text)
		}
		_ = Hint(fault)
	})
}
