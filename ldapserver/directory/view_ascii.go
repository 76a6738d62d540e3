package directory

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// asciiLetters are the letters that don't decompose, as people without them write them. Those of German and the Nordic
// languages that do are here too, since ä is ae there and not a.
var asciiLetters = map[rune]string{
	'ä': "ae", 'ö': "oe", 'ü': "ue", 'Ä': "Ae", 'Ö': "Oe", 'Ü': "Ue", 'ß': "ss", 'ẞ': "SS", 'å': "aa", 'Å': "Aa",
	'æ': "ae", 'Æ': "Ae", 'ø': "oe", 'Ø': "Oe", 'œ': "oe", 'Œ': "Oe", 'þ': "th", 'Þ': "Th", 'ð': "d", 'Ð': "D", 'đ': "d", 'Đ': "D",
	'ł': "l", 'Ł': "L", 'ı': "i", 'ħ': "h", 'Ħ': "H", 'ŧ': "t", 'Ŧ': "T", 'ŋ': "n", 'Ŋ': "N", 'ĸ': "k",
	'‘': "'", '’': "'", '‚': "'", '“': `"`, '”': `"`, '„': `"`, '«': `"`, '»': `"`, '–': "-", '—': "-", '‐': "-", '‑': "-",
	'…': "...", '€': "EUR", '£': "GBP", '·': ".", '\u00a0': " ", '\u202f': " ",
}

// appendASCII appends text for displays that know no UTF-8. A letter of another script than Latin has no such form and
// stays as it is: a wrong sign is better than a name without it.
func appendASCII(dst, text []byte) []byte {
	start := len(dst)
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return appendFolded(dst[:start], text)
		}
		dst = append(dst, c)
	}
	return dst
}

func appendFolded(dst, text []byte) []byte {
	for _, r := range string(norm.NFC.Bytes(text)) {
		if r < utf8.RuneSelf {
			dst = append(dst, byte(r))
			continue
		}
		if plain, ok := asciiLetters[r]; ok {
			dst = append(dst, plain...)
			continue
		}
		if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r) {
			continue
		}
		at := len(dst)
		for _, part := range norm.NFKD.String(string(r)) {
			if plain, ok := asciiLetters[part]; ok {
				dst = append(dst, plain...)
			} else if part < utf8.RuneSelf {
				dst = append(dst, byte(part))
			} else if !unicode.Is(unicode.Mn, part) {
				dst = utf8.AppendRune(dst[:at], r)
				break
			}
		}
	}
	return dst
}
