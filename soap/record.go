package soap

import "strings"

// Record is one record of a page.
//
// Its strings are cut out of one text that all records of the page share: who
// keeps a value for long keeps the page, and should strings.Clone it.
type Record struct {
	// Type is the object, "Contact"; "AggregateResult" for GROUP BY.
	Type string
	// ID is empty where the query did not select it.
	ID ID

	page   *pageText
	layout *layout
	first  int
}

// FieldValue is one field of a record.
type FieldValue struct {
	// Path is the field as the server spells it: "Phone", "Account.Name",
	// "MailingAddress.city".
	Path string
	// Value is "" where Nil.
	Value string
	Nil   bool
	// Quarantined: the value held characters that XML does not allow. They are
	// left out of Value.
	Quarantined bool
}

// pageText holds the values of a page's records.
type pageText struct {
	text  string
	spans []span
}

// span is a value: its place in the page's text and flags.
type span struct {
	off uint32
	len uint32 // with the two flags
}

const (
	nilFlag        = 1 << 31
	quarantineFlag = 1 << 30
	lenMask        = quarantineFlag - 1
)

func (p *pageText) value(i int) string {
	s := p.spans[i]
	return p.text[s.off : s.off+s.len&lenMask]
}

// Field returns a field's value, "" where it is nil or absent. The path does not
// depend on letter case; a parent's field is "Account.Name", a part of a
// compound "MailingAddress.city".
func (r *Record) Field(path string) string {
	v, _, _ := r.Lookup(path)
	return v
}

// Lookup is Field that tells nil from absent. A field of a parent that is nil is
// nil.
func (r *Record) Lookup(path string) (value string, null, present bool) {
	if r.layout == nil {
		return "", false, false
	}
	if len(path) == 2 && strings.EqualFold(path, "Id") {
		return string(r.ID), false, r.ID != ""
	}
	if i, ok := r.layout.slot(path); ok {
		i += r.first
		return r.page.value(i), r.page.spans[i].len&nilFlag != 0, true
	}
	for i := len(path) - 1; i > 0; i-- {
		if path[i] != '.' {
			continue
		}
		if slot, ok := r.layout.slot(path[:i]); ok {
			null = r.page.spans[r.first+slot].len&nilFlag != 0
			return "", null, null
		}
	}
	return "", false, false
}

// Fields returns all fields but Id in SELECT order. A missing parent is one nil
// field with the parent's name.
func (r *Record) Fields() []FieldValue {
	if r.layout == nil {
		return nil
	}
	fields := make([]FieldValue, len(r.layout.paths))
	for i, path := range r.layout.paths {
		flags := r.page.spans[r.first+i].len
		fields[i] = FieldValue{
			Path:        path,
			Value:       r.page.value(r.first + i),
			Nil:         flags&nilFlag != 0,
			Quarantined: flags&quarantineFlag != 0,
		}
	}
	return fields
}
