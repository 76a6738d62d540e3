package main

import (
	"bufio"
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"ringdex/ldapserver/protocol"
)

func prepared(t *testing.T, mix, keys string, fresh bool, canned int) request {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, keyFile(mix)+".keys"), []byte(keys), 0o600); err != nil {
		t.Fatal(err)
	}
	_, requests, err := prepare(mix, dir, "dc=ringdex", fresh, canned)
	if err != nil {
		t.Fatal(err)
	}
	return requests[0]
}

func decoded(t *testing.T, octets []byte) *protocol.Message {
	t.Helper()
	m, err := new(protocol.Decoder).Decode(octets)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A fresh request is the plain one but for its time limit, which is another one each time.
func TestFreshRequests(t *testing.T) {
	t.Parallel()
	for _, mix := range []string{"exact", "caller", "suffix", "typeahead", "sort", "vlv"} {
		r := prepared(t, mix, "abc\t1\n", true, -1)
		first := decoded(t, r.appendTo(nil, 7, 1))
		second := decoded(t, r.appendTo(nil, 7, 2))
		if first.ID != 7 || first.Search.TimeLimit == second.Search.TimeLimit || first.Search.TimeLimit < freshLimit {
			t.Errorf("%s: id %d, time limits %d and %d", mix, first.ID, first.Search.TimeLimit, second.Search.TimeLimit)
		}
		again := prepared(t, mix, "abc\t1\n", false, -1)
		plain := decoded(t, again.appendTo(nil, 7, 1))
		first.Search.TimeLimit, first.Search.Octets, plain.Search.Octets = 0, nil, nil
		if !reflect.DeepEqual(first.Search, plain.Search) {
			t.Errorf("%s: fresh %+v, plain %+v", mix, first.Search, plain.Search)
		}
	}
}

// The canned server is told how many entries to send by the time limit, also in a fresh request.
func TestCannedRequests(t *testing.T) {
	t.Parallel()
	for _, fresh := range []bool{false, true} {
		for _, entries := range []int{0, 1, 50, 110_000} {
			r := prepared(t, "exact", "+4930123456\t1\n", fresh, entries)
			m, err := readCanned(bufio.NewReader(bytes.NewReader(r.appendTo(nil, 9, 5))))
			if err != nil || m.id != 9 || m.entries != entries {
				t.Errorf("fresh %v, %d entries: the canned server understands %+v, %v", fresh, entries, m, err)
			}
		}
	}
}

func TestCookieIsPutIn(t *testing.T) {
	t.Parallel()
	r := prepared(t, "paged", "everybody\t3\n", false, -1)
	m := decoded(t, withCookie(r.octets, []byte("next")))
	if len(m.Controls) != 1 || string(m.Controls[0].OID) != protocol.OIDPagedResults || !bytes.HasSuffix(m.Controls[0].Value, []byte("next")) {
		t.Errorf("controls %+v", m.Controls)
	}
}

func entryOf(t *testing.T, attributes ...string) *person {
	t.Helper()
	var e protocol.EntryEncoder
	e.BeginEntry(nil, 3, []byte("uid=1,dc=ringdex"))
	for i := 0; i < len(attributes); i += 2 {
		e.AppendAttribute(attributes[i], []byte(attributes[i+1]))
	}
	p := new(person)
	if err := p.decode(e.EndEntry(nil)); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestCounts(t *testing.T) {
	t.Parallel()
	const a, b = "+49301234567", "+49301234568"
	n := countsOf([]string{a, b}, rand.New(rand.NewPCG(1, 1)))
	n.add(entryOf(t, "telephoneNumber", a, "mobile", a)) // once for each way to ask
	n.add(entryOf(t, "homePhone", a))
	n.add(entryOf(t, "telephoneNumber", "+43991234567"))
	for what, got := range map[string][2]int{
		"office": {n.office[a], 1}, "any": {n.any[a], 2}, "ends": {n.ends["1234567"], 2}, "nobody's": {n.any[b], 0},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %d, want %d", what, got[0], got[1])
		}
	}
}

func TestSampleIsEven(t *testing.T) {
	t.Parallel()
	s := sample{rnd: rand.New(rand.NewPCG(1, 1))}
	const offered = 4 * keysPerMix
	for i := range offered {
		s.offer(string(rune('a' + i*4/offered)))
	}
	quarters := map[string]int{}
	for _, v := range s.kept {
		quarters[v]++
	}
	if len(s.kept) != keysPerMix || len(quarters) != 4 {
		t.Fatalf("%d kept, of %d quarters", len(s.kept), len(quarters))
	}
	for q, n := range quarters {
		if n < keysPerMix/4*9/10 || n > keysPerMix/4*11/10 {
			t.Errorf("%d of quarter %s", n, q)
		}
	}
}
