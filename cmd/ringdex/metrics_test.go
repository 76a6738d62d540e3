package main

import (
	"sync"
	"testing"
	"time"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
)

// TestMetricCounts counts from many connections at once and finds every request again. Not parallel: others' allocations would
// count.
func TestMetricCounts(t *testing.T) {
	m := &ldapMetrics{}
	var running sync.WaitGroup
	const connections, each = 100, 200
	for range connections {
		running.Go(func() {
			o := m.observe(ldapserver.ConnInfo{})
			for i := range each {
				switch i % 5 {
				case 0:
					o.Request(protocol.OpSearchRequest, protocol.Success, 2, latencyBounds[0]) // at the bound
				case 1:
					o.Request(protocol.OpSearchRequest, protocol.Success, 0, latencyBounds[0]+1)
				case 2:
					o.Request(protocol.OpSearchRequest, protocol.SizeLimitExceeded, 50, time.Minute)
				case 3:
					o.Request(protocol.OpBindRequest, protocol.InvalidCredentials, 0, time.Second)
				case 4:
					o.Request(protocol.OpDelRequest, protocol.ResultCode(4096), 0, time.Second)
				}
			}
		})
	}
	running.Wait()
	got := m.counts()
	const fifth = connections * each / 5
	for name, c := range map[string]struct{ got, want uint64 }{
		"searches that succeed": {got.requests[0][protocol.Success], 2 * fifth},
		"cut off":               {got.requests[0][protocol.SizeLimitExceeded], fifth},
		"refused binds":         {got.requests[1][protocol.InvalidCredentials], fifth},
		"writes":                {got.requests[len(metricOps)-1][metricCodes-1], fifth},
		"hits":                  {got.hits, 2 * fifth},
		"misses":                {got.misses, fifth},
		"entries":               {got.entries, 52 * fifth},
		"fastest":               {got.took[0], fifth},
		"next":                  {got.took[1], fifth},
		"slowest":               {got.took[len(latencyBounds)], fifth},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %d, want %d", name, c.got, c.want)
		}
	}
	if allocations := testing.AllocsPerRun(100, func() {
		m.shards[0].Request(protocol.OpSearchRequest, protocol.Success, 1, time.Microsecond)
	}); allocations != 0 {
		t.Errorf("counting allocates %v times", allocations)
	}
}

// BenchmarkMetrics is what counting adds to a request.
func BenchmarkMetrics(b *testing.B) {
	m := &ldapMetrics{}
	b.RunParallel(func(pb *testing.PB) {
		o := m.observe(ldapserver.ConnInfo{})
		for pb.Next() {
			o.Request(protocol.OpSearchRequest, protocol.Success, 1, 20*time.Microsecond)
		}
	})
}
