package directory

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"ringdex/ldapserver/protocol"
)

// Access says who may read without a bind. The zero value is nobody.
type Access struct {
	Always   bool
	Loopback bool           // clients on this machine
	Networks []netip.Prefix // clients in these networks
}

func (a Access) allows(addr netip.Addr) bool {
	addr = addr.Unmap()
	return a.Always || a.Loopback && addr.IsLoopback() ||
		slices.ContainsFunc(a.Networks, func(p netip.Prefix) bool { return p.Contains(addr) })
}

const (
	// verifiedFor is how long a verified bind is remembered: phones bind for every lookup, and a slow hash each time
	// would be the dearest part of it.
	verifiedFor = 5 * time.Minute
	// verifiedMax bounds the memory of verified binds.
	verifiedMax = 4096
	// hashingAtOnce bounds concurrent hash computations: memory, and the processor time left for lookups.
	hashingAtOnce = 2
)

// users verifies binds. It is safe for concurrent use.
type users struct {
	byName map[string]*user // by normalised DN, and by lower-cased plain name
	dummy  *passwordHash    // costs an unknown user as much as a wrong password
	key    [32]byte         // of this process: remembered binds are worthless elsewhere
	base   protocol.DN      // plain names may come as a DN below it
	now    func() time.Time
	// matches computes a hash: passwordHash.matches, counted in tests.
	matches func(h *passwordHash, password []byte) bool
	slots   chan struct{}

	mu       sync.Mutex
	verified map[[sha256.Size]byte]time.Time
}

type user struct {
	name  string // as configured
	plain bool   // it is no DN
	hash  *passwordHash
}

// newUsers parses the configured hashes.
func newUsers(configured map[string]string, base protocol.DN, now func() time.Time) (*users, error) {
	u := &users{byName: map[string]*user{}, base: base, now: now, matches: (*passwordHash).matches, slots: make(chan struct{}, hashingAtOnce), verified: map[[sha256.Size]byte]time.Time{}}
	if _, err := rand.Read(u.key[:]); err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	dummy, err := HashPassword("nobody")
	if err != nil {
		return nil, err
	}
	if u.dummy, err = parseHash(dummy); err != nil {
		return nil, err
	}
	for name, hash := range configured {
		h, err := parseHash(hash)
		if err != nil {
			return nil, fmt.Errorf("user %s: %w", name, err)
		}
		key := userKey([]byte(name))
		if u.byName[key] != nil {
			return nil, fmt.Errorf("directory: user %s stands twice", name)
		}
		_, err = protocol.ParseDN(name)
		u.byName[key] = &user{name: name, plain: err != nil, hash: h}
	}
	return u, nil
}

// userKey makes names that mean the same equal: a DN by its comparison key, anything else (phone, DOMAIN\user,
// user@domain: phones send them) by its lower case.
func userKey(name []byte) string {
	if norm, err := protocol.NormalizeDN(nil, name); err == nil && len(norm) > 0 {
		return string(norm)
	}
	return strings.ToLower(strings.TrimSpace(string(name)))
}

// find returns the user that a bind name means. One who is configured by a plain name may come as a DN with that name in
// its first part, as DOMAIN\user or as user@domain: phones send all of them.
func (u *users) find(name []byte) *user {
	if found := u.byName[userKey(name)]; found != nil {
		return found
	}
	plain := string(name)
	if dn, err := protocol.ParseDN(plain); err == nil && len(dn) > 0 && len(dn[0]) == 1 {
		if len(dn) > 1 && !dn[1:].Equal(u.base) {
			return nil
		}
		plain = dn[0][0].Value
	} else if _, after, ok := strings.Cut(plain, `\`); ok {
		plain = after
	} else {
		plain, _, _ = strings.Cut(plain, "@")
	}
	if found := u.byName[userKey([]byte(plain))]; found != nil && found.plain {
		return found
	}
	return nil
}

// verify returns the user of a name and a password, or nil. An unknown name takes as long as a wrong password.
func (u *users) verify(ctx context.Context, name, password []byte) (*user, error) {
	found := u.find(name)
	mac := hmac.New(sha256.New, u.key[:])
	fmt.Fprintf(mac, "%d:", len(name))
	mac.Write(name)
	mac.Write(password)
	var sum [sha256.Size]byte
	mac.Sum(sum[:0])
	if found != nil && u.remembered(sum) {
		return found, nil
	}
	hash := u.dummy
	if found != nil {
		hash = found.hash
	}
	select {
	case u.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	ok := u.matches(hash, password)
	<-u.slots
	if !ok || found == nil {
		return nil, nil
	}
	u.remember(sum)
	return found, nil
}

func (u *users) remembered(sum [sha256.Size]byte) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	until, ok := u.verified[sum]
	return ok && u.now().Before(until)
}

func (u *users) remember(sum [sha256.Size]byte) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.verified) >= verifiedMax {
		clear(u.verified)
	}
	u.verified[sum] = u.now().Add(verifiedFor)
}
