package ldapserver

import (
	"context"
	"sync"
	"testing"
	"time"

	"ringdex/ldapserver/protocol"
)

// TestTurns: so many work at a time, the others in the order in which they came.
func TestTurns(t *testing.T) {
	t.Parallel()
	turns := turns{limit: 2}
	turns.enter()
	turns.enter()
	order := make(chan int, 10)
	var running sync.WaitGroup
	for i := range 5 {
		running.Go(func() {
			turns.enter()
			order <- i
		})
		eventually(t, "it stands in line", func() bool { _, n := turns.counts(); return n == i+1 })
	}
	for i := range 5 {
		select {
		case got := <-order:
			t.Fatalf("%d works without a turn", got)
		default:
		}
		turns.leave()
		if got := receive(t, "the next", order); got != i {
			t.Errorf("got %d, want %d", got, i)
		}
	}
	running.Wait()
	if working, waiting := turns.counts(); working != 2 || waiting != 0 {
		t.Errorf("%d work and %d wait", working, waiting)
	}
	// Nobody overtakes the line, and a wider door lets it in.
	for range 2 {
		running.Go(turns.enter)
	}
	eventually(t, "they stand in line", func() bool { _, n := turns.counts(); return n == 2 })
	turns.change(3)
	eventually(t, "one is let in", func() bool { w, n := turns.counts(); return w == 3 && n == 1 })
	turns.close()
	running.Wait()
	turns.enter()
}

// TestPullsTakeTurns has more long searches than may work at a time: each gets its whole answer, and none is forgotten when
// clients go in the middle.
func TestPullsTakeTurns(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{MaxPulls: 1, SearchTimeout: time.Minute}, ListenerOptions{})
	var running sync.WaitGroup
	const entries = 5000
	for i := range 12 {
		c := h.raw(t)
		_ = c.SetDeadline(time.Now().Add(6 * patience))
		running.Go(func() {
			c.send(searchWith(1, searchFields{base: "o=many", sizeLimit: entries}))
			for n := 0; ; n++ {
				if i%3 == 0 && n == 1000 {
					c.Close()
					return
				}
				a, err := c.next()
				if err != nil {
					t.Errorf("after %d entries: %v", n, err)
					return
				}
				if a.op == protocol.OpSearchResultDone {
					if n != entries {
						t.Errorf("got %d entries", n)
					}
					return
				}
			}
		})
	}
	running.Wait()
	eventually(t, "every turn is given back", func() bool { s := h.Stats(); return s.Pulls == 0 && s.PullsWaiting == 0 })
	h.raw(t).wantService()
}

// TestShutdownOfThoseInLine: who waits for a turn is told that the server goes away.
func TestShutdownOfThoseInLine(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{MaxPulls: 1, SearchTimeout: time.Minute}, ListenerOptions{})
	h.turns.enter() // somebody who never goes on
	c := h.raw(t)
	c.send(searchWith(1, searchFields{base: "o=many", sizeLimit: 5000}))
	eventually(t, "it stands in line", func() bool { return h.Stats().PullsWaiting == 1 })
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := h.Shutdown(ctx); err != nil {
		t.Error(err)
	}
}
