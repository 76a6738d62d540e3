package store

import (
	"slices"
	"testing"

	"ringdex/schema"
	"ringdex/schema/name"
)

// listed are the common names in list order.
func listed(t *testing.T, s *Store) []string {
	t.Helper()
	r, err := s.Reader()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	var out []string
	for ord, ok := r.Next(0); ok; ord, ok = r.Next(ord + 1) {
		v, _ := r.View(ord)
		out = append(out, string(v.First("cn")))
	}
	return out
}

func named(n int, cn string) schema.Entry {
	return schema.Entry{Object: "Contact", ID: recordID("Contact", n), Stamp: base, Attributes: []schema.Attribute{
		{Name: "cn", Values: []schema.Value{{Text: cn}}},
	}}
}

// The order of a generation is that of the load that made it: a delta keeps it, another setting changes it by a load only.
func TestCollationOfGeneration(t *testing.T) {
	t.Parallel()
	entries := []schema.Entry{named(1, "Mull"), named(2, "Müller"), named(3, "Mueller"), named(4, "Mufti")}
	s := openStore(t, Options{Collation: name.PhoneBook})
	if err := s.BindOrg(Org{ID: "00D550000000001AAA"}); err != nil {
		t.Fatal(err)
	}
	load(t, s, entries...)
	if got, want := listed(t, s), []string{"Mueller", "Müller", "Mufti", "Mull"}; !slices.Equal(got, want) {
		t.Errorf("phone book: got %q, want %q", got, want)
	}
	path := s.Path()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if _, err := s.Apply(Batch{Object: "Contact", Upserts: []schema.Entry{named(5, "Mügge")}}); err != nil {
		t.Fatal(err)
	}
	if got, want := listed(t, s), []string{"Mügge", "Mueller", "Müller", "Mufti", "Mull"}; !slices.Equal(got, want) {
		t.Errorf("after a delta under another setting: got %q, want %q", got, want)
	}
	r, err := s.Reader()
	if err != nil {
		t.Fatal(err)
	}
	checkOrder(t, r, "cn")
	checkOrder(t, r, "")
	r.Release()
	if r := reader(t, s); r.Collation() != name.PhoneBook || s.Collation() != name.Dictionary {
		t.Errorf("collation of the reader %v, of the store %v", r.Collation(), s.Collation())
	}
	load(t, s, append(entries, named(5, "Mügge"))...)
	if got, want := listed(t, s), []string{"Mueller", "Mufti", "Mügge", "Mull", "Müller"}; !slices.Equal(got, want) {
		t.Errorf("after a load: got %q, want %q", got, want)
	}
	verify(t, s)
}
