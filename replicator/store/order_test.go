package store

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"ringdex/schema"
)

// walked is an order as it is walked, forwards.
func walked(o *Order) (list []orderItem) {
	for ok := o.Seek(nil, 0); ok; ok = o.Next() {
		list = append(list, orderItem{bytes.Clone(o.Key()), o.Ordinal()})
	}
	return list
}

// sortedPlaces is the same, worked out from the entries.
func sortedPlaces(r *Reader, attribute string) (list []orderItem) {
	attr := -1
	for _, a := range r.Attributes() {
		if a.Name == attribute {
			attr = a.Index
		}
	}
	for ord, ok := r.Next(0); ok; ord, ok = r.Next(ord + 1) {
		v, _ := r.View(ord)
		key := appendOrderKey(r.Collation(), nil, &v, attr)
		if attribute == "" {
			key = appendDisplayKey(r.Collation(), nil, &v)
		}
		list = append(list, orderItem{key, ord})
	}
	slices.SortFunc(list, func(a, b orderItem) int { return a.compare(b.key, b.ord) })
	return list
}

func samePlaces(a, b []orderItem) bool {
	return slices.EqualFunc(a, b, func(x, y orderItem) bool { return x.compare(y.key, y.ord) == 0 })
}

func checkOrder(t *testing.T, r *Reader, attribute string) {
	t.Helper()
	o, ok := r.Order(attribute)
	if !ok {
		t.Fatalf("no order of %s", attribute)
	}
	want := sortedPlaces(r, attribute)
	if got := walked(o); !samePlaces(got, want) {
		t.Fatalf("%s: %d places walked, %d wanted, or in another order", attribute, len(got), len(want))
	}
	back := len(want)
	for ok := o.Last(); ok; ok = o.Prev() {
		back--
		if back < 0 || o.Ordinal() != want[back].ord {
			t.Fatalf("%s: walked back to %d at place %d", attribute, o.Ordinal(), back)
		}
	}
	if back != 0 || o.Len() != len(want) {
		t.Fatalf("%s: %d left when walked back, length %d", attribute, back, o.Len())
	}
	for i := 0; i < len(want); i += 1 + len(want)/97 {
		if !o.At(i) || o.Ordinal() != want[i].ord || o.Rank() != i {
			t.Fatalf("%s: place %d isn't found by its number", attribute, i)
		}
		if !o.Seek(want[i].key, want[i].ord) || o.Rank() != i {
			t.Fatalf("%s: place %d isn't found by its key", attribute, i)
		}
		next := o.Seek(want[i].key, want[i].ord+1)
		if next != (i+1 < len(want)) || next && o.Ordinal() != want[i+1].ord {
			t.Fatalf("%s: the place behind %d isn't found", attribute, i)
		}
		first, _ := slices.BinarySearchFunc(want, want[i].key, func(a orderItem, key []byte) int { return bytes.Compare(a.key, key) })
		if !o.Seek(want[i].key, 0) || o.Rank() != first {
			t.Fatalf("%s: the first place with key %q isn't found", attribute, want[i].key)
		}
	}
	if o.At(-1) || o.At(len(want)) || o.Seek([]byte{0xff, 0xff}, 0) || o.Next() || o.Prev() {
		t.Errorf("%s: a place beyond the ends was found", attribute)
	}
}

// displayed gives half of the entries a display name, so that cn isn't the name in the list.
func displayed(r *rand.Rand, list []schema.Entry) []schema.Entry {
	for i := range list {
		if r.IntN(2) == 0 {
			list[i].Attributes = append(list[i].Attributes, schema.Attribute{Name: "displayName", Values: []schema.Value{{Text: pick(r, companies)}}},
				schema.Attribute{Name: "givenName", Values: []schema.Value{{Text: pick(r, firstNames)}, {Text: pick(r, firstNames)}}})
		}
	}
	return list
}

func TestOrderIsThatOfTheEntries(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 7))
	s := openStore(t, Options{})
	load(t, s, displayed(r, append(randomEntries(r, "Contact", 3000), randomEntries(r, "Account", 100)...))...)
	read := reader(t, s)
	for _, a := range []string{"cn", "displayName", "sn", "givenName", "o", ""} {
		checkOrder(t, read, a)
	}
	if _, ok := read.Order("title"); ok {
		t.Error("there is an order of title")
	}
	verify(t, s)
}

func TestDeltasKeepOrders(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(2, seed))
			s := openStore(t, Options{})
			load(t, s, displayed(r, randomEntries(r, "Contact", 50+int(seed)*300))...)
			for round := range 12 {
				b := Batch{Object: "Contact"}
				for range 40 {
					if n := r.IntN(900); r.IntN(4) > 0 {
						b.Upserts = append(b.Upserts, displayed(r, []schema.Entry{randomEntry(r, "Contact", n, 1000*(round+1))})...)
					} else {
						b.Deletes = append(b.Deletes, recordID("Contact", n))
					}
				}
				if _, err := s.Apply(b); err != nil {
					t.Fatal(err)
				}
			}
			verify(t, s)
			read := reader(t, s)
			for _, a := range []string{"cn", "displayName", "sn", "givenName", "o"} {
				checkOrder(t, read, a)
			}
		})
	}
}

func TestNaturalOrder(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 7))
	s := openStore(t, Options{})
	var list []schema.Entry
	for i := range 500 {
		text := []schema.Value{{Text: pick(r, firstNames) + " " + pick(r, lastNames)}}
		list = append(list, schema.Entry{Object: "Contact", ID: recordID("Contact", i), Stamp: base, Attributes: []schema.Attribute{{Name: "cn", Values: text}, {Name: "displayName", Values: text}}})
	}
	load(t, s, list...)
	before := reader(t, s)
	for _, a := range []string{"cn", "displayName"} {
		checkOrder(t, before, a)
		if o, _ := before.Order(a); !o.Natural() {
			t.Errorf("%s isn't the name in the list", a)
		}
	}
	odd := list[7]
	odd.Stamp = base.Add(time.Hour)
	odd.Attributes = []schema.Attribute{{Name: "cn", Values: []schema.Value{{Text: "Zuletzt"}}}, odd.Attributes[1]}
	if _, err := s.Apply(Batch{Object: "Contact", Upserts: []schema.Entry{odd}}); err != nil {
		t.Fatal(err)
	}
	verify(t, s)
	after := reader(t, s)
	checkOrder(t, after, "displayName")
	if _, ok := after.Order("cn"); ok {
		t.Error("cn still is the name in the list, though one entry has another")
	}
	load(t, s, append(list[:7:7], append([]schema.Entry{odd}, list[8:]...)...)...)
	checkOrder(t, reader(t, s), "cn")
}

// A version that knew no orders may have changed the entries.
func TestOrdersThatMissedAChangeAreNotTrusted(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(4, 7))
	s := openStore(t, Options{})
	list := randomEntries(r, "Contact", 50)
	load(t, s, list...)
	if _, err := s.RaiseGeneration(10); err != nil {
		t.Fatal(err)
	}
	if _, ok := reader(t, s).Order("sn"); !ok {
		t.Fatal("no order of sn after a restore")
	}
	if err := s.db.Update(func(tx *bolt.Tx) error { return putUint64(tx.Bucket(bucketMeta), keySequence, 5000) }); err != nil {
		t.Fatal(err)
	}
	s.renew()
	if _, ok := reader(t, s).Order("sn"); ok {
		t.Error("an order that lacks changes is used")
	}
	if _, err := s.Apply(Batch{Object: "Contact", Upserts: []schema.Entry{randomEntry(r, "Contact", 7, 5000)}}); err != nil {
		t.Fatal(err)
	}
	if _, ok := reader(t, s).Order("sn"); ok {
		t.Error("a delta made it trusted")
	}
	verify(t, s)
	load(t, s, list...)
	checkOrder(t, reader(t, s), "sn")
}

func TestFileWithoutOrders(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(filepath.Join("testdata", "format-1.db"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "r.db")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s := openPath(t, path)
	if _, ok := reader(t, s).Order("cn"); ok {
		t.Error("it has an order")
	}
	load(t, s, formatEntries()...)
	checkOrder(t, reader(t, s), "cn")
}

func TestAfter(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 7))
	s := openStore(t, Options{})
	load(t, s, randomEntries(r, "Contact", 400)...)
	read := reader(t, s)
	var ords []uint32
	for ord, ok := read.Next(0); ok; ord, ok = read.Next(ord + 1) {
		ords = append(ords, ord)
	}
	for i, ord := range ords {
		v, _ := read.View(ord)
		next, ok := uint32(0), false
		if at := read.After(read.ListKey(nil, &v), v.ID()); at < 1<<32 {
			next, ok = read.Next(uint32(at))
		}
		if ok != (i+1 < len(ords)) || ok && next != ords[i+1] {
			t.Fatalf("behind place %d comes %d, %v", i, next, ok)
		}
	}
}

func TestVerifyFindsWrongOrders(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(b *bolt.Bucket, attr uint16) error{
		"an entry is missing": func(b *bolt.Bucket, attr uint16) error {
			k, _ := b.Cursor().Seek(append(orderMark(attr), 0xff))
			return b.Delete(bytes.Clone(k))
		},
		"a key is wrong": func(b *bolt.Bucket, attr uint16) error {
			_, err := changeOrder(b, []orderNote{{appendPlace(nil, attr, []byte("zzz"), ordinalGap), true}})
			return err
		},
		"it isn't the list's": func(b *bolt.Bucket, attr uint16) error {
			return b.Put(orderMark(attr), []byte{orderNatural})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openStore(t, Options{})
			load(t, s, randomEntries(rand.New(rand.NewPCG(6, 7)), "Contact", 300)...)
			attr := uint16(0)
			for _, a := range reader(t, s).Attributes() {
				if a.Name == "o" {
					attr = uint16(a.Index)
				}
			}
			if err := s.db.Update(func(tx *bolt.Tx) error {
				_, tr, _, err := openTree(tx)
				if err != nil {
					return err
				}
				return spoil(tr.orders, attr)
			}); err != nil {
				t.Fatal(err)
			}
			found := 0
			if _, err := s.Verify(t.Context(), func(p Problem) {
				if p.Where == "orders" {
					found++
				}
			}); err != nil || found == 0 {
				t.Errorf("%d problems, %v", found, err)
			}
		})
	}
}
