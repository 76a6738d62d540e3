package directory

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"ringdex/ldapserver/protocol"
)

// gate is a directory with one user whose clock and waits the test moves.
type gate struct {
	*Directory
	mu     sync.Mutex
	now    time.Time
	waited []time.Duration
	hashes int
	hold   chan struct{} // not nil: waits end when it is closed
}

func newGate(t *testing.T, users map[string]User) *gate {
	t.Helper()
	hash, err := HashPassword("not-a-secret")
	if err != nil {
		t.Fatal(err)
	}
	for name, u := range users {
		u.Hash = hash
		users[name] = u
	}
	g := &gate{now: stamp}
	g.Directory = directoryOf(t, invented(t), func(o *Options) {
		o.Users, o.Anonymous = users, Access{}
		o.Clock = func() time.Time { g.mu.Lock(); defer g.mu.Unlock(); return g.now }
		o.Guessing = BindLimits{PerAddress: 5, PerUser: 8}
	})
	g.guesses.sleep = func(_ context.Context, d time.Duration) error {
		g.mu.Lock()
		g.waited = append(g.waited, d)
		hold := g.hold
		g.mu.Unlock()
		if hold != nil && d == time.Second {
			<-hold
		}
		return nil
	}
	g.access.Load().users.matches = func(_ *passwordHash, password []byte) bool {
		g.mu.Lock()
		g.hashes++
		g.mu.Unlock()
		return string(password) == "not-a-secret"
	}
	return g
}

// bind says how a bind from an address ends, how long it was made to wait before, and how many hashes it cost.
func (g *gate) bind(t *testing.T, addr, name, password string) (code protocol.ResultCode, before time.Duration, hashes int) {
	t.Helper()
	s := guest(g.Directory, addr+":1")
	g.mu.Lock()
	g.waited, g.hashes = nil, 0
	g.mu.Unlock()
	code = codeOf(t, s.Bind(t.Context(), &protocol.BindRequest{Version: 3, Name: []byte(name), Simple: []byte(password)}))
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, w := range g.waited {
		if w == time.Second {
			before += w
		}
	}
	if code != protocol.Success && (len(g.waited) == 0 || g.waited[len(g.waited)-1] != 300*time.Millisecond) {
		t.Errorf("%s from %s: the refusal was not put off: %v", name, addr, g.waited)
	}
	return code, before, g.hashes
}

// TestGuessing: wrong passwords slow down others of their address and account, and nobody is locked out.
func TestGuessing(t *testing.T) {
	t.Parallel()
	g := newGate(t, map[string]User{"phone": {}, "pbx": {}})
	const nat, other, third = "192.0.2.1", "198.51.100.1", "203.0.113.1"
	// A telephone behind the NAT has been there before the attack.
	if code, _, n := g.bind(t, nat, "phone", "not-a-secret"); code != protocol.Success || n != 1 {
		t.Fatalf("got %v, %d hashes", code, n)
	}
	for i := range 5 {
		if code, before, n := g.bind(t, nat, "phone", "wrong"); code != protocol.InvalidCredentials || before != 0 || n != 1 {
			t.Errorf("wrong password %d: got %v after %v, %d hashes", i+1, code, before, n)
		}
	}
	if _, before, _ := g.bind(t, nat, "phone", "wrong"); before != time.Second {
		t.Errorf("one beyond the limit of an address waits %v", before)
	}
	if _, before, _ := g.bind(t, nat, "nobody", "wrong"); before != time.Second {
		t.Errorf("another name from the same address waits %v", before)
	}
	if code, before, _ := g.bind(t, nat, "pbx", "not-a-secret"); code != protocol.Success || before != time.Second {
		t.Errorf("a right password that is new: got %v after %v", code, before)
	}
	if code, before, n := g.bind(t, nat, "phone", "not-a-secret"); code != protocol.Success || before != 0 || n != 0 {
		t.Errorf("a right password that is remembered: got %v after %v, %d hashes", code, before, n)
	}
	g.now = g.now.Add(verifiedFor)
	// Five minutes have emptied the counters. The account is attacked from everywhere.
	for i := range 8 {
		if _, before, _ := g.bind(t, fmt.Sprintf("198.51.100.%d", 100+i), "phone", "wrong"); before != 0 {
			t.Errorf("wrong password %d for the account waits %v", i+1, before)
		}
	}
	if _, before, _ := g.bind(t, other, "phone", "wrong"); before != time.Second {
		t.Errorf("one beyond the limit of an account waits %v", before)
	}
	if _, before, _ := g.bind(t, third, "pbx", "wrong"); before != 0 {
		t.Errorf("another account waits %v", before)
	}
	// Verified longer ago than is remembered, but right before: computed again, and never made to wait.
	if code, before, n := g.bind(t, nat, "phone", "not-a-secret"); code != protocol.Success || before != 0 || n != 1 {
		t.Errorf("a right password from before: got %v after %v, %d hashes", code, before, n)
	}
}

// TestGuessersDoNotFillTheLine: few may wait for one account behind one address, so that others get in.
func TestGuessersDoNotFillTheLine(t *testing.T) {
	t.Parallel()
	g := newGate(t, map[string]User{"phone": {}, "pbx": {}})
	for range 6 {
		g.bind(t, "192.0.2.1", "phone", "wrong")
	}
	g.hold = make(chan struct{})
	results := make(chan protocol.ResultCode, 100)
	try := func(name, password string) {
		s := guest(g.Directory, "192.0.2.1:1")
		go func() {
			results <- codeOf(t, s.Bind(context.Background(), &protocol.BindRequest{Version: 3, Name: []byte(name), Simple: []byte(password)}))
		}()
	}
	for range 20 {
		try("phone", "wrong")
	}
	for range 20 - waitingPerPair {
		if got := <-results; got != protocol.Busy {
			t.Fatalf("got %v, want busy", got)
		}
	}
	try("pbx", "not-a-secret")
	for g.line("192.0.2.1", "pbx") == 0 { // it waits, and is not turned away
		time.Sleep(time.Millisecond)
	}
	close(g.hold)
	got := map[protocol.ResultCode]int{}
	for range waitingPerPair + 1 {
		got[<-results]++
	}
	if got[protocol.Success] != 1 || got[protocol.InvalidCredentials] != waitingPerPair {
		t.Errorf("got %v", got)
	}
	g.guesses.mu.Lock()
	defer g.guesses.mu.Unlock()
	if len(g.guesses.waiting) != 0 || g.guesses.queued != 0 {
		t.Errorf("somebody still waits: %v, %d", g.guesses.waiting, g.guesses.queued)
	}
}

func (g *gate) line(addr, user string) int {
	g.guesses.mu.Lock()
	defer g.guesses.mu.Unlock()
	_, _, pair := g.guesses.keys(netip.MustParseAddr(addr), userKey([]byte(user)))
	return g.guesses.waiting[pair]
}

// TestHashQueue: so many computations may be waited for, one more is told to come back, and a known password has its own way.
func TestHashQueue(t *testing.T) {
	t.Parallel()
	g := newGuesses(BindLimits{Hashes: 1}, time.Now)
	block, done := make(chan struct{}), make(chan error, hashQueue)
	for range hashQueue {
		go func() { done <- g.compute(context.Background(), false, func() { <-block }) }()
	}
	for {
		g.mu.Lock()
		n := g.queued
		g.mu.Unlock()
		if n == hashQueue {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if err := g.compute(t.Context(), false, func() {}); codeOf(t, err) != protocol.Busy {
		t.Errorf("one more: got %v", err)
	}
	ran := false
	if err := g.compute(t.Context(), true, func() { ran = true }); err != nil || !ran {
		t.Errorf("a known password waits behind guesses: %v", err)
	}
	close(block)
	for range hashQueue {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// TestHashesAtATime: as many computations run as may, and not one more; a known password's is beside them.
func TestHashesAtATime(t *testing.T) {
	t.Parallel()
	const most = 3
	g := newGuesses(BindLimits{Hashes: most}, time.Now)
	started, finish := make(chan struct{}, 100), make(chan struct{})
	var running sync.WaitGroup
	for range 2 * most {
		running.Go(func() {
			if err := g.compute(t.Context(), false, func() { started <- struct{}{}; <-finish }); err != nil {
				t.Error(err)
			}
		})
	}
	for range most {
		<-started
	}
	for { // the others have come too, and wait
		g.mu.Lock()
		n := g.queued
		g.mu.Unlock()
		if n == 2*most {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if n := len(started); n > 0 || len(g.slots) != most {
		t.Errorf("%d more than %d compute", n, most)
	}
	if err := g.compute(t.Context(), true, func() {}); err != nil {
		t.Error(err)
	}
	close(finish)
	running.Wait()
}

func TestGuessesForget(t *testing.T) {
	t.Parallel()
	g := newGuesses(BindLimits{Delay: 1}, time.Now)
	for i := range 3 * guessesMax {
		addr := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		if err := g.refused(t.Context(), addr, ""); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(g.wrong); n > guessesMax+2 {
		t.Errorf("%d counters are kept", n)
	}
}

// TestBindVariants: names and addresses, with a password and without.
func TestBindVariants(t *testing.T) {
	t.Parallel()
	office := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")}
	g := newGate(t, map[string]User{"phone": {}, "cn=hall,dc=ringdex": {Networks: office}, "old": {Networks: office, WithoutPassword: true}})
	var told []string
	g.options.Binds = func(r BindRecord) { told = append(told, fmt.Sprintf("%s %s %d", r.User, r.Conn.Remote.Addr(), r.Code)) }
	for _, c := range []struct {
		addr, name, password string
		want                 protocol.ResultCode
		user                 string
	}{
		{"203.0.113.9", "phone", "not-a-secret", protocol.Success, "phone"},
		{"203.0.113.9", "PHONE", "not-a-secret", protocol.Success, "phone"},
		{"203.0.113.9", `EXAMPLE\phone`, "not-a-secret", protocol.Success, "phone"},
		{"203.0.113.9", "phone@example.org", "not-a-secret", protocol.Success, "phone"},
		{"203.0.113.9", "cn=phone,dc=ringdex", "not-a-secret", protocol.Success, "phone"},
		{"203.0.113.9", "cn=phone", "not-a-secret", protocol.Success, "phone"},
		{"203.0.113.9", "cn=phone,dc=other", "not-a-secret", protocol.InvalidCredentials, ""},
		{"192.0.2.9", "cn=hall,dc=ringdex", "not-a-secret", protocol.Success, "cn=hall,dc=ringdex"},
		{"2001:db8::1", "cn=hall,dc=ringdex", "not-a-secret", protocol.Success, "cn=hall,dc=ringdex"},
		{"203.0.113.9", "cn=hall,dc=ringdex", "not-a-secret", protocol.InvalidCredentials, ""},
		{"203.0.113.9", "phone", "", protocol.UnwillingToPerform, ""},
		{"192.0.2.9", "phone", "", protocol.UnwillingToPerform, ""},
		{"192.0.2.9", "old", "", protocol.Success, "old"},
		{"203.0.113.9", "old", "", protocol.UnwillingToPerform, ""},
		{"192.0.2.9", "old", "wrong", protocol.InvalidCredentials, ""},
		{"192.0.2.9", "my-password-typed-as-a-name", "x", protocol.InvalidCredentials, ""},
	} {
		remote := netip.AddrPortFrom(netip.MustParseAddr(c.addr), 1).String()
		s := guest(g.Directory, remote)
		err := s.Bind(t.Context(), &protocol.BindRequest{Version: 3, Name: []byte(c.name), Simple: []byte(c.password)})
		if got := codeOf(t, err); got != c.want || s.User() != c.user {
			t.Errorf("%s from %s: got %v as %q, want %v as %q", c.name, c.addr, got, s.User(), c.want, c.user)
		}
	}
	if len(told) != 16 || told[0] != "phone 203.0.113.9 0" || told[9] != "cn=hall,dc=ringdex 203.0.113.9 49" || strings.TrimSpace(told[15]) != "192.0.2.9 49" {
		t.Errorf("the audit has %q", told)
	}
	if got := strings.Join(told, " "); strings.Contains(got, "my-password") {
		t.Error("a name that nobody has is told")
	}
}
