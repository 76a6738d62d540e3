package directory

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
	"ringdex/schema"
)

// crowd is a directory of n people with a number each, and a company for every ten.
func crowd(t testing.TB, n int) *Directory {
	m := makerAt(t, here)
	rnd := rand.New(rand.NewPCG(1, 2))
	given := []string{"Anna", "Jörg", "Peter", "Maria", "Zoë", "Ryan"}
	family := []string{"Müller", "Meier", "Groß", "Schmidt", "Weber", "O'Neill", "Çelik", "Zürn"}
	var entries []schema.Entry
	for i := range n {
		g, f := given[rnd.IntN(len(given))], fmt.Sprintf("%s%c%c", family[rnd.IntN(len(family))], 'a'+rnd.IntN(26), 'a'+rnd.IntN(26))
		r := m.record("Contact", i).add("cn", g+" "+f).add("sn", f).add("givenName", g).add("o", fmt.Sprintf("Works %d", i/10)).
			add("telephoneNumber", fmt.Sprintf("+49 30 2%06d", i)).add("mobile", fmt.Sprintf("+49 171 2%06d", i)).add("mail", fmt.Sprintf("p%d@example.org", i))
		entries = append(entries, r.entry)
	}
	return directoryOf(t, entries, nil)
}

// steady are the searches that make up the load of a day.
func steady(t testing.TB) map[string]*protocol.SearchRequest {
	const caller = "(|(telephoneNumber=%[1]s)(mobile=%[1]s)(homePhone=%[1]s)(ipPhone=%[1]s))"
	attributes := []string{"cn", "o", "telephoneNumber", "mobile"}
	limited := func(r *protocol.SearchRequest) *protocol.SearchRequest {
		r.SizeLimit = 50
		return r
	}
	sub := protocol.WholeSubtree
	return map[string]*protocol.SearchRequest{
		"number":   requestOf(t, "dc=ringdex", sub, "(telephoneNumber=+49302000123)", attributes...),
		"caller":   requestOf(t, "dc=ringdex", sub, fmt.Sprintf(caller, "0302000123"), attributes...),
		"unknown":  requestOf(t, "dc=ringdex", sub, fmt.Sprintf(caller, "+442079460123"), attributes...),
		"stranger": requestOf(t, "dc=ringdex", sub, fmt.Sprintf(caller, "08912345678"), attributes...), // goes down the ladder
		"typing":   limited(requestOf(t, "dc=ringdex", sub, "(|(cn=mei*)(sn=mei*))", attributes...)),
		"first":    limited(requestOf(t, "dc=ringdex", sub, "(&(telephoneNumber=*)(sn=*))", attributes...)),
		"inner":    limited(requestOf(t, "dc=ringdex", sub, "(cn=*qxj*)", attributes...)),
		"all":      requestOf(t, "dc=ringdex", sub, "(telephoneNumber=+49302000123)"),
	}
}

func TestSteadySearchAllocatesNothing(t *testing.T) {
	if raceDetector {
		t.Skip("allocations are counted without the race detector")
	}
	s := sessionOf(crowd(t, 500))
	ctx := context.Background()
	w := ldapserver.NewResultWriter(io.Discard, 1)
	requests := steady(t)
	for _, name := range []string{"number", "caller", "unknown", "all", "first"} {
		r := requests[name]
		var failed error
		run := func() {
			if err := s.Search(ctx, r, nil, w); err != nil {
				if pe, ok := err.(*protocol.Error); !ok || pe.Code != protocol.SizeLimitExceeded {
					failed = err
				}
			}
			if err := w.Flush(); err != nil {
				failed = err
			}
		}
		if got := testing.AllocsPerRun(200, run); got != 0 {
			t.Errorf("%s: %v allocations a search, want none", name, got)
		}
		if failed != nil {
			t.Errorf("%s: %v", name, failed)
		}
	}
	if w.Entries() == 0 {
		t.Error("no entry was found")
	}
}

// BenchmarkProfile asks as a desk telephone does, under its profile.
func BenchmarkProfile(b *testing.B) {
	d := crowd(b, 10_000)
	o := d.options
	for _, p := range BuiltinProfiles() {
		p.Location = here
		o.Profiles = append(o.Profiles, p.Profile)
	}
	d, err := New(o)
	if err != nil {
		b.Fatal(err)
	}
	s := sessionOf(d)
	requests := steady(b)
	for _, name := range []string{"caller", "typing"} {
		for _, profile := range []string{"", "ou=yealink,", "ou=linphone,", "ou=cisco,"} {
			r := *requests[name]
			r.Base = []byte(profile + "dc=ringdex")
			b.Run("filter="+name+"/profile="+profile, func(b *testing.B) {
				w := ldapserver.NewResultWriter(io.Discard, 1)
				b.ReportAllocs()
				for b.Loop() {
					_ = s.Search(context.Background(), &r, nil, w)
					if w.Buffered() > 32<<10 {
						_ = w.Flush()
					}
				}
			})
		}
	}
}
