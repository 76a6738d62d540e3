package replicator

import (
	"time"

	"ringdex/replicator/store"
)

// RunRecord is a run as it is remembered.
type RunRecord struct {
	Kind    string            `json:"kind"`
	Started time.Time         `json:"started"`
	Seconds float64           `json:"seconds"`
	Result  string            `json:"result"` // "ok", "held" or the error
	Objects []ObjectRunRecord `json:"objects"`
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
	Error       string  `json:"error,omitempty"`
}

// Runs returns the last runs, at most MaxRuns, newest first.
func Runs(s *store.Store) ([]RunRecord, error) { return nil, nil }

// MaxRuns is how many runs are remembered.
const MaxRuns = 100
