package directory

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
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
	// knownFor is how long a password that was right is not made to wait for those of others.
	knownFor = 24 * time.Hour
	// verifiedMax bounds the memory of verified binds.
	verifiedMax = 4096
)

// access is who may read, and what. It is replaced as a whole.
type access struct {
	users     *users
	anonymous Access
	guests    *rights // of who has not bound
}

// newAccess makes the part of the options ready that Reload may change.
func (d *Directory) newAccess(o *Options) (*access, error) {
	guests, err := d.newRights(o.Guests, o.SizeLimit, d.options.Clock)
	if err != nil {
		return nil, fmt.Errorf("who has not bound: %w", err)
	}
	a := &access{anonymous: o.Anonymous, guests: guests}
	a.users, err = d.newUsers(o)
	return a, err
}

// Reload takes other Users, Anonymous, Guests, SizeLimit and Guessing, but for its Hashes; the other options stay. Connections keep their sessions: they
// go by the new ones from their next request on. Who is bound stays it if the user is still there with the same hash, else
// is anonymous. An error leaves everything as it was.
func (d *Directory) Reload(o Options) error {
	a, err := d.newAccess(&o)
	if err != nil {
		return err
	}
	d.guesses.change(o.Guessing)
	d.access.Store(a)
	return nil
}

// users verifies binds. It is safe for concurrent use.
type users struct {
	byName  map[string]*user // by normalised DN, and by lower-cased plain name
	dummies []*passwordHash  // one of them costs an unknown user as much as a wrong password: each of the users' costs
	key     [32]byte         // of this process: remembered binds are worthless elsewhere
	base    protocol.DN      // plain names may come as a DN below it
	now     func() time.Time
	guesses *guesses
	// matches computes a hash: passwordHash.matches, counted in tests.
	matches func(h *passwordHash, password []byte) bool

	mu       sync.Mutex
	verified map[[sha256.Size]byte]time.Time // when
}

type user struct {
	name     string // as configured
	key      string // in users.byName
	plain    bool   // it is no DN
	view     *view  // of the profile that the user has; nil: none
	hash     *passwordHash
	text     string // of the hash
	rights   *rights
	networks []netip.Prefix
	empty    bool // no password needed, from the networks
}

// from says whether a bind from an address counts.
func (u *user) from(a netip.Addr) bool {
	return len(u.networks) == 0 || slices.ContainsFunc(u.networks, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) })
}

// newUsers parses the configured hashes.
func (d *Directory) newUsers(o *Options) (*users, error) {
	u := &users{
		byName: map[string]*user{}, base: d.base, now: d.options.Clock, guesses: d.guesses, matches: (*passwordHash).matches,
		verified: map[[sha256.Size]byte]time.Time{},
	}
	if _, err := rand.Read(u.key[:]); err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(o.Users)) {
		c := o.Users[name]
		if err := u.add(d, name, &c, o.SizeLimit); err != nil {
			return nil, fmt.Errorf("user %s: %w", name, err)
		}
		if h := u.byName[userKey([]byte(name))].hash; h != nil && !slices.ContainsFunc(u.dummies, h.costsAs) {
			u.dummies = append(u.dummies, h.dummy())
		}
	}
	if len(u.dummies) == 0 {
		u.dummies = []*passwordHash{(&passwordHash{time: hashTime, memory: hashMemory, threads: hashThreads}).dummy()}
	}
	for i := range d.options.Profiles {
		p := &d.options.Profiles[i]
		for _, name := range p.Users {
			found := u.byName[userKey([]byte(name))]
			switch {
			case found == nil:
				return nil, fmt.Errorf("directory: profile %s: there is no user %s", p.Name, name)
			case found.view != nil:
				return nil, fmt.Errorf("directory: user %s has two profiles, %s and %s", name, found.view.profile.Name, p.Name)
			}
			found.view = d.viewNamed(p.Name)
		}
	}
	return u, nil
}

func (u *users) add(d *Directory, name string, c *User, most int) error {
	key := userKey([]byte(name))
	if u.byName[key] != nil {
		return errors.New("directory: it stands twice")
	}
	_, err := protocol.ParseDN(name)
	out := &user{name: name, key: key, plain: err != nil, text: c.Hash, networks: c.Networks, empty: c.WithoutPassword}
	switch {
	case c.WithoutPassword && len(c.Networks) == 0:
		return errors.New("directory: without a password it needs the networks from which it counts")
	case c.Hash != "" || !c.WithoutPassword:
		if out.hash, err = parseHash(c.Hash); err != nil {
			return err
		}
	}
	if out.rights, err = d.newRights(c.Rights, most, d.options.Clock); err != nil {
		return err
	}
	u.byName[key] = out
	return nil
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

// dummyOf is what a name is held against that nobody has: with each name the same, as if it had a password of that cost, so that
// time does not tell names apart where the users' hashes have different costs.
func (u *users) dummyOf(name []byte) *passwordHash {
	mac := hmac.New(sha256.New, u.key[:])
	mac.Write([]byte(userKey(name)))
	return u.dummies[binary.BigEndian.Uint32(mac.Sum(nil))%uint32(len(u.dummies))]
}

// verify returns the user of a name and a password, or nil. An unknown name takes as long as a wrong password.
func (u *users) verify(ctx context.Context, from netip.Addr, name, password []byte) (*user, error) {
	found := u.find(name)
	if found != nil && (found.hash == nil || !found.from(from)) {
		found = nil
	}
	key, hash := "", u.dummyOf(name)
	var at time.Time
	var sum [sha256.Size]byte
	if found != nil {
		key, hash = found.key, found.hash
		mac := hmac.New(sha256.New, u.key[:])
		fmt.Fprintf(mac, "%d:", len(found.key))
		mac.Write([]byte(found.key))
		mac.Write(password)
		mac.Sum(sum[:0])
		if at = u.rememberedAt(sum); !at.IsZero() && u.now().Sub(at) < verifiedFor {
			return found, nil
		}
	}
	known := !at.IsZero() && u.now().Sub(at) < knownFor
	if !known {
		if err := u.guesses.await(ctx, from, key); err != nil {
			return nil, err
		}
	}
	ok := false
	if err := u.guesses.compute(ctx, known, func() { ok = u.matches(hash, password) }); err != nil {
		return nil, err
	}
	if !ok || found == nil {
		return nil, u.guesses.refused(ctx, from, key)
	}
	u.remember(sum)
	return found, nil
}

func (u *users) rememberedAt(sum [sha256.Size]byte) time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.verified[sum]
}

func (u *users) remember(sum [sha256.Size]byte) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.verified) >= verifiedMax {
		clear(u.verified)
	}
	u.verified[sum] = u.now()
}
