package emulator

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// shared gives a path in the data that is not part of the repository, or skips: RINGDEX_SHARED names its directory, else
// it is looked for beside the checkout.
func shared(t testing.TB, parts ...string) string {
	t.Helper()
	dirs := []string{os.Getenv("RINGDEX_SHARED")}
	for up := ".."; len(up) < 20; up += "/.." {
		dirs = append(dirs, filepath.Join(up, "shared"))
	}
	for _, dir := range dirs {
		if dir == "" {
			continue
		}
		path := filepath.Join(append([]string{dir, "data"}, parts...)...)
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	t.Skipf("%s is not there: set RINGDEX_SHARED to the directory that holds data/", filepath.Join(parts...))
	return ""
}

// schemas takes the XML schemas out of the Partner WSDL and gives the file that names them all.
func schemas(t *testing.T) string {
	t.Helper()
	wsdl, err := os.ReadFile(shared(t, "salesforce", "partner-58.0.wsdl"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("xmllint is not installed: responses are not validated against the WSDL")
	}
	dir := t.TempDir()
	file := func(namespace string) string {
		return map[string]string{nsSObject: "sobject.xsd", nsPartner: "partner.xsd", nsFault: "fault.xsd"}[namespace]
	}
	definitions := regexp.MustCompile(`(?s)<schema .*?</schema>`)
	target := regexp.MustCompile(`targetNamespace="([^"]+)"`)
	imports := regexp.MustCompile(`<import namespace="([^"]+)"\s*/>`)
	found := definitions.FindAll(wsdl, -1)
	if len(found) != 3 {
		t.Fatalf("the WSDL holds %d schemas, want 3", len(found))
	}
	for _, schema := range found {
		name := file(string(target.FindSubmatch(schema)[1]))
		schema = imports.ReplaceAllFunc(schema, func(m []byte) []byte {
			namespace := string(imports.FindSubmatch(m)[1])
			return fmt.Appendf(nil, `<import namespace="%s" schemaLocation="%s"/>`, namespace, file(namespace))
		})
		prefixes := `<schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:tns="` + nsPartner + `" xmlns:ens="` + nsSObject + `"`
		if !bytes.Contains(schema, []byte("xmlns:fns=")) {
			prefixes += ` xmlns:fns="` + nsFault + `"`
		}
		schema = bytes.Replace(schema, []byte("<schema"), []byte(prefixes), 1)
		if err := os.WriteFile(filepath.Join(dir, name), schema, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// The envelope is not in the WSDL. This one demands that what lies in Header, Body and detail is defined.
	envelope := `<schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="` + nsEnvelope + `" elementFormDefault="qualified" xmlns:e="` + nsEnvelope + `">
<import namespace="` + nsPartner + `" schemaLocation="partner.xsd"/><import namespace="` + nsFault + `" schemaLocation="fault.xsd"/>
<element name="Envelope"><complexType><sequence>
<element name="Header" minOccurs="0"><complexType><sequence><any namespace="##other" processContents="strict" minOccurs="0" maxOccurs="unbounded"/></sequence></complexType></element>
<element name="Body"><complexType><sequence><choice><element ref="e:Fault"/><any namespace="##other" processContents="strict"/></choice></sequence></complexType></element>
</sequence></complexType></element>
<element name="Fault"><complexType><sequence>
<element name="faultcode" type="QName" form="unqualified"/><element name="faultstring" type="string" form="unqualified"/>
<element name="detail" form="unqualified" minOccurs="0"><complexType><sequence><any namespace="##other" processContents="strict"/></sequence></complexType></element>
</sequence></complexType></element></schema>`
	path := filepath.Join(dir, "envelope.xsd")
	if err := os.WriteFile(path, []byte(envelope), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestResponsesMatchWSDL(t *testing.T) {
	t.Parallel()
	schema := schemas(t)
	now := time.Date(2026, 1, 15, 12, 0, 30, 0, time.UTC)
	s := start(t, Options{Generate: &Generate{Accounts: 30, Contacts: 900, Seed: 3}, Clock: func() time.Time { return now }})
	ids := s.org.IDs("Contact")
	if err := s.org.Delete("Contact", ids[3], ids[4]); err != nil {
		t.Fatal(err)
	}
	if err := s.org.AddField("Contact", FieldSpec{Name: "Desk__c"}); err != nil {
		t.Fatal(err)
	}
	c := login(t, s)
	locator := func() string {
		c.options = "<urn:QueryOptions><urn:batchSize>200</urn:batchSize></urn:QueryOptions>"
		defer func() { c.options = "" }()
		return find(c.query("SELECT Id FROM Contact").root, "queryLocator")
	}
	window := "<urn:sObjectType>Contact</urn:sObjectType><urn:startDate>2026-01-14T00:00:00Z</urn:startDate><urn:endDate>2026-01-15T12:05:00Z</urn:endDate>"
	type test struct {
		name, status string
		answer       func() answer
	}
	query := func(soql string) func() answer { return func() answer { return c.query(soql) } }
	call := func(operation string) func() answer { return func() answer { return c.call(operation) } }
	tests := []test{
		{"login", "200 OK", func() answer {
			return post(t, s, "58.0", loginBody("integration@example.com", "emulatorTOKEN"), nil)
		}},
		{"wrong password", "500 Server Error", func() answer { return post(t, s, "58.0", loginBody("integration@example.com", "no"), nil) }},
		{"user info", "200 OK", call("<urn:getUserInfo/>")},
		{"server timestamp", "200 OK", call("<urn:getServerTimestamp/>")},
		{"describe global", "200 OK", call("<urn:describeGlobal/>")},
		{"describe one", "200 OK", call("<urn:describeSObject><urn:sObjectType>contact</urn:sObjectType></urn:describeSObject>")},
		{"describe all", "200 OK", call("<urn:describeSObjects><urn:sObjectType>Account</urn:sObjectType><urn:sObjectType>Case</urn:sObjectType><urn:sObjectType>Contact</urn:sObjectType><urn:sObjectType>Lead</urn:sObjectType><urn:sObjectType>Task</urn:sObjectType><urn:sObjectType>User</urn:sObjectType></urn:describeSObjects>")},
		{"all fields", "200 OK", query("SELECT FIELDS(ALL) FROM Contact LIMIT 200")},
		{"all fields of accounts", "200 OK", query("SELECT FIELDS(ALL) FROM Account LIMIT 200")},
		{"parents", "200 OK", query("SELECT Name, Account.Name, Account.Owner.Name, Account.Id, ReportsTo.Name, Id FROM Contact LIMIT 50")},
		{"children", "200 OK", query("SELECT Name, (SELECT LastName FROM Contacts) FROM Account LIMIT 3")},
		{"user's permissions", "200 OK", query("SELECT Id, PermissionsViewAllData FROM UserPermissionAccess")},
		{"object permissions", "200 OK", query("SELECT Id, Parent.Name, SobjectType, PermissionsViewAllRecords FROM ObjectPermissions")},
		{"field permissions", "200 OK", query("SELECT Field, PermissionsRead FROM FieldPermissions WHERE SobjectType = 'Contact'")},
		{"sharing defaults", "200 OK", query("SELECT QualifiedApiName, InternalSharingModel FROM EntityDefinition")},
		{"describe setup", "200 OK", call("<urn:describeSObject><urn:sObjectType>ObjectPermissions</urn:sObjectType></urn:describeSObject>")},
		{"count", "200 OK", query("SELECT COUNT() FROM Contact")},
		{"groups", "200 OK", query("SELECT MailingCountry, COUNT(Id) n FROM Contact GROUP BY MailingCountry")},
		{"empty", "200 OK", query("SELECT Id FROM Lead")},
		{"pages", "200 OK", func() answer { return c.more(locator()) }},
		{"query all", "200 OK", func() answer { return c.queryAll("SELECT Id, IsDeleted FROM Contact WHERE IsDeleted = true") }},
		{"retrieve", "200 OK", call("<urn:retrieve><urn:fieldList>Name, AccountId</urn:fieldList><urn:sObjectType>Contact</urn:sObjectType><urn:ids>" + ids[0] + "</urn:ids><urn:ids>003000000000000AAA</urn:ids></urn:retrieve>")},
		{"updated", "200 OK", call("<urn:getUpdated>" + window + "</urn:getUpdated>")},
		{"deleted", "200 OK", call("<urn:getDeleted>" + window + "</urn:getDeleted>")},
		{"unknown field", "500 Server Error", query("SELECT Nick FROM Contact")},
		{"unknown object", "500 Server Error", query("SELECT Id FROM Person")},
		{"no query", "500 Server Error", query("SELECT FROM")},
		{"operator", "500 Server Error", query("SELECT Id FROM Contact WHERE IsDeleted > true")},
		{"offset", "500 Server Error", query("SELECT Id FROM Contact OFFSET 3000")},
		{"locator", "500 Server Error", func() answer { return c.more("0r8000000000000AAA-200") }},
		{"unknown type", "500 Server Error", call("<urn:describeSObject><urn:sObjectType>Person</urn:sObjectType></urn:describeSObject>")},
		{"old window", "500 Server Error", call("<urn:getUpdated><urn:sObjectType>Contact</urn:sObjectType><urn:startDate>2024-01-14T00:00:00Z</urn:startDate><urn:endDate>2026-01-15T00:00:00Z</urn:endDate></urn:getUpdated>")},
		{"batch size", "500 Server Error", func() answer {
			c.options = "<urn:QueryOptions><urn:batchSize>20</urn:batchSize></urn:QueryOptions>"
			defer func() { c.options = "" }()
			return c.query("SELECT Id FROM Contact")
		}},
		{"call that is left out", "500 Server Error", call("<urn:create/>")},
		{"unknown call", "500 Server Error", call("<urn:destroy/>")},
		{"login of a later version", "500 Server Error", func() answer { return post(t, s, "65.0", loginBody("a", "b"), nil) }},
		{"logout", "200 OK", call("<urn:logout/>")},
		{"session that ended", "500 Server Error", call("<urn:getUserInfo/>")},
	}
	dir := t.TempDir()
	var files []string
	for _, tt := range tests {
		a := tt.answer()
		if a.reason != tt.status {
			t.Errorf("%s: got status %q, want %q: %s", tt.name, a.reason, tt.status, a.body)
		}
		file := filepath.Join(dir, strings.ReplaceAll(tt.name, " ", "-")+".xml")
		if err := os.WriteFile(file, []byte(a.body), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	out, err := exec.Command("xmllint", append([]string{"--noout", "--schema", schema}, files...)...).CombinedOutput()
	if err != nil {
		for line := range strings.Lines(string(out)) {
			if !strings.Contains(line, "validates") {
				t.Error(strings.TrimSpace(line))
			}
		}
	}
	if got := strings.Count(string(out), "validates"); got != len(files) {
		t.Errorf("%d of %d answers validate: %v", got, len(files), err)
	}
}
