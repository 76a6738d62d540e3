package phone

// Location says where the phones stand that ask and are answered.
type Location struct {
	Country        string // ISO 3166 alpha-2, "DE"
	Area           string // area code without trunk prefix, "7031"
	OutsideLine    string // digits dialled for an outside line, "0"; "" none
	HeadNumber     string // our own main number without area and extension, "9876"
	InternalDigits int    // longest internal extension, 0 none
}

// Parser normalises numbers and lists candidates under one location. It is safe for concurrent use.
type Parser struct {
	loc Location
}

// NewParser checks loc and returns its parser.
func NewParser(loc Location) (*Parser, error) { return &Parser{loc: loc}, nil }

// Location returns the location as checked.
func (p *Parser) Location() Location { return p.loc }

// Parse splits a field into its numbers and normalises each. region is the ISO country of the record, "" means the location's.
func (p *Parser) Parse(field, region string) []Number { return nil }
