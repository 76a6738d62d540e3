package protocol

import (
	"slices"

	"ringdex/ldapserver/ber"
)

// EntryEncoder appends SearchResultEntry messages (RFC 4511, 4.5.2) piece by piece and patches the lengths in afterwards. The order of
// calls: BeginEntry, then for each attribute BeginAttribute, AppendValue…, EndAttribute or CancelAttribute (or one AppendAttribute,
// or one AppendEncoded), then EndEntry or CancelEntry. The zero value is ready; it is reused for any number of entries, not
// concurrently. Nothing is allocated but for the growth of the buffer.
type EntryEncoder struct {
	buf []byte
	// Offsets into buf: of the message, its operation, the entry's DN, the list of attributes, the attribute begun and its set.
	start, op, dn, list int
	attribute, set      int
	count               int
}

// BeginEntry starts an entry behind dst, which belongs to the encoder until EndEntry or CancelEntry.
func (e *EntryEncoder) BeginEntry(dst []byte, id int32, dn []byte) {
	e.start = len(dst)
	dst = append(dst, byte(ber.Sequence), 0)
	dst = ber.AppendInt(dst, ber.Integer, int64(id))
	e.op = len(dst)
	dst = append(dst, byte(OpSearchResultEntry), 0)
	e.dn = len(dst)
	dst = ber.AppendBytes(dst, ber.OctetString, dn)
	e.list = len(dst)
	e.buf = append(dst, byte(ber.Sequence), 0)
	e.count = 0
}

// BeginAttribute starts an attribute; name as it is to be shown, options included.
func (e *EntryEncoder) BeginAttribute(name string) {
	e.attribute = len(e.buf)
	buf := append(e.buf, byte(ber.Sequence), 0)
	buf = ber.AppendString(buf, ber.OctetString, name)
	buf = append(buf, byte(ber.Set), 0)
	e.set = len(buf)
	e.buf = buf
}

// AppendValue adds a value to the attribute begun.
func (e *EntryEncoder) AppendValue(v []byte) {
	e.buf = ber.AppendBytes(e.buf, ber.OctetString, v)
}

// AppendValueString adds a value to the attribute begun.
func (e *EntryEncoder) AppendValueString(v string) {
	e.buf = ber.AppendString(e.buf, ber.OctetString, v)
}

// EndAttribute ends the attribute begun; without values it is what typesOnly asks for (RFC 4511, 4.5.1.6).
func (e *EntryEncoder) EndAttribute() {
	e.buf = ber.End(ber.End(e.buf, e.set), e.attribute+2)
	e.count++
}

// CancelAttribute takes the attribute begun back.
func (e *EntryEncoder) CancelAttribute() { e.buf = e.buf[:e.attribute] }

// AppendAttribute adds a whole attribute of one value.
func (e *EntryEncoder) AppendAttribute(name string, value []byte) {
	e.buf = appendAttributeHeader(e.buf, name, ber.ElementSize(len(value)))
	e.buf = ber.AppendBytes(e.buf, ber.OctetString, value)
	e.count++
}

// AppendEncoded adds one attribute that is encoded already, as AppendPartialAttribute does it.
func (e *EntryEncoder) AppendEncoded(attribute []byte) {
	e.buf = append(e.buf, attribute...)
	e.count++
}

// Attributes is the number of the entry's attributes so far, the one begun not counted.
func (e *EntryEncoder) Attributes() int { return e.count }

// Len is the length of the buffer so far, dst included.
func (e *EntryEncoder) Len() int { return len(e.buf) }

// EndEntry completes the message and gives the buffer back. The lengths of message, operation and attribute list had one octet
// reserved each; where they need more, everything behind them moves once.
func (e *EntryEncoder) EndEntry(controls []Control) []byte {
	attributes := len(e.buf) - (e.list + 2)
	e.buf = AppendControls(e.buf, controls)
	end := len(e.buf)

	moreList := ber.LengthSize(attributes) - 1
	operation := e.list - e.dn + 2 + moreList + attributes
	moreOp := ber.LengthSize(operation) - 1
	message := e.op - (e.start + 2) + 2 + moreOp + operation + (end - (e.list + 2 + attributes))
	moreMessage := ber.LengthSize(message) - 1

	buf := e.buf
	if more := moreMessage + moreOp + moreList; more > 0 {
		buf = slices.Grow(buf, more)[:end+more]
		copy(buf[e.list+2+more:], buf[e.list+2:end])
		copy(buf[e.dn+moreMessage+moreOp:], buf[e.dn:e.list])
		copy(buf[e.start+2+moreMessage:], buf[e.start+2:e.op])
	}
	ber.PutLength(buf[e.start+1:], message)
	at := e.op + moreMessage
	buf[at] = byte(OpSearchResultEntry)
	ber.PutLength(buf[at+1:], operation)
	at = e.list + moreMessage + moreOp
	buf[at] = byte(ber.Sequence)
	ber.PutLength(buf[at+1:], attributes)
	e.buf = nil
	return buf
}

// CancelEntry gives dst back as it was, though it may have moved.
func (e *EntryEncoder) CancelEntry() []byte {
	buf := e.buf[:e.start]
	e.buf = nil
	return buf
}

// AppendPartialAttribute appends an encoded PartialAttribute (RFC 4511, 4.1.7), to be stored and answered by
// EntryEncoder.AppendEncoded.
func AppendPartialAttribute(dst []byte, name string, values ...[]byte) []byte {
	set := 0
	for _, v := range values {
		set += ber.ElementSize(len(v))
	}
	dst = appendAttributeHeader(dst, name, set)
	for _, v := range values {
		dst = ber.AppendBytes(dst, ber.OctetString, v)
	}
	return dst
}

// appendAttributeHeader appends a PartialAttribute up to its values, which take set octets.
func appendAttributeHeader(dst []byte, name string, set int) []byte {
	dst = ber.AppendHeader(dst, ber.Sequence, ber.ElementSize(len(name))+ber.ElementSize(set))
	dst = ber.AppendString(dst, ber.OctetString, name)
	return ber.AppendHeader(dst, ber.Set, set)
}
