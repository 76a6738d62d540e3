package ldapserver

import (
	"time"

	"ringdex/ldapserver/ber"
	"ringdex/ldapserver/protocol"
)

// repeater is a Session that remembers answers. Repeat answers a search whose octets, as protocol.PeekSearch returns them, are those of
// one that it has answered before; the error is that one's. It is not asked where more than the octets decides whether a search is
// answered at all.
type repeater interface {
	Repeat(octets []byte, w *ResultWriter) (ok bool, err error)
}

// repeat answers a search without decoding it, if the session remembers an answer: what was asked for before has been found well-formed,
// within the limits and admissible then. It keeps to what does not depend on the connection's state.
func (c *conn) repeat(pdu []byte, begin time.Time) (ok bool) {
	r, ok := c.session.(repeater)
	if !ok || c.from < c.to || c.options.Queries != nil || c.version2 || c.listener.Mode == StartTLSRequired && !c.info.TLS {
		return false
	}
	id, octets, ok := protocol.PeekSearch(pdu)
	if !ok {
		return false
	}
	c.writer.begin(id, 0)
	ok, err := r.Repeat(octets, &c.writer)
	if ok {
		c.observe(protocol.OpSearchRequest, c.done(err), c.writer.entries, begin)
	}
	return ok
}

// AppendAnswer appends the entries of this search, as far as nothing of it was sent yet, in the form that Replay takes; ok
// is false where some was.
func (w *ResultWriter) AppendAnswer(dst []byte) (answer []byte, ok bool) {
	if w.sent || w.err != nil {
		return dst, false
	}
	for rest := w.conn.out[w.mark:]; len(rest) > 0; {
		message, after, ok := element(rest)
		if !ok {
			return dst, false
		}
		rest = after
		_, op, ok := element(message) // the message id
		if !ok {
			return dst, false
		}
		dst = append(dst, op...)
	}
	return dst, true
}

// Replay sends entries that AppendAnswer has collected from an equal search. It never waits for the client.
func (w *ResultWriter) Replay(answer []byte) {
	id := ber.AppendInt(w.idOctets[:0], ber.Integer, int64(w.id))
	out := w.conn.out
	for len(answer) > 0 {
		_, after, ok := element(answer)
		if !ok {
			break // AppendAnswer makes whole elements only
		}
		op := answer[:len(answer)-len(after)]
		answer = after
		out = ber.AppendHeader(out, ber.Sequence, len(id)+len(op))
		out = append(append(out, id...), op...)
		w.entries++
	}
	w.conn.out = out
}

// element splits the content of the first element off.
func element(b []byte) (content, rest []byte, ok bool) {
	r := ber.NewReader(b, 1)
	_, content, err := r.Next()
	return content, r.Rest(), err == nil
}
