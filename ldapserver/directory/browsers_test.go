package directory

import (
	"io"
	"slices"
	"strings"
	"testing"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
)

// TestBrowsersConnect opens a connection as Apache Directory Studio and JXplorer do, over the wire, and makes their searches in
// their order: root DSE, schema, base, and the tree below it level by level with at most 1,000 children.
func TestBrowsersConnect(t *testing.T) {
	t.Parallel()
	d := directoryOf(t, invented(t), nil)
	address := listening(t, d, ldapserver.Options{}, ldapserver.ListenerOptions{})
	manage := protocol.Control{OID: []byte(protocol.OIDManageDsaIT)}
	for name, c := range map[string]struct {
		bind  []byte
		deref protocol.Deref
		with  []protocol.Control
	}{
		"Apache Directory Studio": {bindRequest(1, 3, "", ""), protocol.DerefAlways, []protocol.Control{manage}},
		"with pages":              {bindRequest(1, 3, "", ""), protocol.DerefAlways, []protocol.Control{manage, pagedControl(1000, nil)}},
		"JXplorer":                {bindRequest(1, 3, "", "", critical(manage)), protocol.DerefFindingBaseObj, []protocol.Control{critical(manage)}},
		"JXplorer, version 2":     {bindRequest(1, 2, "", ""), protocol.NeverDerefAliases, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := dialWire(t, address)
			if _, end := w.ask(c.bind); end.op != protocol.OpBindResponse || end.code != protocol.Success {
				t.Fatalf("bind: %v %q", end.code, end.text)
			}
			id := int64(1)
			browse(t, func(base string, scope protocol.Scope, filter string, attributes ...string) []answered {
				t.Helper()
				id++
				r := requestOf(t, base, scope, filter, attributes...)
				r.SizeLimit, r.Deref = 1000, c.deref
				list, end := w.ask(searchRequest(t, id, r, filter, c.with...))
				if end.code != protocol.Success || end.id != id {
					t.Fatalf("%q: got %v %q, message %d", base, end.code, end.text, end.id)
				}
				return w.entries(list)
			})
			if _, err := w.Write(request(id+1, protocol.OpUnbindRequest, nil)); err != nil {
				t.Fatal(err)
			}
			if rest, err := io.ReadAll(w.in); err != nil || len(rest) > 0 {
				t.Errorf("behind the unbind come % x, %v", rest, err)
			}
		})
	}
}

// browse goes through a directory as a browser does.
func browse(t *testing.T, read func(base string, scope protocol.Scope, filter string, attributes ...string) []answered) {
	t.Helper()
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
