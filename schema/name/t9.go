package name

import (
	"bytes"
	"slices"
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

// Letters returns what stands on a key of a telephone, folded: the letters and the digit itself.
func Letters(key byte) string {
	switch key {
	case '2':
		return "2abc"
	case '3':
		return "3def"
	case '4':
		return "4ghi"
	case '5':
		return "5jkl"
	case '6':
		return "6mno"
	case '7':
		return "7pqrs"
	case '8':
		return "8tuv"
	case '9':
		return "9wxyz"
	case '0':
		return "0"
	case '1':
		return "1"
	}
	return ""
}

// Spellings returns what a key of a telephone may stand for in a folded word of an index: its Letters, and the two letters of one
// that is folded to two: æ is on 2, œ on 6, þ on 8. A word that has the two by itself is proposed for nothing; Match decides.
func Spellings(key byte) []string {
	letters := Letters(key)
	out := make([]string, 0, len(letters)+1)
	for i := range len(letters) {
		out = append(out, letters[i:i+1])
	}
	switch key {
	case '2':
		out = append(out, "ae")
	case '6':
		out = append(out, "oe")
	case '8':
		out = append(out, "th")
	}
	return out
}

// onKeys says whether a folded word begins with letters on the keys.
func onKeys(w, keys []byte) bool {
	if len(w) < len(keys) {
		return false
	}
	for i, k := range keys {
		switch c := w[i]; {
		case c == k:
		case c < 'a' || c > 'z' || t9Keys[c-'a'] != k:
			return false
		}
	}
	return true
}

// AcceptKeys makes the pattern match names that are spelled by the keys of a telephone, too, if its parts are digits and
// nothing else: each run of keys begins a word, in any order; 0 is the space between two of them, and so is what lies between
// two parts. It says whether they are. Call it before the pattern is used.
func (p *Pattern) AcceptKeys(parts ...[]byte) bool {
	var apart, glued []word
	for _, part := range parts {
		for run := range bytes.FieldsSeq(part) {
			for _, c := range run {
				if c < '0' || c > '9' {
					return false
				}
			}
			glued = append(glued, word{readings: [][]byte{bytes.Clone(run)}, keys: true})
			for _, keys := range bytes.Split(run, []byte{'0'}) {
				if len(keys) > 0 {
					apart = append(apart, word{readings: [][]byte{bytes.Clone(keys)}, keys: true})
				}
			}
		}
	}
	if len(glued) == 0 || len(glued) > maxWords || len(apart) > maxWords {
		return false
	}
	p.expand()
	var clause []Term
	if len(p.clauses) > 0 {
		clause = longest(p.clauses)
	}
	for _, set := range [][]word{apart, glued} {
		if len(set) == 0 {
			continue
		}
		p.addWords(set)
		best := slices.MaxFunc(set, func(a, b word) int { return len(a.readings[0]) - len(b.readings[0]) })
		clause = appendTerm(clause, Term{WordKeys, best.readings[0]})
	}
	p.clauses, p.begins, p.insides, p.unread = [][]Term{clause}, nil, nil, 0
	return true
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
