package directory

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
	"ringdex/replicator/store"
	"ringdex/schema"
	"ringdex/schema/name"
)

// reply is the answer to a search with controls.
type reply struct {
	list     []answered
	dns      []string
	code     protocol.ResultCode
	controls []protocol.Control
}

func (r *reply) paged(t testing.TB) protocol.PagedResults {
	t.Helper()
	c := protocol.FindControl(r.controls, protocol.OIDPagedResults)
	if c == nil {
		t.Fatal("no paged results control in the response")
	}
	p, err := protocol.DecodePagedResults(c.Value)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (r *reply) sorted(t testing.TB) protocol.SortResponse {
	t.Helper()
	c := protocol.FindControl(r.controls, protocol.OIDSortResponse)
	if c == nil {
		t.Fatal("no sort control in the response")
	}
	p, err := protocol.DecodeSortResponse(c.Value)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (r *reply) window(t testing.TB) protocol.VLVResponse {
	t.Helper()
	c := protocol.FindControl(r.controls, protocol.OIDVLVResponse)
	if c == nil {
		t.Fatal("no virtual list view control in the response")
	}
	p, err := protocol.DecodeVLVResponse(c.Value)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// askWith runs a search with controls.
func askWith(t testing.TB, s *Session, r *protocol.SearchRequest, controls ...protocol.Control) *reply {
	t.Helper()
	var out bytes.Buffer
	w := ldapserver.NewResultWriter(&out, 7)
	err := s.Search(context.Background(), controlled(r, controls), controls, w)
	if flushed := w.Flush(); flushed != nil {
		t.Fatal(flushed)
	}
	answer := &reply{controls: w.Controls()}
	var e *protocol.Error
	switch {
	case errors.As(err, &e):
		answer.code = e.Code
	case err != nil:
		t.Fatalf("search: %v", err)
	}
	answer.list = decodeEntries(t, &out)
	for _, e := range answer.list {
		answer.dns = append(answer.dns, e.dn)
	}
	return answer
}

func pagedControl(size int, cookie []byte) protocol.Control {
	return protocol.NewControl(protocol.OIDPagedResults, protocol.AppendPagedResults(nil, protocol.PagedResults{Size: size, Cookie: cookie}))
}

// sortControl has keys like "sn", "-sn", "sn:caseIgnoreOrderingMatch".
func sortControl(keys ...string) protocol.Control {
	var list []protocol.SortKey
	for _, k := range keys {
		var key protocol.SortKey
		k, key.Reverse = strings.CutPrefix(k, "-")
		attribute, rule, _ := strings.Cut(k, ":")
		key.Attribute, key.Rule = []byte(attribute), []byte(rule)
		list = append(list, key)
	}
	return protocol.NewControl(protocol.OIDSortRequest, protocol.AppendSortRequest(nil, list))
}

func windowControl(v protocol.VLVRequest) protocol.Control {
	return protocol.NewControl(protocol.OIDVLVRequest, protocol.AppendVLVRequest(nil, v))
}

func critical(c protocol.Control) protocol.Control {
	c.Critical = true
	return c
}

// allPages asks for page after page. between is called before each further one.
func allPages(t testing.TB, s *Session, r *protocol.SearchRequest, size int, between func(page int), more ...protocol.Control) (list []answered, pages int) {
	t.Helper()
	var cookie []byte
	for {
		answer := askWith(t, s, r, append(slices.Clone(more), pagedControl(size, cookie))...)
		if answer.code != protocol.Success {
			t.Fatalf("page %d: %v", pages, answer.code)
		}
		if len(answer.list) > size {
			t.Fatalf("%d entries on a page of %d", len(answer.list), size)
		}
		list = append(list, answer.list...)
		pages++
		if cookie = answer.paged(t).Cookie; len(cookie) == 0 {
			return list, pages
		}
		if len(answer.list) < size {
			t.Fatalf("page %d of %d entries has %d, and is not the last", pages, size, len(answer.list))
		}
		if between != nil {
			between(pages)
		}
	}
}

// directoryOrder is every entry of a directory, with all attributes, in list order.
func directoryOrder(t testing.TB, s *Session) []answered {
	t.Helper()
	list, code := ask(t, s, requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(&)", "*", "+"))
	if code != protocol.Success {
		t.Fatal(code)
	}
	return list
}

// sortedBy is the order that keys ask for, worked out from the values that are shown.
func sortedBy(t testing.TB, d *Directory, list []answered, keys ...string) []answered {
	t.Helper()
	out := slices.Clone(list)
	for _, k := range slices.Backward(keys) {
		k, reverse := strings.CutPrefix(k, "-")
		k, _, _ = strings.Cut(k, ":")
		super, ok := d.schema.Attribute(k)
		if !ok {
			t.Fatalf("no attribute %s", k)
		}
		keyOf := func(e *answered) string {
			least := "\xff"
			for _, a := range e.attributes {
				at, ok := d.schema.Attribute(a.name)
				if !ok || !d.isBelow(at, super) {
					continue
				}
				for _, v := range a.values {
					folded := name.Fold(v)
					if at.Syntax == schema.Integer {
						folded = fmt.Sprintf("%020s", v)
					}
					least = min(least, folded[:min(len(folded), 64)])
				}
			}
			return least
		}
		slices.SortStableFunc(out, func(a, b answered) int {
			c := strings.Compare(keyOf(&a), keyOf(&b))
			if reverse {
				return -c
			}
			return c
		})
	}
	return out
}

func dnsOf(list []answered) (dns []string) {
	for _, e := range list {
		dns = append(dns, e.dn)
	}
	return dns
}

// among keeps what has one of the DNs.
func among(list []answered, dns []string) []answered {
	return slices.DeleteFunc(slices.Clone(list), func(e answered) bool { return !slices.Contains(dns, e.dn) })
}

var sortings = [][]string{
	{"cn"},
	{"-cn"},
	{"displayName"},
	{"sn"},
	{"-sn"},
	{"givenName"},
	{"o"},
	{"-o"},
	{"sn", "givenName"},
	{"sn", "-givenName", "telephoneNumber"},
	{"-o", "sn"},
	{"displayName", "sn"},
	{"mail"},
	{"-telephoneNumber"},
	{"title", "cn"},
	{"name"},
	{"modifyTimestamp"},
	{"-entryUUID"},
	{"numSubordinates"},
	{"sn:caseIgnoreOrderingMatch"},
	{"2.5.4.4:2.5.13.3"},
	{"ou", "surname"},
	{"uid"},
}

// Sorted, paged and windowed answers hold what the plain one does, in the order that was asked for.
func TestControlsOnRandomDirectories(t *testing.T) {
	t.Parallel()
	rounds, questions := 6, 60
	if testing.Short() {
		rounds = 2
	}
	for seed := range rounds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(uint64(seed), 99))
			entries := randomEntries(t, rnd, 30+rnd.IntN(400))
			natural := seed%2 == 0
			if natural {
				entries = namedByCN(entries)
			}
			d := directoryOf(t, entries, func(o *Options) { o.Answers = []int{-1, 0}[rnd.IntN(2)] })
			if seed%3 == 2 {
				spoilOrders(t, d)
			}
			s := sessionOf(d)
			all := directoryOrder(t, s)
			for i := range questions {
				if i%20 == 19 {
					for _, object := range []string{"Contact", "Account"} {
						shuffleNames(t, rnd, d, entries, object)
					}
					all = directoryOrder(t, s)
				}
				askAllWays(t, rnd, s, all, entries)
			}
		})
	}
}

// namedByCN gives entries their cn as display name, which is what Salesforce's records have.
func namedByCN(list []schema.Entry) []schema.Entry {
	for i := range list {
		for j := range list[i].Attributes {
			if a := &list[i].Attributes[j]; a.Name == "displayName" {
				a.Values = list[i].Attributes[0].Values
			}
		}
	}
	return list
}

// shuffleNames gives some entries of an object the names of others.
func shuffleNames(t *testing.T, rnd *rand.Rand, d *Directory, entries []schema.Entry, object string) {
	t.Helper()
	b := store.Batch{Object: object}
	for i := range entries {
		e := &entries[i]
		if e.Object != object || rnd.IntN(8) > 0 {
			continue
		}
		e.Stamp = e.Stamp.AddDate(1, 0, 0)
		e.Attributes = entries[rnd.IntN(len(entries))].Attributes
		b.Upserts = append(b.Upserts, *e)
		if rnd.IntN(4) == 0 {
			b.Deletes = append(b.Deletes, e.ID)
		}
	}
	if _, err := d.options.Store.Apply(b); err != nil {
		t.Fatal(err)
	}
}

// spoilOrders makes the store's orders go: the first entry whose cn and display name differ ends those of a kind.
func spoilOrders(t *testing.T, d *Directory) {
	t.Helper()
	r, err := d.options.Store.Reader()
	if err != nil {
		t.Fatal(err)
	}
	ord, _ := r.Next(0)
	v, _ := r.View(ord)
	e := v.Entry()
	r.Release()
	e.Stamp = e.Stamp.AddDate(1, 0, 0)
	e.Attributes[0].Values = []schema.Value{{Text: "Someone else"}}
	if _, err := d.options.Store.Apply(store.Batch{Object: e.Object, Upserts: []schema.Entry{e}}); err != nil {
		t.Fatal(err)
	}
}

func askAllWays(t *testing.T, rnd *rand.Rand, s *Session, all []answered, entries []schema.Entry) {
	t.Helper()
	r := requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(&)", "1.1")
	switch rnd.IntN(6) {
	case 0:
	case 2, 3:
		r.Filter = listFilter(rnd, entries)
	case 1:
		r.Filter = filterOf(t, []string{"(objectClass=person)", "(objectClass=*)", "(|(sn=*)(objectClass=top))", "(sn=m*)", "(o=*)"}[rnd.IntN(5)])
	default:
		r.Filter = randomFilter(rnd, entries, 3)
	}
	r.Base = []byte([]string{"", "dc=ringdex", "dc=ringdex", "ou=Contact,dc=ringdex", "ou=account, dc=RINGDEX"}[rnd.IntN(5)])
	r.Scope = []protocol.Scope{protocol.WholeSubtree, protocol.WholeSubtree, protocol.SingleLevel}[rnd.IntN(3)]
	plain := askWith(t, s, r)
	if plain.code != protocol.Success {
		t.Fatalf("%s: %v", r.Filter, plain.code)
	}
	where := fmt.Sprintf("%q %v %s", r.Base, r.Scope, r.Filter)
	size := 1 + rnd.IntN(40)
	pages, _ := allPages(t, s, r, size, nil)
	got, want := dnsOf(pages), dnsOf(among(all, plain.dns))
	if len(got) <= size {
		want = plain.dns // a number's hits, best first
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%s: pages of %d:\n got %q\nwant %q", where, size, got, want)
	}
	keys := sortings[rnd.IntN(len(sortings))]
	want = dnsOf(sortedBy(t, s.dir, among(all, plain.dns), keys...))
	answer := askWith(t, s, r, sortControl(keys...))
	if !slices.Equal(answer.dns, want) || answer.code != protocol.Success || answer.sorted(t).Code != protocol.Success {
		t.Fatalf("%s: sorted by %q: %v\n got %q\nwant %q", where, keys, answer.code, answer.dns, want)
	}
	limited := *r
	limited.SizeLimit = 1 + rnd.IntN(len(want)+1)
	answer = askWith(t, s, &limited, sortControl(keys...))
	cut := protocol.Success
	if limited.SizeLimit < len(want) {
		cut = protocol.SizeLimitExceeded
	}
	if n := min(limited.SizeLimit, len(want)); !slices.Equal(answer.dns, want[:n]) || answer.code != cut {
		t.Fatalf("%s: the first %d sorted by %q: %v\n got %q\nwant %q", where, n, keys, answer.code, answer.dns, want[:n])
	}
	pages, _ = allPages(t, s, r, size, nil, sortControl(keys...))
	if got := dnsOf(pages); !slices.Equal(got, want) {
		t.Fatalf("%s: pages of %d sorted by %q:\n got %q\nwant %q", where, size, keys, got, want)
	}
	for range 3 {
		askWindow(t, rnd, s, r, among(all, plain.dns), want, keys)
	}
}

func askWindow(t *testing.T, rnd *rand.Rand, s *Session, r *protocol.SearchRequest, matches []answered, want, keys []string) {
	t.Helper()
	v := protocol.VLVRequest{Before: rnd.IntN(10), After: rnd.IntN(10), Offset: 1 + rnd.IntN(len(want)+1)}
	target := v.Offset - 1
	if rnd.IntN(2) == 0 && keys[0] != "numSubordinates" {
		v.ByValue, v.Value = true, []byte([]string{"m", "Müller", "z", "", "Gross", "an", "+49"}[rnd.IntN(7)])
		// The first whose key isn't before the value's: where an entry with that value alone would be put.
		one := answered{dn: "target", attributes: []answeredAttribute{{name: firstAttribute(t, s.dir, keys[0]), values: []string{string(v.Value)}}}}
		sorted := dnsOf(sortedBy(t, s.dir, append([]answered{one}, matches...), keys[0]))
		target = slices.Index(sorted, "target")
	}
	answer := askWith(t, s, r, sortControl(keys...), windowControl(v))
	where := fmt.Sprintf("%q %v %s by %q, window %+v", r.Base, r.Scope, r.Filter, keys, v)
	if target >= len(want) && !v.ByValue && len(want) > 0 {
		if answer.code != protocol.VirtualListViewError || answer.window(t).Code != protocol.OffsetRangeError {
			t.Fatalf("%s: %v", where, answer.code)
		}
		return
	}
	got := answer.window(t)
	position := target + 1
	if len(want) == 0 {
		position = 0
	}
	if answer.code != protocol.Success || got.Code != protocol.Success || got.Count != len(want) || got.Position != position || len(got.ContextID) == 0 {
		t.Fatalf("%s: %v, %+v, want position %d of %d", where, answer.code, got, position, len(want))
	}
	if list := want[max(0, min(len(want), target-v.Before)):min(len(want), target+v.After+1)]; !slices.Equal(answer.dns, list) {
		t.Fatalf("%s:\n got %q\nwant %q", where, answer.dns, list)
	}
}

func firstAttribute(t *testing.T, d *Directory, key string) string {
	t.Helper()
	key, _, _ = strings.Cut(strings.TrimPrefix(key, "-"), ":")
	a, ok := d.schema.Attribute(key)
	if !ok {
		t.Fatalf("no attribute %s", key)
	}
	return a.Name
}
