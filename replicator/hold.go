package replicator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ringdex/replicator/store"
)

// Buckets of the store.
const (
	holdBucket    = "holds"    // Hold by object
	loadBucket    = "holdload" // the staged load that the holds belong to
	deletesBucket = "holddel"  // the held deletions of a delta or a sweep, by object
	heldLoadKey   = "load"
)

// Decisions about a hold that waits for the other objects of its load.
const (
	approved = "approved"
	rejected = "rejected"
)

// Hold is a change that waits for a person.
type Hold struct {
	Object    string    `json:"object"`
	Kind      string    `json:"kind"` // of the run
	Reason    string    `json:"reason"`
	Since     time.Time `json:"since"`
	Before    int       `json:"before"` // records served
	Added     int       `json:"added"`
	Changed   int       `json:"changed"`
	Deleted   int       `json:"deleted"`
	Blanked   int       `json:"blanked,omitempty"` // values that entries would lose
	Unchanged int       `json:"unchanged"`
	Samples   []string  `json:"samples,omitempty"`
	Decision  string    `json:"decision,omitempty"` // "approved" or "rejected", while other objects of the same load are not decided
}

// stagedLoad is a held full load: enough to commit it without the org.
type stagedLoad struct {
	Plan    store.LoadPlan `json:"plan"`
	Objects []loadedObject `json:"objects"`
	Held    []string       `json:"held"`
}

func (h *stagedLoad) objects() []string { return h.Held }

// heldDeletes are held deletions, with the time at which the org deleted each, and attributes that entries would lose.
type heldDeletes struct {
	IDs    []string    `json:"ids"`
	At     []time.Time `json:"at"`
	Blanks blanks      `json:"blanks,omitempty"`
}

// Holds lists what is held, by object.
func Holds(s *store.Store) ([]Hold, error) {
	var holds []Hold
	var bad error
	err := s.EachBlob(holdBucket, func(_ string, text []byte) bool {
		var h Hold
		if bad = json.Unmarshal(text, &h); bad != nil {
			return false
		}
		holds = append(holds, h)
		return true
	})
	if err = errors.Join(err, bad); err != nil {
		return nil, fmt.Errorf("replicator: holds: %w", err)
	}
	return holds, nil
}

// Approve lets a held change through. It needs no org: the change lies in the store. Where the same load holds other
// objects too, it takes effect when those are decided as well; done says which it was. It must not run beside a Run.
func Approve(ctx context.Context, s *store.Store, object string, progress func(Progress)) (h Hold, done bool, err error) {
	return decide(ctx, s, object, approved, progress)
}

// Reject drops a held change: what is served of the object stays as it is. The other objects of the same load take
// effect once they are decided. It must not run beside a Run.
func Reject(ctx context.Context, s *store.Store, object string, progress func(Progress)) (h Hold, done bool, err error) {
	return decide(ctx, s, object, rejected, progress)
}

func decide(ctx context.Context, s *store.Store, object, decision string, progress func(Progress)) (Hold, bool, error) {
	holds, err := Holds(s)
	if err != nil {
		return Hold{}, false, err
	}
	i := slices.IndexFunc(holds, func(h Hold) bool { return strings.EqualFold(h.Object, object) })
	if i < 0 {
		return Hold{}, false, fmt.Errorf("%w of %s", ErrNoHold, object)
	}
	h := &holds[i]
	if h.Kind != Full.String() {
		if err := decideDeletes(s, h, decision); err != nil {
			return *h, false, fmt.Errorf("replicate %s: %w", h.Object, err)
		}
		return *h, true, nil
	}
	h.Decision = decision
	load, err := heldLoad(s)
	if err != nil {
		return *h, false, err
	}
	if load == nil {
		return *h, false, errors.Join(fmt.Errorf("replicate %s: %w", h.Object, errStagingGone), s.PutBlob(holdBucket, h.Object, nil))
	}
	if err := putJSON(s, holdBucket, h.Object, h); err != nil {
		return *h, false, err
	}
	decisions := map[string]string{}
	for _, other := range holds {
		if other.Kind != Full.String() {
			continue
		}
		if other.Decision == "" {
			return *h, false, nil
		}
		decisions[other.Object] = other.Decision
	}
	if err := settle(ctx, s, load, decisions, progress); err != nil {
		return *h, false, fmt.Errorf("replicate %s: %w", h.Object, err)
	}
	return *h, true, nil
}

var errStagingGone = errors.New("replicator: the held load is no longer there; replicate again")

// settle commits a held load without the rejected objects.
func settle(ctx context.Context, s *store.Store, held *stagedLoad, decisions map[string]string, progress func(Progress)) error {
	load, err := s.BeginLoad(held.Plan)
	if err != nil {
		return err
	}
	var objects []loadedObject
	for _, o := range held.Objects {
		name := o.Meta.Name
		if !load.Checkpoint(name).Done {
			return errors.Join(errStagingGone, load.Discard(), dropHeldLoad(s, held))
		}
		if decisions[name] != rejected {
			objects = append(objects, o)
			continue
		}
		if err := errors.Join(load.Keep(name), noteDecision(s, name)); err != nil {
			return errors.Join(err, load.Close())
		}
	}
	if len(objects) == 0 {
		return errors.Join(load.Discard(), dropHeldLoad(s, held))
	}
	now := time.Now()
	if err := commitLoad(ctx, s, load, objects, now, newReporter(progress, time.Now, now)); err != nil {
		return err
	}
	return dropHeldLoad(s, held)
}

// decideDeletes settles held deletions.
func decideDeletes(s *store.Store, h *Hold, decision string) error {
	if decision == approved {
		var d heldDeletes
		if ok, err := readJSON(s, deletesBucket, h.Object, &d); err != nil || !ok {
			return errors.Join(errStagingGone, err, dropHold(s, h.Object))
		}
		if _, err := d.Blanks.apply(s, h.Object); err != nil {
			return err
		}
		if _, err := s.Apply(store.Batch{Object: h.Object, Deletes: d.IDs, DeletedAt: d.At}); err != nil {
			return err
		}
	}
	return errors.Join(dropHold(s, h.Object), noteDecision(s, h.Object))
}

// noteDecision ends what status says of a held object.
func noteDecision(s *store.Store, object string) error {
	meta, err := s.Meta()
	if err != nil {
		return err
	}
	for _, m := range meta.Objects {
		if m.Name == object {
			m.LastResult = resultOK
			return s.SetObject(m)
		}
	}
	return nil
}

func dropHold(s *store.Store, object string) error {
	return errors.Join(s.PutBlob(holdBucket, object, nil), s.PutBlob(deletesBucket, object, nil))
}

// heldLoad returns the held full load, nil if there is none.
func heldLoad(s *store.Store) (*stagedLoad, error) {
	h := &stagedLoad{}
	ok, err := readJSON(s, loadBucket, heldLoadKey, h)
	if err != nil || !ok {
		return nil, err
	}
	return h, nil
}

// dropHeldLoad forgets a held load and its holds. Its staging file is the store's.
func dropHeldLoad(s *store.Store, held *stagedLoad) error {
	err := s.PutBlob(loadBucket, heldLoadKey, nil)
	for _, object := range held.Held {
		err = errors.Join(err, s.PutBlob(holdBucket, object, nil))
	}
	return err
}

// hold keeps a load for a person. The rows stay in the store's staging file.
func (l *loader) hold() error {
	staged := &stagedLoad{Plan: l.plan}
	var holds []Hold
	for i, p := range l.full {
		staged.Objects = append(staged.Objects, l.loaded(i, p))
		o := &l.result.Objects[i]
		if o.Held == "" {
			continue
		}
		staged.Held = append(staged.Held, p.object)
		if err := l.heldThaw(p); err != nil {
			return fmt.Errorf("replicate: %w", err)
		}
		since := l.started
		if first, ok := l.heldSince[p.object]; ok {
			since = first
		}
		holds = append(holds, Hold{
			Object: p.object, Kind: Full.String(), Reason: o.Held, Since: since, Before: o.Changed + o.Deleted + o.Unchanged,
			Added: o.Added, Changed: o.Changed, Deleted: o.Deleted, Unchanged: o.Unchanged, Samples: o.Samples,
		})
	}
	if err := putJSON(l.o.Store, loadBucket, heldLoadKey, staged); err != nil {
		return fmt.Errorf("replicate: %w", err)
	}
	for i := range holds {
		err := putJSON(l.o.Store, holdBucket, holds[i].Object, &holds[i])
		if err = errors.Join(err, l.o.Store.PutBlob(deletesBucket, holds[i].Object, nil)); err != nil {
			return fmt.Errorf("replicate: %w", err)
		}
	}
	return nil
}

func putJSON(s *store.Store, bucket, key string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return s.PutBlob(bucket, key, text)
}

func readJSON(s *store.Store, bucket, key string, v any) (bool, error) {
	text, err := s.Blob(bucket, key)
	if err != nil || text == nil {
		return false, err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return false, fmt.Errorf("replicator: %s/%s: %w", bucket, key, err)
	}
	return true, nil
}
