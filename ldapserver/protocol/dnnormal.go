package protocol

import (
	"bytes"
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// NormalizeDN appends the comparison key of raw to dst, the same that ParseDN and DN.Normal give; for ordinary DNs (ASCII, one pair an
// RDN) nothing is allocated but dst's growth. It accepts what ParseDN accepts; the error is an *Error with code invalidDNSyntax.
//
// In the key, RDNs are separated by a comma and pairs by a plus sign, sorted, both without spaces; types are in lower case, the OIDs
// and long names of RFC 4514's table (section 3) under their short names; values are folded: lower case, NFKC, outer spaces gone,
// inner ones squeezed (RFC 4518, 2; ringdex has no DN that differs in letter case alone). A comma inside of a value is there as \2c,
// so an entry's key ends in "," and its base's key exactly when it lies below it.
func NormalizeDN(dst, raw []byte) ([]byte, error) {
	scan := dnScanner{in: raw}
	if err := scan.start(); err != nil {
		return dst, err
	}
	begin := len(dst)
	first, pairs := begin, 1
	for more := !scan.done(); more; {
		typ, err := scan.attributeType()
		if err != nil {
			return dst[:begin], err
		}
		dst = append(appendNormalType(dst, typ), '=')
		at := len(dst)
		value, encoded, err := scan.value(dst)
		if err != nil {
			return dst[:begin], err
		}
		dst = appendNormalValue(value, at, encoded)
		var same bool
		if more, same, err = scan.separator(); err != nil {
			return dst[:begin], err
		}
		switch {
		case same:
			dst = append(dst, '+')
			pairs++
			continue
		case pairs > 1:
			sortPairs(dst[first:])
		}
		if more {
			dst = append(dst, ',')
		}
		first, pairs = len(dst), 1
	}
	return dst, nil
}

// appendNormalType appends a type in lower case, under its short name where RFC 4514, 3, has one.
func appendNormalType(dst, t []byte) []byte {
	from := len(dst)
	for _, c := range t {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		dst = append(dst, c)
	}
	if len(t) > 5 {
		if short := shortType(dst[from:]); short != "" {
			dst = append(dst[:from], short...)
		}
	}
	return dst
}

// shortType is the short name of a type in RFC 4514's table; the long names are those of RFC 4519.
func shortType(t []byte) string {
	switch string(t) {
	case "commonname", "2.5.4.3":
		return "cn"
	case "localityname", "2.5.4.7":
		return "l"
	case "stateorprovincename", "2.5.4.8":
		return "st"
	case "organizationname", "2.5.4.10":
		return "o"
	case "organizationalunitname", "2.5.4.11":
		return "ou"
	case "countryname", "2.5.4.6":
		return "c"
	case "streetaddress", "2.5.4.9":
		return "street"
	case "domaincomponent", "0.9.2342.19200300.100.1.25":
		return "dc"
	case "userid", "0.9.2342.19200300.100.1.1":
		return "uid"
	}
	return ""
}

// appendNormalValue replaces the value that lies at buf[at:] by its folded form.
func appendNormalValue(buf []byte, at int, encoded bool) []byte {
	if encoded {
		raw := bytes.Clone(buf[at:])
		return appendHexValue(buf[:at], raw)
	}
	// One pass in place: lower case, spaces squeezed. It only ever shortens, and leaves what needs more to appendFolded.
	to := at
	space := true // leading spaces go
	for i := at; i < len(buf); i++ {
		c := buf[i]
		switch {
		case c == ' ':
			if space {
				continue
			}
			space = true
		case c < ' ' || c >= 0x7f || c == ',' || c == '+' || c == '\\' || c == '#':
			value := append(bytes.Clone(buf[at:to]), buf[i:]...)
			return appendFolded(buf[:at], value)
		default:
			space = false
			if c >= 'A' && c <= 'Z' {
				c |= 0x20
			}
		}
		buf[to] = c
		to++
	}
	if space && to > at {
		to--
	}
	return buf[:to]
}

// appendFolded appends the folded form of any value. What would be read as structure, and octets that are no UTF-8, become hex pairs.
func appendFolded(dst, value []byte) []byte {
	value = norm.NFKC.Bytes(value)
	from := len(dst)
	space := true
	for i := 0; i < len(value); {
		r, n := utf8.DecodeRune(value[i:])
		octet := value[i]
		i += n
		r = mapRune(r)
		switch {
		case r < 0:
			continue
		case r == ' ':
			if !space {
				dst = append(dst, ' ')
			}
			space = true
			continue
		case r == utf8.RuneError && n == 1, r == ',', r == '+', r == '\\', r == '#' && len(dst) == from:
			dst = appendHexEscape(dst, octet)
		case r == 'ß' || r == 'ẞ':
			dst = append(dst, "ss"...)
		default:
			dst = utf8.AppendRune(dst, r)
		}
		space = false
	}
	if space && len(dst) > from {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// mapRune is RFC 4518, 2.2, as far as it can occur in names: what counts as a space, what as nothing (-1), and letter case.
func mapRune(r rune) rune {
	switch {
	case r >= '\t' && r <= '\r', r == 0x85, unicode.Is(unicode.Z, r):
		return ' '
	case r == 0x00ad, r == 0x034f, unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r), r >= 0xfe00 && r <= 0xfe0f:
		return -1
	case r == 'ς':
		return 'σ'
	}
	return unicode.ToLower(r)
}

// sortPairs puts the pairs of a multi-valued RDN's key in order: they are a set (RFC 4512, 2.3.1). No value holds a plus sign.
func sortPairs(key []byte) {
	pairs := bytes.Split(bytes.Clone(key), []byte{'+'})
	slices.SortFunc(pairs, bytes.Compare)
	copy(key, bytes.Join(pairs, []byte{'+'}))
}
