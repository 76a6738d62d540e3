package schema

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func newSchema(t testing.TB, custom ...AttributeType) *Schema {
	t.Helper()
	s, err := New(custom...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAttribute(t *testing.T) {
	t.Parallel()
	s := newSchema(t, AttributeType{Name: "customerGrade"}, AttributeType{Name: "nightPhone2"}, AttributeType{Name: "serviceFax"})
	tests := []struct {
		asked, want string
		syntax      Syntax
	}{
		{"telephoneNumber", "telephoneNumber", Phone},
		{"telePhoneNumber", "telephoneNumber", Phone},
		{"TEL", "telephoneNumber", Phone},
		{"telephonePrimary", "telephoneNumber", Phone},
		{"primaryphone", "telephoneNumber", Phone},
		{"2.5.4.20", "telephoneNumber", Phone},
		{"Mobile", "mobile", Phone},
		{"cell", "mobile", Phone},
		{"mobilePhone", "mobile", Phone},
		{"moblie", "mobile", Phone},
		{"home", "homePhone", Phone},
		{"homeTelephoneNumber", "homePhone", Phone},
		{"other", "otherTelephone", Phone},
		{"extension", "ipPhone", Phone},
		{"fax", "facsimileTelephoneNumber", Fax},
		{"company", "o", Name},
		{"surname", "sn", Name},
		{"gn", "givenName", Name},
		{"cn;lang-de", "cn", Name},
		{"commonName", "cn", Name},
		{"streetAddress", "street", Text},
		{"entryUUID", "entryUUID", UUID},
		{"modifytimestamp", "modifyTimestamp", Time},
		{"CUSTOMERGRADE", "customerGrade", Text},
		{"nightPhone2", "nightPhone2", Phone},
		{"serviceFax", "serviceFax", Fax},
	}
	for _, tt := range tests {
		t.Run(tt.asked, func(t *testing.T) {
			t.Parallel()
			got, ok := s.Attribute(tt.asked)
			if !ok || got.Name != tt.want || got.Syntax != tt.syntax {
				t.Fatalf("Attribute(%q) = %+v, %t, want %s of syntax %d", tt.asked, got, ok, tt.want, tt.syntax)
			}
			if same, _ := s.AttributeBytes([]byte(tt.asked)); same != got {
				t.Errorf("AttributeBytes(%q) = %v", tt.asked, same)
			}
		})
	}
	for _, unknown := range []string{"", ";", ";lang-de", "objectCategory", "telephoneNumbe", "2.5.4", "cn "} {
		if got, ok := s.Attribute(unknown); ok {
			t.Errorf("Attribute(%q) = %s", unknown, got.Name)
		}
	}
}

func TestVirtualAttributes(t *testing.T) {
	t.Parallel()
	s := newSchema(t)
	for name, want := range map[string]VirtualKind{
		"searchNumber": AnyNumber, "metaSearchNumber": AnyNumber,
		"searchContact": AnyName, "metaSearchText": AnyName, "anr": AnyName, "cn": None, "telephoneNumber": None,
	} {
		if got, ok := s.Attribute(name); !ok || got.Virtual != want {
			t.Errorf("Attribute(%s).Virtual = %v, want %d", name, got, want)
		}
	}
}

func TestEveryNameFindsItsType(t *testing.T) {
	t.Parallel()
	s := newSchema(t)
	for _, want := range s.Attributes() {
		for _, name := range append([]string{want.Name, want.OID, strings.ToUpper(want.Name)}, want.Aliases...) {
			if got, ok := s.Attribute(name); !ok || got != want {
				t.Errorf("Attribute(%s) isn't %s", name, want.Name)
			}
		}
		if want.Syntax == Name && !strings.Contains(want.Definition(), " ORDERING caseIgnoreOrderingMatch ") {
			t.Errorf("%s is a name without an order: %s", want.Name, want.Definition())
		}
	}
	for _, want := range s.Classes() {
		for _, name := range append([]string{want.Name, want.OID, strings.ToUpper(want.Name)}, want.Aliases...) {
			if got, ok := s.ClassBytes([]byte(name)); !ok || got != want {
				t.Errorf("Class(%s) isn't %s", name, want.Name)
			}
		}
	}
}

func TestSubtypes(t *testing.T) {
	t.Parallel()
	s := newSchema(t, AttributeType{Name: "tradeName", Superior: "o", Syntax: Name})
	name, _ := s.Attribute("name")
	var got []string
	for _, sub := range s.Subtypes(name) {
		got = append(got, sub.Name)
	}
	want := []string{"name", "cn", "sn", "givenName", "initials", "generationQualifier", "o", "ou", "title", "l", "st", "c", "tradeName"}
	if !slices.Equal(got, want) {
		t.Errorf("Subtypes(name) = %v, want %v", got, want)
	}
	mobile, _ := s.Attribute("mobile")
	if got := s.Subtypes(mobile); len(got) != 1 || got[0] != mobile {
		t.Errorf("Subtypes(mobile) = %v, want itself", got)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		custom AttributeType
		want   string
	}{
		{"a taken name", AttributeType{Name: "Surname"}, "schema: attribute name Surname is taken"},
		{"a taken alias", AttributeType{Name: "x", Aliases: []string{"cell"}}, "schema: attribute name cell is taken"},
		{"a taken OID", AttributeType{Name: "x", OID: "2.5.4.3"}, "schema: attribute x: OID 2.5.4.3 is taken"},
		{"a name with a space", AttributeType{Name: "my name"}, `schema: attribute name "my name" isn't a letter followed by letters, digits and hyphens`},
		{"a name with a dot", AttributeType{Name: "1.2"}, `schema: attribute name "1.2" isn't a letter followed by letters, digits and hyphens`},
		{"no name", AttributeType{}, `schema: attribute name "" isn't a letter followed by letters, digits and hyphens`},
		{"an OID that isn't one", AttributeType{Name: "x", OID: "1.02"}, `schema: attribute x: "1.02" isn't a numeric OID`},
		{"an unknown supertype", AttributeType{Name: "x", Superior: "y"}, "schema: attribute x: no supertype y is defined before it"},
		{"itself as supertype", AttributeType{Name: "x", Superior: "x"}, "schema: attribute x: no supertype x is defined before it"},
		{"an unknown syntax", AttributeType{Name: "x", Syntax: 200}, "schema: attribute x: no syntax 200"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := New(tt.custom); err == nil || err.Error() != tt.want {
				t.Errorf("New = %v, want %s", err, tt.want)
			}
		})
	}
}

func TestEntryClasses(t *testing.T) {
	t.Parallel()
	s := newSchema(t)
	contact := []string{"top", "person", "organizationalPerson", "inetOrgPerson", "ringdexContact"}
	if got := s.EntryClasses("Contact"); !slices.Equal(got, contact) {
		t.Errorf("EntryClasses(Contact) = %v, want %v", got, contact)
	}
	if got := s.EntryClasses("account"); !slices.Equal(got, append(contact, "ringdexCompany")) {
		t.Errorf("EntryClasses(account) = %v, want %v and ringdexCompany", got, contact)
	}
}

// Every attribute that a mapping may use has to be allowed by a class of the entry.
func TestEntryClassesAllowEveryAttribute(t *testing.T) {
	t.Parallel()
	s := newSchema(t, AttributeType{Name: "customerGrade"})
	allowed := map[string]bool{}
	for _, name := range s.EntryClasses("Contact") {
		c, ok := s.Class(name)
		if !ok {
			t.Fatalf("no class %s", name)
		}
		for _, a := range slices.Concat(c.Must, c.May) {
			allowed[a] = true
		}
	}
	for _, a := range s.Attributes() {
		if want := !a.Operational && a.Virtual == None; allowed[a.Name] != want {
			t.Errorf("%s allowed: %t, want %t", a.Name, allowed[a.Name], want)
		}
	}
}

// The shape of RFC 4512, 4.1, in the order of its grammar and with one space wherever it allows several.
var (
	oidShape   = `[0-2](\.(0|[1-9][0-9]*))+`
	keyShape   = `[A-Za-z][A-Za-z0-9-]*`
	namesShape = `NAME ('` + keyShape + `'|\( ('` + keyShape + `' )+\))`
	listShape  = `(` + keyShape + `|\( ` + keyShape + `( \$ ` + keyShape + `)+ \))`
	typeShape  = regexp.MustCompile(`^\( ` + oidShape + ` ` + namesShape + `( DESC '[^']+')?( SUP ` + keyShape + `)?( EQUALITY ` + keyShape +
		`)?( ORDERING ` + keyShape + `)?( SUBSTR ` + keyShape + `)? SYNTAX ` + oidShape +
		`( SINGLE-VALUE)?( NO-USER-MODIFICATION)?( USAGE (directoryOperation|dSAOperation))? \)$`)
	classShape = regexp.MustCompile(`^\( ` + oidShape + ` ` + namesShape + `( SUP ` + keyShape + `)? (STRUCTURAL|ABSTRACT|AUXILIARY)( MUST ` +
		listShape + `)?( MAY ` + listShape + `)? \)$`)
)

func TestDefinitionsHaveTheShapeOfTheRFC(t *testing.T) {
	t.Parallel()
	s := newSchema(t, AttributeType{Name: "customerGrade"})
	for _, a := range s.Attributes() {
		if d := a.Definition(); !typeShape.MatchString(d) {
			t.Errorf("attribute type: %s", d)
		}
	}
	for _, c := range s.Classes() {
		if d := c.Definition(); !classShape.MatchString(d) {
			t.Errorf("object class: %s", d)
		}
	}
}

func TestDefinition(t *testing.T) {
	t.Parallel()
	s := newSchema(t)
	for name, want := range map[string]string{
		"sn":            "( 2.5.4.4 NAME ( 'sn' 'surname' 'lastName' ) SUP name EQUALITY caseIgnoreMatch ORDERING caseIgnoreOrderingMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
		"displayName":   "( 2.16.840.1.113730.3.1.241 NAME 'displayName' EQUALITY caseIgnoreMatch ORDERING caseIgnoreOrderingMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )",
		"fax":           "( 2.5.4.23 NAME ( 'facsimileTelephoneNumber' 'fax' 'faxNumber' 'telephoneFax' ) EQUALITY telephoneNumberMatch ORDERING numericStringOrderingMatch SUBSTR telephoneNumberSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.22 )",
		"jpegPhoto":     "( 0.9.2342.19200300.100.1.60 NAME 'jpegPhoto' SYNTAX 1.3.6.1.4.1.1466.115.121.1.28 )",
		"entryUUID":     "( 1.3.6.1.1.16.4 NAME 'entryUUID' EQUALITY UUIDMatch ORDERING UUIDOrderingMatch SYNTAX 1.3.6.1.1.16.1 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )",
		"vendorName":    "( 1.3.6.1.1.4 NAME 'vendorName' EQUALITY caseIgnoreMatch ORDERING caseIgnoreOrderingMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE USAGE dSAOperation )",
		"objectClasses": "( 2.5.21.6 NAME 'objectClasses' EQUALITY objectIdentifierFirstComponentMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.37 NO-USER-MODIFICATION USAGE directoryOperation )",
	} {
		a, _ := s.Attribute(name)
		if got := a.Definition(); got != want {
			t.Errorf("Definition of %s:\n got %s\nwant %s", name, got, want)
		}
	}
	c, _ := s.Class("person")
	want := "( 2.5.6.6 NAME 'person' SUP top STRUCTURAL MUST ( sn $ cn ) MAY ( userPassword $ telephoneNumber $ seeAlso $ description ) )"
	if got := c.Definition(); got != want {
		t.Errorf("Definition of person:\n got %s\nwant %s", got, want)
	}
}

func TestLookupDoesNotAllocate(t *testing.T) {
	s := newSchema(t)
	names := [][]byte{[]byte("TelephoneNumber"), []byte("facsimileTelephoneNumber;x-y"), []byte("2.5.4.3"), []byte("unknownAttribute")}
	if n := testing.AllocsPerRun(100, func() {
		for _, name := range names {
			s.AttributeBytes(name)
			s.ClassBytes(name)
		}
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func BenchmarkAttribute(b *testing.B) {
	s := newSchema(b)
	for _, name := range []string{"cn", "telephoneNumber", "unknownAttribute"} {
		b.Run("name="+name, func(b *testing.B) {
			key := []byte(name)
			b.ReportAllocs()
			for b.Loop() {
				s.AttributeBytes(key)
			}
		})
	}
}
