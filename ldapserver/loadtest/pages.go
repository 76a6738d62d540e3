package main

import (
	"bytes"
	"net"

	"ringdex/ldapserver/ber"
	"ringdex/ldapserver/protocol"
)

// cookieIn is the cookie of the next page that the controls behind a result carry; nil if there is none. op begins with
// the result's operation and runs to the message's end.
func cookieIn(op []byte) []byte {
	r := ber.NewReader(op, 8)
	if _, _, err := r.Next(); err != nil || r.Empty() {
		return nil
	}
	controls, err := r.Enter(ber.Tag(0xa0))
	for err == nil && !controls.Empty() {
		var control ber.Reader
		if control, err = controls.Enter(ber.Sequence); err != nil {
			return nil
		}
		oid, err := control.Content(ber.OctetString)
		if err != nil || string(oid) != protocol.OIDPagedResults {
			continue
		}
		for !control.Empty() {
			tag, value, err := control.Next()
			if err != nil || tag != ber.OctetString {
				continue
			}
			in := ber.NewReader(value, 4)
			list, err := in.Enter(ber.Sequence)
			if err != nil {
				return nil
			}
			if _, err := list.Int(ber.Integer); err != nil {
				return nil
			}
			cookie, _ := list.Content(ber.OctetString)
			return cookie
		}
	}
	return nil
}

// withCookie is a message with the cookie of the next page in its control, the last of the message.
func withCookie(message, cookie []byte) []byte {
	r := ber.NewReader(message, 8)
	_, body, err := r.Next()
	if err != nil {
		return message
	}
	// id and operation stay as they are
	in := ber.NewReader(body, 8)
	for range 2 {
		if _, _, err := in.Next(); err != nil {
			return message
		}
	}
	head := body[:len(body)-len(in.Rest())]
	var value, control, controls, out []byte
	value = ber.AppendInt(nil, ber.Integer, pageSize)
	value = ber.AppendBytes(value, ber.OctetString, cookie)
	control = ber.AppendString(nil, ber.OctetString, protocol.OIDPagedResults)
	control = ber.AppendBytes(control, ber.OctetString, ber.AppendBytes(nil, ber.Sequence, value))
	controls = ber.AppendBytes(nil, ber.Sequence, control)
	controls = ber.AppendBytes(nil, ber.Tag(0xa0), controls)
	out = ber.AppendHeader(nil, ber.Sequence, len(head)+len(controls))
	return append(append(out, head...), controls...)
}

// pageSize is how many entries a page has.
const pageSize = 500

// allPages asks for page after page. What it returns is the sum.
func (l *load) allPages(c net.Conn, first []byte, buf *[]byte) (answer, error) {
	sum, err := l.roundTrip(c, first, buf)
	for message := first; err == nil && sum.code == 0 && len(sum.cookie) > 0; {
		message = withCookie(message, bytes.Clone(sum.cookie))
		var a answer
		a, err = l.roundTrip(c, message, buf)
		sum.entries += a.entries
		sum.code, sum.cookie = a.code, a.cookie
	}
	return sum, err
}
