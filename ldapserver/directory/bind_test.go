package directory

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
)

func TestPassword(t *testing.T) {
	t.Parallel()
	hash, err := HashPassword("not-a-secret")
	if err != nil {
		t.Fatal(err)
	}
	for password, want := range map[string]bool{"not-a-secret": true, "not-a-secret ": false, "": false} {
		if got, err := VerifyPassword(hash, password); err != nil || got != want {
			t.Errorf("%q: got %v, %v", password, got, err)
		}
	}
	other, _ := HashPassword("not-a-secret")
	if other == hash {
		t.Error("two hashes share their salt")
	}
	for name, bad := range map[string]string{
		"empty": "", "plain": "not-a-secret", "other function": "$argon2i$v=19$m=65536,t=3,p=1$c2FsdHNhbHQ$c3VtLXN1bS1zdW0tc3VtLQ",
		"too dear": "$argon2id$v=19$m=99999999,t=3,p=1$c2FsdHNhbHQ$c3VtLXN1bS1zdW0tc3VtLQ", "no costs": "$argon2id$v=19$$c2FsdHNhbHQ$c3VtLXN1bS1zdW0tc3VtLQ",
		"no threads": "$argon2id$v=19$m=8,t=1,p=0$c2FsdHNhbHQ$c3VtLXN1bS1zdW0tc3VtLQ", "short salt": "$argon2id$v=19$m=8,t=1,p=1$YQ$c3VtLXN1bS1zdW0tc3VtLQ",
		"one pass too many": "$argon2id$v=19$m=8,t=17,p=1$c2FsdHNhbHQ$c3VtLXN1bS1zdW0tc3VtLQ", "one KiB too many": "$argon2id$v=19$m=262145,t=1,p=1$c2FsdHNhbHQ$c3VtLXN1bS1zdW0tc3VtLQ",
		"no passes": "$argon2id$v=19$m=8,t=0,p=1$c2FsdHNhbHQ$c3VtLXN1bS1zdW0tc3VtLQ", "too little memory for its lanes": "$argon2id$v=19$m=15,t=1,p=2$c2FsdHNhbHQ$c3VtLXN1bS1zdW0tc3VtLQ",
		"costs beyond 32 bits": "$argon2id$v=19$m=4294967304,t=1,p=1$c2FsdHNhbHQ$c3VtLXN1bS1zdW0tc3VtLQ", "negative": "$argon2id$v=19$m=8,t=-1,p=1$c2FsdHNhbHQ$c3VtLXN1bS1zdW0tc3VtLQ",
		"more behind the costs": "$argon2id$v=19$m=8,t=1,p=1,x=2$c2FsdHNhbHQ$c3VtLXN1bS1zdW0tc3VtLQ", "another version": "$argon2id$v=16$m=8,t=1,p=1$c2FsdHNhbHQ$c3VtLXN1bS1zdW0tc3VtLQ",
		"more behind the version": "$argon2id$v=19x$m=8,t=1,p=1$c2FsdHNhbHQ$c3VtLXN1bS1zdW0tc3VtLQ", "no Base64": "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$c3VtLXN1bS1zdW0-c3VtLQ",
		"empty sum": "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$", "one part more": "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$c3VtLXN1bS1zdW0tc3VtLQ$", "a long sum": "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$" + strings.Repeat("c3Vt", 100),
		"SMD5": "{SMD5}", "SSHA": "{SSHA}AAAA",
	} {
		if _, err := VerifyPassword(bad, "x"); !errors.Is(err, ErrHash) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestHashesAtTheirBounds: the dearest hashes that are taken.
func TestHashesAtTheirBounds(t *testing.T) {
	t.Parallel()
	for _, costs := range []string{"m=8,t=1,p=1", "m=262144,t=16,p=1", "m=16,t=1,p=2", "m=2040,t=1,p=255"} {
		if _, err := parseHash("$argon2id$v=19$" + costs + "$c2FsdHNhbHQ$c3VtLXN1bS1zdW0tc3VtLQ"); err != nil {
			t.Errorf("%s: %v", costs, err)
		}
	}
}

// boundDirectory has two users, counts the hashes that are computed, and has a clock that stands at *now.
func boundDirectory(t *testing.T, now *time.Time, hashes *[]*passwordHash) *Directory {
	t.Helper()
	hash, err := HashPassword("not-a-secret")
	if err != nil {
		t.Fatal(err)
	}
	d := directoryOf(t, invented(t), func(o *Options) {
		o.Anonymous = Access{}
		o.Users = map[string]User{"phone": {Hash: hash}, "cn=pbx,dc=ringdex": {Hash: hash}}
		o.Clock = func() time.Time { return *now }
	})
	d.guesses.sleep = func(context.Context, time.Duration) error { return nil }
	d.access.Load().users.matches = func(h *passwordHash, password []byte) bool {
		*hashes = append(*hashes, h)
		return h.matches(password)
	}
	return d
}

func TestBind(t *testing.T) {
	t.Parallel()
	now := stamp
	var hashes []*passwordHash
	d := boundDirectory(t, &now, &hashes)
	bind := func(s *Session, name, password string) protocol.ResultCode {
		err := s.Bind(context.Background(), &protocol.BindRequest{Version: 3, Name: []byte(name), Simple: []byte(password)})
		var pe *protocol.Error
		if errors.As(err, &pe) {
			return pe.Code
		}
		if err != nil {
			t.Fatal(err)
		}
		return protocol.Success
	}
	s := sessionOf(d)
	search := requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(sn=baur)", "cn")
	for _, step := range []struct {
		name, password string
		want           protocol.ResultCode
		hashes         int
		reads          bool
	}{
		{"", "", protocol.Success, 0, false},
		{"phone", "", protocol.UnwillingToPerform, 0, false},
		{"", "not-a-secret", protocol.InvalidCredentials, 0, false},
		{"nobody", "not-a-secret", protocol.InvalidCredentials, 1, false}, // as dear as a wrong password
		{"nobody", "not-a-secret", protocol.InvalidCredentials, 1, false},
		{"phone", "wrong", protocol.InvalidCredentials, 1, false},
		{"phone", "not-a-secret", protocol.Success, 1, true},
		{"phone", "not-a-secret", protocol.Success, 0, true}, // remembered
		{"phone", "wrong", protocol.InvalidCredentials, 1, false},
		{"CN=PBX, dc=RingDex", "not-a-secret", protocol.Success, 1, true},
		{"", "", protocol.Success, 0, false},
	} {
		hashes = hashes[:0]
		if got := bind(s, step.name, step.password); got != step.want {
			t.Errorf("%s: got %v, want %v", step.name, got, step.want)
		}
		if len(hashes) != step.hashes {
			t.Errorf("%s %v: %d hashes computed, want %d", step.name, step.want, len(hashes), step.hashes)
		}
		for _, h := range hashes {
			if h.time != hashTime || h.memory != hashMemory || h.threads != hashThreads {
				t.Errorf("%s: a hash of other costs: %d %d %d", step.name, h.time, h.memory, h.threads)
			}
		}
		list, code := ask(t, s, search)
		if reads := code == protocol.Success && len(list) == 1; reads != step.reads {
			t.Errorf("%s after %v: search gives %v and %d entries", step.name, step.want, code, len(list))
		}
	}
	now = now.Add(verifiedFor)
	hashes = hashes[:0]
	if bind(s, "phone", "not-a-secret") != protocol.Success || len(hashes) != 1 {
		t.Errorf("a remembered bind outlives its time: %d hashes", len(hashes))
	}
}

// TestUnknownNamesCostWhatUsersCost: where hashes have different costs, a name that nobody has costs what one of them costs, and
// each time the same.
func TestUnknownNamesCostWhatUsersCost(t *testing.T) {
	t.Parallel()
	users := map[string]User{}
	for name, costs := range map[string]string{"cheap": "m=8,t=1,p=1", "cheap too": "m=8,t=1,p=1", "dear": "m=64,t=2,p=2"} {
		users[name] = User{Hash: "$argon2id$v=19$" + costs + "$c2FsdHNhbHQ$c3VtLXN1bS1zdW0tc3VtLQ"}
	}
	users["old"] = User{WithoutPassword: true, Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}
	users["far"] = User{Hash: users["dear"].Hash, Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}
	d := directoryOf(t, nil, func(o *Options) { o.Users, o.Guessing = users, BindLimits{Delay: 1, Wait: 1} })
	var computed []uint32
	d.access.Load().users.matches = func(h *passwordHash, _ []byte) bool {
		computed = append(computed, h.memory)
		return false
	}
	s := sessionOf(d)
	costs := map[uint32]int{}
	names := []string{"cheap", "dear", "old", "far"}
	for i := range 60 {
		names = append(names, fmt.Sprint("nobody", i))
	}
	for _, name := range names {
		computed = nil
		for _, spelling := range []string{name, strings.ToUpper(name), name} {
			if got := codeOf(t, s.Bind(t.Context(), &protocol.BindRequest{Version: 3, Name: []byte(spelling), Simple: []byte("wrong")})); got != protocol.InvalidCredentials {
				t.Fatalf("%s: %v", spelling, got)
			}
		}
		if len(computed) != 3 || computed[0] != computed[1] || computed[1] != computed[2] {
			t.Errorf("%s: costs %v", name, computed)
		}
		costs[computed[0]]++
	}
	if len(costs) != 2 || costs[8] < 10 || costs[64] < 10 {
		t.Errorf("unknown names cost %v", costs)
	}
}

func TestAccess(t *testing.T) {
	t.Parallel()
	entries := invented(t)
	for name, c := range map[string]struct {
		access Access
		from   string
		want   protocol.ResultCode
	}{
		"nobody":             {Access{}, "127.0.0.1:1", protocol.InsufficientAccessRights},
		"loopback":           {Access{Loopback: true}, "[::ffff:127.0.0.1]:1", protocol.Success},
		"loopback from far":  {Access{Loopback: true}, "192.0.2.1:1", protocol.InsufficientAccessRights},
		"network":            {Access{Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}, "192.0.2.1:1", protocol.Success},
		"outside of network": {Access{Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}, "198.51.100.1:1", protocol.InsufficientAccessRights},
		"always":             {Access{Always: true}, "198.51.100.1:1", protocol.Success},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := directoryOf(t, entries, func(o *Options) { o.Anonymous = c.access })
			s := d.NewSession(context.Background(), ldapserver.ConnInfo{Remote: netip.MustParseAddrPort(c.from)}).(*Session)
			list, got := ask(t, s, requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(cn=*)", "cn"))
			if got != c.want || got != protocol.Success && len(list) > 0 {
				t.Errorf("got %v and %d entries, want %v", got, len(list), c.want)
			}
			// What does not exist and what may not be seen look alike.
			if _, got := ask(t, s, requestOf(t, "ou=Nothing,dc=ringdex", protocol.BaseObject, "(cn=*)")); c.want != protocol.Success && got != c.want {
				t.Errorf("absent base: got %v", got)
			}
			for _, base := range []string{"", "cn=Subschema"} {
				if list, got := ask(t, s, requestOf(t, base, protocol.BaseObject, "(objectClass=*)")); got != protocol.Success || len(list) != 1 {
					t.Errorf("%q is for everybody: got %v", base, got)
				}
			}
			_, err := s.Compare(context.Background(), &protocol.CompareRequest{DN: []byte("dc=ringdex"), Attribute: []byte("dc"), Value: []byte("ringdex")}, nil)
			if (err == nil) != (c.want == protocol.Success) {
				t.Errorf("compare: %v", err)
			}
		})
	}
}

func TestAppendID(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"0035500000AbCdE":    "0035500000AbCdEAAV",
		"0035500000AbCdEAAV": "0035500000AbCdEAAV",
		"0035500000abcdeaav": "0035500000AbCdEAAV",
		"0035500000ABCDEAAV": "0035500000AbCdEAAV",
		"0035500000AbCdEAA":  "",
		"0035500000AbC-EAAV": "",
		"0035500000AbCdEAA9": "",
		"0035500000AbCdE5AV": "", // a digit can't be upper case
		"":                   "",
	} {
		got, ok := appendID([]byte("x"), []byte(in))
		if ok != (want != "") || !bytes.Equal(got, []byte("x"+want)) {
			t.Errorf("%q: got %q, %v, want %q", in, got, ok, want)
		}
	}
}
