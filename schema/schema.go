package schema

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// Schema is a set of attribute types and object classes. It is immutable and safe for concurrent use.
type Schema struct {
	types    []*AttributeType
	classes  []*ObjectClass
	byName   table[AttributeType]
	byClass  table[ObjectClass]
	subtypes map[*AttributeType][]*AttributeType
	entry    []string // objectClass values of a person
	company  []string // and of an account
}

// New returns the built-in schema with custom attribute types added. A custom type needs a Name only: an OID of our
// arc is made from the name, and a name that ends as telephone numbers do (officePhone2, privateMobile, telefax …) makes
// a Text type a Phone or Fax type.
func New(custom ...AttributeType) (*Schema, error) {
	s := &Schema{subtypes: map[*AttributeType][]*AttributeType{}}
	builtin := builtinTypes()
	for i := range builtin {
		if err := s.addType(&builtin[i]); err != nil {
			return nil, err
		}
	}
	for _, t := range custom {
		t.Aliases = slices.Clone(t.Aliases)
		if t.OID == "" {
			t.OID = customOID(t.Name)
		}
		if t.Syntax == Text && t.Virtual == None {
			t.Syntax = syntaxOfName(t.Name)
		}
		if err := s.addType(&t); err != nil {
			return nil, err
		}
	}
	classes := builtinClasses(nil)
	allowed := map[string]bool{}
	for _, c := range classes[:4] { // top to inetOrgPerson
		for _, a := range slices.Concat(c.Must, c.May) {
			allowed[a] = true
		}
	}
	var extra []string
	for _, t := range s.types {
		if !allowed[t.Name] && !t.Operational && t.Virtual == None {
			extra = append(extra, t.Name)
		}
	}
	classes = builtinClasses(extra)
	for i := range classes {
		if err := s.addClass(&classes[i]); err != nil {
			return nil, err
		}
	}
	s.entry = []string{"top", "person", "organizationalPerson", "inetOrgPerson", contactClass}
	s.company = append(slices.Clone(s.entry), companyClass)
	return s, nil
}

func (s *Schema) addType(t *AttributeType) error {
	for _, name := range append([]string{t.Name}, t.Aliases...) {
		if !isDescriptor(name) {
			return fmt.Errorf("schema: attribute name %q isn't a letter followed by letters, digits and hyphens", name)
		}
		if !s.byName.add(name, t) {
			return fmt.Errorf("schema: attribute name %s is taken", name)
		}
	}
	if !isNumericOID(t.OID) {
		return fmt.Errorf("schema: attribute %s: %q isn't a numeric OID", t.Name, t.OID)
	}
	if !s.byName.add(t.OID, t) {
		return fmt.Errorf("schema: attribute %s: OID %s is taken", t.Name, t.OID)
	}
	if t.Syntax >= syntaxCount {
		return fmt.Errorf("schema: attribute %s: no syntax %d", t.Name, t.Syntax)
	}
	s.types = append(s.types, t)
	s.subtypes[t] = []*AttributeType{t}
	for sup := t.Superior; sup != ""; {
		above, known := s.Attribute(sup)
		if !known || above == t {
			return fmt.Errorf("schema: attribute %s: no supertype %s is defined before it", t.Name, sup)
		}
		s.subtypes[above] = append(s.subtypes[above], t)
		sup = above.Superior
	}
	return nil
}

func (s *Schema) addClass(c *ObjectClass) error {
	for _, name := range append([]string{c.Name, c.OID}, c.Aliases...) {
		if !s.byClass.add(name, c) {
			return fmt.Errorf("schema: object class %s: %s is taken", c.Name, name)
		}
	}
	if _, known := s.Class(c.Superior); !known && c.Superior != "" {
		return fmt.Errorf("schema: object class %s: no superior %s is defined before it", c.Name, c.Superior)
	}
	for _, a := range slices.Concat(c.Must, c.May) {
		if t, known := s.Attribute(a); !known || t.Name != a {
			return fmt.Errorf("schema: object class %s: no attribute %s", c.Name, a)
		}
	}
	s.classes = append(s.classes, c)
	return nil
}

// Attribute finds an attribute type by name, alias or OID, in any letter case; options (";lang-de") are cut off.
// It doesn't allocate.
func (s *Schema) Attribute(name string) (*AttributeType, bool) { return find(&s.byName, name) }

// AttributeBytes is Attribute for a name in a request.
func (s *Schema) AttributeBytes(name []byte) (*AttributeType, bool) { return find(&s.byName, name) }

// Class finds an object class by name, alias or OID, in any letter case.
func (s *Schema) Class(name string) (*ObjectClass, bool) { return find(&s.byClass, name) }

// ClassBytes is Class for a name in a request.
func (s *Schema) ClassBytes(name []byte) (*ObjectClass, bool) { return find(&s.byClass, name) }

// Subtypes returns t and every type below it: (name=…) matches cn, sn, o … (RFC 4512, 2.5.1). The slice is shared:
// don't change it. t must come from this schema.
func (s *Schema) Subtypes(t *AttributeType) []*AttributeType { return s.subtypes[t] }

// Attributes returns all attribute types in the order of their definition, supertypes first. The slice is shared.
func (s *Schema) Attributes() []*AttributeType { return s.types }

// Classes returns all object classes, superiors first. The slice is shared.
func (s *Schema) Classes() []*ObjectClass { return s.classes }

// EntryClasses returns the objectClass values of an entry of a Salesforce object, superiors first. Accounts carry the
// person classes too, since telephones filter on them. The slice is shared.
func (s *Schema) EntryClasses(object string) []string {
	if strings.EqualFold(object, "Account") {
		return s.company
	}
	return s.entry
}

// customOID makes an OID from a name: stable, and distinct from all others for all practical purposes.
func customOID(name string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(name)))
	return fmt.Sprintf("%s.5.%d", ownArc, binary.BigEndian.Uint64(sum[:])>>1)
}

// syntaxOfName guesses the syntax of a custom attribute: a number that isn't known as one would never be found.
func syntaxOfName(name string) Syntax {
	name = strings.TrimRight(strings.ToLower(name), "0123456789-")
	for _, end := range []string{"fax", "faxnumber", "facsimiletelephonenumber"} {
		if strings.HasSuffix(name, end) {
			return Fax
		}
	}
	for _, end := range []string{"phone", "phonenumber", "telephonenumber", "mobile", "mobilenumber", "telefon", "extension"} {
		if strings.HasSuffix(name, end) {
			return Phone
		}
	}
	return Text
}

// isDescriptor says whether name is a keystring (RFC 4512, 1.4).
func isDescriptor(name string) bool {
	for i := range len(name) {
		switch c := lowerASCII(name[i]); {
		case 'a' <= c && c <= 'z':
		case i > 0 && ('0' <= c && c <= '9' || c == '-'):
		default:
			return false
		}
	}
	return name != ""
}

// isNumericOID says whether oid is a numericoid (RFC 4512, 1.4).
func isNumericOID(oid string) bool {
	arcs := strings.Split(oid, ".")
	for _, arc := range arcs {
		if arc == "" || strings.Trim(arc, "0123456789") != "" || len(arc) > 1 && arc[0] == '0' {
			return false
		}
	}
	return len(arcs) > 1
}
