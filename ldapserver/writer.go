package ldapserver

import (
	"errors"
	"time"

	"ringdex/ldapserver/protocol"
)

const (
	// flushAt is where an answer is sent even if the backend has not asked for it.
	flushAt = 256 << 10
	// watchAfter is how long a search runs before its socket is watched.
	watchAfter = 20 * time.Millisecond
)

var (
	errAbandoned   = errors.New("ldapserver: abandoned")
	errClosed      = errors.New("ldapserver: the client has gone")
	errTimeLimit   = &protocol.Error{Code: protocol.TimeLimitExceeded}
	errCanceled    = &protocol.Error{Code: protocol.Canceled}
	errUnavailable = &protocol.Error{Code: protocol.Unavailable, Message: "the server is going down"}
)

// ResultWriter takes the entries of one search. The order of calls is BeginEntry, then for each attribute
// BeginAttribute, AppendValue…, EndAttribute, then EndEntry. Everything goes straight into the connection's output
// buffer. It is valid during the call of Search only.
type ResultWriter struct {
	conn     *conn
	id       int32
	encoder  protocol.EntryEncoder
	entries  int
	controls []protocol.Control
	mark     int // length of the output before this answer, or before the part of it that is not sent yet
	limit    time.Duration
	began    time.Time // zero until the first Check
	err      error     // sticky: why the search is over
	turn     time.Time // since when it works without a wait
	long     bool      // as of the last Check: for longer than turnFor
	working  bool      // it has a turn, which it has to give back
	sent     bool      // a part of this answer has been sent
	idOctets [8]byte   // scratch: the encoded message id
}

// begin prepares for the answer to a message. A client's limit is in seconds; 0: none.
func (w *ResultWriter) begin(id int32, timeLimit int) {
	w.id, w.entries, w.controls, w.err, w.sent, w.long = id, 0, nil, nil, false, false
	w.mark = len(w.conn.out)
	w.began = time.Time{}
	w.limit = w.conn.options.SearchTimeout
	if t := time.Duration(timeLimit) * time.Second; t > 0 && t < w.limit {
		w.limit = t
	}
}

// BeginEntry starts an entry with its DN.
func (w *ResultWriter) BeginEntry(dn []byte) { w.encoder.BeginEntry(w.conn.out, w.id, dn) }

// BeginAttribute starts an attribute under the name to be shown.
func (w *ResultWriter) BeginAttribute(name string) { w.encoder.BeginAttribute(name) }

// AppendValue adds a value to the attribute.
func (w *ResultWriter) AppendValue(v []byte) { w.encoder.AppendValue(v) }

// WriteEntry sends an entry whose values are all known, in place of all the other calls. An error means that the search is over:
// return it.
func (w *ResultWriter) WriteEntry(dn []byte, values []protocol.EntryValue) error {
	w.conn.out = protocol.AppendEntry(w.conn.out, w.id, dn, values)
	return w.wrote()
}

// AppendEncoded adds attributes that protocol.AppendPartialAttribute has encoded.
func (w *ResultWriter) AppendEncoded(attributes []byte) { w.encoder.AppendEncoded(attributes) }

// EndAttribute ends the attribute.
func (w *ResultWriter) EndAttribute() { w.encoder.EndAttribute() }

// EndEntry completes the entry. An error means that the search is over: return it.
func (w *ResultWriter) EndEntry() error {
	w.conn.out = w.encoder.EndEntry(nil)
	return w.wrote()
}

func (w *ResultWriter) wrote() error {
	w.entries++
	if len(w.conn.out) >= flushAt {
		return w.Flush()
	}
	return nil
}

// Entries is how many entries were sent.
func (w *ResultWriter) Entries() int { return w.entries }

// Buffered is how many octets wait to be sent. A backend that holds something while it searches lets it go and calls
// Flush once this is worth a write of its own.
func (w *ResultWriter) Buffered() int { return len(w.conn.out) - w.mark }

// AddControl adds a control to the message that ends the search. It must not point into the request, whose octets may be gone
// by then.
func (w *ResultWriter) AddControl(c protocol.Control) { w.controls = append(w.controls, c) }

// Controls are those that AddControl was called with.
func (w *ResultWriter) Controls() []protocol.Control { return w.controls }

// Flush sends what is there, waiting for the client to take it. An error means that the search is over: return it.
func (w *ResultWriter) Flush() error {
	if w.err != nil {
		return w.err
	}
	before := time.Now()
	w.mark, w.sent = 0, true
	done := false
	if w.working {
		// Who has a turn keeps it while the socket takes the piece at once: then the next one does not work at the same time.
		if done, w.err = w.conn.flushBriefly(); w.err == nil && !done {
			w.leave()
		}
	}
	if w.err == nil && !done {
		w.err = w.conn.flush()
	}
	if w.err != nil {
		return w.err
	}
	w.conn.watch.start(w.conn, w.id)
	return w.resume(before)
}

// Long says whether the search has worked so long that others should have the processor: a backend lets go what it holds
// and calls Yield. It is as of the last Check.
func (w *ResultWriter) Long() bool { return w.long }

// Yield waits for the search's turn, without sending anything. An error means that the search is over: return it.
func (w *ResultWriter) Yield() error {
	if w.err != nil {
		return w.err
	}
	return w.resume(time.Now())
}

// leave gives the turn back, if there is one.
func (w *ResultWriter) leave() {
	if w.working {
		w.working = false
		w.conn.server.turns.leave()
	}
}

// resume waits for a turn, behind all others. The time since before does not count as work.
func (w *ResultWriter) resume(before time.Time) error {
	if w.working {
		w.conn.server.rest(before.Sub(w.turn))
	}
	w.conn.server.turns.next(w.working)
	w.working, w.long = true, false
	w.turn = time.Now()
	// A slow reader is bounded by the write timeout of each piece, not by the time limit: that one is for our work.
	if !w.began.IsZero() {
		w.began = w.began.Add(w.turn.Sub(before))
	}
	return w.Check()
}

// Check says whether the search is over before its time: abandoned, out of time, client gone, server stopping. It is
// called now and then, every 64 entries or so. An error means that the search is over: return it.
func (w *ResultWriter) Check() error {
	if w.err != nil {
		return w.err
	}
	now := time.Now()
	if w.began.IsZero() {
		w.began, w.turn = now, now
		return nil
	}
	c := w.conn
	took := now.Sub(w.began)
	w.long = now.Sub(w.turn) > turnFor
	switch {
	case took > w.limit:
		w.err = errTimeLimit
	case c.stopping.Load():
		w.err = errUnavailable
	case c.watch.running:
		if c.direct != nil {
			c.watch.poll(c, now)
		}
		w.err = c.watch.verdict()
	case took > watchAfter:
		c.watch.start(c, w.id)
	}
	return w.err
}
