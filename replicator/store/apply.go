package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"ringdex/schema"
)

// Batch is a delta of one object.
type Batch struct {
	Object     string
	Upserts    []schema.Entry
	Deletes    []string    // 18 character Ids
	DeletedAt  []time.Time // parallel to Deletes, or nil: when the source deleted them; an entry with a newer stamp stays
	Checkpoint *Checkpoint // stored with the changes; nil leaves it
	// Problems of the upserts' numbers. An upsert that isn't stale drops those that its Id had before.
	Problems []NumberProblem
	// Restore takes back what was deleted, whatever the stamp of the deletion: the upserts were asked for just now, by Id,
	// so that the source's showing them is proof that they live.
	Restore bool
}

// ApplyResult counts what a batch did.
type ApplyResult struct {
	Added, Changed, Deleted, Unchanged int
	Stale                              int    // older than what is stored, or than its deletion
	Moved                              int    // entries that made room for others at their place in the order
	Sequence                           uint64 // of the last change
}

// Apply stores a delta in one transaction: entries, index, counts, change log and checkpoint together. Applying a batch
// again changes nothing, and batches may come in any order: of one Id the newest stamp wins, of equal ones the last
// arrival. A deleted Id comes back with a newer stamp than it was deleted with, or with
// Restore. It is ErrEmpty before the first load.
func (s *Store) Apply(b Batch) (ApplyResult, error) {
	if b.DeletedAt != nil && len(b.DeletedAt) != len(b.Deletes) {
		return ApplyResult{}, errors.New("store: DeletedAt and Deletes differ in length")
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	var result ApplyResult
	err := s.update(func(tx *bolt.Tx) error {
		d := &delta{s: s, tx: tx, object: b.Object, restore: b.Restore, counts: map[string]int{}, stale: map[string]bool{}, origins: map[string]origin{}, waiting: map[string]*newcomer{}}
		if err := d.run(&b); err != nil {
			return err
		}
		result = d.result
		return nil
	})
	if err != nil {
		return ApplyResult{}, fmt.Errorf("store: apply %s: %w", b.Object, err)
	}
	return result, nil
}

// delta is one Apply at work.
type delta struct {
	s        *Store
	tx       *bolt.Tx
	object   string
	restore  bool
	tree     tree
	attrs    *attributes
	changes  []Change
	sequence uint64
	counts   map[string]int // differences
	result   ApplyResult
	stale    map[string]bool
	waiting  map[string]*newcomer // entries that wait for an ordinal, by Id
	origins  map[string]origin
	touched  []string // Ids of the origins, in the order in which they came
}

func (d *delta) run(b *Batch) error {
	_, t, ok, err := openTree(d.tx)
	if err != nil {
		return err
	}
	if !ok {
		return ErrEmpty
	}
	d.tree = t
	d.sequence = readUint64(d.tx.Bucket(bucketMeta), keySequence)
	list, err := readAttributes(t.attributes)
	if err != nil {
		return err
	}
	d.attrs = newAttributes(d.s.options.Schema, list)
	for i := range b.Upserts {
		if b.Upserts[i].Object != b.Object {
			return fmt.Errorf("an entry of %s among those of %s", b.Upserts[i].Object, b.Object)
		}
		if err := d.upsert(&b.Upserts[i]); err != nil {
			return fmt.Errorf("%s: %w", b.Upserts[i].ID, err)
		}
	}
	if err := d.settle(); err != nil {
		return err
	}
	for i, id := range b.Deletes {
		var at time.Time
		if b.DeletedAt != nil {
			at = b.DeletedAt[i]
		}
		if err := d.remove(id, at); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
	}
	problems := slices.DeleteFunc(slices.Clone(b.Problems), func(p NumberProblem) bool { return d.stale[p.ID] })
	if err := putProblems(t.problems, t.counts, problems); err != nil {
		return err
	}
	return d.finish(b)
}

func (d *delta) finish(b *Batch) error {
	if err := errors.Join(d.lists(), d.attrs.save(d.tree.attributes)); err != nil {
		return err
	}
	for object, n := range d.counts {
		have := int(readUint64(d.tree.counts, countKey(object)))
		if err := putUint64(d.tree.counts, countKey(object), uint64(have+n)); err != nil {
			return err
		}
	}
	if err := d.s.logChanges(d.tx, d.changes); err != nil {
		return err
	}
	if err := follow(d.tx, d.tree.orders, d.tree.people, d.tree.inside); err != nil {
		return err
	}
	d.result.Sequence = readUint64(d.tx.Bucket(bucketMeta), keySequence)
	if b.Checkpoint == nil {
		return nil
	}
	m, err := readObject(d.tx, b.Object)
	if err != nil {
		return err
	}
	m.Checkpoint = *b.Checkpoint
	return writeObject(d.tx, m)
}

func (d *delta) log(kind ChangeKind, id string) {
	d.sequence++
	d.changes = append(d.changes, Change{Kind: kind, Object: d.object, ID: id})
}

// stored returns the ordinal and a copy of the entry of an Id, nil if there is none: the file's pages may move under a
// transaction that writes.
func (d *delta) stored(id string) (ord uint32, data []byte, err error) {
	o := d.tree.ids.Get([]byte(id))
	if o == nil {
		return 0, nil, nil
	}
	data = bytes.Clone(d.tree.entries.Get(o))
	if len(o) != 4 || data == nil {
		return 0, nil, fmt.Errorf("%w: Id without an entry", ErrCorrupt)
	}
	return binary.BigEndian.Uint32(o), data, nil
}

func (d *delta) view(data []byte) (View, error) {
	v, ok := openView(data, d.attrs.list)
	if !ok {
		return v, fmt.Errorf("%w: %w", ErrCorrupt, errEncoding)
	}
	return v, nil
}

func (d *delta) upsert(e *schema.Entry) error {
	data, err := appendEntry(nil, e, d.attrs)
	if err != nil {
		return err
	}
	v, err := d.view(data)
	if err != nil {
		return err
	}
	if d.waiting[e.ID] != nil {
		if err := d.settle(); err != nil {
			return err
		}
	}
	ord, had, err := d.stored(e.ID)
	if err != nil {
		return err
	}
	if had == nil {
		return d.insert(&v, data)
	}
	old, err := d.view(had)
	if err != nil {
		return err
	}
	if string(old.object) != e.Object {
		return fmt.Errorf("it is stored as a %s", old.object)
	}
	if old.micros() > v.micros() {
		d.stale[e.ID] = true
		d.result.Stale++
		return nil
	}
	if bytes.Equal(data, had) {
		d.result.Unchanged++
		return nil
	}
	if string(old.content()) == string(v.content()) {
		d.result.Unchanged++ // only the stamp is new
		return d.tree.entries.Put(appendOrdinal(nil, ord), data)
	}
	if err := d.dropProblems(e.ID); err != nil {
		return err
	}
	d.result.Changed++
	d.log(Changed, e.ID)
	d.touch(e.ID, ord, had)
	if !bytes.Equal(sortKey(&old, d.tree.collation()), sortKey(&v, d.tree.collation())) {
		d.comes(&v, data, ord)
		return nil
	}
	return d.tree.entries.Put(appendOrdinal(nil, ord), data)
}

func (d *delta) insert(v *View, data []byte) error {
	id := string(v.ID())
	graves := d.tx.Bucket(bucketGraves)
	if grave := graves.Get(v.ID()); grave != nil {
		if !d.restore && graveStamp(grave) >= v.micros() {
			d.stale[id] = true
			d.result.Stale++
			return nil
		}
		if err := graves.Delete(v.ID()); err != nil {
			return err
		}
	}
	d.result.Added++
	d.counts[d.object]++
	d.log(Added, id)
	d.touch(id, 0, nil)
	d.comes(v, data, 0)
	return nil
}

// put stores an entry under an ordinal that is free.
func (d *delta) put(ord uint32, id, data []byte) error {
	key := appendOrdinal(nil, ord)
	return errors.Join(d.tree.ids.Put(id, key), d.tree.entries.Put(key, data))
}

func (d *delta) remove(id string, at time.Time) error {
	if err := checkID(id); err != nil {
		return err
	}
	ord, had, err := d.stored(id)
	if err != nil {
		return err
	}
	if had == nil {
		return d.bury(id, at)
	}
	old, err := d.view(had)
	if err != nil {
		return err
	}
	if string(old.object) != d.object {
		return fmt.Errorf("it is stored as a %s", old.object)
	}
	micros := at.UnixMicro()
	switch {
	case at.IsZero():
		micros = old.micros()
	case micros < old.micros():
		d.result.Stale++
		return nil
	}
	d.touch(id, ord, had)
	if err := errors.Join(d.tree.entries.Delete(appendOrdinal(nil, ord)), d.tree.ids.Delete([]byte(id)), d.dropProblems(id)); err != nil {
		return err
	}
	d.counts[d.object]--
	d.result.Deleted++
	d.log(Deleted, id)
	return dig(d.tx, id, micros, d.sequence)
}

// bury remembers the deletion of an Id that isn't stored, so that an older upsert after it stays out. It goes with the
// next change that the log drops.
func (d *delta) bury(id string, at time.Time) error {
	if at.IsZero() {
		return nil
	}
	have := d.tx.Bucket(bucketGraves).Get([]byte(id))
	if have != nil && graveStamp(have) >= at.UnixMicro() {
		return nil
	}
	// Logged, so that the log's bound is the graves' bound.
	d.log(Deleted, id)
	return dig(d.tx, id, at.UnixMicro(), d.sequence)
}

func (d *delta) dropProblems(id string) error {
	n, err := dropProblems(d.tree.problems, id)
	if err != nil || n == 0 {
		return err
	}
	total := readUint64(d.tree.counts, keyProblems)
	return putUint64(d.tree.counts, keyProblems, total-min(total, n))
}
