package replicator

import (
	"context"
	"errors"
	"testing"
	"time"

	"ringdex/soap"
)

// loopBench is a loop whose time is moved by hand.
type loopBench struct {
	*bench
	now  time.Time
	runs []Kind
	errs []error
}

func newLoopBench(t *testing.T) *loopBench {
	return &loopBench{bench: newBench(t, small()), now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.Local)}
}

func (l *loopBench) loop(delta, full string, change ...func(*Options)) *Loop {
	l.t.Helper()
	d, err1 := ParseSchedule(delta)
	f, err2 := ParseSchedule(full)
	if err := errors.Join(err1, err2); err != nil {
		l.t.Fatal(err)
	}
	clock := func() time.Time { return l.now }
	return NewLoop(LoopOptions{
		Replicator: l.replicator(append(change, func(o *Options) { o.Clock = clock })...), Delta: d, Full: f,
		Random: func() float64 { return 0.5 },
		Finished: func(r Result, err error) {
			l.runs, l.errs = append(l.runs, r.Kind), append(l.errs, err)
		},
	})
}

// until steps until a time, as Run does.
func (l *loopBench) until(loop *Loop, end time.Time) {
	for l.now.Before(end) {
		wait := loop.Step(context.Background())
		l.now = l.now.Add(max(wait, time.Millisecond))
	}
}

func TestLoop(t *testing.T) {
	t.Parallel()
	l := newLoopBench(t)
	loop := l.loop("10m", "13:05")
	l.until(loop, l.now.Add(65*time.Minute))
	// 12:00 the first copy, then about every 10.5 minutes a delta, and the full run of 13:05.
	full, delta := 0, 0
	for _, k := range l.runs {
		if k == Full {
			full++
		} else {
			delta++
		}
	}
	if full != 1 || delta != 6 {
		t.Errorf("runs %v, errors %v", l.runs, l.errs)
	}
	l.until(loop, time.Date(2026, 5, 1, 13, 6, 0, 0, time.Local))
	if last := l.runs[len(l.runs)-1]; last != Full {
		t.Errorf("no full run at its time: %v", l.runs)
	}
	if next := loop.Next(Full); next.Before(time.Date(2026, 5, 2, 13, 5, 0, 0, time.Local)) {
		t.Errorf("next full run %s", next)
	}
}

// After a restart or a sleep what was missed is made up for, once.
func TestLoopCatchesUp(t *testing.T) {
	t.Parallel()
	l := newLoopBench(t)
	l.until(l.loop("10m", "02:30"), l.now.Add(time.Minute))
	l.now, l.runs = l.now.Add(72*time.Hour), nil
	l.reopen()
	loop := l.loop("10m", "02:30")
	if due := loop.Next(Full); due.After(l.now) {
		t.Errorf("the missed full run is due at %s", due)
	}
	l.until(loop, l.now.Add(5*time.Minute))
	if len(l.runs) != 1 || l.runs[0] != Full {
		t.Errorf("runs %v", l.runs)
	}
}

// Between rare runs the description is looked at every hour, and what is gone is a problem before the next run.
func TestLoopDescribes(t *testing.T) {
	t.Parallel()
	l := newLoopBench(t)
	loop := l.loop("never", "12:01")
	l.until(loop, l.now.Add(5*time.Minute))
	if len(l.runs) != 1 || l.errs[0] != nil {
		t.Fatalf("runs %v, %v", l.runs, l.errs)
	}
	l.must(l.org.HideField("Contact", "Title"))
	calls := l.org.Calls()["describeSObjects"]
	l.until(loop, l.now.Add(3*time.Hour+10*time.Minute))
	if n := l.org.Calls()["describeSObjects"] - calls; n != 3 || len(l.runs) != 1 {
		t.Errorf("described %d times in three hours, runs %v", n, l.runs)
	}
	if frozen, err := FrozenFields(l.store); err != nil || len(frozen) != 1 || frozen[0].Field != "Title" {
		t.Errorf("frozen %+v, %v", frozen, err)
	}
}

func TestLoopSlowsDownAfterRefusals(t *testing.T) {
	t.Parallel()
	l := newLoopBench(t)
	client := l.client(func(o *soap.Options) {
		o.Auth = &soap.SOAPLogin{Username: "integration@example.com", Password: soap.NewSecret("wrong"), Token: soap.NewSecret("TOKEN")}
	})
	loop := l.loop("10m", "never", func(o *Options) { o.Client = client })
	l.until(loop, l.now.Add(3*time.Hour))
	if len(l.errs) > 4 || !errors.Is(l.errs[0], soap.ErrCredentials) {
		t.Errorf("%d runs in three hours: %v", len(l.errs), l.errs)
	}
	if n := l.org.Calls()["login"]; n != 1 {
		t.Errorf("%d logins", n)
	}
}

func TestLoopEndsWithItsContext(t *testing.T) {
	t.Parallel()
	l := newLoopBench(t)
	ctx, cancel := context.WithCancel(context.Background())
	loop := l.loop("10m", "never")
	loop.o.Finished = func(Result, error) { cancel() }
	if err := loop.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestBusy(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	r := b.replicator()
	var second error
	if _, err := r.Run(context.Background(), RunOptions{Progress: func(Progress) {
		if second == nil {
			_, second = r.Run(context.Background(), RunOptions{})
		}
	}}); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(second, ErrBusy) {
		t.Errorf("the second run: %v", second)
	}
}
