package protocol

import (
	"strings"
	"unicode/utf8"

	"ringdex/ldapserver/ber"
)

// DN is a distinguished name, the most specific RDN first (RFC 4514, 2.1). The zero value is the root's.
type DN []RDN

// RDN is a set of one or more type and value pairs.
type RDN []AVA

// AVA is one attribute type and value.
type AVA struct {
	Type  string // as sent, without the OID. prefix of LDAPv2
	Value string // unescaped; a # hex form that holds a string gives that string
	// Encoded says that Value is the BER encoding of something else than a string, from a # hex form (RFC 4514, 2.4).
	Encoded bool
}

// Bounds of a DN.
const (
	maxDNLength = 64 << 10 // octets: what Limits.MaxDN may be at most
	maxAVAs     = 64       // type and value pairs in all; ringdex's own DNs have up to 5
)

// ParseDN reads a DN by RFC 4514, section 3, and what LDAPv2 allowed beyond that (RFC 4514, appendix A; RFC 2253, 4): spaces around
// "=", "+", "," and ";", quoted values, ";" between RDNs, "OID." before a type. It takes linear time and refuses more than
// 65,536 octets and more than 64 pairs. The error is an *Error with code invalidDNSyntax.
func ParseDN[T string | []byte](s T) (DN, error) {
	scan := dnScanner{in: []byte(s)}
	if err := scan.start(); err != nil {
		return nil, err
	}
	var dn DN
	var scratch []byte
	for more, same := !scan.done(), false; more; {
		typ, err := scan.attributeType()
		if err != nil {
			return nil, err
		}
		value, encoded, err := scan.value(scratch[:0])
		if err != nil {
			return nil, err
		}
		scratch = value
		ava := AVA{Type: string(typ), Value: string(value), Encoded: encoded}
		if same {
			dn[len(dn)-1] = append(dn[len(dn)-1], ava)
		} else {
			dn = append(dn, RDN{ava})
		}
		if more, same, err = scan.separator(); err != nil {
			return nil, err
		}
	}
	return dn, nil
}

// String is the DN by RFC 4514, section 2, types and values as they are.
func (d DN) String() string { return string(d.Append(nil)) }

// Append appends what String gives.
func (d DN) Append(dst []byte) []byte {
	for i, rdn := range d {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = rdn.append(dst)
	}
	return dst
}

// String is the RDN by RFC 4514, 2.2.
func (r RDN) String() string { return string(r.append(nil)) }

func (r RDN) append(dst []byte) []byte {
	for i, ava := range r {
		if i > 0 {
			dst = append(dst, '+')
		}
		dst = append(append(dst, ava.Type...), '=')
		if ava.Encoded {
			dst = appendHexValue(dst, ava.Value)
		} else {
			dst = AppendEscapedValue(dst, ava.Value)
		}
	}
	return dst
}

// Normal is the key under which equal DNs are equal strings (RFC 4517, 4.2.15, with caseIgnoreMatch on every value): what
// NormalizeDN describes.
func (d DN) Normal() string {
	var dst []byte
	for i, rdn := range d {
		if i > 0 {
			dst = append(dst, ',')
		}
		first := len(dst)
		for j, ava := range rdn {
			if j > 0 {
				dst = append(dst, '+')
			}
			dst = append(appendNormalType(dst, []byte(ava.Type)), '=')
			dst = appendNormalValue(append(dst, ava.Value...), len(dst), ava.Encoded)
		}
		if len(rdn) > 1 {
			sortPairs(dst[first:])
		}
	}
	return string(dst)
}

// Equal says whether both name the same entry, as far as that can be told without a schema: every value is compared like
// caseIgnoreMatch does (RFC 4517, 4.2.11 and 4.2.15).
func (d DN) Equal(o DN) bool { return len(d) == len(o) && d.Normal() == o.Normal() }

// AncestorOf says whether o is below d; no DN is below itself.
func (d DN) AncestorOf(o DN) bool { return len(o) > len(d) && d.Equal(o[len(o)-len(d):]) }

// Parent is the DN without its first RDN; the root's is the root.
func (d DN) Parent() DN {
	if len(d) == 0 {
		return nil
	}
	return d[1:]
}

// EscapeValue escapes an attribute value for use in a DN (RFC 4514, 2.4). UTF-8 stays as it is; other octets and control characters
// become hex pairs.
func EscapeValue(v string) string {
	if !needsEscape(v) {
		return v
	}
	return string(AppendEscapedValue(nil, v))
}

func needsEscape(v string) bool {
	if v == "" {
		return false
	}
	if v[0] == ' ' || v[0] == '#' || v[len(v)-1] == ' ' {
		return true
	}
	for i := 0; i < len(v); i++ {
		if c := v[i]; c < ' ' || c >= 0x7f || isDNSpecial(c) {
			return true
		}
	}
	return false
}

// isDNSpecial are the characters that are escaped wherever they stand (RFC 4514, 2.4).
func isDNSpecial(c byte) bool {
	switch c {
	case '"', '+', ',', ';', '<', '>', '\\':
		return true
	}
	return false
}

// AppendEscapedValue appends what EscapeValue gives.
func AppendEscapedValue(dst []byte, v string) []byte {
	for i := 0; i < len(v); {
		c := v[i]
		switch {
		case c < ' ' || c == 0x7f:
			dst = appendHexEscape(dst, c)
			i++
		case isDNSpecial(c), c == '#' && i == 0, c == ' ' && (i == 0 || i == len(v)-1):
			dst = append(dst, '\\', c)
			i++
		case c < utf8.RuneSelf:
			dst = append(dst, c)
			i++
		default:
			r, n := utf8.DecodeRuneInString(v[i:])
			if r == utf8.RuneError && n == 1 {
				dst = appendHexEscape(dst, c)
			} else {
				dst = append(dst, v[i:i+n]...)
			}
			i += n
		}
	}
	return dst
}

func appendHexValue[T string | []byte](dst []byte, v T) []byte {
	dst = append(dst, '#')
	for i := 0; i < len(v); i++ {
		dst = append(dst, hexDigits[v[i]>>4], hexDigits[v[i]&0xf])
	}
	return dst
}

// decodeHexValue looks into the BER of a # hex form (RFC 4514, 3). Trailing octets are refused. What holds a string that is written as
// UTF-8 or ASCII is that string; every other type stays BER.
func decodeHexValue(b []byte) (value []byte, encoded bool, ok bool) {
	r := ber.NewReader(b, 0)
	tag, content, err := r.Next()
	if err != nil || !r.Empty() {
		return nil, false, false
	}
	switch tag {
	case ber.OctetString, 0x0c, 0x12, 0x13, 0x16: // UTF8String, NumericString, PrintableString, IA5String
		return content, false, utf8.Valid(content)
	}
	return b, true, true
}

// cutOIDPrefix takes LDAPv2's "OID." off a type (RFC 2253, 4).
func cutOIDPrefix(t []byte) []byte {
	if len(t) > 4 && t[3] == '.' && strings.EqualFold(string(t[:3]), "oid") {
		return t[4:]
	}
	return t
}
