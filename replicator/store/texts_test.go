package store

import (
	"math/rand/v2"
	"testing"
)

// TestAppendTextsIsTheIteration holds the texts of some attributes against the iterator.
func TestAppendTextsIsTheIteration(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 2))
	s := openStore(t, Options{})
	load(t, s, randomEntries(r, "Contact", 200)...)
	rd := reader(t, s)
	texts := 0
	for ord, ok := rd.Next(0); ok; ord, ok = rd.Next(ord + 1) {
		v, _ := rd.View(ord)
		var set AttributeSet
		n := 0
		for _, a := range rd.Attributes() {
			if r.IntN(2) == 0 {
				set[a.Index>>6] |= 1 << (a.Index & 63)
				n++
			}
		}
		got := v.AppendTexts(nil, &set, n)
		texts += len(got)
		for it := v.Values(); it.NextIn(&set); got = got[1:] {
			if len(got) == 0 || got[0].Attribute != it.Attr().Index || string(got[0].Text) != string(it.Text()) {
				t.Fatalf("%s: got %v, want %s %q", v.ID(), got, it.Attr().Name, it.Text())
			}
		}
		if len(got) > 0 {
			t.Fatalf("%s: %v too much", v.ID(), got)
		}
		// What is cut off anywhere ends the list and nothing else.
		for cut := range v.values {
			short := v
			short.values = v.values[:cut]
			short.AppendTexts(nil, &set, n)
		}
	}
	if texts < 200 {
		t.Errorf("only %d texts", texts)
	}
}
