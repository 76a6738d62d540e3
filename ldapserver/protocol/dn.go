package protocol

// DN is a distinguished name, the most specific RDN first (RFC 4514, 2.1). The zero value is the root's.
type DN []RDN

// RDN is a set of one or more type and value pairs.
type RDN []AVA

// AVA is one attribute type and value. Value is unescaped; a value in # hex form is decoded where it is a string.
type AVA struct{ Type, Value string }

// ParseDN reads a DN by RFC 4514, section 3, leniently.
func ParseDN[T string | []byte](s T) (DN, error) { return nil, nil }

// String is the DN by RFC 4514, section 2.
func (d DN) String() string { return "" }

// Normal is the key under which equal DNs are equal strings.
func (d DN) Normal() string { return "" }

// Equal compares two DNs case-insensitively.
func (d DN) Equal(o DN) bool { return false }

// AncestorOf says whether o is below d; no DN is below itself.
func (d DN) AncestorOf(o DN) bool { return false }

// NormalizeDN appends the comparison key of raw to dst: what DN.Normal gives, without building a DN.
func NormalizeDN(dst, raw []byte) ([]byte, error) { return dst, nil }

// EscapeValue escapes an attribute value for use in a DN (RFC 4514, 2.4).
func EscapeValue(v string) string { return v }
