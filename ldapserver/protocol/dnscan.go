package protocol

import (
	"strconv"
	"unicode/utf8"
)

// dnScanner splits a DN into types and values, each octet looked at a bounded number of times. The calls: start, then, unless done:
// attributeType, value, separator, and again as long as separator says so.
type dnScanner struct {
	in   []byte
	at   int
	avas int
}

// fail says where the DN goes wrong. It doesn't repeat the DN, which is the peer's and may be long.
func (s *dnScanner) fail(what string) error {
	return &Error{Code: InvalidDNSyntax, Message: "dn: " + what + " at octet " + strconv.Itoa(s.at)}
}

func (s *dnScanner) start() error {
	if len(s.in) > maxDNLength {
		return &Error{Code: InvalidDNSyntax, Message: "dn: longer than " + strconv.Itoa(maxDNLength) + " octets"}
	}
	// RFC 4514, 2: a DN's string is UTF-8. ASCII is decided by the first loop of Valid.
	if !utf8.Valid(s.in) {
		return s.fail("no UTF-8")
	}
	s.spaces()
	return nil
}

func (s *dnScanner) done() bool { return s.at == len(s.in) }

func (s *dnScanner) spaces() {
	for s.at < len(s.in) && s.in[s.at] == ' ' {
		s.at++
	}
}

// attributeType takes a descr or numericoid (RFC 4512, 1.4) and the "=" behind it.
func (s *dnScanner) attributeType() ([]byte, error) {
	if s.avas++; s.avas > maxAVAs {
		return nil, s.fail("more than " + strconv.Itoa(maxAVAs) + " parts")
	}
	first := s.at
	for s.at < len(s.in) && isTypeOctet(s.in[s.at]) {
		s.at++
	}
	t := cutOIDPrefix(s.in[first:s.at])
	if !validType(t) {
		s.at = first
		return nil, s.fail("no attribute type")
	}
	s.spaces()
	if s.done() || s.in[s.at] != '=' {
		return nil, s.fail("no = behind the attribute type")
	}
	s.at++
	s.spaces()
	return t, nil
}

func isTypeOctet(c byte) bool { return isLetter(c) || isDigit(c) || c == '-' || c == '.' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// validType says whether t is a descr (a letter, then letters, digits and hyphens) or a numericoid (numbers with dots between).
func validType(t []byte) bool {
	if len(t) == 0 {
		return false
	}
	if isLetter(t[0]) {
		for _, c := range t {
			if c == '.' {
				return false
			}
		}
		return true
	}
	dot := true
	for _, c := range t {
		switch {
		case isDigit(c):
			dot = false
		case c == '.' && !dot:
			dot = true
		default:
			return false
		}
	}
	return !dot
}

// value takes a value in any of its three forms and appends it, unescaped, to dst.
func (s *dnScanner) value(dst []byte) (value []byte, encoded bool, err error) {
	if s.done() {
		return dst, false, nil
	}
	switch s.in[s.at] {
	case '#':
		return s.hexValue(dst)
	case '"':
		dst, err = s.quotedValue(dst)
	default:
		dst, err = s.plainValue(dst)
	}
	return dst, false, err
}

// plainValue is RFC 4514, 3: string. Unescaped spaces at its end don't count.
func (s *dnScanner) plainValue(dst []byte) ([]byte, error) {
	end := len(dst) // where the value ends if only unescaped spaces follow
	for s.at < len(s.in) {
		c := s.in[s.at]
		switch c {
		case ',', ';', '+':
			return dst[:end], nil
		case '"', '<', '>', 0:
			return dst, s.fail("unescaped special character")
		case '\\':
			var err error
			if dst, err = s.escape(dst); err != nil {
				return dst, err
			}
			end = len(dst)
			continue
		}
		dst = append(dst, c)
		s.at++
		if c != ' ' {
			end = len(dst)
		}
	}
	return dst[:end], nil
}

// quotedValue is LDAPv2's form (RFC 2253, 4): everything but " and \ stands for itself.
func (s *dnScanner) quotedValue(dst []byte) ([]byte, error) {
	s.at++
	for s.at < len(s.in) {
		switch c := s.in[s.at]; c {
		case '"':
			s.at++
			return dst, nil
		case '\\':
			var err error
			if dst, err = s.escape(dst); err != nil {
				return dst, err
			}
		default:
			dst = append(dst, c)
			s.at++
		}
	}
	return dst, s.fail("no closing quote")
}

// escape is a backslash with a special character or a hex pair behind it (RFC 4514, 3: pair).
func (s *dnScanner) escape(dst []byte) ([]byte, error) {
	if s.at+1 >= len(s.in) {
		return dst, s.fail("escape cut off")
	}
	c := s.in[s.at+1]
	if isDNSpecial(c) || c == ' ' || c == '#' || c == '=' {
		s.at += 2
		return append(dst, c), nil
	}
	if b, ok := s.hexPair(s.at + 1); ok {
		s.at += 3
		return append(dst, b), nil
	}
	return dst, s.fail("unknown escape")
}

func (s *dnScanner) hexPair(at int) (byte, bool) {
	if at+1 >= len(s.in) {
		return 0, false
	}
	hi, ok1 := hexDigit(s.in[at])
	lo, ok2 := hexDigit(s.in[at+1])
	return hi<<4 | lo, ok1 && ok2
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case isDigit(c):
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// hexValue is RFC 4514, 3: hexstring.
func (s *dnScanner) hexValue(dst []byte) ([]byte, bool, error) {
	s.at++
	from := len(dst)
	for {
		b, ok := s.hexPair(s.at)
		if !ok {
			break
		}
		dst = append(dst, b)
		s.at += 2
	}
	value, encoded, ok := decodeHexValue(dst[from:])
	if !ok {
		return dst, false, s.fail("no BER in the hex value before")
	}
	if !encoded {
		// The string lies at the end of what was just appended.
		dst = dst[:from+copy(dst[from:], value)]
	}
	return dst, encoded, nil
}

// separator takes what follows a value. more: another pair follows, in the same RDN or in the next.
func (s *dnScanner) separator() (more, same bool, err error) {
	s.spaces()
	if s.done() {
		return false, false, nil
	}
	switch s.in[s.at] {
	case ',', ';':
	case '+':
		same = true
	default:
		return false, false, s.fail("no separator")
	}
	s.at++
	s.spaces()
	return true, same, nil
}
