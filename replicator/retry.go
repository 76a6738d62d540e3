package replicator

import (
	"context"
	"time"
)

// Retry says how temporary errors are met: attempt n waits a random time up to Base·2ⁿ, at most Cap.
type Retry struct {
	Attempts int                                              // in a row without progress, default 8
	Base     time.Duration                                    // default 1 s
	Cap      time.Duration                                    // default 60 s
	Random   func() float64                                   // in [0, 1), default math/rand/v2
	Sleep    func(ctx context.Context, d time.Duration) error // default a timer; returns the context's error
}
