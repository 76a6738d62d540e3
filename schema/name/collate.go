package name

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Collation is an order of names: that of lists, of ranges (>= and <=) and of sorting. Names go word by word, digits
// first, then Latin, Greek, Cyrillic and the other scripts as Unicode orders them.
type Collation uint8

// The collations. They differ in the letters that German spells in two ways.
const (
	Dictionary Collation = iota // DIN 5007-1: ä as a, ö as o, ü as u, ß as ss
	PhoneBook                   // DIN 5007-2, for lists of names: ä as ae, ö as oe, ü as ue, ß as ss
)

var collationNames = [...]string{Dictionary: "din5007-1", PhoneBook: "din5007-2"}

// String returns the collation as the configuration spells it.
func (c Collation) String() string {
	if int(c) < len(collationNames) {
		return collationNames[c]
	}
	return fmt.Sprintf("collation %d", uint8(c))
}

// ParseCollation reads "din5007-1" or "din5007-2", in any letter case; "" is din5007-1.
func ParseCollation(s string) (Collation, error) {
	if s == "" {
		return Dictionary, nil
	}
	for c, n := range collationNames {
		if strings.EqualFold(s, n) {
			return Collation(c), nil
		}
	}
	return 0, fmt.Errorf("name: collation %q: want din5007-1 (ü as u) or din5007-2 (ü as ue)", s)
}

// reading is how the collation folds.
func (c Collation) reading() reading {
	if c == PhoneBook {
		return digraphs
	}
	return 0
}

// AppendFold appends what the collation compares: the folded form of s. It doesn't allocate for ASCII when dst has room.
func (c Collation) AppendFold(dst, s []byte) []byte {
	f := folder{dst: dst, start: len(dst), reading: c.reading()}
	f.fold(s)
	return f.dst
}

// AppendKey appends a key whose bytes.Compare order is that of the collation. Names that fold alike follow the bytes of
// the original.
func (c Collation) AppendKey(dst, s []byte) []byte {
	return append(append(c.AppendFold(dst, s), 0), s...)
}

// Key is AppendKey for a string.
func (c Collation) Key(s string) []byte { return c.AppendKey(make([]byte, 0, 2*len(s)+4), []byte(s)) }

// Compare orders two names as Key does, but gives 0 when they fold alike. It doesn't allocate for ASCII.
func (c Collation) Compare(a, b []byte) int {
	if !isASCII(a) || !isASCII(b) {
		return bytes.Compare(c.AppendFold(nil, a), c.AppendFold(nil, b))
	}
	left, right := cursor{rest: a}, cursor{rest: b}
	for {
		x, y := left.next(), right.next()
		if x != y || x == 0 {
			return int(x) - int(y)
		}
	}
}

// IsEnd says whether the upper bound of a range is the end of every alphabet, so that every name is below it: two or more z and
// nothing else. Poly VVX closes its ranges with zz, whatever script the name is in.
func IsEnd(bound []byte) bool { return len(bound) >= 2 && len(bytes.Trim(bound, "zZ")) == 0 }

// cursor gives the folded form of an ASCII name byte by byte.
type cursor struct {
	rest    []byte
	started bool
	gap     bool
}

// next returns the next byte, 0 at the end.
func (c *cursor) next() byte {
	for len(c.rest) > 0 {
		b := lower(c.rest[0])
		if b == 0 {
			c.gap = c.started
			c.rest = c.rest[1:]
			continue
		}
		if c.gap {
			c.gap = false
			return ' '
		}
		c.started = true
		c.rest = c.rest[1:]
		return b
	}
	return 0
}

func isASCII(s []byte) bool {
	for _, c := range s {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
