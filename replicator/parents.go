package replicator

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ringdex/replicator/store"
)

// A change of a parent (an account's name) does not move the stamp of the records that show it. So the parents that
// changed are noted in the store before their own change is applied, and struck off when their children were fetched
// again: a run that dies in between leaves the note to the next.

const (
	parentBucket = "parents"
	// maxParents is how many changed parents of an object that is not mapped are followed. A mass change of users is
	// left to the next full run.
	maxParents = 2000
)

// parents are the changed records whose children must be fetched again.
type parents struct {
	wanted map[string]bool            // objects that some plan shows fields of
	ids    map[string]map[string]bool // by object
	dirty  bool
}

func (p *parents) add(object, id string) {
	if !p.wanted[object] || p.ids[object][id] {
		return
	}
	if p.ids[object] == nil {
		p.ids[object] = map[string]bool{}
	}
	p.ids[object][strings.Clone(id)] = true
	p.dirty = true
}

func (p *parents) list(object string) []string {
	ids := make([]string, 0, len(p.ids[object]))
	for id := range p.ids[object] {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// save notes an object's changed parents in the store.
func (p *parents) save(s *store.Store, object string) error {
	if !p.dirty {
		return nil
	}
	p.dirty = false
	return putJSON(s, parentBucket, object, p.list(object))
}

// changedParents begins with what earlier runs left, and with the changes of parents that are not mapped themselves.
func (r *run) changedParents(ctx context.Context, plans []*plan) (*parents, error) {
	p := &parents{wanted: map[string]bool{}, ids: map[string]map[string]bool{}}
	from := r.t0
	var unmapped []string
	for _, child := range plans {
		if stamp := r.objectMeta(child.object).Checkpoint.Stamp; len(child.hops) > 0 && stamp.Before(from) {
			from = stamp
		}
		for _, h := range child.hops {
			for _, target := range h.targets {
				if d := r.catalog[strings.ToLower(target)]; d != nil && !p.wanted[d.Name] {
					p.wanted[d.Name] = true
					if !slices.ContainsFunc(plans, func(x *plan) bool { return x.object == d.Name }) {
						unmapped = append(unmapped, d.Name)
					}
				}
			}
		}
	}
	for object := range p.wanted {
		var left []string
		if _, err := readJSON(r.o.Store, parentBucket, object, &left); err != nil {
			return nil, err
		}
		for _, id := range left {
			p.add(object, id)
		}
	}
	p.dirty = false
	for _, object := range unmapped {
		if err := r.unmappedParents(ctx, p, object, from); err != nil {
			return nil, fmt.Errorf("%s: %w", object, err)
		}
	}
	return p, nil
}

// unmappedParents asks which records of an object changed, by Id only.
func (r *run) unmappedParents(ctx context.Context, p *parents, object string, from time.Time) error {
	d := r.catalog[strings.ToLower(object)]
	if f := fieldOf(d, "SystemModstamp"); f == nil || !d.Queryable {
		return nil
	}
	target := &plan{object: object, stampField: "SystemModstamp"}
	since := "SystemModstamp >= " + from.Add(-r.o.Overlap).UTC().Format(soqlTime)
	n, err := r.count(ctx, target, nil, since)
	if err != nil {
		return err
	}
	if n > maxParents {
		r.log(target).WithField("records", n).Warn("too many parents changed: their children follow with the next full run")
		return nil
	}
	if n == 0 {
		return nil
	}
	q := r.pages(target, nil, false, position{}, func(after position) string {
		return "SELECT Id, SystemModstamp" + target.from(since, behind(after.id)) + " ORDER BY Id"
	})
	for {
		page, err := q.next(ctx)
		if err != nil {
			if isEOF(err) {
				break
			}
			return err
		}
		for i := range page.Records {
			p.add(object, string(page.Records[i].ID))
		}
	}
	if r.ro.DryRun {
		return nil
	}
	return p.save(r.o.Store, object)
}

// refresh fetches the children of changed parents again and strikes the parents off.
func (r *run) refresh(ctx context.Context, plans []*plan, p *parents) error {
	for i, child := range plans {
		if r.result.Objects[i].Err != nil {
			continue
		}
		d := &delta{
			run: r, plan: child, meter: r.meters[i], result: &r.result.Objects[i], parents: p,
			deletes: map[string]time.Time{}, fetched: map[string]bool{}, blanks: blanks{},
		}
		for _, h := range child.hops {
			for _, target := range h.targets {
				ids := p.list(r.spelled(target))
				if err := d.fetch(ctx, h.reference, ids); err != nil {
					err = fmt.Errorf("replicate %s: %w", child.object, err)
					r.result.Objects[i].Err = err
					return err
				}
			}
		}
		if err := d.settleChildren(); err != nil {
			return fmt.Errorf("replicate %s: %w", child.object, err)
		}
		if r.ro.DryRun {
			r.result.Objects[i].Samples = append(r.result.Objects[i].Samples, d.samples.lines()...)
		}
	}
	if r.ro.DryRun || slices.ContainsFunc(r.result.Objects, func(o ObjectResult) bool { return o.Err != nil }) {
		return nil
	}
	for object, ids := range p.ids {
		if len(ids) == 0 {
			continue
		}
		if err := r.o.Store.PutBlob(parentBucket, object, nil); err != nil {
			return fmt.Errorf("replicate: %w", err)
		}
	}
	return nil
}

// spelled is the name of an object as the org spells it.
func (r *run) spelled(object string) string {
	if d := r.catalog[strings.ToLower(object)]; d != nil {
		return d.Name
	}
	return object
}
