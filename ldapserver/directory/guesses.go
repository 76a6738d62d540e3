package directory

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"ringdex/ldapserver/protocol"
)

// BindLimits slow down who guesses passwords. A zero field means the default.
//
// Nobody is ever locked out, neither an address, behind which a hundred telephones may stand, nor an account, which they
// may share. A password that was right before is let pass at once, whatever else happens. One that this process has not
// seen yet waits, once there were too many wrong ones for its address or account, and few may wait at a time.
type BindLimits struct {
	PerAddress int           // wrong passwords of one address in a minute before others of it wait; 30
	PerUser    int           // wrong passwords for one account in a minute before others for it wait; 60
	Wait       time.Duration // for how long; 1 s
	Delay      time.Duration // by how much every refusal is put off; 300 ms
	Hashes     int           // hash computations at a time: memory, and the processor time left for lookups; 2
}

// Defaults are the limits with every default filled in.
func (l BindLimits) Defaults() BindLimits { return l.withDefaults() }

func (l BindLimits) withDefaults() BindLimits {
	for _, d := range []struct {
		n     *int
		value int
	}{{&l.PerAddress, 30}, {&l.PerUser, 60}, {&l.Hashes, 2}} {
		if *d.n == 0 {
			*d.n = d.value
		}
	}
	if l.Wait == 0 {
		l.Wait = time.Second
	}
	if l.Delay == 0 {
		l.Delay = 300 * time.Millisecond
	}
	return l
}

const (
	// waitingPerPair and waitingPerAddress are how many passwords may wait: of one address for one account, so that who
	// guesses for one does not keep out the others behind the same NAT, and of one address in all.
	waitingPerPair    = 4
	waitingPerAddress = 32
	// hashQueue is how many computations may be waited for: about a second's.
	hashQueue = 64
	// guessesMax bounds the memory for addresses and accounts.
	guessesMax = 10_000
)

var errBusyBinds = &protocol.Error{Code: protocol.Busy, Message: "too many wrong passwords at the moment; try again"}

// guesses counts wrong passwords. It outlives a change of the users.
type guesses struct {
	limits BindLimits
	now    func() time.Time
	sleep  func(context.Context, time.Duration) error

	slots chan struct{} // computations
	known chan struct{} // the same for passwords that were right before

	mu      sync.Mutex
	wrong   map[guessed]bucket
	waiting map[guessed]int
	queued  int
}

// guessed is an address, an account, or both.
type guessed struct {
	addr netip.Addr
	user string
}

func newGuesses(l BindLimits, now func() time.Time) *guesses {
	l = l.withDefaults()
	return &guesses{
		limits: l, now: now, sleep: sleepFor, slots: make(chan struct{}, l.Hashes), known: make(chan struct{}, 1),
		wrong: map[guessed]bucket{}, waiting: map[guessed]int{},
	}
}

func sleepFor(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// change takes other limits, but for the number of hashes.
func (g *guesses) change(l BindLimits) {
	l = l.withDefaults()
	g.mu.Lock()
	defer g.mu.Unlock()
	l.Hashes = g.limits.Hashes
	g.limits = l
}

// keys are the counters of a guess. Names that nobody has share one account.
func (g *guesses) keys(addr netip.Addr, user string) (byAddress, byUser, pair guessed) {
	addr = network64(addr)
	if user == "" {
		user = "\x00"
	}
	return guessed{addr: addr}, guessed{user: user}, guessed{addr, user}
}

// await lets a password that is new to this process wait where there were too many wrong ones, in a short line.
func (g *guesses) await(ctx context.Context, addr netip.Addr, user string) error {
	byAddress, byUser, pair := g.keys(addr, user)
	g.mu.Lock()
	if g.left(byAddress, g.limits.PerAddress) >= 1 && g.left(byUser, g.limits.PerUser) >= 1 {
		g.mu.Unlock()
		return nil
	}
	if g.waiting[pair] >= waitingPerPair || g.waiting[byAddress] >= waitingPerAddress {
		g.mu.Unlock()
		return errBusyBinds
	}
	g.waiting[pair]++
	g.waiting[byAddress]++
	wait := g.limits.Wait
	g.mu.Unlock()
	err := g.sleep(ctx, wait)
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, k := range []guessed{pair, byAddress} {
		if g.waiting[k]--; g.waiting[k] == 0 {
			delete(g.waiting, k)
		}
	}
	return err
}

// left is how many wrong passwords a counter still has room for; the mutex is held.
func (g *guesses) left(k guessed, perMinute int) float64 {
	b, ok := g.wrong[k]
	if !ok {
		return float64(perMinute)
	}
	return min(b.left+max(g.now().Sub(b.at).Minutes(), 0)*float64(perMinute), float64(perMinute))
}

// refused counts a wrong password and puts the refusal off.
func (g *guesses) refused(ctx context.Context, addr netip.Addr, user string) error {
	byAddress, byUser, _ := g.keys(addr, user)
	g.mu.Lock()
	for _, c := range []struct {
		key guessed
		max int
	}{{byAddress, g.limits.PerAddress}, {byUser, g.limits.PerUser}} {
		if len(g.wrong) >= guessesMax {
			g.forget()
		}
		g.wrong[c.key] = bucket{left: max(g.left(c.key, c.max)-1, 0), at: g.now()}
	}
	delay := g.limits.Delay
	g.mu.Unlock()
	return g.sleep(ctx, delay)
}

// forget makes room: counters that a minute has emptied go first, then any.
func (g *guesses) forget() {
	for k, b := range g.wrong {
		if g.now().Sub(b.at) > time.Minute {
			delete(g.wrong, k)
		}
	}
	for k := range g.wrong {
		if len(g.wrong) < guessesMax*9/10 {
			return
		}
		delete(g.wrong, k)
	}
}

// compute runs f when there is a slot for it. Passwords that were right before have one of their own.
func (g *guesses) compute(ctx context.Context, known bool, f func()) error {
	slots := g.slots
	if known {
		slots = g.known
	}
	g.mu.Lock()
	full := g.queued >= hashQueue && !known
	if !full {
		g.queued++
	}
	g.mu.Unlock()
	if full {
		return errBusyBinds
	}
	defer func() {
		g.mu.Lock()
		g.queued--
		g.mu.Unlock()
	}()
	select {
	case slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-slots }()
	f()
	return nil
}
