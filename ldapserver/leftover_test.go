package ldapserver

import (
	"net"
	"os"
	"runtime"
	"testing"
	"time"
)

// TestBadConnectionsLeaveNothing compares descriptors, goroutines and heap after some bad connections and after many. It is
// not parallel: others' would count.
func TestBadConnectionsLeaveNothing(t *testing.T) {
	const some, many = 500, 5000
	h := serve(t, Options{Log: discarded()}, ListenerOptions{})
	sent := [][]byte{
		[]byte("GET / HTTP/1.1\r\n\r\n"),
		{0x30, 0x84, 0xff, 0xff, 0xff, 0xff},
		{0x30, 0x80},
		searchPDU(0, "o=one"), searchPDU(1, "o=one")[:9],
		append(searchPDU(1, "o=many"), 0xff), searchPDU(1, "o=panic"), nil,
	}
	bad := func(n int) {
		for i := range n {
			c, err := net.Dial("tcp", h.address)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = c.Write(sent[i%len(sent)])
			if i%2 == 0 {
				_ = c.(*net.TCPConn).SetLinger(0) // a reset
			}
			c.Close()
		}
		eventually(t, "the connections are gone", func() bool { return h.Stats().Open == 0 })
	}
	bad(some)
	before := inUse(t)
	bad(many)
	var after usage
	for end := time.Now().Add(patience); ; runtime.Gosched() {
		after = inUse(t)
		if after.descriptors <= before.descriptors && after.goroutines <= before.goroutines && after.heap <= before.heap+many*100 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("got %+v after %d more bad connections, %+v before", after, many, before)
		}
	}
	if got := h.Stats(); got.Accepted != some+many || got.Panics == 0 || got.Garbage == 0 {
		t.Errorf("got %+v, want %d connections, garbage and panics among them", got, some+many)
	}
	h.raw(t).wantService()
}

type usage struct {
	descriptors, goroutines int
	heap                    uint64
}

func inUse(t *testing.T) usage {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	u := usage{goroutines: runtime.NumGoroutine(), heap: m.HeapAlloc}
	// Linux only; elsewhere goroutines and heap have to do.
	if files, err := os.ReadDir("/proc/self/fd"); err == nil {
		u.descriptors = len(files)
	}
	return u
}
