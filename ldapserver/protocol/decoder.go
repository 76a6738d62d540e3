package protocol

import (
	"errors"
	"math"

	"ringdex/ldapserver/ber"
)

// Decoder decodes requests into memory that it owns and reuses: in steady state it allocates nothing. Not for concurrent use.
type Decoder struct {
	Limits Limits

	msg      Message
	bind     BindRequest
	search   SearchRequest
	compare  CompareRequest
	abandon  AbandonRequest
	extended ExtendedRequest
	write    WriteRequest

	filters    filterArena
	attributes [][]byte
	controls   []Control
}

// keep is how many elements of each kind a Decoder keeps room for between messages: enough for the largest request of an ordinary
// client (Evolution: 56 terms), little enough for thousands of idle connections.
const keep = 64

// levels that a message needs beside its filter, which counts its own: message, operation, a list in it, an element of that.
const messageDepth = 4

// tagControls is controls [0] of an LDAPMessage.
const tagControls = ber.Tag(0xa0)

var (
	errMessageID = errors.New("message id is not between 1 and 2147483647")
	errRequest   = errors.New("operation is no request")
)

// Decode reads one whole PDU. The error is an *EnvelopeError (send a Notice of Disconnection and close, RFC 4511, 4.1.1) or an
// *Error: then the message has its ID and Op set, and that operation is to be answered with the error, if it has an answer at all
// (Op.Response). The message is nil with an *EnvelopeError. Controls of unbind and abandon are ignored (RFC 4511, 4.1.11).
func (d *Decoder) Decode(pdu []byte) (*Message, error) {
	d.reset()
	outer := ber.NewReader(pdu, messageDepth)
	m, err := outer.Enter(ber.Sequence)
	if err == nil {
		err = outer.End()
	}
	if err != nil {
		return nil, &EnvelopeError{err}
	}
	id, err := m.Int(ber.Integer)
	if err != nil {
		return nil, &EnvelopeError{err}
	}
	// RFC 4511, 4.1.1.1: 0 is for unsolicited notifications, which only servers send.
	if id <= 0 || id > math.MaxInt32 {
		return nil, &EnvelopeError{errMessageID}
	}
	d.search.Octets = m.Rest()
	tag, content, err := m.Next()
	if err != nil {
		return nil, &EnvelopeError{err}
	}
	d.msg.ID, d.msg.Op = int32(id), Op(tag)
	err = d.request(content, m)
	if err == nil {
		return &d.msg, nil
	}
	return d.failed(err)
}

// PeekSearch looks at a whole PDU and no further than where a search's operation begins: octets are SearchRequest.Octets of what Decode would
// return, if the rest is well-formed. ok is false for everything that is not plainly a search.
func PeekSearch(pdu []byte) (id int32, octets []byte, ok bool) {
	outer := ber.NewReader(pdu, messageDepth)
	m, err := outer.Enter(ber.Sequence)
	if err != nil || !outer.Empty() {
		return 0, nil, false
	}
	n, err := m.Int(ber.Integer)
	if err != nil || n <= 0 || n > math.MaxInt32 || m.Peek() != ber.Tag(OpSearchRequest) {
		return 0, nil, false
	}
	return int32(n), m.Rest(), true
}

// request decodes the operation's content and the components that follow it in rest.
func (d *Decoder) request(content []byte, rest ber.Reader) error {
	r := ber.NewReader(content, messageDepth-1)
	var err error
	switch d.msg.Op {
	case OpSearchRequest:
		err = d.decodeSearch(r)
	case OpBindRequest:
		err = d.decodeBind(r)
	case OpUnbindRequest:
		return rest.Skip()
	case OpAbandonRequest:
		if err := d.decodeAbandon(content); err != nil {
			return err
		}
		return rest.Skip()
	case OpExtendedRequest:
		err = d.decodeExtended(r)
	case OpCompareRequest:
		err = d.decodeCompare(r)
	case OpDelRequest:
		// RFC 4511, 4.8: the operation's content is the DN itself.
		err = d.decodeWrite(content)
	case OpAddRequest, OpModifyRequest, OpModifyDNRequest:
		// RFC 4511, 4.6, 4.7 and 4.9: all begin with the DN.
		var dn []byte
		if dn, err = r.Content(ber.OctetString); err == nil {
			err = d.decodeWrite(dn)
		}
	default:
		return &EnvelopeError{errRequest}
	}
	if err != nil {
		return err
	}
	if rest.Empty() {
		return nil
	}
	return d.decodeControls(rest)
}

// failed sorts an error by what is to be done about it (RFC 4511, 4.1.1).
func (d *Decoder) failed(err error) (*Message, error) {
	if ber.IsMalformed(err) {
		return nil, &EnvelopeError{err}
	}
	switch e := err.(type) {
	case *EnvelopeError:
		return nil, e
	case *Error:
		return &d.msg, e
	}
	return &d.msg, protocolError(d.msg.Op.String() + ": " + err.Error())
}

func (d *Decoder) reset() {
	d.msg = Message{}
	d.filters.reset()
	if cap(d.attributes) > keep {
		d.attributes = nil
	}
	if cap(d.controls) > keep {
		d.controls = nil
	}
	d.attributes, d.controls = d.attributes[:0], d.controls[:0]
}

// decodeControls reads controls [0] and what may follow it (RFC 4511, 4.1.11).
func (d *Decoder) decodeControls(rest ber.Reader) error {
	if rest.Peek() == tagControls {
		list, err := rest.Enter(tagControls)
		if err != nil {
			return err
		}
		if d.controls, err = appendControls(d.controls, list, d.Limits.controls()); err != nil {
			return err
		}
		if len(d.controls) > 0 {
			d.msg.Controls = d.controls
		}
	}
	for !rest.Empty() {
		tag, _, err := rest.Next()
		if err != nil {
			return err
		}
		// A critical control must not get lost behind something that is ignored.
		if tag == tagControls {
			return protocolError("controls are not the component behind the operation")
		}
	}
	return nil
}

// appendControls reads a list of controls. A type that comes twice is refused: no specification says what it would mean
// (RFC 4511, 4.1.11).
func appendControls(dst []Control, list ber.Reader, max int) ([]Control, error) {
	for !list.Empty() {
		if len(dst) >= max {
			return dst, limitError("too many controls")
		}
		r, err := list.Enter(ber.Sequence)
		if err != nil {
			return dst, err
		}
		var c Control
		if c.OID, err = r.Content(ber.OctetString); err != nil {
			return dst, err
		}
		if len(c.OID) == 0 {
			return dst, protocolError("control without a type")
		}
		if r.Peek() == ber.Boolean {
			if c.Critical, err = r.Bool(ber.Boolean); err != nil {
				return dst, err
			}
		}
		if r.Peek() == ber.OctetString {
			if c.Value, err = r.Content(ber.OctetString); err != nil {
				return dst, err
			}
			c.HasValue = true
		}
		if err := r.Skip(); err != nil {
			return dst, err
		}
		for i := range dst {
			if string(dst[i].OID) == string(c.OID) {
				return dst, protocolError("control " + printable(c.OID) + " is there twice")
			}
		}
		dst = append(dst, c)
	}
	return dst, nil
}
