package soap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// tokenLogin is an authenticator that is not SOAP.
type tokenLogin struct{ secret Secret }

func (l tokenLogin) Login(ctx context.Context, c *Caller) (Session, error) {
	resp, err := c.HTTPClient(ctx, l.secret).PostForm(c.LoginURL()+"/services/oauth2/token", url.Values{"grant_type": {"client_credentials"}, "client_secret": {l.secret.Reveal()}})
	if err != nil {
		return Session{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return Session{}, err
	}
	if resp.StatusCode != http.StatusOK {
		return Session{}, fmt.Errorf("token endpoint: %w", &CredentialsError{Code: "invalid_client", Message: string(body), Advice: "check the client secret"})
	}
	endpoint := c.Endpoint(c.LoginURL())
	id := NewSecret(string(body))
	user, err := c.UserInfo(ctx, endpoint, id)
	if err != nil {
		return Session{}, err
	}
	return Session{ID: id, ServerURL: endpoint, User: user, OrganizationID: user.OrganizationID, UserID: user.UserID}, nil
}

func TestOtherAuthenticator(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	status, token := http.StatusOK, "00D000000000001!AQ.secret0"
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/services/oauth2/token" {
			o.serve(w, r)
			return
		}
		if r.FormValue("client_secret") != "hush-hush" || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
			t.Errorf("form %v", r.Form)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, token)
	}))
	defer front.Close()
	c := o.client(func(options *Options) {
		options.URL, options.Auth, options.APIVersion = front.URL, tokenLogin{NewSecret("hush-hush")}, "66.0"
	})
	s, err := c.Login(t.Context())
	if err != nil || s.OrganizationID != testOrg || !strings.HasSuffix(s.ServerURL, "/services/Soap/u/66.0") {
		t.Fatalf("got %+v, %v", s, err)
	}
	if _, err := c.ServerTimestamp(t.Context()); err != nil {
		t.Error(err)
	}
	c.Reset()
	status, token = http.StatusBadRequest, "no"
	for range 2 {
		if _, err := c.Login(t.Context()); !errors.Is(err, ErrCredentials) || Hint(err) != "check the client secret" {
			t.Errorf("got %v", err)
		}
	}
	if u := c.Usage(); u.Logins != 2 {
		t.Errorf("%d logins, want 2", u.Logins)
	}
}

func TestFormLimits(t *testing.T) {
	t.Parallel()
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "https://evil.example.org/", http.StatusTemporaryRedirect)
			return
		}
		_, _ = io.WriteString(w, strings.Repeat("x", maxFormReply+1))
	}))
	defer front.Close()
	c, err := New(Options{URL: front.URL, AllowedHosts: []string{"127.0.0.1"}, Auth: tokenLogin{}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	caller := &Caller{client: c}
	post := func(ctx context.Context, address string) (int, error) {
		resp, err := caller.HTTPClient(ctx).PostForm(address, nil)
		if err != nil {
			return 0, err
		}
		resp.Body.Close()
		return resp.StatusCode, nil
	}
	if _, err := post(t.Context(), "https://evil.example.org/token"); !errors.Is(err, ErrHost) {
		t.Errorf("another host: got %v", err)
	}
	if status, err := post(t.Context(), front.URL+"/moved"); status != http.StatusTemporaryRedirect || err != nil {
		t.Errorf("a redirect: got %d, %v", status, err)
	}
	if _, err := post(t.Context(), front.URL+"/large"); !errors.Is(err, ErrReply) {
		t.Errorf("a large reply: got %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := post(ended, front.URL+"/large"); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: got %v", err)
	}
	if err := caller.Call(t.Context(), "https://evil.example.org/", "login", nil, nil); !errors.Is(err, ErrHost) {
		t.Errorf("a call to another host: got %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	good := Options{URL: "https://login.salesforce.com/", Auth: tokenLogin{}}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	cases := map[string]func(*Options){
		"no authenticator":   func(o *Options) { o.Auth = nil },
		"no URL":             func(o *Options) { o.URL = "" },
		"path":               func(o *Options) { o.URL += "services/Soap/u/64.0" },
		"query":              func(o *Options) { o.URL += "?x" },
		"http":               func(o *Options) { o.URL = "http://login.salesforce.com" },
		"foreign host":       func(o *Options) { o.URL = "https://login.example.org" },
		"loopback, unlisted": func(o *Options) { o.URL = "http://127.0.0.1:8080" },
		"version":            func(o *Options) { o.APIVersion = "v64" },
		"small batch":        func(o *Options) { o.BatchSize = 100 },
		"large batch":        func(o *Options) { o.BatchSize = 5000 },
		"large reply":        func(o *Options) { o.MaxReply = 1 << 40 },
		"negative timeout":   func(o *Options) { o.IdleTimeout = -1 },
	}
	for name, change := range cases {
		o := good
		change(&o)
		if _, err := New(o); err == nil {
			t.Errorf("%s: accepted", name)
		} else if !strings.HasPrefix(err.Error(), "soap: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
