package store

import (
	"time"

	"ringdex/schema"
)

// Batch is a delta of one object.
type Batch struct {
	Object     string
	Upserts    []schema.Entry
	Deletes    []string    // 18 character Ids
	DeletedAt  []time.Time // parallel to Deletes, or nil: when the source deleted them; a newer entry stays
	Checkpoint *Checkpoint // stored with the changes; nil leaves it
}

// ApplyResult counts what a batch did.
type ApplyResult struct {
	Added, Changed, Deleted, Unchanged int
	Stale                              int // older than what is stored
	Crowded                            int // entries that found no free ordinal at their place in the order
	Sequence                           uint64
}

// Apply stores a delta in one transaction.
func (s *Store) Apply(b Batch) (ApplyResult, error) { return ApplyResult{}, nil }

// ChangeKind says what happened to an entry.
type ChangeKind uint8

// The kinds of changes.
const (
	Added ChangeKind = iota + 1
	Changed
	Deleted
	Replaced // a new generation with more changes than the log takes: read everything again
)

// Change is an entry of the change log.
type Change struct {
	Sequence   uint64
	Kind       ChangeKind
	Object, ID string
}

// Changes calls f for the logged changes after a sequence, in order, until it returns false. It returns false if the
// log doesn't reach back that far: then everything has to be read again.
func (s *Store) Changes(after uint64, f func(Change) bool) (bool, error) { return true, nil }
