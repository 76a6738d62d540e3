package replicator

import (
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"ringdex/soap/emulator"
)

// A first copy of 100,000 contacts and 10,000 accounts. The emulator works in the same process: profile by function.
func BenchmarkFull(b *testing.B) {
	for _, contacts := range []int{10_000, 100_000} {
		b.Run("contacts="+map[int]string{10_000: "10k", 100_000: "100k"}[contacts], func(b *testing.B) {
			bench := newBench(b, emulator.Options{Generate: &emulator.Generate{Accounts: contacts / 10, Contacts: contacts, Seed: 1}})
			for b.Loop() {
				bench.path = filepath.Join(b.TempDir(), "ringdex.db")
				bench.reopen()
				started := time.Now()
				bench.mustRun(RunOptions{})
				b.ReportMetric(float64(contacts+contacts/10)/time.Since(started).Seconds(), "records/s")
			}
		})
	}
}

// The heap of a copy does not grow with the org.
func TestMemoryIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("loads 50,000 contacts; runs without -short")
	}
	const bound = 150 << 20
	b := newBench(t, emulator.Options{Generate: &emulator.Generate{Accounts: 5_000, Contacts: 50_000, Seed: 1}})
	runtime.GC()
	var before, m runtime.MemStats
	runtime.ReadMemStats(&before)
	peak := uint64(0)
	b.mustRun(RunOptions{Progress: func(Progress) {
		runtime.ReadMemStats(&m)
		peak = max(peak, m.HeapAlloc)
	}})
	if grown := int64(peak) - int64(before.HeapAlloc); grown > bound {
		t.Errorf("the heap grew by %d MiB, the bound is %d MiB", grown>>20, bound>>20)
	} else {
		t.Logf("the heap grew by %d MiB", grown>>20)
	}
}
