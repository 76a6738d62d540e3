package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"ringdex/schema"
	"ringdex/schema/name"
)

// namedEntry is a random entry with further names: what is only in one of them, and what looks like a legal form.
func namedEntry(r *rand.Rand, n, age int) schema.Entry {
	e := randomEntry(r, "Contact", n, age)
	for _, a := range []string{"givenName", "displayName"} {
		if r.IntN(3) == 0 {
			text := pick(r, firstNames) + pick(r, []string{"", " Freifrau", " AG", " Agnes", " & Co. KG", " Schmidtmannsberger-Straßburger"})
			e.Attributes = append(e.Attributes, schema.Attribute{Name: a, Values: []schema.Value{{Text: text}, {Text: pick(r, lastNames)}}[:1+r.IntN(2)]})
		}
	}
	return e
}

// TestFindNamesIsTheMatches holds the lists of names against the assertion itself, while deltas come.
func TestFindNamesIsTheMatches(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	s := openStore(t, Options{})
	byID := map[string]schema.Entry{}
	var first []schema.Entry
	for i := range 900 {
		e := namedEntry(r, i, i)
		first, byID[e.ID] = append(first, e), e
	}
	load(t, s, first...)
	found, inside := 0, 0
	for round := range 4 {
		if round > 0 {
			b := Batch{Object: "Contact"}
			for range 120 {
				e := namedEntry(r, r.IntN(1000), 2000+round)
				b.Upserts, byID[e.ID] = append(b.Upserts, e), e
			}
			for id := range byID {
				if r.IntN(20) == 0 {
					b.Deletes = append(b.Deletes, id)
					delete(byID, id)
				}
			}
			if _, err := s.Apply(b); err != nil {
				t.Fatal(err)
			}
		}
		verify(t, s)
		rd, err := s.Reader()
		if err != nil {
			t.Fatal(err)
		}
		if !rd.HasNames() {
			t.Fatal("there are no lists of names")
		}
		for range 200 {
			n, fragments := holdNames(t, r, rd, byID)
			found, inside = found+n, inside+fragments
		}
		rd.Release()
	}
	if found < 5000 || inside < 50 {
		t.Errorf("only %d entries were found, and %d fragments asked for: the names are not worth much", found, inside)
	}
}

// holdNames asks for some beginnings and fragments at once, and counts what it finds, and the fragments.
func holdNames(t *testing.T, r *rand.Rand, rd *Reader, byID map[string]schema.Entry) (found, inside int) {
	t.Helper()
	type asked struct {
		p  *name.Pattern
		in NameSet
	}
	var ask []asked
	var queries []Query
	about := ""
	for range 1 + r.IntN(2) {
		text := pick(r, append(append([]string{"ag", "kg", "frei", "co"}, firstNames...), lastNames...))
		runes := []rune(text)
		in := NameSet(1 + r.IntN(endOfNameSets-1))
		if r.IntN(2) == 0 {
			runes = runes[r.IntN(len(runes)):]
			text = string(runes[:1+r.IntN(len(runes))])
			a := asked{name.NewPattern(nil, [][]byte{[]byte(text)}, nil), in}
			about += fmt.Sprintf("%q inside %04b ", text, in)
			for _, b := range a.p.Insides() {
				if !rd.NamesInside(b, in) {
					t.Errorf("%s: %q is said not to lead to its names", about, b)
				}
				queries = append(queries, Query{Kind: NameInside, Text: b, Names: in})
			}
			if len(a.p.Insides()) > 0 {
				ask = append(ask, a)
				inside++
			}
			continue
		}
		text = string(runes[:1+r.IntN(len(runes))])
		a := asked{name.NewPattern([]byte(text), nil, nil), in}
		if len(a.p.Beginnings()) == 0 {
			continue // several words
		}
		about += fmt.Sprintf("%q in %04b ", text, a.in)
		ask = append(ask, a)
		for _, b := range a.p.Beginnings() {
			if !NamesExact(b) {
				t.Fatalf("%s: %q", about, b)
			}
			queries = append(queries, Query{Kind: NameStarts, Text: b, Names: a.in})
		}
	}
	var want []uint32
	for id, e := range byID {
		matches := false
		for _, a := range ask {
			for _, attribute := range e.Attributes {
				if NameSetOf(attribute.Name)&a.in == 0 {
					continue
				}
				for _, v := range attribute.Values {
					matches = matches || a.p.Match([]byte(v.Text))
				}
			}
		}
		if matches {
			ord, ok := rd.Ordinal(id)
			if !ok {
				t.Fatalf("no ordinal of %s", id)
			}
			want = append(want, ord)
		}
	}
	slices.Sort(want)
	got, complete, err := rd.FindNames([]uint32{7}, queries, 0, 0)
	if err != nil || !complete || got[0] != 7 || !slices.Equal(got[1:], want) {
		t.Fatalf("%s: got %v %v %v, want %v", about, got, complete, err, want)
	}
	var visited []uint32
	if err := rd.VisitNames(queries, func(ords []uint32) { visited = append(visited, ords...) }); err != nil {
		t.Fatal(err)
	}
	slices.Sort(visited)
	if visited = slices.Compact(visited); !slices.Equal(visited, want) {
		t.Fatalf("%s: visited %v, want %v", about, visited, want)
	}
	from := uint32(0)
	if len(want) > 0 && r.IntN(2) == 0 {
		from = want[r.IntN(len(want))] + uint32(r.IntN(2))
	}
	at, _ := slices.BinarySearch(want, from)
	most := 1 + r.IntN(60)
	part := want[at:min(at+most, len(want))]
	got, complete, err = rd.FindNames(nil, queries, from, most)
	if err != nil || complete != (at+most >= len(want)) || !slices.Equal(got, part) {
		t.Fatalf("%s from %d at most %d: got %v %v %v, want %v", about, from, most, got, complete, err, part)
	}
	return len(want), inside
}

// TestNamesOfAnOlderVersion: what wrote without knowing the lists of names makes them count as missing.
func TestNamesOfAnOlderVersion(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 8))
	s := openStore(t, Options{})
	load(t, s, randomEntries(r, "Contact", 50)...)
	withoutNames(t, s)
	rd := reader(t, s)
	if rd.HasNames() {
		t.Error("there are lists of names that nobody can rely on")
	}
	if got, _, err := rd.Find(nil, Query{Kind: WordStarts, Text: []byte("mu")}, 0); err != nil || len(got) == 0 {
		t.Errorf("got %v %v, want what the other lists have", got, err)
	}
	if _, err := s.Apply(Batch{Object: "Contact", Upserts: []schema.Entry{namedEntry(r, 60, 60)}}); err != nil {
		t.Fatal(err)
	}
	verify(t, s)
}

// withoutNames makes the store one that a version without lists of names has written to.
func withoutNames(t *testing.T, s *Store) {
	t.Helper()
	err := s.update(func(tx *bolt.Tx) error {
		_, tree, _, err := openTree(tx)
		if err != nil {
			return err
		}
		return putUint64(tree.people, keyOwnSequence, readUint64(tx.Bucket(bucketMeta), keySequence)-1)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestLongNames: what is inside a word behind what the lists keep of it is not found by them, so that they are said not to know.
func TestLongNames(t *testing.T) {
	t.Parallel()
	s := openStore(t, Options{})
	name := func(n int, cn string) schema.Entry {
		e := namedEntry(rand.New(rand.NewPCG(1, uint64(n))), n, n)
		e.Attributes = []schema.Attribute{{Name: "cn", Values: []schema.Value{{Text: cn}}}}
		return e
	}
	long := name(2, strings.Repeat("abcdefgh", 9))
	load(t, s, name(1, "Anna Goldschmidt"))
	knows := func(want bool) {
		t.Helper()
		rd, err := s.Reader()
		if err != nil {
			t.Fatal(err)
		}
		defer rd.Release()
		if got := rd.NamesInside([]byte("schmid"), 1); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	knows(true)
	if _, err := s.Apply(Batch{Object: "Contact", Upserts: []schema.Entry{long}}); err != nil {
		t.Fatal(err)
	}
	knows(false)
	verify(t, s)
	if _, err := s.Apply(Batch{Object: "Contact", Deletes: []string{long.ID}}); err != nil {
		t.Fatal(err)
	}
	knows(true)
	verify(t, s)
}
