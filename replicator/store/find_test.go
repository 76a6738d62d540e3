package store

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"ringdex/schema"
	"ringdex/schema/name"
)

// wordsOf is what the definition splits an entry into.
func wordsOf(s *schema.Schema, e *schema.Entry) []string {
	var words []string
	for _, a := range e.Attributes {
		if t, ok := s.Attribute(a.Name); ok && IndexesWords(t) {
			for _, v := range a.Values {
				words = append(words, name.VariantWords(v.Text)...)
			}
		}
	}
	return words
}

// matches says by definition whether a query proposes an entry with these words.
func matches(e *schema.Entry, words []string, q Query) bool {
	text := string(q.Text)
	if q.Kind == ObjectIs {
		return text == "" || strings.EqualFold(e.Object, text)
	}
	if q.Kind <= NumberContains {
		text = string(digits(nil, q.Text))
	}
	if text == "" {
		return true
	}
	for _, a := range e.Attributes {
		for _, v := range a.Values {
			for _, k := range v.Keys {
				switch {
				case q.Kind == NumberIs && k == text, q.Kind == NumberStarts && strings.HasPrefix(k, text),
					q.Kind == NumberEnds && strings.HasSuffix(k, text), q.Kind == NumberContains && strings.Contains(k, text):
					return true
				}
			}
		}
	}
	for _, w := range words {
		switch {
		case q.Kind == WordIs && w == text, q.Kind == WordStarts && strings.HasPrefix(w, text),
			q.Kind == WordContains && strings.Contains(w, text):
			return true
		}
	}
	return false
}

// randomQuery asks for a piece of an entry, or for something that nobody has.
func randomQuery(r *rand.Rand, entries []schema.Entry) Query {
	e := &entries[r.IntN(len(entries))]
	kind := QueryKind(r.IntN(int(ObjectIs) + 1))
	var text string
	switch {
	case kind == ObjectIs:
		text = pick(r, []string{"contact", "Account", "Lead"})
	case kind <= NumberContains:
		v := append(e.Values("telephoneNumber"), e.Values("mobile")...)
		if len(v) > 0 {
			text = v[0].Keys[r.IntN(len(v[0].Keys))]
		}
	default:
		if w := name.VariantWords(e.First("cn") + " " + e.First("o")); len(w) > 0 {
			text = w[r.IntN(len(w))]
		}
	}
	if n := len(text); n > 0 && kind != NumberIs && kind != WordIs && kind != ObjectIs {
		i, j := r.IntN(n), r.IntN(n)
		i, j = min(i, j), max(i, j)+1
		switch kind {
		case NumberStarts, WordStarts:
			i = 0
		case NumberEnds:
			j = n
		}
		text = text[i:j]
	}
	if r.IntN(20) == 0 {
		text += "7x"
	}
	return Query{Kind: kind, Text: []byte(text)}
}

func TestFindIsASupersetOfTheMatches(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	sch, err := schema.New()
	if err != nil {
		t.Fatal(err)
	}
	s := openStore(t, Options{})
	entries := append(randomEntries(r, "Contact", 1500), randomEntries(r, "Account", 300)...)
	load(t, s, entries...)
	verify(t, s)
	rd := reader(t, s)
	byOrd := map[uint32]*schema.Entry{}
	words := map[uint32][]string{}
	for i := range entries {
		ord, ok := rd.Ordinal(entries[i].ID)
		if !ok {
			t.Fatalf("no ordinal for %s", entries[i].ID)
		}
		byOrd[ord] = &entries[i]
		words[ord] = wordsOf(sch, &entries[i])
	}
	rounds := 3000
	if testing.Short() {
		rounds = 500
	}
	for range rounds {
		q := randomQuery(r, entries)
		got, complete, err := rd.Find([]uint32{7}, q, 0)
		if err != nil || !complete || got[0] != 7 {
			t.Fatalf("%+v: %v %v %v", q, got, complete, err)
		}
		got = got[1:]
		if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
			t.Fatalf("%v %q: not ascending and distinct: %v", q.Kind, q.Text, got)
		}
		found := map[uint32]bool{}
		for _, o := range got {
			found[o] = true
			if byOrd[o] == nil {
				t.Fatalf("%v %q: %d is no entry", q.Kind, q.Text, o)
			}
		}
		want := 0
		for o, e := range byOrd {
			if matches(e, words[o], q) {
				want++
				if !found[o] {
					t.Errorf("%v %q misses %+v", q.Kind, q.Text, e)
				}
			}
		}
		if n := rd.Estimate(q); n < len(got)/2 || n > rd.Total() {
			t.Errorf("%v %q: estimate %d for %d", q.Kind, q.Text, n, len(got))
		}
		exact := q.Kind == NumberIs || q.Kind == NumberEnds || q.Kind == NumberStarts || q.Kind == WordIs || q.Kind == WordStarts
		if exact && len(q.Text) < maxDigits && want != len(got) {
			t.Errorf("%v %q: %d proposed for %d matches", q.Kind, q.Text, len(got), want)
		}
		// Cut answers are the beginnings, and From goes on.
		limit := 1 + r.IntN(60)
		part, complete, err := rd.Find(nil, q, limit)
		if err != nil || !slices.Equal(part, got[:min(limit, len(got))]) || complete != (len(got) <= limit) {
			t.Fatalf("%v %q at most %d: %v %v %v, want %v", q.Kind, q.Text, limit, part, complete, err, got[:min(limit, len(got))])
		}
		if len(got) > 0 {
			q.From = got[r.IntN(len(got))] + uint32(r.IntN(2))
			i, _ := slices.BinarySearch(got, q.From)
			rest, complete, err := rd.Find(nil, q, limit)
			want := got[i:min(i+limit, len(got))]
			if err != nil || !slices.Equal(rest, want) || complete != (i+limit >= len(got)) {
				t.Fatalf("%v %q from %d at most %d: %v %v %v, want %v", q.Kind, q.Text, q.From, limit, rest, complete, err, want)
			}
		}
	}
}

func TestFindInListOrder(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	s := openStore(t, Options{})
	load(t, s, randomEntries(r, "Contact", 400)...)
	rd := reader(t, s)
	var last []byte
	n := 0
	for o, ok := rd.Next(0); ok; o, ok = rd.Next(o + 1) {
		v, ok := rd.View(o)
		if !ok {
			t.Fatalf("no view of %d", o)
		}
		key := sortKey(&v, name.Dictionary)
		if bytes.Compare(last, key) > 0 {
			t.Fatalf("%s is out of order", v.First("cn"))
		}
		last = key
		n++
	}
	if n != rd.Total() || n != 400 {
		t.Errorf("scanned %d of %d", n, rd.Total())
	}
}

func TestFindEdges(t *testing.T) {
	t.Parallel()
	entry := func(n int, cn string, keys ...string) schema.Entry {
		return schema.Entry{Object: "Contact", ID: recordID("Contact", n), Stamp: base, Attributes: []schema.Attribute{
			{Name: "cn", Values: []schema.Value{{Text: cn}}},
			{Name: "telephoneNumber", Values: []schema.Value{{Text: "x", Keys: keys}}},
		}}
	}
	long := strings.Repeat("abcdefghij", 12)
	s := openStore(t, Options{})
	load(t, s, entry(1, "Ärger", "49302312501"), entry(2, long+" Zeta", strings.Repeat("12345", 12)), entry(3, "x\x00y", "12"))
	rd := reader(t, s)
	for _, c := range []struct {
		name string
		q    Query
		want int
	}{
		{"a plus is skipped", Query{Kind: NumberIs, Text: []byte("+49 302312501")}, 1},
		{"no digits at all", Query{Kind: NumberIs, Text: []byte("none")}, 3},
		{"an endless number", Query{Kind: NumberIs, Text: []byte(strings.Repeat("12345", 12))}, 1},
		{"the end of an endless number", Query{Kind: NumberEnds, Text: []byte(strings.Repeat("12345", 11))}, 1},
		{"a short number inside", Query{Kind: NumberContains, Text: []byte("302312")}, 1},
		{"three digits at the end", Query{Kind: NumberContains, Text: []byte("501")}, 1},
		{"a fragment behind the cut of a word", Query{Kind: WordContains, Text: []byte(long[65:85])}, 1},
		{"a whole endless word", Query{Kind: WordIs, Text: []byte(long)}, 1},
		{"the start of an endless word", Query{Kind: WordStarts, Text: []byte(long[:80])}, 1},
		{"an umlaut written out", Query{Kind: WordIs, Text: []byte("aerger")}, 1},
		{"an umlaut left out", Query{Kind: WordStarts, Text: []byte("arg")}, 1},
		{"nothing of the kind", Query{Kind: WordContains, Text: []byte("zqx")}, 0},
		{"an unknown object", Query{Kind: ObjectIs, Text: []byte("Lead")}, 0},
		{"an object in capitals", Query{Kind: ObjectIs, Text: []byte("CONTACT")}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, complete, err := rd.Find(nil, c.q, 0)
			if err != nil || !complete || len(got) != c.want {
				t.Errorf("got %v %v %v, want %d", got, complete, err, c.want)
			}
		})
	}
}

// Beginnings and ends of numbers that thousands share take the way over the entries.
func TestFindSharedNumbers(t *testing.T) {
	t.Parallel()
	var entries []schema.Entry
	for i := range 12_000 {
		key := fmt.Sprintf("4930231%05d", i*7%100_000)
		entries = append(entries, schema.Entry{Object: "Contact", ID: recordID("Contact", i), Stamp: base, Attributes: []schema.Attribute{
			{Name: "cn", Values: []schema.Value{{Text: fmt.Sprint("Person ", i)}}},
			{Name: "mobile", Values: []schema.Value{{Text: "+" + key, Keys: []string{key}}}},
		}})
	}
	s := openStore(t, Options{})
	load(t, s, entries...)
	rd := reader(t, s)
	for _, q := range []Query{
		{Kind: NumberStarts, Text: []byte("4930")},
		{Kind: NumberStarts, Text: []byte("49302310")},
		{Kind: NumberEnds, Text: []byte("5")},
		{Kind: NumberContains, Text: []byte("3023")},
	} {
		all, complete, err := rd.Find(nil, q, 0)
		if err != nil || !complete {
			t.Fatal(err)
		}
		for _, limit := range []int{1, 50, 5000} {
			for _, q.From = range []uint32{0, all[len(all)/2]} {
				i, _ := slices.BinarySearch(all, q.From)
				got, complete, err := rd.Find(nil, q, limit)
				want := all[i:min(len(all), i+limit)]
				if err != nil || !slices.Equal(got, want) || complete != (i+limit >= len(all)) {
					t.Errorf("%v %s from %d: %d of %d, %v %v", q.Kind, q.Text, q.From, len(got), len(want), complete, err)
				}
			}
		}
	}
}

func TestSharedDigits(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(5, 9))
	s := openStore(t, Options{})
	var entries []schema.Entry
	var numbers []string
	for i := range 400 {
		n := strconv.Itoa(4930 + rnd.IntN(3))
		for len(n) < 5+rnd.IntN(8) {
			n += strconv.Itoa(rnd.IntN(3))
		}
		numbers = append(numbers, n)
		entries = append(entries, schema.Entry{Object: "Contact", ID: recordID("Contact", i), Stamp: base, Attributes: []schema.Attribute{
			{Name: "telephoneNumber", Values: []schema.Value{{Text: "x", Keys: []string{n}}}},
		}})
	}
	load(t, s, entries...)
	rd := reader(t, s)
	for range 2000 {
		asked := numbers[rnd.IntN(len(numbers))]
		asked = asked[:rnd.IntN(len(asked)+1)] + strconv.Itoa(rnd.IntN(10_000))
		want := 0
		for _, n := range numbers {
			i := 0
			for i < len(n) && i < len(asked) && n[i] == asked[i] {
				i++
			}
			want = max(want, i)
		}
		if got := rd.SharedDigits([]byte(asked)); got != want {
			t.Fatalf("%s: got %d, want %d", asked, got, want)
		}
	}
}

// Texts are found by the words of their first part, so that no search on them looks at every entry.
func TestFindInTexts(t *testing.T) {
	t.Parallel()
	s := openStore(t, Options{})
	if err := s.BindOrg(Org{ID: "00D550000000001AAA"}); err != nil {
		t.Fatal(err)
	}
	e := named(1, "Anna")
	long := "Erste " + strings.Repeat("ü", maxSearched/2-4) + " Zweite"
	e.Attributes = append(e.Attributes,
		schema.Attribute{Name: "street", Values: []schema.Value{{Text: "Bahnhofstraße 12"}}},
		schema.Attribute{Name: "description", Values: []schema.Value{{Text: long}}})
	load(t, s, e, named(2, "Bert"))
	r := reader(t, s)
	for text, want := range map[string]int{"bahnhofstr": 1, "12": 1, "erste": 1, "zweite": 0, "bert": 1} {
		ords, _, err := r.Find(nil, Query{Kind: WordStarts, Text: []byte(text)}, 0)
		if err != nil || len(ords) != want {
			t.Errorf("%s: got %v, %v, want %d entries", text, ords, err, want)
		}
	}
	if cut := Searched([]byte(long)); !utf8.Valid(cut) || len(cut) > maxSearched || len(cut) < maxSearched-1 {
		t.Errorf("searched part has %d bytes, valid %t", len(cut), utf8.Valid(cut))
	}
	verify(t, s)
}

// A load gives attributes today's flags, whatever an older version gave them.
func TestLoadRenewsFlags(t *testing.T) {
	t.Parallel()
	sc, err := schema.New()
	if err != nil {
		t.Fatal(err)
	}
	old := []AttrInfo{{Index: 0, Name: "cn", Words: true}, {Index: 1, Name: "street"}, {Index: 2, Name: "telephoneNumber"}}
	a := newAttributes(sc, nil)
	a.take(old)
	if !a.list[1].Words || a.list[2].Words || !a.compatible(old) {
		t.Errorf("got %+v, compatible %t", a.list, a.compatible(old))
	}
}
