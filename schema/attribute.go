package schema

import (
	"fmt"
	"strings"
)

// VirtualKind marks an attribute type that no entry holds: an assertion on it is one on many attributes.
type VirtualKind uint8

// The kinds of virtual attribute types.
const (
	None      VirtualKind = iota // an ordinary attribute
	AnyNumber                    // every telephone number of the entry: searchNumber, metaSearchNumber
	AnyName                      // every name of the entry: searchContact, metaSearchText, anr
)

// AttributeType is an attribute type (RFC 4512, 4.1.2).
type AttributeType struct {
	Name        string      // canonical spelling: telephoneNumber
	Aliases     []string    // further names that are accepted, those that phones really send among them
	OID         string      // numeric
	Superior    string      // canonical name of the supertype, or ""
	Syntax      Syntax      // how values are compared
	Single      bool        // SINGLE-VALUE
	Operational bool        // maintained by the directory; returned on request only (RFC 4511, 4.5.1.8)
	Virtual     VirtualKind // None, or what an assertion on it really asks

	serverWide bool   // of the server, not of an entry: USAGE dSAOperation
	rules      *rules // in place of those of the syntax
}

// Definition returns the type's description (RFC 4512, 4.1.2), with the matching rules that we serve.
func (t *AttributeType) Definition() string {
	var b strings.Builder
	fmt.Fprintf(&b, "( %s %s", t.OID, nameClause(t.Name, t.Aliases))
	switch t.Virtual {
	case AnyNumber:
		b.WriteString(" DESC 'search only: any telephone number of the entry'")
	case AnyName:
		b.WriteString(" DESC 'search only: any name of the entry'")
	}
	served := t.served()
	for _, c := range []struct{ keyword, value string }{
		{"SUP", t.Superior},
		{"EQUALITY", served.equality},
		{"ORDERING", served.ordering},
		{"SUBSTR", served.substr},
		{"SYNTAX", served.syntax},
	} {
		if c.value != "" {
			fmt.Fprintf(&b, " %s %s", c.keyword, c.value)
		}
	}
	if t.Single {
		b.WriteString(" SINGLE-VALUE")
	}
	switch {
	case t.serverWide:
		b.WriteString(" USAGE dSAOperation")
	case t.Operational:
		b.WriteString(" NO-USER-MODIFICATION USAGE directoryOperation")
	}
	b.WriteString(" )")
	return b.String()
}

func (t *AttributeType) served() rules {
	if t.rules != nil {
		return *t.rules
	}
	return syntaxRules[t.Syntax]
}

// Rules are the names of the matching rules that we serve for the type: equality, ordering, substrings, as far as there are
// any.
func (t *AttributeType) Rules() (names []string) {
	served := t.served()
	for _, n := range []string{served.equality, served.ordering, served.substr} {
		if n != "" {
			names = append(names, n)
		}
	}
	return names
}

// nameClause returns NAME with one or more names (qdescrs, RFC 4512, 4.1).
func nameClause(name string, aliases []string) string {
	if len(aliases) == 0 {
		return "NAME '" + name + "'"
	}
	return "NAME ( '" + name + "' '" + strings.Join(aliases, "' '") + "' )"
}
