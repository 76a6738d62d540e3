package store

import (
	"encoding/binary"

	"ringdex/schema/name"
)

// Kinds of terms in the index bucket: the first byte of a key. FORMAT.md has the table.
const (
	kindNumber   byte = 1 + iota // all digits of a number key
	kindEnd                      // the same digits, last first
	kindGram                     // four digits in a row
	kindObject                   // object name in lower case
	kindWord                     // a word
	kindPrefix                   // the first 1 to 5 bytes of a word
	kindInner                    // 2 or 3 bytes in a row of a word
	kindTail                     // no postings: what follows a word's first bytes, then these
	kindLong                     // entries with a word that is cut
	kindName                     // the first 1 to 5 bytes of a word of a name, and in which attributes
	kindNamed                    // a word of a name that is longer, and in which attributes
	kindInside                   // no postings: what follows the first bytes of one of these, then the bytes and the attributes
	kindLongName                 // no postings: a word of a name that may be cut, and in which attributes
)

// What is cut to these lengths is still found, by a key that is cut alike: the filter sees the whole value.
const (
	maxDigits  = 40 // E.164 has 15 and few extensions more than 8
	maxWord    = 64 // bytes
	maxPrefix  = 5  // longer beginnings have few words, read one after the other
	gramLength = 4
	maxInner   = 3
)

// termEnd separates a term from the ordinal after it. No term contains it.
const termEnd = 0

// terms collects what an entry is found under. It is reused from entry to entry.
type terms struct {
	version int  // of the words: name.Version when the generation was made
	people  bool // there are lists of names
	words   []string
	names   []nameWord
	numbers []string
}

// read fills t with the words and the numbers of an entry, each once.
func (t *terms) read(v *View) bool {
	t.words, t.names, t.numbers = t.words[:0], t.names[:0], t.numbers[:0]
	it := v.Values()
	for it.Next() {
		if it.attr.Words {
			in := NameSet(0)
			if t.people {
				in = NameSetOf(it.attr.Name)
			}
			for _, w := range t.split(Searched(it.text)) {
				t.words = appendNew(t.words, w.Text)
				if in != 0 {
					t.addName(&w, in)
				}
			}
		}
		for i := range it.Keys() {
			if d := digits(nil, it.Key(i)); len(d) > 0 {
				t.numbers = appendNew(t.numbers, string(d))
			}
		}
	}
	return !it.bad
}

func (t *terms) split(text []byte) []name.Found {
	words := name.FoundWords(t.version, string(text))
	for i := range words {
		words[i].Text = string(clean([]byte(words[i].Text)))
	}
	return words
}

// appendNew adds s unless it is there: an entry has a dozen words, too few for a map.
func appendNew(list []string, s string) []string {
	for _, have := range list {
		if have == s {
			return list
		}
	}
	return append(list, s)
}

// each calls f with every term of the entry, some of them repeatedly. The term is only valid during the call.
func (t *terms) each(object []byte, f func(kind byte, term []byte)) {
	for _, n := range t.numbers {
		eachNumberTerm(n, f)
	}
	f(kindObject, appendLower(nil, object))
	for _, w := range t.words {
		eachWordTerm(w, f)
	}
	for i := range t.names {
		t.names[i].each(f)
	}
}

func eachNumberTerm(number string, f func(kind byte, term []byte)) {
	b := []byte(number)
	for i := 0; i+gramLength <= len(b); i++ {
		f(kindGram, b[i:i+gramLength])
	}
	f(kindNumber, cut(b, maxDigits))
	reverse(b)
	f(kindEnd, cut(b, maxDigits))
}

func eachWordTerm(word string, f func(kind byte, term []byte)) {
	b := []byte(word)
	for n := 2; n <= maxInner; n++ {
		for i := 0; i+n <= len(b); i++ {
			f(kindInner, b[i:i+n])
		}
	}
	for n := 1; n <= min(maxPrefix, len(b)); n++ {
		f(kindPrefix, b[:n])
	}
	f(kindWord, cut(b, maxWord))
	if len(b) > maxWord {
		f(kindLong, nil)
	}
}

// eachTail calls f with the index keys by which a word is found from a fragment inside it that is longer than maxInner.
func eachTail(word []byte, f func(key []byte)) {
	var b [1 + maxWord + 1]byte
	for i := 1; i+maxInner < len(word); i++ {
		key := append(b[:0], kindTail)
		key = append(key, word[i:]...)
		key = append(key, termEnd)
		f(append(key, word[:i]...))
	}
}

// eachInside calls f with the keys by which a term of a name, its text and its set, is found from a fragment inside the text. Terms
// of fewer than maxPrefix bytes have none, longer ones are found by kindNamed: so there is one place for each word.
func eachInside(kind byte, term []byte, f func(key []byte) error) error {
	if kind != kindNamed && (kind != kindName || len(term) != maxPrefix+1) {
		return nil
	}
	var b [1 + maxWord + 2]byte
	text, in := term[:len(term)-1], term[len(term)-1]
	for i := 1; i+maxInner < len(text); i++ {
		key := append(append(b[:0], kindInside), text[i:]...)
		key = append(append(key, termEnd), text[:i]...)
		if err := f(append(key, in)); err != nil {
			return err
		}
	}
	if len(text) == maxWord {
		return f(append(append(b[:0], kindLongName), term...))
	}
	return nil
}

// appendTerm appends the key of a term's list, without the ordinal.
func appendTerm(dst []byte, kind byte, term []byte) []byte {
	dst = append(append(dst, kind), term...)
	return append(dst, termEnd)
}

func appendOrdinal(dst []byte, ord uint32) []byte { return binary.BigEndian.AppendUint32(dst, ord) }

// splitKey takes a posting key apart.
func splitKey(key []byte) (term []byte, ord uint32, ok bool) {
	n := len(key) - 4
	if n < 2 || key[n-1] != termEnd {
		return nil, 0, false
	}
	return key[:n], binary.BigEndian.Uint32(key[n:]), true
}

// digits appends the ASCII digits of b.
func digits(dst, b []byte) []byte {
	for _, c := range b {
		if '0' <= c && c <= '9' {
			dst = append(dst, c)
		}
	}
	return dst
}

// clean replaces the separator in a term, in place.
func clean(b []byte) []byte {
	for i, c := range b {
		if c == termEnd {
			b[i] = termEnd + 1
		}
	}
	return b
}

func cut(b []byte, n int) []byte {
	if len(b) > n {
		return b[:n]
	}
	return b
}

func reverse(b []byte) {
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
}
