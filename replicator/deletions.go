package replicator

import (
	"slices"
	"strings"

	"ringdex/replicator/store"
)

// finish deletes, or holds what is too much to delete or to lose, and moves the checkpoint to the run's beginning.
func (d *delta) finish() error {
	p := d.plan
	held := heldDeletes{}
	if err := d.known(&held); err != nil {
		return err
	}
	earlier, err := d.waiting()
	if err != nil {
		return err
	}
	blank, blanks, few := d.judge(earlier.Blanks)
	gone := d.o.Guard.deletions(d.before, len(held.IDs))
	reason := strings.Trim(gone+"; "+blank, "; ")
	if d.ro.DryRun || reason != "" {
		d.result.Samples = d.samples.lines()
		d.result.Held = reason
		d.run.result.Held = d.run.result.Held || reason != ""
	}
	cp := &store.Checkpoint{Stamp: d.t0, T0: d.t0}
	batch := store.Batch{Object: p.object, Checkpoint: cp}
	if d.ro.DryRun {
		d.result.Deleted = len(held.IDs)
		d.result.Unchanged = d.before - d.result.Changed - d.result.Deleted
		return nil
	}
	if reason != "" {
		h := heldDeletes{Blanks: blanks}
		if gone != "" {
			h.IDs, h.At = held.IDs, held.At
		}
		if err := d.hold(reason, h, earlier); err != nil {
			return err
		}
	}
	if err := d.lose(few); err != nil {
		return err
	}
	if gone == "" {
		batch.Deletes, batch.DeletedAt = held.IDs, held.At
		for _, id := range held.IDs {
			d.parents.add(p.object, id)
		}
		if err := d.parents.save(d.o.Store, p.object); err != nil {
			return err
		}
	}
	result, err := d.o.Store.Apply(batch)
	if err != nil {
		return err
	}
	d.count(result)
	d.result.Unchanged = max(0, d.before-d.result.Changed-d.result.Deleted)
	m := d.objectMeta(p.object)
	m.Quarantined, err = d.problems()
	if err != nil {
		return err
	}
	m.Damaged = max(m.Damaged, d.damaged) // a change in the overlap comes again
	m.Quarantined += m.Damaged
	m.LastSuccess, m.LastResult = d.o.Clock(), resultOK
	if reason != "" {
		m.LastResult = heldPrefix + reason
	}
	d.recorded[p.object] = true
	return d.o.Store.SetObject(m)
}

// problems counts the object's reported numbers.
func (d *delta) problems() (n int, err error) {
	served, err := d.o.Store.Reader()
	if err != nil {
		return 0, err
	}
	defer served.Release()
	err = served.NumberProblems(func(problem store.NumberProblem) bool {
		if problem.Object == d.plan.object {
			n++
		}
		return true
	})
	return n, err
}

// known keeps the deletions of entries that are there, in the order of their Ids.
func (d *delta) known(held *heldDeletes) error {
	served, err := d.o.Store.Reader()
	if err != nil {
		return err
	}
	defer served.Release()
	for id := range d.deletes {
		if ordinal, ok := served.Ordinal(id); ok {
			view, found := served.View(ordinal)
			if at := d.deletes[id]; !found || view.Object() != d.plan.object || !at.IsZero() && view.Stamp().After(at) {
				continue
			}
			held.IDs = append(held.IDs, id)
			e := view.Entry()
			d.samples.remove(&e)
		}
	}
	slices.Sort(held.IDs)
	for _, id := range held.IDs {
		held.At = append(held.At, d.deletes[id])
	}
	return nil
}

// waiting is what an earlier run held.
func (d *delta) waiting() (earlier heldDeletes, err error) {
	_, err = readJSON(d.o.Store, deletesBucket, d.plan.object, &earlier)
	return earlier, err
}

// lose takes attributes from the few entries that came without them.
func (d *delta) lose(few blanks) error {
	result, err := few.apply(d.o.Store, d.plan.object)
	d.count(result)
	return err
}

// settleChildren is finish for records that were fetched because of their parents.
func (d *delta) settleChildren() error {
	if len(d.blanks) == 0 {
		return nil
	}
	served, err := d.o.Store.Reader()
	if err != nil {
		return err
	}
	d.before = served.Count(d.plan.object)
	served.Release()
	earlier, err := d.waiting()
	if err != nil {
		return err
	}
	reason, held, few := d.judge(earlier.Blanks)
	if reason != "" {
		d.result.Held = strings.Trim(d.result.Held+"; "+reason, "; ")
		d.run.result.Held = true
	}
	if d.ro.DryRun {
		return nil
	}
	if reason != "" {
		if err := d.hold(reason, heldDeletes{Blanks: held}, earlier); err != nil {
			return err
		}
	}
	return d.lose(few)
}

// hold keeps changes for a person, before the checkpoint moves beyond them. Those of an earlier hold stay with it. Where
// a full load of the object is held, that one decides: it knows of these changes, or the next sweep does.
func (d *delta) hold(reason string, held, earlier heldDeletes) error {
	h := Hold{Since: d.started}
	if _, err := readJSON(d.o.Store, holdBucket, d.plan.object, &h); err != nil {
		return err
	}
	if h.Kind == Full.String() {
		return nil
	}
	known := make(map[string]bool, len(held.IDs))
	for _, id := range held.IDs {
		known[id] = true
	}
	for i, id := range earlier.IDs {
		if !known[id] {
			held.IDs, held.At = append(held.IDs, id), append(held.At, earlier.At[i])
		}
	}
	held.Blanks = held.Blanks.merge(earlier.Blanks)
	if err := putJSON(d.o.Store, deletesBucket, d.plan.object, &held); err != nil {
		return err
	}
	h = Hold{
		Object: d.plan.object, Kind: d.run.result.Kind.String(), Reason: reason, Since: h.Since, Before: d.before,
		Deleted: len(held.IDs), Blanked: held.Blanks.count(), Unchanged: d.before - len(held.IDs), Samples: d.samples.lines(),
	}
	return putJSON(d.o.Store, holdBucket, d.plan.object, &h)
}
