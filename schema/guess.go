package schema

import (
	"slices"
	"strings"
)

// DefaultMappingFor returns the built-in mapping of a described object: the one of DefaultMapping without the fields
// that this org lacks and with those of person accounts where it has them; for other objects a guess from the types and
// names of their fields.
func DefaultMappingFor(o Object) Mapping {
	if m, ok := DefaultMapping(o.Name); ok {
		return restrict(m, &o)
	}
	return guess(&o)
}

// restrict drops what the object doesn't have.
func restrict(m Mapping, o *Object) Mapping {
	attributes := m.Attributes
	if m.Object == "Account" {
		for _, a := range personAccountTexts {
			attributes = appendTemplate(attributes, a.name, a.template)
		}
	}
	m.Attributes = nil
	for _, a := range attributes {
		a.Templates = slices.DeleteFunc(slices.Clone(a.Templates), func(t *Template) bool { return !o.hasAll(t.Fields()) })
		if len(a.Templates) > 0 {
			m.Attributes = append(m.Attributes, a)
		}
	}
	m.CountryFields = slices.DeleteFunc(slices.Clone(m.CountryFields), func(path string) bool { return !o.has(path) })
	if field, _, _ := strings.Cut(m.Where, " "); field != "" && !o.has(field) {
		m.Where = ""
	}
	return m
}

// personAccountTexts are the fields of an account that is a person.
var personAccountTexts = [...]attributeText{
	{"givenName", "{FirstName}"},
	{"title", "{PersonTitle}"},
	{"mail", "{PersonEmail}"},
	{"mobile", "{PersonMobilePhone}"},
	{"homePhone", "{PersonHomePhone}"},
	{"otherTelephone", "{PersonOtherPhone}"},
	{"telephoneAssistant", "{PersonAssistantPhone}"},
}

// has says whether a path begins at a field or a reachable parent of the object. What a parent has isn't described.
func (o *Object) has(path string) bool {
	parent, _, isPath := strings.Cut(path, ".")
	if !isPath {
		_, ok := o.Field(path)
		return ok || strings.EqualFold(path, "Id")
	}
	return slices.ContainsFunc(o.Fields, func(f Field) bool { return strings.EqualFold(f.RelationshipName, parent) })
}

func (o *Object) hasAll(paths []string) bool {
	return !slices.ContainsFunc(paths, func(p string) bool { return !o.has(p) })
}

// guess makes a mapping for an object that we don't know.
func guess(o *Object) Mapping {
	m := Mapping{Object: o.Name, ContactURLs: []*Template{mustTemplate(viewURL)}}
	add := func(attribute string, f *Field) {
		if checkName(f.Name) == nil {
			m.Attributes = appendTemplate(m.Attributes, attribute, "{"+f.Name+"}")
		}
	}
	if f := o.nameField(); f != nil {
		add("cn", f)
		add("displayName", f)
	}
	for _, n := range []struct{ attribute, word string }{{"sn", "lastname"}, {"givenName", "firstname"}} {
		if f := o.fieldLike(n.word); f != nil {
			add(n.attribute, f)
		}
	}
	o.guessParents(&m)
	for i := range o.Fields {
		f := &o.Fields[i]
		word := plainName(f.Name)
		switch {
		case f.Type == "phone" || f.Type == "string" && syntaxOfName(word).IsNumber():
			add(numberAttribute(word, f.Label, m.Attributes), f)
		case f.Type == "email":
			add("mail", f)
		case f.Type == "url":
			add("wWWHomePage", f)
		case (f.Type == "string" || f.Type == "picklist") && strings.HasSuffix(word, "country"):
			m.CountryFields = append(m.CountryFields, f.Name)
		}
	}
	if o.has("CreatedDate") {
		m.Attributes = appendTemplate(m.Attributes, "createTimestamp", "{CreatedDate}")
	}
	return m
}

// nameField is what a record is called by.
func (o *Object) nameField() *Field {
	for _, name := range []string{"Name", "Subject", "Title", "CaseNumber"} {
		if f, ok := o.Field(name); ok {
			return f
		}
	}
	for i := range o.Fields {
		if o.Fields[i].Type == "string" {
			return &o.Fields[i]
		}
	}
	return nil
}

// fieldLike finds a text field by its name without underscores and suffix.
func (o *Object) fieldLike(word string) *Field {
	for i := range o.Fields {
		if o.Fields[i].Type == "string" && plainName(o.Fields[i].Name) == word {
			return &o.Fields[i]
		}
	}
	return nil
}

// guessParents takes the company from the first reference to an account.
func (o *Object) guessParents(m *Mapping) {
	for _, f := range o.Fields {
		if f.Type == "reference" && slices.Equal(f.ReferenceTo, []string{"Account"}) && checkName(f.RelationshipName) == nil {
			m.Attributes = appendTemplate(m.Attributes, "o", "{"+f.RelationshipName+".Name}")
			m.CountryFields = append(m.CountryFields, f.RelationshipName+".BillingCountry")
			return
		}
	}
}

// numberAttribute says which attribute a number field becomes. The first one that is nothing else is the main number.
func numberAttribute(word, label string, have []MappedAttribute) string {
	word += " " + strings.ToLower(label)
	for _, n := range []struct{ part, attribute string }{
		{"fax", "facsimileTelephoneNumber"},
		{"assistant", "telephoneAssistant"},
		{"mobil", "mobile"},
		{"cell", "mobile"},
		{"handy", "mobile"},
		{"home", "homePhone"},
		{"privat", "homePhone"},
		{"extension", "ipPhone"},
		{"other", "otherTelephone"},
	} {
		if strings.Contains(word, n.part) {
			return n.attribute
		}
	}
	if slices.ContainsFunc(have, func(a MappedAttribute) bool { return a.Name == "telephoneNumber" }) {
		return "otherTelephone"
	}
	return "telephoneNumber"
}

// plainName is a field's name in lower case, without namespace, underscores and the suffix of custom fields.
func plainName(name string) string {
	name = strings.TrimSuffix(strings.ToLower(name), "__c")
	if _, after, ok := strings.Cut(name, "__"); ok {
		name = after
	}
	return strings.ReplaceAll(name, "_", "")
}
