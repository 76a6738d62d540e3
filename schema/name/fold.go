package name

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// reading is a set of choices on how to fold the characters that people spell in two ways.
type reading uint8

const (
	digraphs reading = 1 << iota // ä ö ü å ø as ae oe ue aa oe, else as a o u a o
	singleS                      // ß as s, else as ss
	joined                       // an apostrophe as nothing, else as a gap
	latin                        // letters of another script in Latin ones, else as they are
	apart                        // ideographs and Hangul in Latin letters, each a word
	together                     // the same as one word; with apart, the first apart and the others as one: Wang Xiaoming
	oneKey                       // æ œ þ as the one letter on whose key of a telephone they are: a o t; else as ae oe th
)

// syllables are the choices for stored values only. Who asks for an ideograph doesn't want all that sound like it.
const syllables = apart | together

// stored are all choices for stored values only. oneKey counts for the keys of a telephone only: an index has no such words.
const stored = syllables | oneKey

// Fold returns the canonical folded form of s: lower case, compatibility decomposition (NFKD) without marks, ß as ss,
// ø as o, ł as l, æ as ae …; letters and digits make words, everything else one space between them, none at the ends.
func Fold(s string) string { return string(AppendFold(nil, []byte(s))) }

// AppendFold appends the folded form of s to dst. It doesn't allocate for ASCII when dst has room.
func AppendFold(dst, s []byte) []byte {
	f := folder{dst: dst, start: len(dst)}
	f.fold(s)
	return f.dst
}

// folder is the state of one folding.
type folder struct {
	dst     []byte
	start   int     // where the folded form begins in dst
	reading reading // how to fold
	seen    reading // choices that would have made a difference
	gap     bool    // a separator came after the last word: at the end, "trailing"
	leading bool    // a separator came before the first word
	run     int     // characters with a syllable each in a row
	runEnd  int     // where the last of them ends in dst
	greekV  int     // where an υ that became v ends in dst
}

func (f *folder) fold(s []byte) {
	for i, c := range s {
		if c >= utf8.RuneSelf {
			f.foldUnicode(s[i:])
			return
		}
		f.ascii(c)
	}
}

// ascii folds one ASCII character.
func (f *folder) ascii(c byte) {
	if l := lower(c); l != 0 {
		f.word()
		f.dst = append(f.dst, l)
	} else if c == '\'' || c == '`' {
		f.apostrophe()
	} else {
		f.separate()
	}
}

// lower returns an ASCII letter or digit in lower case, 0 for every other ASCII character.
func lower(c byte) byte {
	switch {
	case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
		return c
	case 'A' <= c && c <= 'Z':
		return c + 'a' - 'A'
	}
	return 0
}

// foldUnicode folds the rest of a string from its first character beyond ASCII.
func (f *folder) foldUnicode(s []byte) {
	if !utf8.Valid(s) {
		s = fromLatin1(s)
	}
	// A combining mark at the very start belongs to the ASCII letter before it, and u with a diaeresis is ü.
	if first, _ := utf8.DecodeRune(s); unicode.Is(unicode.Mn, first) && len(f.dst) > f.start && !f.gap {
		last := len(f.dst) - 1
		s = append([]byte{f.dst[last]}, s...)
		f.dst = f.dst[:last]
		// The space before a word of one letter goes with it.
		if last > f.start && f.dst[last-1] == ' ' {
			f.dst, f.gap = f.dst[:last-1], true
		}
	}
	if !norm.NFC.IsNormal(s) {
		s = norm.NFC.Bytes(s)
	}
	for len(s) > 0 {
		if s[0] < utf8.RuneSelf {
			f.ascii(s[0])
			s = s[1:]
			continue
		}
		r, size := utf8.DecodeRune(s)
		switch {
		case f.special(unicode.ToLower(r)):
		case hangulFirst <= r && r <= hangulLast:
			f.hangul(r)
		case f.reading&latin != 0 && isKana(r):
			f.letter(r)
		default:
			parts := norm.NFKD.Properties(s[:size]).Decomposition()
			if parts == nil {
				f.letter(unicode.ToLower(r))
			}
			for len(parts) > 0 {
				part, n := utf8.DecodeRune(parts)
				parts = parts[n:]
				if part < utf8.RuneSelf {
					f.ascii(byte(part))
				} else if part = unicode.ToLower(part); !f.special(part) {
					f.letter(part)
				}
			}
		}
		s = s[size:]
	}
}

// special folds the lower-case letters that don't decompose as people spell them. It says whether r is one.
func (f *folder) special(r rune) bool {
	switch r {
	case 'ä':
		f.choose(digraphs, "a", "ae")
	case 'ö', 'ø':
		f.choose(digraphs, "o", "oe")
	case 'ü':
		f.choose(digraphs, "u", "ue")
	case 'å':
		f.choose(digraphs, "a", "aa")
	case 'ß':
		f.choose(singleS, "ss", "s")
	case 'æ':
		f.choose(oneKey, "ae", "a")
	case 'œ':
		f.choose(oneKey, "oe", "o")
	case 'þ':
		f.choose(oneKey, "th", "t")
	case 'ð', 'đ':
		f.choose(0, "d", "")
	case 'ł':
		f.choose(0, "l", "")
	case 'ı':
		f.choose(0, "i", "")
	case 'ħ':
		f.choose(0, "h", "")
	case 'ŧ':
		f.choose(0, "t", "")
	case 'ŋ':
		f.choose(0, "n", "")
	case 'ĸ':
		f.choose(0, "k", "")
	case 'ς':
		f.letter('σ')
	case '\u2018', '\u2019', '\u201b', '\u2032', '\u00b4', '\u02b9', '\u02bb', '\u02bc', '\uff07':
		f.apostrophe()
	default:
		return false
	}
	return true
}

// choose appends plain, or other where the reading says so.
func (f *folder) choose(choice reading, plain, other string) {
	f.word()
	f.seen |= choice
	if choice&f.reading != 0 {
		plain = other
	}
	f.dst = append(f.dst, plain...)
}

// letter folds a character that is neither ASCII nor special.
func (f *folder) letter(r rune) {
	switch {
	case isDiacritic(r) || unicode.Is(unicode.Cf, r):
	case unicode.Is(unicode.Han, r):
		f.syllable(r)
	case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r):
		if text, ok := transliterate(r); ok && (text != "" || f.inWord()) {
			f.seen |= latin
			if f.reading&latin != 0 {
				f.latinLetter(r, text)
				return
			}
		}
		f.word()
		f.dst = utf8.AppendRune(f.dst, r)
	default:
		f.separate()
	}
}

func (f *folder) apostrophe() {
	f.seen |= joined
	if f.reading&joined == 0 {
		f.separate()
	}
}

// separate notes the end of a word.
func (f *folder) separate() {
	if len(f.dst) == f.start {
		f.leading = true
	} else {
		f.gap = true
	}
}

// inWord says whether the last word goes on.
func (f *folder) inWord() bool {
	return !f.gap && len(f.dst) > f.start && f.dst[len(f.dst)-1] != ' '
}

// word makes room for a further letter.
func (f *folder) word() {
	if f.gap {
		f.dst = append(f.dst, ' ')
		f.gap = false
	}
}

// isDiacritic says whether a mark only modifies the letter before it. Vowel signs and the voicing marks of kana aren't
// such: words differ by them.
func isDiacritic(r rune) bool {
	switch {
	case r < 0x0300:
		return false
	case r <= 0x036f, // combining diacritical marks
		0x0483 <= r && r <= 0x0487,                              // Cyrillic
		0x0591 <= r && r <= 0x05c7 && unicode.Is(unicode.Mn, r), // Hebrew points
		0x064b <= r && r <= 0x065f, r == 0x0670,                 // Arabic vowels
		0x1ab0 <= r && r <= 0x1aff, 0x1dc0 <= r && r <= 0x1dff, // extended, supplement
		0x20d0 <= r && r <= 0x20ff, 0xfe00 <= r && r <= 0xfe0f, // for symbols, variation selectors
		0xfe20 <= r && r <= 0xfe2f, 0xe0100 <= r && r <= 0xe01ef: // half marks, more selectors
		return true
	}
	return false
}

// Hangul syllables decompose by arithmetic (The Unicode Standard, 3.12).
const (
	hangulFirst, hangulLast      = 0xac00, 0xd7a3
	jamoL, jamoV, jamoT          = 0x1100, 0x1161, 0x11a7
	jamoTCount, jamoNCount  rune = 28, 21 * 28
)

// hangul folds a syllable into its letters, so that a syllable half typed is a prefix.
func (f *folder) hangul(r rune) {
	if f.reading&syllables != 0 {
		f.syllable(r)
		return
	}
	f.seen |= syllables
	r -= hangulFirst
	f.word()
	f.dst = utf8.AppendRune(f.dst, jamoL+r/jamoNCount)
	f.dst = utf8.AppendRune(f.dst, jamoV+r%jamoNCount/jamoTCount)
	if t := r % jamoTCount; t != 0 {
		f.dst = utf8.AppendRune(f.dst, jamoT+t)
	}
}

// fromLatin1 makes valid UTF-8: a byte that isn't part of a character is one of ISO 8859-1.
func fromLatin1(s []byte) []byte {
	out := make([]byte, 0, len(s)+8)
	for len(s) > 0 {
		r, size := utf8.DecodeRune(s)
		if r == utf8.RuneError && size == 1 {
			r = rune(s[0])
		}
		out = utf8.AppendRune(out, r)
		s = s[size:]
	}
	return out
}
