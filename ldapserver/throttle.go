package ldapserver

import (
	"sync"
	"time"
)

// warnEvery is how often the log says the same thing again: a broken store or an attack must not fill the disk.
const warnEvery = 10 * time.Second

// throttle lets one of many equal log lines pass now and then.
type throttle struct {
	mu   sync.Mutex
	next time.Time
	held int
}

// pass says whether a line may be written now, and how many were not since the last one.
func (t *throttle) pass(now time.Time) (held int, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.Before(t.next) {
		t.held++
		return 0, false
	}
	held, t.held, t.next = t.held, 0, now.Add(warnEvery)
	return held, true
}
