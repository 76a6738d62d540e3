package store

import (
	"context"

	"ringdex/schema"
)

// LoadPlan says what a full load brings.
type LoadPlan struct {
	Objects     []string // every object that the new generation shall hold
	Fingerprint string   // of mapping and fields: an unfinished load with another one is thrown away
}

// Load is a full load in progress: a staging file beside the store. Put may be called from several goroutines.
type Load struct{}

// Changes is what a load changes in an object against the generation served.
type Changes struct{ Added, Changed, Deleted, Unchanged, Duplicates int }

// BeginLoad resumes an unfinished load of the same plan, or begins a new one. There is one at a time.
func (s *Store) BeginLoad(p LoadPlan) (*Load, error) { return &Load{}, nil }

// Checkpoint of an object: where to go on.
func (l *Load) Checkpoint(object string) Checkpoint { return Checkpoint{} }

// Put stores a page of an object's entries with the checkpoint after it, in one transaction.
func (l *Load) Put(object string, page []schema.Entry, cp Checkpoint) error { return nil }

// Keep takes over the entries of an object from the generation served.
func (l *Load) Keep(object string) error { return nil }

// Counts returns how many rows were put for an object, and how many of them repeat an Id.
func (l *Load) Counts(object string) (rows, duplicates int) { return 0, 0 }

// Report adds number problems to those of the new generation.
func (l *Load) Report(p []NumberProblem) error { return nil }

// Prepare sorts what was put and compares it with the generation served. Commit calls it if nobody did.
func (l *Load) Prepare(ctx context.Context, progress func(stage string, done, total int)) error {
	return nil
}

// Changes returns what the load changes in an object, after Prepare.
func (l *Load) Changes(object string) Changes { return Changes{} }

// Commit builds the new generation and switches to it.
func (l *Load) Commit(ctx context.Context, progress func(stage string, done, total int)) (Generation, error) {
	return 0, nil
}

// Discard ends the load and removes its staging file.
func (l *Load) Discard() error { return nil }

// Close ends the load and keeps its staging file, so that BeginLoad resumes it.
func (l *Load) Close() error { return nil }
