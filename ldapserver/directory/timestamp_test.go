package directory

import (
	"slices"
	"testing"

	"ringdex/ldapserver/protocol"
	"ringdex/schema"
	"ringdex/schema/phone"
)

// dated are three contacts, two of which say when they were made.
func dated(t *testing.T, fix func(*Options)) *Directory {
	t.Helper()
	d := directoryOf(t, nil, nil)
	p, err := phone.NewParser(here)
	if err != nil {
		t.Fatal(err)
	}
	one := func(n int, name, made string) *record {
		return newRecord(t, d.schema, p, "Contact", n).add("cn", name).add("sn", name).add("mail", "a@example.org").add("createTimestamp", made)
	}
	return directoryOf(t, []schema.Entry{one(1, "Anna", "20240101080000Z").entry, one(2, "Ben", "20250101080000Z").entry, one(3, "Carl", "").entry}, fix)
}

// TestCreateTimestamp: it is an operational attribute (RFC 4512, 3.4.2) that the store holds.
func TestCreateTimestamp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		base string
		fix  func(*Options)
	}{
		"plain":                    {"dc=ringdex", nil},
		"few attributes shown":     {"dc=ringdex", func(o *Options) { o.Guests = Rights{Attributes: []string{"cn"}} }},
		"a profile that shows few": {"ou=few,dc=ringdex", func(o *Options) { o.Profiles = []Profile{{Name: "few", Show: []string{"cn"}}} }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, base := sessionOf(dated(t, c.fix)), c.base
			for filter, want := range map[string][]string{
				"(createTimestamp=20240101080000Z)":                       {"Anna"},
				"(createTimestamp=20240101090000+0100)":                   {"Anna"},
				"(createTimestamp=202401010800Z)":                         {"Anna"},
				"(createTimestamp=2024010108Z)":                           {"Anna"},
				"(createTimestamp=20240101080000.5Z)":                     {"Anna"},
				"(createTimestamp:generalizedTimeMatch:=20240101080000Z)": {"Anna"},
				"(createTimestamp>=20240101080001Z)":                      {"Ben"},
				"(createTimestamp>=20240101080000Z)":                      {"Anna", "Ben"},
				"(createTimestamp<=20240101080000Z)":                      {"Anna"},
				"(&(cn=*)(!(createTimestamp=*)))":                         {"Carl"},
				"(&(cn=*)(!(createTimestamp>=20250101000000Z)))":          {"Anna", "Carl"},
				"(&(cn=*)(!(createTimestamp>=yesterday)))":                nil, // Undefined stays so under Not
				"(&(cn=*)(!(modifyTimestamp=yesterday)))":                 nil,
				"(createTimestamp=yesterday)":                             nil,
			} {
				list, code := ask(t, s, requestOf(t, base, protocol.WholeSubtree, filter, "cn"))
				var got []string
				for _, e := range list {
					got = append(got, e.first("cn"))
				}
				if code != protocol.Success || !slices.Equal(got, want) {
					t.Errorf("%s: got %v, %v, want %v", filter, got, code, want)
				}
			}
			for _, c := range []struct {
				attributes []string
				name       string
				want       string
			}{
				{nil, "createTimestamp", ""},
				{[]string{"*"}, "createTimestamp", ""},
				{[]string{"cn"}, "createTimestamp", ""},
				{[]string{"+"}, "createTimestamp", "20240101080000Z"},
				{[]string{"*", "+"}, "createTimestamp", "20240101080000Z"},
				{[]string{"createtimestamp"}, "createtimestamp", "20240101080000Z"},
				{[]string{"2.5.18.1"}, "2.5.18.1", "20240101080000Z"},
				{[]string{"+"}, "creatorsName", "cn=replicator"},
				{[]string{"+"}, "mail", ""},
			} {
				list, _ := ask(t, s, requestOf(t, base, protocol.WholeSubtree, "(cn=anna)", c.attributes...))
				if len(list) != 1 || list[0].first(c.name) != c.want {
					t.Errorf("%v: got %+v, want %s: %q", c.attributes, list, c.name, c.want)
				}
			}
			sorted := askWith(t, s, requestOf(t, base, protocol.WholeSubtree, "(cn=*)", "cn"), sortControl("-createTimestamp:generalizedTimeOrderingMatch"))
			var order []string
			for _, e := range sorted.list {
				order = append(order, e.first("cn"))
			}
			if got := sorted.sorted(t); got.Code != protocol.Success || !slices.Equal(order, []string{"Carl", "Ben", "Anna"}) {
				t.Errorf("latest first: got %v, %+v", order, got)
			}
		})
	}
}
