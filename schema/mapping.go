package schema

import "time"

// MaxContactURLs is how many contact URLs a mapping may have: phones and CTI clients show three.
const MaxContactURLs = 3

// Mapping of one Salesforce object to LDAP entries.
type Mapping struct {
	Object        string            // sObject name
	Where         string            // SOQL condition, or ""
	Attributes    []MappedAttribute // in the order of the entry
	ContactURLs   []*Template       // at most MaxContactURLs, best first
	CountryFields []string          // paths that say a record's country, best first: MailingCountry, OtherCountry
}

// MappedAttribute is an attribute with the templates of its values, best first.
type MappedAttribute struct {
	Name      string
	Templates []*Template
}

// Source is a record: Field returns the value of a SOQL path in any letter case, "" when nil or absent.
type Source interface {
	Field(path string) string
}

// Fields returns all SOQL paths that the mapping needs, without Id, SystemModstamp and IsDeleted, without duplicates.
func (m *Mapping) Fields() []string { return nil }

// Validate says what is wrong with a mapping: too many contact URLs, an attribute that can't be mapped.
func (m *Mapping) Validate(s *Schema) error { return nil }

// Entry maps a record. Phone values stay as the record spells them. orgURL is "{@org_url}", without a slash at its end.
func (m *Mapping) Entry(s *Schema, id string, stamp time.Time, src Source, orgURL string) Entry {
	return Entry{Object: m.Object, ID: id, Stamp: stamp}
}

// Country returns the first country that the record says, in the spelling of the record, or "".
func (m *Mapping) Country(src Source) string { return "" }
