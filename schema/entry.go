package schema

import "time"

// Value of an attribute.
type Value struct {
	Text     string   // what an answer shows
	Original string   // as Salesforce spelled it; "" when equal to Text
	Keys     []string // number values only: digit strings under which it is found, best first; nil for others
}

// Attribute is a canonical name with its values, best first.
type Attribute struct {
	Name   string
	Values []Value
}

// Entry is what one record becomes.
type Entry struct {
	Object     string      // sObject name: Contact
	ID         string      // 18 characters
	Stamp      time.Time   // SystemModstamp, UTC
	Attributes []Attribute // mapping order
}

// First returns the text of the first value of a canonical attribute name, or "".
func (e *Entry) First(name string) string {
	if v := e.Values(name); len(v) > 0 {
		return v[0].Text
	}
	return ""
}

// Values returns the values of a canonical attribute name. They belong to the entry.
func (e *Entry) Values(name string) []Value {
	for i := range e.Attributes {
		if e.Attributes[i].Name == name {
			return e.Attributes[i].Values
		}
	}
	return nil
}
