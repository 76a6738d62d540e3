package emulator

import "strings"

// A field of an object as describe shows it. Its place in object.fields is fixed for the life of the org: a removed
// field is marked, not taken out, since records refer to it by number.
type field struct {
	name, label, kind        string // kind is the describe type: string, phone, reference …
	length, precision, scale int
	custom, required         bool
	readOnly                 bool // set by the system: not createable, not updateable
	nameField                bool
	referenceTo              []string
	relationship             string // name of the parent in a field path: Account for AccountId
	childRelationship        string // name of the children at the parent: Contacts
	compound                 string
	picklist                 []string
	hidden                   bool // the user has lost the permission to see it
	removed                  bool
	calculated               bool
}

// visible fields are shown by describe and may be queried.
func (f *field) visible() bool { return !f.hidden && !f.removed }

// long text and compound fields can be selected, not filtered or sorted.
func (f *field) filterable() bool {
	return f.kind != "address" && f.kind != "location" && f.kind != "base64" && (f.kind != "textarea" || f.length <= 255)
}

func (f *field) numeric() bool {
	switch f.kind {
	case "int", "double", "currency", "percent", "long":
		return true
	}
	return false
}

func (f *field) isID() bool { return f.kind == "id" || f.kind == "reference" }

// soapType is the XML schema type of the values.
func (f *field) soapType() string {
	switch f.kind {
	case "id", "reference":
		return "tns:ID"
	case "boolean":
		return "xsd:boolean"
	case "double", "currency", "percent":
		return "xsd:double"
	case "int", "long":
		return "xsd:int"
	case "date":
		return "xsd:date"
	case "datetime":
		return "xsd:dateTime"
	case "time":
		return "xsd:time"
	case "base64":
		return "xsd:base64Binary"
	case "address":
		return "tns:address"
	case "location":
		return "tns:location"
	}
	return "xsd:string"
}

// An object is an sObject type with its records.
type object struct {
	name, label, plural, prefix string
	custom                      bool
	setup                       bool // tells permissions; its records cannot be replicated
	fields                      []*field
	index                       map[string]int // by lower-case name, without removed ones
	parents                     map[string]int // by lower-case relationship name
	table                       *table

	id, stamp, created, modified, deleted, name1 int // numbers of the fields that every record has; name1 is -1 where there is no Name
}

func newObject(name, label, plural, prefix string) *object {
	o := &object{
		name: name, label: label, plural: plural, prefix: prefix, custom: strings.HasSuffix(name, "__c"),
		index: map[string]int{}, parents: map[string]int{}, stamp: -1, deleted: -1, name1: -1,
	}
	o.table = newTable(o)
	return o
}

// add appends a field, or puts it in the place of one with the same name.
func (o *object) add(f *field) int {
	lower := strings.ToLower(f.name)
	n, again := o.index[lower]
	if again {
		o.fields[n] = f
	} else {
		n = len(o.fields)
		o.fields = append(o.fields, f)
		o.index[lower] = n
	}
	if f.relationship != "" {
		o.parents[strings.ToLower(f.relationship)] = n
	}
	switch f.name {
	case "Id":
		o.id = n
	case "SystemModstamp":
		o.stamp = n
	case "CreatedDate":
		o.created = n
	case "LastModifiedDate":
		o.modified = n
	case "IsDeleted":
		o.deleted = n
	case "Name":
		o.name1 = n
	}
	return n
}

// remove takes a field out of describe and queries; a later add with that name is a new, empty field.
func (o *object) remove(name string) bool {
	lower := strings.ToLower(name)
	n, ok := o.index[lower]
	if !ok {
		return false
	}
	f := *o.fields[n]
	f.removed = true
	o.fields[n] = &f
	delete(o.index, lower)
	if f.relationship != "" {
		delete(o.parents, strings.ToLower(f.relationship))
	}
	return true
}

// find gives the number of a field by its name in any letter case.
func (o *object) find(name string) (int, bool) {
	n, ok := o.index[strings.ToLower(name)]
	return n, ok
}

// lookup finds a field that the user may see.
func (o *object) lookup(name string) (int, bool) {
	n, ok := o.find(name)
	if !ok || !o.fields[n].visible() {
		return 0, false
	}
	return n, true
}
