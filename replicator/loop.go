package replicator

import (
	"context"
	"time"

	"github.com/sirupsen/logrus"
)

// LoopOptions of a Loop.
type LoopOptions struct {
	Replicator             *Replicator
	Delta, Full, Reconcile Schedule
	Log                    logrus.FieldLogger
	Clock                  func() time.Time                                 // default time.Now
	Random                 func() float64                                   // jitter, in [0, 1); default math/rand/v2
	Sleep                  func(ctx context.Context, d time.Duration) error // default a timer
	Progress               func(Progress)                                   // of every run
	Finished               func(Result, error)                              // after every run
}

// Loop runs what is due.
type Loop struct{ o LoopOptions }

// NewLoop prepares a loop; the last runs in the store say what is due.
func NewLoop(o LoopOptions) *Loop { return &Loop{o: o} }

// Run steps until ctx ends.
func (l *Loop) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// Step makes the run that is due, if one is, and returns how long to wait for the next.
func (l *Loop) Step(ctx context.Context) (wait time.Duration) { return time.Minute }

// Next returns when the next run of a kind is due, the zero time for never.
func (l *Loop) Next(k Kind) time.Time { return time.Time{} }
