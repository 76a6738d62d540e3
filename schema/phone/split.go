package phone

import "strings"

// maxJoined is the longest number in E.164 form that two parts around a slash may make: German subscriber numbers end
// there, while the library takes longer ones.
const maxJoined = 14

// maxAreaOnly is the longest "+" form that can't be a whole number yet: country, a written trunk 0 and area.
const maxAreaOnly = 7

// span is a part of the plain form of a field.
type span struct {
	from, to int
	slash    bool // a slash stands before it
}

// split finds the numbers of a field. It cuts where people do: at line ends, ";", ",", "|", "/", at "or" and "und", and
// before a second "+". It does not cut inside "030/1234567", before an extension or in a pause (",,,001#").
// The spans are appended to found.
func split(found []span, text, region string) []span {
	from, digits, open := isFeaturePrefix(text), 0, 0 // "L0#" belongs to no number
	cut := func(at, next int) {
		if digits > 0 && len(found) < maxNumbers {
			found = append(found, span{from, at, from > 0 && (text[from-1] == '/' || text[from-1] == '\\')})
		}
		from, digits, open = next, 0, 0
	}
	uri := isURI(text)
	for i := from; i < len(text); i++ {
		c := text[i]
		switch {
		case isDigit(c):
			digits++
		case c == '\n' || c == '\r' || c == '|':
			cut(i, i+1)
			uri = isURI(text[i+1:])
		case c == ';' && isParameter(text[i+1:]):
			uri = true
		case c == ';' && !uri:
			if splitsAtSemicolon(text[from:i], text[i+1:]) {
				cut(i, i+1)
				uri = isURI(text[i+1:])
			}
		case c == ',':
			if splitsAtComma(text[from:i], text[i+1:]) {
				cut(i, i+1)
			} else {
				for i+1 < len(text) && text[i+1] == ',' {
					i++
				}
			}
		case (c == '/' || c == '\\') && !uri:
			if splitsAtSlash(text[from:i], text[i+1:], digits, region) {
				cut(i, i+1)
			}
		case c == '&' && !uri:
			if digits >= 3 && countDigits(next(text[i+1:])) >= 3 {
				cut(i, i+1)
			}
		case c == '+' && digits >= 5 && !uri:
			cut(i, i)
		case c == '(':
			open++
		case c == ')' && open > 0:
			open--
		case c == ')' && digits >= 6 && i >= 2 && isDigit(text[i-1]) && isSpace(text[i-2]): // "1) 030 … 2) 0171 …"
			digits--
			cut(i-1, i+1)
		case isLetter(c) && !uri:
			w := word(text[i:])
			end := i + len(w)
			right := next(text[end:])
			if digits >= 3 && countDigits(right) >= 3 && isConjunction(w) && boundary(text, i, end) ||
				digits >= 6 && countDigits(right) >= 6 && isLabelWord(w) {
				cut(i, end)
			}
			i = end - 1
		}
	}
	cut(len(text), len(text))
	return found
}

// next returns text up to the next sure end of a number.
func next(text string) string {
	if i := strings.IndexAny(text, "\n\r|;,"); i >= 0 {
		return text[:i]
	}
	return text
}

// boundary says whether the word text[from:to] stands alone.
func boundary(text string, from, to int) bool {
	return (from == 0 || !isDigit(text[from-1])) && (to == len(text) || !isDigit(text[to]))
}

func splitsAtSemicolon(left, right string) bool {
	if announcesExtension(right) || strings.HasPrefix(right, ";") {
		return false
	}
	return countDigits(left) < 6 || countDigits(next(right)) > 4 || countDigits(next(right)) == 0
}

// isParameter recognises the parameters of RFC 3966 where the scheme is missing.
func isParameter(s string) bool {
	for _, name := range [...]string{"ext=", "phone-context=", "isub=", "user="} {
		if len(s) >= len(name) && strings.EqualFold(s[:len(name)], name) {
			return true
		}
	}
	return false
}

func splitsAtComma(left, right string) bool {
	if strings.HasPrefix(right, ",") || strings.HasSuffix(left, ",") || announcesExtension(right) {
		return false
	}
	n := countDigits(next(right))
	return countDigits(left) < 6 || n > 6 || n == 0
}

// splitsAtSlash tells "030/1234567" from "030 1234567/0171 1234567". left is what stands before the slash since the
// last cut, with so many digits.
func splitsAtSlash(left, right string, digits int, region string) bool {
	right = strings.TrimLeft(next(right), " \t")
	all := countDigits(right)
	if i := strings.IndexAny(right, `/\`); i >= 0 {
		right = right[:i]
	}
	n := countDigits(right)
	switch {
	case digits < 6 || n == 0:
		return false
	case right[0] == '+':
		return true
	case announcesExtension(right):
		return false
	case all <= 2:
		return digits >= 7 // "1234567/68": the other number of a pair
	case right[0] == '0' || strings.HasPrefix(right, "(0"):
		return all >= 6
	case n < 6:
		return false
	}
	var b [2 * maxDigits]byte
	joined := b[:0]
	for _, s := range [...]string{left, right} {
		for i := 0; i < len(s) && len(joined) < len(b); i++ {
			if isDigit(s[i]) {
				joined = append(joined, s[i])
			}
		}
	}
	if len(joined) > maxNational {
		return true
	}
	plus := strings.HasPrefix(strings.TrimLeft(left, " ("), "+")
	if plus && digits <= maxAreaOnly {
		return false
	}
	if read, ok := normalise(joined, plus, region); ok && read.valid {
		return len(read.e164) > maxJoined
	}
	if len(joined) > 2 && joined[0] == '0' && joined[1] == '0' { // "0/07031/123456" with an outside line
		if read, ok := normalise(joined[1:], plus, region); ok && read.valid {
			return len(read.e164) > maxJoined
		}
	}
	return true
}
