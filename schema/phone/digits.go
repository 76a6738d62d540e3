package phone

import (
	"strings"
	"unicode"
)

// Digits returns the digits of s as ASCII, whatever script they are written in, and nothing else.
func Digits(s string) string {
	plain := true
	for i := range len(s) {
		if c := s[i]; c < '0' || c > '9' {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if d, ok := digitOf(r); ok {
			b.WriteByte(d)
		}
	}
	return b.String()
}

// digitOf returns the ASCII digit of a decimal digit in any script. The decimal digits of a script lie in one run
// from zero to nine (Unicode Standard, 4.6), so the place in its range is the value.
func digitOf(r rune) (byte, bool) {
	if r < 0x80 {
		return byte(r), r >= '0' && r <= '9'
	}
	if !unicode.Is(unicode.Nd, r) {
		return 0, false
	}
	for _, run := range unicode.Nd.R16 {
		if r >= rune(run.Lo) && r <= rune(run.Hi) {
			return '0' + byte((r-rune(run.Lo))%10), true
		}
	}
	for _, run := range unicode.Nd.R32 {
		if r >= rune(run.Lo) && r <= rune(run.Hi) {
			return '0' + byte((r-rune(run.Lo))%10), true
		}
	}
	return 0, false
}
