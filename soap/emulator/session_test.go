package emulator

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// A manualClock stands until it is moved.
type manualClock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *manualClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *manualClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func newClock() *manualClock {
	return &manualClock{t: time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)}
}

func TestLoginFaults(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for _, tt := range []struct{ name, version, user, password, want string }{
		{"wrong password", "58.0", "integration@example.com", "wrongTOKEN", "INVALID_LOGIN: Invalid username, password, security token; or user locked out."},
		{"wrong user", "58.0", "nobody@example.com", "emulatorTOKEN", "INVALID_LOGIN: Invalid username"},
		{"wrong token", "58.0", "integration@example.com", "emulatorTOKEM", "INVALID_LOGIN: Invalid username"},
		{"no token", "58.0", "integration@example.com", "emulator", "LOGIN_MUST_USE_SECURITY_TOKEN: Invalid username, password, security token; or user locked out. Are you at a new location?"},
		{"version without login", "65.0", "integration@example.com", "emulatorTOKEN", "INVALID_OPERATION: The SOAP Login operation is not available in the API version specified (65.0)."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := post(t, s, tt.version, loginBody(tt.user, tt.password), nil)
			if !strings.HasPrefix(a.fault(), tt.want) {
				t.Errorf("got %q, want %q", a.fault(), tt.want)
			}
			if find(a.root, "LimitInfoHeader") != "" {
				t.Error("a login has a LimitInfoHeader")
			}
		})
	}
	settings := s.org.Settings()
	settings.LoginDisabled = true
	if err := s.org.Configure(settings); err != nil {
		t.Fatal(err)
	}
	if a := post(t, s, "58.0", loginBody("integration@example.com", "emulatorTOKEN"), nil); a.fault() != "INVALID_OPERATION: "+textLoginDisabled {
		t.Errorf("disabled login: got %q", a.fault())
	}
	settings.LoginDisabled, settings.TrustedNetwork = false, true
	if err := s.org.Configure(settings); err != nil {
		t.Fatal(err)
	}
	if a := post(t, s, "58.0", loginBody("integration@example.com", "emulator"), nil); a.fault() != "" {
		t.Errorf("no token from a trusted network: got %q", a.fault())
	}
}

func TestLockout(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := start(t, Options{Clock: clock.now})
	right, wrong := loginBody("integration@example.com", "emulatorTOKEN"), loginBody("integration@example.com", "no")
	for range maxLoginTries - 1 {
		post(t, s, "58.0", wrong, nil)
	}
	if a := post(t, s, "58.0", right, nil); a.fault() != "" {
		t.Fatalf("after nine tries: %s", a.fault())
	}
	for range maxLoginTries {
		post(t, s, "58.0", wrong, nil)
	}
	if a := post(t, s, "58.0", right, nil); !strings.HasPrefix(a.fault(), "INVALID_LOGIN") {
		t.Errorf("after ten tries in a row the right password gives %q", a.body)
	}
	clock.advance(lockoutTime)
	if a := post(t, s, "58.0", right, nil); a.fault() != "" {
		t.Errorf("after the lockout: %s", a.fault())
	}
	if got := s.org.Logins(); got != 2 {
		t.Errorf("%d logins counted, want 2", got)
	}
}

func TestSessionsAndLocators(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := start(t, Options{Clock: clock.now, Generate: &Generate{Accounts: 5, Contacts: 1000, Seed: 1}})
	batch := "<urn:QueryOptions><urn:batchSize>400</urn:batchSize></urn:QueryOptions>"
	c, other := login(t, s), login(t, s)
	c.options = batch
	first := c.query("SELECT Id FROM Contact")
	locator := find(first.root, "queryLocator")
	if find(first.root, "done") != "false" || len(all(first.root, "records")) != 400 || find(first.root, "size") != "1000" {
		t.Fatalf("first page: done %s, %d records, size %s", find(first.root, "done"), len(all(first.root, "records")), find(first.root, "size"))
	}
	if !strings.HasPrefix(locator, "0r8") || !strings.HasSuffix(locator, "-400") {
		t.Errorf("locator is %q", locator)
	}
	const invalid = "INVALID_QUERY_LOCATOR: invalid query locator"
	if a := other.more(locator); a.fault() != invalid {
		t.Errorf("another session's locator: got %q", a.fault())
	}
	if a := c.more(strings.Replace(locator, "-400", "-399", 1)); a.fault() != invalid {
		t.Errorf("a locator that was never given: got %q", a.fault())
	}
	second := c.more(locator)
	if again := c.more(locator); fmt.Sprint(again.column("Id")) != fmt.Sprint(second.column("Id")) {
		t.Error("the last page cannot be asked for again after its reply got lost")
	}
	third := c.more(find(second.root, "queryLocator"))
	if got := len(all(third.root, "records")); got != 200 || find(third.root, "done") != "true" || find(third.root, "queryLocator") != "" {
		t.Errorf("last page: %d records, done %s", got, find(third.root, "done"))
	}
	if a := c.more(locator); a.fault() != invalid {
		t.Errorf("a used locator: got %q", a.fault())
	}
	seen := map[string]bool{}
	for _, p := range []answer{first, second, third} {
		for _, id := range p.column("Id") {
			seen[id] = true
		}
	}
	if len(seen) != 1000 {
		t.Errorf("the pages hold %d different records, want 1000", len(seen))
	}

	clock.advance(defaultSession*time.Second - time.Second)
	if a := c.call("<urn:getUserInfo/>"); a.fault() != "" {
		t.Errorf("a session in time: %s", a.fault())
	}
	clock.advance(2 * time.Second)
	const ended = "INVALID_SESSION_ID: " + textInvalidSession
	if a := other.call("<urn:getUserInfo/>"); a.fault() != ended {
		t.Errorf("an old session: got %q", a.fault())
	}
	locator = find(c.query("SELECT Id FROM Contact").root, "queryLocator")
	s.org.KillSessions()
	if a := c.more(locator); a.fault() != ended {
		t.Errorf("a killed session: got %q", a.fault())
	}
	c.session = login(t, s).session
	if a := c.more(locator); a.fault() != invalid {
		t.Errorf("the locator in the next session: got %q", a.fault())
	}
}

func TestDailyLimit(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := start(t, Options{Clock: clock.now, DailyLimit: 3})
	c := login(t, s)
	for i := 1; i <= 3; i++ {
		a := c.call("<urn:getServerTimestamp/>")
		if got := find(a.root, "current") + "/" + find(a.root, "limit"); got != fmt.Sprintf("%d/3", i) {
			t.Errorf("LimitInfoHeader says %s, want %d/3", got, i)
		}
	}
	if a := c.call("<urn:getServerTimestamp/>"); a.fault() != "REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded." {
		t.Errorf("got %q", a.fault())
	}
	clock.advance(25 * time.Hour)
	if a := login(t, s).call("<urn:getServerTimestamp/>"); a.fault() != "" {
		t.Errorf("a day later: %s", a.fault())
	}
}
