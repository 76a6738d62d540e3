package store

import (
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"ringdex/schema"
)

// -update writes testdata/format-N.db anew, which is right only before a format is released.
var update = flag.Bool("update", false, "rewrite testdata")

// formatEntries are what the stored file holds. They must not change with the file.
func formatEntries() []schema.Entry {
	r := rand.New(rand.NewPCG(2026, 11))
	return append(randomEntries(r, "Contact", 30), randomEntries(r, "Account", 5)...)
}

// A file that this format's first version wrote opens and answers.
func TestFormat(t *testing.T) {
	t.Parallel()
	file := filepath.Join("testdata", "format-1.db")
	if *update {
		writeFormatFile(t, file)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "r.db")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s := openPath(t, path)
	verify(t, s)
	want := map[string]schema.Entry{}
	for _, e := range formatEntries() {
		want[e.ID] = e
	}
	delete(want, recordID("Contact", 3))
	if got := contents(t, s); !reflect.DeepEqual(got, want) {
		t.Errorf("%d entries, want %d", len(got), len(want))
	}
	m, err := s.Meta()
	if err != nil || m.Org.ID != "00D550000000001AAA" || m.Sequence != 36 || len(m.Objects) != 2 || !m.Objects[1].Checkpoint.Stamp.Equal(base) {
		t.Errorf("meta %+v, %v", m, err)
	}
	if v, err := s.Blob("holds", "Contact"); string(v) != "{}" || err != nil {
		t.Errorf("blob %q, %v", v, err)
	}
	whole, err := s.Changes(35, func(c Change) bool {
		if c.Kind != Deleted || c.ID != recordID("Contact", 3) || c.Object != "Contact" {
			t.Errorf("change %+v", c)
		}
		return true
	})
	if err != nil || !whole {
		t.Errorf("change log: %v %v", whole, err)
	}
	r := reader(t, s)
	for _, e := range want {
		for _, v := range e.Values("mobile") {
			ords, _, err := r.Find(nil, Query{Kind: NumberIs, Text: []byte(v.Keys[0])}, 0)
			if err != nil || len(ords) == 0 {
				t.Errorf("%s isn't found: %v", v.Keys[0], err)
			}
		}
	}
	if _, err := s.Apply(Batch{Object: "Contact", Upserts: []schema.Entry{randomEntry(rand.New(rand.NewPCG(1, 1)), "Contact", 3, 999)}}); err != nil {
		t.Errorf("a delta: %v", err)
	}
	verify(t, s)
}

func writeFormatFile(t *testing.T, file string) {
	t.Helper()
	s := openStore(t, Options{})
	if err := s.BindOrg(Org{ID: "00D550000000001AAA", URL: "https://example.my.salesforce.com", Name: "Example"}); err != nil {
		t.Fatal(err)
	}
	load(t, s, formatEntries()...)
	if _, err := s.Apply(Batch{Object: "Contact", Deletes: []string{recordID("Contact", 3)}, Checkpoint: &Checkpoint{Stamp: base}}); err != nil {
		t.Fatal(err)
	}
	if err := s.PutBlob("holds", "Contact", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := s.Backup(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}
