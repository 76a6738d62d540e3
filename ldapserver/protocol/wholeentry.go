package protocol

import (
	"slices"

	"ringdex/ldapserver/ber"
)

// EntryValue is a value of an entry that is sent as a whole. Values of one attribute follow each other.
type EntryValue struct {
	Attribute int    // tells the attributes of an entry apart
	Name      []byte // the description as AppendAttributeName encodes it
	Text      []byte

	set int // octets of all values of the attribute, at its first one
}

// AppendAttributeName appends an attribute's description as EntryValue has it.
func AppendAttributeName(dst []byte, name string) []byte {
	return ber.AppendString(dst, ber.OctetString, name)
}

// AppendEntry appends a SearchResultEntry (RFC 4511, 4.5.2) whose values are all known, as EntryEncoder does piece by piece. All lengths are
// worked out before the first octet is written. It uses the values' own memory for that.
func AppendEntry(dst []byte, id int32, dn []byte, values []EntryValue) []byte {
	list := 0
	for i := 0; i < len(values); {
		first := &values[i]
		first.set = 0
		for ; i < len(values) && values[i].Attribute == first.Attribute; i++ {
			first.set += ber.ElementSize(len(values[i].Text))
		}
		list += ber.ElementSize(len(first.Name) + ber.ElementSize(first.set))
	}
	operation := ber.ElementSize(len(dn)) + ber.ElementSize(list)
	message := ber.IntSize(int64(id)) + ber.ElementSize(operation)
	dst = slices.Grow(dst, ber.ElementSize(message))
	dst = ber.AppendHeader(dst, ber.Sequence, message)
	dst = ber.AppendInt(dst, ber.Integer, int64(id))
	dst = ber.AppendHeader(dst, ber.Tag(OpSearchResultEntry), operation)
	dst = ber.AppendBytes(dst, ber.OctetString, dn)
	dst = ber.AppendHeader(dst, ber.Sequence, list)
	for i := 0; i < len(values); {
		first := &values[i]
		dst = ber.AppendHeader(dst, ber.Sequence, len(first.Name)+ber.ElementSize(first.set))
		dst = append(dst, first.Name...)
		dst = ber.AppendHeader(dst, ber.Set, first.set)
		for ; i < len(values) && values[i].Attribute == first.Attribute; i++ {
			dst = ber.AppendBytes(dst, ber.OctetString, values[i].Text)
		}
	}
	return dst
}
