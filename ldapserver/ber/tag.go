package ber

// Tag is an identifier octet: class, the constructed bit and a tag number below 31 (X.690, 8.1.2). LDAP uses no other
// form, so the high-tag-number form is refused.
type Tag byte

// Universal tags that LDAP uses (RFC 4511, 5.1).
const (
	Boolean     Tag = 0x01
	Integer     Tag = 0x02
	OctetString Tag = 0x04
	Null        Tag = 0x05
	Enumerated  Tag = 0x0a
	Sequence    Tag = 0x30
	Set         Tag = 0x31
)

// Constructed is the bit of a tag whose content is a series of elements.
const Constructed Tag = 0x20

// Context is the primitive context-specific tag [n].
func Context(n byte) Tag { return Tag(0x80 | n) }

// Application is the primitive tag [APPLICATION n].
func Application(n byte) Tag { return Tag(0x40 | n) }

// IsConstructed says whether the content is a series of elements.
func (t Tag) IsConstructed() bool { return t&Constructed != 0 }
