package replicator

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ringdex/soap"
)

// reconcile compares all records with what is served, fetches what differs, and marks for deletion what did not come.
// Nothing counts as gone before the sweep is complete and counted. Where an entry shows only fields of the record itself,
// Ids and stamps say what differs. Formulas and fields of parents change without the record's stamp: where an entry shows
// such, the sweep brings the whole records.
func (d *delta) reconcile(ctx context.Context) error {
	p := d.plan
	before, err := d.run.count(ctx, p, d.meter)
	if err != nil {
		return err
	}
	served, err := d.o.Store.Reader()
	if err != nil {
		return err
	}
	generation := served.Generation()
	served.Release()
	var seen []uint32 // ordinals: 4 bytes a record
	rows := 0
	query, look := p.sweepQuery, d.stamps
	if p.volatile {
		n := d.normaliser(p)
		query = p.loadQuery("")
		look = func(ctx context.Context, page *soap.Page) ([]uint32, error) { return d.contents(n, page) }
	}
	q := d.pages(p, d.meter, false, position{}, query)
	last := ""
	for {
		page, err := q.next(ctx)
		if err != nil {
			if isEOF(err) {
				break
			}
			return err
		}
		for i := range page.Records {
			if string(page.Records[i].ID) != last {
				rows++
			}
			last = string(page.Records[i].ID)
		}
		last = strings.Clone(last)
		ordinals, err := look(ctx, &page)
		if err != nil {
			return err
		}
		seen = append(seen, ordinals...)
		d.progress.records(p.object, StageLoad, rows, before, false)
	}
	after, err := d.run.count(ctx, p, d.meter)
	if err != nil {
		return err
	}
	churn := 0
	if rows < min(before, after) {
		if churn, err = d.churn(ctx); err != nil {
			return err
		}
	}
	if rows < min(before, after)-churn {
		return fmt.Errorf("%w: %d came, the org counts %d; nothing was deleted, try again", ErrCount, rows, after)
	}
	if served, err = d.o.Store.Reader(); err != nil {
		return err
	}
	defer served.Release()
	if served.Generation() != generation {
		return fmt.Errorf("replicator: the generation changed during the sweep")
	}
	slices.Sort(seen)
	for ordinal, ok := served.Next(0); ok; ordinal, ok = served.Next(ordinal + 1) {
		view, found := served.View(ordinal)
		if !found || view.Object() != p.object {
			continue
		}
		if _, came := slices.BinarySearch(seen, ordinal); came || d.fetched[string(view.ID())] {
			continue
		}
		if _, marked := d.deletes[string(view.ID())]; !marked {
			d.deletes[string(view.ID())] = time.Time{}
		}
	}
	return nil
}

// stamps compares the Ids and stamps of a page, fetches the records that differ and returns the ordinals of those that are
// served.
func (d *delta) stamps(ctx context.Context, page *soap.Page) (seen []uint32, err error) {
	var differ []string
	served, err := d.o.Store.Reader()
	if err != nil {
		return nil, err
	}
	for i := range page.Records {
		record := &page.Records[i]
		stamp, err := d.plan.stamp(record)
		if err != nil {
			served.Release()
			return nil, err
		}
		ordinal, ok := served.Ordinal(string(record.ID))
		if ok {
			seen = append(seen, ordinal)
			if view, found := served.View(ordinal); found && !view.Stamp().Before(stamp) {
				continue
			}
		}
		differ = append(differ, strings.Clone(string(record.ID)))
	}
	served.Release()
	return seen, d.fetch(ctx, "Id", differ)
}

// contents compares the entries of a page, applies those that differ and returns the ordinals of those that are served.
func (d *delta) contents(n *normaliser, page *soap.Page) (seen []uint32, err error) {
	b, err := n.page(page)
	if err != nil {
		return nil, err
	}
	if err := d.plan.keepFrozen(d.o.Store, b.entries); err != nil {
		return nil, err
	}
	served, err := d.o.Store.Reader()
	if err != nil {
		return nil, err
	}
	different := batch{damaged: b.damaged}
	ids := map[string]bool{}
	for i := range b.entries {
		e := &b.entries[i]
		ordinal, ok := served.Ordinal(e.ID)
		if ok {
			seen = append(seen, ordinal)
			if view, found := served.View(ordinal); found {
				if view.Stamp().After(e.Stamp) {
					continue
				}
				if old := view.Entry(); old.Stamp.Equal(e.Stamp) && differences(&old, e) == "" {
					continue
				}
			}
		}
		different.entries = append(different.entries, *e)
		ids[e.ID] = true
	}
	served.Release()
	if len(different.entries) == 0 {
		return seen, nil
	}
	for _, problem := range b.problems {
		if ids[problem.ID] {
			different.problems = append(different.problems, problem)
		}
	}
	different.quarantined = len(different.problems)
	for id := range ids {
		d.fetched[strings.Clone(id)] = true
		delete(d.deletes, id)
	}
	d.asked = true
	defer func() { d.asked = false }()
	return seen, d.apply(&different, nil)
}

// churn counts what changed since the run began.
func (d *delta) churn(ctx context.Context) (int, error) {
	return d.run.count(ctx, d.plan, d.meter, d.plan.stampField+" >= "+d.t0.UTC().Format(soqlTime))
}

// fetch brings the records whose field has one of the Ids.
func (d *delta) fetch(ctx context.Context, field string, ids []string) error {
	d.asked = true
	defer func() { d.asked = false }()
	n := d.normaliser(d.plan)
	for part := range slices.Chunk(ids, idBatch) {
		q := d.pages(d.plan, d.meter, false, position{}, func(after position) string {
			return d.plan.fetchQuery(field, part, d.plan.fields(), behind(after.id))
		})
		for {
			page, err := q.next(ctx)
			if err != nil {
				if isEOF(err) {
					break
				}
				return err
			}
			b, err := n.page(&page)
			if err != nil {
				return err
			}
			for i := range b.entries {
				d.fetched[strings.Clone(b.entries[i].ID)] = true
				delete(d.deletes, b.entries[i].ID)
			}
			if err := d.apply(&b, nil); err != nil {
				return err
			}
		}
	}
	return nil
}
