package protocol

import "unicode/utf8"

// FilterKind is the choice that a filter is (RFC 4511, 4.5.1.7).
type FilterKind uint8

// The kinds, numbered as their context tags on the wire.
const (
	And            FilterKind = 0 // no children: absolute true (RFC 4526)
	Or             FilterKind = 1 // no children: absolute false (RFC 4526)
	Not            FilterKind = 2 // exactly one child
	Equality       FilterKind = 3
	Substrings     FilterKind = 4
	GreaterOrEqual FilterKind = 5
	LessOrEqual    FilterKind = 6
	Present        FilterKind = 7
	Approx         FilterKind = 8
	Extensible     FilterKind = 9
)

// String is the choice's name in RFC 4511, 4.5.1: "equalityMatch".
func (k FilterKind) String() string {
	switch k {
	case And:
		return "and"
	case Or:
		return "or"
	case Not:
		return "not"
	case Equality:
		return "equalityMatch"
	case Substrings:
		return "substrings"
	case GreaterOrEqual:
		return "greaterOrEqual"
	case LessOrEqual:
		return "lessOrEqual"
	case Present:
		return "present"
	case Approx:
		return "approxMatch"
	case Extensible:
		return "extensibleMatch"
	}
	return "unknown"
}

// Filter is one term, with its children in place. The slices are parts of the PDU.
type Filter struct {
	Kind         FilterKind
	DNAttributes bool   // Extensible: match against the DN's parts too
	Attribute    []byte // attribute description as sent; empty is possible, and names nothing
	Value        []byte // assertion value of Equality, GreaterOrEqual, LessOrEqual, Approx, Extensible
	Rule         []byte // Extensible: matching rule; empty where none was sent
	// Initial, Any and Final are the parts of Substrings; nil where absent, never empty otherwise. At least one is there.
	Initial  []byte
	Any      [][]byte
	Final    []byte
	Children []Filter // And, Or, Not
}

// String is the filter as RFC 4515 writes it. Beyond what the RFC demands it escapes control characters and whatever is no UTF-8, so
// that the result is one clean line.
func (f *Filter) String() string { return string(f.Append(nil)) }

// Append appends what String gives.
func (f *Filter) Append(dst []byte) []byte {
	dst = append(dst, '(')
	switch f.Kind {
	case And, Or, Not:
		dst = append(dst, "&|!"[f.Kind])
		for i := range f.Children {
			dst = f.Children[i].Append(dst)
		}
	case Equality:
		dst = f.appendItem(dst, "=")
	case GreaterOrEqual:
		dst = f.appendItem(dst, ">=")
	case LessOrEqual:
		dst = f.appendItem(dst, "<=")
	case Approx:
		dst = f.appendItem(dst, "~=")
	case Present:
		dst = append(appendFilterValue(dst, f.Attribute), "=*"...)
	case Substrings:
		dst = append(appendFilterValue(dst, f.Attribute), '=')
		dst = append(appendFilterValue(dst, f.Initial), '*')
		for _, part := range f.Any {
			dst = append(appendFilterValue(dst, part), '*')
		}
		dst = appendFilterValue(dst, f.Final)
	case Extensible:
		dst = appendFilterValue(dst, f.Attribute)
		if f.DNAttributes {
			dst = append(dst, ":dn"...)
		}
		if len(f.Rule) > 0 {
			dst = appendFilterValue(append(dst, ':'), f.Rule)
		}
		dst = appendFilterValue(append(dst, ":="...), f.Value)
	}
	return append(dst, ')')
}

func (f *Filter) appendItem(dst []byte, operator string) []byte {
	dst = append(appendFilterValue(dst, f.Attribute), operator...)
	return appendFilterValue(dst, f.Value)
}

// appendFilterValue escapes an assertion value by RFC 4515, 3.
func appendFilterValue(dst, v []byte) []byte {
	for i := 0; i < len(v); {
		c := v[i]
		switch {
		case c < ' ' || c == 0x7f || c == '*' || c == '(' || c == ')' || c == '\\':
			dst = appendHexEscape(dst, c)
			i++
		case c < utf8.RuneSelf:
			dst = append(dst, c)
			i++
		default:
			r, n := utf8.DecodeRune(v[i:])
			if r == utf8.RuneError && n == 1 {
				dst = appendHexEscape(dst, c)
			} else {
				dst = append(dst, v[i:i+n]...)
			}
			i += n
		}
	}
	return dst
}

const hexDigits = "0123456789abcdef"

func appendHexEscape(dst []byte, c byte) []byte {
	return append(dst, '\\', hexDigits[c>>4], hexDigits[c&0xf])
}
