package soap

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// Invented, and never to be seen in an error.
const (
	testUser     = "integration@example.com"
	testPassword = "Pass<&>word-7731"
	testToken    = "TOKENxyz9942"
	testOrg      = "00D000000000001EAA"
)

// org is an httptest server with hand-written replies.
type org struct {
	t      *testing.T
	server *httptest.Server
	// answers replace the standard replies, by operation.
	answers map[string]func(w http.ResponseWriter, r *orgRequest)

	mu      sync.Mutex
	calls   map[string]int
	session int // the valid one
}

// orgRequest is a decoded request.
type orgRequest struct {
	*http.Request
	operation string
	body      string // the envelope, inflated
	sessionID string
	gzipped   bool
}

func newOrg(t *testing.T) *org {
	t.Helper()
	o := &org{t: t, answers: map[string]func(http.ResponseWriter, *orgRequest){}, calls: map[string]int{}}
	o.server = httptest.NewServer(http.HandlerFunc(o.serve))
	t.Cleanup(o.server.Close)
	return o
}

func (o *org) serve(w http.ResponseWriter, r *http.Request) {
	body := io.Reader(r.Body)
	q := &orgRequest{Request: r, gzipped: r.Header.Get("Content-Encoding") == "gzip"}
	if q.gzipped {
		z, err := gzip.NewReader(body)
		if err != nil {
			o.t.Errorf("request body: %v", err)
			return
		}
		body = z
	}
	data, err := io.ReadAll(body)
	if err != nil {
		o.t.Errorf("request body: %v", err)
		return
	}
	q.body = string(data)
	var v struct {
		Session string `xml:"Header>SessionHeader>sessionId"`
		Body    struct {
			Call struct{ XMLName xml.Name } `xml:",any"`
		} `xml:"Body"`
	}
	if err := xml.Unmarshal(data, &v); err != nil {
		o.t.Errorf("request %s: %v", data, err)
		return
	}
	if ns := v.Body.Call.XMLName.Space; ns != partnerNamespace {
		o.t.Errorf("the operation is in the namespace %q", ns)
	}
	if got := r.Header["Soapaction"]; len(got) != 1 || got[0] != `""` {
		o.t.Errorf("SOAPAction is %q", got)
	}
	q.operation, q.sessionID = v.Body.Call.XMLName.Local, v.Session
	o.mu.Lock()
	o.calls[q.operation]++
	valid := o.sessionID()
	answer := o.answers[q.operation]
	o.mu.Unlock()
	if q.operation != "login" && q.sessionID != valid {
		fault(w, "INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session")
		return
	}
	if answer != nil {
		answer(w, q)
		return
	}
	o.standard(w, q)
}

func (o *org) sessionID() string { return fmt.Sprintf("00D000000000001!AQ.secret%d", o.session) }

func (o *org) standard(w http.ResponseWriter, q *orgRequest) {
	switch q.operation {
	case "login":
		o.mu.Lock()
		o.session++
		id := o.sessionID()
		o.mu.Unlock()
		reply(w, q, loginReply(o.server.URL+"/services/Soap/u/64.0/00D000000000001", id, "false"))
	case "logout":
		reply(w, q, answer("logout", ""))
	case "getUserInfo":
		reply(w, q, answer("getUserInfo", "<result>"+userInfoFields+"</result>"))
	case "getServerTimestamp":
		reply(w, q, answer("getServerTimestamp", "<result><timestamp>2026-07-03T09:14:41.321Z</timestamp></result>"))
	default:
		fault(w, "UNKNOWN_EXCEPTION", q.operation+" is not in this test")
	}
}

func (o *org) count(operation string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.calls[operation]
}

// endSession makes the current session id invalid.
func (o *org) endSession() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.session++
}

const userInfoFields = `<organizationId>` + testOrg + `</organizationId><organizationMultiCurrency>false</organizationMultiCurrency><organizationName>Example &amp; Co</organizationName>` +
	`<roleId xsi:nil="true"/><sessionSecondsValid>7200</sessionSecondsValid><userEmail>jo@example.org</userEmail><userFullName>Jo Example</userFullName><userId>005000000000001AAA</userId>` +
	`<userName>` + testUser + `</userName><userTimeZone>Europe/Berlin</userTimeZone><userType>Standard</userType>`

func answer(operation, inner string) string {
	head := limitHead
	if operation == "login" {
		head = ""
	}
	return replyHead + head + "<soapenv:Body><" + operation + "Response>" + inner + "</" + operation + "Response></soapenv:Body></soapenv:Envelope>"
}

func loginReply(serverURL, sessionID, expired string) string {
	return answer("login", `<result><metadataServerUrl>`+serverURL+`</metadataServerUrl><passwordExpired>`+expired+`</passwordExpired><sandbox>true</sandbox><serverUrl>`+serverURL+
		`</serverUrl><sessionId>`+sessionID+`</sessionId><userId>005000000000001</userId><userInfo>`+userInfoFields+`</userInfo></result>`)
}

// reply sends XML, compressed where the client takes it.
func reply(w http.ResponseWriter, q *orgRequest, body string) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	data := []byte(body)
	if strings.Contains(q.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		data = gzipped(body)
	}
	_, _ = w.Write(data)
}

func gzipped(s string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(s))
	_ = z.Close()
	return b.Bytes()
}

func faultBody(code, message string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><soapenv:Fault><faultcode>sf:` + code +
		`</faultcode><faultstring>` + code + `: ` + message + `</faultstring><detail><sf:UnexpectedErrorFault xsi:type="sf:UnexpectedErrorFault"><sf:exceptionCode>` + code +
		`</sf:exceptionCode><sf:exceptionMessage>` + message + `</sf:exceptionMessage></sf:UnexpectedErrorFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>`
}

func fault(w http.ResponseWriter, code, message string) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = io.WriteString(w, faultBody(code, message))
}

// client is a client of the org. change may alter the options.
func (o *org) client(change func(*Options)) *Client {
	o.t.Helper()
	options := Options{
		URL:          o.server.URL,
		Auth:         SOAPLogin{Username: testUser, Password: NewSecret(testPassword), Token: NewSecret(testToken)},
		AllowedHosts: []string{"127.0.0.1"},
		CallTimeout:  10 * time.Second,
	}
	if change != nil {
		change(&options)
	}
	c, err := New(options)
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(c.Close)
	return c
}

// freePort is the address of a port where nobody listens.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
