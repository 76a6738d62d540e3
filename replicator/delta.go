package replicator

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"ringdex/replicator/store"
	"ringdex/schema"
	"ringdex/soap"
)

const (
	// maxDeleteLog is how far back getDeleted goes.
	maxDeleteLog = 15 * 24 * time.Hour
	// idBatch is how many Ids stand in one IN list: some 5 kB of SOQL, far below the limit of 100,000 characters.
	idBatch = 200
)

// delta is one object being brought up to date.
type delta struct {
	*run
	plan    *plan
	meter   *meter
	result  *ObjectResult
	parents *parents
	before  int                  // records served before
	deletes map[string]time.Time // Ids to delete, and when they were deleted; zero if unknown
	sweep   bool                 // the org's log of deletions doesn't reach back far enough
	fetched map[string]bool      // Ids that came again by Id
	asked   bool                 // what comes was asked for by Id: it lives, whatever was deleted before
	damaged int                  // values that came with characters that can't be
	blanks  blanks               // what entries would lose
	samples samples
}

// changes applies what changed since the checkpoint, from the overlap on. Deletions are collected: whether they are too
// many is known at the end.
func (d *delta) changes(ctx context.Context) error {
	p := d.plan
	from := d.objectMeta(p.object).Checkpoint.Stamp
	if from.After(d.t0) {
		from = d.t0 // the org's clock went back
	}
	from = from.Add(-d.o.Overlap)
	// The log of deletions comes first: a record that lives in what follows was restored.
	if err := d.logged(ctx, from); err != nil {
		return err
	}
	q := d.pages(p, d.meter, true, position{}, func(after position) string { return p.changesQuery(from, after) })
	n := d.normaliser(p)
	for {
		page, err := q.next(ctx)
		if err != nil {
			if isEOF(err) {
				return nil
			}
			return err
		}
		d.result.Rows += len(page.Records)
		if page.Records, err = d.living(ctx, page.Records); err != nil {
			return err
		}
		b, err := n.page(&page)
		if err != nil {
			return err
		}
		var cp *store.Checkpoint
		if q.after.stamp.Before(d.t0) {
			cp = &store.Checkpoint{Stamp: q.after.stamp, T0: d.t0}
		}
		if err := d.apply(&b, cp); err != nil {
			return err
		}
		d.progress.records(p.object, StageLoad, d.result.Rows, page.Size, false)
	}
}

// logged asks for the log of deletions.
func (d *delta) logged(ctx context.Context, from time.Time) error {
	from, to := from.Truncate(time.Minute), d.t0
	switch {
	case !d.plan.logsDeletes || !to.After(from):
		return nil
	case to.Sub(from) >= maxDeleteLog:
		d.sweep = true
		return nil
	}
	var deleted soap.DeletedResult
	err := d.call(ctx, d.meter, func() (err error) {
		deleted, err = d.o.Client.Deleted(ctx, d.plan.object, from, to)
		return err
	})
	var fault *soap.Fault
	switch {
	case errors.As(err, &fault) && (fault.Code == "INVALID_REPLICATION_DATE" || fault.Code == "EXCEEDED_ID_LIMIT"):
		d.sweep = true
		return nil
	case err != nil:
		return err
	}
	d.sweep = deleted.EarliestDateAvailable.After(from)
	for _, record := range deleted.Records {
		d.deletes[string(record.ID)] = record.DeletedDate
	}
	return d.sameOrg(ctx)
}

// living splits the deleted records off a page, and those that no longer meet the condition.
func (d *delta) living(ctx context.Context, records []soap.Record) ([]soap.Record, error) {
	living := make([]soap.Record, 0, len(records))
	for i := range records {
		record := &records[i]
		if d.plan.hasDeleted && record.Field("IsDeleted") == "true" {
			at, err := d.plan.stamp(record)
			if err != nil {
				return nil, err
			}
			d.deletes[string(record.ID)] = at
			continue
		}
		delete(d.deletes, string(record.ID))
		living = append(living, *record)
	}
	if d.plan.where == "" || len(living) == 0 {
		return living, nil
	}
	// The condition is asked for in a query of its own, since one with it would not show who stopped to meet it.
	meets := make(map[soap.ID]bool, len(living))
	for part := range slices.Chunk(living, idBatch) {
		ids := make([]string, len(part))
		for i := range part {
			ids[i] = string(part[i].ID)
		}
		q := d.pages(d.plan, d.meter, false, position{}, func(after position) string {
			return d.plan.fetchQuery("Id", ids, "Id, "+d.plan.stampField, behind(after.id))
		})
		for {
			page, err := q.next(ctx)
			if err != nil {
				if isEOF(err) {
					break
				}
				return nil, err
			}
			for i := range page.Records {
				meets[page.Records[i].ID] = true
			}
		}
	}
	return slices.DeleteFunc(living, func(record soap.Record) bool {
		if meets[record.ID] {
			return false
		}
		d.deletes[string(record.ID)] = time.Time{}
		return true
	}), nil
}

// apply stores a page with the checkpoint behind it, if it has one. Deletions and lost values wait for the end: what has some
// isn't stored whole, and the checkpoint stays before it.
func (d *delta) apply(b *batch, cp *store.Checkpoint) error {
	d.result.Quarantined += b.quarantined
	if d.ro.DryRun {
		d.samples.doubts(b.problems)
	}
	d.damaged += b.damaged
	if err := d.plan.keepFrozen(d.o.Store, b.entries); err != nil {
		return err
	}
	if err := d.keepBack(b.entries); err != nil {
		return err
	}
	if len(d.deletes) > 0 || len(d.blanks) > 0 {
		cp = nil
	}
	if d.parents.wanted[d.plan.object] || d.ro.DryRun {
		if err := d.compare(b.entries); err != nil {
			return err
		}
	}
	if d.ro.DryRun {
		return nil
	}
	if err := d.parents.save(d.o.Store, d.plan.object); err != nil {
		return err
	}
	if len(b.entries) == 0 && cp == nil {
		return nil
	}
	result, err := d.o.Store.Apply(store.Batch{Object: d.plan.object, Upserts: b.entries, Problems: b.problems, Checkpoint: cp, Restore: d.asked})
	d.count(result)
	return err
}

func (d *delta) count(a store.ApplyResult) {
	d.result.Added += a.Added
	d.result.Changed += a.Changed
	d.result.Deleted += a.Deleted
}

// compare notes which entries differ from what is served: their children may show it, and a dry run does.
func (d *delta) compare(entries []schema.Entry) error {
	served, err := d.o.Store.Reader()
	if err != nil {
		return err
	}
	defer served.Release()
	for i := range entries {
		e := &entries[i]
		ordinal, exists := served.Ordinal(e.ID)
		same, read := false, false
		if exists {
			if view, ok := served.View(ordinal); ok {
				old := view.Entry()
				same = differences(&old, e) == ""
				read = same && old.Stamp.Equal(e.Stamp)
			}
		}
		if !read { // the winner of a merge has new children, even where it looks the same
			d.parents.add(d.plan.object, e.ID)
		}
		if same || d.compared[e.ID] {
			continue
		}
		if d.ro.DryRun {
			d.compared[strings.Clone(e.ID)] = true
			if exists {
				d.result.Changed++
			} else {
				d.result.Added++
			}
			d.samples.compare(served, e, ordinal, exists)
		}
	}
	return nil
}
