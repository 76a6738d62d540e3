package main

import (
	"sync/atomic"
	"time"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
)

// ldapMetrics counts what the LDAP server answers. Each connection counts in one of a fixed number of shards, so that
// connections seldom write to the same memory; they are added up when somebody asks.
type ldapMetrics struct {
	shards [metricShards]metricShard
	next   atomic.Uint64
}

const metricShards = 64

// metricShard is a connection's Observer, and that of some others.
type metricShard struct {
	requests [len(metricOps)][metricCodes]atomic.Uint64 // by operation and code
	took     [len(latencyBounds) + 1]atomic.Uint64      // searches, by the bound they are under
	nanos    atomic.Uint64                              // of all searches
	entries  atomic.Uint64
	hits     atomic.Uint64
	misses   atomic.Uint64
	_        [64]byte // of its own cache line
}

// metricOps are the operations that are told apart; the last one stands for all others, which are writes.
var metricOps = [...]struct {
	op   protocol.Op
	name string
}{
	{protocol.OpSearchRequest, "search"},
	{protocol.OpBindRequest, "bind"},
	{protocol.OpCompareRequest, "compare"},
	{protocol.OpExtendedRequest, "extended"},
	{0, "write"},
}

// metricCodes is how many result codes there are room for: all that there are (RFC 4511, A.2; RFC 4528, 3).
const metricCodes = 128

// latencyBounds are upper bounds: a lookup takes microseconds, a pull seconds.
var latencyBounds = [...]time.Duration{
	10 * time.Microsecond, 20 * time.Microsecond, 50 * time.Microsecond, 100 * time.Microsecond, 200 * time.Microsecond, 500 * time.Microsecond,
	time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 50 * time.Millisecond, 200 * time.Millisecond,
	time.Second, 5 * time.Second,
}

// observe gives a connection its shard.
func (m *ldapMetrics) observe(ldapserver.ConnInfo) ldapserver.Observer {
	return &m.shards[m.next.Add(1)%metricShards]
}

// Request counts one request.
func (s *metricShard) Request(op protocol.Op, code protocol.ResultCode, entries int, took time.Duration) {
	o := 0
	for o < len(metricOps)-1 && metricOps[o].op != op {
		o++
	}
	s.requests[o][min(max(int(code), 0), metricCodes-1)].Add(1)
	if o != 0 {
		return
	}
	b := 0
	for b < len(latencyBounds) && took > latencyBounds[b] {
		b++
	}
	s.took[b].Add(1)
	s.nanos.Add(uint64(max(took, 0)))
	switch {
	case entries > 0:
		s.entries.Add(uint64(entries))
		s.hits.Add(1)
	case code == protocol.Success:
		s.misses.Add(1)
	}
}

// ldapCounts are all shards added up.
type ldapCounts struct {
	requests              [len(metricOps)][metricCodes]uint64
	took                  [len(latencyBounds) + 1]uint64
	seconds               float64
	entries, hits, misses uint64
}

func (m *ldapMetrics) counts() (out ldapCounts) {
	for i := range m.shards {
		s := &m.shards[i]
		for o := range s.requests {
			for c := range s.requests[o] {
				out.requests[o][c] += s.requests[o][c].Load()
			}
		}
		for b := range s.took {
			out.took[b] += s.took[b].Load()
		}
		out.seconds += float64(s.nanos.Load()) / 1e9
		out.entries += s.entries.Load()
		out.hits += s.hits.Load()
		out.misses += s.misses.Load()
	}
	return out
}
