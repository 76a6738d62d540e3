package replicator

import (
	"path/filepath"
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
