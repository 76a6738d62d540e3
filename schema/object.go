package schema

import "strings"

// Object is a described sObject.
type Object struct {
	Name, Label, LabelPlural, KeyPrefix                        string
	Custom, Queryable, Replicateable, Retrieveable, Searchable bool
	Fields                                                     []Field
}

// Field is a described field of an object.
type Field struct {
	Name, Label, Type                      string // Type in Salesforce's words: string, phone, reference …
	Length                                 int
	Custom, Nillable, Filterable, Sortable bool
	ReferenceTo                            []string // objects that a reference may point to
	RelationshipName                       string   // Account for AccountId; "" if the parent can't be reached
}

// Field finds a field by name in any letter case.
func (o *Object) Field(name string) (*Field, bool) {
	for i := range o.Fields {
		if strings.EqualFold(o.Fields[i].Name, name) {
			return &o.Fields[i], true
		}
	}
	return nil, false
}
