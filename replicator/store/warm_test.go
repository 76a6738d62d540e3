package store

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestWarm: what is read ahead is what is looked at then, as a load has put it; and nothing is read beyond the file, whatever is asked for.
func TestWarm(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 9))
	s := openStore(t, Options{})
	load(t, s, randomEntries(r, "Contact", 2000)...)
	rd := reader(t, s)
	if rd.rows == nil {
		t.Skip("the file is not mapped as a whole here: Warm does nothing (it does on Linux)")
	}
	var ords []uint32
	for ord, ok := rd.Next(0); ok; ord, ok = rd.Next(ord + 1) {
		ords = append(ords, ord)
	}
	r.Shuffle(len(ords), func(i, j int) { ords[i], ords[j] = ords[j], ords[i] })
	var at [warmMost]uint64
	leaves := rd.rows.t
	leaves.warm(ords[:warmMost], &at)
	for i, ord := range ords[:warmMost] {
		v, _ := rd.View(ord)
		if id := string(leaves.data[at[i]+4:][:idLength]); id != string(v.ID()) {
			t.Errorf("entry %d: got %q, want %q", ord, id, v.ID())
		}
	}
	rd.Release()
	for round := range 5 {
		b := Batch{Object: "Contact"}
		for range 300 {
			b.Upserts = append(b.Upserts, randomEntry(r, "Contact", r.IntN(3000), 3000+round))
		}
		if _, err := s.Apply(b); err != nil {
			t.Fatal(err)
		}
		rd, err := s.Reader()
		if err != nil {
			t.Fatal(err)
		}
		var any []uint32
		for range 500 {
			any = append(any, r.Uint32N(60_000), r.Uint32())
		}
		for some := range slices.Chunk(append(any, 0, 1<<32-1), warmMost) {
			rd.Warm(some)
		}
		rd.Release()
	}
	if err := s.Damage(); err != nil {
		t.Error(err)
	}
}
