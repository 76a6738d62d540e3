package schema

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

const contactID = "003000000000001AAA"

func template(t testing.TB, s string) *Template {
	t.Helper()
	tmpl, err := ParseTemplate(s)
	if err != nil {
		t.Fatal(err)
	}
	return tmpl
}

// mapped makes a mapping from "attribute: template" lines.
func mapped(t testing.TB, lines ...string) Mapping {
	t.Helper()
	m := Mapping{Object: "Contact"}
	for _, line := range lines {
		name, text, _ := strings.Cut(line, ": ")
		if last := len(m.Attributes) - 1; last >= 0 && m.Attributes[last].Name == name {
			m.Attributes[last].Templates = append(m.Attributes[last].Templates, template(t, text))
		} else {
			m.Attributes = append(m.Attributes, MappedAttribute{name, []*Template{template(t, text)}})
		}
	}
	return m
}

// show writes an entry as "attribute: value" lines.
func show(e Entry) string {
	var b strings.Builder
	for _, a := range e.Attributes {
		for _, v := range a.Values {
			fmt.Fprintf(&b, "%s: %s\n", a.Name, v.Text)
		}
	}
	return b.String()
}

func TestEntry(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		mapping []string
		urls    []string
		source  record
		orgURL  string
		want    string
	}{
		{
			name:    "values in mapping order under canonical names",
			mapping: []string{"commonName: {Name}", "surname: {LastName}", "cell: {MobilePhone}", "company: {Account.Name}"},
			source:  record{"Name": "Anna Meier", "LastName": "Meier", "MobilePhone": "0171 / 1234567", "Account.Name": "A & B"},
			want:    "cn: Anna Meier\nsn: Meier\nmobile: 0171 / 1234567\no: A & B\n",
		},
		{
			name:    "several templates, a duplicate and an empty one",
			mapping: []string{"cn: {Name}", "sn: {Name}", "telephoneNumber: {Phone}", "telephoneNumber: {Phone2}", "telephoneNumber: {Phone3}", "telephoneNumber: {Phone4}"},
			source:  record{"Name": "A", "Phone": "+49 30 23125 100", "Phone2": "", "Phone3": " +49 30 23125 100 ", "Phone4": "+49 30 23125 101"},
			want:    "cn: A\nsn: A\ntelephoneNumber: +49 30 23125 100\ntelephoneNumber: +49 30 23125 101\n",
		},
		{
			name:    "one attribute under two of its names",
			mapping: []string{"cn: {Name}", "sn: {Name}", "mobile: {A}", "cell: {B}"},
			source:  record{"Name": "A", "A": "1", "B": "2"},
			want:    "cn: A\nsn: A\nmobile: 1\nmobile: 2\n",
		},
		{
			name:    "a single-valued attribute takes the first value",
			mapping: []string{"cn: {Name}", "sn: {Name}", "displayName: {Nick}", "displayName: {Name}", "displayName: {Other}"},
			source:  record{"Name": "A", "Other": "B"},
			want:    "cn: A\nsn: A\ndisplayName: A\n",
		},
		{
			name:    "white space and control characters",
			mapping: []string{"cn: {Name}", "sn: {LastName}", "street: {Street}"},
			source:  record{"Name": "\u00a0An\x00na\u202e Meier ", "LastName": "\ufeffMeier", "Street": "Hauptstr. 1\r\nHinterhaus\t2 \n"},
			want:    "cn: Anna Meier\nsn: Meier\nstreet: Hauptstr. 1 Hinterhaus 2\n",
		},
		{
			name:    "no sn",
			mapping: []string{"o: {Account}", "cn: {Name}", "sn: {LastName}"},
			source:  record{"Name": "Anna", "Account": "A & B"},
			want:    "sn: Anna\no: A & B\ncn: Anna\n",
		},
		{
			name:    "no cn",
			mapping: []string{"sn: {LastName}", "telephoneNumber: {Phone}"},
			source:  record{"LastName": "Meier", "Phone": "1"},
			want:    "cn: Meier\nsn: Meier\ntelephoneNumber: 1\n",
		},
		{
			name:    "a company only",
			mapping: []string{"o: {Account.Name}"},
			source:  record{"Account.Name": "A & B"},
			want:    "cn: A & B\nsn: A & B\no: A & B\n",
		},
		{
			name:    "no name at all",
			mapping: []string{"telephoneNumber: {Phone}"},
			source:  record{"Phone": "1"},
			want:    "cn: " + contactID + "\nsn: " + contactID + "\ntelephoneNumber: 1\n",
		},
		{
			name:    "contact URLs",
			mapping: []string{"cn: {Name}", "sn: {Name}"},
			urls:    []string{"{@org_url}/lightning/r/{@object}/{Id}/view", "https://crm.example.org/find?q={Name}", "https://crm.example.org/{Missing}", "https://crm.example.org/fourth"},
			source:  record{"Name": "Jörg & Söhne"},
			orgURL:  "https://org.my.salesforce.com/",
			want: "cn: Jörg & Söhne\nsn: Jörg & Söhne\n" +
				"labeledURI: https://org.my.salesforce.com/lightning/r/Contact/" + contactID + "/view Salesforce Contact\n" +
				"labeledURI: https://crm.example.org/find?q=J%C3%B6rg%20%26%20S%C3%B6hne Salesforce Contact 2\n",
		},
		{
			name:    "a space in the text of a contact URL",
			mapping: []string{"cn: {Name}", "sn: {Name}"},
			urls:    []string{"https://crm.example.org/a b/{Id}"},
			source:  record{"Name": "A"},
			want:    "cn: A\nsn: A\nlabeledURI: https://crm.example.org/a%20b/" + contactID + " Salesforce Contact\n",
		},
		{
			name:    "times in generalized time",
			mapping: []string{"cn: {Name}", "sn: {Name}", "createTimestamp: {CreatedDate}"},
			source:  record{"Name": "A", "CreatedDate": "2024-05-06T09:08:07.123+0200"},
			want:    "cn: A\nsn: A\ncreateTimestamp: 20240506070807Z\n",
		},
		{
			name:    "a day, and what is no time",
			mapping: []string{"cn: {Name}", "sn: {Name}", "createTimestamp: {Since__c}", "createTimestamp: {Name}"},
			source:  record{"Name": "A", "Since__c": "2024-05-06"},
			want:    "cn: A\nsn: A\ncreateTimestamp: 20240506000000Z\n",
		},
		{
			name:    "only what is no time",
			mapping: []string{"cn: {Name}", "sn: {Name}", "createTimestamp: {Name}"},
			source:  record{"Name": "A"},
			want:    "cn: A\nsn: A\n",
		},
		{
			name:    "a contact URL without an org URL",
			mapping: []string{"cn: {Name}", "sn: {Name}"},
			urls:    []string{"{@org_url}/{Id}"},
			source:  record{"Name": "A"},
			want:    "cn: A\nsn: A\n",
		},
	}
	s := newSchema(t)
	stamp := time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 3600))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := mapped(t, tt.mapping...)
			for _, u := range tt.urls {
				m.ContactURLs = append(m.ContactURLs, template(t, u))
			}
			e := m.Entry(s, contactID, stamp, tt.source, tt.orgURL)
			if got := show(e); got != tt.want {
				t.Errorf("entry:\n%swant:\n%s", got, tt.want)
			}
			if e.Object != "Contact" || e.ID != contactID || !e.Stamp.Equal(stamp) || e.Stamp.Location() != time.UTC {
				t.Errorf("entry of %s %s at %v", e.Object, e.ID, e.Stamp)
			}
		})
	}
}

func TestMappingFields(t *testing.T) {
	t.Parallel()
	m := mapped(t, "cn: {Name}", "sn: {LastName|name}", "uidNumber: {Id}", "o: {Account.Name}")
	m.ContactURLs = []*Template{template(t, "{@org_url}/{Id}?x={Extra}")}
	m.CountryFields = []string{"MailingCountry", "account.name"}
	want := []string{"Name", "LastName", "Account.Name", "Extra", "MailingCountry"}
	if got := m.Fields(); !slices.Equal(got, want) {
		t.Errorf("Fields = %v, want %v", got, want)
	}
}

func TestMappingCountry(t *testing.T) {
	t.Parallel()
	m := Mapping{CountryFields: []string{"MailingCountry", "Account.BillingCountry"}}
	for _, tt := range []struct {
		source record
		want   string
	}{
		{record{"MailingCountry": " Schweiz ", "Account.BillingCountry": "DE"}, "Schweiz"},
		{record{"MailingCountry": " ", "Account.BillingCountry": "DE"}, "DE"},
		{record{}, ""},
	} {
		if got := m.Country(tt.source); got != tt.want {
			t.Errorf("Country(%v) = %q, want %q", tt.source, got, tt.want)
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	s := newSchema(t)
	tests := []struct{ name, line, want string }{
		{"good", "cell: {MobilePhone}", ""},
		{"unknown", "shoeSize: {Size__c}", "schema: mapping of Contact: no attribute shoeSize"},
		{"when it was made", "createTimestamp: {CreatedDate}", ""},
		{"operational", "entryUUID: {Id}", "schema: mapping of Contact: entryUUID is made by the directory"},
		{"naming", "userid: {Id}", "schema: mapping of Contact: userid is made by the directory"},
		{"object class", "objectClass: {Type}", "schema: mapping of Contact: objectClass is made by the directory"},
		{"virtual", "anr: {Name}", "schema: mapping of Contact: anr is for searches only"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := mapped(t, tt.line)
			err := m.Validate(s)
			if got := fmt.Sprint(err); err != nil && got != tt.want || err == nil && tt.want != "" {
				t.Errorf("Validate = %v, want %s", err, tt.want)
			}
		})
	}
	m := Mapping{Object: "Contact", Attributes: []MappedAttribute{{Name: "cn"}}}
	if err := m.Validate(s); err == nil {
		t.Error("an attribute without a template is valid")
	}
	m = Mapping{Object: "Contact", ContactURLs: slices.Repeat([]*Template{template(t, "x")}, 4)}
	if err := m.Validate(s); err == nil {
		t.Error("four contact URLs are valid")
	}
}

func TestDefaultMappings(t *testing.T) {
	t.Parallel()
	s := newSchema(t)
	for _, object := range []string{"Contact", "Account", "Lead", "User"} {
		m, ok := DefaultMapping(strings.ToUpper(object))
		if !ok || m.Object != object {
			t.Fatalf("DefaultMapping(%s) = %s, %t", strings.ToUpper(object), m.Object, ok)
		}
		if err := m.Validate(s); err != nil {
			t.Error(err)
		}
		for _, a := range m.Attributes {
			if at, _ := s.Attribute(a.Name); at.Name != a.Name {
				t.Errorf("%s maps %s, whose name is %s", object, a.Name, at.Name)
			}
		}
		if len(m.CountryFields) == 0 || len(m.ContactURLs) != 1 {
			t.Errorf("%s has %d country fields and %d contact URLs", object, len(m.CountryFields), len(m.ContactURLs))
		}
	}
	if _, ok := DefaultMapping("Opportunity"); ok {
		t.Error("Opportunity has a default mapping")
	}
}

func TestDefaultMappingOfContact(t *testing.T) {
	t.Parallel()
	m, _ := DefaultMapping("Contact")
	source := record{
		"Name": "Anna Müller", "LastName": "Müller", "FirstName": "Anna", "Account.Name": "Müller & Söhne GmbH", "Title": "CFO",
		"Department": "Finance", "Email": "anna@example.org", "Phone": "+49 30 23125 456", "MobilePhone": "0171/1234567", "Fax": "(030) 23125-999",
		"AssistantName": "Jo", "AssistantPhone": "+49 30 23125 457", "MailingCity": "Berlin", "MailingCountry": "Germany",
		"CreatedDate": "2024-01-01T08:00:00.000Z",
	}
	want := `cn: Anna Müller
displayName: Anna Müller
sn: Müller
givenName: Anna
o: Müller & Söhne GmbH
title: CFO
department: Finance
mail: anna@example.org
telephoneNumber: +49 30 23125 456
mobile: 0171/1234567
facsimileTelephoneNumber: (030) 23125-999
assistant: Jo
telephoneAssistant: +49 30 23125 457
l: Berlin
co: Germany
createTimestamp: 20240101080000Z
labeledURI: https://x.my.salesforce.com/lightning/r/Contact/003000000000001AAA/view Salesforce Contact
`
	if got := show(m.Entry(newSchema(t), contactID, time.Time{}, source, "https://x.my.salesforce.com")); got != want {
		t.Errorf("entry:\n%swant:\n%s", got, want)
	}
	if got := m.Fields(); slices.Contains(got, "Id") || !slices.Contains(got, "Account.BillingCountry") {
		t.Errorf("Fields = %v", got)
	}
}

func described(name string, fields ...Field) Object { return Object{Name: name, Fields: fields} }

// describe writes a mapping as "attribute: template" lines.
func describe(m Mapping) string {
	var b strings.Builder
	for _, a := range m.Attributes {
		for _, tmpl := range a.Templates {
			fmt.Fprintf(&b, "%s: %s\n", a.Name, tmpl)
		}
	}
	for _, c := range m.CountryFields {
		fmt.Fprintf(&b, "country %s\n", c)
	}
	if m.Where != "" {
		fmt.Fprintf(&b, "where %s\n", m.Where)
	}
	return b.String()
}

func TestDefaultMappingFor(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		object Object
		want   string
	}{
		{
			"a contact without most fields",
			described("Contact", Field{Name: "Name"}, Field{Name: "Phone", Type: "phone"}, Field{Name: "AccountId", Type: "reference", RelationshipName: "Account"}),
			"cn: {Name}\ndisplayName: {Name}\no: {Account.Name}\ntelephoneNumber: {Phone}\ncountry Account.BillingCountry\n",
		},
		{
			"a contact without the account",
			described("Contact", Field{Name: "Name"}, Field{Name: "MailingCountry"}),
			"cn: {Name}\ndisplayName: {Name}\nco: {MailingCountry}\ncountry MailingCountry\n",
		},
		{
			"person accounts",
			described("Account", Field{Name: "Name"}, Field{Name: "PersonEmail"}, Field{Name: "PersonMobilePhone"}, Field{Name: "FirstName"}),
			"cn: {Name}\ndisplayName: {Name}\nsn: {Name}\no: {Name}\ngivenName: {FirstName}\nmail: {PersonEmail}\nmobile: {PersonMobilePhone}\n",
		},
		{"a condition on a field", described("Lead", Field{Name: "Name"}, Field{Name: "IsConverted"}), "cn: {Name}\ndisplayName: {Name}\nwhere IsConverted = false\n"},
		{"a condition on a missing field", described("User", Field{Name: "Name"}), "cn: {Name}\ndisplayName: {Name}\n"},
		{
			"a custom object",
			described("Partner__c",
				Field{Name: "Id", Type: "id"}, Field{Name: "Name", Type: "string"}, Field{Name: "Last_Name__c", Type: "string"}, Field{Name: "acme__FirstName__c", Type: "string"},
				Field{Name: "Company__c", Type: "reference", ReferenceTo: []string{"Account"}, RelationshipName: "Company__r"},
				Field{Name: "Mobile__c", Type: "phone"}, Field{Name: "Telefon__c", Type: "phone"}, Field{Name: "Durchwahl__c", Label: "Extension", Type: "phone"},
				Field{Name: "Second__c", Type: "phone"}, Field{Name: "Fax_Number__c", Type: "string"}, Field{Name: "EMail__c", Type: "email"},
				Field{Name: "Site__c", Type: "url"}, Field{Name: "Country__c", Type: "picklist"}, Field{Name: "Note__c", Type: "textarea"},
			),
			"cn: {Name}\ndisplayName: {Name}\nsn: {Last_Name__c}\ngivenName: {acme__FirstName__c}\no: {Company__r.Name}\nmobile: {Mobile__c}\n" +
				"telephoneNumber: {Telefon__c}\nipPhone: {Durchwahl__c}\notherTelephone: {Second__c}\nfacsimileTelephoneNumber: {Fax_Number__c}\n" +
				"mail: {EMail__c}\nwWWHomePage: {Site__c}\ncountry Company__r.BillingCountry\ncountry Country__c\n",
		},
		{"an object without Name", described("Case", Field{Name: "Id", Type: "id"}, Field{Name: "CaseNumber", Type: "string"}, Field{Name: "SuppliedPhone", Type: "string"}), "cn: {CaseNumber}\ndisplayName: {CaseNumber}\ntelephoneNumber: {SuppliedPhone}\n"},
		{"an object that says when it was made", described("Asset", Field{Name: "Name", Type: "string"}, Field{Name: "CreatedDate", Type: "datetime"}), "cn: {Name}\ndisplayName: {Name}\ncreateTimestamp: {CreatedDate}\n"},
		{"an object with nothing", described("Empty__c"), ""},
	}
	s := newSchema(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := DefaultMappingFor(tt.object)
			if got := describe(m); got != tt.want {
				t.Errorf("mapping:\n%swant:\n%s", got, tt.want)
			}
			if err := m.Validate(s); err != nil || m.Object != tt.object.Name {
				t.Errorf("mapping of %s: %v", m.Object, err)
			}
		})
	}
}

func TestEntryLookups(t *testing.T) {
	t.Parallel()
	e := Entry{Attributes: []Attribute{{"cn", []Value{{Text: "a"}, {Text: "b"}}}}}
	if got := e.First("cn"); got != "a" {
		t.Errorf("First(cn) = %q, want a", got)
	}
	if got := e.Values("cn"); len(got) != 2 {
		t.Errorf("Values(cn) = %v", got)
	}
	if e.First("sn") != "" || e.Values("sn") != nil {
		t.Error("an attribute that the entry lacks has values")
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	fields := []string{"Name", "Phone", "MobilePhone", "HomePhone", "Email", "Region__c"}
	tests := []struct{ name, want string }{
		{"Fone", "Phone"},
		{"Phnoe", "Phone"},
		{"phone__c", "Phone"},
		{"Region", "Region__c"},
		{"MoblePhone", "MobilePhone"},
		{"EMailAdress", ""},
		{"Mailx", "Email"},
		{"Zzzz", ""},
		{"x", ""},
		{"", ""},
	}
	for _, tt := range tests {
		if got := Nearest(tt.name, fields); got != tt.want {
			t.Errorf("Nearest(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := Nearest("Phone", nil); got != "" {
		t.Errorf("Nearest among none = %q", got)
	}
}
