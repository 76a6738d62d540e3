package replicator

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sirupsen/logrus"

	"ringdex/replicator/store"
)

// MaxRuns is how many runs are remembered, beside the last good one of each kind.
const MaxRuns = 100

const (
	runBucket  = "runs"
	resultOK   = "ok"
	resultHeld = "held"
	// heldPrefix begins the result of an object that is held.
	heldPrefix = "held: "
	// frozenPrefix begins the result of an object that stays as it is.
	frozenPrefix = "frozen: "
)

// runKey sorts as the runs began.
const runKey = "2006-01-02T15:04:05.000000000Z"

// RunRecord is a run as it is remembered.
type RunRecord struct {
	Kind    string            `json:"kind"`
	Started time.Time         `json:"started"`
	Seconds float64           `json:"seconds"`
	Result  string            `json:"result"`          // "ok", "held" or the error
	Cause   string            `json:"cause,omitempty"` // of an error that concerns all: "credentials", "organization", "budget"
	Objects []ObjectRunRecord `json:"objects"`
	Notes   []string          `json:"notes,omitempty"` // new fields in the org, and fields that are gone
}

// ObjectRunRecord is one object of a run.
type ObjectRunRecord struct {
	Name        string  `json:"name"`
	Added       int     `json:"added"`
	Changed     int     `json:"changed"`
	Deleted     int     `json:"deleted"`
	Unchanged   int     `json:"unchanged"`
	Quarantined int     `json:"quarantined"`
	Duplicates  int     `json:"duplicates"`
	APICalls    int     `json:"api_calls"`
	Seconds     float64 `json:"seconds"`
	Bytes       int64   `json:"bytes"`
	Held        string  `json:"held,omitempty"`
	Frozen      string  `json:"frozen,omitempty"`
	Error       string  `json:"error,omitempty"`
}

// good says whether the run did what it should, or found that a person must decide.
func (r *RunRecord) good() bool { return r.Result == resultOK || r.Result == resultHeld }

// Runs returns the last runs, newest first.
func Runs(s *store.Store) ([]RunRecord, error) {
	var runs []RunRecord
	var bad error
	err := s.EachBlob(runBucket, func(_ string, text []byte) bool {
		var record RunRecord
		if bad = json.Unmarshal(text, &record); bad != nil {
			return false
		}
		runs = append(runs, record)
		return true
	})
	if err = errors.Join(err, bad); err != nil {
		return nil, fmt.Errorf("replicator: runs: %w", err)
	}
	slices.Reverse(runs)
	return runs, nil
}

// remember stores and logs the run, and notes its result with every object.
func (r *run) remember(runErr error) error {
	record := RunRecord{Kind: r.result.Kind.String(), Started: r.started.UTC(), Seconds: r.result.Seconds, Result: resultOK, Notes: r.result.Notes}
	switch {
	case runErr != nil:
		record.Result, record.Cause = runErr.Error(), cause(runErr)
	case r.result.Held:
		record.Result = resultHeld
	}
	for _, o := range r.result.Objects {
		row := ObjectRunRecord{
			Name: o.Name, Added: o.Added, Changed: o.Changed, Deleted: o.Deleted, Unchanged: o.Unchanged,
			Quarantined: o.Quarantined, Duplicates: o.Duplicates, APICalls: o.APICalls, Seconds: o.Seconds, Bytes: o.Bytes, Held: o.Held, Frozen: o.Frozen,
		}
		if o.Err != nil {
			row.Error = o.Err.Error()
		}
		record.Objects = append(record.Objects, row)
		r.o.Log.WithFields(logrus.Fields{
			"object": o.Name, "kind": record.Kind, "added": o.Added, "changed": o.Changed, "deleted": o.Deleted, "unchanged": o.Unchanged,
			"quarantined": o.Quarantined, "api_calls": o.APICalls, "bytes": o.Bytes, "result": record.Result,
		}).Info("replicated")
	}
	err := putJSON(r.o.Store, runBucket, r.started.UTC().Format(runKey), &record)
	return errors.Join(err, r.trim(), r.noteResults(runErr))
}

// trim forgets the oldest runs, but the last good one of each kind: the schedule and status ask for it.
func (r *run) trim() error {
	type known struct {
		key string
		RunRecord
	}
	var runs []known
	last := map[string]string{}
	var bad error
	err := r.o.Store.EachBlob(runBucket, func(key string, text []byte) bool {
		k := known{key: key}
		bad = errors.Join(bad, json.Unmarshal(text, &k.RunRecord))
		runs = append(runs, k)
		if k.good() {
			last[k.Kind] = key
		}
		return true
	})
	err = errors.Join(err, bad)
	for len(runs) > MaxRuns {
		if first := runs[0]; last[first.Kind] != first.key {
			err = errors.Join(err, r.o.Store.PutBlob(runBucket, first.key, nil))
		}
		runs = runs[1:]
	}
	return err
}

// noteResults records failures and holds with the objects. Successes were recorded with their checkpoint.
func (r *run) noteResults(runErr error) error {
	if runErr == nil && !r.result.Held && len(r.left) == 0 {
		return nil
	}
	meta, err := r.o.Store.Meta()
	if err != nil {
		return err
	}
	for _, o := range r.result.Objects {
		m := store.ObjectMeta{Name: o.Name}
		if i := slices.IndexFunc(meta.Objects, func(x store.ObjectMeta) bool { return x.Name == o.Name }); i >= 0 {
			m = meta.Objects[i]
		}
		switch {
		case o.Held != "":
			m.LastResult = heldPrefix + o.Held
		case o.Frozen != "":
			m.LastResult = frozenPrefix + o.Frozen
		case interrupted(o.Err), runErr != nil && interrupted(runErr):
			continue // nothing is wrong: the next run goes on
		case o.Err != nil:
			m.LastResult = o.Err.Error()
		case runErr != nil && !r.recorded[o.Name]:
			m.LastResult = runErr.Error()
		default:
			continue
		}
		if err := r.o.Store.SetObject(m); err != nil {
			return err
		}
	}
	return nil
}
