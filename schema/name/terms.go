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
)

// Term is a question to an index of the words of all variants (VariantWords).
type Term struct {
	Kind TermKind
	Text []byte // folded, never empty, without a space
}

// Clauses returns what an index can be asked: every value that the pattern matches satisfies every clause (AND), and
// satisfies a clause by at least one of its terms (OR). None means that no index helps. It belongs to the pattern.
func (p *Pattern) Clauses() [][]Term { return p.clauses }

// clauses derives the clauses of the parts.
//
// A clause covers both ways to match. Where the end is open, the words may come in any order and unfinished, so that a
// word in the middle of a part is asked for by its beginning. A part with an apostrophe has different words in its two
// readings; the longest word of either makes one clause.
func clauses(parts []part, seen reading, open bool) [][]Term {
	var out [][]Term
	add := func(c []Term) {
		if len(c) > 0 && !slices.ContainsFunc(out, func(have []Term) bool { return slices.EqualFunc(have, c, Term.equal) }) {
			out = append(out, c)
		}
	}
	for _, a := range parts {
		f := folder{}
		f.fold(a.text)
		apart := partClauses(a, 0, f.seen&^joined, open)
		if f.seen&joined == 0 {
			for _, c := range apart {
				add(c)
			}
			continue
		}
		var c []Term
		for _, t := range append(longest(apart), longest(partClauses(a, joined, f.seen&^joined, open))...) {
			c = appendTerm(c, t)
		}
		add(c)
	}
	return out
}

// partClauses returns one clause for each word of a part under the fixed choices of base.
func partClauses(a part, base, vary reading, open bool) [][]Term {
	f := folder{reading: base}
	f.fold(a.text)
	words := wordsOf([]part{a}, base, vary)
	out := make([][]Term, len(words))
	for i, alternatives := range words {
		begins := i > 0 || f.leading || a.at == initial || a.at == whole
		ends := i < len(words)-1 || f.gap || a.at == final || a.at == whole
		kind := WordStarts
		switch {
		case !begins:
			kind = WordContains
		case ends && !open:
			kind = WordIs
		}
		for _, text := range alternatives {
			out[i] = appendTerm(out[i], Term{kind, text})
		}
	}
	return out
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
		return bytes.Contains(u.Text, t.Text)
	case WordStarts:
		return u.Kind != WordContains && bytes.HasPrefix(u.Text, t.Text)
	default:
		return u.Kind == WordIs && bytes.Equal(u.Text, t.Text)
	}
}

func (t Term) equal(u Term) bool { return t.Kind == u.Kind && bytes.Equal(t.Text, u.Text) }
