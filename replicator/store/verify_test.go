package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"
)

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
			_, _, err := new(listEditor).change(tr.index, appendTerm(nil, kindObject, []byte("contact")), []posting{{17, true}})
			return err
		}},
		{"a tail that is missing", "index", func(tr *tree) error {
			k, _ := tr.index.Cursor().Seek([]byte{kindTail})
			return tr.index.Delete(bytes.Clone(k))
		}},
		{"a tail of nobody", "index", func(tr *tree) error { return tr.index.Put([]byte{kindTail, 'a', 'b', 'c', 'd', 0, 'e'}, nil) }},
		{"a fragment that is missing", "index", func(tr *tree) error {
			k, _ := tr.inside.Cursor().Seek([]byte{kindInside})
			return tr.inside.Delete(bytes.Clone(k))
		}},
		{"a fragment of nobody", "index", func(tr *tree) error { return tr.inside.Put([]byte{kindInside, 'a', 'b', 'c', 'd', 0, 'e', 1}, nil) }},
		{"a long name of nobody", "index", func(tr *tree) error { return tr.inside.Put([]byte{kindLongName, 'a', 1}, nil) }},
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
