package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"ringdex/schema"
	"ringdex/schema/name"
)

func begin(t testing.TB, s *Store, p LoadPlan) *Load {
	t.Helper()
	l, err := s.BeginLoad(p)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func put(t testing.TB, l *Load, object string, cp Checkpoint, entries ...schema.Entry) {
	t.Helper()
	if err := l.Put(object, entries, cp); err != nil {
		t.Fatal(err)
	}
}

func commit(t testing.TB, l *Load) Generation {
	t.Helper()
	g, err := l.Commit(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestLoadCountsDuplicatesAndKeepsTheNewest(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	s := openStore(t, Options{})
	old, newer := randomEntry(r, "Contact", 1, 10), randomEntry(r, "Contact", 1, 20)
	other := randomEntry(r, "Contact", 2, 10)
	later := randomEntry(r, "Contact", 2, 10)
	l := begin(t, s, LoadPlan{Objects: []string{"Contact"}})
	put(t, l, "Contact", Checkpoint{}, newer, other)
	put(t, l, "Contact", Checkpoint{Done: true, Rows: 4}, old, later)
	if err := l.Prepare(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if rows, duplicates := l.Counts("Contact"); rows != 4 || duplicates != 2 {
		t.Errorf("%d rows, %d duplicates", rows, duplicates)
	}
	commit(t, l)
	want := map[string]schema.Entry{newer.ID: newer, later.ID: later}
	if got := contents(t, s); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	m, err := s.Meta()
	if err != nil {
		t.Fatal(err)
	}
	if o := m.Objects[0]; !m.Complete || o.Records != 2 || o.Duplicates != 2 || !o.Checkpoint.Done || o.Checkpoint.Rows != 4 {
		t.Errorf("meta %+v", m)
	}
	if _, err := os.Stat(s.path + stagingSuffix); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the staging file: %v", err)
	}
}

// A file has room for two generations: the one served and the one being built, whatever was built before.
func TestLoadsReuseRoom(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 1))
	entries := make([]schema.Entry, 3000)
	for i := range entries {
		entries[i] = randomEntry(r, "Contact", i, 10)
	}
	for _, served := range []bool{true, false} {
		s := openStore(t, Options{})
		var sizes []int64
		for range 6 {
			l := begin(t, s, LoadPlan{Objects: []string{"Contact"}})
			put(t, l, "Contact", Checkpoint{Done: true, Rows: len(entries)}, entries...)
			commit(t, l)
			if served {
				rd, err := s.Reader()
				if err != nil {
					t.Fatal(err)
				}
				rd.Release()
			}
			if err := s.db.View(func(tx *bolt.Tx) error {
				sizes = append(sizes, tx.Size())
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		if first, last := sizes[0], sizes[len(sizes)-1]; last > first*23/10 || last > sizes[2] {
			t.Errorf("served %v: the file grows from load to load: %d", served, sizes)
		}
	}
}

func TestLoadResumes(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 1))
	path := filepath.Join(t.TempDir(), "r.db")
	first, second := randomEntry(r, "Contact", 1, 10), randomEntry(r, "Contact", 2, 20)
	plan := LoadPlan{Objects: []string{"Contact", "Account"}, Fingerprint: "a"}
	cp := Checkpoint{Stamp: first.Stamp, ID: first.ID, T0: base, Parts: []byte("parts")}

	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	put(t, begin(t, s, plan), "Contact", cp, first)
	if _, err := s.BeginLoad(plan); err == nil {
		t.Error("two loads at a time")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	l := begin(t, s, plan)
	if got := l.Checkpoint("Contact"); !reflect.DeepEqual(got, cp) {
		t.Errorf("checkpoint %+v", got)
	}
	if rows, _ := l.Counts("Contact"); rows != 1 {
		t.Errorf("%d rows", rows)
	}
	put(t, l, "Contact", Checkpoint{}, second)
	commit(t, l)
	if n := len(contents(t, s)); n != 2 {
		t.Errorf("%d entries", n)
	}

	// Another fingerprint, another plan or another generation begins anew.
	l = begin(t, s, plan)
	put(t, l, "Contact", cp, first)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for _, p := range []LoadPlan{{Objects: plan.Objects, Fingerprint: "b"}, {Objects: []string{"Contact"}, Fingerprint: "b"}} {
		l = begin(t, s, p)
		if got := l.Checkpoint("Contact"); !reflect.DeepEqual(got, Checkpoint{}) {
			t.Errorf("%+v: resumed at %+v", p, got)
		}
		put(t, l, "Contact", cp, first)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.RaiseGeneration(7); err != nil {
		t.Fatal(err)
	}
	l = begin(t, s, LoadPlan{Objects: []string{"Contact"}, Fingerprint: "b"})
	if got := l.Checkpoint("Contact"); !reflect.DeepEqual(got, Checkpoint{}) {
		t.Errorf("after another generation: resumed at %+v", got)
	}
	if err := l.Discard(); err != nil {
		t.Fatal(err)
	}
}

func TestLoadComparesWithWhatIsServed(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 1))
	s := openStore(t, Options{})
	same, changed, gone := randomEntry(r, "Contact", 1, 1), randomEntry(r, "Contact", 2, 1), randomEntry(r, "Contact", 3, 1)
	account, lost := randomEntry(r, "Account", 1, 1), randomEntry(r, "Account", 2, 1)
	load(t, s, same, changed, gone, account)
	touched := same
	touched.Stamp = base.Add(time.Hour)
	ahead := randomEntry(r, "Contact", 4, 500)
	ghost := randomEntry(r, "Contact", 5, 500)

	l := begin(t, s, LoadPlan{Objects: []string{"Contact", "Account"}})
	stale := randomEntry(r, "Contact", 4, 400)
	put(t, l, "Contact", Checkpoint{}, touched, randomEntry(r, "Contact", 2, 2), randomEntry(r, "Contact", 9, 9), stale, ghost)
	put(t, l, "Account", Checkpoint{}, lost)
	if err := l.Keep("Account"); err != nil {
		t.Fatal(err)
	}
	// Deltas that come between are not undone.
	custom := schema.Attribute{Name: "custom", Values: []schema.Value{{Text: "new name in the table"}}}
	ahead.Attributes = append(ahead.Attributes, custom)
	apply := func(b Batch) {
		t.Helper()
		b.Object = "Contact"
		if _, err := s.Apply(b); err != nil {
			t.Fatal(err)
		}
	}
	apply(Batch{Upserts: []schema.Entry{ahead, ghost}})
	if err := l.Prepare(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if got, want := l.Changes("Contact"), (Changes{Added: 1, Changed: 1, Deleted: 1, Unchanged: 3}); got != want {
		t.Errorf("before the delete: %+v, want %+v", got, want)
	}
	apply(Batch{Deletes: []string{ghost.ID}})
	g := commit(t, l)
	if got, want := l.Changes("Contact"), (Changes{Added: 1, Changed: 1, Deleted: 1, Unchanged: 2}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, want := l.Changes("Account"), (Changes{Unchanged: 1}); got != want {
		t.Errorf("kept: %+v, want %+v", got, want)
	}
	if g != 2 {
		t.Errorf("generation %d", g)
	}
	verify(t, s)
	got := contents(t, s)
	if len(got) != 5 || !reflect.DeepEqual(got[ahead.ID], ahead) || !reflect.DeepEqual(got[account.ID], account) {
		t.Errorf("%d entries: %+v", len(got), got[ahead.ID])
	}
	if _, ok := got[ghost.ID]; ok {
		t.Error("a deleted entry came back")
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(4, 1))
	s := openStore(t, Options{})
	l := begin(t, s, LoadPlan{Objects: []string{"Contact"}})
	e := randomEntry(r, "Contact", 1, 1)
	short := e
	short.ID = "003"
	if err := l.Put("Lead", nil, Checkpoint{}); err == nil {
		t.Error("an object out of plan")
	}
	if err := l.Put("Contact", []schema.Entry{randomEntry(r, "Account", 1, 1)}, Checkpoint{}); err == nil {
		t.Error("an entry of another object")
	}
	if err := l.Put("Contact", []schema.Entry{e, short}, Checkpoint{Rows: 9}); err == nil {
		t.Error("a short Id")
	}
	if rows, _ := l.Counts("Contact"); rows != 0 || l.Checkpoint("Contact").Rows != 0 {
		t.Error("a refused page left something")
	}
	if err := l.Discard(); err != nil {
		t.Fatal(err)
	}
	if err := l.Put("Contact", nil, Checkpoint{}); !errors.Is(err, ErrClosed) {
		t.Errorf("after Discard: %v", err)
	}
	if _, err := s.BeginLoad(LoadPlan{Objects: []string{""}}); err == nil {
		t.Error("an object without a name")
	}
}

func TestCommitInterruptedServesWhatItServed(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 1))
	s := openStore(t, Options{})
	load(t, s, randomEntries(r, "Contact", 100)...)
	want := contents(t, s)
	held := reader(t, s)

	l := begin(t, s, LoadPlan{Objects: []string{"Contact"}})
	next := randomEntries(r, "Contact", 3*progressStep)
	put(t, l, "Contact", Checkpoint{}, next...)
	for _, stage := range []string{"sort", "compare", "entries", "index"} {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := l.Commit(ctx, func(at string, _, _ int) {
			if at == stage {
				cancel()
			}
		})
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("cancelled at %s: %v", stage, err)
		}
		if got := contents(t, s); !reflect.DeepEqual(got, want) {
			t.Fatalf("cancelled at %s: %d entries", stage, len(got))
		}
	}
	verify(t, s)
	commit(t, l)
	if got := held.Total(); got != 100 {
		t.Errorf("the reader that was held sees %d entries", got)
	}
	if v, ok := held.View(ordinalGap); !ok || len(v.ID()) != idLength {
		t.Error("the reader that was held sees no entry")
	}
	if got := verify(t, s); got.Entries != len(next) {
		t.Errorf("%d entries", got.Entries)
	}
	left, err := filepath.Glob(s.path + "*")
	if err != nil || len(left) != 1 {
		t.Errorf("left beside the store: %v %v", left, err)
	}
	// The generation before goes when the next load begins.
	l = begin(t, s, LoadPlan{Objects: []string{"Contact"}})
	if err := s.view(func(tx *bolt.Tx) error {
		if n := len(trees(tx)); n != 1 {
			t.Errorf("%d generations", n)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := l.Discard(); err != nil {
		t.Fatal(err)
	}
}

// An external sort and an inverter that must use their temporary files give what they give in memory.
func TestBuildInLittleMemory(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 1))
	path := filepath.Join(t.TempDir(), "s")
	const n = 50_000
	small, large := newSorter(path), newSorter(path)
	small.limit = sortBlock
	for range n {
		key := fmt.Appendf(nil, "%d", r.IntN(n/2))
		value := fmt.Appendf(nil, "%060d", r.IntN(5))
		if err := errors.Join(small.add(key, value), large.add(key, value)); err != nil {
			t.Fatal(err)
		}
	}
	if len(small.runs) < 2 || len(large.runs) != 0 {
		t.Fatalf("%d and %d runs", len(small.runs), len(large.runs))
	}
	a, err := small.sorted()
	if err != nil {
		t.Fatal(err)
	}
	b, err := large.sorted()
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; ; i++ {
		k, v, ok, err := a.next()
		if err != nil {
			t.Fatal(err)
		}
		k2, v2, ok2, _ := b.next()
		if ok != ok2 || string(k) != string(k2) || string(v) != string(v2) {
			t.Fatalf("record %d: %q %q, want %q %q", i, k, v, k2, v2)
		}
		if !ok {
			if i != n {
				t.Errorf("%d records", i)
			}
			break
		}
	}
	if err := errors.Join(small.close(), large.close()); err != nil {
		t.Fatal(err)
	}

	// The lists are those that the terms of the entries make one by one (terms.each), which deltas go by.
	attrs := []AttrInfo{{Index: 0, Name: "cn", Words: true}, {Index: 1, Name: "mobile"}, {Index: 2, Name: "sn", Words: true}}
	want := map[string][]uint32{}
	tails := map[string]bool{}
	tight, loose := newGatherer(path), newGatherer(path)
	tight.words.limit, tight.numbers.limit, tight.tails.limit = 100_000, sortBlock, sortBlock
	ord, found := uint32(0), terms{version: name.Version, people: true}
	for n := range 6000 {
		ord += 1 + uint32(r.IntN(40))
		object := []string{"Contact", "Account", "contact"}[n%3]
		e := randomEntry(r, "Contact", n, 1)
		e.Object = object
		e.Attributes = []schema.Attribute{
			{Name: "cn", Values: []schema.Value{{Text: fmt.Sprintf("%s %s %d", pick(r, firstNames), pick(r, companies), r.IntN(300))}}},
			{Name: "sn", Values: []schema.Value{{Text: pick(r, lastNames)}, {Text: pick(r, companies)}}},
			{Name: "mobile", Values: []schema.Value{{Text: "1", Keys: []string{fmt.Sprint(10_000 + r.IntN(5000)), fmt.Sprintf("%045d", r.IntN(90)), "123456789012345"}}}},
		}
		data, err := appendEntry(nil, &e, newAttributes(nil, attrs))
		if err != nil {
			t.Fatal(err)
		}
		v, ok := openView(data, attrs)
		if !ok || !found.read(&v) {
			t.Fatal("an entry that can't be read")
		}
		if err := errors.Join(tight.add(ord, &v), loose.add(ord, &v)); err != nil {
			t.Fatal(err)
		}
		found.each(v.object, func(kind byte, term []byte) {
			key := string(append([]byte{kind}, term...))
			if l := want[key]; len(l) == 0 || l[len(l)-1] != ord {
				want[key] = append(l, ord)
			}
			if kind == kindWord {
				eachTail(term, func(tail []byte) { tails[string(tail)] = true })
			}
			_ = eachInside(kind, term, func(key []byte) error {
				tails[string(key)] = true
				return nil
			})
		})
	}
	if len(tight.words.runs) < 2 || len(tight.numbers.runs) < 1 || len(loose.words.runs) != 0 {
		t.Fatalf("%d, %d and %d blocks", len(tight.words.runs), len(tight.numbers.runs), len(loose.words.runs))
	}
	for what, g := range map[string]*gatherer{"tight": tight, "loose": loose} {
		got, ends := map[string][]uint32{}, map[string]bool{}
		last := ""
		next := func(key string) {
			if key <= last {
				t.Errorf("%s: key %q after %q", what, key, last)
			}
			last = key
		}
		if err := g.each(func(term []byte, parts []*postingList) error {
			next(string(term) + "\x00")
			got[string(term)] = joinParts(parts)
			return nil
		}, func(tail []byte) error {
			next(string(tail))
			ends[string(tail)] = true
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the lists differ", what)
		}
		if !reflect.DeepEqual(ends, tails) {
			t.Errorf("%s: the tails differ", what)
		}
		if err := g.close(); err != nil {
			t.Fatal(err)
		}
	}
	left, _ := filepath.Glob(path + "*")
	if len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestNumberProblems(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 1))
	s := openStore(t, Options{})
	problem := func(n int, value string) NumberProblem {
		return NumberProblem{Object: "Contact", ID: recordID("Contact", n), Attribute: "mobile", Value: value, Reason: "too short"}
	}
	l := begin(t, s, LoadPlan{Objects: []string{"Contact"}})
	put(t, l, "Contact", Checkpoint{}, randomEntry(r, "Contact", 1, 1), randomEntry(r, "Contact", 2, 1))
	for range 2 { // a page that is put again reports again
		if err := l.Report([]NumberProblem{problem(1, "1"), problem(1, "2"), problem(2, "3")}); err != nil {
			t.Fatal(err)
		}
	}
	commit(t, l)
	check := func(want ...string) {
		t.Helper()
		rd, err := s.Reader()
		if err != nil {
			t.Fatal(err)
		}
		defer rd.Release()
		var got []string
		if err := rd.NumberProblems(func(p NumberProblem) bool {
			got = append(got, p.Value)
			return true
		}); err != nil {
			t.Fatal(err)
		}
		if strings.Join(got, " ") != strings.Join(want, " ") || rd.NumberProblemCount() != len(want) {
			t.Errorf("got %v and %d, want %v", got, rd.NumberProblemCount(), want)
		}
	}
	check("1", "2", "3")
	apply := func(b Batch) {
		t.Helper()
		b.Object = "Contact"
		if _, err := s.Apply(b); err != nil {
			t.Fatal(err)
		}
	}
	apply(Batch{Upserts: []schema.Entry{randomEntry(r, "Contact", 1, 2)}, Problems: []NumberProblem{problem(1, "4")}})
	check("4", "3")
	apply(Batch{Upserts: []schema.Entry{randomEntry(r, "Contact", 1, 1)}, Problems: []NumberProblem{problem(1, "stale")}})
	check("4", "3")
	apply(Batch{Upserts: []schema.Entry{randomEntry(r, "Contact", 1, 3)}})
	check("3")
	apply(Batch{Deletes: []string{recordID("Contact", 2)}})
	check()
}

func TestNumberProblemsAreBounded(t *testing.T) {
	t.Parallel()
	s := openStore(t, Options{})
	l := begin(t, s, LoadPlan{Objects: []string{"Contact"}})
	var list []NumberProblem
	for i := range maxProblems + 5 {
		list = append(list, NumberProblem{ID: recordID("Contact", i)})
	}
	if err := l.Report(list); err != nil {
		t.Fatal(err)
	}
	commit(t, l)
	rd := reader(t, s)
	n := 0
	if err := rd.NumberProblems(func(NumberProblem) bool { n++; return true }); err != nil {
		t.Fatal(err)
	}
	if n != maxProblems || rd.NumberProblemCount() != maxProblems+5 {
		t.Errorf("%d stored of %d", n, rd.NumberProblemCount())
	}
}

// TestLoadingIsTold: whoever makes room for a load learns of its beginning and of its end, however that comes.
func TestLoadingIsTold(t *testing.T) {
	t.Parallel()
	began, ended := 0, 0
	s, err := Open(filepath.Join(t.TempDir(), "s"), Options{Loading: func() func() {
		began++
		return func() { ended++ }
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i, end := range []func(*Load) error{
		(*Load).Close,
		(*Load).Discard,
		func(l *Load) error {
			_, err := l.Commit(t.Context(), nil)
			return err
		},
	} {
		l, err := s.BeginLoad(LoadPlan{Objects: []string{"Contact"}})
		if err != nil {
			t.Fatal(err)
		}
		if began != i+1 || ended != i {
			t.Errorf("load %d: %d began, %d ended", i, began, ended)
		}
		if err := end(l); err != nil {
			t.Fatal(err)
		}
		_ = l.Close()
		if ended != i+1 {
			t.Errorf("load %d: %d ended", i, ended)
		}
	}
}

// TestInverterCannotWrite: that a block could not be written is told, at the latest when the next one or the last is complete.
func TestInverterCannotWrite(t *testing.T) {
	t.Parallel()
	for _, blocks := range []int{1, 2, 5} {
		v := newInverter(filepath.Join(t.TempDir(), "missing", "s"))
		v.limit = 1
		var err error
		for ord := uint32(1); err == nil && ord <= uint32(blocks)+1; ord++ {
			if err = v.entry(ord, []byte("Contact")); err == nil {
				v.word(v.words.number([]byte("word")))
			}
		}
		if err == nil {
			err = v.finish()
		}
		if err == nil {
			t.Errorf("%d blocks: no error", blocks)
		}
		if err := v.close(); err != nil {
			t.Errorf("%d blocks: %v a second time", blocks, err)
		}
	}
}
