package store

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"ringdex/schema"
)

func TestBackupWhileServing(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 9))
	s := openStore(t, Options{})
	load(t, s, randomEntries(r, "Contact", 200)...)
	want := contents(t, s)
	path := filepath.Join(t.TempDir(), "copy.db")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	n, err := s.Backup(t.Context(), writerFunc(func(b []byte) (int, error) {
		// A delta comes in between.
		if _, err := s.Apply(Batch{Object: "Contact", Deletes: []string{recordID("Contact", 1)}}); err != nil {
			t.Error(err)
		}
		return f.Write(b)
	}))
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != n {
		t.Errorf("%d bytes said of %v", n, info.Size())
	}
	c, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	verify(t, c)
	if got := contents(t, c); !reflect.DeepEqual(got, want) {
		t.Errorf("%d entries, want %d", len(got), len(want))
	}
	if g, err := c.RaiseGeneration(41); g != 42 || err != nil {
		t.Errorf("raised to %d, %v", g, err)
	}
	verify(t, c)
}

type writerFunc func(b []byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// troop is what changes at once with every version: its entries all say the version, and of two others one is there, by turns.
func troop(version int) (there []schema.Entry, gone string) {
	const first, others = 5000, 6000
	stamp := base.AddDate(1, 0, 0).Add(time.Duration(version) * time.Second)
	for i := range 10 {
		n := first + i
		if i == 0 {
			n = others + version%2
		}
		key := fmt.Sprintf("4989%06d", version)
		there = append(there, schema.Entry{Object: "Contact", ID: recordID("Contact", n), Stamp: stamp, Attributes: []schema.Attribute{
			{Name: "cn", Values: []schema.Value{{Text: fmt.Sprintf("Truppe %d von %d", i, version*7919%97)}}},
			{Name: "mobile", Values: []schema.Value{{Text: "+" + key, Keys: []string{key}}}},
		}})
	}
	return there, recordID("Contact", others+1-version%2)
}

// Readers see one state each while deltas are applied and generations change: never a part of a delta, nor of a load.
func TestReadersSeeOneState(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 10))
	s := openStore(t, Options{})
	entries := randomEntries(r, "Contact", 300)
	begin, _ := troop(0)
	load(t, s, append(begin, entries...)...)
	stop := make(chan struct{})
	errs := make(chan error, 4)
	for range 4 {
		go func() {
			sequence := uint64(0)
			for {
				select {
				case <-stop:
					errs <- nil
					return
				default:
				}
				if err := scanOnce(s, &sequence); err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	for version := 1; version <= 40; version++ {
		there, gone := troop(version)
		if version%10 == 0 {
			load(t, s, append(there, entries...)...)
			continue
		}
		b := Batch{Object: "Contact", Upserts: there, Deletes: []string{gone}}
		for range 20 {
			n := r.IntN(300)
			if r.IntN(2) == 0 {
				b.Deletes = append(b.Deletes, recordID("Contact", n))
			} else {
				b.Upserts = append(b.Upserts, randomEntry(r, "Contact", n, 1000+version))
			}
		}
		if _, err := s.Apply(b); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	for range 4 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	verify(t, s)
}

// scanOnce checks that scan, counts and index of one reader agree and are those of one version, not before the last one seen.
func scanOnce(s *Store, sequence *uint64) error {
	r, err := s.Reader()
	if err != nil {
		return err
	}
	defer r.Release()
	if r.Sequence() < *sequence {
		return fmt.Errorf("change %d was seen before change %d", *sequence, r.Sequence())
	}
	*sequence = r.Sequence()
	n, version := 0, ""
	for o, ok := r.Next(0); ok; o, ok = r.Next(o + 1) {
		v, ok := r.View(o)
		if !ok {
			return fmt.Errorf("no view of %d", o)
		}
		if got, ok := r.OrdinalBytes(v.ID()); !ok || got != o {
			return fmt.Errorf("%s has ordinal %d, not %d", v.ID(), got, o)
		}
		n++
		if says := string(v.First("mobile")); bytes.HasPrefix(v.First("cn"), []byte("Truppe ")) {
			if version != "" && says != version {
				return fmt.Errorf("versions %s and %s in one state", version, says)
			}
			version = says
		}
	}
	of, complete, err := r.Find(nil, Query{Kind: NumberIs, Text: []byte(version)}, 0)
	if err != nil || !complete || len(of) != 10 {
		return fmt.Errorf("%d entries of version %s: %w", len(of), version, err)
	}
	got, complete, err := r.Find(nil, Query{Kind: ObjectIs, Text: []byte("Contact")}, 0)
	if err != nil || !complete || len(got) != n || r.Total() != n || r.Count("Contact") != n {
		return fmt.Errorf("%d scanned, %d found, %d counted: %w", n, len(got), r.Total(), err)
	}
	return nil
}

// TestSuspendedReader: what a suspended reader saw may go with the next change, and then it says so; else it goes on.
func TestSuspendedReader(t *testing.T) {
	t.Parallel()
	s := openStore(t, Options{})
	rnd := rand.New(rand.NewPCG(1, 2))
	load(t, s, randomEntries(rnd, "Contact", 20)...)
	change := func() {
		t.Helper()
		e := randomEntry(rnd, "Contact", 3, 1000)
		if _, err := s.Apply(Batch{Object: "Contact", Upserts: []schema.Entry{e}}); err != nil {
			t.Fatal(err)
		}
	}
	if !s.resident {
		t.Skip("no snapshot is kept between readers on this system: every suspended one goes")
	}
	r := reader(t, s)
	ord, _ := r.Next(0)
	v, ok := r.View(ord)
	if !ok {
		t.Fatal("no entry")
	}
	id := string(v.ID())
	r.Suspend()
	if !r.Resume() || string(v.ID()) != id {
		t.Fatal("nothing has come, and it does not go on")
	}
	held := s.current.Load()
	r.Suspend()
	change()
	if n := held.refs.Load(); n != 0 {
		t.Errorf("%d references to a state that everybody has let go", n)
	}
	if r.Resume() {
		t.Error("it goes on with a state that is gone")
	}
	r.Release() // harmless

	// Somebody else still looks at it.
	r, other := reader(t, s), reader(t, s)
	r.Suspend()
	change()
	if !r.Resume() || r.Epoch() != other.Epoch() {
		t.Error("the state is there, and it does not go on")
	}
}
