package directory

import (
	"slices"
	"strings"
	"testing"

	"ringdex/ldapserver/protocol"
)

// TestBrowsersConnect makes the searches with which Apache Directory Studio and JXplorer open a connection, in their order:
// root DSE, schema, base, and the tree below it level by level with at most 1,000 children.
func TestBrowsersConnect(t *testing.T) {
	t.Parallel()
	s := sessionOf(directoryOf(t, invented(t), nil))
	read := func(base string, scope protocol.Scope, filter string, attributes ...string) []answered {
		t.Helper()
		r := requestOf(t, base, scope, filter, attributes...)
		r.SizeLimit = 1000
		got := askWith(t, s, r, protocol.Control{OID: []byte(protocol.OIDManageDsaIT)})
		if got.code != protocol.Success {
			t.Fatalf("%q: got %v", base, got.code)
		}
		return got.list
	}
	root := read("", protocol.BaseObject, "(objectClass=*)", "namingContexts", "subschemaSubentry", "supportedLDAPVersion", "supportedSASLMechanisms",
		"supportedExtension", "supportedControl", "supportedFeatures", "vendorName", "vendorVersion", "+", "objectClass", "altServer")
	if len(root) != 1 || root[0].first("namingContexts") != "dc=ringdex" || !slices.Contains(root[0].values("supportedLDAPVersion"), "3") ||
		len(root[0].values("supportedSASLMechanisms")) > 0 {
		t.Fatalf("root DSE: got %+v", root)
	}
	schema := read(root[0].first("subschemaSubentry"), protocol.BaseObject, "(objectClass=subschema)", "createTimestamp", "modifyTimestamp",
		"objectClasses", "attributeTypes", "ldapSyntaxes", "matchingRules", "matchingRuleUse")
	if len(schema) != 1 {
		t.Fatalf("schema: got %d entries", len(schema))
	}
	for _, a := range []string{"objectClasses", "attributeTypes", "ldapSyntaxes", "matchingRules", "matchingRuleUse"} {
		if len(schema[0].values(a)) == 0 {
			t.Errorf("the schema has no %s", a)
		}
	}
	if all := read("cn=Subschema", protocol.BaseObject, "(objectClass=*)", "*", "+"); len(all) != 1 || len(all[0].values("attributeTypes")) == 0 {
		t.Error("JXplorer's read of the schema has no attributeTypes")
	}
	// What entries have is in the schema, and so are their classes.
	known := strings.Join(schema[0].values("attributeTypes"), "\n") + strings.Join(schema[0].values("objectClasses"), "\n")
	seen := 0
	var open func(dn string)
	open = func(dn string) {
		for _, e := range read(dn, protocol.SingleLevel, "(objectClass=*)", "hasSubordinates", "numSubordinates", "subordinateCount", "objectClass", "ref", "1.1") {
			seen++
			whole := read(e.dn, protocol.BaseObject, "(objectClass=*)", "*", "+")
			if len(whole) != 1 {
				t.Fatalf("%s can't be read", e.dn)
			}
			for _, a := range whole[0].attributes {
				if !strings.Contains(known, "'"+a.name+"'") {
					t.Errorf("%s is not in the schema", a.name)
				}
			}
			for _, class := range e.values("objectClass") {
				if !strings.Contains(known, "'"+class+"'") {
					t.Errorf("the class %s is not in the schema", class)
				}
			}
			below := read(e.dn, protocol.SingleLevel, "(objectClass=*)", "1.1")
			if has := e.first("hasSubordinates"); (has == "TRUE") != (len(below) > 0) {
				t.Errorf("%s: hasSubordinates is %q, and there are %d", e.dn, has, len(below))
			} else if has == "TRUE" {
				open(e.dn)
			}
		}
	}
	open("dc=ringdex")
	if seen != 12 { // two containers and ten records
		t.Errorf("the tree has %d entries below its top, want 12", seen)
	}
}
