package store

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// TestLeafCursorIsACursor holds a leaf cursor's moves against those of bbolt's cursor, over trees of all depths that were
// changed again and again.
func TestLeafCursorIsACursor(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(8, 1))
	db, err := openBolt(filepath.Join(t.TempDir(), "leaves.db"), &bolt.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	bucket := []byte("b")
	words := func() []byte {
		kind := kindNumber + byte(rnd.IntN(9))
		text := []byte(fmt.Sprintf("%d", 4930000000+rnd.IntN(3000)))
		if kind > kindGram {
			text = []byte([]string{"müller", "muellerstrasse", "müllermeister", "m"}[rnd.IntN(4)] + "ullermeister"[:rnd.IntN(12)])
		}
		return appendOrdinal(appendTerm(nil, kind, text), rnd.Uint32N(40))
	}
	ordinals := func() []byte { return appendOrdinal(nil, 16*rnd.Uint32N(4000)+rnd.Uint32N(2)*rnd.Uint32N(16)) }
	for _, c := range []struct {
		name string
		key  func() []byte
		pack func([]byte) uint64
	}{{"terms", words, packTerm}, {"ordinals", ordinals, packOrdinal}} {
		t.Run(c.name, func(t *testing.T) {
			if err := db.Update(func(tx *bolt.Tx) error {
				_ = tx.DeleteBucket(bucket)
				_, err := tx.CreateBucket(bucket)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			deepest := 0
			for round := range 15 {
				err := db.Update(func(tx *bolt.Tx) error {
					b := tx.Bucket(bucket)
					for range 1 << round / 2 {
						if err := b.Put(c.key(), bytes.Repeat([]byte{1}, rnd.IntN(300))); err != nil {
							return err
						}
						if rnd.IntN(3) == 0 {
							if k, _ := b.Cursor().Seek(c.key()); k != nil {
								if err := b.Delete(k); err != nil {
									return err
								}
							}
						}
					}
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				err = db.View(func(tx *bolt.Tx) error {
					b := tx.Bucket(bucket)
					leaves := listLeaves(imageOf(db, tx), b, c.pack, nil)
					if leaves == nil {
						if b.RootPage() != 0 {
							return fmt.Errorf("no leaves of a tree of %d keys", b.Stats().KeyN)
						}
						return nil
					}
					deepest = max(deepest, len(leaves.pages))
					return sameMoves(rnd, &leafCursor{t: leaves}, b.Cursor(), c.key)
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			if deepest < 300 {
				t.Errorf("the largest tree has %d leaves: too small to be worth much", deepest)
			}
		})
	}
}

func sameMoves(rnd *rand.Rand, got *leafCursor, want *bolt.Cursor, key func() []byte) error {
	for range 3000 {
		move, k := rnd.IntN(8), key()
		var gotKey, gotValue, wantKey, wantValue []byte
		switch {
		case move == 0:
			gotKey, gotValue = got.Last()
			wantKey, wantValue = want.Last()
		case move < 4:
			if move == 1 && len(k) > 4 {
				k = k[:1+rnd.IntN(len(k)-1)]
			}
			if len(k) == 4 && move == 2 {
				gotKey, gotValue = got.ordinal(uint32(k[0])<<24 | uint32(k[1])<<16 | uint32(k[2])<<8 | uint32(k[3]))
			} else {
				gotKey, gotValue = got.Seek(k)
			}
			wantKey, wantValue = want.Seek(k)
		case move < 7:
			gotKey, gotValue = got.Next()
			wantKey, wantValue = want.Next()
			if wantKey == nil { // behind the end the two may stand at different places
				got.Last()
				want.Last()
			}
		default:
			gotKey, gotValue = got.Prev()
			wantKey, wantValue = want.Prev()
			if wantKey == nil {
				got.Last()
				want.Last()
			}
		}
		if !bytes.Equal(gotKey, wantKey) || !bytes.Equal(gotValue, wantValue) {
			return fmt.Errorf("move %d to %q: got %q, want %q", move, k, gotKey, wantKey)
		}
	}
	return nil
}

// A write that changes no entry leaves the lists of leaves as they are; a delta makes those anew whose buckets it changes.
func TestLeavesAreKept(t *testing.T) {
	t.Parallel()
	s := openStore(t, Options{})
	if !s.resident {
		t.Skip("the mapping isn't reserved here: runs on 64-bit Unix")
	}
	r := rand.New(rand.NewPCG(30, 31))
	load(t, s, randomEntries(r, "Contact", 2000)...)
	kept := func() *snapshot {
		t.Helper()
		sn, err := s.acquire()
		if err != nil {
			t.Fatal(err)
		}
		sn.drop()
		return sn
	}
	before := kept()
	if err := s.SetObject(ObjectMeta{Name: "Contact", Fingerprint: "another"}); err != nil {
		t.Fatal(err)
	}
	after := kept()
	if after == before {
		t.Fatal("no new snapshot")
	}
	if before.entries == nil || after.entries != before.entries || after.index != before.index || after.people != before.people ||
		after.inside != before.inside {
		t.Error("leaves were listed again, or not at all")
	}
	for round := range 20 {
		b := Batch{Object: "Contact"}
		for range 40 {
			b.Upserts = append(b.Upserts, randomEntry(r, "Contact", r.IntN(2500), 10+round))
		}
		if _, err := s.Apply(b); err != nil {
			t.Fatal(err)
		}
		sn := kept()
		if sn.entries == after.entries || sn.index == after.index {
			t.Fatal("the leaves are those from before the delta")
		}
		after = sn
		read := reader(t, s)
		for _, e := range b.Upserts[30:] {
			ord, ok := read.Ordinal(e.ID)
			if v, found := read.View(ord); !ok || !found || string(v.ID()) != e.ID {
				t.Fatalf("%s isn't found", e.ID)
			}
		}
	}
}
