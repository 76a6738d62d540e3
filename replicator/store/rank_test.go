package store

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestRanksAreTheOrder holds ranks against the order itself, while deltas come.
func TestRanksAreTheOrder(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(9, 1))
	s := openStore(t, Options{})
	load(t, s, randomEntries(r, "Contact", 700)...)
	for round := range 4 {
		if round > 0 {
			b := Batch{Object: "Contact"}
			for range 100 {
				b.Upserts = append(b.Upserts, namedEntry(r, r.IntN(900), 2000+round))
			}
			for range 30 {
				b.Deletes = append(b.Deletes, recordID("Contact", r.IntN(900)))
			}
			if _, err := s.Apply(b); err != nil {
				t.Fatal(err)
			}
		}
		rd, err := s.Reader()
		if err != nil {
			t.Fatal(err)
		}
		o, ok := rd.Order("sn")
		if !ok || o.Natural() {
			t.Fatal("there is no order of its own by sn")
		}
		if o.Ranks(false) != nil {
			t.Error("ranks were made before anybody has asked")
		}
		ranks := o.Ranks(true)
		if ranks == nil || o.Ranks(false) != ranks || ranks.Len() != rd.Total() {
			t.Fatalf("ranks %v of %d entries", ranks, rd.Total())
		}
		var ords []uint32
		var last []byte
		for more := o.Seek(nil, 0); more; more = o.Next() {
			place := uint32(len(ords))
			ords = append(ords, o.Ordinal())
			if got, ok := ranks.Place(o.Ordinal()); !ok || got != place || ranks.Ordinal(place) != o.Ordinal() {
				t.Fatalf("entry %d is at %d %v, want %d", o.Ordinal(), got, ok, place)
			}
			if want := place == 0 || !bytes.Equal(o.Key(), last); ranks.Begins(place) != want {
				t.Fatalf("place %d: begins %v, want %v", place, ranks.Begins(place), want)
			}
			last = append(last[:0], o.Key()...)
		}
		for range 2000 {
			a := r.IntN(len(ords) - 1)
			b := a + 1 + r.IntN(min(200, len(ords)-1-a))
			want := true
			for i := a + 1; i <= b; i++ {
				want = want && !ranks.Begins(uint32(i))
			}
			if got := ranks.SameKey(uint32(a), uint32(b)); got != want {
				t.Fatalf("places %d and %d: got %v, want %v", a, b, got, want)
			}
			if x, y := ranks.Key(uint32(a)), ranks.Key(uint32(b)); (x == y) != want || x > y {
				t.Fatalf("places %d and %d: keys %d and %d", a, b, x, y)
			}
		}
		if len(ords) != ranks.Len() {
			t.Fatalf("%d entries of %d", ranks.Len(), len(ords))
		}
		// Some of them in any order, and ordinals that nobody has.
		some := append(slices.Clone(ords[:len(ords)/3]), 1, 5, 1<<31)
		r.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
		set := make([]uint64, (ranks.Len()+63)/64)
		ranks.Mark(set, some)
		var got []uint32
		for _, place := range AppendMarked([]uint32{7}, set)[1:] {
			got = append(got, ranks.Ordinal(place))
		}
		have := func(ord uint32) bool { return slices.Contains(some, ord) }
		want := slices.DeleteFunc(slices.Clone(ords), func(ord uint32) bool { return !have(ord) })
		if !slices.Equal(got, want) {
			t.Fatalf("marked: got %v, want %v", got, want)
		}
		places := ranks.AppendPlaces(nil, some)
		slices.Sort(places)
		if !slices.Equal(slices.Compact(places), AppendMarked(nil, set)) {
			t.Error("places and marks differ")
		}
		rd.Release()
	}
	rd := reader(t, s)
	if o, _ := rd.Order(""); o.Ranks(true) != nil {
		t.Error("the list's own order has ranks")
	}
}

// BenchmarkRanks measures what the first one pays who sorts after a change.
func BenchmarkRanks(b *testing.B) {
	s := openStore(b, Options{})
	load(b, s, randomEntries(rand.New(rand.NewPCG(1, 1)), "Contact", 20_000)...)
	rd := reader(b, s)
	o, ok := rd.Order("sn")
	if !ok {
		b.Fatal("there is no order by sn")
	}
	b.ReportAllocs()
	for b.Loop() {
		rd.sn.ranks = nil
		if o.Ranks(true) == nil {
			b.Fatal("there are no ranks")
		}
	}
}
