package name

import (
	"bytes"
	"slices"
)

// maxWords is how many words of an assertion are matched in any order. A name has a handful; the bound keeps the
// work per value linear and the words in one machine word.
const maxWords = 64

// Pattern is an assertion on names: equality or substrings.
//
// A substrings assertion matches as RFC 4511, 4.5.1.7.2 has it when one of its readings fits one of the value's
// variants; white space and punctuation at the edge of a part stand for the edge of a word. When its end is open
// (no final part), it also matches when each of its words is a prefix of a word of the value, in any order: phones send
// "mei p" for Peter Meier. An equality assertion matches a variant, or one with the same words in another order.
//
// Parts of white space only are as if absent, so (cn=**) is a presence test. Parts of other punctuation only are
// compared as they are.
//
// Match uses buffers of the pattern, so one goroutine at a time may use it.
type Pattern struct {
	equality bool
	literals []part      // parts without a letter or digit, raw and trimmed
	readings []assertion // distinct folded readings of the other parts; none if there are no such parts
	words    [][]word    // per reading of apostrophes: the words to find in any order; none unless the end is open
	clauses  [][]Term
	buffer   []byte
}

// position of a part within an assertion.
type position uint8

const (
	initial position = iota
	inner
	final
	whole // equality
)

// part is a piece of the assertion with its place.
type part struct {
	at   position
	text []byte
}

// word is a word of the assertion in its distinct readings.
type word [][]byte

// assertion is one reading of the parts. Text is folded; a space at an end stands for the edge of a word.
type assertion []part

// NewPattern returns a substrings assertion. Empty parts are as if absent, so doubled wildcards do no harm. It keeps
// none of its arguments.
func NewPattern(first []byte, any [][]byte, last []byte) *Pattern {
	parts := make([]part, 0, len(any)+2)
	parts = append(parts, part{initial, first})
	for _, text := range any {
		parts = append(parts, part{inner, text})
	}
	return compile(append(parts, part{final, last}))
}

// NewEquality returns an equality assertion. It doesn't keep v.
func NewEquality(v []byte) *Pattern {
	p := compile([]part{{whole, v}})
	p.equality = true
	return p
}

func compile(raw []part) *Pattern {
	p := &Pattern{}
	var parts []part
	var seen reading
	open := true
	for _, a := range raw {
		text := bytes.TrimSpace(a.text)
		if len(text) == 0 && a.at != whole {
			continue
		}
		open = open && a.at != final && a.at != whole
		f := folder{}
		f.fold(a.text)
		if len(f.dst) == 0 {
			p.literals = append(p.literals, part{a.at, bytes.Clone(text)})
			continue
		}
		seen |= f.seen
		parts = append(parts, a)
	}
	if len(parts) == 0 {
		return p
	}
	p.readings = append(p.readings, read(parts, 0))
	for r := next(0, seen); r != 0; r = next(r, seen) {
		if a := read(parts, r); !slices.ContainsFunc(p.readings, a.equal) {
			p.readings = append(p.readings, a)
		}
	}
	if open {
		p.words = append(p.words, wordsOf(parts, 0, seen&^joined))
		if seen&joined != 0 {
			p.words = append(p.words, wordsOf(parts, joined, seen&^joined))
		}
		p.words = slices.DeleteFunc(p.words, func(set []word) bool { return len(set) == 0 || len(set) > maxWords })
	}
	p.clauses = clauses(parts, seen, open)
	return p
}

// read folds the parts under one reading.
func read(parts []part, r reading) assertion {
	out := make(assertion, len(parts))
	for i, a := range parts {
		f := folder{reading: r, dst: []byte{' '}, start: 1}
		f.fold(a.text)
		text := f.dst
		if a.at == final || a.at == whole || f.gap {
			text = append(text, ' ')
		}
		if a.at != initial && a.at != whole && !f.leading {
			text = text[1:]
		}
		out[i] = part{a.at, text}
	}
	return out
}

func (a assertion) equal(b assertion) bool {
	return slices.EqualFunc(a, b, func(x, y part) bool { return bytes.Equal(x.text, y.text) })
}

// wordsOf returns the words of the parts under the fixed choices of base, in every reading of the choices in vary.
func wordsOf(parts []part, base, vary reading) []word {
	var out []word
	for r := reading(0); ; {
		n := 0
		for _, a := range parts {
			f := folder{reading: base | r}
			f.fold(a.text)
			for w := range bytes.FieldsSeq(f.dst) {
				if n == len(out) {
					out = append(out, nil)
				}
				if !slices.ContainsFunc(out[n], func(have []byte) bool { return bytes.Equal(have, w) }) {
					out[n] = append(out[n], w)
				}
				n++
			}
		}
		if r = next(r, vary); r == 0 {
			return out
		}
	}
}
