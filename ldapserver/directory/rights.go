package directory

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ringdex/ldapserver/protocol"
	"ringdex/replicator/store"
	"ringdex/schema"
)

// Rights say what somebody sees and how much of it. The zero value is everything.
type Rights struct {
	// Attributes are the attributes that are seen, subtypes included; none: all. What is not seen is not found either: a
	// term of a filter on it is Undefined. The Id, the object class and operational attributes are always seen: the DN
	// says the same.
	Attributes []string
	// Objects are the objects whose entries and containers are there at all; none: all.
	Objects []string
	// SizeLimit is how many entries a search gets at most; 0: as many as Options.SizeLimit allows.
	SizeLimit int
	// SearchesPerSecond and EntriesPerHour bound a user over all connections, and without a bind each address; 0: no bound.
	// A second's and an hour's worth may be taken at once.
	SearchesPerSecond, EntriesPerHour int
}

// User is somebody who may bind.
type User struct {
	Hash string // argon2id in PHC form; needed but WithoutPassword
	Rights
	Networks []netip.Prefix // from where a bind counts; none: anywhere
	// WithoutPassword lets a bind with the name and no password pass for one with the password, from Networks only: some
	// telephones have a user and no password. RFC 4513, 5.1.2, wants it refused unless it is configured.
	WithoutPassword bool
}

// rights are Rights made ready. They are immutable but for cache and quotas.
type rights struct {
	id       uint64 // in the keys of remembered answers
	shown    map[*schema.AttributeType]bool
	found    map[*schema.AttributeType]bool // shown, and the types that stand for shown ones
	objects  []string
	most     int
	searches *quotas
	entries  *quotas

	cached atomic.Pointer[rightsColumns]
}

type rightsColumns struct {
	of   *columns
	mask attributeSet
}

// rightsMade numbers rights, so that answers made under old ones are not given again.
var rightsMade atomic.Uint64

func (d *Directory) newRights(r Rights, most int, now func() time.Time) (*rights, error) {
	if r.SizeLimit > 0 && (most == 0 || r.SizeLimit < most) {
		most = r.SizeLimit
	}
	if r.SizeLimit < 0 || r.SearchesPerSecond < 0 || r.EntriesPerHour < 0 {
		return nil, errors.New("directory: a limit is negative")
	}
	out := &rights{
		id: rightsMade.Add(1), objects: r.Objects, most: most,
		searches: newQuotas(r.SearchesPerSecond, time.Second, now), entries: newQuotas(r.EntriesPerHour, time.Hour, now),
	}
	if len(r.Attributes) == 0 {
		return out, nil
	}
	out.shown, out.found = map[*schema.AttributeType]bool{}, map[*schema.AttributeType]bool{}
	for _, n := range r.Attributes {
		t, ok := d.schema.Attribute(n)
		if !ok {
			return nil, fmt.Errorf("directory: the attribute %s is unknown", n)
		}
		for _, below := range d.schema.Subtypes(t) {
			out.shown[below] = true
		}
		out.shown[t] = true
	}
	for _, t := range d.schema.Attributes() {
		for member := range out.shown {
			if member == t || t.Virtual == schema.AnyNumber && member.Syntax.IsNumber() || t.Virtual == schema.AnyName && member.Syntax == schema.Name ||
				slices.Contains(d.schema.Subtypes(t), member) {
				out.found[t] = true
				break
			}
		}
	}
	return out, nil
}

// shows says whether values of a type are sent; nil is the type of what an older mapping has stored.
func (r *rights) shows(t *schema.AttributeType) bool {
	return r.shown == nil || t != nil && (r.shown[t] || t.Operational || computedOf(t) != notComputed)
}

// finds says whether a filter may name a type.
func (r *rights) finds(t *schema.AttributeType) bool {
	return r.found == nil || r.found[t] || t.Operational || computedOf(t) != notComputed
}

// has says whether the entries of an object are there.
func (r *rights) has(object string) bool {
	return len(r.objects) == 0 || slices.ContainsFunc(r.objects, func(o string) bool { return strings.EqualFold(o, object) })
}

func (r *rights) hasEntry(v *store.View) bool {
	return len(r.objects) == 0 || r.has(string(v.ObjectBytes()))
}

// restrict takes the columns that are not seen out of a set.
func (r *rights) restrict(set attributeSet, c *columns) attributeSet {
	if r.shown == nil {
		return set
	}
	have := r.cached.Load()
	if have == nil || have.of != c {
		have = &rightsColumns{of: c}
		for i, t := range c.types {
			if t != nil && r.shows(t) {
				have.mask.add(i)
			}
		}
		r.cached.Store(have)
	}
	for i := range set {
		set[i] &= have.mask[i]
	}
	return set
}

var (
	errTooOften = &protocol.Error{Code: protocol.Busy, Message: "too many searches in a second"}
	errUsedUp   = &protocol.Error{Code: protocol.AdminLimitExceeded, Message: "the entries of this hour are used up"}
)

// quotasTooBig is how many addresses are remembered.
const quotasTooBig = 10_000

// quotas is a token bucket for each address, or one for a user. nil has no bound.
type quotas struct {
	burst, perSecond float64
	now              func() time.Time

	mu      sync.Mutex
	buckets map[netip.Addr]bucket
}

// bucket is what was left at a time.
type bucket struct {
	left float64
	at   time.Time
}

func newQuotas(n int, per time.Duration, now func() time.Time) *quotas {
	if n == 0 {
		return nil
	}
	return &quotas{burst: float64(n), perSecond: float64(n) / per.Seconds(), now: now, buckets: map[netip.Addr]bucket{}}
}

// take takes n from an address's bucket, which may fall below nothing, and returns what was left before.
func (q *quotas) take(a netip.Addr, n int) float64 {
	now := q.now()
	q.mu.Lock()
	defer q.mu.Unlock()
	b, ok := q.buckets[a]
	if ok {
		b.left = min(b.left+max(now.Sub(b.at).Seconds(), 0)*q.perSecond, q.burst)
	} else {
		b.left = q.burst
		q.makeRoom(now)
	}
	left := b.left
	b.left, b.at = b.left-float64(n), now
	if n != 0 {
		q.buckets[a] = b
	}
	return left
}

// makeRoom forgets the buckets that are full again, and if there is no other way, any.
func (q *quotas) makeRoom(now time.Time) {
	if len(q.buckets) < quotasTooBig {
		return
	}
	for a, b := range q.buckets {
		if b.left+now.Sub(b.at).Seconds()*q.perSecond >= q.burst {
			delete(q.buckets, a)
		}
	}
	for a := range q.buckets {
		if len(q.buckets) < quotasTooBig*9/10 {
			return
		}
		delete(q.buckets, a)
	}
}

// admit counts a search. It says how many entries it may have; 0: any number.
func (s *Session) admit() (entries int, err error) {
	r := s.rights
	if r.searches == nil && r.entries == nil {
		return 0, nil
	}
	if r.searches != nil && r.searches.take(s.payer(), 1) < 1 {
		r.searches.take(s.payer(), -1) // what was refused was not taken
		return 0, errTooOften
	}
	if r.entries == nil {
		return 0, nil
	}
	left := int(r.entries.take(s.payer(), 0))
	if left < 1 {
		s.dir.reportUsedUp(s)
		return 0, errUsedUp
	}
	return left, nil
}

// spent counts the entries that a search got.
func (s *Session) spent(entries int) {
	if s.rights.entries != nil && entries > 0 {
		s.rights.entries.take(s.payer(), entries)
	}
}

// payer is whose bucket a search is paid from: the one of a user's rights, or that of the address.
func (s *Session) payer() netip.Addr {
	if s.user != nil {
		return netip.Addr{}
	}
	return network64(s.info.Remote.Addr())
}

// network64 is an address, or for IPv6 the network of 64 bits that one customer has at least.
func network64(a netip.Addr) netip.Addr {
	a = a.Unmap()
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return a
}

// usedUpEvery is how often the log says that somebody has used up the hour's entries.
const usedUpEvery = time.Minute

func (d *Directory) reportUsedUp(s *Session) {
	now := d.options.Clock()
	d.usedUp.mu.Lock()
	defer d.usedUp.mu.Unlock()
	if d.options.Log == nil || now.Before(d.usedUp.next) {
		return
	}
	d.usedUp.next = now.Add(usedUpEvery)
	d.options.Log.WithField("user", s.User()).WithField("remote", s.info.Remote.Addr().String()).
		Warn("somebody has read as many entries as an hour allows: refused until the hour has passed")
}
