package directory

import (
	"bytes"
	"unicode"

	"ringdex/ldapserver/protocol"
	"ringdex/schema/phone"
)

// digits prepares number substrings. The beginning may be written in any way a number may (07031…, 0049…, +49…), so it
// has the same readings as a whole number, and its bare digits; the end may carry a trunk 0 that the stored number
// does not have. Signs between digits don't count (RFC 4517, 4.2.30), so a part of nothing else is as if absent; one
// with letters is in no number.
//
// A single part that is an emergency or service number is whole: who is called by it isn't whoever has a number with the
// same digits in it. Snom asks for callers by the beginning, Linphone by a part, FreePBX by the end. So is an end of fewer
// digits than a number has: nobody types one, and of a caller it is the whole number.
func (c *compiler) digits(out *condition, f *protocol.Filter) {
	if part, end := singlePart(f); part != nil {
		if d, ok := digitsOf(part); ok && len(d) > 0 && len(d) <= serviceDigits {
			at := len(c.candidates)
			c.candidates, c.scratch = c.parser.AppendCandidates(c.candidates, c.scratch, part)
			if keys := c.candidates[at:]; len(keys) == 1 && keys[0].Rule == phone.RuleShort || end && len(d) < wholeEnd {
				out.how, out.keys = matchNumber, c.candidates[at:len(c.candidates):len(c.candidates)]
				return
			}
			c.candidates = c.candidates[:at]
		}
	}
	if d, ok := digitsOf(f.Initial); !ok {
		out.how = matchNothing
		return
	} else if len(d) > 0 {
		at, from := len(c.candidates), len(c.parts)
		c.candidates, c.scratch = c.parser.AppendBeginnings(c.candidates, c.scratch, f.Initial)
		for _, k := range c.candidates[at:] {
			c.parts = append(c.parts, k.Key)
		}
		if !containsBytes(c.parts[from:], d) {
			c.parts = append(c.parts, d)
		}
		out.initial = c.take(from)
	}
	from := len(c.parts)
	for _, part := range f.Any {
		d, ok := digitsOf(part)
		if !ok {
			out.how = matchNothing
			return
		}
		if len(d) == 0 {
			continue
		}
		if len(out.initial) == 0 && len(c.parts) == from {
			d = trunkless(d)
		}
		c.parts = append(c.parts, d)
	}
	out.inner = c.take(from)
	from = len(c.parts)
	if d, ok := digitsOf(f.Final); !ok {
		out.how = matchNothing
		return
	} else if len(d) > 0 {
		c.parts = append(c.parts, d)
		if t := trunkless(d); len(t) < len(d) && len(out.initial) == 0 && len(out.inner) == 0 {
			c.parts = append(c.parts, t)
		}
		out.final = c.take(from)
	}
	if len(out.initial)+len(out.inner)+len(out.final) == 0 {
		out.how = matchPresent // (telephoneNumber=+*) and the like
	}
}

// serviceDigits is how many digits a service number has at most, with what is dialled before it.
const serviceDigits = 8

// wholeEnd is how many digits the end of a number has at least, to be looked for as an end.
const wholeEnd = 6

// singlePart is the one part of a substring filter, nil if it has several, and whether it is the end.
func singlePart(f *protocol.Filter) (part []byte, end bool) {
	switch {
	case len(f.Any) == 0 && len(f.Final) == 0:
		return f.Initial, false
	case len(f.Initial) == 0 && len(f.Any) == 0:
		return f.Final, true
	case len(f.Initial) == 0 && len(f.Final) == 0 && len(f.Any) == 1:
		return f.Any[0], false
	}
	return nil, false
}

// take is what was appended to the parts since from.
func (c *compiler) take(from int) [][]byte { return c.parts[from:len(c.parts):len(c.parts)] }

// trunkless cuts leading zeros off digits that stay long enough to mean something without them.
func trunkless(d []byte) []byte {
	const enough = 5
	t := bytes.TrimLeft(d, "0")
	if len(t) < enough {
		return d
	}
	return t
}

// digitsOf is the digits of a part of a number. ok is false if there is a letter in it.
func digitsOf(b []byte) (digits []byte, ok bool) {
	plain := true
	for _, c := range b {
		plain = plain && '0' <= c && c <= '9'
	}
	if plain {
		return b, true
	}
	if bytes.IndexFunc(b, unicode.IsLetter) >= 0 {
		return nil, false
	}
	return []byte(phone.Digits(string(b))), true
}

func containsBytes(list [][]byte, b []byte) bool {
	for _, e := range list {
		if bytes.Equal(e, b) {
			return true
		}
	}
	return false
}
