package directory

import (
	"bytes"
	"strings"

	"ringdex/ldapserver/protocol"
	"ringdex/replicator/store"
	"ringdex/schema/name"
)

// compile prepares the terms that a profile reads in its own way. It says whether f is one.
func (v *view) compile(c *compiler, out *condition, f *protocol.Filter) bool {
	if out.computed != notComputed || !isName(out.attribute) {
		return false
	}
	if v.profile.Digits == DigitsT9 || v.profile.Digits == DigitsNumbers {
		if digits := v.digitsIn(f); digits != nil {
			v.compileDigits(c, out, f, digits)
			return true
		}
	}
	return v.compileName(out, f)
}

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

// compileDigits makes a term on a name one on the name, or on what its digits mean to the profile.
func (v *view) compileDigits(c *compiler, out *condition, f *protocol.Filter, digits []byte) {
	either := make([]condition, 2)
	either[0] = *out
	if !v.compileName(&either[0], f) {
		c.assert(&either[0], f)
	}
	if v.profile.Digits == DigitsNumbers {
		number := *f
		number.Attribute = []byte("searchNumber")
		c.term(&either[1], &number)
	} else {
		either[1] = condition{kind: f.Kind, attribute: out.attribute, stored: out.stored, how: matchT9, value: digits}
	}
	*out = condition{kind: protocol.Or, children: either}
}

// t9Letters are the letters of the keys 2 to 9 (innovaphone's table and every keypad; ITU-T E.161).
var t9Letters = [...]string{"abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz"}

// spells says whether keys spell a name: each group of keys between zeros is the beginning of one of its words, in any
// order. A letter with marks is its base letter's key, or its digraph's keys.
func spells(keys, text []byte) bool {
	words := name.VariantWords(string(text))
	found := false
	for group := range bytes.SplitSeq(keys, []byte("0")) {
		if len(group) == 0 {
			continue
		}
		found = false
		for _, w := range words {
			if found = spellsWord(group, w); found {
				break
			}
		}
		if !found {
			return false
		}
	}
	return found
}

func spellsWord(keys []byte, word string) bool {
	if len(word) < len(keys) {
		return false
	}
	for i, key := range keys {
		if word[i] != key && (key < '2' || key > '9' || strings.IndexByte(t9Letters[key-'2'], word[i]) < 0) {
			return false
		}
	}
	return true
}

// t9Planned is how many keys of a group an index is asked for: 4 × 4 × 4 beginnings and those with digits.
const t9Planned = 3

// planT9 asks for every beginning that the first keys of the longest group may spell.
func (s *Session) planT9(c *condition, r *store.Reader) (cost int, ok bool) {
	for i, set := range c.stored {
		if set&^s.columns.words[i] != 0 {
			return 0, false
		}
	}
	var group []byte
	for g := range bytes.SplitSeq(c.value, []byte("0")) {
		if len(g) > len(group) {
			group = g
		}
	}
	if len(group) == 0 {
		return 0, true // zeros alone spell nothing
	}
	begins := []string{""}
	for _, key := range group[:min(len(group), t9Planned)] {
		letters := string(key)
		if key >= '2' && key <= '9' {
			letters += t9Letters[key-'2']
		}
		var longer []string
		for _, b := range begins {
			for i := range len(letters) {
				longer = append(longer, b+letters[i:i+1])
			}
		}
		begins = longer
	}
	for _, b := range begins {
		cost += s.ask(r, store.Query{Kind: store.WordStarts, Text: []byte(b)})
	}
	return cost, true
}
