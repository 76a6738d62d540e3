package store

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	bolt "go.etcd.io/bbolt"

	"ringdex/schema"
)

// inOrder checks that the ordinals are in the order of the names.
func inOrder(t *testing.T, s *Store) {
	t.Helper()
	r := reader(t, s)
	var last []byte
	for ord, ok := r.Next(0); ok; ord, ok = r.Next(ord + 1) {
		v, _ := r.View(ord)
		key := append(append(sortKey(&v, r.Collation()), 0), v.ID()...)
		if bytes.Compare(last, key) > 0 {
			t.Fatalf("%s is out of order", v.ID())
		}
		last = key
	}
}

// Many entries with one name fill every gap and make room.
func TestApplyCrowd(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(16, 17))
	s := openStore(t, Options{})
	load(t, s, randomEntries(r, "Contact", 100)...)
	moved := 0
	for i := range 10 {
		b := Batch{Object: "Contact"}
		for j := range 40 {
			e := randomEntry(r, "Contact", 1000+i*40+j, 1)
			e.Attributes[0] = schema.Attribute{Name: "cn", Values: []schema.Value{{Text: "Max Müller"}}}
			b.Upserts = append(b.Upserts, e)
		}
		got, err := s.Apply(b)
		if err != nil {
			t.Fatal(err)
		}
		moved += got.Moved
	}
	if moved == 0 || moved > 10_000 {
		t.Errorf("%d entries moved for 400 new ones", moved)
	}
	inOrder(t, s)
	if got := verify(t, s); got.Entries != 500 {
		t.Errorf("%d entries", got.Entries)
	}
}

// Thousands of new entries that share a few names find room for all of a name at once: an entry moves about once for a name, however many
// come, and what is written grows with what came.
func TestApplyCrowdAtOnce(t *testing.T) {
	t.Parallel()
	const served, came = 2000, 3000
	r := rand.New(rand.NewPCG(18, 19))
	s := openStore(t, Options{})
	load(t, s, randomEntries(r, "Contact", served)...)
	b := Batch{Object: "Contact"}
	for i := range came {
		e := randomEntry(r, "Contact", served+i, 1)
		cn := schema.Attribute{Name: "cn", Values: []schema.Value{{Text: []string{"Max Müller", "Eva Schmidt", "Ann Weiß"}[i%3]}}}
		e.Attributes = append([]schema.Attribute{cn}, e.Attributes[min(1, len(e.Attributes)):]...)
		b.Upserts = append(b.Upserts, e)
	}
	r.Shuffle(came, func(i, j int) { b.Upserts[i], b.Upserts[j] = b.Upserts[j], b.Upserts[i] })
	got, err := s.Apply(b)
	if err != nil || got.Added != came {
		t.Fatalf("%+v, %v", got, err)
	}
	if got.Moved == 0 || got.Moved > 2*(served+came) {
		t.Errorf("%d entries moved for %d new ones among %d", got.Moved, came, served)
	}
	inOrder(t, s)
	if got := verify(t, s); got.Entries != served+came {
		t.Errorf("%d entries", got.Entries)
	}
}

// A batch may give every entry another place, some of them twice.
func TestApplyRenamesEverybody(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(20, 21))
	s := openStore(t, Options{})
	load(t, s, randomEntries(r, "Contact", 1500)...)
	b := Batch{Object: "Contact"}
	want := map[string]schema.Entry{}
	for i := range 2000 {
		e := randomEntry(r, "Contact", i%1500, 10+i)
		e.Attributes = []schema.Attribute{{Name: "cn", Values: []schema.Value{{Text: fmt.Sprintf("Nobody %d", r.IntN(5))}}}}
		b.Upserts = append(b.Upserts, e)
		want[e.ID] = e
	}
	if _, err := s.Apply(b); err != nil {
		t.Fatal(err)
	}
	inOrder(t, s)
	verify(t, s)
	if got := contents(t, s); !reflect.DeepEqual(got, want) {
		t.Errorf("%d entries, want %d", len(got), len(want))
	}
}

// Of an entry that changes, only the lists change that it enters or leaves.
func TestApplyTouchesFewLists(t *testing.T) {
	t.Parallel()
	s := openStore(t, Options{})
	entry := func(id, title string) schema.Entry {
		return schema.Entry{ID: id, Object: "Contact", Stamp: base, Attributes: []schema.Attribute{
			{Name: "cn", Values: []schema.Value{{Text: "Wilhelmine Oberhauser"}}},
			{Name: "title", Values: []schema.Value{{Text: title}}},
			{Name: "telephoneNumber", Values: []schema.Value{{Text: "+493023125", Keys: []string{"493023125"}}}},
		}}
	}
	var entries []schema.Entry
	for i := range 50 {
		entries = append(entries, entry(recordID("Contact", i), "Buyer"))
	}
	load(t, s, entries...)
	var changed []note
	err := s.db.Update(func(tx *bolt.Tx) error {
		d := &delta{s: s, tx: tx, object: "Contact", counts: map[string]int{}, stale: map[string]bool{}, origins: map[string]origin{}, waiting: map[string]*newcomer{}}
		_, tree, _, err := openTree(tx)
		if err != nil {
			return err
		}
		d.tree = tree
		list, err := readAttributes(tree.attributes)
		if err != nil {
			return err
		}
		d.attrs = newAttributes(s.options.Schema, list)
		e := entry(entries[7].ID, "Seller")
		if err := d.upsert(&e); err != nil {
			return err
		}
		x := &listChanges{d: d, terms: terms{version: tree.names(), people: true}}
		ord, data, err := d.stored(e.ID)
		if err != nil {
			return err
		}
		err = x.entry(d.origins[e.ID], origin{ord, data})
		changed = x.notes
		for i := range changed {
			if key := x.key(&changed[i]); key[0] == kindNumber || key[0] == kindGram || bytes.Contains(key, []byte("ober")) {
				t.Errorf("%q changes", key)
			}
		}
		return err
	})
	// A word of five or six letters has its beginnings, its fragments and itself.
	if err != nil || len(changed) < 20 || len(changed) > 2*(5+11+1) {
		t.Errorf("%d lists change, %v", len(changed), err)
	}
}
