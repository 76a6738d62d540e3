package replicator

import "time"

// Kind of a run.
type Kind uint8

// The kinds of runs.
const (
	Full      Kind = iota // every record, into a new generation
	Delta                 // what changed since the last run; a full run where there is nothing to add to
	Reconcile             // Ids and stamps of all records, and the records that differ
)

func (k Kind) String() string {
	switch k {
	case Full:
		return "full"
	case Delta:
		return "delta"
	case Reconcile:
		return "reconcile"
	}
	return "unknown"
}

// RunOptions of one run. The zero value is a full run of all objects.
type RunOptions struct {
	Kind    Kind
	DryRun  bool     // do everything but change what is served
	Objects []string // default: all mapped objects; what is stored of the others stays
	// Progress is called from the run's goroutines, one call at a time, some times a second. It must be quick.
	Progress func(Progress)
}

// The stages of a run.
const (
	StageLogin    = "login"
	StageDescribe = "describe"
	StageLoad     = "load"
	StageIndex    = "index"
	StageSwitch   = "switch"
)

// Progress of a run.
type Progress struct {
	Object, Stage  string // Object is "" in stages that concern all
	Records, Total int    // Total is 0 while unknown
	Rate           float64
	Remaining      time.Duration // 0 while unknown
	Started        time.Time     // of the run, local clock
}

// Result of a run.
type Result struct {
	Kind    Kind // what was really done: a delta may have become a full run
	DryRun  bool
	Held    bool // at least one object is held; what is served is unchanged
	Started time.Time
	Seconds float64
	Objects []ObjectResult
}

// ObjectResult is what a run did to one object.
type ObjectResult struct {
	Name                               string
	Added, Changed, Deleted, Unchanged int
	Quarantined                        int // numbers and fields that could not be read as they should
	Duplicates                         int // records that came more than once
	Rows                               int // records that came
	APICalls                           int
	Seconds                            float64
	Bytes                              int64    // on the wire, both ways
	Held                               string   // why the change is held; "" if it isn't
	Samples                            []string // dry runs and holds: some of what would change, one line each
	Err                                error
}
