package directory

import (
	"bytes"
	"strings"

	"ringdex/ldapserver/protocol"
	"ringdex/replicator/store"
	"ringdex/schema/phone"
)

// askedNumber is the number that a search asks for, for answers that echo it and for the one number of an attribute.
type askedNumber struct {
	text []byte            // as the filter has it; nil if it asks for no whole number
	keys []phone.Candidate // its readings
	room []byte
}

// find takes the first whole number out of a filter: an equality, or a substrings assertion of one part (Linphone asks for
// *04012345678*).
func (a *askedNumber) find(s *Session, f *protocol.Filter) {
	a.text, a.keys = nil, a.keys[:0]
	text := s.numberIn(f)
	if len(text) == 0 {
		return
	}
	a.text = text
	a.keys, a.room = s.compiler.parser.AppendCandidates(a.keys, a.room[:0], text)
}

func (s *Session) numberIn(f *protocol.Filter) []byte {
	switch f.Kind {
	case protocol.And, protocol.Or:
		for i := range f.Children {
			if text := s.numberIn(&f.Children[i]); text != nil {
				return text
			}
		}
		return nil
	case protocol.Equality, protocol.Approx, protocol.Substrings:
	default:
		return nil
	}
	t, ok := s.dir.attribute(f.Attribute)
	if !ok {
		return nil
	}
	text := f.Value
	if f.Kind == protocol.Substrings {
		parts := f.Any
		if len(f.Initial) > 0 {
			parts = append([][]byte{f.Initial}, parts...)
		}
		if len(f.Final) > 0 {
			parts = append(parts[:len(parts):len(parts)], f.Final)
		}
		if len(parts) != 1 {
			return nil
		}
		text = parts[0]
	}
	if isNumber(t) || s.view != nil && s.view.profile.Digits == DigitsNumbers && isName(t) && isDialled(text) {
		return text
	}
	return nil
}

// isDialled says whether a value is made of digits, with a "+" in front at most.
func isDialled(b []byte) bool {
	b = bytes.TrimPrefix(b, []byte("+"))
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}

// matches says whether a stored value is the number asked for.
func (a *askedNumber) matches(it *store.ValueIter) bool {
	for i := range it.Keys() {
		key := it.Key(i)
		for j := range a.keys {
			if bytes.Equal(key, a.keys[j].Key) {
				return true
			}
		}
	}
	return false
}

// appendNumber writes a stored number in the view's form. asked says that it is the number asked for.
func (v *view) appendNumber(dst, text []byte, asked []byte) []byte {
	if v.profile.Numbers == NumbersAsAsked && plainNumber(asked) {
		return append(dst, asked...)
	}
	if len(text) == 0 || text[0] != '+' {
		return append(dst, text...)
	}
	l := v.profile.Location
	switch v.profile.Numbers {
	case NumbersNational:
		return append(dst, phone.Format(phone.E164(text), phone.National, l)...)
	case NumbersInternational:
		return append(dst, phone.Format(phone.E164(text), phone.International, l)...)
	case NumbersInternational00:
		return append(append(dst, "00"...), text[1:]...)
	case NumbersDialable:
		return append(dst, phone.Format(phone.E164(text), phone.Dialable, l)...)
	case NumbersInternal:
		return append(dst, phone.Format(phone.E164(text), phone.Internal, l)...)
	}
	return append(dst, text...)
}

// plainNumber says whether a number that was asked for can stand in an answer: digits, and what people write between
// them. A SIP URI can't.
func plainNumber(b []byte) bool {
	return len(b) > 0 && strings.Trim(string(b), "0123456789+-/(). ") == "" && bytes.ContainsAny(b, "0123456789")
}
