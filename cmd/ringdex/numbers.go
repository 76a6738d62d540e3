package main

import (
	"cmp"
	"context"
	"slices"

	"ringdex/replicator/store"
)

const (
	// sharedByMany is from how many records on a number counts as shared.
	sharedByMany = 5
	// reportedMost bounds each part of a report; of problems the store holds as many.
	reportedMost = 10_000
	// reportedURLs bounds the records that are named for one number.
	reportedURLs = 100
)

// Numbers lists the numbers that could not be normalised and those that many records share.
func (e *engine) Numbers(ctx context.Context) (numbersReport, error) {
	out := numbersReport{Problems: []numberProblemRow{}, Shared: []sharedNumberRow{}, Extensions: []extensionRow{}}
	r, err := e.store.Reader()
	if err != nil {
		return out, err
	}
	defer r.Release()
	meta, err := e.store.Meta()
	if err != nil {
		return out, err
	}
	url := func(id string) string {
		if meta.Org.URL == "" {
			return ""
		}
		return meta.Org.URL + "/" + id
	}
	out.Total = r.NumberProblemCount()
	err = r.NumberProblems(func(p store.NumberProblem) bool {
		out.Problems = append(out.Problems, numberProblemRow{p.Object, p.ID, p.Attribute, p.Value, p.Reason, url(p.ID)})
		return len(out.Problems) < reportedMost
	})
	if err != nil {
		return out, err
	}
	// Two passes in constant memory per number: count first, then collect the records of those that are shared.
	counts := map[string]int{}
	eachNumber(ctx, r, func(key string, _ []byte) { counts[key]++ })
	shared := map[string]*sharedNumberRow{}
	for key, n := range counts {
		if n >= sharedByMany {
			shared[key] = &sharedNumberRow{Number: key, Records: n}
		}
	}
	eachNumber(ctx, r, func(key string, id []byte) {
		if row := shared[key]; row != nil && len(row.URLs) < reportedURLs {
			row.URLs = append(row.URLs, url(string(id)))
		}
	})
	for _, row := range shared {
		out.Shared = append(out.Shared, *row)
	}
	slices.SortFunc(out.Shared, func(a, b sharedNumberRow) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), cmp.Compare(a.Number, b.Number))
	})
	if len(out.Shared) > reportedMost {
		out.Shared = out.Shared[:reportedMost]
	}
	out.Extensions = extensions(ctx, r, e.schema, url)
	return out, ctx.Err()
}

// eachNumber calls f once per record and number, with the number's first key.
func eachNumber(ctx context.Context, r *store.Reader, f func(key string, id []byte)) {
	var seen []string
	for ord, ok := r.Next(0); ok && ctx.Err() == nil; ord, ok = r.Next(ord + 1) {
		v, ok := r.View(ord)
		if !ok {
			continue
		}
		seen = seen[:0]
		for it := v.Values(); it.Next(); {
			if it.Keys() == 0 {
				continue
			}
			key := string(it.Key(0))
			if !slices.Contains(seen, key) {
				seen = append(seen, key)
				f(key, v.ID())
			}
		}
	}
}
