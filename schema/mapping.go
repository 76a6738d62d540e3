package schema

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

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
func (m *Mapping) Fields() []string {
	var out []string
	have := map[string]bool{"id": true, "systemmodstamp": true, "isdeleted": true}
	add := func(paths []string) {
		for _, p := range paths {
			if key := strings.ToLower(p); !have[key] {
				have[key] = true
				out = append(out, p)
			}
		}
	}
	for _, a := range m.Attributes {
		for _, t := range a.Templates {
			add(t.Fields())
		}
	}
	for _, t := range m.ContactURLs {
		add(t.Fields())
	}
	add(m.CountryFields)
	return out
}

// Validate says what is wrong with a mapping: an attribute that the schema doesn't know or that the directory makes
// itself, or too many contact URLs.
func (m *Mapping) Validate(s *Schema) error {
	for _, a := range m.Attributes {
		t, known := s.Attribute(a.Name)
		switch {
		case !known:
			return fmt.Errorf("schema: mapping of %s: no attribute %s", m.Object, a.Name)
		case t.Operational && t.Name != "createTimestamp" || t.Name == "objectClass" || t.Name == "uid" || t.Name == "dc":
			return fmt.Errorf("schema: mapping of %s: %s is made by the directory", m.Object, a.Name)
		case t.Virtual != None:
			return fmt.Errorf("schema: mapping of %s: %s is for searches only", m.Object, a.Name)
		case len(a.Templates) == 0:
			return fmt.Errorf("schema: mapping of %s: %s has no template", m.Object, a.Name)
		}
	}
	if len(m.ContactURLs) > MaxContactURLs {
		return fmt.Errorf("schema: mapping of %s: %d contact URLs; %d are the most", m.Object, len(m.ContactURLs), MaxContactURLs)
	}
	return nil
}

// Country returns the first country that the record says, in the spelling of the record, or "".
func (m *Mapping) Country(src Source) string {
	for _, path := range m.CountryFields {
		if v := clean(src.Field(path)); v != "" {
			return v
		}
	}
	return ""
}

// Entry maps a record. id is its 18-character Id; orgURL is "{@org_url}". Phone values stay as the record spells them:
// Text alone is set. Times become generalized time (RFC 4517, 3.3.13), and what is none is left out. Values are trimmed and without control characters, empty ones and duplicates left out, attributes
// without a value too. Contact URLs become labeledURI values "URL label" (RFC 2079), their fields percent-encoded; one
// that needs an org URL is left out without it. cn and sn stand in for each other, since a person must have both; a
// record without any name is named by its Id.
func (m *Mapping) Entry(s *Schema, id string, stamp time.Time, src Source, orgURL string) Entry {
	e := Entry{Object: m.Object, ID: id, Stamp: stamp.UTC()}
	e.Attributes = make([]Attribute, 0, len(m.Attributes)+3)
	values := make([]Value, 0, len(m.Attributes)+len(m.ContactURLs)) // in one piece of memory: most attributes have one
	orgURL = strings.TrimRight(strings.TrimSpace(orgURL), "/")
	lookup := func(name string) string {
		switch {
		case name == orgURLName:
			return orgURL
		case name == objectName:
			return m.Object
		case strings.EqualFold(name, "Id"):
			return id
		}
		return src.Field(name)
	}
	for _, a := range m.Attributes {
		name, single, time := a.Name, false, false
		if t, known := s.Attribute(a.Name); known {
			name, single, time = t.Name, t.Single, t.Syntax == Time
		}
		for _, t := range a.Templates {
			value := clean(t.Expand(lookup, nil))
			if time {
				value = generalizedTime(value)
			}
			if e.add(&values, name, value, single) && single {
				break
			}
		}
	}
	for i, t := range m.ContactURLs[:min(len(m.ContactURLs), MaxContactURLs)] {
		if orgURL == "" && t.uses(orgURLName) {
			continue
		}
		if url := clean(t.Expand(lookup, percentEncode)); url != "" {
			e.add(&values, "labeledURI", strings.ReplaceAll(url, " ", "%20")+" "+urlLabel(m.Object, i), false)
		}
	}
	e.completeNames(s)
	return e
}

// generalizedTime writes a dateTime or a date of Salesforce in UTC, to the second, as RFC 4517, 3.3.13, has it; "" for
// anything else.
func generalizedTime(s string) string {
	for _, layout := range []string{"2006-01-02T15:04:05.999Z0700", time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC().Format("20060102150405Z")
		}
	}
	return ""
}

// urlLabel names the contact URL with an index.
func urlLabel(object string, i int) string {
	label := "Salesforce " + strings.ReplaceAll(strings.TrimSuffix(object, "__c"), "_", " ")
	if i > 0 {
		label = fmt.Sprintf("%s %d", label, i+1)
	}
	return label
}

// add adds a value unless it is empty, there already, or a second one where only one may be. It says whether it did. First
// values lie in the room that is given.
func (e *Entry) add(room *[]Value, name, text string, single bool) bool {
	if text == "" {
		return false
	}
	i := slices.IndexFunc(e.Attributes, func(a Attribute) bool { return a.Name == name })
	if i < 0 {
		n := len(*room)
		*room = append(*room, Value{Text: text})
		e.Attributes = append(e.Attributes, Attribute{Name: name, Values: (*room)[n : n+1 : n+1]})
		return true
	}
	a := &e.Attributes[i]
	if single || slices.ContainsFunc(a.Values, func(v Value) bool { return v.Text == text }) {
		return false
	}
	a.Values = append(a.Values, Value{Text: text})
	return true
}

// completeNames gives the entry the cn and sn that a person must have (RFC 4519, 3.12).
func (e *Entry) completeNames(s *Schema) {
	best := func(names ...string) string {
		for _, n := range names {
			if v := e.First(n); v != "" {
				return v
			}
		}
		for _, a := range e.Attributes {
			if t, known := s.Attribute(a.Name); known && t.Syntax == Name {
				return a.Values[0].Text
			}
		}
		return e.ID
	}
	if e.First("cn") == "" {
		e.insert("cn", best("displayName", "sn", "o", "givenName"))
	}
	if e.First("sn") == "" {
		e.insert("sn", best("cn"))
	}
}

// insert puts a new attribute first, but after cn.
func (e *Entry) insert(name, text string) {
	at := 0
	if len(e.Attributes) > 0 && e.Attributes[0].Name == "cn" {
		at = 1
	}
	e.Attributes = slices.Insert(e.Attributes, at, Attribute{Name: name, Values: []Value{{Text: text}}})
}
