package replicator

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"ringdex/soap"
)

const (
	// maxStep is the longest sleep of a loop: it notices a clock that was set, and a machine that slept, within it.
	maxStep = time.Minute
	// jitterShare is the part of an interval by which runs are put off at random.
	jitterShare = 0.1
	// defaultJitter bounds the delay.
	defaultJitter = time.Minute
	// credentialPause is the time between tries after refused credentials. The client does not repeat them anyway; after
	// a person has changed them the next try may work.
	credentialPause = time.Hour
	// limitPause is the time between tries after the org's API calls are used up.
	limitPause = 15 * time.Minute
	// describePause is how long the org's description may not have been looked at: where runs are rarer, it is between them.
	describePause = time.Hour
	// busyPause is the time until the next look when another run is at work.
	busyPause = 5 * time.Second
)

// LoopOptions of a Loop.
type LoopOptions struct {
	Replicator             *Replicator
	Delta, Full, Reconcile Schedule
	Log                    logrus.FieldLogger
	Jitter                 time.Duration                                    // longest random delay of a run, default a minute, negative none
	Clock                  func() time.Time                                 // default: the replicator's
	Random                 func() float64                                   // jitter, in [0, 1); default math/rand/v2
	Sleep                  func(ctx context.Context, d time.Duration) error // default a timer
	Progress               func(Progress)                                   // of every run; may be nil
	Finished               func(Result, error)                              // after every run; may be nil
}

// Loop makes the runs that are due, one after the other. Run and Step are for one goroutine, Next is for any.
type Loop struct {
	o  LoopOptions
	mu sync.Mutex
	// Next due times by kind; the zero time is never.
	due       map[Kind]time.Time
	described time.Time // when the description was last looked at
}

// loopKinds returns the kinds in the order in which they are made when several are due: a full run makes the others
// unnecessary.
func loopKinds() []Kind { return []Kind{Full, Reconcile, Delta} }

// NewLoop prepares a loop; the last runs in the store say what is due.
func NewLoop(o LoopOptions) *Loop {
	if o.Clock == nil {
		o.Clock = o.Replicator.o.Clock
	}
	switch {
	case o.Jitter == 0:
		o.Jitter = defaultJitter
	case o.Jitter < 0:
		o.Jitter = 0
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Log == nil {
		o.Log = o.Replicator.o.Log
	}
	l := &Loop{o: o, due: map[Kind]time.Time{}}
	last := map[Kind]time.Time{}
	runs, err := Runs(o.Replicator.o.Store)
	if err != nil {
		o.Log.WithError(err).Warn("the last runs are not known")
	}
	for _, run := range runs {
		for _, k := range loopKinds() {
			if run.Kind == k.String() && last[k].Before(run.Started) {
				last[k] = run.Started
			}
		}
	}
	// A full run is as good as a delta and a sweep.
	for _, k := range []Kind{Delta, Reconcile} {
		if last[k].Before(last[Full]) {
			last[k] = last[Full]
		}
	}
	now := o.Clock()
	for _, k := range loopKinds() {
		l.due[k] = l.schedule(k).Next(last[k], now)
	}
	return l
}

func (l *Loop) schedule(k Kind) Schedule {
	switch k {
	case Full:
		return l.o.Full
	case Reconcile:
		return l.o.Reconcile
	}
	return l.o.Delta
}

// Run steps until ctx ends and returns its error.
func (l *Loop) Run(ctx context.Context) error {
	for {
		if err := l.o.Sleep(ctx, l.Step(ctx)); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// Step makes the run that is due, if one is, and returns how long to wait for the next step.
func (l *Loop) Step(ctx context.Context) (wait time.Duration) {
	now := l.o.Clock()
	for _, k := range loopKinds() {
		if due := l.Next(k); !due.IsZero() && !due.After(now) {
			l.make(ctx, k)
			break
		}
	}
	l.describe(ctx)
	now, wait = l.o.Clock(), maxStep
	for _, k := range loopKinds() {
		if due := l.Next(k); !due.IsZero() {
			wait = min(wait, max(0, due.Sub(now)))
		}
	}
	return wait
}

// describe looks at the org's description where no run has for an hour.
func (l *Loop) describe(ctx context.Context) {
	now := l.o.Clock()
	if l.described.IsZero() || l.described.After(now) {
		l.described = now
	}
	if now.Sub(l.described) < describePause || ctx.Err() != nil {
		return
	}
	l.described = now
	if err := l.o.Replicator.Describe(ctx); err != nil && !errors.Is(err, ErrBusy) && ctx.Err() == nil {
		l.o.Log.WithError(err).Warn("the org's description can't be read")
	}
}

// make makes a run and sets what is due next.
func (l *Loop) make(ctx context.Context, k Kind) {
	started := l.o.Clock()
	result, err := l.o.Replicator.Run(ctx, RunOptions{Kind: k, Progress: l.o.Progress})
	now := l.o.Clock()
	l.described = now
	if errors.Is(err, ErrBusy) {
		l.set(k, now.Add(busyPause))
		return
	}
	if err != nil && ctx.Err() == nil {
		l.o.Log.WithError(err).WithField("kind", k.String()).Error("replication failed; what was served is served on")
	}
	if l.o.Finished != nil {
		l.o.Finished(result, err)
	}
	next := l.jittered(k, l.schedule(k).Next(started, now), now)
	switch {
	case errors.Is(err, soap.ErrCredentials):
		next = later(next, now.Add(credentialPause))
	case errors.Is(err, soap.ErrLimit), errors.Is(err, soap.ErrLogins), errors.Is(err, ErrBudget):
		next = later(next, now.Add(limitPause))
	}
	l.set(k, next)
	if err == nil && result.Kind == Full {
		for _, other := range []Kind{Delta, Reconcile} {
			if s := l.schedule(other); other != k && !s.Never() {
				l.set(other, l.jittered(other, s.Next(started, now), now))
			}
		}
	}
}

// jittered puts a run off by a random time, so that many ringdexes don't ask at the same second.
func (l *Loop) jittered(k Kind, due, now time.Time) time.Time {
	s := l.schedule(k)
	if due.IsZero() {
		return due
	}
	if due.Before(now) { // the run took longer than the interval: no overlap, no burst
		due = now
	}
	bound := l.o.Jitter
	if !s.daily {
		bound = min(bound, time.Duration(float64(s.every)*jitterShare))
	}
	return due.Add(time.Duration(l.o.Random() * float64(bound)))
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func (l *Loop) set(k Kind, due time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.due[k] = due
}

// Next returns when the next run of a kind is due, the zero time for never.
func (l *Loop) Next(k Kind) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.due[k]
}
