package replicator

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ringdex/schema"
	"ringdex/soap/emulator"
)

// The org recovers before anybody decides: the next run lifts the hold by itself.
func TestHoldIsLiftedByABetterRun(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	b.mustRun(RunOptions{})
	gone := b.org.IDs("Contact")[:70]
	if err := b.org.Delete("Contact", gone...); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []Kind{Delta, Full, Delta, Full} { // one hold, whoever found it
		if result := b.mustRun(RunOptions{Kind: kind}); !result.Held {
			t.Fatalf("%s: not held", kind)
		}
		holds, err := Holds(b.store)
		if err != nil || len(holds) != 1 || holds[0].Deleted != 70 {
			t.Fatalf("%s: holds %+v, %v", kind, holds, err)
		}
	}
	if err := b.org.Undelete("Contact", gone...); err != nil {
		t.Fatal(err)
	}
	if result := b.mustRun(RunOptions{}); result.Held {
		t.Fatalf("result %+v", result)
	}
	if holds, _ := Holds(b.store); len(holds) > 0 {
		t.Errorf("holds %+v", holds)
	}
	sameDump(t, dump(t, b.store), b.copyOf())
}

func TestTwoHeldObjectsAreDecidedTogether(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	b.mustRun(RunOptions{})
	before := dump(t, b.store)
	accounts, contacts := b.org.IDs("Account")[:55], b.org.IDs("Contact")[:70]
	if err := errors.Join(b.org.Delete("Contact", contacts...), b.org.Delete("Account", accounts...)); err != nil {
		t.Fatal(err)
	}
	b.mustRun(RunOptions{})
	if _, done, err := Reject(context.Background(), b.store, "Account", nil); err != nil || done {
		t.Fatalf("decided %v, %v", done, err)
	}
	sameDump(t, dump(t, b.store), before)
	if _, done, err := Approve(context.Background(), b.store, "Contact", nil); err != nil || !done {
		t.Fatalf("decided %v, %v", done, err)
	}
	after := dump(t, b.store)
	for _, id := range accounts {
		if after[id] != before[id] {
			t.Fatalf("account %s is gone although it was rejected", id)
		}
	}
	for _, id := range contacts {
		if after[id] != "" {
			t.Fatalf("contact %s is still there although it was approved", id)
		}
	}
}

// Deletions that are held stay held when more come, whose log does not show the first any more; approved, all are gone but
// those that were taken back meanwhile.
func TestHeldDeletionsGrow(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	b.mustRun(RunOptions{})
	ids := b.org.IDs("Contact")
	b.org.Advance(time.Hour)
	for _, part := range [][]string{ids[:70], ids[70:140]} {
		b.must(b.org.Delete("Contact", part...))
		b.org.Advance(time.Minute)
		if result := b.mustRun(RunOptions{Kind: Delta}); !result.Held {
			t.Fatalf("result %+v", result)
		}
		b.reopen()
		b.org.Advance(time.Hour)
	}
	if holds, err := Holds(b.store); err != nil || len(holds) != 1 || holds[0].Deleted != 140 {
		t.Fatalf("holds %+v, %v", holds, err)
	}
	b.must(b.org.Undelete("Contact", ids[3]))
	b.org.Advance(time.Hour)
	b.mustRun(RunOptions{Kind: Delta})
	if _, done, err := Approve(context.Background(), b.store, "Contact", nil); err != nil || !done {
		t.Fatalf("decided %v, %v", done, err)
	}
	sameDump(t, dump(t, b.store), b.copyOf())
}

// A field of a parent that is empty at once blanks the entries of its children, whose own stamps did not move: held too.
func TestBlankedByParents(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	contacts := func(o *Options) {
		m := mapping(t, "Contact")
		template, err := schema.ParseTemplate("{Account.Website}")
		if err != nil {
			t.Fatal(err)
		}
		m.Attributes = append(slices.Clone(m.Attributes), schema.MappedAttribute{Name: "description", Templates: []*schema.Template{template}})
		o.Mappings = []schema.Mapping{m}
	}
	set := func(value any) {
		for _, id := range b.org.IDs("Account") {
			b.upsert("Account", emulator.Values{"Id": id, "Website": value})
		}
		b.org.Advance(time.Hour)
	}
	set("https://example.org")
	b.mustRun(RunOptions{}, contacts)
	before := dump(t, b.store)
	set(nil)
	b.mustRun(RunOptions{Kind: Delta, DryRun: true}, contacts)
	result := b.mustRun(RunOptions{Kind: Delta}, contacts)
	if !result.Held || !strings.Contains(result.Objects[0].Held, "description is empty in") {
		t.Fatalf("result %+v", result)
	}
	sameDump(t, dump(t, b.store), before)
	if _, done, err := Approve(context.Background(), b.store, "Contact", nil); err != nil || !done {
		t.Fatalf("decided %v, %v", done, err)
	}
	sameDump(t, dump(t, b.store), b.copyOf(contacts))
}
