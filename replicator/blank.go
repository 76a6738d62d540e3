package replicator

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ringdex/replicator/store"
	"ringdex/schema"
)

// An entry that comes without an attribute that it had may have lost it to a person, or to a lost permission. So a delta
// applies the rest of such an entry and keeps the attribute back, under the old stamp, until it knows how many there are:
// few are applied, many are held. Whoever dies in between leaves entries that the next delta or sweep finds too old.

const (
	// maxBlanks bounds what is remembered, of one attribute and in a hold. The others keep their values until the next full run.
	maxBlanks = 100_000
	// blankBatch is how many entries lose an attribute in one transaction.
	blankBatch = 1000
)

// blank is an entry that came without an attribute.
type blank struct {
	ID    string    `json:"id"`
	Stamp time.Time `json:"stamp"` // with which it came
}

// blanks are the entries that came without an attribute, by its name.
type blanks map[string][]blank

// keepBack gives entries back what they would lose, and notes it.
func (d *delta) keepBack(entries []schema.Entry) error {
	served, err := d.o.Store.Reader()
	if err != nil {
		return err
	}
	defer served.Release()
	for i := range entries {
		e := &entries[i]
		ordinal, ok := served.Ordinal(e.ID)
		if !ok {
			continue
		}
		view, ok := served.View(ordinal)
		if !ok || view.Object() != d.plan.object || view.Stamp().After(e.Stamp) {
			continue
		}
		d.missing(&view, e)
	}
	return nil
}

// missing compares an entry with what is stored of it.
func (d *delta) missing(view *store.View, e *schema.Entry) {
	kept := false
	var old schema.Entry
	name := ""
	for values := view.Values(); values.Next(); {
		if values.Attr().Name == name {
			continue
		}
		if name = values.Attr().Name; e.Values(name) != nil {
			continue
		}
		if len(d.blanks[name]) < maxBlanks {
			d.blanks[name] = append(d.blanks[name], blank{strings.Clone(e.ID), e.Stamp})
		}
		if !kept {
			kept, old = true, view.Entry()
		}
		if !d.ro.DryRun {
			d.plan.put(e, schema.Attribute{Name: name, Values: old.Values(name)})
		}
	}
	if kept && !d.ro.DryRun {
		e.Stamp = old.Stamp
	}
}

// judge splits what was kept back into what is held, with the reason, and what may go.
func (d *delta) judge(earlier blanks) (reason string, held, few blanks) {
	held, few = blanks{}, blanks{}
	var reasons []string
	for _, name := range slices.Sorted(maps.Keys(d.blanks)) {
		list := newest(d.blanks[name])
		waiting := make(map[string]time.Time, len(earlier[name]))
		for _, b := range earlier[name] {
			waiting[b.ID] = b.Stamp
		}
		fresh := slices.DeleteFunc(slices.Clone(list), func(b blank) bool { return waiting[b.ID].Equal(b.Stamp) })
		if !d.o.Guard.many(d.before, len(fresh)) {
			few[name] = fresh
			continue
		}
		held[name] = fresh
		reasons = append(reasons, fmt.Sprintf("%s is empty in %d of %d records that came with a change", name, len(fresh), d.before))
	}
	return strings.Join(reasons, "; "), held, few
}

// newest keeps the last of each entry, in the order of the Ids.
func newest(list []blank) []blank {
	slices.SortStableFunc(list, func(a, b blank) int {
		if c := strings.Compare(a.ID, b.ID); c != 0 {
			return c
		}
		return b.Stamp.Compare(a.Stamp)
	})
	return slices.CompactFunc(list, func(a, b blank) bool { return a.ID == b.ID })
}

// merge adds what was held earlier; of one entry the newer stamp counts.
func (b blanks) merge(earlier blanks) blanks {
	out := blanks{}
	for _, from := range []blanks{b, earlier} {
		for name, list := range from {
			out[name] = append(out[name], list...)
		}
	}
	for name, list := range out {
		list = newest(list)
		out[name] = list[:min(len(list), maxBlanks)]
	}
	return out
}

func (b blanks) count() (n int) {
	for _, list := range b {
		n += len(list)
	}
	return n
}

// apply takes the attributes from the entries, unless a newer change came.
func (b blanks) apply(s *store.Store, object string) (total store.ApplyResult, err error) {
	for _, name := range slices.Sorted(maps.Keys(b)) {
		for part := range slices.Chunk(b[name], blankBatch) {
			batch, err := blanked(s, object, name, part)
			if err != nil {
				return total, err
			}
			result, err := s.Apply(batch)
			total.Changed += result.Changed
			if err != nil {
				return total, err
			}
		}
	}
	return total, nil
}

// blanked makes the batch that takes an attribute from entries. Their other number problems stay.
func blanked(s *store.Store, object, name string, part []blank) (store.Batch, error) {
	batch := store.Batch{Object: object}
	served, err := s.Reader()
	if err != nil {
		return batch, err
	}
	defer served.Release()
	taken := map[string]bool{}
	for _, b := range part {
		ordinal, ok := served.Ordinal(b.ID)
		if !ok {
			continue
		}
		view, ok := served.View(ordinal)
		if !ok || view.Object() != object || view.Stamp().After(b.Stamp) {
			continue
		}
		e := view.Entry()
		e.Stamp = b.Stamp
		e.Attributes = slices.DeleteFunc(e.Attributes, func(a schema.Attribute) bool { return a.Name == name })
		batch.Upserts = append(batch.Upserts, e)
		taken[b.ID] = true
	}
	err = served.NumberProblems(func(p store.NumberProblem) bool {
		if taken[p.ID] && p.Attribute != name {
			batch.Problems = append(batch.Problems, p)
		}
		return true
	})
	return batch, err
}
