package soap

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestLogin(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	var body, header string
	o.answers["login"] = func(w http.ResponseWriter, q *orgRequest) {
		body, header = q.body, q.sessionID
		o.standard(w, q)
	}
	c := o.client(nil)
	s, err := c.Login(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := "<password>Pass&lt;&amp;&gt;word-7731TOKENxyz9942</password>"; !strings.Contains(body, want) || header != "" {
		t.Errorf("session %q, request\n%s", header, body)
	}
	if s.ID.Reveal() != "00D000000000001!AQ.secret1" || s.ServerURL != o.server.URL+"/services/Soap/u/64.0/00D000000000001" {
		t.Errorf("got session %q at %s", s.ID.Reveal(), s.ServerURL)
	}
	if s.OrganizationID != testOrg || s.UserID != "005000000000001AAA" || s.SecondsValid != 7200 || !s.Sandbox || s.User.OrganizationName != "Example & Co" {
		t.Errorf("got %+v", s)
	}
	if _, err := c.Login(t.Context()); err != nil || o.count("login") != 1 {
		t.Errorf("a second Login: %v, %d requests", err, o.count("login"))
	}
	c.Reset()
	if _, err := c.Login(t.Context()); err != nil || o.count("login") != 2 {
		t.Errorf("Login after Reset: %v, %d requests", err, o.count("login"))
	}
	if u := c.Usage(); u.Calls != 2 || u.Logins != 2 || u.BytesIn == 0 || u.BytesOut == 0 {
		t.Errorf("usage %+v", u)
	}
}

func TestCredentialFaults(t *testing.T) {
	t.Parallel()
	cases := []struct {
		code, message string
		noToken       bool
		advice        string
	}{
		{"INVALID_LOGIN", "Invalid username, password, security token; or user locked out.", false, "security token (resetting the password makes a new token)"},
		{"INVALID_LOGIN", "Invalid username, password, security token; or user locked out.", true, "set the security token: there is none"},
		{"LOGIN_MUST_USE_SECURITY_TOKEN", "Invalid username, password", false, "the security token is not"},
		{"LOGIN_MUST_USE_SECURITY_TOKEN", "Invalid username, password", true, "missing"},
		{"PASSWORD_LOCKOUT", "locked", false, "locked out"},
		{"LOGIN_DURING_RESTRICTED_DOMAIN", "domain", false, "My Domain"},
		{"INVALID_OPERATION", "SOAP API login() is disabled by default in this org.", false, "Enable SOAP API login()"},
		{"INVALID_OPERATION", "The SOAP Login operation is not available in the API version specified (65.0).", false, "64.0"},
		{"INSUFFICIENT_ACCESS", "no", false, "Use Any API Auth"},
		{"API_DISABLED_FOR_ORG", "no", false, "API Enabled"},
		{"TRIAL_EXPIRED", "no", false, "administrator"},
	}
	for _, k := range cases {
		t.Run(k.code, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t)
			o.answers["login"] = func(w http.ResponseWriter, q *orgRequest) { fault(w, k.code, k.message+" "+testPassword2) }
			c := o.client(func(options *Options) {
				l := SOAPLogin{Username: testUser, Password: NewSecret(testPassword2)}
				if !k.noToken {
					l.Token = NewSecret(testToken)
				}
				options.Auth = l
			})
			for i := range 3 {
				_, err := c.ServerTimestamp(t.Context())
				if !errors.Is(err, ErrCredentials) || errors.Is(err, ErrTemporary) {
					t.Fatalf("attempt %d: got %v", i, err)
				}
				var f *Fault
				if !errors.As(err, &f) || f.Code != k.code || f.Status != 500 {
					t.Errorf("no fault in %v", err)
				}
				if !strings.Contains(err.Error(), k.advice) || Hint(err) == "" || !strings.HasSuffix(err.Error(), Hint(err)) {
					t.Errorf("error %q, hint %q, want %q", err, Hint(err), k.advice)
				}
				if strings.Contains(err.Error(), testPassword2) {
					t.Errorf("the password is in %q", err)
				}
				if got, want := strings.Contains(err.Error(), "not tried again"), i > 0; got != want {
					t.Errorf("attempt %d: %v", i, err)
				}
			}
			if n := o.count("login"); n != 1 {
				t.Errorf("%d logins, want 1", n)
			}
			c.Reset()
			_, _ = c.Login(t.Context())
			if n := o.count("login"); n != 2 {
				t.Errorf("%d logins after Reset, want 2", n)
			}
		})
	}
}

// testPassword2 needs no escaping, so a server can repeat it.
const testPassword2 = "plainPass5521"

func TestTemporaryLoginFaultIsTriedAgain(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	o.answers["login"] = func(w http.ResponseWriter, q *orgRequest) { fault(w, "SERVER_UNAVAILABLE", "busy") }
	c := o.client(nil)
	for range 2 {
		if _, err := c.Login(t.Context()); !errors.Is(err, ErrTemporary) || errors.Is(err, ErrCredentials) {
			t.Errorf("got %v", err)
		}
	}
	if n := o.count("login"); n != 2 {
		t.Errorf("%d logins, want 2", n)
	}
}

func TestPasswordExpired(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	o.answers["login"] = func(w http.ResponseWriter, q *orgRequest) {
		reply(w, q, loginReply(o.server.URL+"/services/Soap/u/64.0", "00D!x", "true"))
	}
	c := o.client(nil)
	for range 2 {
		if _, err := c.Login(t.Context()); !errors.Is(err, ErrCredentials) || !strings.Contains(err.Error(), "expired") {
			t.Errorf("got %v", err)
		}
	}
	if n := o.count("login"); n != 1 {
		t.Errorf("%d logins, want 1", n)
	}
}

func TestLoginVersion(t *testing.T) {
	t.Parallel()
	for version, ended := range map[string]bool{"64.0": false, "64": false, "58.0": false, "65.0": true, "68": true, "100.0": true} {
		_, err := New(Options{URL: "https://login.salesforce.com", APIVersion: version, Auth: SOAPLogin{Username: "a", Password: NewSecret("b")}})
		if got := errors.Is(err, ErrLoginEnded); got != ended {
			t.Errorf("version %s: got %v", version, err)
		}
		if ended && (!strings.Contains(err.Error(), "1 June 2027") || !strings.Contains(err.Error(), "Summer '27")) {
			t.Errorf("version %s: no date in %q", version, err)
		}
	}
}

func TestServerURL(t *testing.T) {
	t.Parallel()
	cases := map[string]error{
		"https://evil.example.org/services/Soap/u/64.0":           ErrHost,
		"https://salesforce.com.example.org/services/Soap/u/64.0": ErrHost,
		"https://evilsalesforce.com/services/Soap/u/64.0":         ErrHost,
		"http://na1.salesforce.com/services/Soap/u/64.0":          ErrHost,
		"https://user:pw@na1.salesforce.com/services/Soap/u/64.0": ErrHost,
		"https://na1.salesforce.com:8443/services/Soap/u/64.0":    ErrHost,
		"//na1.salesforce.com/services/Soap/u/64.0":               ErrHost,
		"":                             ErrHost,
		"https://na1.salesforce.com/x": ErrReply,
	}
	for serverURL, want := range cases {
		o := newOrg(t)
		o.answers["login"] = func(w http.ResponseWriter, q *orgRequest) { reply(w, q, loginReply(serverURL, "00D!x", "false")) }
		c := o.client(nil)
		_, err := c.ServerTimestamp(t.Context())
		if !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", serverURL, err, want)
		}
		if o.count("getServerTimestamp") != 0 {
			t.Errorf("%s: the session was used", serverURL)
		}
	}
}

func TestHostPolicy(t *testing.T) {
	t.Parallel()
	p := newHostPolicy([]string{"127.0.0.1", "Proxy.example.org", "[::1]:8080", "other.example.org:8443"})
	cases := map[string]bool{
		"https://login.salesforce.com":           true,
		"https://a--b.sandbox.my.salesforce.com": true,
		"https://x.LIGHTNING.force.com:443":      true,
		"https://x.my.salesforce.mil":            true,
		"https://login.salesforce.com.":          true,
		"https://salesforce.com":                 false,
		"https://force.com.example.org":          false,
		"https://proxy.example.org":              true,
		"https://proxy.example.org:9000":         true,
		"http://proxy.example.org":               false,
		"https://other.example.org":              false,
		"https://other.example.org:8443":         true,
		"http://127.0.0.1:1234":                  true,
		"https://127.0.0.1:1234":                 true,
		"http://127.0.0.2":                       false,
		"http://[::1]:8080":                      true,
		"http://[::1]:8081":                      false,
		"http://localhost":                       false,
		"ftp://login.salesforce.com":             false,
		"login.salesforce.com":                   false,
		"https://":                               false,
	}
	for raw, want := range cases {
		if _, err := p.check(raw, "the URL"); (err == nil) != want {
			t.Errorf("%s: got %v, want %v", raw, err, want)
		}
	}
}

// Many callers whose session ended share one login.
func TestSingleFlight(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	c := o.client(nil)
	if _, err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.endSession()
	const callers = 16
	entered := make(chan struct{}, callers)
	o.answers["login"] = func(w http.ResponseWriter, q *orgRequest) {
		entered <- struct{}{}
		o.standard(w, q)
	}
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			if _, err := c.UserInfo(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := len(entered); n != 1 {
		t.Errorf("%d logins, want 1", n)
	}
}

// A caller that gives up its login does not take the others with it.
func TestAbandonedFlight(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	first := make(chan struct{})
	var once sync.Once
	o.answers["login"] = func(w http.ResponseWriter, q *orgRequest) {
		mine := false
		once.Do(func() { mine = true })
		if mine {
			close(first)
			<-q.Context().Done()
			return
		}
		o.standard(w, q)
	}
	c := o.client(nil)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := c.Login(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("the one that gave up: got %v", err)
		}
	})
	<-first
	wg.Go(func() {
		if _, err := c.Login(t.Context()); err != nil {
			t.Errorf("the other: %v", err)
		}
	})
	cancel()
	wg.Wait()
}

func TestWaitingForALoginEndsWithItsContext(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	first, release := make(chan struct{}), make(chan struct{})
	o.answers["login"] = func(w http.ResponseWriter, q *orgRequest) {
		close(first)
		<-release
		o.standard(w, q)
	}
	c := o.client(nil)
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := c.Login(t.Context()); err != nil {
			t.Error(err)
		}
	})
	<-first
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Login(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(release)
	wg.Wait()
}

func TestSessionEndsTwice(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	o.answers["getUserInfo"] = func(w http.ResponseWriter, q *orgRequest) { fault(w, "INVALID_SESSION_ID", "no "+q.sessionID) }
	c := o.client(nil)
	_, err := c.UserInfo(t.Context())
	if !errors.Is(err, ErrSession) || o.count("login") != 2 || o.count("getUserInfo") != 2 {
		t.Errorf("got %v, %d logins, %d calls", err, o.count("login"), o.count("getUserInfo"))
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("the session id is in %q", err)
	}
}

func TestLogout(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	c := o.client(nil)
	if err := c.Logout(t.Context()); err != nil || o.count("logout") != 0 {
		t.Errorf("without a session: %v", err)
	}
	if _, err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.Logout(t.Context()); err != nil || o.count("logout") != 1 {
		t.Errorf("with one: %v", err)
	}
	if _, err := c.Login(t.Context()); err != nil || o.count("login") != 2 {
		t.Errorf("login after logout: %v", err)
	}
	o.endSession()
	if err := c.Logout(t.Context()); err != nil {
		t.Errorf("with an ended one: %v", err)
	}
}

// Sessions that end as soon as they are made don't bring a login with every call, and refused logins count.
func TestLoginsPerHour(t *testing.T) {
	t.Parallel()
	for _, refused := range []bool{false, true} {
		o := newOrg(t)
		if refused {
			o.answers["login"] = func(w http.ResponseWriter, _ *orgRequest) { fault(w, "SERVER_UNAVAILABLE", "later") }
		} else {
			o.answers["getServerTimestamp"] = func(w http.ResponseWriter, _ *orgRequest) { fault(w, "INVALID_SESSION_ID", "gone") }
		}
		now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		const most = 5
		c := o.client(func(options *Options) {
			options.LoginsPerHour = most
			options.Clock = func() time.Time { return now }
		})
		try := func(times, want int) {
			t.Helper()
			var err error
			for range times {
				_, err = c.ServerTimestamp(t.Context())
				now = now.Add(time.Minute)
			}
			if !errors.Is(err, ErrLogins) || errors.Is(err, ErrTemporary) || errors.Is(err, ErrCredentials) {
				t.Errorf("refused %v: got %v", refused, err)
			}
			if !strings.Contains(err.Error(), "13:0") && !strings.Contains(err.Error(), "14:") || !strings.Contains(err.Error(), "login history") {
				t.Errorf("error %q", err)
			}
			if n := o.count("login"); n != want {
				t.Errorf("refused %v: %d logins, want %d", refused, n, want)
			}
		}
		try(20, most)
		now = now.Add(time.Hour)
		try(20, 2*most)
	}
}

// What processes before this one logged in counts too, and a login that can't be noted is not made.
func TestLoginsOutliveTheProcess(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const most = 3
	var noted []time.Time
	var full error
	start := func() error {
		now = now.Add(time.Minute)
		c := o.client(func(options *Options) {
			options.LoginsPerHour, options.Logins = most, noted
			options.Clock = func() time.Time { return now }
			options.NoteLogin = func(times []time.Time) error {
				noted = times
				return full
			}
		})
		_, err := c.Login(t.Context())
		return err
	}
	for i := range 6 {
		if err := start(); errors.Is(err, ErrLogins) != (i >= most) {
			t.Errorf("start %d: %v", i, err)
		}
	}
	now = now.Add(time.Hour)
	full = errors.New("disk full")
	if err := start(); !errors.Is(err, full) {
		t.Errorf("a login that can't be noted: %v", err)
	}
	if n := o.count("login"); n != most {
		t.Errorf("%d logins, want %d", n, most)
	}
}
