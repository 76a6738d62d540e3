package directory

import (
	"bytes"
	"slices"

	"ringdex/ldapserver/protocol"
	"ringdex/schema"
	"ringdex/schema/name"
)

// oneFilter says whether the view's telephones ask for callers by the filter that they have for names. v may be nil.
func (v *view) oneFilter() bool { return v != nil && v.profile.Digits == DigitsNumbers }

// compile prepares the terms that a profile reads in its own way. It says whether f is one.
func (v *view) compile(c *compiler, out *condition, f *protocol.Filter) bool {
	if out.computed != notComputed || !isName(out.attribute) {
		return false
	}
	switch v.profile.Digits {
	case DigitsT9:
		return v.compileKeys(out, f)
	case DigitsNumbers:
		if v.digitsIn(f) != nil {
			v.compileDigits(c, out, f)
			return true
		}
	}
	return v.compileName(out, f)
}

// compileKeys prepares an assertion of digits on a name so that it matches what the keys spell, too.
func (v *view) compileKeys(out *condition, f *protocol.Filter) bool {
	named := v.compileName(out, f)
	if f.Kind != protocol.Equality && f.Kind != protocol.Approx && f.Kind != protocol.Substrings {
		return named
	}
	parts := append([][]byte{f.Value, f.Initial, f.Final}, f.Any...)
	if slices.ContainsFunc(parts, func(part []byte) bool { return bytes.ContainsFunc(part, isNoKey) }) {
		return named
	}
	switch {
	case named:
	case f.Kind == protocol.Substrings:
		out.pattern = name.NewPattern(f.Initial, f.Any, f.Final)
	case out.attribute.Virtual == schema.AnyName:
		out.pattern = name.NewPattern(f.Value, nil, nil)
	default:
		out.pattern = name.NewEquality(f.Value)
	}
	out.how = matchName
	out.pattern.AcceptKeys(parts...)
	return true
}

func isNoKey(r rune) bool { return (r < '0' || r > '9') && r != ' ' }

// compileName prepares an equality assertion on a name that the profile takes for a beginning or a part.
func (v *view) compileName(out *condition, f *protocol.Filter) bool {
	if f.Kind != protocol.Equality && f.Kind != protocol.Approx || len(f.Value) == 0 {
		return false
	}
	switch v.profile.Names {
	case NamesBegin:
		out.how, out.pattern = matchName, name.NewPattern(f.Value, nil, nil)
	case NamesContains:
		out.how, out.pattern = matchName, name.NewPattern(nil, [][]byte{f.Value}, nil)
	default:
		return false
	}
	return true
}

// digitsIn is the value of an assertion that is made of digits only; nil if it is not.
func (v *view) digitsIn(f *protocol.Filter) []byte {
	var parts [][]byte
	switch f.Kind {
	case protocol.Equality, protocol.Approx:
		parts = [][]byte{f.Value}
	case protocol.Substrings:
		parts = append(append([][]byte{f.Initial}, f.Any...), f.Final)
	default:
		return nil
	}
	var digits []byte
	for _, part := range parts {
		if len(part) == 0 {
			continue
		}
		if !isDialled(part) || digits != nil {
			return nil
		}
		digits = part
	}
	return digits
}

// compileDigits makes a term on a name one on the name or on a number.
func (v *view) compileDigits(c *compiler, out *condition, f *protocol.Filter) {
	either := make([]condition, 2)
	either[0] = *out
	if !v.compileName(&either[0], f) {
		c.assert(&either[0], f)
	}
	number := *f
	number.Attribute = []byte("searchNumber")
	c.term(&either[1], &number)
	*out = condition{kind: protocol.Or, children: either}
}
