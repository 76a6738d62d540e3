package schema

import (
	"slices"
	"strings"
)

// viewURL is the address of a record in Lightning.
const viewURL = "{@org_url}/lightning/r/{@object}/{Id}/view"

// attributeText is a mapped attribute before its template is parsed.
type attributeText struct{ name, template string }

// defaultText is a built-in mapping in the form of the configuration file.
type defaultText struct {
	where      string
	attributes []attributeText
	countries  []string
}

// defaultTexts returns the built-in mapping of an object.
func defaultTexts(object string) (name string, d defaultText, ok bool) {
	switch strings.ToLower(object) {
	case "contact":
		return "Contact", defaultText{
			attributes: []attributeText{
				{"cn", "{Name}"},
				{"displayName", "{Name}"},
				{"sn", "{LastName}"},
				{"givenName", "{FirstName}"},
				{"o", "{Account.Name}"},
				{"title", "{Title}"},
				{"department", "{Department}"},
				{"mail", "{Email}"},
				{"telephoneNumber", "{Phone}"},
				{"mobile", "{MobilePhone}"},
				{"homePhone", "{HomePhone}"},
				{"otherTelephone", "{OtherPhone}"},
				{"facsimileTelephoneNumber", "{Fax}"},
				{"assistant", "{AssistantName}"},
				{"telephoneAssistant", "{AssistantPhone}"},
				{"street", "{MailingStreet}"},
				{"postalCode", "{MailingPostalCode}"},
				{"l", "{MailingCity}"},
				{"st", "{MailingState}"},
				{"co", "{MailingCountry}"},
				{"createTimestamp", "{CreatedDate}"},
			},
			countries: []string{"MailingCountry", "OtherCountry", "Account.BillingCountry"},
		}, true
	case "account":
		return "Account", defaultText{
			attributes: []attributeText{
				{"cn", "{Name}"},
				{"displayName", "{Name}"},
				{"sn", "{Name}"},
				{"o", "{Name}"},
				{"telephoneNumber", "{Phone}"},
				{"facsimileTelephoneNumber", "{Fax}"},
				{"wWWHomePage", "{Website}"},
				{"street", "{BillingStreet}"},
				{"postalCode", "{BillingPostalCode}"},
				{"l", "{BillingCity}"},
				{"st", "{BillingState}"},
				{"co", "{BillingCountry}"},
				{"createTimestamp", "{CreatedDate}"},
			},
			countries: []string{"BillingCountry", "ShippingCountry"},
		}, true
	case "lead":
		return "Lead", defaultText{
			where: "IsConverted = false",
			attributes: []attributeText{
				{"cn", "{Name}"},
				{"displayName", "{Name}"},
				{"sn", "{LastName}"},
				{"givenName", "{FirstName}"},
				{"o", "{Company}"},
				{"title", "{Title}"},
				{"mail", "{Email}"},
				{"telephoneNumber", "{Phone}"},
				{"mobile", "{MobilePhone}"},
				{"facsimileTelephoneNumber", "{Fax}"},
				{"wWWHomePage", "{Website}"},
				{"street", "{Street}"},
				{"postalCode", "{PostalCode}"},
				{"l", "{City}"},
				{"st", "{State}"},
				{"co", "{Country}"},
				{"createTimestamp", "{CreatedDate}"},
			},
			countries: []string{"Country"},
		}, true
	case "user":
		return "User", defaultText{
			where: "IsActive = true",
			attributes: []attributeText{
				{"cn", "{Name}"},
				{"displayName", "{Name}"},
				{"sn", "{LastName}"},
				{"givenName", "{FirstName}"},
				{"o", "{CompanyName}"},
				{"title", "{Title}"},
				{"department", "{Department}"},
				{"mail", "{Email}"},
				{"telephoneNumber", "{Phone}"},
				{"mobile", "{MobilePhone}"},
				{"ipPhone", "{Extension}"},
				{"facsimileTelephoneNumber", "{Fax}"},
				{"street", "{Street}"},
				{"postalCode", "{PostalCode}"},
				{"l", "{City}"},
				{"st", "{State}"},
				{"co", "{Country}"},
				{"createTimestamp", "{CreatedDate}"},
			},
			countries: []string{"Country"},
		}, true
	}
	return "", defaultText{}, false
}

// DefaultMapping returns the built-in mapping of Contact, Account, Lead or User, in any letter case.
func DefaultMapping(object string) (Mapping, bool) {
	name, d, ok := defaultTexts(object)
	if !ok {
		return Mapping{}, false
	}
	m := Mapping{Object: name, Where: d.where, CountryFields: d.countries}
	for _, a := range d.attributes {
		m.Attributes = appendTemplate(m.Attributes, a.name, a.template)
	}
	m.ContactURLs = []*Template{mustTemplate(viewURL)}
	return m, true
}

// appendTemplate adds a value to an attribute, or the attribute.
func appendTemplate(to []MappedAttribute, name, template string) []MappedAttribute {
	t := mustTemplate(template)
	if i := slices.IndexFunc(to, func(a MappedAttribute) bool { return a.Name == name }); i >= 0 {
		to[i].Templates = append(to[i].Templates, t)
		return to
	}
	return append(to, MappedAttribute{Name: name, Templates: []*Template{t}})
}

// mustTemplate parses a template of ours, or one around a described field's name.
func mustTemplate(s string) *Template {
	t, err := ParseTemplate(s)
	if err != nil {
		panic(err)
	}
	return t
}
