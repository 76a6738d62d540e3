package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
)

// closedStore makes a store of n contacts and returns its path.
func closedStore(t testing.TB, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ringdex.db")
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	load(t, s, randomEntries(rand.New(rand.NewPCG(uint64(n), 3)), "Contact", n)...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	write := func(b []byte) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	edit := func(f func(b []byte) []byte) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			b, err := os.ReadFile(closedStore(t, 50))
			if err != nil {
				t.Fatal(err)
			}
			write(f(b))(t, path)
		}
	}
	format := func(v string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			edit(func(b []byte) []byte { return b })(t, path)
			db, err := bolt.Open(path, 0o600, nil)
			if err != nil {
				t.Fatal(err)
			}
			err = db.Update(func(tx *bolt.Tx) error { return tx.Bucket(bucketMeta).Put(keyFormat, []byte(v)) })
			if err := errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		name string
		make func(t *testing.T, path string)
		want error
		text string
	}{
		{"a text file", write(bytes.Repeat([]byte("not a store\n"), 1000)), ErrForeign, "another path"},
		{"a short file", write([]byte("x")), ErrForeign, "another path"},
		{"an empty file", write(nil), ErrCorrupt, "empty"},
		{"a bbolt file of another program", func(t *testing.T, path string) {
			db, err := bolt.Open(path, 0o600, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}, ErrForeign, "another path"},
		{"a directory", func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, ErrForeign, "regular"},
		{"a file that was cut short", edit(func(b []byte) []byte { return b[:16<<10] }), ErrCorrupt, "cut short"},
		{"broken meta pages", edit(func(b []byte) []byte {
			b[pageHeader+20]++
			b[int(os.Getpagesize())+pageHeader+20]++
			return b
		}), ErrCorrupt, "restore a backup"},
		{"a root page that is gone", edit(func(b []byte) []byte {
			for i := 2; i < len(b)/os.Getpagesize(); i++ {
				clear(b[i*os.Getpagesize() : i*os.Getpagesize()+pageHeader])
			}
			return b
		}), ErrCorrupt, "page"},
		{"a newer format", format("2"), &FormatError{}, "newer ringdex"},
		{"an older format", format("0"), &FormatError{}, "replicate again"},
		{"a format that is no number", format("x"), ErrCorrupt, "format"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "r.db")
			c.make(t, path)
			before, _ := os.ReadFile(path)
			for _, readOnly := range []bool{true, false} {
				s, err := Open(path, Options{ReadOnly: readOnly})
				if err == nil {
					_ = s.Close()
					t.Fatal("it was opened")
				}
				var format *FormatError
				if errors.As(c.want, &format) != errors.As(err, &format) || format == nil && !errors.Is(err, c.want) {
					t.Errorf("%v isn't %v", err, c.want)
				}
				if !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), c.text) || strings.Contains(err.Error(), "\n") {
					t.Errorf("error %q: want path and %q", err, c.text)
				}
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
}

func TestOpenInPlacesThatFail(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := Open(filepath.Join(dir, "no", "such.db"), Options{}); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "create the directory") {
		t.Errorf("a missing directory: %v", err)
	}
	if _, err := Open(filepath.Join(dir, "none.db"), Options{ReadOnly: true}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file, read-only: %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	if os.Geteuid() == 0 {
		t.Log("permissions aren't tested as root")
		return
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(dir, "r.db"), Options{}); !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), "writable") {
		t.Errorf("a read-only directory: %v", err)
	}
}

func TestOpenLocked(t *testing.T) {
	t.Parallel()
	path := closedStore(t, 5)
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, readOnly := range []bool{true, false} {
		_, err := Open(path, Options{ReadOnly: readOnly, Timeout: 60 * time.Millisecond})
		if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), "another process") || !strings.Contains(err.Error(), path) {
			t.Errorf("read-only %v: %v", readOnly, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	a, err := Open(path, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	b, err := Open(path, Options{ReadOnly: true})
	if err != nil {
		t.Fatalf("a second reader: %v", err)
	}
	defer b.Close()
	if n := len(contents(t, b)); n != 5 {
		t.Errorf("%d entries", n)
	}
	verify(t, b)
	if err := b.PutBlob("a", "b", nil); !errors.Is(err, ErrReadOnly) {
		t.Errorf("writing: %v", err)
	}
	if _, err := b.BeginLoad(LoadPlan{Objects: []string{"Contact"}}); !errors.Is(err, ErrReadOnly) {
		t.Errorf("loading: %v", err)
	}
}

func TestMeta(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "r.db")
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Reader(); !errors.Is(err, ErrEmpty) {
		t.Errorf("a reader of an empty store: %v", err)
	}
	org := Org{ID: "00D550000000001AAA", URL: "https://example.my.salesforce.com", Name: "Example"}
	if err := errors.Join(s.BindOrg(org), s.BindOrg(org)); err != nil {
		t.Fatal(err)
	}
	org.Name = "Renamed"
	if err := s.BindOrg(org); err != nil {
		t.Fatal(err)
	}
	var other *OrgError
	if err := s.BindOrg(Org{ID: "00D550000000002AAA"}); !errors.As(err, &other) || other.Want.ID != org.ID {
		t.Errorf("another organization: %v", err)
	}
	o := ObjectMeta{Name: "Contact", LastResult: "failed", LastSuccess: base, Fields: []string{"Name"}, Records: 9, Checkpoint: Checkpoint{ID: "x"}}
	if err := s.SetObject(o); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.PutBlob("holds", "b", []byte("2")), s.PutBlob("holds", "a", []byte("1")), s.PutBlob("holds", "c", []byte("3")),
		s.PutBlob("holds", "c", nil)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Meta(); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	if _, err := s.Reader(); !errors.Is(err, ErrClosed) {
		t.Errorf("a reader after Close: %v", err)
	}
	if s, err = Open(path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	o.Records, o.Checkpoint = 0, Checkpoint{}
	m, err := s.Meta()
	if want := (Meta{Format: Format, Org: org, Objects: []ObjectMeta{o}}); err != nil || !reflect.DeepEqual(m, want) {
		t.Errorf("got %+v, want %+v, %v", m, want, err)
	}
	var blobs []string
	if err := s.EachBlob("holds", func(k string, v []byte) bool {
		blobs = append(blobs, k+string(v))
		return true
	}); err != nil || strings.Join(blobs, " ") != "a1 b2" {
		t.Errorf("blobs %v, %v", blobs, err)
	}
	if v, err := s.Blob("holds", "c"); v != nil || err != nil {
		t.Errorf("a removed blob: %q, %v", v, err)
	}
	if v, err := s.Blob("none", "c"); v != nil || err != nil {
		t.Errorf("no bucket: %q, %v", v, err)
	}
}

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

// Readers see one state each while deltas are applied and generations change.
func TestReadersSeeOneState(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 10))
	s := openStore(t, Options{})
	entries := randomEntries(r, "Contact", 300)
	load(t, s, entries...)
	stop := make(chan struct{})
	errs := make(chan error, 4)
	for range 4 {
		go func() {
			for {
				select {
				case <-stop:
					errs <- nil
					return
				default:
				}
				if err := scanOnce(s); err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	for i := range 30 {
		b := Batch{Object: "Contact"}
		for range 20 {
			n := r.IntN(300)
			if r.IntN(2) == 0 {
				b.Deletes = append(b.Deletes, recordID("Contact", n))
			} else {
				b.Upserts = append(b.Upserts, randomEntry(r, "Contact", n, 1000+i))
			}
		}
		if _, err := s.Apply(b); err != nil {
			t.Error(err)
		}
		if i%10 == 9 {
			load(t, s, entries...)
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

// scanOnce checks that scan, counts and index of one reader agree.
func scanOnce(s *Store) error {
	r, err := s.Reader()
	if err != nil {
		return err
	}
	defer r.Release()
	n := 0
	for o, ok := r.Next(0); ok; o, ok = r.Next(o + 1) {
		v, ok := r.View(o)
		if !ok {
			return fmt.Errorf("no view of %d", o)
		}
		if got, ok := r.OrdinalBytes(v.ID()); !ok || got != o {
			return fmt.Errorf("%s has ordinal %d, not %d", v.ID(), got, o)
		}
		n++
	}
	got, complete, err := r.Find(nil, Query{Kind: ObjectIs, Text: []byte("Contact")}, 0)
	if err != nil || !complete || len(got) != n || r.Total() != n || r.Count("Contact") != n {
		return fmt.Errorf("%d scanned, %d found, %d counted: %w", n, len(got), r.Total(), err)
	}
	return nil
}

// What Verify must find is put in behind its back.
func TestVerifyFinds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, where string
		damage      func(tr *tree) error
	}{
		{"a posting that is missing", "index", func(tr *tree) error {
			k, _ := tr.index.Cursor().First()
			return tr.index.Delete(bytes.Clone(k))
		}},
		{"a posting of nobody", "index", func(tr *tree) error {
			return tr.index.Put(appendOrdinal(appendTerm(nil, kindWord, []byte("zzz")), 16), nil)
		}},
		{"a wrong posting", "index", func(tr *tree) error {
			_, _, err := changeList(tr.index, appendTerm(nil, kindObject, []byte("contact")), []posting{{17, true}})
			return err
		}},
		{"a tail that is missing", "index", func(tr *tree) error {
			k, _ := tr.index.Cursor().Seek([]byte{kindTail})
			return tr.index.Delete(bytes.Clone(k))
		}},
		{"a tail of nobody", "index", func(tr *tree) error { return tr.index.Put([]byte{kindTail, 'a', 'b', 'c', 'd', 0, 'e'}, nil) }},
		{"an entry that is missing", "ids", func(tr *tree) error { return tr.entries.Delete(appendOrdinal(nil, 16)) }},
		{"an Id that is missing", "entries", func(tr *tree) error {
			k, _ := tr.ids.Cursor().First()
			return tr.ids.Delete(bytes.Clone(k))
		}},
		{"a broken entry", "entries", func(tr *tree) error {
			v := bytes.Clone(tr.entries.Get(appendOrdinal(nil, 16)))
			return tr.entries.Put(appendOrdinal(nil, 16), v[:len(v)-1])
		}},
		{"a wrong count", "counts", func(tr *tree) error { return putUint64(tr.counts, countKey("Contact"), 7) }},
		{"a count of an object that has none", "counts", func(tr *tree) error { return putUint64(tr.counts, countKey("Lead"), 7) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := openStore(t, Options{})
			load(t, s, randomEntries(rand.New(rand.NewPCG(2, 2)), "Contact", 60)...)
			if err := s.write(func(tx *bolt.Tx) error {
				_, tr, _, err := openTree(tx)
				return errors.Join(err, c.damage(&tr))
			}); err != nil {
				t.Fatal(err)
			}
			found := map[string]int{}
			got, err := s.Verify(t.Context(), func(p Problem) { found[p.Where]++ })
			if err != nil {
				t.Fatal(err)
			}
			if found[c.where] == 0 || got.Problems == 0 {
				t.Errorf("found %v", found)
			}
		})
	}
}

// Flipped bits in any page are refused by Open, found by Verify, or in a place that nobody reads; nothing crashes, and
// lookups in what is left don't either.
func TestFlippedBits(t *testing.T) {
	t.Parallel()
	path := closedStore(t, 300)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	size := os.Getpagesize()
	r := rand.New(rand.NewPCG(77, 1))
	rounds := 150
	if testing.Short() {
		rounds = 40
	}
	refused, found := 0, 0
	dir := t.TempDir()
	used := usedPages(t, path)
	for i := range rounds {
		b := bytes.Clone(whole)
		page := used[r.IntN(len(used))] * size
		at := page + r.IntN(pageHeader+4*elementSize)
		if i%3 == 0 {
			at = page + r.IntN(size)
		}
		b[at] ^= 1 << r.IntN(8)
		file := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(file, Options{})
		if err != nil {
			refused++
			continue
		}
		lookups(s)
		if got, err := s.Verify(t.Context(), nil); err != nil || got.Problems > 0 {
			found++
		}
		_ = s.Close() // it may be damaged too much to close in order
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d refused, %d found by Verify, of %d", refused, found, rounds)
	if refused+found < rounds/2 {
		t.Errorf("only %d of %d damages were noticed", refused+found, rounds)
	}
}

// usedPages lists the pages that are in use.
func usedPages(t *testing.T, path string) []int {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h, err := readHeader(f)
	if err != nil {
		t.Fatal(err)
	}
	p := &pages{f: f, header: h}
	if err := p.walk(); err != nil {
		t.Fatal(err)
	}
	var list []int
	for i := range int(h.high) {
		if p.seen[i/64]&(1<<(i%64)) != 0 {
			list = append(list, i)
		}
	}
	return list
}

func lookups(s *Store) {
	r, err := s.Reader()
	if err != nil {
		return
	}
	defer r.Release()
	for _, q := range []Query{
		{Kind: NumberStarts, Text: []byte("49")},
		{Kind: NumberContains, Text: []byte("2312")},
		{Kind: WordContains, Text: []byte("schmid")},
		{Kind: ObjectIs, Text: []byte("contact")},
	} {
		ords, _, _ := r.Find(nil, q, 20)
		for _, o := range ords {
			if v, ok := r.View(o); ok {
				for it := v.Values(); it.Next(); {
					_ = it.Text()
				}
			}
		}
	}
}

// A store whose process died in the middle of a build has no free list and is looked at page by page.
func TestOpenWithoutFreeList(t *testing.T) {
	t.Parallel()
	path := closedStore(t, 300)
	db, err := bolt.Open(path, 0o600, &bolt.Options{NoFreelistSync: true})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error { return tx.Bucket(bucketMeta).Put([]byte("x"), nil) })
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	h, err := readHeader(f)
	if err := errors.Join(err, f.Close()); err != nil || h.freelist != noFreelist {
		t.Fatalf("%+v %v", h, err)
	}
	used := usedPages(t, path)
	// A branch page that leads astray would end bbolt's own search for free pages with a crash.
	for _, page := range used {
		at := page * os.Getpagesize()
		if binary.NativeEndian.Uint16(b[at+8:]) != flagBranch {
			continue
		}
		binary.NativeEndian.PutUint64(b[at+pageHeader+8:], 1<<40)
		break
	}
	broken := filepath.Join(t.TempDir(), "broken.db")
	if err := os.WriteFile(broken, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(broken, Options{}); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a wild page number: %v", err)
	}
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := verify(t, s); got.Entries != 300 {
		t.Errorf("%d entries", got.Entries)
	}
}
