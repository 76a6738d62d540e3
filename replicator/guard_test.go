package replicator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"ringdex/replicator/store"
	"ringdex/soap/emulator"
)

func TestGuardDeletions(t *testing.T) {
	t.Parallel()
	g := Guard{}.withDefaults()
	for _, test := range []struct {
		name            string
		before, deleted int
		held            bool
	}{
		{"nothing", 1000, 0, false},
		{"nothing of nothing", 0, 0, false},
		{"all of one", 1, 1, true},
		{"all of many", 5000, 5000, true},
		{"fifty of sixty", 60, 50, false},
		{"more than fifty of sixty", 60, 51, true},
		{"4.9 %", 10000, 490, false},
		{"5 %", 10000, 500, false},
		{"5.1 %", 10000, 510, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := g.deletions(test.before, test.deleted); (got != "") != test.held {
				t.Errorf("%d of %d: %q, want held %v", test.deleted, test.before, got, test.held)
			}
		})
	}
}

func TestMassDeletionIsHeld(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{Full, Delta, Reconcile} {
		for _, approve := range []bool{true, false} {
			name := kind.String() + " rejected"
			if approve {
				name = kind.String() + " approved"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				b := newBench(t, small())
				b.mustRun(RunOptions{})
				before := dump(t, b.store)
				gone := b.org.IDs("Contact")[:70]
				if err := b.org.Delete("Contact", gone...); err != nil {
					t.Fatal(err)
				}
				result := b.mustRun(RunOptions{Kind: kind})
				if !result.Held || result.Objects[1].Held == "" || result.Objects[0].Held != "" {
					t.Fatalf("result %+v", result)
				}
				sameDump(t, dump(t, b.store), before)
				b.reopen() // holds survive a restart
				holds, err := Holds(b.store)
				if err != nil || len(holds) != 1 || holds[0].Object != "Contact" || holds[0].Deleted != 70 || len(holds[0].Samples) != maxSamples {
					t.Fatalf("holds %+v, %v", holds, err)
				}
				if runs, _ := Runs(b.store); runs[0].Result != "held" {
					t.Errorf("run %+v", runs[0])
				}
				decide := Reject
				if approve {
					decide = Approve
					for _, id := range gone {
						delete(before, id)
					}
				}
				if _, done, err := decide(context.Background(), b.store, "contact", nil); err != nil || !done {
					t.Fatalf("decided %v, %v", done, err)
				}
				sameDump(t, dump(t, b.store), before)
				if holds, _ := Holds(b.store); len(holds) > 0 {
					t.Errorf("holds %+v", holds)
				}
				if meta, err := b.store.Meta(); err != nil || meta.Objects[1].LastResult != "ok" {
					t.Errorf("meta %+v, %v", meta, err)
				}
				if _, _, err := decide(context.Background(), b.store, "Contact", nil); !errors.Is(err, ErrNoHold) {
					t.Errorf("error %v", err)
				}
			})
		}
	}
}

func TestEmptyAnswerIsHeld(t *testing.T) {
	t.Parallel()
	b := newBench(t, emulator.Options{Generate: &emulator.Generate{Accounts: 2, Contacts: 5, Seed: 1}})
	b.mustRun(RunOptions{})
	before := dump(t, b.store)
	if err := b.org.Delete("Contact", b.org.IDs("Contact")...); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []Kind{Delta, Full, Reconcile} {
		if result := b.mustRun(RunOptions{Kind: kind}); !result.Held {
			t.Errorf("%s: result %+v", kind, result)
		}
		sameDump(t, dump(t, b.store), before)
	}
}

// A field that is empty in many records at once looks like a lost permission that describe does not show.
func TestBlankedFieldIsHeld(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	b.mustRun(RunOptions{})
	before := dump(t, b.store)
	for _, id := range b.org.IDs("Contact")[:400] {
		b.upsert("Contact", emulator.Values{"Id": id, "Email": nil})
	}
	result := b.mustRun(RunOptions{})
	if !result.Held || !strings.Contains(result.Objects[1].Held, "mail is empty") {
		t.Fatalf("result %+v", result)
	}
	sameDump(t, dump(t, b.store), before)
}

// The same in what changed: the rest of the change is applied, the lost values wait for a person. Fewer are taken at once.
func TestBlankedFieldIsHeldInChanges(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		kind    Kind
		blanked int
		approve bool
		held    bool
	}{
		{"few, delta", Delta, 40, false, false},
		{"few, sweep", Reconcile, 40, false, false},
		{"many, delta, approved", Delta, 400, true, true},
		{"many, delta, rejected", Delta, 400, false, true},
		{"many, sweep, approved", Reconcile, 400, true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, small())
			for i, id := range b.org.IDs("Contact") {
				b.upsert("Contact", emulator.Values{"Id": id, "Email": fmt.Sprintf("p%d@example.org", i), "Title": "Alt", "Fax": "no number"})
			}
			b.mustRun(RunOptions{})
			b.org.Advance(time.Hour)
			blanked := b.org.IDs("Contact")[:test.blanked]
			for _, id := range blanked {
				b.upsert("Contact", emulator.Values{"Id": id, "Email": nil, "Title": "Neu"})
			}
			b.org.Advance(time.Minute)
			result := b.mustRun(RunOptions{Kind: test.kind}, pageSize(200))
			if result.Kind != test.kind || result.Held != test.held {
				t.Fatalf("result %+v", result)
			}
			if !test.held {
				sameDump(t, dump(t, b.store), b.copyOf())
				return
			}
			// Held before, and again while the changes are still in the overlap, in full or in part.
			b.org.Advance(9*time.Minute + 30*time.Second)
			b.reopen()
			b.mustRun(RunOptions{Kind: test.kind}, pageSize(200))
			got := dump(t, b.store)
			for _, id := range blanked {
				if !strings.Contains(got[id], "@example.org") || !strings.Contains(got[id], "Neu") {
					t.Fatalf("%s should have its mail and the new title: %s", id, got[id])
				}
			}
			holds, err := Holds(b.store)
			if err != nil || len(holds) != 1 || holds[0].Blanked != 400 || !strings.Contains(holds[0].Reason, "mail is empty in 400") {
				t.Fatalf("holds %+v, %v", holds, err)
			}
			// Somebody repairs one of them: what is newer than the hold stays.
			b.upsert("Contact", emulator.Values{"Id": blanked[0], "Email": "repaired@example.org"})
			b.org.Advance(time.Hour)
			b.mustRun(RunOptions{Kind: Delta})
			decide := Reject
			if test.approve {
				decide = Approve
			}
			if _, _, err := decide(context.Background(), b.store, "Contact", nil); err != nil {
				t.Fatal(err)
			}
			got = dump(t, b.store)
			if test.approve {
				sameDump(t, got, b.copyOf())
				problems := 0
				r, err := b.store.Reader()
				if err != nil {
					t.Fatal(err)
				}
				defer r.Release()
				b.must(r.NumberProblems(func(p store.NumberProblem) bool {
					if p.ID == blanked[1] && p.Attribute == "facsimileTelephoneNumber" {
						problems++
					}
					return true
				}))
				if problems != 1 {
					t.Errorf("the fax number's problem is reported %d times", problems)
				}
			} else if !strings.Contains(got[blanked[1]], "@example.org") {
				t.Errorf("rejected, but lost: %s", got[blanked[1]])
			}
		})
	}
}

// Records that came twice are no records that had a value: the next full run finds nothing blanked.
func TestRepeatedPagesBlankNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	b.fault("query:*:repeat", "queryMore:2-4:repeat")
	b.mustRun(RunOptions{}, pageSize(200))
	b.org.ClearFaults()
	b.must(b.org.Delete("Contact", b.org.IDs("Contact")[:40]...))
	b.fault("queryMore:3:repeat")
	if result := b.mustRun(RunOptions{}, pageSize(200)); result.Held {
		t.Errorf("held: %+v", result.Objects)
	}
}
