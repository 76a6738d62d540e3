package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
)

// patience is how long somebody may be held up who should not be at all.
const patience = 20 * time.Second

// hangingDisk holds the writes to some files until it works again.
type hangingDisk struct {
	once  sync.Once
	hangs chan struct{} // closed with the first write
	works chan struct{} // closed to let them go
}

func (d *hangingDisk) in(t testing.TB, db *bolt.DB) {
	t.Helper()
	writeAt := writeHook(t, db)
	inner := *writeAt
	*writeAt = func(b []byte, off int64) (int, error) {
		d.once.Do(func() { close(d.hangs) })
		<-d.works
		return inner(b, off)
	}
}

// Whoever reads never waits for whoever writes: while a delta, a page of a load or the building of a generation hangs in the
// middle of a write, lookups and backups are answered. And whoever writes never waits for a reader, however much the file grows.
func TestReadersDoNotWaitForWriters(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(24, 1))
	first, later := randomEntries(r, "Contact", 300), randomEntries(r, "Contact", 3000)
	for i := range later {
		later[i].Stamp = later[i].Stamp.AddDate(1, 0, 0)
	}
	for _, test := range []struct {
		name  string
		after int // contacts
		write func(t *testing.T, s *Store, d *hangingDisk) error
	}{
		{"delta", 600, func(t *testing.T, s *Store, d *hangingDisk) error {
			d.in(t, s.db)
			_, err := s.Apply(Batch{Object: "Contact", Upserts: later[:600]})
			return err
		}},
		{"page of a load", len(later), func(t *testing.T, s *Store, d *hangingDisk) error {
			l, err := s.BeginLoad(LoadPlan{Objects: []string{"Contact"}})
			if err != nil {
				return err
			}
			d.in(t, l.db)
			if err := l.Put("Contact", later, Checkpoint{}); err != nil {
				return err
			}
			_, err = l.Commit(t.Context(), nil)
			return err
		}},
		{"building of a generation", len(later), func(t *testing.T, s *Store, d *hangingDisk) error {
			l, err := s.BeginLoad(LoadPlan{Objects: []string{"Contact"}})
			if err == nil {
				err = l.Put("Contact", later, Checkpoint{})
			}
			if err != nil {
				return err
			}
			d.in(t, s.db)
			_, err = l.Commit(t.Context(), nil)
			return err
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := openStore(t, Options{})
			load(t, s, first...)
			held := reader(t, s) // as long as the test goes on
			d := &hangingDisk{hangs: make(chan struct{}), works: make(chan struct{})}
			letGo := sync.OnceFunc(func() { close(d.works) })
			t.Cleanup(letGo)
			wrote, looked := make(chan error, 1), make(chan error, 1)
			wait := func(what string, c <-chan error) {
				t.Helper()
				select {
				case err := <-c:
					if err != nil {
						t.Fatalf("%s: %v", what, err)
					}
				case <-time.After(patience):
					t.Fatalf("%s waits", what)
				}
			}
			go func() { wrote <- test.write(t, s, d) }()
			select {
			case <-d.hangs:
			case err := <-wrote:
				t.Fatalf("nothing was written: %v", err)
			}
			go func() { looked <- lookAround(s, len(first)) }()
			wait("a reader", looked)
			letGo()
			wait("the writer", wrote)
			if held.Total() != len(first) {
				t.Errorf("a reader of before sees %d entries", held.Total())
			}
			if err := lookAround(s, test.after); err != nil {
				t.Error(err)
			}
		})
	}
}

// lookAround reads a store of n contacts in every way.
func lookAround(s *Store, n int) error {
	r, err := s.Reader()
	if err != nil {
		return err
	}
	defer r.Release()
	ords, _, err := r.Find(nil, Query{Kind: ObjectIs, Text: []byte("contact")}, 0)
	if err == nil && len(ords) != n {
		err = fmt.Errorf("%d contacts, want %d", len(ords), n)
	}
	for _, o := range ords {
		if _, ok := r.View(o); !ok {
			err = fmt.Errorf("no view of %d", o)
		}
	}
	_, err1 := s.Meta()
	_, err2 := s.Blob("holds", "Contact")
	_, err3 := s.Backup(context.Background(), io.Discard)
	return errors.Join(err, err1, err2, err3)
}

// A store that is closed while a delta is being written closes behind it.
func TestCloseDuringAWrite(t *testing.T) {
	t.Parallel()
	entries := randomEntries(rand.New(rand.NewPCG(24, 2)), "Contact", 60)
	s := openStore(t, Options{})
	load(t, s, entries[:50]...)
	d := &hangingDisk{hangs: make(chan struct{}), works: make(chan struct{})}
	d.in(t, s.db)
	wrote, closed := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := s.Apply(Batch{Object: "Contact", Upserts: entries[50:]})
		wrote <- err
	}()
	<-d.hangs
	go func() { closed <- s.Close() }()
	for !s.closed.Load() {
		runtime.Gosched()
	}
	for s.current.Load() != nil { // so far it comes
		runtime.Gosched()
	}
	close(d.works)
	for _, c := range []chan error{wrote, closed} {
		select {
		case err := <-c:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(patience):
			t.Fatal("it never ends")
		}
	}
	if n := len(contents(t, openPath(t, s.Path()))); n != len(entries) {
		t.Errorf("%d entries are stored, want %d", n, len(entries))
	}
}
