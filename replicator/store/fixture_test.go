package store

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"ringdex/schema"
)

var (
	firstNames = []string{"Anna", "Jörg", "Zoë", "Hans-Peter", "Müzeyyen", "Björn", "Renée", "Max", "Ömer", "Łukasz", "Sören", "Élodie"}
	lastNames  = []string{"Müller", "Mueller", "Schmidt", "Schmied", "Goldschmidt", "Weiß", "Weiss", "O'Brien", "Straßburger", "Nguyen", "Lüdenscheidt", "Ng", "Æbelø"}
	companies  = []string{"Muster GmbH", "Bäckerei Schmidt & Söhne", "Example Ltd", "Łódź Trans", "A/S Ringkøbing", "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft mbH"}
)

// base is the stamp of the oldest entry.
var base = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func recordID(object string, n int) string {
	prefix := map[string]string{"Contact": "003", "Account": "001"}[object]
	return fmt.Sprintf("%s55%010dAAA", prefix, n)
}

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

// randomEntry makes record n of an object with a stamp of base plus age seconds.
func randomEntry(r *rand.Rand, object string, n, age int) schema.Entry {
	e := schema.Entry{Object: object, ID: recordID(object, n), Stamp: base.Add(time.Duration(age) * time.Second)}
	add := func(name string, values ...schema.Value) {
		e.Attributes = append(e.Attributes, schema.Attribute{Name: name, Values: values})
	}
	first, last := pick(r, firstNames), pick(r, lastNames)
	if r.IntN(3) == 0 {
		last += fmt.Sprintf(" %c%c", 'a'+rune(r.IntN(26)), 'a'+rune(r.IntN(26)))
	}
	if r.IntN(20) > 0 {
		add("cn", schema.Value{Text: first + " " + last})
		add("sn", schema.Value{Text: last})
	}
	if r.IntN(2) == 0 {
		add("o", schema.Value{Text: pick(r, companies)})
	}
	if r.IntN(2) == 0 {
		add("title", schema.Value{Text: "Chief of nothing"})
	}
	for _, name := range []string{"telephoneNumber", "mobile"} {
		if r.IntN(4) == 0 {
			continue
		}
		digits := fmt.Sprintf("493023125%03d", r.IntN(1000))
		v := schema.Value{Text: "+" + digits, Original: "030 23125-" + digits[9:], Keys: []string{digits}}
		if r.IntN(5) == 0 {
			v.Keys = append(v.Keys, digits+fmt.Sprint(r.IntN(100)))
		}
		if r.IntN(50) == 0 {
			v.Keys = append(v.Keys, "1", fmt.Sprintf("%060d", r.IntN(1000)))
		}
		add(name, v)
	}
	return e
}

func randomEntries(r *rand.Rand, object string, n int) []schema.Entry {
	list := make([]schema.Entry, n)
	for i := range list {
		list[i] = randomEntry(r, object, i, i)
	}
	return list
}

func openStore(t testing.TB, o Options) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "ringdex.db"), o)
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, s)
	return s
}

func openPath(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, s)
	return s
}

// closeAfter closes a store when the test's readers are released: Close waits for them.
func closeAfter(t testing.TB, s *Store) {
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// load replaces everything in the store, in pages.
func load(t testing.TB, s *Store, entries ...schema.Entry) {
	t.Helper()
	byObject := map[string][]schema.Entry{"Account": nil, "Contact": nil}
	for _, e := range entries {
		byObject[e.Object] = append(byObject[e.Object], e)
	}
	l, err := s.BeginLoad(LoadPlan{Objects: []string{"Contact", "Account"}, Fingerprint: "f"})
	if err != nil {
		t.Fatal(err)
	}
	const page = 200
	for object, list := range byObject {
		for len(list) > 0 {
			n := min(page, len(list))
			last := list[n-1]
			if err := l.Put(object, list[:n], Checkpoint{Stamp: last.Stamp, ID: last.ID, Done: n == len(list)}); err != nil {
				t.Fatal(err)
			}
			list = list[n:]
		}
	}
	if _, err := l.Commit(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
}

func reader(t testing.TB, s *Store) *Reader {
	t.Helper()
	r, err := s.Reader()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Release)
	return r
}

func verify(t testing.TB, s *Store) VerifyResult {
	t.Helper()
	n := 0
	result, err := s.Verify(t.Context(), func(p Problem) {
		if n++; n < 20 {
			t.Errorf("verify: %s: %s", p.Where, p.Text)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return result
}
