package store

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// A list that grows and shrinks keeps its chunks within bounds and apart.
func TestPostingsAgainstASet(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(11, 12))
	s := openStore(t, Options{})
	set := map[uint32]bool{}
	key := appendTerm(nil, kindWord, []byte("w"))
	err := s.write(func(tx *bolt.Tx) error {
		b, err := tx.CreateBucket([]byte("list"))
		if err != nil {
			return err
		}
		for _, k := range [][]byte{appendTerm(nil, kindWord, []byte("v")), appendTerm(nil, kindWord, []byte("w0"))} {
			if _, _, err := new(listEditor).change(b, k, []posting{{5, true}}); err != nil {
				return err
			}
		}
		for i := range 400 {
			notes := map[uint32]bool{}
			for range 1 + r.IntN(100) {
				notes[uint32(r.IntN(1<<16))] = i < 250 && r.IntN(4) > 0
			}
			if i == 399 {
				for o := range set {
					notes[o] = false
				}
			}
			if i >= 250 {
				for o := range set {
					if notes[o] = false; len(notes) > 150 && i < 399 {
						break
					}
				}
			}
			had := len(set) > 0
			var changes []posting
			for _, o := range slices.Sorted(maps.Keys(notes)) {
				changes = append(changes, posting{o, notes[o]})
				if delete(set, o); notes[o] {
					set[o] = true
				}
			}
			before, after, err := new(listEditor).change(b, key, changes)
			if err != nil {
				return err
			}
			if before != had || after != (len(set) > 0) {
				return fmt.Errorf("step %d: before %v, after %v, want %v and %d left", i, before, after, had, len(set))
			}
			if err := sameList(b, key, set); err != nil {
				return fmt.Errorf("step %d: %w", i, err)
			}
		}
		if len(set) > 0 {
			return errors.New("the list never became empty")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func sameList(b *bolt.Bucket, key []byte, set map[uint32]bool) error {
	want := slices.Sorted(maps.Keys(set))
	var got []uint32
	for c, k, v := b.Cursor(), []byte(nil), []byte(nil); ; {
		if k == nil {
			k, v = c.Seek(key)
		} else {
			k, v = c.Next()
		}
		if !bytes.HasPrefix(k, key) {
			break
		}
		_, first, _ := splitKey(k)
		got = append(got, decodeChunk(nil, first, v)...)
		if len(v) > splitBytes {
			return fmt.Errorf("a chunk of %d bytes", len(v))
		}
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("the list has %d ordinals, want %d", len(got), len(want))
	}
	return nil
}
