package emulator

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
)

// start serves an org for one test.
func start(t testing.TB, o Options) *Server {
	t.Helper()
	s, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// An answer is what came back from a call.
type answer struct {
	status int
	reason string
	header http.Header
	body   string
	root   *element
}

// fault gives code and message of a fault.
func (a answer) fault() string {
	if a.root == nil {
		return ""
	}
	return find(a.root, "faultstring")
}

// find gives the text of the first element of that name, at any depth.
func find(e *element, name string) string {
	if f := search(e, name); f != nil {
		return f.text
	}
	return ""
}

func search(e *element, name string) *element {
	if e.name == name {
		return e
	}
	for _, c := range e.children {
		if f := search(c, name); f != nil {
			return f
		}
	}
	return nil
}

// all gives the elements of that name, at any depth.
func all(e *element, name string) []*element {
	var out []*element
	for _, c := range e.children {
		if c.name == name {
			out = append(out, c)
		}
		out = append(out, all(c, name)...)
	}
	return out
}

// post sends a body to the org and reads the answer whole.
func post(t testing.TB, s *Server, version, body string, header map[string]string) answer {
	t.Helper()
	a, err := tryPost(s, version, body, header)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func tryPost(s *Server, version, body string, header map[string]string) (answer, error) {
	req, err := http.NewRequest(http.MethodPost, s.URL()+"/services/Soap/u/"+version, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", "text/xml; charset=utf-8")
	req.Header.Set("SOAPAction", `""`)
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close() // read to its end
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{status: resp.StatusCode, body: string(data)}, err
	}
	a := answer{status: resp.StatusCode, reason: resp.Status, header: resp.Header, body: string(data)}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/xml") && resp.Header.Get("Content-Encoding") == "" {
		a.root, err = parseXML(bytes.NewReader(data))
	}
	return a, err
}

// envelopeOf wraps an operation as SOAP clients do.
func envelopeOf(session, options, operation string) string {
	return `<?xml version="1.0" encoding="utf-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:urn="urn:partner.soap.sforce.com"><soapenv:Header><urn:SessionHeader><urn:sessionId>` +
		session + `</urn:sessionId></urn:SessionHeader>` + options + `</soapenv:Header><soapenv:Body>` + operation + `</soapenv:Body></soapenv:Envelope>`
}

func escape(s string) string { return string(appendEscaped(nil, s)) }

func loginBody(user, password string) string {
	return envelopeOf("", "", "<urn:login><urn:username>"+escape(user)+"</urn:username><urn:password>"+escape(password)+"</urn:password></urn:login>")
}

// A client is a logged-in caller.
type client struct {
	t       testing.TB
	s       *Server
	version string
	session string
	options string
}

func login(t testing.TB, s *Server) *client {
	t.Helper()
	c := &client{t: t, s: s, version: "58.0"}
	a := post(t, s, c.version, loginBody("integration@example.com", "emulatorTOKEN"), nil)
	if c.session = find(a.root, "sessionId"); c.session == "" {
		t.Fatalf("login: %s", a.body)
	}
	return c
}

func (c *client) call(operation string) answer {
	c.t.Helper()
	return post(c.t, c.s, c.version, envelopeOf(c.session, c.options, operation), nil)
}

func (c *client) query(soql string) answer {
	c.t.Helper()
	return c.call("<urn:query><urn:queryString>" + escape(soql) + "</urn:queryString></urn:query>")
}

func (c *client) queryAll(soql string) answer {
	c.t.Helper()
	return c.call("<urn:queryAll><urn:queryString>" + escape(soql) + "</urn:queryString></urn:queryAll>")
}

func (c *client) more(locator string) answer {
	c.t.Helper()
	return c.call("<urn:queryMore><urn:queryLocator>" + escape(locator) + "</urn:queryLocator></urn:queryMore>")
}

// column gives the values of one field of all records.
func (a answer) column(name string) []string {
	var out []string
	for _, r := range all(a.root, "records") {
		out = append(out, r.value(name))
	}
	return out
}

func TestLoginAndQuery(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Generate: &Generate{Accounts: 20, Contacts: 300, Seed: 1}})
	c := login(t, s)
	a := c.query("select Id, name, Account.Name, phone, mobilephone, MailingCountry from contact limit 5")
	if got := len(all(a.root, "records")); got != 5 {
		t.Fatalf("got %d records, want 5: %s", got, a.body)
	}
	t.Log(a.body)
}
