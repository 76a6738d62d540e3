package replicator

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"ringdex/soap"
)

// Retry says how temporary errors are met: the wait before attempt n+1 is a random time up to Base·2ⁿ, at most Cap. Full
// jitter keeps several ringdexes from coming back in step.
type Retry struct {
	Attempts int                                              // in a row without progress, default 8
	Base     time.Duration                                    // default 1 s
	Cap      time.Duration                                    // default 60 s
	Random   func() float64                                   // in [0, 1), default math/rand/v2
	Sleep    func(ctx context.Context, d time.Duration) error // default a timer; returns the context's error
}

func (r Retry) withDefaults() Retry {
	if r.Attempts <= 0 {
		r.Attempts = 8
	}
	if r.Base <= 0 {
		r.Base = time.Second
	}
	if r.Cap <= 0 {
		r.Cap = time.Minute
	}
	if r.Random == nil {
		r.Random = rand.Float64
	}
	if r.Sleep == nil {
		r.Sleep = sleep
	}
	return r
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// wait sleeps before the attempt after the failed one, which counts from 0.
func (r Retry) wait(ctx context.Context, failed int) error {
	bound := r.Cap
	if failed < 30 && r.Base<<failed < bound {
		bound = r.Base << failed
	}
	return r.Sleep(ctx, time.Duration(r.Random()*float64(bound)))
}

// temporary says whether the same call may work later. A session that ended twice in a row counts as such: each attempt
// logs in once.
func temporary(err error) bool {
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, soap.ErrCredentials):
		return false
	}
	return errors.Is(err, soap.ErrTemporary) || errors.Is(err, soap.ErrSession) || tooLong(err)
}

// do calls f until it works, fails for good or has failed too often.
func (r Retry) do(ctx context.Context, f func() error) error {
	for failed := 0; ; failed++ {
		err := f()
		if err == nil || !temporary(err) || failed+1 >= r.Attempts {
			return err
		}
		if r.wait(ctx, failed) != nil {
			return context.Cause(ctx)
		}
	}
}
