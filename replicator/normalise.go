package replicator

import (
	"runtime"
	"slices"
	"strings"
	"sync"

	"ringdex/replicator/store"
	"ringdex/schema"
	"ringdex/schema/phone"
	"ringdex/soap"
)

const (
	// minChunk is how many records are worth a goroutine: some 50 µs of work.
	minChunk = 16
	// maxCountries bounds the memory of a worker for spellings of countries.
	maxCountries = 4096
)

// batch is a page as entries, in the order of the page.
type batch struct {
	entries     []schema.Entry
	problems    []store.NumberProblem
	quarantined int // numbers and values
	damaged     int // values that held characters that can't be
	last        position
}

// normaliser makes entries of records, with all processors. One goroutine uses it at a time.
type normaliser struct {
	run     *run
	plan    *plan
	workers []worker
}

// worker remembers which region a spelling of a country means.
type worker struct{ regions map[string]string }

func (r *run) normaliser(p *plan) *normaliser {
	n := &normaliser{run: r, plan: p, workers: make([]worker, runtime.GOMAXPROCS(0))}
	for i := range n.workers {
		n.workers[i].regions = map[string]string{}
	}
	return n
}

// page makes the entries of a page. Their strings share the page's memory.
func (n *normaliser) page(page *soap.Page) (batch, error) {
	records := page.Records
	parts := max(1, min(len(n.workers), len(records)/minChunk))
	b := batch{entries: make([]schema.Entry, len(records)), quarantined: page.Quarantined, damaged: page.Quarantined}
	problems := make([][]store.NumberProblem, parts)
	errs := make([]error, parts)
	var wg sync.WaitGroup
	for i := range parts {
		from, to := len(records)*i/parts, len(records)*(i+1)/parts
		work := func() {
			errs[i] = guarded(func() (err error) {
				problems[i], err = n.chunk(&n.workers[i], b.entries[from:to], records[from:to])
				return err
			})
		}
		if i == parts-1 {
			work()
			break
		}
		wg.Go(work)
	}
	wg.Wait()
	for i := range parts {
		if errs[i] != nil {
			return batch{}, errs[i]
		}
		b.problems = append(b.problems, problems[i]...)
	}
	b.quarantined += len(b.problems)
	if len(b.entries) > 0 {
		last := &b.entries[len(b.entries)-1]
		b.last = position{stamp: last.Stamp, id: soap.ID(strings.Clone(last.ID))}
	}
	return b, nil
}

func (n *normaliser) chunk(w *worker, entries []schema.Entry, records []soap.Record) ([]store.NumberProblem, error) {
	var problems []store.NumberProblem
	for i := range records {
		r := &records[i]
		stamp, err := n.plan.stamp(r)
		if err != nil {
			return nil, err
		}
		e := n.plan.mapping.Entry(n.run.o.Schema, string(r.ID), stamp, r, n.run.org.URL)
		e.Object = n.plan.object
		problems = n.numbers(w, &e, r, problems)
		entries[i] = e
	}
	return problems, nil
}

// numbers replaces the spelled numbers of an entry by normalised ones.
func (n *normaliser) numbers(w *worker, e *schema.Entry, r *soap.Record, problems []store.NumberProblem) []store.NumberProblem {
	region, asked := "", false
	for i := range e.Attributes {
		a := &e.Attributes[i]
		if !n.plan.numbers[a.Name] {
			continue
		}
		if !asked {
			region, asked = w.region(n.plan.mapping.Country(r)), true
		}
		values := make([]schema.Value, 0, len(a.Values))
		for _, v := range a.Values {
			numbers := n.run.o.Parser.Parse(v.Text, region)
			if len(numbers) == 0 {
				values = append(values, schema.Value{Text: v.Text})
				problems = append(problems, store.NumberProblem{
					Object: e.Object, ID: e.ID, Attribute: a.Name, Value: v.Text, Reason: "no number in it",
				})
				continue
			}
			for _, number := range numbers {
				value := schema.Value{Text: number.Text(), Original: number.Original, Keys: number.Keys()}
				if value.Original == value.Text {
					value.Original = ""
				}
				if slices.ContainsFunc(values, func(x schema.Value) bool { return x.Text == value.Text }) {
					continue
				}
				values = append(values, value)
				if reason := n.run.doubt(number, region); reason != "" {
					problems = append(problems, store.NumberProblem{
						Object: e.Object, ID: e.ID, Attribute: a.Name, Value: number.Original, Reason: reason,
					})
				}
			}
		}
		a.Values = values
	}
	return problems
}

// region of a country's spelling, "" where it isn't known.
func (w *worker) region(country string) string {
	if country == "" {
		return ""
	}
	region, known := w.regions[country]
	if !known {
		region, _ = phone.CountryOf(country)
		if len(w.regions) < maxCountries {
			w.regions[strings.Clone(country)] = region
		}
	}
	return region
}

// doubt says why a number is reported, "" if it isn't.
func (r *run) doubt(n phone.Number, region string) string {
	loc := r.o.Parser.Location()
	if region == "" {
		region = loc.Country
	}
	switch {
	case n.E164 == "" && region == loc.Country && len(n.Digits) <= loc.InternalDigits:
		return "" // one of our own extensions
	case n.E164 == "" && region == "":
		return "not international, and the record names no country"
	case n.E164 == "":
		return "can't be read as a number of " + region
	case !n.Valid:
		return "not in the numbering plan of its country"
	}
	return ""
}
