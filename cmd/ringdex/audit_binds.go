package main

import (
	"net/netip"
	"sync"
	"time"

	"ringdex/ldapserver/directory"
	"ringdex/ldapserver/protocol"
)

// bindAudit writes binds into the audit log: each that is refused, and of equal successful ones the first, then one line in
// bindsFor with how many more there were. Telephones bind for every lookup, most of them without a name: a line for each would
// bury who was refused. It is safe for concurrent use.
type bindAudit struct {
	log *lineLog
	now func() time.Time

	mu   sync.Mutex
	seen map[boundAs]*boundAgain
}

const (
	// bindsFor is how long equal successful binds have one line.
	bindsFor = 10 * time.Minute
	// bindsMax bounds the memory for them: a line is some 200 octets of it.
	bindsMax = 10_000
)

// boundAs are the fields that make successful binds equal.
type boundAs struct {
	method, user, listener string
	remote                 netip.Addr
	tls, named             bool
}

// boundAgain counts binds after a line.
type boundAgain struct {
	last  directory.BindRecord
	until time.Time
	more  int
}

func newBindAudit(log *lineLog) *bindAudit {
	return &bindAudit{log: log, now: time.Now, seen: map[boundAs]*boundAgain{}}
}

// bind tells of one bind.
func (a *bindAudit) bind(r directory.BindRecord) {
	if !a.log.on() {
		return
	}
	if r.Code != protocol.Success {
		a.log.bind(r, 0)
		return
	}
	key := boundAs{r.Method, r.User, r.Conn.Listener, r.Conn.Remote.Addr(), r.Conn.TLS, r.Named}
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	known := a.seen[key]
	if known != nil && now.Before(known.until) {
		known.more++
		return
	}
	more := 0
	if known != nil {
		more = known.more
	} else if len(a.seen) >= bindsMax {
		a.tell(func(b *boundAgain) bool { return !now.Before(b.until) })
		if len(a.seen) >= bindsMax {
			a.tell(func(*boundAgain) bool { return true })
		}
	}
	a.seen[key] = &boundAgain{last: r, until: now.Add(bindsFor)}
	a.log.bind(r, more)
}

// flush writes what was counted and not told, before the log ends or is begun anew.
func (a *bindAudit) flush() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tell(func(*boundAgain) bool { return true })
}

// tell writes the counts that over says are over, and forgets them; the mutex is held.
func (a *bindAudit) tell(over func(*boundAgain) bool) {
	for key, b := range a.seen {
		if !over(b) {
			continue
		}
		if delete(a.seen, key); b.more > 0 {
			a.log.bind(b.last, b.more)
		}
	}
}
