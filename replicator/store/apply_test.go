package store

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"ringdex/schema"
)

// dump returns every term with the Ids of its entries, and the tails: what an index is apart from its ordinals.
func dump(t testing.TB, s *Store) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	err := s.view(func(tx *bolt.Tx) error {
		_, tree, _, err := openTree(tx)
		if err != nil {
			return err
		}
		return tree.index.ForEach(func(k, v []byte) error {
			if k[0] == kindTail {
				out[string(k)] = nil
				return nil
			}
			term, first, ok := splitKey(k)
			ords, ok2 := readChunk(nil, first, v)
			if !ok || !ok2 {
				return fmt.Errorf("key %q", k)
			}
			for _, o := range ords {
				out[string(term)] = append(out[string(term)], string(tree.entries.Get(appendOrdinal(nil, o))[:idLength]))
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, ids := range out {
		slices.Sort(ids)
	}
	return out
}

// contents returns the entries by Id.
func contents(t testing.TB, s *Store) map[string]schema.Entry {
	t.Helper()
	r, err := s.Reader()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	out := map[string]schema.Entry{}
	for o, ok := r.Next(0); ok; o, ok = r.Next(o + 1) {
		v, _ := r.View(o)
		e := v.Entry()
		out[e.ID] = e
	}
	return out
}

// model is what a store should hold: newest stamp wins, deleted stays deleted.
type model struct {
	entries map[string]schema.Entry
	graves  map[string]time.Time
}

func (m *model) apply(b Batch) {
	for _, e := range b.Upserts {
		if have, ok := m.entries[e.ID]; ok && have.Stamp.After(e.Stamp) {
			continue
		}
		if at, ok := m.graves[e.ID]; ok && !e.Stamp.After(at) {
			continue
		}
		delete(m.graves, e.ID)
		m.entries[e.ID] = e
	}
	for i, id := range b.Deletes {
		at := b.DeletedAt[i]
		if have, ok := m.entries[id]; ok && have.Stamp.After(at) {
			continue
		}
		delete(m.entries, id)
		if m.graves[id].Before(at) {
			m.graves[id] = at
		}
	}
}

func TestApplyEqualsAFreshLoad(t *testing.T) {
	t.Parallel()
	seeds := uint64(4)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 5))
			s := openStore(t, Options{})
			start := append(randomEntries(r, "Contact", 600), randomEntries(r, "Account", 80)...)
			load(t, s, start...)
			m := model{map[string]schema.Entry{}, map[string]time.Time{}}
			m.apply(Batch{Upserts: start})
			age := 1000
			for range 25 {
				b := Batch{Object: pick(r, []string{"Contact", "Account"})}
				for range r.IntN(60) {
					age++
					n := r.IntN(900)
					stamp := age - r.IntN(200) // some are stale
					if r.IntN(3) == 0 {
						b.Deletes = append(b.Deletes, recordID(b.Object, n))
						b.DeletedAt = append(b.DeletedAt, base.Add(time.Duration(stamp)*time.Second))
						continue
					}
					b.Upserts = append(b.Upserts, randomEntry(r, b.Object, n, stamp))
				}
				if _, err := s.Apply(b); err != nil {
					t.Fatal(err)
				}
				m.apply(b)
				before := contents(t, s)
				again, err := s.Apply(Batch{Object: b.Object, Upserts: lastOf(b.Upserts, m.entries)})
				if err != nil || again.Added+again.Changed != 0 {
					t.Fatalf("applied again: %+v, %v", again, err)
				}
				if !reflect.DeepEqual(before, contents(t, s)) {
					t.Fatal("applying again changed entries")
				}
			}
			verify(t, s)
			if got := contents(t, s); !reflect.DeepEqual(got, m.entries) {
				t.Fatalf("%d entries, want %d", len(got), len(m.entries))
			}
			fresh := openStore(t, Options{})
			load(t, fresh, slices.Collect(maps.Values(m.entries))...)
			if !reflect.DeepEqual(dump(t, s), dump(t, fresh)) {
				t.Error("the index differs from that of a fresh load")
			}
			a, b := reader(t, s), reader(t, fresh)
			for _, o := range []string{"Contact", "Account"} {
				if a.Count(o) != b.Count(o) {
					t.Errorf("%d of %s, want %d", a.Count(o), o, b.Count(o))
				}
			}
		})
	}
}

// lastOf keeps the upserts that are what is stored now.
func lastOf(list []schema.Entry, now map[string]schema.Entry) []schema.Entry {
	var out []schema.Entry
	for _, e := range list {
		if reflect.DeepEqual(now[e.ID], e) {
			out = append(out, e)
		}
	}
	return out
}

func TestApplyInAnyOrder(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(8, 9))
	start := randomEntries(r, "Contact", 50)
	var batches []Batch
	age := 1000
	for range 25 {
		b := Batch{Object: "Contact"}
		for range 10 {
			age++
			if r.IntN(3) == 0 {
				b.Deletes = append(b.Deletes, recordID("Contact", r.IntN(70)))
				b.DeletedAt = append(b.DeletedAt, base.Add(time.Duration(age)*time.Second))
			} else {
				b.Upserts = append(b.Upserts, randomEntry(r, "Contact", r.IntN(70), age))
			}
		}
		batches = append(batches, b)
	}
	var want map[string]schema.Entry
	for i := range 5 {
		s := openStore(t, Options{})
		load(t, s, start...)
		for _, j := range append(r.Perm(len(batches)), r.Perm(len(batches))...) {
			if i == 0 {
				j = min(j, len(batches)-1)
			}
			if _, err := s.Apply(batches[j]); err != nil {
				t.Fatal(err)
			}
		}
		verify(t, s)
		got := contents(t, s)
		if want == nil {
			want = got
		} else if !reflect.DeepEqual(got, want) {
			t.Fatalf("order %d: %d entries, want %d", i, len(got), len(want))
		}
	}
}

func TestApply(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 7))
	at := func(age int) time.Time { return base.Add(time.Duration(age) * time.Second) }
	old := randomEntry(r, "Contact", 1, 100)
	newer := randomEntry(r, "Contact", 1, 200)
	touched := old
	touched.Stamp = at(150)
	cp := Checkpoint{Stamp: at(300), ID: recordID("Contact", 1), T0: at(1)}
	for _, c := range []struct {
		name  string
		batch Batch
		want  ApplyResult
	}{
		{"a newer stamp", Batch{Upserts: []schema.Entry{newer}}, ApplyResult{Changed: 1, Sequence: 1}},
		{"an older stamp", Batch{Upserts: []schema.Entry{randomEntry(r, "Contact", 1, 99)}}, ApplyResult{Stale: 1}},
		{"the same again", Batch{Upserts: []schema.Entry{old, old}}, ApplyResult{Unchanged: 2}},
		{"only the stamp", Batch{Upserts: []schema.Entry{touched}}, ApplyResult{Unchanged: 1}},
		{"a new record", Batch{Upserts: []schema.Entry{randomEntry(r, "Contact", 9, 1)}}, ApplyResult{Added: 1, Sequence: 1}},
		{"a delete", Batch{Deletes: []string{old.ID}}, ApplyResult{Deleted: 1, Sequence: 1}},
		{"a delete of nobody", Batch{Deletes: []string{recordID("Contact", 5)}}, ApplyResult{}},
		{"a delete before the change", Batch{Deletes: []string{old.ID}, DeletedAt: []time.Time{at(50)}}, ApplyResult{Stale: 1}},
		{"a checkpoint alone", Batch{Checkpoint: &cp}, ApplyResult{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := openStore(t, Options{})
			load(t, s, old)
			before, _ := s.Meta()
			c.batch.Object = "Contact"
			got, err := s.Apply(c.batch)
			if err != nil {
				t.Fatal(err)
			}
			if c.want.Sequence > 0 {
				c.want.Sequence += before.Sequence
			} else {
				c.want.Sequence = before.Sequence
			}
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			verify(t, s)
			m, _ := s.Meta()
			if c.batch.Checkpoint != nil && !reflect.DeepEqual(m.Objects[1].Checkpoint, cp) {
				t.Errorf("checkpoint %+v", m.Objects[1].Checkpoint)
			}
		})
	}
}

// What was deleted comes back with a newer stamp, or when the source shows it to who asks for it.
func TestApplyToADeletedID(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(8, 9))
	old := randomEntry(r, "Contact", 1, 100)
	newer := old
	newer.Stamp = base.Add(200 * time.Second)
	for _, c := range []struct {
		name    string
		at      time.Time // of the deletion
		batch   Batch
		returns bool
	}{
		{"the same stamp", time.Time{}, Batch{Upserts: []schema.Entry{old}}, false},
		{"a newer stamp", time.Time{}, Batch{Upserts: []schema.Entry{newer}}, true},
		{"the same stamp, asked for", time.Time{}, Batch{Upserts: []schema.Entry{old}, Restore: true}, true},
		{"an older stamp, asked for", base.Add(300 * time.Second), Batch{Upserts: []schema.Entry{old}, Restore: true}, true},
		{"a newer stamp, but older than the deletion", base.Add(300 * time.Second), Batch{Upserts: []schema.Entry{newer}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := openStore(t, Options{})
			load(t, s, old)
			if _, err := s.Apply(Batch{Object: "Contact", Deletes: []string{old.ID}, DeletedAt: []time.Time{c.at}}); err != nil {
				t.Fatal(err)
			}
			c.batch.Object = "Contact"
			got, err := s.Apply(c.batch)
			if err != nil {
				t.Fatal(err)
			}
			if want := map[bool]int{true: 1}[c.returns]; got.Added != want || got.Stale != 1-want {
				t.Errorf("got %+v, want %d added", got, want)
			}
			verify(t, s)
			if c.returns { // and the grave is gone: an ordinary batch may change it now
				if got, err := s.Apply(Batch{Object: "Contact", Upserts: []schema.Entry{newer}}); err != nil || got.Stale > 0 {
					t.Errorf("after that %+v, %v", got, err)
				}
			}
		})
	}
}

func TestApplyRefuses(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 7))
	s := openStore(t, Options{})
	contact := randomEntry(r, "Contact", 1, 1)
	if _, err := s.Apply(Batch{Object: "Contact", Upserts: []schema.Entry{contact}}); !errors.Is(err, ErrEmpty) {
		t.Errorf("on an empty store: %v", err)
	}
	load(t, s, contact)
	short := contact
	short.ID = short.ID[:15]
	other := contact
	other.Object = "Account"
	for name, b := range map[string]Batch{
		"a short Id":                   {Object: "Contact", Upserts: []schema.Entry{short}},
		"an entry of another object":   {Object: "Account", Upserts: []schema.Entry{contact}},
		"an Id of another object":      {Object: "Account", Upserts: []schema.Entry{other}},
		"a delete of another object's": {Object: "Account", Deletes: []string{contact.ID}},
		"a short Id to delete":         {Object: "Contact", Deletes: []string{short.ID}},
		"stamps that don't belong":     {Object: "Contact", Deletes: []string{contact.ID}, DeletedAt: make([]time.Time, 2)},
	} {
		if _, err := s.Apply(b); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if got := contents(t, s); len(got) != 1 {
		t.Errorf("%d entries", len(got))
	}
}

func TestChangeLog(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 7))
	s := openStore(t, Options{ChangeLog: 5})
	load(t, s, randomEntries(r, "Contact", 3)...)
	changes := func(after uint64) (kinds []ChangeKind, whole bool) {
		whole, err := s.Changes(after, func(c Change) bool {
			kinds = append(kinds, c.Kind)
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
		return kinds, whole
	}
	if got, whole := changes(0); !whole || !slices.Equal(got, []ChangeKind{Added, Added, Added}) {
		t.Errorf("after the load: %v %v", got, whole)
	}
	id := recordID("Contact", 0)
	if _, err := s.Apply(Batch{Object: "Contact", Deletes: []string{id}}); err != nil {
		t.Fatal(err)
	}
	if got, whole := changes(3); !whole || !slices.Equal(got, []ChangeKind{Deleted}) {
		t.Errorf("after a delete: %v %v", got, whole)
	}
	if got, whole := changes(4); !whole || len(got) != 0 {
		t.Errorf("nothing new: %v %v", got, whole)
	}
	if _, whole := changes(5); whole {
		t.Error("a sequence ahead of the store's is whole")
	}
	load(t, s, randomEntries(r, "Contact", 20)...)
	if got, whole := changes(4); !whole || !slices.Equal(got, []ChangeKind{Replaced}) {
		t.Errorf("after a large load: %v %v", got, whole)
	}
	for i := range 10 {
		if _, err := s.Apply(Batch{Object: "Contact", Upserts: []schema.Entry{randomEntry(r, "Contact", i+100, i)}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, whole := changes(4); whole {
		t.Error("the log reaches back farther than its bound")
	}
	if got, whole := changes(10); !whole || len(got) != 5 {
		t.Errorf("the last five: %v %v", got, whole)
	}
	err := s.view(func(tx *bolt.Tx) error {
		if n := tx.Bucket(bucketGraves).Stats().KeyN; n != 0 {
			t.Errorf("%d graves outlive their log entries", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
