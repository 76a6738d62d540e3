package name

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// t9Keys are the keys of a to z.
const t9Keys = "22233344455566677778889999"

// T9 returns the keys that spell s on a telephone keypad, by innovaphone's table: a letter with marks is one key, that
// of its base letter, ß is 7, æ is 2, digits stand for themselves and one 0 for what lies between two words. Letters
// that keypads don't carry are left out.
func T9(s string) string {
	out := make([]byte, 0, len(s))
	gap := false
	for _, r := range norm.NFC.String(s) {
		key := t9Key(r)
		switch {
		case key != 0:
			if gap && len(out) > 0 {
				out = append(out, '0')
			}
			out, gap = append(out, key), false
		case !unicode.IsLetter(r) && !unicode.IsMark(r):
			gap = true
		}
	}
	return string(out)
}

// t9Key returns the key of a character, 0 if there is none.
func t9Key(r rune) byte {
	r = unicode.ToLower(r)
	switch r {
	case 'æ':
		return '2'
	case 'ð', 'đ':
		return '3'
	case 'ħ', 'ı':
		return '4'
	case 'ł', 'ĸ':
		return '5'
	case 'ø', 'œ', 'ŋ':
		return '6'
	case 'ß':
		return '7'
	case 'þ', 'ŧ':
		return '8'
	}
	if r >= utf8.RuneSelf {
		var room [utf8.UTFMax]byte
		parts := norm.NFKD.Properties(room[:utf8.EncodeRune(room[:], r)]).Decomposition()
		if len(parts) == 0 {
			return 0
		}
		r = unicode.ToLower(rune(parts[0]))
	}
	switch {
	case 'a' <= r && r <= 'z':
		return t9Keys[r-'a']
	case '0' <= r && r <= '9':
		return byte(r)
	}
	return 0
}
