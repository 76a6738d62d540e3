package replicator

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ringdex/soap/emulator"
)

func TestProgressRate(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	var got []Progress
	r := newReporter(func(p Progress) { got = append(got, p) }, func() time.Time { return now }, now)
	r.records("Contact", StageLoad, 1000, 5000, false) // a resumed run
	now = now.Add(10 * time.Millisecond)
	r.records("Contact", StageLoad, 1500, 5000, false) // too soon
	now = now.Add(1990 * time.Millisecond)
	r.records("Contact", StageLoad, 2000, 5000, false)
	if len(got) != 2 {
		t.Fatalf("%d reports", len(got))
	}
	if p := got[1]; p.Records != 2000 || p.Total != 5000 || p.Rate != 500 || p.Remaining != 6*time.Second {
		t.Errorf("progress %+v", p)
	}
}

func TestProgressStages(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	var stages []string
	b.mustRun(RunOptions{Progress: func(p Progress) {
		if s := strings.TrimPrefix(p.Object+" "+p.Stage, " "); len(stages) == 0 || stages[len(stages)-1] != s {
			stages = append(stages, s)
		}
	}})
	want := []string{"login", "describe", "Account load", "Contact load", "index", "switch"}
	for _, s := range want {
		if !slices.Contains(stages, s) {
			t.Errorf("no stage %s in %v", s, stages)
		}
	}
}

// The last good run of a kind is remembered, however many of another follow it: the schedule and status need it.
func TestRunsAreBounded(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	r := b.replicator(func(o *Options) {
		o.OwnShare, o.StopShare = 1, 1
		o.Clock = func() time.Time { return now }
	})
	for range MaxRuns + 5 {
		now = now.Add(time.Minute)
		kind := Delta
		if _, err := r.Run(t.Context(), RunOptions{Kind: kind, Objects: []string{"Account"}}); err != nil {
			t.Fatal(err)
		}
	}
	runs, err := Runs(b.store)
	if err != nil || len(runs) != MaxRuns+1 || runs[MaxRuns].Kind != "full" || !runs[0].Started.Equal(now) || runs[0].Kind != "delta" {
		t.Errorf("%d runs, the newest %+v, %v", len(runs), runs[0], err)
	}
}

func TestSeveralConnections(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	want := b.copyOf()
	b.mustRun(RunOptions{}, pageSize(200), func(o *Options) { o.Connections = 2 })
	sameDump(t, dump(t, b.store), want)
}

// Whoever asks is told how far the run is, whoever began it, and may cancel it.
func TestCancel(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	b.mustRun(RunOptions{})
	before := dump(t, b.store)
	r := b.replicator(pageSize(200))
	if _, at := r.Progress(); at || r.Cancel() {
		t.Error("a run is said to be at work")
	}
	b.upsert("Contact", emulator.Values{"Id": b.org.IDs("Contact")[5], "Title": "Astronaut"})
	asked := Progress{}
	_, err := r.Run(t.Context(), RunOptions{Progress: func(p Progress) {
		if p.Stage == StageLoad && asked.Stage == "" {
			asked, _ = r.Progress()
			if !r.Cancel() {
				t.Error("not cancelled")
			}
		}
	}})
	if !errors.Is(err, ErrCancelled) || asked.Stage != StageLoad || asked.Total == 0 {
		t.Errorf("error %v, progress %+v", err, asked)
	}
	sameDump(t, dump(t, b.store), before)
	problems, err := Problems(b.store, b.options().Mappings, Schedules{}, time.Now())
	for _, p := range problems {
		if !p.Notice {
			t.Errorf("a cancelled run is a problem: %+v, %v", p, err)
		}
	}
	if _, err := r.Run(t.Context(), RunOptions{}); err != nil {
		t.Fatal(err)
	}
	sameDump(t, dump(t, b.store), b.copyOf())
}
