package replicator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringdex/replicator/store"
	"ringdex/schema"
	"ringdex/schema/phone"
	"ringdex/soap"
	"ringdex/soap/emulator"
)

// bench is an emulated org with a store beside it.
type bench struct {
	t      testing.TB
	server *emulator.Server
	org    *emulator.Org
	store  *store.Store
	path   string
	waits  []time.Duration
}

func newBench(t testing.TB, o emulator.Options) *bench {
	t.Helper()
	server, err := emulator.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	b := &bench{t: t, server: server, org: server.Org(), path: filepath.Join(t.TempDir(), "ringdex.db")}
	b.open()
	t.Cleanup(func() { b.store.Close() })
	return b
}

func (b *bench) open() {
	b.t.Helper()
	s, err := store.Open(b.path, store.Options{})
	if err != nil {
		b.t.Fatal(err)
	}
	b.store = s
}

// reopen is a restart of the process.
func (b *bench) reopen() {
	b.t.Helper()
	if err := b.store.Close(); err != nil {
		b.t.Fatal(err)
	}
	b.open()
}

func (b *bench) client(change ...func(*soap.Options)) *soap.Client {
	b.t.Helper()
	return b.clientAt(b.server.URL(), change...)
}

func (b *bench) clientAt(url string, change ...func(*soap.Options)) *soap.Client {
	b.t.Helper()
	o := soap.Options{
		URL: url, AllowedHosts: []string{"127.0.0.1"},
		Auth: &soap.SOAPLogin{Username: "integration@example.com", Password: soap.NewSecret("emulator"), Token: soap.NewSecret("TOKEN")},
	}
	for _, f := range change {
		f(&o)
	}
	c, err := soap.New(o)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(c.Close)
	return c
}

func mapping(t testing.TB, object string) schema.Mapping {
	t.Helper()
	m, ok := schema.DefaultMapping(object)
	if !ok {
		t.Fatalf("no mapping of %s", object)
	}
	return m
}

// options of a replicator of accounts and contacts that never really sleeps.
func (b *bench) options(change ...func(*Options)) Options {
	b.t.Helper()
	return b.optionsAt(b.server.URL(), change...)
}

func (b *bench) optionsAt(url string, change ...func(*Options)) Options {
	b.t.Helper()
	s, err := schema.New()
	if err != nil {
		b.t.Fatal(err)
	}
	parser, err := phone.NewParser(phone.Location{Country: "DE", Area: "30"})
	if err != nil {
		b.t.Fatal(err)
	}
	o := Options{
		Client: b.clientAt(url), Store: b.store, Schema: s, Parser: parser,
		Mappings: []schema.Mapping{mapping(b.t, "Account"), mapping(b.t, "Contact")},
		Retry: Retry{
			Random: func() float64 { return 0.5 },
			Sleep: func(ctx context.Context, d time.Duration) error {
				b.waits = append(b.waits, d)
				return ctx.Err()
			},
		},
	}
	for _, f := range change {
		f(&o)
	}
	return o
}

func (b *bench) replicator(change ...func(*Options)) *Replicator {
	b.t.Helper()
	r, err := New(b.options(change...))
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

func (b *bench) run(o RunOptions, change ...func(*Options)) (Result, error) {
	b.t.Helper()
	return b.replicator(change...).Run(context.Background(), o)
}

func (b *bench) mustRun(o RunOptions, change ...func(*Options)) Result {
	b.t.Helper()
	result, err := b.run(o, change...)
	if err != nil {
		b.t.Fatalf("%s run: %v", o.Kind, err)
	}
	return result
}

// dump is what a store serves, by Id.
func dump(t testing.TB, s *store.Store) map[string]string {
	t.Helper()
	all := map[string]string{}
	r, err := s.Reader()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	for ordinal, ok := r.Next(0); ok; ordinal, ok = r.Next(ordinal + 1) {
		view, found := r.View(ordinal)
		if !found {
			t.Fatalf("no entry at %d", ordinal)
		}
		e := view.Entry()
		var text strings.Builder
		fmt.Fprintf(&text, "%s %s", e.Object, e.Stamp.UTC().Format(time.RFC3339))
		for _, a := range e.Attributes {
			for _, v := range a.Values {
				fmt.Fprintf(&text, "\n%s: %q %q %q", a.Name, v.Text, v.Original, v.Keys)
			}
		}
		all[e.ID] = text.String()
	}
	return all
}

// sameDump reports the first differences of two stores.
func sameDump(t testing.TB, got, want map[string]string) {
	t.Helper()
	reported := 0
	for id, text := range want {
		if got[id] != text && reported < 3 {
			reported++
			t.Errorf("%s:\ngot  %s\nwant %s", id, got[id], text)
		}
	}
	for id, text := range got {
		if _, ok := want[id]; !ok && reported < 3 {
			reported++
			t.Errorf("%s should not be there: %s", id, text)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d entries, want %d", len(got), len(want))
	}
}

// copyOf is what a first full copy of the org, made now, serves.
func (b *bench) copyOf(change ...func(*Options)) map[string]string {
	b.t.Helper()
	other := *b
	other.path = filepath.Join(b.t.TempDir(), "copy.db")
	other.open()
	defer other.store.Close()
	other.mustRun(RunOptions{}, change...)
	return dump(b.t, other.store)
}

// small is an org of some pages.
func small() emulator.Options {
	return emulator.Options{Generate: &emulator.Generate{Accounts: 60, Contacts: 1100, Seed: 7}}
}

func pageSize(n int) func(*Options) { return func(o *Options) { o.PageSize = n } }

func (b *bench) fault(specs ...string) {
	b.t.Helper()
	for _, spec := range specs {
		if err := b.org.AddFault(spec); err != nil {
			b.t.Fatal(err)
		}
	}
}

func (b *bench) upsert(object string, v emulator.Values) string {
	b.t.Helper()
	id, err := b.org.Upsert(object, v)
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

// plainReply sends a request that asks for no compression; the text is the body, which is read and closed.
func plainReply(q *http.Request) (reply *http.Response, text []byte, err error) {
	q = q.Clone(q.Context())
	q.Header.Del("Accept-Encoding")
	reply, err = (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(q)
	if err != nil {
		return nil, nil, err
	}
	text, err = io.ReadAll(reply.Body)
	if err := errors.Join(err, reply.Body.Close()); err != nil {
		return nil, nil, err
	}
	return reply, text, nil
}

// renaming is a transport that replaces a text in replies by another of the same length.
type renaming struct{ from, to string }

func (r *renaming) RoundTrip(q *http.Request) (*http.Response, error) {
	reply, text, err := plainReply(q)
	if err != nil {
		return nil, err
	}
	reply.Body = io.NopCloser(bytes.NewReader(bytes.ReplaceAll(text, []byte(r.from), []byte(r.to))))
	return reply, nil
}
