package phone

import "strings"

// schemes of the URIs in which numbers come: RFC 3966 and RFC 3261, and callto, which no document defines.
var schemes = [...]string{"tel:", "sip:", "sips:", "callto:", "fax:"}

// isURI says whether text, spaces left aside, is a URI with a number, not merely the label "Tel: ".
func isURI(text string) bool {
	_, _, ok := cutScheme(text)
	return ok
}

func cutScheme(text string) (scheme, rest string, ok bool) {
	if i := strings.IndexByte(text, '<'); i >= 0 { // "Anna" <sip:anna@example.org>
		text = text[i+1:]
	}
	text = strings.TrimLeft(text, " \t")
	for _, s := range schemes {
		if len(text) > len(s) && strings.EqualFold(text[:len(s)], s) {
			rest = text[len(s):]
			return s, rest, !isSpace(rest[0])
		}
	}
	return "", text, false
}

// uriNumber takes the number out of a URI: the subscriber of a tel URI, the user part of a SIP URI, with its ";ext="
// and ";phone-context=". ok is false if the URI names somebody instead of a number.
func uriNumber(text string) (number, ext, context string, ok bool) {
	scheme, rest, ok := cutScheme(text)
	if !ok {
		scheme, rest = "", text
	}
	if i := strings.IndexByte(rest, '>'); i >= 0 {
		rest = rest[:i]
	}
	rest = unescape(rest)
	if scheme == "sip:" || scheme == "sips:" {
		rest = strings.TrimPrefix(rest, "//")
		host := strings.IndexByte(rest, '@')
		if host < 0 {
			if i := strings.IndexAny(rest, "?"); i >= 0 {
				rest = rest[:i]
			}
		} else {
			rest = rest[:host]
		}
		if !isNumberText(rest) {
			return "", "", "", false
		}
	}
	number, params, _ := strings.Cut(rest, ";")
	for params != "" {
		var param string
		param, params, _ = strings.Cut(params, ";")
		name, value, _ := strings.Cut(param, "=")
		switch strings.ToLower(name) {
		case "ext":
			if digits, _, found := extensionDigits(value); found {
				ext = digits
			}
		case "phone-context":
			if value != "" && value[0] == '+' {
				context = value
			}
		}
	}
	return number, ext, context, true
}

// isNumberText says whether the user part of a SIP URI is a number: digits, signs and parameters.
func isNumberText(s string) bool {
	s, _, _ = strings.Cut(s, ";")
	if isFeaturePrefix(s) > 0 {
		return true
	}
	digits := 0
	for i := range len(s) {
		switch c := s[i]; {
		case isDigit(c):
			digits++
		case strings.IndexByte("+-.() *#,", c) < 0:
			return false
		}
	}
	return digits > 0
}

// unescape decodes %XX (RFC 3986, 2.1).
func unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			high, ok1 := hexDigit(s[i+1])
			low, ok2 := hexDigit(s[i+2])
			if c := high<<4 | low; ok1 && ok2 && c < 0x80 {
				b = append(b, c)
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case isDigit(c):
		return c - '0', true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// isFeaturePrefix returns the length of what exchanges put before a number: "L0#" (line of some Linphone gateways),
// "*31#" (number withheld), "**".
func isFeaturePrefix(s string) int {
	i := 0
	if i < len(s) && isLetter(s[i]) && s[i] < 0x80 {
		i++
	} else {
		for i < len(s) && (s[i] == '*' || s[i] == '#') {
			i++
		}
		if i == 0 {
			return 0
		}
	}
	j := i
	for j < len(s) && isDigit(s[j]) && j-i < 3 {
		j++
	}
	if j > i && j < len(s) && (s[j] == '#' || s[j] == '*') {
		return j + 1
	}
	if s[0] == '*' || s[0] == '#' {
		return i
	}
	return 0
}
