package replicator

import (
	"errors"
	"testing"
	"time"

	"ringdex/soap/emulator"
)

// What the org counts is not ours alone: near the end of it runs are put off, whoever made the calls.
func TestStopShare(t *testing.T) {
	t.Parallel()
	o := small()
	o.DailyLimit = 40
	b := newBench(t, o)
	all := func(o *Options) { o.OwnShare = 1 }
	b.mustRun(RunOptions{}, all) // the first copy is always made
	for range 10 {
		_, err := b.run(RunOptions{Kind: Delta}, all)
		if errors.Is(err, ErrBudget) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Error("the budget was not kept")
}

// ringdex never makes more calls in a day than its share, restarts or not, and goes on the next day.
func TestOwnShare(t *testing.T) {
	t.Parallel()
	const limit, share = 1000, 0.1
	o := small()
	o.DailyLimit = limit
	b := newBench(t, o)
	b.org.SetClock(time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC))
	ours := func(o *Options) { o.OwnShare, o.PageSize = share, 200 }
	b.mustRun(RunOptions{}, ours)
	put := 0
	for range 40 {
		b.org.Advance(5 * time.Minute)
		b.reopen()
		_, err := b.run(RunOptions{Kind: Delta}, ours)
		switch {
		case errors.Is(err, ErrBudget):
			put++
		case err != nil:
			t.Fatal(err)
		}
	}
	if put == 0 {
		t.Fatal("no run was put off")
	}
	made := 0
	for call, n := range b.org.Calls() {
		if call != "login" {
			made += n
		}
	}
	// Each run that was put off asked for the org's time.
	if made-put > share*limit {
		t.Errorf("%d calls were made, %d of them to be put off; the share is %.0f", made, put, share*limit)
	}
	b.org.Advance(26 * time.Hour)
	b.mustRun(RunOptions{Kind: Delta}, ours)
}

// A run through all records that can't be paid for is not begun.
func TestLongRunIsAfforded(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	ours := func(o *Options) { o.OwnShare, o.PageSize = 0.1, 200 }
	b.mustRun(RunOptions{}, ours)
	for _, kind := range []Kind{Full, Reconcile} {
		made, pages := 0, b.org.Calls()["queryMore"]
		for _, n := range b.org.Calls() {
			made += n
		}
		b.must(b.org.Configure(emulator.Settings{DailyLimit: 10 * (made + 9), SessionSeconds: 7200}))
		if _, err := b.run(RunOptions{Kind: kind}, ours); !errors.Is(err, ErrBudget) {
			t.Errorf("%s: %v", kind, err)
		}
		if n := b.org.Calls()["queryMore"]; n != pages {
			t.Errorf("%s: %d pages were fetched", kind, n-pages)
		}
	}
}
