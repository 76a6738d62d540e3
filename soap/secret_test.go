package soap

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"testing"

	"github.com/sirupsen/logrus"
)

func quietLog() *log.Logger { return log.New(io.Discard, "", 0) }

func TestSecretPrints(t *testing.T) {
	t.Parallel()
	s := NewSecret("visible")
	type holder struct {
		Exported Secret
		hidden   Secret
		pointer  *Secret
	}
	h := holder{s, s, &s}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%T", "%p"} {
		for _, v := range []any{s, &s, h, &h, []Secret{s}, map[string]Secret{"a": s}} {
			if got := fmt.Sprintf(format, v); strings.Contains(strings.ToLower(got), "visible") || strings.Contains(strings.ToLower(got), fmt.Sprintf("%x", "visible")) {
				t.Errorf("%s of %T prints %s", format, v, got)
			}
		}
	}
	if got := fmt.Sprintf("%v|%s|%#v|%v", s, s, s, Secret{}); got != `***|***|soap.Secret("***")|` {
		t.Errorf("got %s", got)
	}
	data, err := json.Marshal(map[string]any{"a": s, "b": h, "c": Secret{}})
	if err != nil || string(data) != `{"a":"***","b":{"Exported":"***"},"c":""}` {
		t.Errorf("JSON is %s, %v", data, err)
	}
	if s.Reveal() != "visible" || s.Empty() || !NewSecret("").Empty() || (Secret{}).Reveal() != "" {
		t.Error("the content is wrong")
	}
}

// leaks prints v in every way and looks for secrets.
func leaks(t *testing.T, what string, v any) {
	t.Helper()
	secrets := []string{testPassword, "Pass&lt;&amp;&gt;word-7731", testToken, "secret1", "secret2", "00D000000000001!AQ"}
	data, _ := json.Marshal(v)
	texts := []string{fmt.Sprintf("%v", v), fmt.Sprintf("%+v", v), fmt.Sprintf("%#v", v), fmt.Sprintf("%q", v), fmt.Sprintf("%s", v), string(data)}
	if err, ok := v.(error); ok {
		for ; err != nil; err = errors.Unwrap(err) {
			texts = append(texts, fmt.Sprintf("%+v %#v %s", err, err, err.Error()))
		}
	}
	for _, text := range texts {
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%s shows %q: %.300s", what, secret, text)
			}
		}
		// A payload printed as bytes.
		if strings.Contains(text, "0x70, 0x61, 0x73, 0x73") || strings.Contains(text, "112 97 115 115") {
			t.Errorf("%s shows bytes: %.300s", what, text)
		}
	}
}

func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	var logged strings.Builder
	logger := logrus.New()
	logger.SetOutput(&logged)
	logger.SetLevel(logrus.TraceLevel)
	var options Options
	c := o.client(func(op *Options) { op.Log = logger; options = *op })
	s, err := c.Login(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	leaks(t, "options", options)
	leaks(t, "client", c)
	leaks(t, "parts of the client", []any{c.options, *c.session, c.secrets.all()})
	leaks(t, "session", s)
	leaks(t, "session pointer", &s)
	leaks(t, "authenticator", options.Auth)

	// A server, or something that poses as one, that repeats all it was told.
	echo := []string{testToken, testPassword, testPassword + testToken, s.ID.Reveal()}
	repeat := strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(strings.Join(echo, " "), "&", "&amp;"), "<", "&lt;"), ">", "&gt;")
	bad := map[string]func(http.ResponseWriter, *orgRequest){
		"fault":      func(w http.ResponseWriter, q *orgRequest) { fault(w, "INVALID_LOGIN", repeat) },
		"busy":       func(w http.ResponseWriter, q *orgRequest) { fault(w, "SERVER_UNAVAILABLE", repeat) },
		"fault code": func(w http.ResponseWriter, q *orgRequest) { fault(w, testToken, "x") },
		"session":    func(w http.ResponseWriter, q *orgRequest) { fault(w, "INVALID_SESSION_ID", repeat) },
		"page": func(w http.ResponseWriter, q *orgRequest) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<html><title>"+repeat+"</title>")
		},
		"content type": func(w http.ResponseWriter, q *orgRequest) {
			w.Header().Set("Content-Type", "x/"+testToken)
			fmt.Fprint(w, "x")
		},
		"tags": func(w http.ResponseWriter, q *orgRequest) {
			w.Header().Set("Content-Type", "text/xml")
			fmt.Fprint(w, replyHead+"<soapenv:Body><"+testToken+"></x></soapenv:Body></soapenv:Envelope>")
		},
		"other answer": func(w http.ResponseWriter, q *orgRequest) { reply(w, q, answer(testToken, "")) },
		"echo": func(w http.ResponseWriter, q *orgRequest) {
			w.Header().Set("Content-Type", "text/xml")
			fmt.Fprint(w, q.body)
		},
		"redirect": func(w http.ResponseWriter, q *orgRequest) {
			w.Header().Set("Location", "https://"+testToken+".example.org/")
			w.WriteHeader(302)
		},
		"cut": func(w http.ResponseWriter, q *orgRequest) { panic(http.ErrAbortHandler) },
		"no session": func(w http.ResponseWriter, q *orgRequest) {
			reply(w, q, loginReply("https://x.salesforce.com/services/Soap/u/64.0", "", "false"))
		},
		"bad host": func(w http.ResponseWriter, q *orgRequest) {
			reply(w, q, loginReply("https://x.example.org/services/Soap/u/64.0", "00D!secret1", "false"))
		},
	}
	for name, answer := range bad {
		for _, operation := range []string{"login", "query"} {
			o.mu.Lock()
			o.answers = map[string]func(http.ResponseWriter, *orgRequest){operation: answer}
			o.mu.Unlock()
			if operation == "login" {
				c.Reset()
			}
			_, err := c.Query(t.Context(), "SELECT Id FROM Contact", QueryOptions{}).Page(t.Context())
			if err == nil {
				t.Errorf("%s %s: no error", operation, name)
				continue
			}
			leaks(t, operation+" "+name, err)
			leaks(t, operation+" "+name+", wrapped", fmt.Errorf("replicate: %w", err))
			leaks(t, operation+" "+name+", client", c)
		}
	}
	leaks(t, "log", logged.String())
	if logged.Len() == 0 {
		t.Error("nothing was logged")
	}
}
