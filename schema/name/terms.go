package name

import (
	"bytes"
	"slices"
)

// TermKind says how an index looks for a word. The store's query kinds have the same names.
type TermKind uint8

// The kinds of terms.
const (
	WordStarts   TermKind = iota // a word begins with the text
	WordIs                       // a word is the text
	WordContains                 // the text is inside one word
	WordKeys                     // a word begins with what these keys of a telephone stand for, see Spellings
)

// Term is a question to an index of the words of all variants (VariantWords).
type Term struct {
	Kind TermKind
	Text []byte // folded, never empty, without a space
}

// Clauses returns what an index can be asked: every value that the pattern matches satisfies every clause (AND), and
// satisfies a clause by at least one of its terms (OR). Where the words of the assertion are spread over several values
// of an entry, the values together do. None means that no index helps. It belongs to the pattern.
func (p *Pattern) Clauses() [][]Term {
	p.expand()
	return p.clauses
}

// clauses derives the clauses of the parts.
//
// A clause covers both ways to match. Where words may come in any order (loose), a word in the middle of a part is asked for
// by its beginning, and one that may be missing is not asked for. A part with an apostrophe has different words in its
// two readings; the longest word of either makes one clause.
func clauses(parts []part, open, loose bool) [][]Term {
	var out [][]Term
	add := func(c []Term) {
		if len(c) > 0 && !slices.ContainsFunc(out, func(have []Term) bool { return slices.EqualFunc(have, c, Term.equal) }) {
			out = append(out, c)
		}
	}
	for i, a := range parts {
		f := folder{}
		f.fold(a.text)
		vary := f.seen &^ joined &^ stored
		of := func(base reading) [][]Term {
			return partClauses(a, base, vary, loose, i == 0, open && i == len(parts)-1)
		}
		apart := of(0)
		if f.seen&joined == 0 {
			for _, c := range apart {
				add(c)
			}
			continue
		}
		glued := of(joined)
		if len(apart) == 0 || len(glued) == 0 {
			continue
		}
		var c []Term
		for _, t := range append(longest(apart), longest(glued)...) {
			c = appendTerm(c, t)
		}
		add(c)
	}
	return out
}

// partClauses returns one clause for each word of a part under the fixed choices of base. first says that the part is the
// first one, typing that its last word may be unfinished.
func partClauses(a part, base, vary reading, loose, first, typing bool) [][]Term {
	f := folder{reading: base}
	f.fold(a.text)
	words := everyWord(a, base, vary)
	var out [][]Term
	for i, alternatives := range words {
		last := i == len(words)-1
		if loose && isOptional(alternatives[0], first && i == 0, typing && last && !f.gap) {
			continue
		}
		begins := i > 0 || f.leading || a.at == initial || a.at == whole
		ends := !last || f.gap || a.at == final || a.at == whole
		kind := WordStarts
		switch {
		case !begins:
			kind = WordContains
		case ends && !loose:
			kind = WordIs
		}
		var c []Term
		for _, text := range alternatives {
			c = appendTerm(c, Term{kind, text})
		}
		out = append(out, c)
	}
	return out
}

// everyWord returns the readings of the words of a part.
func everyWord(a part, base, vary reading) (out [][][]byte) {
	for r := reading(0); ; {
		f := folder{reading: base | r}
		f.fold(a.text)
		n := 0
		for w := range bytes.FieldsSeq(f.dst) {
			if n == len(out) {
				out = append(out, nil)
			}
			out[n] = append(out[n], w)
			n++
		}
		if r = next(r, vary); r == 0 {
			return out
		}
	}
}

// longest returns the clause whose shortest term is the longest: the one that proposes the least.
func longest(of [][]Term) []Term {
	return slices.MaxFunc(of, func(a, b []Term) int { return shortest(a) - shortest(b) })
}

func shortest(c []Term) int {
	n := len(c[0].Text)
	for _, t := range c[1:] {
		n = min(n, len(t.Text))
	}
	return n
}

// appendTerm adds a term to a clause, unless another one covers it, in place of those that it covers.
func appendTerm(c []Term, t Term) []Term {
	if slices.ContainsFunc(c, func(have Term) bool { return have.covers(t) }) {
		return c
	}
	return append(slices.DeleteFunc(c, t.covers), t)
}

// covers says whether every word that satisfies u satisfies t.
func (t Term) covers(u Term) bool {
	switch t.Kind {
	case WordContains:
		return u.Kind != WordKeys && bytes.Contains(u.Text, t.Text)
	case WordStarts:
		return (u.Kind == WordStarts || u.Kind == WordIs) && bytes.HasPrefix(u.Text, t.Text)
	case WordKeys: // a digit is on its own key
		return u.Kind != WordContains && bytes.HasPrefix(u.Text, t.Text)
	default:
		return u.Kind == WordIs && bytes.Equal(u.Text, t.Text)
	}
}

func (t Term) equal(u Term) bool { return t.Kind == u.Kind && bytes.Equal(t.Text, u.Text) }
