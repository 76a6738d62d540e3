package directory

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
	"ringdex/replicator/store"
)

// benchStore is the environment variable with the path of a store to measure on instead of an invented one.
const benchStore = "RINGDEX_BENCH_STORE"

// benchRequests is how many different requests a mix has: so many that a request finds nothing of its own in the caches.
const benchRequests = 4096

// benchDirectories are the directories to measure on, by what to call their sizes.
func benchDirectories(b *testing.B) map[string]*Directory {
	path := os.Getenv(benchStore)
	if path == "" {
		return map[string]*Directory{"10k": crowd(b, 10_000), "100k": crowd(b, 100_000)}
	}
	st, err := store.Open(path, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = st.Close() })
	d, err := New(Options{Store: st, Base: "dc=ringdex", Location: here, Anonymous: Access{Always: true}})
	if err != nil {
		b.Fatal(err)
	}
	r, err := st.Reader()
	if err != nil {
		b.Fatal(err)
	}
	defer r.Release()
	return map[string]*Directory{fmt.Sprintf("%dk", r.Total()/1000): d}
}

// benchMixes are the kinds of searches that phones send, each for records chosen at random with a fixed seed.
func benchMixes(b *testing.B, d *Directory) map[string][]*protocol.SearchRequest {
	const caller = "(|(telephoneNumber=%[1]s)(mobile=%[1]s)(homePhone=%[1]s)(ipPhone=%[1]s))"
	rnd := rand.New(rand.NewPCG(1, 3))
	s := sessionOf(d)
	r, err := s.snapshot()
	if err != nil {
		b.Fatal(err)
	}
	defer r.Release()
	attributes := []string{"cn", "sn", "telephoneNumber"}
	last, step := uint32(0), uint32(1)
	for ord, ok := r.Next(0); ok; ord, ok = r.Next(ord + step) {
		last, step = ord, max(1, (ord+16)/16)
	}
	mixes := map[string][]*protocol.SearchRequest{}
	add := func(mix string, limit int, filter string) {
		if len(mixes[mix]) < benchRequests {
			req := requestOf(b, "dc=ringdex", protocol.WholeSubtree, filter, attributes...)
			req.SizeLimit = limit
			mixes[mix] = append(mixes[mix], req)
		}
	}
	for range 4 * benchRequests {
		ord, ok := r.Next(rnd.Uint32N(last))
		if !ok {
			continue
		}
		v, _ := r.View(ord)
		if n := string(v.First("telephoneNumber")); len(n) > 10 && n[0] == '+' {
			add("exact", 0, "(telephoneNumber="+n+")")
			add("caller", 0, fmt.Sprintf(caller, n))
			add("suffix", 0, fmt.Sprintf("(|(telephoneNumber=*%[1]s)(mobile=*%[1]s))", n[len(n)-7:]))
			add("miss", 0, fmt.Sprintf(caller, fmt.Sprintf("+4533%06d", rnd.IntN(1_000_000))))
			add("stranger", 0, fmt.Sprintf(caller, fmt.Sprintf("0221%07d", rnd.IntN(1_000_000))))
		}
		sn := strings.ToLower(string(v.First("sn")))
		if w := []rune(sn); len(w) >= 6 && utf8.ValidString(sn) && !strings.ContainsAny(sn, ` '-\*()&,.`) {
			add("prefix3", 50, fmt.Sprintf("(|(cn=%[1]s*)(sn=%[1]s*))", string(w[:3])))
			add("prefix2", 50, fmt.Sprintf("(|(cn=%[1]s*)(sn=%[1]s*))", string(w[:2])))
			add("substr", 50, fmt.Sprintf("(cn=*%s*)", string(w[1:6])))
		}
	}
	add("zqx", 50, "(cn=*zqx*)")
	return mixes
}

// BenchmarkSearch measures searches whose answers nobody remembers; BenchmarkAnswers those that are asked again. Sorted lists are kept for
// whoever asks for the same letters; "first" is without that. cpu-ns/op
// is the process's CPU time, which a busy machine disturbs less.
func BenchmarkSearch(b *testing.B) {
	ctx := context.Background()
	for size, d := range benchDirectories(b) {
		d.answers = nil // short beginnings are few
		s := sessionOf(d)
		forgets := false
		measure := func(name string, requests []*protocol.SearchRequest, controls ...protocol.Control) {
			b.Run("filter="+name+"/entries="+size, func(b *testing.B) {
				w := ldapserver.NewResultWriter(io.Discard, 1)
				b.ReportAllocs()
				i, before := 0, processorTime(b)
				for b.Loop() {
					if forgets {
						d.lists.kept, d.lists.size = nil, 0
					}
					_ = s.Search(ctx, requests[i%len(requests)], controls, w)
					_ = w.Flush()
					i++
				}
				b.ReportMetric(float64(processorTime(b)-before)/float64(i), "cpu-ns/op")
				b.ReportMetric(float64(w.Entries())/float64(i), "entries/op")
			})
		}
		for name, requests := range benchMixes(b, d) {
			measure(name, requests)
			if name == "prefix2" || name == "prefix3" {
				measure(name+"-sort", requests, sortControl("sn"))
				forgets = true
				measure(name+"-sort-first", requests, sortControl("sn"))
				forgets = false
				measure(name+"-sort-back", requests, sortControl("-sn"))
				measure(name+"-sort-two", requests, sortControl("sn", "givenName"))
				measure(name+"-vlv", requests, sortControl("sn"), windowControl(protocol.VLVRequest{Offset: 1, After: 49}))
				measure(name+"-vlv-mid", requests, sortControl("sn"), windowControl(protocol.VLVRequest{Offset: 500, Count: 1000, After: 49}))
			}
		}
	}
}
