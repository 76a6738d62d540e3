package phone

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxField is how many bytes of a field are read; what follows is ignored. Salesforce's phone fields have 40
// characters, its text fields 255.
const MaxField = 1024

// maxNumbers is how many numbers of one field are read.
const maxNumbers = 8

// maxDigits is how many digits of one number are read: 15 of E.164, before them an outside line and an international
// prefix, behind them an extension.
const maxDigits = 40

// spelling is a field in plain characters: digits, signs and letters of any script in their ASCII form where they have
// one. It remembers where each byte came from.
type spelling struct {
	field string
	text  string
	at    []int32 // at[i] is the offset in field of text[i]; nil if they are the same
}

// newSpelling makes the plain form of a field.
func newSpelling(field string) spelling {
	if len(field) > MaxField {
		end := MaxField
		for end > 0 && !utf8.RuneStart(field[end]) {
			end--
		}
		field = field[:end]
	}
	for i := range len(field) {
		if field[i] >= 0x80 {
			return foldSpelling(field)
		}
	}
	return spelling{field: field, text: field}
}

func foldSpelling(field string) spelling {
	var b strings.Builder
	at := make([]int32, 0, len(field)+1)
	for i, r := range field {
		n := b.Len()
		if r, keep := plainRune(r); keep {
			b.WriteRune(r)
		}
		for range b.Len() - n {
			at = append(at, int32(i))
		}
	}
	at = append(at, int32(len(field)))
	return spelling{field: field, text: b.String(), at: at}
}

// plainRune maps what phones, word processors and web pages put in the place of ASCII. keep is false for marks that
// have no width.
func plainRune(r rune) (plain rune, keep bool) {
	switch {
	case r < 0x80:
		return r, true
	case r == 0xad || r == 0x2060 || r == 0xfeff || r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069:
		return 0, false
	case unicode.Is(unicode.Mn, r):
		return 0, false
	case r >= 0xff01 && r <= 0xff5e: // full width
		return r - 0xfee0, true
	case unicode.Is(unicode.Pd, r) || r == 0x2212 || r == 0x30fc || r == 0x2500:
		return '-', true
	case unicode.IsSpace(r) || r == 0x3000:
		return ' ', true
	case r == 0x2044 || r == 0x2215 || r == 0x29f8:
		return '/', true
	case r == 0x223c || r == 0x301c:
		return '~', true
	case r == 0x2024 || r == 0xb7 || r == 0x2022 || r == 0x30fb || r == 0x3002:
		return '.', true
	}
	if d, ok := digitOf(r); ok {
		return rune(d), true
	}
	return unicode.ToLower(r), true
}

// original returns what stood in the field for text[from:to].
func (s *spelling) original(from, to int) string {
	if s.at != nil {
		from, to = int(s.at[from]), int(s.at[to])
	}
	return strings.TrimSpace(s.field[from:to])
}

// isDigit, isLetter and isSpace speak of the plain form. Every byte of a letter outside ASCII is a letter.
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80 }
func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f'
}

func countDigits(s string) (n int) {
	for i := range len(s) {
		if isDigit(s[i]) {
			n++
		}
	}
	return n
}

// word returns the letters at the beginning of s.
func word(s string) string {
	for i := range len(s) {
		if !isLetter(s[i]) {
			return s[:i]
		}
	}
	return s
}
