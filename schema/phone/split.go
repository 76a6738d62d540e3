package phone

import "strings"

// maxJoined is the longest number in E.164 form that two parts around a slash may make: German subscriber numbers end
// there, while the library takes longer ones.
const maxJoined = 14

// maxPair is how many digits the other end of a pair has at most: "555-0123/0145".
const maxPair = 4

// maxAreaOnly is the longest "+" form that can't be a whole number yet: country, a written trunk 0 and area.
const maxAreaOnly = 7

// span is a part of the plain form of a field.
type span struct {
	from, to int
	more     bool // it may be only another end of the number before it: "1234567/68", "123-0 oder -456"
}

// split finds the numbers of a field. It cuts where people do: at line ends, ";", ",", "|", "/", at "or" and "und", and
// before a second "+". It does not cut inside "030/1234567", before an extension or in a pause (",,,001#").
// The spans are appended to found.
func split(found []span, text, region string) []span {
	from, digits, open := isFeaturePrefix(text), 0, 0 // "L0#" belongs to no number
	more := false
	cut := func(at, next int, goesOn bool) {
		if digits > 0 && len(found) < maxNumbers {
			found = append(found, span{from, at, more})
		}
		from, digits, open, more = next, 0, 0, goesOn
	}
	uri := isURI(text)
	for i := from; i < len(text); i++ {
		c := text[i]
		switch {
		case isDigit(c):
			digits++
		case c == '\n' || c == '\r' || c == '|':
			cut(i, i+1, false)
			uri = isURI(text[i+1:])
		case c == ';' && isParameter(text[i+1:]):
			uri = true
		case c == ';' && !uri:
			if digits >= minReading && otherExtension(text[from:i], text[i+1:], region) {
				cut(i, i+1, true)
			} else if splitsAtSemicolon(text[from:i], text[i+1:]) {
				cut(i, i+1, false)
				uri = isURI(text[i+1:])
			}
		case c == ',':
			if digits >= minReading && otherExtension(text[from:i], text[i+1:], region) {
				cut(i, i+1, true)
			} else if splitsAtComma(text[from:i], text[i+1:]) {
				cut(i, i+1, false)
			} else {
				for i+1 < len(text) && text[i+1] == ',' {
					i++
				}
			}
		case (c == '/' || c == '\\') && !uri:
			if more && digits <= maxDirect && leadingHyphen(text[i+1:]) || splitsAtSlash(text[from:i], text[i+1:], digits, region) {
				cut(i, i+1, true)
			}
		case c == '&' && !uri:
			if digits >= 3 && countDigits(next(text[i+1:])) >= 3 {
				cut(i, i+1, true)
			}
		case c == '+' && digits >= 5 && !uri:
			cut(i, i, false)
		case c == '(':
			open++
		case c == ')' && open > 0:
			open--
		case c == ')' && digits >= 6 && i >= 2 && isDigit(text[i-1]) && isSpace(text[i-2]): // "1) 030 … 2) 0171 …"
			digits--
			cut(i-1, i+1, false)
		case isLetter(c) && !uri:
			w := word(text[i:])
			end := i + len(w)
			right := strings.TrimLeft(next(text[end:]), ". \t") // "u. -57"
			switch {
			case digits >= 3 && isConjunction(w) && boundary(text, i, end) &&
				(countDigits(right) >= 3 || leadingHyphen(right) && otherExtension(text[from:i], right, region)):
				cut(i, end, true)
			case digits >= 6 && countDigits(right) >= 6 && isLabelWord(w):
				cut(i, end, false)
			}
			i = end - 1
		}
	}
	cut(len(text), len(text), false)
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
	case right[0] == '+' || (right[0] == '-' || !isDigit(right[0])) && otherExtension(left, right, region):
		return true
	case announcesExtension(right) || right[0] == '-' && isOpen(left, region):
		return false
	case all <= 2 && !isAustrian(left, region):
		return digits >= 7 // "1234567/68": the other number of a pair
	case (right[0] == '0' || strings.HasPrefix(right, "(0")) && all >= 6:
		return true
	case n < 6 && (all > maxPair || isOpen(left, region)):
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
	return n >= 6 || digits >= nanpDigits // "(202) 555-0123/0145"
}

// otherExtension says whether right is only another extension of the head number in left: "123-0/-456", "123-0, DW 456".
func otherExtension(left, right, region string) bool {
	right = strings.TrimLeft(next(right), " \t")
	n := countDigits(right)
	if n == 0 || n > maxDirect || right[0] != '-' && !isDigit(right[0]) && !announcesExtension(right) {
		return false
	}
	if right[0] != '-' && !isOpen(left, region) {
		return false
	}
	s, ok := scan(left, region)
	return ok && s.extensionAt(region) > 0
}

// extensionAt is how many digits stand before the hyphen of an extension, 0 if there is none.
func (s *scanned) extensionAt(region string) int {
	for from := range min(2, s.n) {
		if from > 0 && s.digits[0] != '0' {
			break // no outside line
		}
		if n, ok := normalise(s.bytes()[from:], s.plus, region); ok && n.valid {
			if at := s.hyphenAt(&n); at > 0 {
				return at + s.n - len(n.e164) + 1
			}
		}
	}
	return 0
}

// isAustrian says whether left begins a number of Austria, where an extension stands behind a slash too ("51234/56").
func isAustrian(left, region string) bool {
	pl := planOf(left, region)
	return pl != nil && pl.region == "AT"
}

// isOpen says whether left begins a number of an open plan, where only the spelling tells how long numbers are.
func isOpen(left, region string) bool {
	pl := planOf(left, region)
	return pl != nil && pl.open
}

// leadingHyphen says whether text begins with a hyphen and a digit.
func leadingHyphen(text string) bool {
	text = strings.TrimLeft(text, " \t")
	return len(text) > 1 && text[0] == '-' && isDigit(text[1])
}

// planOf is the plan of the number that text begins, written in region; nil if there is none.
func planOf(text, region string) *plan {
	digits := Digits(text)
	international := strings.HasPrefix(strings.TrimLeft(text, " ("), "+")
	if rest, found := strings.CutPrefix(digits, "00"); found && !international {
		digits, international = rest, true
	}
	if !international {
		return plans().regions[region]
	}
	if among, width := plans().ofCode([]byte(digits)); width > 0 {
		return among[0]
	}
	return nil
}
