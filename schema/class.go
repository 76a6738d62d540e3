package schema

import (
	"fmt"
	"strings"
)

// ObjectClass is an object class (RFC 4512, 4.1.1).
type ObjectClass struct {
	Name     string
	Aliases  []string // further names that are accepted
	OID      string
	Superior string   // "" for top only
	Kind     string   // STRUCTURAL, ABSTRACT or AUXILIARY
	Must     []string // canonical names, without those of the superior
	May      []string
}

// Definition returns the class's description (RFC 4512, 4.1.1).
func (c *ObjectClass) Definition() string {
	var b strings.Builder
	fmt.Fprintf(&b, "( %s %s", c.OID, nameClause(c.Name, c.Aliases))
	if c.Superior != "" {
		b.WriteString(" SUP " + c.Superior)
	}
	b.WriteString(" " + c.Kind)
	writeOIDs(&b, " MUST ", c.Must)
	writeOIDs(&b, " MAY ", c.May)
	b.WriteString(" )")
	return b.String()
}

// writeOIDs writes one name bare and several in parentheses (oids, RFC 4512, 4.1).
func writeOIDs(b *strings.Builder, keyword string, names []string) {
	switch len(names) {
	case 0:
	case 1:
		b.WriteString(keyword + names[0])
	default:
		b.WriteString(keyword + "( " + strings.Join(names, " $ ") + " )")
	}
}

// contactClass and companyClass are the auxiliary classes of our entries: they allow what the person classes don't.
const (
	contactClass = "ringdexContact"
	companyClass = "ringdexCompany"
)

// builtinClasses returns the built-in object classes, superiors first. extra are the attributes that no standard class
// of a person allows.
func builtinClasses(extra []string) []ObjectClass {
	return []ObjectClass{
		{Name: "top", OID: "2.5.6.0", Kind: "ABSTRACT", Must: []string{"objectClass"}},
		{
			Name: "person", OID: "2.5.6.6", Superior: "top", Kind: "STRUCTURAL", Must: []string{"sn", "cn"},
			May: []string{"userPassword", "telephoneNumber", "seeAlso", "description"},
		},
		{
			Name: "organizationalPerson", OID: "2.5.6.7", Superior: "person", Kind: "STRUCTURAL",
			May: []string{
				"title", "facsimileTelephoneNumber", "street", "postOfficeBox", "postalCode", "postalAddress",
				"physicalDeliveryOfficeName", "destinationIndicator", "ou", "st", "l",
			},
		},
		{
			// Active Directory's user is what innovaphone and Jabber filter on.
			Name: "inetOrgPerson", Aliases: []string{"user"}, OID: "2.16.840.1.113730.3.2.2", Superior: "organizationalPerson", Kind: "STRUCTURAL",
			May: []string{
				"businessCategory", "departmentNumber", "displayName", "employeeNumber", "employeeType", "givenName", "homePhone",
				"homePostalAddress", "initials", "jpegPhoto", "labeledURI", "mail", "manager", "mobile", "o", "pager", "roomNumber",
				"secretary", "uid", "preferredLanguage",
			},
		},
		{
			Name: "organization", OID: "2.5.6.4", Superior: "top", Kind: "STRUCTURAL", Must: []string{"o"},
			May: []string{
				"userPassword", "seeAlso", "businessCategory", "destinationIndicator", "telephoneNumber", "facsimileTelephoneNumber",
				"street", "postOfficeBox", "postalCode", "postalAddress", "physicalDeliveryOfficeName", "st", "l", "description",
			},
		},
		{
			Name: "organizationalUnit", OID: "2.5.6.5", Superior: "top", Kind: "STRUCTURAL", Must: []string{"ou"},
			May: []string{
				"userPassword", "seeAlso", "businessCategory", "destinationIndicator", "telephoneNumber", "facsimileTelephoneNumber",
				"street", "postOfficeBox", "postalCode", "postalAddress", "physicalDeliveryOfficeName", "st", "l", "description",
			},
		},
		{
			Name: "country", OID: "2.5.6.2", Superior: "top", Kind: "STRUCTURAL", Must: []string{"c"}, May: []string{"description"},
		},
		{
			Name: "locality", OID: "2.5.6.3", Superior: "top", Kind: "STRUCTURAL",
			May: []string{"street", "seeAlso", "st", "l", "description"},
		},
		{
			Name: "domain", OID: "0.9.2342.19200300.100.4.13", Superior: "top", Kind: "STRUCTURAL", Must: []string{"dc"},
			May: []string{"o", "description", "businessCategory", "telephoneNumber", "street", "postalCode", "l", "st"},
		},
		{Name: "dcObject", OID: "1.3.6.1.4.1.1466.344", Superior: "top", Kind: "AUXILIARY", Must: []string{"dc"}},
		{Name: "uidObject", OID: "1.3.6.1.1.3.1", Superior: "top", Kind: "AUXILIARY", Must: []string{"uid"}},
		{Name: "labeledURIObject", OID: "1.3.6.1.4.1.250.3.15", Superior: "top", Kind: "AUXILIARY", May: []string{"labeledURI"}},
		{Name: "extensibleObject", OID: "1.3.6.1.4.1.1466.101.120.111", Superior: "top", Kind: "AUXILIARY"},
		{Name: "subentry", OID: "2.5.17.0", Superior: "top", Kind: "STRUCTURAL", Must: []string{"cn", "subtreeSpecification"}},
		{
			Name: "subschema", OID: "2.5.20.1", Superior: "top", Kind: "AUXILIARY",
			May: []string{"attributeTypes", "objectClasses", "matchingRules", "matchingRuleUse", "ldapSyntaxes"},
		},
		{Name: contactClass, OID: ownArc + ".4.1", Superior: "top", Kind: "AUXILIARY", May: extra},
		{Name: companyClass, OID: ownArc + ".4.2", Superior: "top", Kind: "AUXILIARY", Must: []string{"o"}},
	}
}
