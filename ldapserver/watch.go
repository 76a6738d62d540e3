package ldapserver

import (
	"slices"
	"sync"
	"time"

	"ringdex/ldapserver/ber"
	"ringdex/ldapserver/protocol"
)

// pollEvery is how often a plain socket is looked at for what ends a search.
const pollEvery = 5 * time.Millisecond

// watcher reads ahead while a search runs long. Between start and stop it owns the reading side of the connection; stop
// gives what it has read back to the connection's buffer, in order. A plain socket is looked at now and then by the search
// itself, any other connection is read by a goroutine.
type watcher struct {
	running  bool  // used by the connection's goroutine only
	canceled int32 // the search that a Cancel ended, until that Cancel is answered

	id      int32 // the search's
	scanner scanner
	ended   bool      // nothing more is to be read
	polled  time.Time // when a plain socket was looked at

	read []byte        // from the connection's buffer and behind it
	done chan struct{} // nil: no goroutine reads

	mu  sync.Mutex
	err error // errAbandoned, errClosed or errCanceled
}

// start begins to watch for the end of the search with that id.
func (w *watcher) start(c *conn, id int32) {
	if w.running || w.verdict() != nil {
		return
	}
	w.running, w.err = true, nil
	w.read = append(w.read[:0], c.in[c.from:c.to]...)
	w.id, w.scanner, w.ended = id, scanner{limit: c.messageLimit(), pending: c.options.MaxPending}, false
	if w.done = nil; c.direct != nil {
		w.polled = time.Time{}
		w.look()
		return
	}
	w.done = make(chan struct{})
	// The wait between messages does not count while a search runs: its own limits do.
	c.readBy = time.Time{}
	_ = c.nc.SetReadDeadline(time.Time{})
	go w.run(c)
}

// poll looks at a plain socket, if it is time to.
func (w *watcher) poll(c *conn, now time.Time) {
	if w.ended || now.Sub(w.polled) < pollEvery {
		return
	}
	w.polled = now
	for !w.ended {
		from := len(w.read)
		w.read = slices.Grow(w.read, firstBuffer)
		n, err := c.direct.readNow(w.read[from:cap(w.read)])
		w.read = w.read[:from+n]
		switch {
		case err == errNotYet:
			return
		case err != nil:
			w.end(errClosed)
			return
		}
		w.look()
	}
}

// look looks for the end of the search in what was read since the last time. Afterwards ended says whether there is more to read.
func (w *watcher) look() {
	more, verdict := w.scanner.scan(w.read, w.id)
	if verdict != nil {
		w.end(verdict)
	}
	w.ended = w.ended || !more || verdict != nil || len(w.read) >= w.scanner.limit
}

// run reads until it is interrupted by stop, the client goes, or as much is pending as may be.
func (w *watcher) run(c *conn) {
	defer close(w.done)
	defer func() {
		if p := recover(); p != nil {
			c.panicked(p)
			w.end(errClosed)
		}
	}()
	buf := make([]byte, firstBuffer)
	for {
		// Only this goroutine touches what was read, until stop has waited for it.
		if w.look(); w.ended {
			return
		}
		n, err := c.nc.Read(buf)
		w.read = append(w.read, buf[:n]...)
		if err != nil {
			if !isTimeout(err) {
				w.end(errClosed)
			}
			return
		}
	}
}

// end ends the watching with a verdict on the search.
func (w *watcher) end(verdict error) {
	w.ended = true
	w.mu.Lock()
	w.err = verdict
	w.mu.Unlock()
}

// verdict is why the search is over, if it is.
func (w *watcher) verdict() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// stop ends the watching and takes over what was read.
func (w *watcher) stop(c *conn) {
	if !w.running {
		return
	}
	if w.done != nil {
		_ = c.nc.SetReadDeadline(past)
		<-w.done
		c.readBy = past
	}
	w.running, c.partial = false, false
	if c.writer.err == errCanceled {
		w.canceled = c.writer.id
	}
	w.err = nil
	if len(w.read) > len(c.in) {
		c.in = make([]byte, len(w.read))
	}
	c.from, c.to, c.quiet = 0, copy(c.in, w.read), 0
	if cap(w.read) > keepBuffer {
		w.read = nil
	}
}

// scanner finds, in a growing buffer, the messages that concern a running search.
type scanner struct {
	at, messages, limit, pending int
	quiet                        int  // up to here no message ends another one
	loud                         bool // one has come
}

// scan looks at the whole messages that are new. more is false where nothing more is to be read: too much is pending, or
// what comes is no message (the connection's own loop will say so).
func (s *scanner) scan(buf []byte, id int32) (more bool, verdict error) {
	for s.at < len(buf) {
		total, need, err := ber.FrameLength(buf[s.at:], s.limit)
		if err != nil {
			return false, nil
		}
		if need || total > len(buf)-s.at {
			break
		}
		op, target := peek(buf[s.at : s.at+total])
		s.at += total
		if s.loud = s.loud || target != 0; !s.loud {
			s.quiet = s.at
		}
		switch op {
		case protocol.OpAbandonRequest:
			if target == id {
				return false, errAbandoned
			}
		case protocol.OpUnbindRequest:
			return false, errClosed
		case protocol.OpExtendedRequest:
			if target == id {
				return false, errCanceled
			}
		}
		if s.messages++; s.messages >= s.pending {
			return false, nil
		}
	}
	return true, nil
}

// peek reads the operation of a message, and for Abandon and Cancel which message it means (0: none).
func peek(pdu []byte) (op protocol.Op, target int32) {
	r := ber.NewReader(pdu, 4)
	msg, err := r.Enter(ber.Sequence)
	if err != nil {
		return 0, 0
	}
	if _, err := msg.Int(ber.Integer); err != nil {
		return 0, 0
	}
	tag, content, err := msg.Next()
	if err != nil {
		return 0, 0
	}
	op = protocol.Op(tag)
	switch op {
	case protocol.OpAbandonRequest:
		if n, err := ber.ParseInt(content); err == nil && n > 0 && n < 1<<31 {
			return op, int32(n)
		}
	case protocol.OpExtendedRequest:
		inner := ber.NewReader(content, 4)
		tag, oid, err := inner.Next()
		if err != nil || tag != ber.Context(0) || string(oid) != protocol.OIDCancel {
			return op, 0
		}
		if tag, value, err := inner.Next(); err == nil && tag == ber.Context(1) {
			if n, err := protocol.DecodeCancel(value); err == nil {
				return op, n
			}
		}
	}
	return op, 0
}

// verdictAhead says whether the requests that lie in the buffer already abandon or cancel a search: a phone that types
// ahead sends the next letter's search and the last one's Abandon together. What was found quiet for one search is not
// looked at again for the next, so that pipelined requests cost their number and not its square.
func (c *conn) verdictAhead(id int32) error {
	s := scanner{limit: c.messageLimit(), pending: c.options.MaxPending}
	from := max(c.from, c.quiet)
	_, verdict := s.scan(c.in[from:c.to], id)
	c.quiet = from + s.quiet
	return verdict
}
