package directory

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
	"ringdex/replicator/store"
	"ringdex/schema"
)

// changing is a directory of n contacts and a function that changes the last of them, as a delta does.
func changing(t *testing.T, n int) (d *Directory, change func() error) {
	t.Helper()
	d = crowd(t, n)
	moved := newRecord(t, d.schema, d.parser, "Contact", n+1).add("cn", "zz").add("sn", "zz").entry
	return d, func() error {
		moved.Stamp = moved.Stamp.Add(time.Second)
		_, err := d.options.Store.Apply(store.Batch{Object: "Contact", Upserts: []schema.Entry{moved}})
		return err
	}
}

// TestNobodyWaitsWithASnapshot: while a search waits for its turn, what it saw may go. It goes on where nothing has come.
func TestNobodyWaitsWithASnapshot(t *testing.T) {
	t.Parallel()
	d, change := changing(t, 50)
	s := sessionOf(d)
	q, err := s.begin(requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(cn=*)"), 0, ldapserver.NewResultWriter(io.Discard, 1))
	if err != nil {
		t.Fatal(err)
	}
	defer q.release()
	settled := 0
	q.settle = func() { settled++ }
	total := q.r.Total()
	if err := q.wait(func() error { return nil }); err != nil || q.r == nil || q.r.Total() != total {
		t.Fatalf("nothing has come: got %v", err)
	}
	gone := errors.New("gone")
	if err := q.wait(func() error { return gone }); err != gone || q.r == nil {
		t.Fatalf("the search is over: got %v", err)
	}
	if err := q.wait(change); err != errMoved || q.r != nil || !q.holds || settled != 3 {
		t.Fatalf("something has come: got %v, settled %d times", err, settled)
	}
	if q.r, err = s.snapshot(); err != nil {
		t.Fatal(err)
	}
	if err := q.wait(change); err != nil || q.r.Total() != total+1 {
		t.Errorf("the second time: got %v and %d entries, want %d", err, q.r.Total(), total+1)
	}
}

// TestAnswersWhileReplicating sorts and scrolls while delta follows delta, so that snapshots go while searches wait: every
// answer is whole and in order.
func TestAnswersWhileReplicating(t *testing.T) {
	t.Parallel()
	const entries = 10_000
	d, change := changing(t, entries)
	if err := change(); err != nil {
		t.Fatal(err)
	}
	o := d.options
	o.Answers, o.Profiles = -1, []Profile{{Name: "sorted", Sort: []string{"telephoneNumber"}}}
	d, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	s := sessionOf(d)
	const filter = "(&(objectClass=person)(!(cn=*x*x*)))"
	window := windowControl(protocol.VLVRequest{Offset: 1, After: 1 << 20})
	for name, c := range map[string]struct {
		base     string
		controls []protocol.Control
	}{
		"sorted in memory": {"dc=ringdex", []protocol.Control{sortControl("entryUUID")}},
		"by an index":      {"dc=ringdex", []protocol.Control{sortControl("-sn")}},
		"a window":         {"dc=ringdex", []protocol.Control{sortControl("entryUUID"), window}},
		"pages":            {"dc=ringdex", []protocol.Control{pagedControl(1<<20, nil)}},
		// A plain search that a profile sorts: it waits as the others do.
		"a profile's order": {"ou=sorted,dc=ringdex", nil},
	} {
		request := requestOf(t, c.base, protocol.WholeSubtree, filter, "1.1")
		still := askWith(t, s, request, c.controls...)
		if len(still.list) < entries/4 {
			t.Fatalf("%s: only %d entries, %v", name, len(still.list), still.code)
		}
		moved := 0
		whileChanging(t, change, func() {
			for end := time.Now().Add(20 * time.Second); moved < 2 && time.Now().Before(end); {
				var out bytes.Buffer
				w := ldapserver.NewResultWriter(&out, 7)
				err := s.Search(t.Context(), request, c.controls, w)
				if err == nil {
					err = w.Flush()
				}
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				var got []string
				for _, e := range decodeEntries(t, &out) {
					got = append(got, e.dn)
				}
				if !slices.Equal(got, still.dns) {
					t.Fatalf("%s: got %d entries, want the same %d", name, len(got), len(still.dns))
				}
				if s.search.holds {
					moved++
				}
			}
		})
		t.Logf("%s: %d answers whose snapshot went", name, moved)
		if moved == 0 {
			t.Errorf("%s: no snapshot went; this shows nothing", name)
		}
	}
}

// whileChanging makes change after change until something is done, or has failed.
func whileChanging(t *testing.T, change func() error, something func()) {
	t.Helper()
	stop, stopped := make(chan struct{}), make(chan error, 1)
	go func() {
		var err error
		for err == nil {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
				err = change()
			}
		}
		stopped <- fmt.Errorf("change: %w", err)
	}()
	defer func() {
		close(stop)
		if err := <-stopped; err != nil {
			t.Error(err)
		}
	}()
	something()
}
