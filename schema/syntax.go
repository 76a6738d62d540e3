package schema

// Syntax of an attribute's values: how they are compared, and what an index makes of them.
type Syntax uint8

// The syntaxes. The zero value is Text.
const (
	Text    Syntax = iota // a directory string that isn't a name
	Name                  // a directory string that is searched by words
	Phone                 // a telephone number
	Fax                   // a fax number; matches as Phone does
	Mail                  // an IA5 string
	URL                   // a directory string, compared with regard to case
	DN                    // a distinguished name
	OID                   // an object identifier or its name
	Time                  // generalized time
	Integer               // an integer
	Boolean               // TRUE or FALSE
	UUID                  // a UUID
	Octets                // bytes
)

// IsNumber says whether values are telephone or fax numbers.
func (s Syntax) IsNumber() bool { return s == Phone || s == Fax }
