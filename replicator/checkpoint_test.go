package replicator

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"ringdex/soap"
	"ringdex/soap/emulator"
)

// A delta that breaks off begins the next time behind what it stored, and before what it did not: before the pages that did
// not come, and before a page with a deletion or a lost value on it, which are not stored until all pages were read.
func TestCheckpointCoversWhatIsStored(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(b *bench, id string) // of the first record
		behind bool                      // the first page is not read again
	}{
		{"edits", func(b *bench, id string) { b.upsert("Contact", emulator.Values{"Id": id, "LastName": "Erste"}) }, true},
		{"a deletion", func(b *bench, id string) { b.must(b.org.Delete("Contact", id)) }, false},
		{"a lost value", func(b *bench, id string) { b.upsert("Contact", emulator.Values{"Id": id, "Email": nil}) }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, emulator.Options{Generate: &emulator.Generate{Accounts: 5, Contacts: 450, Seed: 7}})
			ids := b.org.IDs("Contact")
			for i, id := range ids {
				b.upsert("Contact", emulator.Values{"Id": id, "Email": fmt.Sprintf("p%d@example.org", i)})
			}
			b.org.Advance(time.Hour)
			b.mustRun(RunOptions{})
			b.org.Advance(time.Hour)
			test.change(b, ids[0])
			const changed = 420
			for i, id := range ids[1:changed] {
				b.org.Advance(10 * time.Second)
				b.upsert("Contact", emulator.Values{"Id": id, "LastName": fmt.Sprint("Neu ", i)})
			}
			b.org.Advance(time.Hour)
			b.fault("queryMore:*:fault=INVALID_TYPE")
			if _, err := b.run(RunOptions{Kind: Delta}, pageSize(200)); err == nil {
				t.Fatal("the run should fail")
			}
			b.org.ClearFaults()
			b.reopen()
			o := b.mustRun(RunOptions{Kind: Delta}, pageSize(200)).Objects[1]
			if behind := o.Rows < changed-100; behind != test.behind {
				t.Errorf("%d of %d rows came again", o.Rows, changed)
			}
			sameDump(t, dump(t, b.store), b.copyOf())
		})
	}
}

// An error in the middle of a delta is not its end: the run fails, whatever the error is, and the next one brings the rest.
func TestErrorIsNotTheEnd(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{
		"queryAll:2:fault=INVALID_FIELD", "queryMore:1:fault=MALFORMED_QUERY", "queryMore:1-:http=404", "query:*:fault=QUERY_TIMEOUT",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, emulator.Options{Generate: &emulator.Generate{Accounts: 5, Contacts: 450, Seed: 7}})
			b.mustRun(RunOptions{})
			b.org.Advance(time.Hour)
			for i, id := range b.org.IDs("Contact")[:420] {
				b.upsert("Contact", emulator.Values{"Id": id, "LastName": fmt.Sprint("Neu ", i)})
			}
			b.upsert("Account", emulator.Values{"Id": b.org.IDs("Account")[0], "Name": "Umbenannt GmbH"})
			b.org.Advance(time.Hour)
			b.fault(fault)
			if result, err := b.run(RunOptions{Kind: Delta}, pageSize(200)); err == nil {
				t.Fatalf("the run should fail: %+v", result.Objects)
			}
			b.org.ClearFaults()
			b.mustRun(RunOptions{Kind: Delta}, pageSize(200))
			sameDump(t, dump(t, b.store), b.copyOf())
		})
	}
}

// atQueryMore does something before the first request for a further page.
type atQueryMore struct{ do func() }

func (a *atQueryMore) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	if a.do != nil && bytes.Contains(body, []byte("queryMore")) {
		a.do()
		a.do = nil
	}
	return http.DefaultTransport.RoundTrip(r)
}

// What changes while a full run works, behind the place where it is, comes with the next delta: that begins at the run's
// beginning, also where the run was broken off and gone on with later.
func TestChangesDuringAFullRun(t *testing.T) {
	t.Parallel()
	for _, broken := range []bool{false, true} {
		t.Run(fmt.Sprint("broken off ", broken), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, emulator.Options{Generate: &emulator.Generate{Accounts: 5, Contacts: 450, Seed: 7}})
			ids := b.org.IDs("Contact")
			transport := &atQueryMore{do: func() {
				b.org.Advance(time.Hour)
				b.upsert("Contact", emulator.Values{"Id": ids[0], "LastName": "Erste"})
				b.must(b.org.Delete("Contact", ids[1]))
				b.org.Advance(time.Hour)
				b.upsert("Contact", emulator.Values{"Id": ids[449], "LastName": "Letzte"})
				b.org.Advance(time.Minute)
				if broken {
					b.fault("queryMore:1:fault=INVALID_TYPE")
				}
			}}
			client := b.client(func(o *soap.Options) { o.Transport = transport })
			_, err := b.run(RunOptions{}, pageSize(200), func(o *Options) { o.Client = client })
			switch {
			case broken != (err != nil):
				t.Fatalf("error %v", err)
			case broken:
				b.org.ClearFaults()
				b.reopen()
				b.org.Advance(time.Hour)
				b.mustRun(RunOptions{}, pageSize(200))
			}
			if transport.do != nil {
				t.Fatal("nothing was changed")
			}
			b.mustRun(RunOptions{Kind: Delta})
			sameDump(t, dump(t, b.store), b.copyOf())
		})
	}
}
