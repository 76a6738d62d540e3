package phone

import "strings"

// scanned is one number as it was written: its digits and the signs between them that mean something.
type scanned struct {
	digits [maxDigits]byte
	n      int
	plus   bool
	ext    string
	zero   int    // place of a "(0)" in digits, -1 none
	gaps   uint64 // bit i: a sign or space stands before digit i
	hyphen uint64 // bit i: a hyphen stands before digit i
	dash   bool   // the number ends in a hyphen: "123-"
	leads  bool   // a hyphen or an extension word stands before the number: "-456", "DW 456"
	odd    bool   // a letter stands among the digits: "600a5"
	words  bool   // a word that is no label stands before the digits: "n/a 12"
	long   bool   // more digits than are read
	named  bool   // the record says its country itself
}

func (s *scanned) bytes() []byte { return s.digits[:s.n] }

func (s *scanned) add(d byte) {
	if s.n == maxDigits {
		s.long = true
		return
	}
	s.digits[s.n] = d
	s.n++
}

// scan reads one number out of text (a part of a field, or what a phone asks for). It ignores what stands before and
// behind the number. Letters count as digits where the plan of region means them so. ok is false if there is no digit.
func scan(text, region string) (s scanned, ok bool) {
	s.zero = -1
	context := ""
	if isURI(text) || strings.IndexByte(text, ';') >= 0 && isParameter(text[strings.IndexByte(text, ';')+1:]) {
		var found bool
		var ext string
		if text, ext, context, found = uriNumber(text); !found {
			return s, false
		}
		s.ext = ext
	}
	text = strings.TrimLeft(text, " \t\r\n\v\f")
	text = text[isFeaturePrefix(text):]
	s.read(text, region)
	if s.n == 0 && s.ext != "" { // "ext 567" alone
		for i := range len(s.ext) {
			s.add(s.ext[i])
		}
		s.ext, s.leads = "", true
	}
	if context != "" && !s.plus {
		s.putBefore(context)
	}
	return s, s.n > 0
}

// putBefore puts the context of a local number (RFC 3966, 5.1.5) before it.
func (s *scanned) putBefore(context string) {
	local := s.bytes()
	whole := scanned{zero: -1, plus: true, ext: s.ext}
	for i := range len(context) {
		if isDigit(context[i]) {
			whole.add(context[i])
		}
	}
	for _, d := range local {
		whole.add(d)
	}
	*s = whole
}

func (s *scanned) read(text, region string) {
	for i := 0; i < len(text); i++ {
		c := text[i]
		s.dash = s.dash && (isSpace(c) || !isDigit(c))
		switch {
		case isDigit(c):
			if s.n > 0 && s.n < 64 && i > 0 && !isDigit(text[i-1]) {
				s.gaps |= 1 << s.n
			}
			s.add(c)
		case c == '+':
			if s.n == 0 {
				s.plus = true
			}
		case c == '(':
			if zero := closedZero(text[i:]); zero > 0 && s.n > 0 && (s.plus || s.digits[0] == '0') {
				if s.zero < 0 {
					s.zero = s.n
					s.gaps |= 1 << s.n
				}
				s.add('0')
				i += zero - 1
			}
		case c == '-':
			if s.n > 0 {
				s.hyphen |= 1 << s.n
				s.dash = true
			} else {
				s.leads = true
			}
		case c == ',' || c == ';':
			if s.n >= 3 {
				s.pause(text[i:])
				return
			}
		case c == '#' || c == '~' && s.n >= 7:
			if s.n < 3 {
				continue
			}
			if s.ext == "" {
				if digits, _, ok := extensionDigits(text[i+1:]); ok {
					s.ext = digits
				} else if c == '#' {
					s.hashEnds()
				}
			}
			return
		case isLetter(c):
			w := word(text[i:])
			after := text[i+len(w):]
			switch {
			case strings.EqualFold(w, "xx"): // "0xx": a place for a carrier code
			case isExtensionWord(w) && (s.n >= 3 || s.n == 0):
				if digits, _, ok := extensionDigits(after); ok && s.ext == "" {
					s.ext = digits
				}
				if s.n > 0 || s.ext != "" {
					return
				}
			case s.n >= 3 && (w == "p" || w == "w" || w == "P" || w == "W") && i > 0 && isDigit(text[i-1]):
				s.pause(after)
				return
			case s.n == 0:
				s.words = s.words || !isLabelWord(w) && !isExtensionWord(w)
				after = strings.TrimLeft(after, ". ")
				if n := len(after) - len(strings.TrimLeft(after, "0123456789")); n > 0 && n <= 2 && strings.HasPrefix(after[n:], ":") {
					i = len(text) - len(after) + n // "Tel. 2: 030 …"
					continue
				}
			case isOdd(text, i, w, s.n):
				s.odd = true
				switch w {
				case "O", "o":
					s.add('0')
				case "l", "I":
					s.add('1')
				}
				continue
			case s.n <= 3 && !s.plus && countDigits(after) >= 6 && !isVanityPrefix(s.bytes()):
				*s = scanned{zero: -1, ext: s.ext} // "after 17 h 030 …"
			default:
				if digits := vanity(s.bytes(), s.plus, text[i:], region); digits != nil {
					for _, d := range digits {
						s.add(d)
					}
					s.gaps, s.hyphen = 0, 0
				}
				return
			}
			i += len(w) - 1
		case c == ':' || c == ')' && strings.IndexByte(text[:i], '(') < 0:
			if s.n > 0 && s.n <= 2 && !s.plus { // "2: 030 …", "2) 030 …"
				*s = scanned{zero: -1, ext: s.ext}
			}
		}
	}
}

// isOdd says whether the word text[i:] is a slip of the keys, not a remark: one letter that a digit follows directly and
// before which one stands directly, or which stands where there are too few digits for a number yet.
func isOdd(text string, i int, word string, digits int) bool {
	if len(word) != 1 || i+1 >= len(text) || !isDigit(text[i+1]) {
		return false
	}
	return i > 0 && isDigit(text[i-1]) || digits >= minNational && digits < minReading
}

// closedZero returns the length of "(0)", spaces inside allowed, at the beginning of text.
func closedZero(text string) int {
	i := 1
	for i < len(text) && text[i] == ' ' {
		i++
	}
	if i == len(text) || text[i] != '0' {
		return 0
	}
	for i++; i < len(text) && text[i] == ' '; {
		i++
	}
	if i == len(text) || text[i] != ')' {
		return 0
	}
	return i + 1
}

// pause reads the digits dialled after a pause: ",,,001#".
func (s *scanned) pause(text string) {
	if announcesExtension(text) {
		text = strings.TrimLeft(text, " \t,;")
		text = text[len(word(text)):]
	}
	text = strings.TrimLeft(text, " \t,;")
	if digits, _, ok := extensionDigits(text); ok && s.ext == "" && len(text) > 0 && !isLetter(text[0]) {
		s.ext = digits
	}
}

// hashEnds reads "123 1234-910#": what stands between the last hyphen or space and the "#" is an extension, if a whole
// number stands before.
func (s *scanned) hashEnds() {
	for i := s.n - 1; i >= 7 && s.n-i <= 6; i-- {
		if s.gaps&(1<<i) != 0 {
			s.ext = string(s.digits[i:s.n])
			s.n = i
			return
		}
	}
}
