package replicator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"ringdex/replicator/store"
)

// compare sorts what came, counts what it changes and says whether any object is held.
func (l *loader) compare(ctx context.Context) (held bool, err error) {
	l.progress.stage("", StageIndex)
	if err := l.load.Prepare(ctx, l.progress.build); err != nil {
		return false, fmt.Errorf("replicate: %w", err)
	}
	for i, p := range l.full {
		if err := l.counted(ctx, i); err != nil {
			err = fmt.Errorf("replicate %s: %w", p.object, err)
			l.result.Objects[i].Err = err
			return false, err
		}
		c, t, o := l.load.Changes(p.object), l.tally[i], &l.result.Objects[i]
		o.Added, o.Changed, o.Deleted, o.Unchanged, o.Duplicates = c.Added, c.Changed, c.Deleted, c.Unchanged, c.Duplicates
		before := c.Changed + c.Deleted + c.Unchanged
		o.Held = l.o.Guard.deletions(before, c.Deleted)
		if o.Held == "" {
			if o.Held, err = l.blanked(p, t, before); err != nil {
				return false, err
			}
		}
		held = held || o.Held != ""
		if l.ro.DryRun || o.Held != "" {
			if o.Samples, err = l.sampled(p, t); err != nil {
				return false, err
			}
		}
	}
	l.result.Held = held
	return held, nil
}

// The bucket that remembers, per object, how many entries have each attribute.
const fillBucket = "filled"

// blanked says why the load is held if an attribute is gone from many entries at once: that is what a lost permission
// looks like.
func (l *loader) blanked(p *plan, t *tally, before int) (string, error) {
	if l.objectMeta(p.object).Fingerprint != p.fingerprint {
		return "", nil // another mapping
	}
	text, err := l.o.Store.Blob(fillBucket, p.object)
	if err != nil || text == nil {
		return "", err
	}
	var filled map[string]int
	if err := json.Unmarshal(text, &filled); err != nil {
		return "", fmt.Errorf("replicator: %s of %s: %w", fillBucket, p.object, err)
	}
	deleted := l.load.Changes(p.object).Deleted
	for _, a := range p.mapping.Attributes {
		if gone := min(filled[a.Name], before) - t.Filled[a.Name] - deleted; l.o.Guard.many(before, gone) {
			return fmt.Sprintf("%s is empty in %d of %d records that had it", a.Name, gone, filled[a.Name]), nil
		}
	}
	return "", nil
}

// sampled shows some of what a load changes in an object.
func (l *loader) sampled(p *plan, t *tally) ([]string, error) {
	if l.meta.Complete && !t.resumed {
		served, err := l.o.Store.Reader()
		if err != nil {
			return nil, err
		}
		defer served.Release()
		t.samples.missing(served, p.object, t.seen)
	}
	return t.samples.lines(), nil
}

// commit makes the load what is served.
func (l *loader) commit(ctx context.Context) error {
	held := make([]loadedObject, 0, len(l.full))
	for i, p := range l.full {
		held = append(held, l.loaded(i, p))
	}
	if err := commitLoad(ctx, l.o.Store, l.load, held, l.o.Clock(), l.progress); err != nil {
		return fmt.Errorf("replicate: %w", err)
	}
	for _, p := range l.full {
		l.recorded[p.object] = true
	}
	return nil
}

// loadedObject is what a switch records of an object.
type loadedObject struct {
	Meta   store.ObjectMeta `json:"meta"`
	Filled map[string]int   `json:"filled"`
	Frozen []Frozen         `json:"frozen,omitempty"`
}

func (l *loader) loaded(i int, p *plan) loadedObject {
	o := l.result.Objects[i]
	return loadedObject{
		Meta: store.ObjectMeta{
			Name: p.object, Duplicates: o.Duplicates, Quarantined: o.Quarantined, Damaged: l.tally[i].Damaged, LastResult: resultOK,
			Fields: p.paths, Fingerprint: p.fingerprint,
		},
		Filled: l.tally[i].Filled, Frozen: p.frozen,
	}
}

// commitLoad switches to a load. The store sets the checkpoints in the same transaction.
func commitLoad(ctx context.Context, s *store.Store, load *store.Load, objects []loadedObject, now time.Time, progress *reporter) error {
	progress.stage("", StageSwitch)
	if _, err := load.Commit(ctx, progress.build); err != nil {
		return errors.Join(err, load.Close())
	}
	for _, o := range objects {
		o.Meta.LastSuccess = now
		if err := s.SetObject(o.Meta); err != nil {
			return err
		}
		filled, err := json.Marshal(o.Filled)
		if err != nil {
			return err
		}
		// What a delta held is settled: the load has it, or knows better.
		if err := errors.Join(s.PutBlob(fillBucket, o.Meta.Name, filled), dropHold(s, o.Meta.Name),
			putFrozen(s, o.Meta.Name, o.Frozen)); err != nil {
			return err
		}
	}
	return nil
}
