package phone

import (
	"errors"
	"fmt"
	"strings"
)

// maxInternalDigits is the longest internal extension that a location may have.
const maxInternalDigits = 9

// ErrLocation is the root of every error of NewParser.
var ErrLocation = errors.New("phone: dialling location")

// Location says where the phones stand that ask and are answered. The zero Location knows no country: then only
// numbers with "+" or "00" are normalised.
type Location struct {
	Country        string // ISO 3166 alpha-2, "DE"; "" unknown
	Area           string // area code without trunk prefix, "7031"; "" none (countries without area codes, or unknown)
	OutsideLine    string // digits dialled for an outside line, "0"; "" none
	HeadNumber     string // our own main number without area and extension, "9876"; "" none
	InternalDigits int    // the longest internal extension, 0 none
}

// Parser normalises numbers and lists candidates under one location. It is immutable and safe for concurrent use.
type Parser struct {
	loc   Location
	plan  *plan // of loc.Country, nil if unknown
	short *shortPlan
	idd   []string // what stands for "+", the country's own first
	head  string   // country code, area and head number; "" without head number
}

// NewParser checks loc and returns its parser. Area and HeadNumber may be written with signs, and Area with its trunk
// prefix. Every error is an ErrLocation.
func NewParser(loc Location) (*Parser, error) {
	loc.Country = strings.ToUpper(strings.TrimSpace(loc.Country))
	p := &Parser{idd: []string{"00"}}
	if loc.Country != "" {
		if p.plan = plans().regions[loc.Country]; p.plan == nil {
			return nil, fmt.Errorf("%w: no numbering plan for country %q: want an ISO 3166 code like DE", ErrLocation, loc.Country)
		}
		p.plan.ready()
		p.short = shortPlans()[loc.Country]
		if len(p.plan.idd) > 0 && p.plan.idd[0] != "00" {
			p.idd = []string{p.plan.idd[0], "00"}
		}
	}
	for _, field := range []struct {
		name  string
		value *string
	}{{"area", &loc.Area}, {"outside line", &loc.OutsideLine}, {"head number", &loc.HeadNumber}} {
		digits := Digits(*field.value)
		if digits == "" && strings.TrimSpace(*field.value) != "" || len(digits) > 12 {
			return nil, fmt.Errorf("%w: %s %q: want digits", ErrLocation, field.name, *field.value)
		}
		*field.value = digits
	}
	if p.plan != nil && p.plan.trunk != "" && len(loc.Area) > len(p.plan.trunk) {
		loc.Area = strings.TrimPrefix(loc.Area, p.plan.trunk)
	}
	if loc.InternalDigits < 0 || loc.InternalDigits > maxInternalDigits {
		return nil, fmt.Errorf("%w: internal digits %d: want 0 to %d", ErrLocation, loc.InternalDigits, maxInternalDigits)
	}
	if p.plan == nil && (loc.Area != "" || loc.HeadNumber != "") {
		return nil, fmt.Errorf("%w: area and head number need a country", ErrLocation)
	}
	if loc.HeadNumber != "" {
		p.head = p.plan.code + loc.Area + loc.HeadNumber
	}
	p.loc = loc
	return p, nil
}

// Location returns the location as checked: digits only, no trunk prefix.
func (p *Parser) Location() Location { return p.loc }
