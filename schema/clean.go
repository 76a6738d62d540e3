package schema

import (
	"strings"
	"unicode"
)

// clean makes a value fit for an answer: control characters removed, line breaks and tabs as one space, no white space
// at the ends. What needs no change is returned as it is.
func clean(s string) string {
	s = strings.TrimSpace(s)
	if strings.IndexFunc(s, isUnwanted) < 0 {
		return s
	}
	var b strings.Builder
	gap := false
	for _, r := range s {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			gap = true
		case isUnwanted(r):
		default:
			if gap && r != ' ' && !strings.HasSuffix(b.String(), " ") {
				b.WriteByte(' ')
			}
			gap = false
			b.WriteRune(r)
		}
	}
	return strings.TrimSpace(b.String())
}

// isUnwanted says whether a character has no place in a value: controls, the byte order mark, what replaces bytes that
// aren't UTF-8, and the marks that turn the direction of the text after them (they would reverse a display).
func isUnwanted(r rune) bool {
	return unicode.IsControl(r) || r == '\ufeff' || r == unicode.ReplacementChar ||
		'\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069'
}

// percentEncode leaves unreserved characters only (RFC 3986, 2.3), so that a value stays one piece of a URL's path or
// query.
func percentEncode(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~", c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteString(string([]byte{'%', hex[c>>4], hex[c&15]}))
		}
	}
	return b.String()
}
