package name

import (
	"bytes"
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
	var out []string
	for _, w := range FoundWords(version, s) {
		out = append(out, w.Text)
	}
	return out
}

// Found is a word of a value, and how an assertion of one word finds the value by it.
type Found struct {
	Text   string
	Begins bool // by its beginning
	Whole  bool // by all of it: it stands as a legal form behind a name (form.go)
}

// FoundWords returns the words of VariantWordsOf. A pattern with Beginnings matches exactly the values of which a word that
// Begins begins with one of them, or a word that is Whole is one; one with Insides those of which a word has one inside.
func FoundWords(version int, s string) []Found {
	var out []Found
	for _, v := range variants(s, amongOf(version)) {
		eachWord([]byte(v), func(w []byte, tail bool) {
			at := slices.IndexFunc(out, func(f Found) bool { return f.Text == string(w) })
			if at < 0 {
				at = len(out)
				out = append(out, Found{Text: string(w)})
			}
			out[at].Begins, out[at].Whole = out[at].Begins || !tail, out[at].Whole || tail
		})
	}
	return out
}

// amongOf is the choices that a version of VariantWords knew.
func amongOf(version int) reading {
	if version < 2 {
		return digraphs | singleS | joined
	}
	return all
}

// eachWord calls f with the words of a folded form, and whether they stand as legal forms behind a name.
func eachWord(folded []byte, f func(w []byte, tail bool)) {
	for i := 0; len(folded) > 0; i++ {
		var w []byte
		w, folded, _ = bytes.Cut(folded, []byte(" "))
		if len(w) > 0 {
			f(w, i > 0 && isTail(w, folded))
		}
	}
}

// EachFound calls f with the words that FoundWords returns for a value, in the same order, but some of them repeatedly:
// whole says that this one is found by the whole of it, else it is by its beginning. A word is valid during the call. buf is
// room for the work: what is returned is to be given back the next time, and then a value of one reading takes no memory.
func EachFound(version int, buf, s []byte, f func(word []byte, whole bool)) []byte {
	first := folder{dst: buf[:0]}
	first.fold(s)
	if first.seen&amongOf(version) == 0 {
		eachWord(first.dst, f)
		return first.dst
	}
	for _, v := range variants(string(s), amongOf(version)) {
		eachWord([]byte(v), f)
	}
	return first.dst
}
