package name

import (
	"slices"
	"strings"
)

// Variants returns the distinct folded forms that a stored value is found under, Fold(s) first, at most eight: every
// choice is made alike throughout a value.
func Variants(s string) []string {
	f := folder{}
	f.fold([]byte(s))
	out := []string{string(f.dst)}
	seen := f.seen
	for r := next(0, seen); r != 0; r = next(r, seen) {
		f = folder{dst: f.dst[:0], reading: r}
		f.fold([]byte(s))
		if v := string(f.dst); !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// next returns the reading after r among those made of the choices in seen, 0 after the last one.
func next(r, seen reading) reading { return (r - seen) & seen }

// Words splits a folded form into its words, in order. Text that isn't folded is split at space, hyphen, comma, dot,
// apostrophe, slash and ampersand as well.
func Words(folded string) []string {
	return strings.FieldsFunc(folded, func(r rune) bool { return strings.ContainsRune(" \t-,.'’/&", r) })
}

// Version of VariantWords. An index that was made with an earlier one lacks words; what it has is still right.
const Version = 1

// VariantWords returns the distinct words of all variants of s, in order of appearance: what an index keeps of a value.
func VariantWords(s string) []string { return VariantWordsOf(Version, s) }

// VariantWordsOf returns what VariantWords of an earlier version returned.
func VariantWordsOf(_ int, s string) []string {
	var out []string
	for _, v := range Variants(s) {
		for _, w := range Words(v) {
			if !slices.Contains(out, w) {
				out = append(out, w)
			}
		}
	}
	return out
}
