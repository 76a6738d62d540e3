package store

import (
	"fmt"
	"slices"
	"testing"
)

func TestBeginnings(t *testing.T) {
	t.Parallel()
	s := openStore(t, Options{})
	if err := s.BindOrg(Org{ID: "00D550000000001AAA"}); err != nil {
		t.Fatal(err)
	}
	load(t, s, named(1, "Anna Müller"), named(2, "Otto Nutz"), named(3, "Bo Amt"), named(4, "Юлия"), named(5, "Ærik"))
	r := reader(t, s)
	a, m := []string{"2", "a", "b", "c", "ae"}, []string{"6", "m", "n", "o"}
	keys := [][]string{a, m, m, a}
	for _, c := range []struct {
		choices [][]string
		most    int
		want    string
	}{
		{keys, 10, "[anna]"},
		{keys[:2], 10, "[am an bo]"},
		{[][]string{{"2", "a", "b", "c"}, m}, 2, "[a b]"},
		{keys[:2], 1, "[]"},
		{[][]string{{"8", "t", "u", "v"}}, 10, "[]"},
		{[][]string{a, {"1"}}, 10, "[]"},
		{[][]string{a, {"r"}}, 10, "[aer]"},
		{nil, 10, "[]"},
	} {
		var got []string
		for _, w := range r.Beginnings(nil, c.choices, c.most) {
			got = append(got, string(w))
		}
		slices.Sort(got)
		if fmt.Sprint(got) != c.want {
			t.Errorf("%q, at most %d: got %v, want %v", c.choices, c.most, got, c.want)
		}
	}
	if found := r.Beginnings(nil, [][]string{{"8", "t", "u", "v"}}, 10); len(found) != 0 {
		t.Errorf("no word begins so: got %q", found)
	}
	if found := r.Beginnings(nil, keys[:2], 1); len(found) != 1 || len(found[0]) != 0 {
		t.Errorf("too many: got %q, want the empty beginning", found)
	}
}
