package directory

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
	"ringdex/schema/name"
)

// TestSortedLists holds what is sorted by the store's orders, by several keys, backwards, in pages and in windows, against a look at
// every entry, as it is asked for the first time and again, with deltas between.
func TestSortedLists(t *testing.T) {
	t.Parallel()
	rounds := 300
	if testing.Short() || raceDetector {
		rounds = 100
	}
	for i, by := range []name.Collation{name.Dictionary, name.PhoneBook} {
		t.Run(fmt.Sprint(by), func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(uint64(i), 31))
			entries := randomEntries(t, rnd, 700)
			d := directoryIn(t, entries, by, nil)
			d.listHead = 20
			s := sessionOf(d)
			kept := 0
			for n := range rounds {
				if n%25 == 24 {
					kept += len(d.lists.kept)
					shuffleNames(t, rnd, d, entries, "Contact")
				}
				holdSorted(t, rnd, s, listFilter(rnd, entries))
			}
			if kept < rounds/4 {
				t.Errorf("only %d lists were kept: they don't go the way that is to be tested", kept)
			}
		})
	}
}

// holdSorted asks for a filter in a random order.
func holdSorted(t *testing.T, rnd *rand.Rand, s *Session, f *protocol.Filter) {
	t.Helper()
	keys := []string{"sn", "givenName", "cn", "displayName", "o", "mail"}
	rnd.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	keys = keys[:1+rnd.IntN(4)]
	for i := range keys {
		if rnd.IntN(3) == 0 {
			keys[i] = "-" + keys[i]
		}
	}
	req := &protocol.SearchRequest{Base: []byte("dc=ringdex"), Scope: protocol.WholeSubtree, Filter: f, Attributes: [][]byte{[]byte("1.1")}}
	sort := sortControl(keys...)
	want := everySorted(t, s, req, sort)
	about := fmt.Sprintf("%s by %q", f, keys)
	for _, again := range []bool{false, true} {
		if list := askWith(t, s, req, sort); !slices.Equal(list.dns, want) {
			t.Fatalf("%s, again %v: got %q, want %q", about, again, list.dns, want)
		}
	}
	req.SizeLimit = 1 + rnd.IntN(300)
	cut := want[:min(len(want), req.SizeLimit)]
	if list := askWith(t, s, req, sort); !slices.Equal(list.dns, cut) || (list.code == protocol.SizeLimitExceeded) != (len(cut) < len(want)) {
		t.Fatalf("%s, at most %d: got %v %q, want %q", about, req.SizeLimit, list.code, list.dns, cut)
	}
	req.SizeLimit = 0
	pages, _ := allPages(t, s, req, 1+rnd.IntN(200), nil, sort)
	if got := dnsOf(pages); !slices.Equal(got, want) {
		t.Fatalf("%s, in pages: got %q, want %q", about, got, want)
	}
	if len(want) == 0 {
		return
	}
	at := rnd.IntN(len(want))
	v := protocol.VLVRequest{Offset: at + 1, Count: len(want), Before: rnd.IntN(20), After: rnd.IntN(60)}
	window := askWith(t, s, req, sort, windowControl(v))
	part := want[max(0, at-v.Before):min(len(want), at+v.After+1)]
	if got := window.window(t); got.Count != len(want) || got.Position != at+1 || !slices.Equal(window.dns, part) {
		t.Fatalf("%s, from %d: got %+v %q, want %d %q", about, at, got, window.dns, len(want), part)
	}
}

// everySorted is everyMatch in the order of a control.
func everySorted(t *testing.T, s *Session, req *protocol.SearchRequest, sort protocol.Control) []string {
	t.Helper()
	keys, err := protocol.DecodeSortRequest(nil, sort.Value, 10)
	if err != nil {
		t.Fatal(err)
	}
	s.refresh()
	q, err := s.begin(req, 0, ldapserver.NewResultWriter(io.Discard, 1))
	if err != nil {
		t.Fatal(err)
	}
	defer q.release()
	return q.everyMatch(q.ordering(&controls{sort: keys, sortAsked: true}))
}

// TestListsAreBounded: what is kept stays within its memory, the lists used last stay, and those of an older state go.
func TestListsAreBounded(t *testing.T) {
	t.Parallel()
	var l lists
	hot := []byte("hot")
	l.put(3, hot, make([]uint32, 100), 200)
	for i := range 400 {
		l.put(3, fmt.Append(nil, i), make([]uint32, 50_000), 50_000)
		if _, total, ok := l.find(3, hot); !ok || total != 200 {
			t.Fatalf("after %d lists: got %d %v", i, total, ok)
		}
		size := 0
		for _, k := range l.kept {
			size += k.cost()
		}
		if size != l.size || size > listOctets {
			t.Fatalf("after %d lists: %d octets, counted %d", i, size, l.size)
		}
	}
	if _, _, ok := l.find(3, []byte("399")); !ok || len(l.kept) < 50 {
		t.Errorf("%d lists are kept, the last one %v", len(l.kept), ok)
	}
	if _, _, ok := l.find(3, []byte("0")); ok {
		t.Error("the first one is still there")
	}
	l.put(3, []byte("huge"), make([]uint32, listOctets/4), 1)
	l.put(2, []byte("old"), nil, 0)
	if _, _, ok := l.find(4, hot); ok {
		t.Error("a list counts for another state")
	}
	l.put(4, []byte("new"), nil, 0)
	if len(l.kept) != 1 || l.size != l.kept["new"].cost() {
		t.Errorf("%d lists after a change, %d octets", len(l.kept), l.size)
	}
}
