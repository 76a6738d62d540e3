package emulator

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
)

func gzipped(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, s); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestRequestForms sends the login of different SOAP libraries.
func TestRequestForms(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	credentials := func(prefix string) string {
		return "<" + prefix + "login><" + prefix + "username>Integration@Example.com</" + prefix + "username><" + prefix + "password>emulatorTOKEN</" + prefix + "password></" + prefix + "login>"
	}
	plain := `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>` + strings.Replace(credentials(""), "<login>", `<login xmlns="urn:partner.soap.sforce.com">`, 1) + `</soap:Body></soap:Envelope>`
	for _, tt := range []struct {
		name, body string
		header     map[string]string
	}{
		{"default namespace on the operation", plain, nil},
		{"default namespace on the envelope", `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Header/><Body>` + strings.Replace(credentials("n1:"), "<n1:login>", `<n1:login xmlns:n1="urn:partner.soap.sforce.com">`, 1) + `</Body></Envelope>`, nil},
		{"prefix env", strings.ReplaceAll(plain, "soap:", "env:"), nil},
		{"prefix soap-env", strings.ReplaceAll(plain, "soap:", "soap-env:"), map[string]string{"SOAPAction": "login"}},
		{"declaration and comment", "<?xml version='1.0' encoding='utf-8'?>\n<!-- hello -->\n" + plain, map[string]string{"SOAPAction": `"urn:partner.soap.sforce.com/login"`}},
		{"CDATA", strings.Replace(plain, "emulatorTOKEN", "<![CDATA[emulatorTOKEN]]>", 1), nil},
		{"gzip", gzipped(t, plain), map[string]string{"Content-Encoding": "gzip"}},
		{"empty action", plain, map[string]string{"SOAPAction": ""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if strings.Contains(tt.body, "soap-env") {
				tt.body = strings.ReplaceAll(tt.body, "xmlns:soap=", "xmlns:soap-env=")
			}
			if strings.Contains(tt.body, "<env:") {
				tt.body = strings.ReplaceAll(tt.body, "xmlns:soap=", "xmlns:env=")
			}
			a := post(t, s, "64.0/00DE00000000001", tt.body, tt.header)
			if a.status != http.StatusOK || !strings.HasPrefix(find(a.root, "sessionId"), "00D") {
				t.Errorf("got %s: %s", a.reason, a.body)
			}
			if got, want := find(a.root, "serverUrl"), s.URL()+"/services/Soap/u/64.0/00DE00000000001"; got != want {
				t.Errorf("serverUrl is %q, want %q", got, want)
			}
		})
	}
	t.Run("chunked", func(t *testing.T) {
		req, err := http.NewRequest(http.MethodPost, s.URL()+"/services/Soap/u/64.0", io.MultiReader(strings.NewReader(plain[:40]), strings.NewReader(plain[40:])))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("SOAPAction", `""`)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close() // read no further
		if resp.StatusCode != http.StatusOK {
			t.Errorf("got %s", resp.Status)
		}
	})
}

func TestRequestRefused(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	good := loginBody("integration@example.com", "emulatorTOKEN")
	for _, tt := range []struct {
		name, version, body, want string
		header                    map[string]string
	}{
		{"no XML", "58.0", "hello", "premature end", nil},
		{"broken XML", "58.0", good[:200], "XML syntax error", nil},
		{"document type", "58.0", "<!DOCTYPE x>" + strings.SplitN(good, "?>", 2)[1], "document type", nil},
		{"SOAP 1.2", "58.0", strings.ReplaceAll(good, nsEnvelope, "http://www.w3.org/2003/05/soap-envelope"), "expected: {" + nsEnvelope + "}Envelope", nil},
		{"no operation", "58.0", envelopeOf("", "", ""), "holds 0 operations", nil},
		{"foreign namespace", "58.0", strings.ReplaceAll(good, nsPartner, "urn:enterprise.soap.sforce.com"), "No operation available for request {urn:enterprise.soap.sforce.com}login", nil},
		{"no gzip", "58.0", good, "not gzip", map[string]string{"Content-Encoding": "gzip"}},
		{"unknown coding", "58.0", good, "Content-Encoding br", map[string]string{"Content-Encoding": "br"}},
		{"deep nesting", "58.0", strings.Repeat("<a>", 200), "too many elements", nil},
		{"old version", "30.0", good, "UNSUPPORTED_API_VERSION", nil},
		{"version of the future", "99.0", good, "UNSUPPORTED_API_VERSION", nil},
		{"strange version", "58.1", good, "UNSUPPORTED_API_VERSION", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := post(t, s, tt.version, tt.body, tt.header)
			if a.reason != "500 Server Error" || !strings.Contains(a.fault(), tt.want) {
				t.Errorf("got %s, %q, want %q in it", a.reason, a.fault(), tt.want)
			}
		})
	}
	t.Run("no SOAPAction", func(t *testing.T) {
		t.Parallel()
		resp, err := http.Post(s.URL()+"/services/Soap/u/58.0", "text/xml", strings.NewReader(good))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close() // read to its end
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != 500 || !strings.Contains(string(body), "SOAPAction HTTP header missing") {
			t.Errorf("got %s: %s", resp.Status, body)
		}
	})
}

func TestGzipReply(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Generate: &Generate{Accounts: 10, Contacts: 500, Seed: 1}})
	c := login(t, s)
	body := envelopeOf(c.session, "", "<urn:query><urn:queryString>SELECT Id, Name FROM Contact</urn:queryString></urn:query>")
	a := post(t, s, "58.0", body, map[string]string{"Accept-Encoding": "gzip"})
	if got := a.header.Get("Content-Encoding"); got != "gzip" {
		t.Fatalf("Content-Encoding is %q, want gzip", got)
	}
	r, err := gzip.NewReader(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	root, err := parseXML(r)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(all(root, "records")); got != 500 {
		t.Errorf("got %d records, want 500", got)
	}
	if a := post(t, s, "58.0", body, map[string]string{"Accept-Encoding": "gzip;q=0"}); a.header.Get("Content-Encoding") != "" || a.root == nil {
		t.Errorf("a client that refuses gzip got %q", a.header.Get("Content-Encoding"))
	}
}

// TestKeptConnection shows that a fault's reason phrase is right on a connection that lives on.
func TestKeptConnection(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for range 3 {
		if a := post(t, s, "58.0", loginBody("a", "b"), nil); a.reason != "500 Server Error" {
			t.Errorf("got %q, want 500 Server Error", a.reason)
		}
		if a := post(t, s, "58.0", loginBody("integration@example.com", "emulatorTOKEN"), nil); a.reason != "200 OK" {
			t.Errorf("got %q, want 200 OK", a.reason)
		}
	}
}

func FuzzParseEnvelope(f *testing.F) {
	f.Add(loginBody("a", "b"))
	f.Add("<a/>")
	f.Add("<e:Envelope xmlns:e=\"" + nsEnvelope + "\"><e:Body/></e:Envelope>")
	f.Fuzz(func(t *testing.T, body string) {
		env, err := parseEnvelope(strings.NewReader(body))
		if (err == nil) != (env != nil && env.operation != nil) {
			t.Errorf("got %v and %v", env, err)
		}
	})
}

func FuzzEscape(f *testing.F) {
	for _, s := range []string{"Müller & Söhne", "a<b>\"c'", "\x00\x1f\r\n\t", "\xff\xfeé", "plain"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want := string(appendSlow(nil, s))
		if got := string(appendEscaped([]byte("x"), s)); got != "x"+want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
