package directory

import (
	"bytes"
	"context"
	"testing"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
	"ringdex/replicator/store"
	"ringdex/schema"
)

// onWrite calls a function at the first write.
type onWrite struct {
	bytes.Buffer
	do func()
}

func (w *onWrite) Write(b []byte) (int, error) {
	if w.do != nil {
		w.do()
		w.do = nil
	}
	return w.Buffer.Write(b)
}

// TestGenerationSwitchDuringAnswer replaces the store while a long answer is sent: every entry that both generations have
// comes exactly once.
func TestGenerationSwitchDuringAnswer(t *testing.T) {
	t.Parallel()
	s, err := schema.New()
	if err != nil {
		t.Fatal(err)
	}
	people := func(from, to int, more string) (out []schema.Entry) {
		for i := from; i < to; i++ {
			name := string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676))
			r := newRecord(t, s, nil, "Contact", i).add("cn", name+" meier").add("sn", "meier").add("description", string(bytes.Repeat([]byte("x"), 200)))
			if more != "" {
				// Another attribute in front: the columns of the generations differ.
				r.entry.Attributes = append([]schema.Attribute{{Name: more, Values: []schema.Value{{Text: "x"}}}}, r.entry.Attributes...)
			}
			out = append(out, r.entry)
		}
		return out
	}
	for name, c := range map[string]struct{ base, filter string }{
		"scan": {"dc=ringdex", "(cn=*)"}, "list": {"dc=ringdex", "(sn=mei*)"},
		"scan under a view": {"ou=begins,dc=ringdex", "(cn=*)"}, "list under a view": {"ou=begins,dc=ringdex", "(sn=mei)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var st *store.Store
			d := directoryOf(t, people(0, 1000, ""), func(o *Options) {
				st = o.Store
				o.Profiles = []Profile{{Name: "begins", Names: NamesBegin, Attributes: []ProfileAttribute{made(t, "displayName", "{cn}")}}}
			})
			session := sessionOf(d)
			out := &onWrite{do: func() { load(t, st, people(0, 1200, "title")) }}
			w := ldapserver.NewResultWriter(out, 7)
			r := requestOf(t, c.base, protocol.WholeSubtree, c.filter, "sn", "description")
			if err := session.Search(context.Background(), r, nil, w); err != nil {
				t.Fatal(err)
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			if out.do != nil {
				t.Fatal("the answer was too short to be cut")
			}
			if w.Entries() < 1000 || w.Entries() > 1200 {
				t.Errorf("%d entries, want those of both generations once: 1000 to 1200", w.Entries())
			}
			for _, e := range people(0, 1000, "") {
				if n := bytes.Count(out.Bytes(), []byte("uid="+e.ID)); n != 1 {
					t.Fatalf("%s came %d times", e.ID, n)
				}
			}
			if n := bytes.Count(out.Bytes(), []byte("meier")); n != w.Entries() {
				t.Errorf("%d of %d entries have their sn", n, w.Entries())
			}
		})
	}
	t.Run("the place is gone", func(t *testing.T) {
		t.Parallel()
		var st *store.Store
		d := directoryOf(t, people(0, 1000, ""), func(o *Options) { st = o.Store })
		// Names begin with the letter of their number: of the letters a to z, only those from n on stay.
		var left []schema.Entry
		for _, e := range people(0, 1000, "") {
			if e.Attributes[0].Values[0].Text >= "n" {
				left = append(left, e)
			}
		}
		out := &onWrite{do: func() { load(t, st, left) }}
		w := ldapserver.NewResultWriter(out, 7)
		if err := sessionOf(d).Search(context.Background(), requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(cn=*)"), nil, w); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		for _, e := range left {
			if n := bytes.Count(out.Bytes(), []byte("uid="+e.ID)); n != 1 {
				t.Fatalf("%s came %d times", e.ID, n)
			}
		}
	})
	t.Run("a delta makes room before the place", func(t *testing.T) {
		t.Parallel()
		var st *store.Store
		entries := people(0, 1000, "")
		d := directoryOf(t, entries, func(o *Options) { st = o.Store })
		out := &onWrite{do: func() {
			b := store.Batch{Object: "Contact"}
			for i, e := range people(3000, 3300, "") {
				e.Attributes[0].Values = entries[i%4].Attributes[0].Values
				b.Upserts = append(b.Upserts, e)
			}
			if got, err := st.Apply(b); err != nil || got.Moved == 0 {
				t.Errorf("%+v, %v", got, err)
			}
		}}
		w := ldapserver.NewResultWriter(out, 7)
		if err := sessionOf(d).Search(context.Background(), requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(cn=*)"), nil, w); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if n := bytes.Count(out.Bytes(), []byte("uid="+e.ID)); n != 1 {
				t.Fatalf("%s came %d times", e.ID, n)
			}
		}
	})
}
