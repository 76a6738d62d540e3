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
	syntaxCount
)

// IsNumber says whether values are telephone or fax numbers.
func (s Syntax) IsNumber() bool { return s == Phone || s == Fax }

// rules are the matching rules that we serve for a syntax, and its OID (RFC 4517, 3.3 and 4.2).
type rules struct{ equality, ordering, substr, syntax string }

// syntaxArc is where RFC 4517, 3.3, has its syntaxes.
const syntaxArc = "1.3.6.1.4.1.1466.115.121.1."

// syntaxRules: names and numbers have an ordering because Poly VVX asks givenName>=x, and fax numbers match as telephone numbers do
// because Yealink's recipes search them; neither does by RFC 4519.
var syntaxRules = [syntaxCount]rules{
	Text:    {"caseIgnoreMatch", "caseIgnoreOrderingMatch", "caseIgnoreSubstringsMatch", syntaxArc + "15"},
	Name:    {"caseIgnoreMatch", "caseIgnoreOrderingMatch", "caseIgnoreSubstringsMatch", syntaxArc + "15"},
	Phone:   {"telephoneNumberMatch", "numericStringOrderingMatch", "telephoneNumberSubstringsMatch", syntaxArc + "50"},
	Fax:     {"telephoneNumberMatch", "numericStringOrderingMatch", "telephoneNumberSubstringsMatch", syntaxArc + "22"},
	Mail:    {"caseIgnoreIA5Match", "", "caseIgnoreIA5SubstringsMatch", syntaxArc + "26"},
	URL:     {"caseExactMatch", "", "caseExactSubstringsMatch", syntaxArc + "15"},
	DN:      {"distinguishedNameMatch", "", "", syntaxArc + "12"},
	OID:     {"objectIdentifierMatch", "", "", syntaxArc + "38"},
	Time:    {"generalizedTimeMatch", "generalizedTimeOrderingMatch", "", syntaxArc + "24"},
	Integer: {"integerMatch", "integerOrderingMatch", "", syntaxArc + "27"},
	Boolean: {"booleanMatch", "", "", syntaxArc + "7"},
	UUID:    {"UUIDMatch", "UUIDOrderingMatch", "", "1.3.6.1.1.16.1"},
	Octets:  {"octetStringMatch", "", "", syntaxArc + "40"},
}
