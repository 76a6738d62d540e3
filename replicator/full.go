package replicator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"ringdex/replicator/store"
	"ringdex/schema"
	"ringdex/soap"
)

// maxStagingAge is how old the rows of an interrupted load may be to be gone on with. Salesforce forgets deletions after
// 15 days, and a delta must still see those that happened while the load was interrupted.
const maxStagingAge = 24 * time.Hour

// loader is a full run of some objects.
type loader struct {
	*run
	load  *store.Load
	plan  store.LoadPlan
	full  []*plan       // loaded
	kept  []string      // taken over
	tally []*tally      // parallel to full
	slots chan struct{} // one for each connection

	heldSince map[string]time.Time // since when an object was held that is loaded anew
}

// tally is what a load knows of an object beside its rows. It travels in the checkpoint, so that a resumed run has it.
type tally struct {
	Quarantined int            `json:"quarantined,omitempty"`
	Damaged     int            `json:"damaged,omitempty"`
	Filled      map[string]int `json:"filled,omitempty"` // entries that have the attribute
	Parts       []part         `json:"parts,omitempty"`  // of a load by several connections
	Rows        int            `json:"-"`
	Before      int            `json:"-"` // records that the org counted before the load
	After       int            `json:"-"` // and after it
	seen        []uint32       // ordinals of the served entries that came again
	resumed     bool           // seen has only a part
	samples     samples
}

// full replicates everything into a new generation.
func (r *run) full(ctx context.Context, plans []*plan) error {
	l := &loader{run: r, full: plans, tally: make([]*tally, len(plans))}
	l.planLoad()
	if err := l.begin(); err != nil {
		return fmt.Errorf("replicate: %w", err)
	}
	if err := l.bring(ctx); err != nil {
		return errors.Join(err, l.load.Close())
	}
	held, err := l.compare(ctx)
	switch {
	case errors.Is(err, ErrCount):
		return errors.Join(err, l.load.Discard())
	case err != nil:
		return errors.Join(err, l.load.Close())
	case r.ro.DryRun:
		return l.load.Discard()
	case held:
		return errors.Join(l.hold(), l.load.Close())
	}
	return l.commit(ctx)
}

// planLoad says what the new generation holds: the objects of this run, and those that it leaves alone.
func (l *loader) planLoad() {
	fingerprint := make([]string, 0, len(l.full))
	for _, p := range l.full {
		l.plan.Objects = append(l.plan.Objects, p.object)
		fingerprint = append(fingerprint, p.object+"="+p.fingerprint)
		for i := range p.frozen {
			fingerprint = append(fingerprint, "-"+p.frozen[i].Field)
		}
	}
	if !l.meta.Complete {
		l.plan.Fingerprint = strings.Join(fingerprint, " ")
		return
	}
	for i := range l.o.Mappings {
		name := l.o.Mappings[i].Object
		for _, m := range l.meta.Objects {
			if strings.EqualFold(m.Name, name) && !slices.Contains(l.plan.Objects, m.Name) {
				l.plan.Objects = append(l.plan.Objects, m.Name)
				l.kept = append(l.kept, m.Name)
				fingerprint = append(fingerprint, m.Name+"=kept")
			}
		}
	}
	l.plan.Fingerprint = strings.Join(fingerprint, " ")
}

// begin resumes an interrupted load, unless it is too old or held: what a person has not decided on is loaded anew, and
// may turn out to be nothing to decide on.
func (l *loader) begin() error {
	held, err := heldLoad(l.o.Store)
	if err != nil {
		return err
	}
	if held != nil && l.ro.DryRun {
		return fmt.Errorf("%w: a dry run needs the place where the held load of %s lies", ErrHeld, strings.Join(held.objects(), ", "))
	}
	if l.load, err = l.o.Store.BeginLoad(l.plan); err != nil {
		return err
	}
	stale := held != nil
	for _, p := range l.full {
		cp := l.load.Checkpoint(p.object)
		stale = stale || !cp.T0.IsZero() && (l.t0.Sub(cp.T0) > maxStagingAge || cp.T0.After(l.t0))
	}
	if !stale {
		return nil
	}
	if err := l.load.Discard(); err != nil {
		return err
	}
	if held != nil {
		holds, err := Holds(l.o.Store)
		if err != nil {
			return err
		}
		l.heldSince = map[string]time.Time{}
		for _, h := range holds {
			l.heldSince[h.Object] = h.Since
		}
		if err := dropHeldLoad(l.o.Store, held); err != nil {
			return err
		}
	}
	l.load, err = l.o.Store.BeginLoad(l.plan)
	return err
}

// bring loads the objects, some at a time, and counts them.
func (l *loader) bring(ctx context.Context) error {
	g := newGroup(ctx)
	l.slots = make(chan struct{}, l.o.Connections)
	for i, p := range l.full {
		load := func(ctx context.Context) error {
			m := l.meters[i]
			m.started = l.o.Clock()
			err := l.object(ctx, i)
			m.seconds = l.o.Clock().Sub(m.started).Seconds()
			if err != nil {
				err = fmt.Errorf("replicate %s: %w", p.object, err)
				l.result.Objects[i].Err = err
			}
			return err
		}
		if l.o.Connections > 1 {
			g.run(load)
			continue
		}
		if g.run(load); g.wait() != nil { // one after the other, in the order of the mappings
			break
		}
		g = newGroup(ctx)
	}
	err := g.wait()
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("replicate: %w", context.Cause(ctx))
	case err != nil:
		return err
	}
	for _, object := range l.kept {
		if err := l.load.Keep(object); err != nil {
			return fmt.Errorf("replicate %s: %w", object, err)
		}
	}
	return nil
}

// objectLoad is one object's load at work. Its parts share the position.
type objectLoad struct {
	mu       sync.Mutex
	tally    *tally
	position store.Checkpoint
}

// object loads one object from its checkpoint to its end.
func (l *loader) object(ctx context.Context, i int) error {
	p, m := l.full[i], l.meters[i]
	cp := l.load.Checkpoint(p.object)
	t := &tally{}
	if len(cp.Parts) > 0 {
		if err := json.Unmarshal(cp.Parts, t); err != nil {
			return fmt.Errorf("replicator: checkpoint: %w", err)
		}
	}
	if t.Filled == nil {
		t.Filled = map[string]int{}
	}
	t.Rows, t.resumed = cp.Rows, cp.Rows > 0
	l.tally[i] = t
	if cp.T0.IsZero() {
		cp.T0 = l.t0
	}
	err := l.connected(ctx, func() (err error) {
		if t.Before, err = l.count(ctx, p, m); err != nil || t.resumed || cp.Done {
			return err
		}
		t.Parts, err = l.divide(ctx, p, m, t.Before)
		return err
	})
	if err != nil {
		return err
	}
	l.progress.records(p.object, StageLoad, t.Rows, t.Before, true)
	if !cp.Done {
		if err := l.rows(ctx, p, m, &objectLoad{tally: t, position: cp}); err != nil {
			return err
		}
	}
	o := &l.result.Objects[i]
	o.Quarantined, o.Rows = t.Quarantined, t.Rows
	return l.connected(ctx, func() (err error) {
		t.After, err = l.count(ctx, p, m)
		return err
	})
}

// rows loads what is missing and notes that nothing is.
func (l *loader) rows(ctx context.Context, p *plan, m *meter, o *objectLoad) error {
	var err error
	if len(o.tally.Parts) > 0 {
		err = l.parts(ctx, p, m, o)
	} else {
		err = l.connected(ctx, func() error { return l.stream(ctx, p, m, o, nil) })
	}
	if err != nil {
		return err
	}
	// Only now is it known that the last page was the last.
	// From here on the checkpoint is where the next delta begins.
	o.position.Done, o.position.Stamp, o.position.ID = true, o.position.T0, ""
	return l.load.Put(p.object, nil, o.position)
}

// stream runs the pipeline of a part, or of all records: fetch, normalise and store work on three pages at the same time.
func (l *loader) stream(ctx context.Context, p *plan, m *meter, o *objectLoad, of *part) error {
	after, until := o.position.ID, ""
	if of != nil {
		after, until = of.After, of.Until
	}
	fetched, normalised := make(chan soap.Page), make(chan batch)
	g := newGroup(ctx)
	g.run(func(ctx context.Context) error {
		defer close(fetched)
		q := l.pages(p, m, false, position{id: soap.ID(after)}, p.loadQuery(until))
		for {
			page, err := q.next(ctx)
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			select {
			case fetched <- page:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	})
	g.run(func(ctx context.Context) error {
		defer close(normalised)
		n := l.normaliser(p)
		for page := range fetched {
			b, err := n.page(&page)
			if err != nil {
				return err
			}
			select {
			case normalised <- b:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		return nil
	})
	g.run(func(ctx context.Context) error {
		var seen idPages
		for b := range normalised {
			if err := l.put(p, o, of, &b, &seen); err != nil {
				return err
			}
		}
		return nil
	})
	if err := g.wait(); err != nil || of == nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	of.Done = true
	return l.store(p, o, nil)
}

// idPages are the Ids of the last two pages: a page that comes again does so at once.
type idPages struct{ now, before map[string]bool }

func (s *idPages) turn(n int) { s.now, s.before = make(map[string]bool, n), s.now }

func (s *idPages) again(id string) bool {
	if s.now[id] {
		return true
	}
	s.now[strings.Clone(id)] = true
	return s.before[id]
}

// put stores a page with its checkpoint.
func (l *loader) put(p *plan, o *objectLoad, of *part, b *batch, seen *idPages) error {
	if err := p.keepFrozen(l.o.Store, b.entries); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	t := o.tally
	seen.turn(len(b.entries))
	for i := range b.entries {
		if seen.again(b.entries[i].ID) {
			continue
		}
		for j := range b.entries[i].Attributes {
			t.Filled[b.entries[i].Attributes[j].Name]++
		}
	}
	t.Rows += len(b.entries)
	t.Quarantined += b.quarantined
	if l.ro.DryRun {
		t.samples.doubts(b.problems)
	}
	t.Damaged += b.damaged
	o.position.Stamp = b.last.stamp
	if of != nil {
		of.After = string(b.last.id)
	} else {
		o.position.ID = string(b.last.id)
	}
	if len(b.problems) > 0 {
		if err := l.load.Report(b.problems); err != nil {
			return err
		}
	}
	if err := l.store(p, o, b.entries); err != nil {
		return err
	}
	l.progress.records(p.object, StageLoad, t.Rows, t.Before, false)
	return l.see(t, b.entries)
}

// store writes entries with the position behind them.
func (l *loader) store(p *plan, o *objectLoad, entries []schema.Entry) error {
	parts, err := json.Marshal(o.tally)
	if err != nil {
		return err
	}
	o.position.Rows, o.position.Parts = o.tally.Rows, parts
	return l.load.Put(p.object, entries, o.position)
}

// see notes which of the served entries came again.
func (l *loader) see(t *tally, entries []schema.Entry) error {
	if !l.meta.Complete {
		return nil
	}
	served, err := l.o.Store.Reader()
	if err != nil {
		return err
	}
	defer served.Release()
	for i := range entries {
		ordinal, ok := served.Ordinal(entries[i].ID)
		if ok {
			t.seen = append(t.seen, ordinal)
		}
		if l.ro.DryRun {
			t.samples.compare(served, &entries[i], ordinal, ok)
		}
	}
	return nil
}

// counted compares what came with what the org counts. Both may differ by what changed during the load.
func (l *loader) counted(ctx context.Context, i int) error {
	p, m, t := l.full[i], l.meters[i], l.tally[i]
	distinct := t.Rows - l.load.Changes(p.object).Duplicates
	low, high := min(t.Before, t.After), max(t.Before, t.After)
	if distinct >= low && distinct <= high {
		return nil
	}
	churn, err := l.churn(ctx, p, m, l.load.Checkpoint(p.object).T0)
	if err != nil {
		return err
	}
	if distinct >= low-churn && distinct <= high+churn {
		return nil
	}
	return fmt.Errorf("%w: %d came, the org counts %d and %d of them changed meanwhile; what is served stays, try again",
		ErrCount, distinct, t.After, churn)
}

// churn counts what was changed or deleted since a time.
func (l *loader) churn(ctx context.Context, p *plan, m *meter, since time.Time) (int, error) {
	n, err := l.count(ctx, p, m, p.stampField+" >= "+since.UTC().Format(soqlTime))
	if err != nil || !p.logsDeletes {
		return n, err
	}
	var now time.Time
	if err := l.call(ctx, m, func() (err error) { now, err = l.o.Client.ServerTimestamp(ctx); return err }); err != nil {
		return 0, err
	}
	var deleted soap.DeletedResult
	err = l.call(ctx, m, func() (err error) {
		deleted, err = l.o.Client.Deleted(ctx, p.object, since.Add(-time.Minute), now.Add(time.Minute))
		return err
	})
	return n + len(deleted.Records), err
}
