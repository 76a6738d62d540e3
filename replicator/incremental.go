package replicator

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ringdex/soap"
)

// deltaPossible says whether there is a generation that was made with these plans.
func (r *run) deltaPossible(plans []*plan) bool {
	if !r.meta.Complete {
		return false
	}
	for _, p := range plans {
		m := r.objectMeta(p.object)
		if m.Fingerprint != p.fingerprint || m.Checkpoint.Stamp.IsZero() {
			r.log(p).Info("nothing to add changes to: a full replication follows")
			return false
		}
		if len(p.thawed) > 0 {
			r.log(p).WithField("fields", p.thawed).Info("fields are back: a full replication fetches their values again")
			return false
		}
	}
	return true
}

// incremental brings the served generation up to date, object by object, and then the entries that show something of a
// changed parent. An object that fails doesn't keep the others from being brought up to date.
func (r *run) incremental(ctx context.Context, plans []*plan) error {
	parents, err := r.changedParents(ctx, plans)
	if err != nil {
		return fmt.Errorf("replicate: %w", err)
	}
	var failed error
	for i, p := range plans {
		m := r.meters[i]
		m.started = r.o.Clock()
		err := r.update(ctx, i, p, parents)
		m.seconds = r.o.Clock().Sub(m.started).Seconds()
		if err != nil {
			err = fmt.Errorf("replicate %s: %w", p.object, err)
			r.result.Objects[i].Err = err
			failed = errors.Join(failed, err)
			if !errors.Is(err, soap.ErrQuery) {
				return failed // the next object would fare no better
			}
		}
	}
	if err := r.refresh(ctx, plans, parents); err != nil {
		return errors.Join(failed, err)
	}
	return failed
}

// update brings one object up to date.
func (r *run) update(ctx context.Context, i int, p *plan, parents *parents) error {
	d := &delta{
		run: r, plan: p, meter: r.meters[i], result: &r.result.Objects[i], parents: parents,
		deletes: map[string]time.Time{}, fetched: map[string]bool{}, blanks: blanks{},
	}
	served, err := r.o.Store.Reader()
	if err != nil {
		return err
	}
	d.before = served.Count(p.object)
	served.Release()
	if err := d.changes(ctx); err != nil {
		return err
	}
	if d.sweep || r.result.Kind == Reconcile {
		if err := d.reconcile(ctx); err != nil {
			return err
		}
	}
	return d.finish()
}
