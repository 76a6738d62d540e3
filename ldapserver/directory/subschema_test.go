package directory

import (
	"regexp"
	"strings"
	"testing"

	"ringdex/ldapserver/protocol"
)

// TestSubschemaIsClosed: what a definition names has a definition of its own. Tools refuse a schema that is not closed.
func TestSubschemaIsClosed(t *testing.T) {
	t.Parallel()
	s := sessionOf(directoryOf(t, nil, nil))
	list, code := ask(t, s, requestOf(t, "cn=Subschema", protocol.BaseObject, "(objectClass=subschema)", "*", "+"))
	if code != protocol.Success || len(list) != 1 {
		t.Fatalf("got %v, %d entries", code, len(list))
	}
	e := &list[0]
	known := func(attribute string) map[string]bool {
		out := map[string]bool{}
		for _, v := range e.values(attribute) {
			out[strings.Fields(v)[1]] = true
			if m := regexp.MustCompile(`NAME (?:'([^']+)'|\(([^)]*)\))`).FindStringSubmatch(v); m != nil {
				for _, n := range strings.Fields(m[1] + " " + m[2]) {
					out[strings.ToLower(strings.Trim(n, "'"))] = true
				}
			}
		}
		return out
	}
	syntaxes, rules, types, classes := known("ldapSyntaxes"), known("matchingRules"), known("attributeTypes"), known("objectClasses")
	check := func(where, keyword string, defined map[string]bool) {
		for _, v := range e.values(where) {
			for _, m := range regexp.MustCompile(` `+keyword+` (?:\(([^)]*)\)|([^ ]+))`).FindAllStringSubmatch(v, -1) {
				for n := range strings.FieldsSeq(strings.ReplaceAll(m[1]+m[2], "$", " ")) {
					if n, _, _ = strings.Cut(strings.Trim(n, "'"), "{"); !defined[n] && !defined[strings.ToLower(n)] {
						t.Errorf("%s: %s %s is not described", where, keyword, n)
					}
				}
			}
		}
	}
	check("attributeTypes", "SYNTAX", syntaxes)
	check("matchingRules", "SYNTAX", syntaxes)
	for _, k := range []string{"EQUALITY", "ORDERING", "SUBSTR"} {
		check("attributeTypes", k, rules)
	}
	check("matchingRuleUse", "NAME", rules)
	check("matchingRuleUse", "APPLIES", types)
	check("attributeTypes", "SUP", types)
	check("objectClasses", "SUP", classes)
	check("objectClasses", "MUST", types)
	check("objectClasses", "MAY", types)
	// Every attribute that an entry shows is in the schema.
	for _, base := range []string{"", "dc=ringdex", "cn=Subschema"} {
		list, _ := ask(t, s, requestOf(t, base, protocol.BaseObject, "(objectClass=*)", "*", "+"))
		for _, e := range list {
			for _, a := range e.attributes {
				if !types[strings.ToLower(a.name)] {
					t.Errorf("%q shows %s, which the schema does not know", base, a.name)
				}
			}
			for _, class := range e.values("objectClass") {
				if !classes[strings.ToLower(class)] {
					t.Errorf("%q has the class %s, which the schema does not know", base, class)
				}
			}
		}
	}
	if len(types) < 40 {
		t.Errorf("only %d attribute types", len(types))
	}
}
