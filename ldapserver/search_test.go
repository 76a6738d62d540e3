package ldapserver

import (
	"slices"
	"testing"
	"time"

	"ringdex/ldapserver/protocol"
)

func TestSearchIsEnded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		base string
		send []byte
		ends error
		// The search's own answer, -1 for none; closed: nor any other.
		answered protocol.ResultCode
		closed   bool
	}{
		"by abandon":               {"o=work", abandonPDU(2, 1), errAbandoned, -1, false},
		"by cancel":                {"o=work", cancelPDU(2, 1), errCanceled, protocol.Canceled, false},
		"by unbind":                {"o=work", unbindPDU(2), errClosed, -1, true},
		"with entries, by abandon": {"o=endless", abandonPDU(2, 1), errAbandoned, -1, false},
		"with entries, by cancel":  {"o=endless", cancelPDU(2, 1), errCanceled, protocol.Canceled, false},
		"with entries, by unbind":  {"o=endless", unbindPDU(2), errClosed, -1, true},
	} {
		searchIsEnded := func(t *testing.T, secure bool) {
			t.Parallel()
			h := serve(t, Options{SearchTimeout: time.Minute}, ListenerOptions{Mode: StartTLSOptional, TLS: serverTLS(t)})
			cl := h.raw(t)
			if secure {
				cl = cl.startTLS()
			}
			cl.send(searchPDU(1, c.base))
			receive(t, "the search's start", h.backend.started)
			queued := searchPDU(3, "o=none")
			cl.send(c.send, queued, searchPDU(4, "o=one"))
			got := cl.skipEntries()
			switch {
			case c.closed:
				if got.err == nil {
					t.Errorf("got message %d %v %v, want the end of the connection", got.id, got.op, got.code)
				}
			case c.answered == -1:
				cl.check(got, 3, protocol.OpSearchResultDone, protocol.Success)
			default:
				cl.check(got, 1, protocol.OpSearchResultDone, c.answered)
				cl.want(2, protocol.OpExtendedResponse, protocol.Success)
				cl.want(3, protocol.OpSearchResultDone, protocol.Success)
			}
			if err := receive(t, "the search's end", h.backend.ended); err != c.ends {
				t.Errorf("the search ended with %v, want %v", err, c.ends)
			}
			if c.closed {
				return
			}
			cl.want(4, protocol.OpSearchResultEntry, 0)
			cl.want(4, protocol.OpSearchResultDone, protocol.Success)
			cl.wantService()
		}
		t.Run(name, func(t *testing.T) { searchIsEnded(t, false) })
		t.Run(name+", TLS", func(t *testing.T) { searchIsEnded(t, true) })
	}
}

type answerOrEnd struct {
	answer
	err error
}

// skipEntries reads until something else than an entry comes.
func (c *rawClient) skipEntries() answerOrEnd {
	c.t.Helper()
	for {
		a, err := c.next()
		if err != nil {
			return answerOrEnd{a, err}
		}
		if a.op != protocol.OpSearchResultEntry {
			return answerOrEnd{a, nil}
		}
	}
}

func (c *rawClient) check(a answerOrEnd, id int64, op protocol.Op, code protocol.ResultCode) {
	c.t.Helper()
	if a.err != nil || a.id != id || a.op != op || a.code != code {
		c.t.Fatalf("got message %d %v %v %v, want %d %v %v", a.id, a.op, a.code, a.err, id, op, code)
	}
}

func TestAbandonStopsASearchWithinATenthOfASecond(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{SearchTimeout: time.Minute}, ListenerOptions{})
	took := make([]time.Duration, 0, 9)
	c := h.raw(t)
	for id := int64(1); id < 18; id += 2 {
		c.send(searchPDU(id, "o=work"))
		receive(t, "the search's start", h.backend.started)
		begin := time.Now()
		c.send(abandonPDU(id+1, id))
		receive(t, "the search's end", h.backend.ended)
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	if median := took[len(took)/2]; median > 100*time.Millisecond {
		t.Errorf("a search goes on for %v after its abandon", median)
	}
	c.wantService()
}

// TestReadingIsGivenBack: after a long search that nothing has ended, the next requests are the connection's again.
func TestReadingIsGivenBack(t *testing.T) {
	t.Parallel()
	for name, secure := range map[string]bool{"plain": false, "TLS": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := serve(t, Options{SearchTimeout: time.Minute}, ListenerOptions{Mode: StartTLSOptional, TLS: serverTLS(t)})
			c := h.raw(t)
			if secure {
				c = c.startTLS()
			}
			c.send(searchPDU(1, "o=work"))
			receive(t, "the search's start", h.backend.started)
			time.Sleep(3 * watchAfter)
			queued := searchPDU(2, "o=one")
			c.send(queued[:9])
			time.Sleep(3 * pollEvery)
			close(h.backend.work)
			c.want(1, protocol.OpSearchResultDone, protocol.Success)
			c.send(queued[9:])
			c.want(2, protocol.OpSearchResultEntry, 0)
			c.want(2, protocol.OpSearchResultDone, protocol.Success)
			c.wantService()
		})
	}
}

func TestClientGoesDuringASearch(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"o=work", "o=endless"} {
		t.Run(base, func(t *testing.T) {
			t.Parallel()
			h := serve(t, Options{SearchTimeout: time.Minute}, ListenerOptions{})
			c := h.raw(t)
			c.send(searchPDU(1, base))
			receive(t, "the search's start", h.backend.started)
			c.Close()
			receive(t, "the search's end", h.backend.ended)
			eventually(t, "the connection is gone", func() bool { return h.Stats().Open == 0 })
			if got := h.log.count("\n"); got > 1 {
				t.Errorf("got %d log lines for a client that has gone, want 1", got)
			}
		})
	}
}

func TestSearchTimeLimit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		server time.Duration
		client int64
	}{
		"the server's":                     {50 * time.Millisecond, 0},
		"the server's, below the client's": {50 * time.Millisecond, 3600},
		"the client's":                     {time.Hour, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := serve(t, Options{SearchTimeout: c.server}, ListenerOptions{})
			cl := h.raw(t)
			cl.send(searchWith(1, searchFields{base: "o=work", timeLimit: c.client}))
			cl.want(1, protocol.OpSearchResultDone, protocol.TimeLimitExceeded)
			cl.wantService()
		})
	}
}

// TestTypeAhead is a phone's: each key is a search of its own and an abandon of the last one, all in one segment.
func TestTypeAhead(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{}, ListenerOptions{})
	c := h.raw(t)
	c.send(
		searchPDU(1, "o=work"), abandonPDU(2, 1), searchPDU(3, "o=work"), abandonPDU(4, 3), searchPDU(5, "o=work"), abandonPDU(6, 5),
		searchPDU(7, "o=work"), abandonPDU(8, 7), searchPDU(9, "o=one"),
	)
	c.want(9, protocol.OpSearchResultEntry, 0)
	c.want(9, protocol.OpSearchResultDone, protocol.Success)
	c.wantService()
}

// TestTypeAheadAfterManyRequests has the abandon far behind requests that were looked at before.
func TestTypeAheadAfterManyRequests(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{MaxPending: 10}, ListenerOptions{})
	c := h.raw(t)
	const requests = 300
	var sent []byte
	for id := int64(1); id <= requests; id++ {
		sent = append(sent, searchPDU(id, "o=none")...)
		if id%20 == 0 {
			sent = slices.Concat(sent, searchPDU(1000+id, "o=work"), abandonPDU(2000+id, 1000+id))
		}
	}
	c.send(sent, searchPDU(3000, "o=one"))
	for id := int64(1); id <= requests; id++ {
		c.want(id, protocol.OpSearchResultDone, protocol.Success)
	}
	c.want(3000, protocol.OpSearchResultEntry, 0)
	c.want(3000, protocol.OpSearchResultDone, protocol.Success)
}

// TestTypeAheadDuringASearch is the same while the first search runs.
func TestTypeAheadDuringASearch(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{SearchTimeout: time.Minute}, ListenerOptions{})
	c := h.raw(t)
	c.send(searchPDU(1, "o=work"))
	receive(t, "the search's start", h.backend.started)
	c.send(searchPDU(3, "o=work"), searchPDU(5, "o=work"), searchPDU(7, "o=work"), searchPDU(9, "o=one"))
	c.send(abandonPDU(10, 7), abandonPDU(11, 5), abandonPDU(12, 3), abandonPDU(13, 1))
	c.want(9, protocol.OpSearchResultEntry, 0)
	c.want(9, protocol.OpSearchResultDone, protocol.Success)
	c.wantService()
}

func TestCancelAhead(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{}, ListenerOptions{})
	c := h.raw(t)
	c.send(searchPDU(1, "o=work"), cancelPDU(2, 1))
	c.want(1, protocol.OpSearchResultDone, protocol.Canceled)
	c.want(2, protocol.OpExtendedResponse, protocol.Success)
	c.send(cancelPDU(3, 1))
	c.want(3, protocol.OpExtendedResponse, protocol.NoSuchOperation)
}

func TestPendingIsBounded(t *testing.T) {
	t.Parallel()
	const pending, sent = 5, 40
	h := serve(t, Options{MaxPending: pending, SearchTimeout: time.Minute}, ListenerOptions{})
	c := h.raw(t)
	c.send(searchPDU(1, "o=work"))
	receive(t, "the search's start", h.backend.started)
	for id := int64(2); id < sent; id++ {
		c.send(bindPDU(id, 3, memoryUser, memoryPassword)) // a bind waits for what was asked before it: RFC 4511, 4.2.1
	}
	// The abandon lies behind more than may be read ahead: it does not help the search.
	c.send(abandonPDU(sent, 1))
	close(h.backend.work)
	c.want(1, protocol.OpSearchResultDone, protocol.Success)
	for id := int64(2); id < sent; id++ {
		c.want(id, protocol.OpBindResponse, protocol.Success)
	}
	c.wantService()
}

func TestScannerStopsAtItsLimits(t *testing.T) {
	t.Parallel()
	one := searchPDU(2, "o=one")
	for name, c := range map[string]struct {
		scanner scanner
		buf     []byte
		more    bool
		verdict error
	}{
		"nothing yet":               {scanner{limit: 1000, pending: 2}, nil, true, nil},
		"a part of a message":       {scanner{limit: 1000, pending: 2}, one[:10], true, nil},
		"as many as may be":         {scanner{limit: 1000, pending: 1}, one, false, nil},
		"one less":                  {scanner{limit: 1000, pending: 2}, one, true, nil},
		"too long":                  {scanner{limit: len(one) - 1, pending: 2}, one, false, nil},
		"no message":                {scanner{limit: 1000, pending: 2}, []byte("GET"), false, nil},
		"abandon of this":           {scanner{limit: 1000, pending: 2}, abandonPDU(3, 1), false, errAbandoned},
		"abandon of another":        {scanner{limit: 1000, pending: 2}, abandonPDU(3, 2), true, nil},
		"abandon of 0":              {scanner{limit: 1000, pending: 2}, abandonPDU(3, 0), true, nil},
		"abandon beyond 31 bits":    {scanner{limit: 1000, pending: 2}, abandonPDU(3, 1<<32+1), true, nil},
		"cancel of this":            {scanner{limit: 1000, pending: 2}, cancelPDU(3, 1), false, errCanceled},
		"cancel of another":         {scanner{limit: 1000, pending: 2}, cancelPDU(3, 2), true, nil},
		"unbind":                    {scanner{limit: 1000, pending: 2}, unbindPDU(3), false, errClosed},
		"a message without content": {scanner{limit: 1000, pending: 2}, []byte{0x30, 0}, true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			more, verdict := c.scanner.scan(c.buf, 1)
			if more != c.more || verdict != c.verdict {
				t.Errorf("got %v %v, want %v %v", more, verdict, c.more, c.verdict)
			}
		})
	}
}

// TestWholeDirectoryStreams pulls far more than may be held.
func TestWholeDirectoryStreams(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{}, ListenerOptions{})
	c := h.raw(t)
	const entries = 50_000
	c.send(searchWith(1, searchFields{base: "o=many", sizeLimit: entries}))
	for range entries {
		c.want(1, protocol.OpSearchResultEntry, 0)
	}
	c.want(1, protocol.OpSearchResultDone, protocol.Success)
	c.wantService()
	if got := h.backend.largest.Load(); got > 65<<10 {
		t.Errorf("%d octets were held at once", got)
	}
}

// TestBackendThatNeverFlushes is bounded too.
func TestBackendThatNeverFlushes(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{SearchTimeout: 20 * time.Millisecond}, ListenerOptions{})
	c := h.raw(t)
	c.send(searchPDU(1, "o=endless"))
	got := c.skipEntries()
	c.check(got, 1, protocol.OpSearchResultDone, protocol.TimeLimitExceeded)
	if got := h.backend.largest.Load(); got > flushAt+1<<10 {
		t.Errorf("%d octets were held at once", got)
	}
}
