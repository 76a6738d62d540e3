package name

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mozillazg/go-unidecode/table"
)

// greek is how passports spell Greek letters (ISO 843, transcription type 2), α to ω, folded. The table of the library has the
// pronunciation of antiquity.
var greek = [...]string{
	"a", "v", "g", "d", "e", "z", "i", "th", "i", "k", "l", "m", "n", "x", "o", "p", "r", "s", "s", "t", "y", "f", "ch", "ps", "o",
}

// transliterate returns a letter of another script in Latin ones, folded: Cyrillic as in passports (ICAO 9303), kana by
// Hepburn, ideographs in Pinyin, and so on. ok is false for what has no such form. The text may be empty: the soft sign.
func transliterate(r rune) (text string, ok bool) {
	if 'α' <= r && r <= 'ω' {
		return greek[r-'α'], true
	}
	if r < 0x0250 || 0x1100 <= r && r <= 0x11ff { // Latin, and the parts of Hangul
		return "", false
	}
	section := table.Tables[r>>8]
	if at := int(r & 0xff); at < len(section) {
		text, ok = lowered(section[at])
	}
	return text, ok
}

// lowered makes what the library has of a character a piece of a folded word: "Ban ", "Kh", "'".
func lowered(s string) (string, bool) {
	if s == "" || s == "[?]" || s == "[?] " {
		return "", false
	}
	var b [16]byte
	out := b[:0]
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return "", false
		}
		if c := lower(s[i]); c != 0 {
			out = append(out, c)
		}
	}
	return string(out), true
}

// latinLetter appends what transliterate made of r. Greek has pairs: ου ou, αυ and ευ av and ev (af and ef before voiceless
// letters), γγ ng.
func (f *folder) latinLetter(r rune, text string) {
	if text == "" {
		return
	}
	f.word()
	last := byte(0)
	if len(f.dst) > f.start {
		last = f.dst[len(f.dst)-1]
	}
	switch {
	case r == 'υ' && last == 'o':
		text = "u"
	case r == 'υ' && (last == 'a' || last == 'e'):
		f.dst = append(f.dst, 'v')
		f.greekV = len(f.dst)
		return
	case (r == 'γ' || r == 'χ' || r == 'ξ') && last == 'g':
		f.dst[len(f.dst)-1] = 'n'
	case last == 'v' && f.greekV == len(f.dst) && strings.ContainsRune("θκξπστφχψ", r):
		f.dst[len(f.dst)-1] = 'f'
	}
	f.dst = append(f.dst, text...)
}

func isKana(r rune) bool { return unicode.In(r, unicode.Hiragana, unicode.Katakana) }

// syllable folds an ideograph or a Hangul syllable.
func (f *folder) syllable(r rune) {
	text, ok := transliterate(r)
	if ok && text != "" {
		f.seen |= syllables
		if f.reading&syllables != 0 {
			if f.run++; f.runEnd != len(f.dst) || f.gap {
				f.run = 1
			}
			if f.reading&apart != 0 && (f.reading&together == 0 && f.run > 1 || f.run == 2) {
				f.gap = true
			}
			f.word()
			f.dst = append(f.dst, text...)
			f.runEnd = len(f.dst)
			return
		}
	}
	f.word()
	f.dst = utf8.AppendRune(f.dst, r)
}
