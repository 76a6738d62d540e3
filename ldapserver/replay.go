package ldapserver

import "ringdex/ldapserver/ber"

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
