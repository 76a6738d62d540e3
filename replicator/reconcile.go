package replicator

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// reconcile compares Ids and stamps of all records with what is served, fetches what differs, and marks for deletion what
// did not come. Nothing counts as gone before the sweep is complete and counted.
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
	q := d.pages(p, d.meter, false, position{}, p.sweepQuery)
	last := ""
	for {
		page, err := q.next(ctx)
		if err != nil {
			if isEOF(err) {
				break
			}
			return err
		}
		var differ []string
		served, err := d.o.Store.Reader()
		if err != nil {
			return err
		}
		for i := range page.Records {
			record := &page.Records[i]
			if string(record.ID) != last {
				rows++
			}
			last = string(record.ID)
			stamp, err := p.stamp(record)
			if err != nil {
				served.Release()
				return err
			}
			ordinal, ok := served.Ordinal(last)
			if ok {
				seen = append(seen, ordinal)
				if view, found := served.View(ordinal); found && !view.Stamp().Before(stamp) {
					continue
				}
			}
			differ = append(differ, strings.Clone(last))
		}
		served.Release()
		if err := d.fetch(ctx, "Id", differ); err != nil {
			return err
		}
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
