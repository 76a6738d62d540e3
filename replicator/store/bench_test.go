package store

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"

	"ringdex/schema"
)

// Names for benchmarks are made of syllables, so that their number grows with the directory as that of real ones does.
var syllables = strings.Fields("ba be bi bo bu da de di do du fa fe fi ga ge ha he hi ho ja ka ke ki ko la le li lo lu ma me mi mo mu na ne ni no pa pe po ra re ri ro sa se si so ta te ti to wa we wi za ze")

func benchWord(r *rand.Rand, vocabulary int) string {
	// As in Zipf's law, few words are frequent and most are rare.
	n := int(math.Pow(float64(vocabulary), r.Float64()))
	var b strings.Builder
	end := [...]string{"mann", "berg", "er", "s", "a", "ow", "i", "sen", "el", "t"}[n%10]
	if n%997 == 5 {
		end = "schmid"
	}
	for range 2 + n%2 {
		b.WriteString(syllables[n%len(syllables)])
		n = n/len(syllables) + n%7
	}
	return b.String() + end
}

func benchEntry(r *rand.Rand, n int) schema.Entry {
	first, last := benchWord(r, 5_000), benchWord(r, 150_000)
	company := benchWord(r, 30_000) + " GmbH"
	value := func(name, text string) schema.Attribute {
		return schema.Attribute{Name: name, Values: []schema.Value{{Text: text}}}
	}
	number := func(name string, key int64) schema.Attribute {
		k := fmt.Sprint(key)
		return schema.Attribute{Name: name, Values: []schema.Value{{Text: "+" + k, Original: "0" + k[2:5] + " / " + k[5:], Keys: []string{k}}}}
	}
	e := schema.Entry{Object: "Contact", ID: recordID("Contact", n), Stamp: base}
	e.Attributes = []schema.Attribute{
		value("cn", first+" "+last), value("sn", last), value("givenName", first), value("o", company),
		value("mail", first+"."+last+"@example.org"), value("title", "Chief of something"), value("street", "Example Road 12"),
		value("l", "Exampleton"), value("labeledURI", "https://example.my.salesforce.com/lightning/r/Contact/"+e.ID+"/view Contact"),
		number("telephoneNumber", 49_302_312_500_000+int64(n)), number("mobile", 49_171_000_000_000+int64(n)*7), number("homePhone", 447_700_900_000+int64(n)*3),
	}
	return e
}

func benchLoad(tb testing.TB, s *Store, n int) {
	l, err := s.BeginLoad(LoadPlan{Objects: []string{"Contact"}})
	if err != nil {
		tb.Fatal(err)
	}
	page := make([]schema.Entry, 0, 2000)
	for i := range n {
		page = append(page, benchEntry(rand.New(rand.NewPCG(uint64(i), 0)), i))
		if len(page) == cap(page) || i == n-1 {
			if err := l.Put("Contact", page, Checkpoint{}); err != nil {
				tb.Fatal(err)
			}
			page = page[:0]
		}
	}
	if b, ok := tb.(*testing.B); ok {
		b.StartTimer()
	}
	if _, err := l.Commit(tb.Context(), nil); err != nil {
		tb.Fatal(err)
	}
}

// benchSizes are the directories of the benchmarks; RINGDEX_BENCH_ENTRIES adds a larger one.
func benchSizes(b *testing.B) []int {
	sizes := []int{10_000, 100_000}
	if v := os.Getenv("RINGDEX_BENCH_ENTRIES"); v != "" {
		var n int
		if _, err := fmt.Sscan(v, &n); err != nil {
			b.Fatal(err)
		}
		sizes = []int{n}
	}
	return sizes
}

func sizeName(n int) string { return fmt.Sprintf("entries=%dk", n/1000) }

// BenchmarkFind measures queries of a phone: candidates, and the views of what was found.
func BenchmarkFind(b *testing.B) {
	for _, n := range benchSizes(b) {
		s := openStore(b, Options{})
		benchLoad(b, s, n)
		for _, c := range []struct {
			name string
			q    func(i int) Query
			max  int
		}{
			{"NumberIs", func(i int) Query { return Query{Kind: NumberIs, Text: fmt.Append(nil, 49_302_312_500_000+int64(i%n))} }, 0},
			{"NumberIsMiss", func(i int) Query { return Query{Kind: NumberIs, Text: fmt.Append(nil, 49_302_912_500_000+int64(i%n))} }, 0},
			{"NumberEnds", func(i int) Query { return Query{Kind: NumberEnds, Text: fmt.Append(nil, 2_500_000+i%n)} }, 0},
			{"NumberStartsShort", func(int) Query { return Query{Kind: NumberStarts, Text: []byte("4930")} }, 50},
			{"NumberContains", func(i int) Query { return Query{Kind: NumberContains, Text: fmt.Append(nil, 2_500_000+i%n)} }, 50},
			{"WordStarts", func(int) Query { return Query{Kind: WordStarts, Text: []byte("bad")} }, 50},
			{"WordStartsTwo", func(int) Query { return Query{Kind: WordStarts, Text: []byte("ma")} }, 50},
			{"WordStartsLong", func(int) Query { return Query{Kind: WordStarts, Text: []byte("badebid")} }, 50},
			{"WordContains", func(int) Query { return Query{Kind: WordContains, Text: []byte("schmid")} }, 50},
			{"WordContainsTwo", func(int) Query { return Query{Kind: WordContains, Text: []byte("er")} }, 50},
			{"WordContainsMiss", func(int) Query { return Query{Kind: WordContains, Text: []byte("zqx")} }, 50},
			{"WordContainsMissLong", func(int) Query { return Query{Kind: WordContains, Text: []byte("zqxw")} }, 50},
		} {
			queries := make([]Query, 1024)
			for i := range queries {
				queries[i] = c.q(i * 7919)
			}
			b.Run(c.name+"/"+sizeName(n), func(b *testing.B) {
				b.ReportAllocs()
				var dst []uint32
				found := 0
				for i := 0; b.Loop(); i++ {
					r, err := s.Reader()
					if err != nil {
						b.Fatal(err)
					}
					dst, _, err = r.Find(dst[:0], queries[i%len(queries)], c.max)
					if err != nil {
						b.Fatal(err)
					}
					for _, o := range dst {
						v, ok := r.View(o)
						if !ok {
							b.Fatal("no view")
						}
						for it := v.Values(); it.Next(); {
							found += len(it.Text())
						}
					}
					r.Release()
				}
				b.ReportMetric(float64(len(dst)), "entries")
			})
		}
	}
}

// BenchmarkCommit measures the building of a generation.
func BenchmarkCommit(b *testing.B) {
	for _, n := range benchSizes(b) {
		b.Run(sizeName(n), func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				s := openStore(b, Options{})
				benchLoad(b, s, n)
				b.StopTimer()
				size, err := s.Size()
				if err != nil {
					b.Fatal(err)
				}
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				b.ReportMetric(float64(m.HeapSys)/(1<<20), "MB-heap")
				b.ReportMetric(float64(size)/(1<<20), "MB-file")
				b.StartTimer()
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(n), "µs/entry")
		})
	}
}

// BenchmarkApply measures a delta of 1,000 changed entries.
func BenchmarkApply(b *testing.B) {
	for _, n := range benchSizes(b) {
		s := openStore(b, Options{})
		benchLoad(b, s, n)
		b.Run(sizeName(n), func(b *testing.B) {
			r := rand.New(rand.NewPCG(2, 2))
			for i := 0; b.Loop(); i++ {
				batch := Batch{Object: "Contact"}
				for range 1000 {
					// One of its numbers is new, and nothing else.
					k := r.IntN(n)
					e := benchEntry(rand.New(rand.NewPCG(uint64(k), 0)), k)
					e.Stamp = base.AddDate(0, 0, i+1)
					e.Attributes[len(e.Attributes)-1].Values[0].Keys = []string{fmt.Sprint(447_700_900_000 + r.Int64N(1_000_000))}
					batch.Upserts = append(batch.Upserts, e)
				}
				if _, err := s.Apply(batch); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
