package ldapserver

import (
	"sync"
	"time"
)

// turnFor is how long a search may work until it has to wait for its turn to go on: far more than a lookup takes, and little
// enough that a lookup which finds all processors at work does not wait long.
const turnFor = 2 * time.Millisecond

const (
	// restAfter is how much work of long searches, taken together, is followed by a rest of restFor, as long as there are
	// connections that do not pull. The kernel lets a thread that always has work go on for some milliseconds before it runs
	// one that has just been woken for a lookup, where both want the same processor; a thread that sleeps gives its processor
	// away at once. Measured with 100 clients that pull 100,000 entries each, on two processors that others used too: a
	// lookup's p99 was 0.4 to 1.0 ms without pulls, 4.0 ms with them, 2.0 ms with a rest after each millisecond, and 0.7 to
	// 1.9 ms with one after each piece.
	restAfter = 200 * time.Microsecond
	restFor   = 50 * time.Microsecond
)

// turns lets a few long searches work at a time, so that the others' lookups find a processor free. A search that has sent
// a piece of its answer, or worked for turnFor, goes to the end of the line; it holds no snapshot there.
type turns struct {
	mu      sync.Mutex
	limit   int
	working int
	line    []chan struct{} // first come, first served
	closed  bool
	worked  time.Duration // since the last rest
}

// next waits for a turn at the end of the line; who has one gives it to the first in line before.
func (t *turns) next(working bool) {
	t.mu.Lock()
	if working {
		t.working--
	}
	if t.closed || t.working < t.limit && len(t.line) == 0 {
		t.working++
		t.mu.Unlock()
		return
	}
	turn := make(chan struct{})
	t.line = append(t.line, turn)
	t.admit()
	t.mu.Unlock()
	<-turn // who leaves has counted us
}

// enter waits for a turn.
func (t *turns) enter() { t.next(false) }

// leave gives the turn to the next in line.
func (t *turns) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.working--
	t.admit()
}

// admit lets in as many as may work; the mutex is held.
func (t *turns) admit() {
	for len(t.line) > 0 && (t.closed || t.working < t.limit) {
		t.working++
		close(t.line[0])
		t.line[0] = nil
		if t.line = t.line[1:]; len(t.line) == 0 {
			t.line = nil
		}
	}
}

// change sets how many may work at a time.
func (t *turns) change(limit int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.limit = limit
	t.admit()
}

// rest counts work that was done in a turn, and sleeps where it is time to. The turn is kept meanwhile.
func (s *Server) rest(worked time.Duration) {
	s.mu.Lock()
	open := len(s.conns)
	s.mu.Unlock()
	t := &s.turns
	t.mu.Lock()
	t.worked += worked
	now := t.worked >= restAfter && !t.closed
	if now {
		t.worked = 0
	}
	others := open > t.working+len(t.line)
	t.mu.Unlock()
	if now && others {
		time.Sleep(restFor)
	}
}

// close lets everybody in: the server is stopping, and each finds that out by itself.
func (t *turns) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	t.admit()
}

func (t *turns) counts() (working, waiting int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.working, len(t.line)
}

// brieflyFor is how long a search that has a turn waits for its client to take a piece.
const brieflyFor = time.Millisecond

// flushBriefly is flush, for a moment. done is false where the client has not taken everything: then flush sends the rest.
// Over TLS it does nothing: a write there can't be broken off.
func (c *conn) flushBriefly() (done bool, err error) {
	if c.info.TLS {
		return false, nil
	}
	_ = c.nc.SetWriteDeadline(time.Now().Add(brieflyFor))
	c.writeBy = time.Time{} // flush sets its own
	n, err := c.nc.Write(c.out)
	if err != nil && !isTimeout(err) {
		return false, err
	}
	c.out = c.out[:copy(c.out, c.out[n:])]
	return len(c.out) == 0, nil
}
