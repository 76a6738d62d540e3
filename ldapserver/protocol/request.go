package protocol

import (
	"math"

	"ringdex/ldapserver/ber"
)

// Tags of the authentication choice (RFC 4511, 4.2) and of an extended request (RFC 4511, 4.12).
const (
	tagSimple       = ber.Tag(0x80)
	tagSASL         = ber.Tag(0xa3)
	tagRequestName  = ber.Tag(0x80)
	tagRequestValue = ber.Tag(0x81)
)

func (d *Decoder) decodeBind(r ber.Reader) error {
	d.bind = BindRequest{}
	version, err := r.Int(ber.Integer)
	if err != nil {
		return err
	}
	if version < 1 || version > 127 {
		return protocolError("bind: version is not between 1 and 127")
	}
	d.bind.Version = int(version)
	if d.bind.Name, err = r.Content(ber.OctetString); err != nil {
		return err
	}
	if len(d.bind.Name) > d.Limits.dn() {
		return limitError("bind: name is too long")
	}
	switch r.Peek() {
	case tagSimple:
		if d.bind.Simple, err = r.Content(tagSimple); err != nil {
			return err
		}
	case tagSASL:
		sasl, err := r.Enter(tagSASL)
		if err != nil {
			return err
		}
		d.bind.SASL = true
		if d.bind.Mechanism, err = sasl.Content(ber.OctetString); err != nil {
			return err
		}
		if sasl.Peek() == ber.OctetString {
			if d.bind.Credentials, err = sasl.Content(ber.OctetString); err != nil {
				return err
			}
		}
		if err := sasl.Skip(); err != nil {
			return err
		}
	default:
		// RFC 4511, 4.2: the choice is extensible, and unknown methods are answered authMethodNotSupported. The old Kerberos ones of
		// LDAPv2, [1] and [2], are among them.
		if _, _, err := r.Next(); err != nil {
			return err
		}
		d.bind.OtherMethod = true
	}
	d.msg.Bind = &d.bind
	return r.Skip()
}

func (d *Decoder) decodeSearch(r ber.Reader) error {
	s := &d.search
	var err error
	if s.Base, err = r.Content(ber.OctetString); err != nil {
		return err
	}
	if len(s.Base) > d.Limits.dn() {
		return limitError("search: base is too long")
	}
	scope, err := r.Int(ber.Enumerated)
	if err != nil {
		return err
	}
	deref, err := r.Int(ber.Enumerated)
	if err != nil {
		return err
	}
	size, err := r.Int(ber.Integer)
	if err != nil {
		return err
	}
	time, err := r.Int(ber.Integer)
	if err != nil {
		return err
	}
	switch {
	case scope < 0 || scope > int64(WholeSubtree):
		return protocolError("search: scope is not 0, 1 or 2")
	case deref < 0 || deref > int64(DerefAlways):
		return protocolError("search: derefAliases is not between 0 and 3")
	case size < 0 || size > math.MaxInt32:
		return protocolError("search: sizeLimit is not between 0 and 2147483647")
	case time < 0 || time > math.MaxInt32:
		return protocolError("search: timeLimit is not between 0 and 2147483647")
	}
	s.Scope, s.Deref, s.SizeLimit, s.TimeLimit = Scope(scope), Deref(deref), int(size), int(time)
	if s.TypesOnly, err = r.Bool(ber.Boolean); err != nil {
		return err
	}
	if s.Filter, err = d.filters.decode(&r, d.Limits); err != nil {
		return err
	}
	list, err := r.Enter(ber.Sequence)
	if err != nil {
		return err
	}
	for max := d.Limits.attributes(); !list.Empty(); {
		if len(d.attributes) >= max {
			return limitError("search: too many attributes")
		}
		name, err := list.Content(ber.OctetString)
		if err != nil {
			return err
		}
		d.attributes = append(d.attributes, name)
	}
	s.Attributes = d.attributes
	d.msg.Search = s
	return r.Skip()
}

func (d *Decoder) decodeCompare(r ber.Reader) error {
	c := &d.compare
	var err error
	if c.DN, err = r.Content(ber.OctetString); err != nil {
		return err
	}
	if len(c.DN) > d.Limits.dn() {
		return limitError("compare: entry is too long a DN")
	}
	ava, err := r.Enter(ber.Sequence)
	if err != nil {
		return err
	}
	if c.Attribute, err = ava.Content(ber.OctetString); err != nil {
		return err
	}
	if c.Value, err = ava.Content(ber.OctetString); err != nil {
		return err
	}
	if err := ava.Skip(); err != nil {
		return err
	}
	d.msg.Compare = c
	return r.Skip()
}

// decodeAbandon reads the id in the operation's content. An id out of range names no operation: it becomes 0, which is none either
// (RFC 4511, 4.11: unknown ids are ignored).
func (d *Decoder) decodeAbandon(content []byte) error {
	id, err := ber.ParseInt(content)
	if err != nil {
		return err
	}
	if id < 0 || id > math.MaxInt32 {
		id = 0
	}
	d.abandon.ID = int32(id)
	d.msg.Abandon = &d.abandon
	return nil
}

func (d *Decoder) decodeExtended(r ber.Reader) error {
	d.extended = ExtendedRequest{}
	var err error
	if d.extended.OID, err = r.Content(tagRequestName); err != nil {
		return err
	}
	if r.Peek() == tagRequestValue {
		if d.extended.Value, err = r.Content(tagRequestValue); err != nil {
			return err
		}
		d.extended.HasValue = true
	}
	d.msg.Extended = &d.extended
	return r.Skip()
}

func (d *Decoder) decodeWrite(dn []byte) error {
	if len(dn) > d.Limits.dn() {
		return limitError("entry is too long a DN")
	}
	d.write.DN = dn
	d.msg.Write = &d.write
	return nil
}

// DecodeCancel reads the value of a Cancel request (RFC 3909, 2.1): the id of the message to cancel.
func DecodeCancel(value []byte) (int32, error) {
	outer := ber.NewReader(value, 1)
	r, err := outer.Enter(ber.Sequence)
	if err != nil {
		return 0, valueError("cancel", err)
	}
	id, err := r.Int(ber.Integer)
	if err == nil && (id < 0 || id > math.MaxInt32) {
		err = ber.ErrValue
	}
	if err == nil {
		err = r.Skip()
	}
	if err == nil {
		err = outer.End()
	}
	if err != nil {
		return 0, valueError("cancel", err)
	}
	return int32(id), nil
}

// AppendCancel appends the value of a Cancel request.
func AppendCancel(dst []byte, id int32) []byte {
	dst, mark := ber.Begin(dst, ber.Sequence)
	return ber.End(ber.AppendInt(dst, ber.Integer, int64(id)), mark)
}
