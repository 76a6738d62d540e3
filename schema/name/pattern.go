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
// "mei p" for Peter Meier. So it does when it has a beginning and an end, where the last word must be whole: Jitsi sends
// "mül*anna" for Anna Müller. An equality assertion matches a variant, or one with the same words in another order.
// Legal forms of companies (form.go) may be missing.
//
// With Keypad, an assertion of digits is also the keys of a telephone: 685537 is Müller, and 0 the space between two words.
//
// The words of a name may be spread over several values of an entry: Begin, Collect and Complete.
//
// Parts of white space only are as if absent, so (cn=**) is a presence test. Parts of other punctuation only are
// compared as they are.
//
// Match uses buffers of the pattern, so one goroutine at a time may use it.
type Pattern struct {
	equality bool
	literals []part      // parts without a letter or digit, raw and trimmed
	readings []assertion // distinct folded readings of the other parts; none if there are no such parts
	words    [][]word    // sets of words, one of which is to be found in any order
	clauses  [][]Term
	begins   [][]byte // Beginnings
	insides  [][]byte // Insides
	only     part     // with text: there is nothing yet but begins or insides of this part
	buffer   []byte
	found    []uint64 // per set, the words found so far
	unread   reading  // choices that don't count in values
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

// word is a word of the assertion.
type word struct {
	readings [][]byte // distinct
	whole    bool     // not only the beginning of a word
	keys     bool     // the readings are keys of a telephone
}

// assertion is one reading of the parts. Text is folded; a space at an end stands for the edge of a word.
type assertion []part

// NewPattern returns a substrings assertion. Empty parts are as if absent, so doubled wildcards do no harm. It keeps
// none of its arguments.
func NewPattern(first []byte, any [][]byte, last []byte) *Pattern {
	only := part{initial, first}
	if len(first) == 0 && len(any) == 1 {
		only, any = part{inner, any[0]}, nil
	}
	if len(any) == 0 && len(last) == 0 && len(only.text) > 0 {
		if p := ofOneWord(only); p != nil {
			return p
		}
	}
	if only.at == inner {
		any = [][]byte{only.text}
	}
	return compile(substrings(first, any, last))
}

// ofOneWord returns the pattern of the beginning of one word, or of a piece inside one; nil for anything else. An index of names
// needs its Beginnings or Insides only: the rest is worked out by who asks for it.
func ofOneWord(a part) *Pattern {
	p := &Pattern{}
	var texts [][]byte
	room := make([]byte, 0, 2*len(a.text)+8)
	for r, seen := reading(0), reading(0); ; {
		f := folder{dst: room[len(room):], reading: r}
		f.fold(a.text)
		if r == 0 {
			seen = f.seen &^ stored
		}
		if len(f.dst) == 0 || seen&joined != 0 || bytes.IndexByte(f.dst, ' ') >= 0 {
			return nil
		}
		if a.at == inner && (f.leading || f.gap || mayBeginForm(f.dst)) {
			return nil
		}
		if !slices.ContainsFunc(texts, func(have []byte) bool { return bytes.Equal(have, f.dst) }) {
			texts = append(texts, f.dst[:len(f.dst):len(f.dst)])
			room = f.dst[len(f.dst):]
		}
		if r = next(r, seen); r == 0 {
			break
		}
	}
	if p.begins = texts; a.at == inner {
		p.begins, p.insides = nil, texts
	}
	p.only = part{a.at, bytes.Clone(a.text)}
	return p
}

// expand works out what ofOneWord has left.
func (p *Pattern) expand() {
	switch {
	case p.only.text == nil:
	case p.only.at == inner:
		insides := p.insides
		*p = *compile(substrings(nil, [][]byte{p.only.text}, nil))
		p.insides = insides
	default:
		*p = *compile(substrings(p.only.text, nil, nil))
	}
}

// NewEquality returns an equality assertion. It doesn't keep v.
func NewEquality(v []byte) *Pattern {
	p := compile([]part{{whole, v}})
	p.equality = true
	return p
}

func substrings(first []byte, any [][]byte, last []byte) []part {
	parts := make([]part, 0, len(any)+2)
	parts = append(parts, part{initial, first})
	for _, text := range any {
		parts = append(parts, part{inner, text})
	}
	return append(parts, part{final, last})
}

func compile(raw []part) *Pattern {
	p := &Pattern{unread: oneKey}
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
		seen |= f.seen &^ stored
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
	// A beginning and an end are two words in whatever order, too.
	loose := open || len(parts) > 1 && parts[0].at == initial && parts[len(parts)-1].at == final
	if loose && !open {
		set := wordsOf(parts, 0, seen&^joined, open)
		loose = len(set) > 1 && !beginsOther(set)
	}
	if loose {
		p.addWords(wordsOf(parts, 0, seen&^joined, open))
		if seen&joined != 0 {
			if set := wordsOf(parts, joined, seen&^joined, open); open || len(set) > 1 && !beginsOther(set) {
				p.addWords(set)
			}
		}
	}
	p.clauses = clauses(parts, open, loose)
	if len(parts) == 1 && parts[0].at == initial && len(p.literals) == 0 && len(p.words) == 1 && len(p.words[0]) == 1 {
		p.begins = p.words[0][0].readings
	}
	return p
}

// Beginnings returns what a word of a value begins with if, and only if, the pattern matches the value; see FoundWords. There
// are none where the pattern is more than the beginning of one word.
func (p *Pattern) Beginnings() [][]byte { return p.begins }

// Insides returns what a word of a value has inside, at its beginning too, if, and only if, the pattern matches the value; see
// FoundWords. There are none where the pattern is more than one piece inside a word, nor where the piece may be the beginning of a
// legal form: it has four bytes at least.
func (p *Pattern) Insides() [][]byte { return p.insides }

// beginsOther says whether the last word of a set begins with another one of it: then one word of a value could be both.
func beginsOther(set []word) bool {
	last := &set[len(set)-1]
	return slices.ContainsFunc(set[:len(set)-1], func(w word) bool {
		return slices.ContainsFunc(last.readings, func(r []byte) bool { return w.begins(r, false) })
	})
}

// addWords adds a set of words. One with too many can't be found in any order.
func (p *Pattern) addWords(set []word) {
	if len(set) > 0 && len(set) <= maxWords {
		p.words = append(p.words, set)
		p.found = append(p.found, 0)
	}
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

// wordsOf returns the words of the parts under the fixed choices of base, in every reading of the choices in vary. Those
// that needn't be found are left out. open says that the last word may be unfinished.
func wordsOf(parts []part, base, vary reading, open bool) []word {
	var out []word
	ended := false
	for r := reading(0); ; {
		n := 0
		for _, a := range parts {
			f := folder{reading: base | r}
			f.fold(a.text)
			ended = f.gap
			for w := range bytes.FieldsSeq(f.dst) {
				if n == len(out) {
					out = append(out, word{})
				}
				if !slices.ContainsFunc(out[n].readings, func(have []byte) bool { return bytes.Equal(have, w) }) {
					out[n].readings = append(out[n].readings, w)
				}
				n++
			}
		}
		if r = next(r, vary); r == 0 {
			break
		}
	}
	last := len(out) - 1
	if last >= 0 && !open {
		out[last].whole = true
	}
	kept := out[:0]
	for i, w := range out {
		if !isOptional(w.readings[0], i == 0, open && !ended && i == last) {
			kept = append(kept, w)
		}
	}
	return kept
}
