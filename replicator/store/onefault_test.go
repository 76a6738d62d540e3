package store

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"ringdex/schema"
)

// oneFault makes one write of some files fail, as a disk does that is full for a moment: those before and after it work.
type oneFault struct {
	left   int // writes until then
	failed bool
}

func (f *oneFault) in(t testing.TB, db *bolt.DB) {
	t.Helper()
	writeAt := writeHook(t, db)
	inner := *writeAt
	*writeAt = func(b []byte, off int64) (int, error) {
		if f.left--; f.left == 0 {
			f.failed = true
			return 0, &fs.PathError{Op: "write", Path: db.Path(), Err: errNoSpace}
		}
		return inner(b, off)
	}
}

// A write that fails once, whichever it is, fails the load or the delta that it belongs to: what is served stays, and the
// same is done again without fault. No later write that works makes up for one that did not.
func TestOneFailedWrite(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(18, 1))
	few := randomEntries(r, "Contact", 60)
	// Some transactions of a build: each writes bulkBytes.
	many := randomEntries(r, "Contact", 1500)
	for i := range many {
		many[i].Attributes = append(many[i].Attributes, schema.Attribute{Name: "jpegPhoto", Values: []schema.Value{{Text: strings.Repeat("x", 3*bulkBytes/len(many))}}})
	}
	newer := func(entries []schema.Entry) []schema.Entry {
		out := append([]schema.Entry(nil), entries...)
		for i := range out {
			out[i].Stamp = out[i].Stamp.AddDate(1, 0, 0)
			out[i].Attributes = append([]schema.Attribute{{Name: "description", Values: []schema.Value{{Text: "neu"}}}}, out[i].Attributes...)
		}
		return out
	}
	for _, test := range []struct {
		name    string
		entries []schema.Entry
		points  int // at which a write fails, spread over all; 0: each
		change  func(t *testing.T, s *Store, fault *oneFault, entries []schema.Entry) error
	}{
		{"delta", few, 0, func(_ *testing.T, s *Store, _ *oneFault, entries []schema.Entry) error {
			_, err := s.Apply(Batch{Object: "Contact", Upserts: entries})
			return err
		}},
		{"load", few, 20, faultyLoad},
		{"load in several transactions", many, 8, faultyLoad},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := openStore(t, Options{})
			load(t, s, test.entries...)
			later := newer(test.entries)
			path := s.Path()
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			begin, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			// try makes the change on a store as it was, with a fault at a write.
			try := func(at int) (writes int) {
				t.Helper()
				if err := os.WriteFile(path, begin, 0o600); err != nil {
					t.Fatal(err)
				}
				s, err := Open(path, Options{})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				want := fmt.Sprint(contents(t, s))
				fault := &oneFault{left: at}
				fault.in(t, s.db)
				err = test.change(t, s, fault, later)
				if !fault.failed {
					if err != nil {
						t.Fatal(err)
					}
					return at - fault.left
				}
				var hint interface{ Hint() string }
				if !errors.Is(err, errNoSpace) || !errors.As(err, &hint) || !strings.Contains(hint.Hint(), "make room") {
					t.Fatalf("write %d failed, and the change says %v", at, err)
				}
				if fmt.Sprint(contents(t, s)) != want {
					t.Fatalf("write %d failed, and what is served has changed", at)
				}
				if err := test.change(t, s, fault, later); err != nil {
					t.Fatalf("write %d failed, and the next try says %v", at, err)
				}
				if fmt.Sprint(contents(t, s)) == want {
					t.Fatalf("write %d failed, and the next try changes nothing", at)
				}
				if !t.Failed() && (test.points > 0 || at%8 == 0) {
					verify(t, s)
				}
				return 0
			}
			writes := try(1 << 30)
			step := 1
			if test.points > 0 {
				step = max(1, writes/test.points)
			}
			n := 0
			for at := 1; at <= writes; at += step {
				try(at)
				n++
			}
			t.Logf("%d of %d writes failed", n, writes)
		})
	}
}

// faultyLoad loads entries, with the fault in the staging file too.
func faultyLoad(t *testing.T, s *Store, fault *oneFault, entries []schema.Entry) error {
	t.Helper()
	l, err := s.BeginLoad(LoadPlan{Objects: []string{"Contact"}})
	if err != nil {
		return err
	}
	fault.in(t, l.db)
	for page := entries; len(page) > 0; page = page[min(500, len(page)):] {
		if err := l.Put("Contact", page[:min(500, len(page))], Checkpoint{}); err != nil {
			return errors.Join(err, l.Discard())
		}
	}
	if _, err := l.Commit(t.Context(), nil); err != nil {
		return errors.Join(err, l.Discard())
	}
	return nil
}
