package replicator

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ringdex/replicator/store"
	"ringdex/schema"
	"ringdex/soap"
	"ringdex/soap/emulator"
)

func TestVanishedFieldIsFrozen(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		field  string
		vanish func(b *bench, field string) error
	}{
		{"permission lost", "Title", func(b *bench, f string) error { return b.org.HideField("Contact", f) }},
		{"removed", "Department", func(b *bench, f string) error { return b.org.RemoveField("Contact", f) }},
		{"a number", "MobilePhone", func(b *bench, f string) error { return b.org.HideField("Contact", f) }},
		{"the country of the numbers", "MailingCountry", func(b *bench, f string) error { return b.org.HideField("Contact", f) }},
		{"the name", "Name", func(b *bench, f string) error { return b.org.HideField("Contact", f) }},
		{"the way to the parent", "AccountId", func(b *bench, f string) error { return b.org.HideField("Contact", f) }},
	} {
		for _, kind := range []Kind{Delta, Full, Reconcile} {
			t.Run(test.name+" "+kind.String(), func(t *testing.T) {
				t.Parallel()
				b := newBench(t, emulator.Options{Generate: &emulator.Generate{Accounts: 20, Contacts: 300, Seed: 3}})
				b.mustRun(RunOptions{})
				before := dump(t, b.store)
				b.org.Advance(time.Hour)
				if err := test.vanish(b, test.field); err != nil {
					t.Fatal(err)
				}
				b.org.Advance(time.Minute)
				edited := b.org.IDs("Contact")[5]
				b.upsert("Contact", emulator.Values{"Id": edited, "Email": "neu@example.org"})
				b.org.Advance(time.Minute)
				for range 2 {
					if result := b.mustRun(RunOptions{Kind: kind}); result.Kind != kind || result.Held {
						t.Fatalf("result %+v", result)
					}
					b.reopen()
				}
				got := dump(t, b.store)
				if !strings.Contains(got[edited], "neu@example.org") {
					t.Errorf("the edit did not come: %s", got[edited])
				}
				if other, want := withoutMail(got[edited]), withoutMail(before[edited]); other != want {
					t.Errorf("what was not edited: got %s, want %s", other, want)
				}
				got[edited] = before[edited]
				sameDump(t, got, before)
				frozen, err := FrozenFields(b.store)
				if err != nil || len(frozen) == 0 || frozen[0].Object != "Contact" || frozen[0].Since.IsZero() {
					t.Errorf("frozen %+v, %v", frozen, err)
				}
			})
		}
	}
}

// withoutMail is an entry of a dump without its stamp and its mail addresses.
func withoutMail(entry string) string {
	lines := strings.Split(entry, "\n")[1:]
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "mail: ") }), "\n")
}

func TestFrozenFieldComesBack(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	b.mustRun(RunOptions{})
	b.must(b.org.HideField("Contact", "Title"))
	ids := b.org.IDs("Contact")
	b.upsert("Contact", emulator.Values{"Id": ids[3], "Title": "Astronaut"})
	b.org.Advance(time.Hour)
	b.mustRun(RunOptions{Kind: Delta})
	if strings.Contains(dump(t, b.store)[ids[3]], "Astronaut") {
		t.Fatal("the title is not frozen")
	}
	b.must(b.org.ShowField("Contact", "Title"))
	b.org.Advance(time.Hour)
	if result := b.mustRun(RunOptions{Kind: Delta}); result.Kind != Full {
		t.Errorf("a %s run followed", result.Kind)
	}
	sameDump(t, dump(t, b.store), b.copyOf())
	if frozen, err := FrozenFields(b.store); err != nil || len(frozen) > 0 {
		t.Errorf("frozen %+v, %v", frozen, err)
	}
	if result := b.mustRun(RunOptions{Kind: Delta}); result.Kind != Delta {
		t.Errorf("a second %s run followed", result.Kind)
	}
}

// A field that comes back empty is held, and the deltas go on without it meanwhile.
func TestFrozenFieldComesBackEmpty(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	b.mustRun(RunOptions{})
	before := dump(t, b.store)
	b.must(b.org.RemoveField("Contact", "Title"))
	b.mustRun(RunOptions{Kind: Delta})
	b.must(b.org.AddField("Contact", emulator.FieldSpec{Name: "Title", Label: "Title", Type: "string", Length: 128}))
	if result := b.mustRun(RunOptions{Kind: Delta}); result.Kind != Full || !result.Held {
		t.Fatalf("result %+v", result)
	}
	if result := b.mustRun(RunOptions{Kind: Delta}); result.Kind != Delta {
		t.Fatalf("another %s run", result.Kind)
	}
	sameDump(t, dump(t, b.store), before)
	if _, _, err := Approve(t.Context(), b.store, "Contact", nil); err != nil {
		t.Fatal(err)
	}
	b.mustRun(RunOptions{Kind: Delta})
	sameDump(t, dump(t, b.store), b.copyOf())
	if frozen, _ := FrozenFields(b.store); len(frozen) > 0 {
		t.Errorf("frozen %+v", frozen)
	}
}

// A slip in the mapping is no vanished field.
func TestUnknownFieldIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	b.mustRun(RunOptions{})
	slip := func(o *Options) {
		m := mapping(t, "Contact")
		template, err := schema.ParseTemplate("{Tytle}")
		if err != nil {
			t.Fatal(err)
		}
		m.Attributes = append(slices.Clone(m.Attributes), schema.MappedAttribute{Name: "title", Templates: []*schema.Template{template}})
		o.Mappings = []schema.Mapping{mapping(t, "Account"), m}
	}
	var field *FieldError
	if _, err := b.run(RunOptions{Kind: Delta}, slip); !errors.As(err, &field) || field.Nearest != "Title" {
		t.Errorf("error %v", err)
	}
	b.must(b.org.HideField("Contact", "Title"))
	if err := b.replicator().Check(t.Context()); !errors.As(err, &field) || field.Field != "Title" {
		t.Errorf("check says %v of a vanished field", err)
	}
}

func TestRenamedFieldIsReported(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	b.mustRun(RunOptions{})
	b.must(b.org.RemoveField("Contact", "Title"))
	b.must(b.org.AddField("Contact", emulator.FieldSpec{Name: "Job_Title__c", Label: "Title", Type: "string", Length: 128}))
	result := b.mustRun(RunOptions{Kind: Delta})
	if want := []string{"Contact has new fields: Job_Title__c", "Contact no longer shows: Title"}; !slices.Equal(result.Notes, want) {
		t.Errorf("notes %q", result.Notes)
	}
	if frozen, _ := FrozenFields(b.store); len(frozen) != 1 || frozen[0].Nearest != "Job_Title__c" {
		t.Errorf("frozen %+v", frozen)
	}
	if runs, _ := Runs(b.store); len(runs[0].Notes) != 2 {
		t.Errorf("run %+v", runs[0])
	}
	if result := b.mustRun(RunOptions{Kind: Delta}); len(result.Notes) > 0 {
		t.Errorf("reported again: %q", result.Notes)
	}
}

// An object that the user may no longer see keeps its records, and the others are brought up to date.
func TestVanishedObjectIsLeftAlone(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{Delta, Full} {
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, small())
			b.mustRun(RunOptions{})
			before := dump(t, b.store)
			b.org.Advance(time.Hour)
			edited := b.org.IDs("Contact")[5]
			b.upsert("Contact", emulator.Values{"Id": edited, "Email": "neu@example.org"})
			b.org.Advance(time.Minute)
			b.fault("describeSObjects:1:fault=INVALID_TYPE", "describeSObjects:3-:fault=INVALID_TYPE")
			hidden := b.client(func(o *soap.Options) {
				o.Transport = &renaming{from: "<name>Account</name>", to: "<name>Hidden1</name>"}
			})
			result, err := b.run(RunOptions{Kind: kind}, func(o *Options) { o.Client = hidden })
			var gone *ObjectError
			if !errors.As(err, &gone) || gone.Object != "Account" || len(result.Objects) != 2 || result.Objects[1].Err == nil {
				t.Fatalf("result %+v, %v", result, err)
			}
			got := dump(t, b.store)
			if !strings.Contains(got[edited], "neu@example.org") {
				t.Errorf("the edit did not come: %s", got[edited])
			}
			got[edited] = before[edited]
			sameDump(t, got, before)
			meta, err := b.store.Meta()
			if err != nil || meta.Objects[0].LastResult == resultOK || meta.Objects[1].LastResult != resultOK {
				t.Errorf("meta %+v, %v", meta.Objects, err)
			}
		})
	}
}

// An older row without a value than what is stored changes nothing: a page may have lain at the org while something newer came.
func TestOlderRowWithoutAValue(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	b.mustRun(RunOptions{})
	id := b.org.IDs("Contact")[3]
	b.upsert("Contact", emulator.Values{"Id": id, "Title": "Astronaut", "Email": "first@example.org"})
	b.org.Advance(time.Hour)
	b.mustRun(RunOptions{Kind: Delta})
	b.upsert("Contact", emulator.Values{"Id": id, "Title": "", "Email": "older@example.org"})
	b.org.Advance(time.Hour)
	r, err := b.store.Reader()
	if err != nil {
		t.Fatal(err)
	}
	ordinal, _ := r.Ordinal(id)
	view, _ := r.View(ordinal)
	newer := view.Entry()
	r.Release()
	newer.Stamp = newer.Stamp.Add(24 * time.Hour)
	for i := range newer.Attributes {
		if newer.Attributes[i].Name == "mail" {
			newer.Attributes[i].Values = []schema.Value{{Text: "newer@example.org"}}
		}
	}
	if _, err := b.store.Apply(store.Batch{Object: "Contact", Upserts: []schema.Entry{newer}}); err != nil {
		t.Fatal(err)
	}
	want := dump(t, b.store)
	if !strings.Contains(want[id], "Astronaut") || !strings.Contains(want[id], "newer@example.org") {
		t.Fatalf("stored: %s", want[id])
	}
	b.mustRun(RunOptions{Kind: Delta})
	sameDump(t, dump(t, b.store), want)
}
