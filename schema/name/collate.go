package name

import (
	"bytes"
	"unicode/utf8"
)

// CollationKey returns a key whose bytes.Compare order is the order of lists: DIN 5007-1 (ä as a, ß as ss), word by
// word, digits first, then Latin, Greek, Cyrillic and the other scripts as Unicode orders them. Names that fold alike
// follow the bytes of the original.
func CollationKey(s string) []byte {
	key := AppendFold(make([]byte, 0, 2*len(s)+1), []byte(s))
	key = append(key, 0)
	return append(key, s...)
}

// Compare orders two names for >= and <= as CollationKey does, but gives 0 when they fold alike. It doesn't allocate
// for ASCII.
func Compare(a, b []byte) int {
	if !isASCII(a) || !isASCII(b) {
		return bytes.Compare(AppendFold(nil, a), AppendFold(nil, b))
	}
	left, right := cursor{rest: a}, cursor{rest: b}
	for {
		x, y := left.next(), right.next()
		if x != y || x == 0 {
			return int(x) - int(y)
		}
	}
}

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

// AtMost says whether value <= bound. A bound of two or more z and nothing else is the end of every alphabet: Poly VVX
// closes its ranges with zz, whatever script the name is in.
func AtMost(value, bound []byte) bool {
	if len(bound) >= 2 && len(bytes.Trim(bound, "zZ")) == 0 {
		return true
	}
	return Compare(value, bound) <= 0
}
