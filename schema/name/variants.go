package name

import (
	"math/bits"
	"slices"
	"strings"
)

// Variants returns the distinct folded forms that a stored value is found under, Fold(s) first: every choice is made alike
// throughout a value. There are at most maxVariants; a value of one script has eight at most.
func Variants(s string) []string { return variants(s, all) }

const (
	all         = digraphs | singleS | joined | latin | syllables
	maxVariants = 32
)

// variants makes those of the choices in among.
func variants(s string, among reading) []string {
	f := folder{}
	f.fold([]byte(s))
	out := []string{string(f.dst)}
	seen := limited(f.seen & among)
	for r := next(0, seen); r != 0; r = next(r, seen) {
		f = folder{dst: f.dst[:0], reading: r}
		f.fold([]byte(s))
		if v := string(f.dst); !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// limited leaves choices out so that there are at most maxVariants: of names in many scripts at once, the ideographs.
func limited(seen reading) reading {
	if bits.OnesCount8(uint8(seen)) > 5 {
		return seen &^ syllables
	}
	return seen
}

// next returns the reading after r among those made of the choices in seen, 0 after the last one.
func next(r, seen reading) reading { return (r - seen) & seen }

// Words splits a folded form into its words, in order. Text that isn't folded is split at space, hyphen, comma, dot,
// apostrophe, slash and ampersand as well.
func Words(folded string) []string {
	return strings.FieldsFunc(folded, func(r rune) bool { return strings.ContainsRune(" \t-,.'’/&", r) })
}

// Version of VariantWords. An index that was made with an earlier one lacks words; what it has is still right. Version 1
// had no transliteration.
const Version = 2

// VariantWords returns the distinct words of all variants of s, in order of appearance: what an index keeps of a value.
func VariantWords(s string) []string { return VariantWordsOf(Version, s) }

// VariantWordsOf returns what VariantWords of an earlier version returned.
func VariantWordsOf(version int, s string) []string {
	among := all
	if version < 2 {
		among = digraphs | singleS | joined
	}
	var out []string
	for _, v := range variants(s, among) {
		for _, w := range Words(v) {
			if !slices.Contains(out, w) {
				out = append(out, w)
			}
		}
	}
	return out
}
