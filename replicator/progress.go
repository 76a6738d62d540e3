package replicator

import (
	"sync"
	"time"
)

// The stages of a run.
const (
	StageLogin    = "login"
	StageDescribe = "describe"
	StageLoad     = "load"
	StageIndex    = "index"
	StageSwitch   = "switch"
)

// progressInterval is the least time between two reports of one stage.
const progressInterval = 100 * time.Millisecond

// Progress of a run.
type Progress struct {
	Object, Stage  string        // Object is "" in stages that concern all
	Records, Total int           // Total is 0 while unknown
	Rate           float64       // records per second in this stage
	Remaining      time.Duration // of the stage; 0 while unknown
	Started        time.Time     // of the run, local clock
}

// reporter tells whoever asked how far a run is.
type reporter struct {
	mu      sync.Mutex
	report  func(Progress)
	clock   func() time.Time
	started time.Time
	last    time.Time
	stages  map[string]*stageProgress // by object and stage
}

type stageProgress struct {
	since time.Time
	first int // records that an earlier run had already brought
}

func newReporter(report func(Progress), clock func() time.Time, started time.Time) *reporter {
	return &reporter{report: report, clock: clock, started: started, stages: map[string]*stageProgress{}}
}

// stage reports that a stage begins.
func (r *reporter) stage(object, stage string) { r.records(object, stage, 0, 0, true) }

// records reports how far a stage is. The first report of a stage says where it begins.
func (r *reporter) records(object, stage string, records, total int, always bool) {
	if r.report == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock()
	key := object + "/" + stage
	s := r.stages[key]
	if s == nil {
		s = &stageProgress{since: now, first: records}
		r.stages[key] = s
		always = true
	}
	if !always && now.Sub(r.last) < progressInterval {
		return
	}
	r.last = now
	p := Progress{Object: object, Stage: stage, Records: records, Total: total, Started: r.started}
	if seconds := now.Sub(s.since).Seconds(); seconds > 0 && records > s.first {
		p.Rate = float64(records-s.first) / seconds
		if total > records {
			p.Remaining = time.Duration(float64(total-records) / p.Rate * float64(time.Second))
		}
	}
	r.report(p)
}

// build is the progress function for the store's building of a generation.
func (r *reporter) build(stage string, done, total int) {
	name := StageIndex
	if stage == StageSwitch {
		name = StageSwitch
	}
	r.records("", name, done, total, total > 0 && done == total)
}
