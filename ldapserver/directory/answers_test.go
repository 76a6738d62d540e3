package directory

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"sync"
	"testing"
	"time"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
	"ringdex/replicator/store"
)

// withOctets gives a request octets that are equal for equal requests.
func withOctets(r *protocol.SearchRequest) *protocol.SearchRequest {
	r.Octets = fmt.Appendf(nil, "%s %d %d %d %v %q %s", r.Base, r.Scope, r.SizeLimit, r.TimeLimit, r.TypesOnly, r.Attributes, r.Filter)
	return r
}

// controlled is the request with octets, where it has some, that are those of one with these controls.
func controlled(r *protocol.SearchRequest, controls []protocol.Control) *protocol.SearchRequest {
	if r.Octets == nil || len(controls) == 0 {
		return r
	}
	same := *r
	same.Octets = fmt.Appendf(bytes.Clone(r.Octets), "%+v", controls)
	return &same
}

// TestRememberedAnswerIsTheAnswer holds the answers of a directory that remembers, asked three times, against those of one that
// does not, while the store changes.
func TestRememberedAnswerIsTheAnswer(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(4, 2))
	entries := randomEntries(t, rnd, 120)
	d := directoryOf(t, entries, func(o *Options) { o.Answers = 1 })
	o := d.options
	o.Answers = -1
	plain, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if plain.answers != nil {
		t.Fatal("answers are remembered although they should not be")
	}
	s, want := sessionOf(d), sessionOf(plain)
	found := 0
	for i := range 600 {
		req := withOctets(&protocol.SearchRequest{
			Base: []byte([]string{"dc=ringdex", "ou=Contact,dc=ringdex", "", "dc=nowhere"}[rnd.IntN(4)]), Scope: protocol.WholeSubtree,
			Filter: randomFilter(rnd, entries, 2), SizeLimit: rnd.IntN(3) * 7, TypesOnly: rnd.IntN(5) == 0,
			Attributes: [][][]byte{nil, {[]byte("cn")}, {[]byte("SN"), []byte("+")}}[rnd.IntN(3)],
		})
		wanted, code := ask(t, want, req)
		for range 3 {
			if got, gotCode := ask(t, s, req); gotCode != code || !reflect.DeepEqual(got, wanted) {
				t.Fatalf("%s: got %v and %d entries, want %v and %d", req.Filter, gotCode, len(got), code, len(wanted))
			}
		}
		found += len(wanted)
		if i%50 == 49 { // the same people under other names
			changed := randomEntries(t, rnd, 120)
			load(t, d.options.Store, changed)
			entries = changed
		}
	}
	if found == 0 {
		t.Error("nothing was ever found")
	}
}

// recall asks the cache alone.
func recall(s *Session, req *protocol.SearchRequest, controls ...protocol.Control) bool {
	var out bytes.Buffer
	ok, _ := s.Repeat(controlled(req, controls).Octets, ldapserver.NewResultWriter(&out, 1))
	return ok
}

func TestWhatIsRemembered(t *testing.T) {
	t.Parallel()
	hash, err := HashPassword("secret")
	if err != nil {
		t.Fatal(err)
	}
	d := directoryOf(t, invented(t), func(o *Options) {
		o.Users = map[string]User{"phone": {Hash: hash}}
		o.Profiles = []Profile{{Name: "people", HideCompanies: true, Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}}
	})
	s := sessionOf(d)
	req := withOctets(requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(sn=Müller)", "cn"))
	if recall(s, req) {
		t.Error("what was never asked is remembered")
	}
	if list, _ := ask(t, s, req); len(list) == 0 {
		t.Fatal("nothing found")
	}
	if !recall(s, req) || !recall(sessionOf(d), req) {
		t.Error("an answer is not remembered")
	}
	if recall(s, req, sortControl("sn")) {
		t.Error("an answer is remembered for a search with a control")
	}
	sorted := askWith(t, s, req, sortControl("sn"))
	if !recall(s, req, sortControl("sn")) || recall(s, req, sortControl("-sn")) || recall(s, req, critical(sortControl("sn"))) {
		t.Error("a sorted answer is remembered for its own control alone, or not at all")
	}
	if again := askWith(t, s, req, sortControl("sn")); !reflect.DeepEqual(again, sorted) || len(again.controls) != 1 {
		t.Errorf("remembered: %+v, want %+v", again, sorted)
	}
	if _ = askWith(t, s, req, pagedControl(1, nil)); recall(s, req, pagedControl(1, nil)) {
		t.Error("a page is remembered with its cookie")
	}
	asserted := protocol.NewControl(protocol.OIDAssertion, filterBytes(t, "(dc=ringdex)"))
	for range 2 { // the second time it is an answer that is remembered
		if same := askWith(t, s, req, asserted); same.code != protocol.Success || len(same.list) != 1 {
			t.Errorf("asserted: %v and %d entries", same.code, len(same.list))
		}
	}
	other := withOctets(requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(sn=Müller)", "sn"))
	if recall(s, other) {
		t.Error("an answer is remembered for other attributes")
	}
	bound := sessionOf(d)
	if err := bound.Bind(context.Background(), &protocol.BindRequest{Version: 3, Name: []byte("phone"), Simple: []byte("secret")}); err != nil {
		t.Fatal(err)
	}
	if recall(bound, req) {
		t.Error("what one user saw is remembered for another")
	}
	assigned := d.NewSession(context.Background(), ldapserver.ConnInfo{Remote: netip.MustParseAddrPort("192.0.2.7:5000")}).(*Session)
	if recall(assigned, req) {
		t.Error("what is seen without a profile is remembered for a client that has one")
	}
	stranger := sessionOf(d)
	stranger.anonymousOK = false
	if recall(stranger, req) {
		t.Error("an answer is remembered for somebody without access")
	}
	if _, code := ask(t, stranger, req); code != protocol.InsufficientAccessRights {
		t.Errorf("somebody without access got %v", code)
	}
	changed := invented(t)[2:3]
	changed[0].Stamp = changed[0].Stamp.Add(time.Hour)
	if _, err := d.options.Store.Apply(store.Batch{Object: "Contact", Upserts: changed}); err != nil {
		t.Fatal(err)
	}
	if recall(s, req) {
		t.Error("an answer is remembered after a change")
	}
}

// TestAnswersGiveWay stores far more than there is room for.
func TestAnswersGiveWay(t *testing.T) {
	t.Parallel()
	a := newAnswers(1)
	rnd := rand.New(rand.NewPCG(1, 1))
	answerOf := func(i int) []byte { // elements, as Replay wants them
		return append([]byte{0}, bytes.Repeat([]byte{0x64, 2, byte(i), byte(i >> 8)}, 1+i%500)...) // behind no control
	}
	var running sync.WaitGroup
	for g := range 4 {
		base := rnd.IntN(1000)
		running.Go(func() {
			var out bytes.Buffer
			for i := range 5000 {
				key := fmt.Appendf(nil, "key %d %d", g, i+base)
				a.put(key, answerOf(i+base), protocol.ResultCode(i%5))
				w := ldapserver.NewResultWriter(&out, 5)
				code, ok := a.replay(key, w)
				if !ok {
					continue // the other goroutines may have filled the ring
				}
				got, _ := w.AppendAnswer(nil)
				if code != protocol.ResultCode(i%5) || !bytes.Equal(got, answerOf(i + base)[1:]) {
					t.Errorf("key %q: a wrong answer", key)
					return
				}
			}
		})
	}
	running.Wait()
	kept := 0
	var out bytes.Buffer
	for g := range 4 {
		for i := range 6000 {
			if _, ok := a.replay(fmt.Appendf(nil, "key %d %d", g, i), ldapserver.NewResultWriter(&out, 1)); ok {
				kept++
			}
		}
	}
	if kept == 0 || kept > 10_000 {
		t.Errorf("%d answers are kept", kept)
	}
	if a.put([]byte("long"), make([]byte, answerMax), 0); a.shard(0).ring != nil && len(a.shard(0).ring) > 2*answerMax {
		t.Errorf("a shard has %d octets", len(a.shard(0).ring))
	}
}

func BenchmarkAnswers(b *testing.B) {
	d := crowd(b, 2000)
	for name, r := range steady(b) {
		b.Run("filter="+name+"/entries=2k", func(b *testing.B) {
			s := sessionOf(d)
			req := withOctets(r)
			var out bytes.Buffer
			w := ldapserver.NewResultWriter(&out, 1)
			b.ReportAllocs()
			for b.Loop() {
				_ = s.Search(context.Background(), req, nil, w)
				_ = w.Flush()
				out.Reset()
			}
		})
	}
}

// TestRationedEntriesAreCounted asks the same until what an hour allows is used up.
func TestRationedEntriesAreCounted(t *testing.T) {
	t.Parallel()
	d := directoryOf(t, invented(t), func(o *Options) { o.Guests = Rights{EntriesPerHour: 10} })
	s := sessionOf(d)
	req := withOctets(requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(sn=Müller)", "cn"))
	sent, code := 0, protocol.Success
	for range 30 {
		var list []answered
		list, code = ask(t, s, req)
		sent += len(list)
	}
	if sent != 10 || code == protocol.Success {
		t.Errorf("%d entries and then %v, want 10 and a refusal", sent, code)
	}
}
