package directory

import (
	"context"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"

	"ringdex/ldapserver"
	"ringdex/ldapserver/ber"
	"ringdex/ldapserver/protocol"
)

// TestRepeatedOnTheWire asks a server that remembers the same thrice, under changing ids, with and without controls, and one that does not.
func TestRepeatedOnTheWire(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(8, 3))
	entries := randomEntries(t, rnd, 120)
	d := directoryOf(t, entries, nil)
	o := d.options
	o.Answers = -1
	forgets, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	var repeats atomic.Int64
	remembering := dialWire(t, listening(t, d, ldapserver.Options{Backend: countRepeats{d, &repeats}}, ldapserver.ListenerOptions{}))
	plain := dialWire(t, listening(t, forgets, ldapserver.Options{}, ldapserver.ListenerOptions{}))
	for range 200 {
		filter := "(|(cn=*)(telephoneNumber=*1))"
		if rnd.IntN(4) > 0 {
			filter = randomFilter(rnd, entries, 2).String()
		}
		r := &protocol.SearchRequest{Base: []byte("dc=ringdex"), Scope: protocol.WholeSubtree, SizeLimit: rnd.IntN(3) * 7, Attributes: [][]byte{[]byte("cn")}}
		var controls []protocol.Control
		switch rnd.IntN(4) {
		case 0:
			controls = append(controls, sortControl("-sn"))
		case 1:
			controls = append(controls, pagedControl(5, nil))
		}
		wanted, end := plain.ask(searchRequest(t, 1, r, filter, controls...))
		want := plain.entries(wanted)
		for range 3 {
			id := 1 + rnd.Int64N(1<<31-1)
			list, last := remembering.ask(searchRequest(t, id, r, filter, controls...))
			if got := remembering.entries(list); last.code != end.code || last.matched != end.matched || len(last.controls) != len(end.controls) || !reflect.DeepEqual(got, want) {
				t.Fatalf("%s with %v: %v and %d entries, want %v and %d", filter, controls, last.code, len(got), end.code, len(want))
			}
			for _, e := range append(list, last) {
				if int64(e.id) != id {
					t.Fatalf("%s: an answer to %d, want one to %d", filter, e.id, id)
				}
			}
		}
	}
	if n := repeats.Load(); n < 250 {
		t.Errorf("%d of 600 searches were answered undecoded", n)
	}
}

// countRepeats counts the searches that are answered undecoded.
type countRepeats struct {
	*Directory
	repeats *atomic.Int64
}

func (c countRepeats) NewSession(ctx context.Context, info ldapserver.ConnInfo) ldapserver.Session {
	return &repeatCounter{c.Directory.NewSession(ctx, info).(*Session), c.repeats}
}

type repeatCounter struct {
	*Session
	repeats *atomic.Int64
}

func (c *repeatCounter) Repeat(octets []byte, w *ldapserver.ResultWriter) (bool, error) {
	ok, err := c.Session.Repeat(octets, w)
	if ok {
		c.repeats.Add(1)
	}
	return ok, err
}

// TestNotRepeated: where the connection's state decides whether a search is answered, a remembered answer is not given without a look at it.
func TestNotRepeated(t *testing.T) {
	t.Parallel()
	d := directoryOf(t, invented(t), nil)
	config, _ := selfSigned(t)
	search := searchRequest(t, 9, &protocol.SearchRequest{Base: []byte("dc=ringdex"), Scope: protocol.WholeSubtree}, "(sn=Müller)", sortControl("sn"))
	open := dialWire(t, listening(t, d, ldapserver.Options{}, ldapserver.ListenerOptions{}))
	for range 3 {
		if list, end := open.ask(search); len(list) == 0 || end.code != protocol.Success {
			t.Fatalf("%d entries, %v", len(list), end.code)
		}
	}
	closed := dialWire(t, listening(t, d, ldapserver.Options{}, ldapserver.ListenerOptions{Mode: ldapserver.StartTLSRequired, TLS: config}))
	if list, end := closed.ask(search); len(list) > 0 || end.code != protocol.ConfidentialityRequired {
		t.Errorf("before StartTLS: %d entries, %v", len(list), end.code)
	}
	if _, end := open.ask(bindRequest(1, 2, "", "")); end.code != protocol.Success {
		t.Fatal(end.code)
	}
	if list, end := open.ask(search); len(list) > 0 || end.code != protocol.ProtocolError {
		t.Errorf("with a control in LDAPv2: %d entries, %v", len(list), end.code)
	}
	if _, end := open.ask(bindRequest(1, 3, "", "")); end.code != protocol.Success {
		t.Fatal(end.code)
	}
	abandon := request(2, protocol.OpAbandonRequest, []byte{9})
	after := request(3, protocol.OpExtendedRequest, ber.AppendString(nil, ber.Tag(0x80), protocol.OIDWhoAmI))
	if list, end := open.ask(slices.Concat(search, abandon, after)); len(list) > 0 || end.id != 3 {
		t.Errorf("abandoned: %d entries, then an answer to %d", len(list), end.id)
	}
	// Searches that are counted go through Search.
	counted := sessionOf(directoryOf(t, invented(t), func(o *Options) { o.Guests = Rights{SearchesPerSecond: 1000} }))
	req := withOctets(requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(sn=Müller)", "cn"))
	for range 3 {
		if _, code := ask(t, counted, req); code != protocol.Success || recall(counted, req) {
			t.Errorf("%v, or a search that was not counted", code)
		}
	}
}

// TestLongAnswersAreRememberedLater: what is short at once, what is long when it is asked for again.
func TestLongAnswersAreRememberedLater(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(9, 3))
	s := sessionOf(directoryOf(t, randomEntries(t, rnd, 120), nil))
	req := withOctets(requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(cn=*)", "cn"))
	for i := range 3 {
		if list, _ := ask(t, s, req); len(list) < 100 {
			t.Fatal(len(list))
		}
		if recall(s, req) != (i > 0) {
			t.Errorf("asked %d times", i+1)
		}
	}
}
