package schema

// VirtualKind marks an attribute type that no entry holds: an assertion on it is one on many attributes.
type VirtualKind uint8

// The kinds of virtual attribute types.
const (
	None      VirtualKind = iota // an ordinary attribute
	AnyNumber                    // every telephone number of the entry: searchNumber, metaSearchNumber
	AnyName                      // every name of the entry: searchContact, metaSearchText, anr
)

// AttributeType is an attribute type (RFC 4512, 4.1.2).
type AttributeType struct {
	Name        string      // canonical spelling: telephoneNumber
	Aliases     []string    // further names that are accepted, those that phones really send among them
	OID         string      // numeric
	Superior    string      // canonical name of the supertype, or ""
	Syntax      Syntax      // how values are compared
	Single      bool        // SINGLE-VALUE
	Operational bool        // maintained by the directory; returned on request only (RFC 4511, 4.5.1.8)
	Virtual     VirtualKind // None, or what an assertion on it really asks
}

// Definition returns the type's description (RFC 4512, 4.1.2).
func (t *AttributeType) Definition() string { return "" }
