package replicator

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ringdex/replicator/store"
	"ringdex/soap/emulator"
)

const (
	// measuredLoad tells a replicating process to measure its memory.
	measuredLoad = "RINGDEX_TEST_MEASURED"
	// memoryContacts is how many contacts TestMemoryIsBounded loads, more than by default, as on a machine with time.
	memoryContacts = "RINGDEX_MEMORY_CONTACTS"
	// collectorGoal is what the collector aims at in that process, as ringdex sets it for a load (cmd/ringdex/memory.go).
	collectorGoal = 140 << 20
)

// memory is what a process took at its peak, in bytes.
type memory struct {
	load, build uint64 // what the collector found in use while records came, and while the generation was built
	anon        uint64 // resident and no part of a file; 0 where the system doesn't tell
}

func (m *memory) look(building bool) {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if live := sample[0].Value.Uint64(); building {
		m.build = max(m.build, live)
	} else {
		m.load = max(m.load, live)
	}
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return
	}
	for line := range bytes.Lines(text) {
		if f := strings.Fields(string(line)); len(f) == 3 && f[0] == "RssAnon:" {
			if kB, err := strconv.ParseUint(f[1], 10, 64); err == nil {
				m.anon = max(m.anon, kB<<10)
			}
		}
	}
}

// measureProcess makes a full run of an org that is in another process, and prints what it took.
func measureProcess(url, path string) int {
	debug.SetMemoryLimit(collectorGoal)
	debug.SetGCPercent(20) // so that what is in use is known often
	b := &bench{t: &testing.T{}, path: path}
	s, err := store.Open(path, store.Options{})
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	defer s.Close()
	b.store = s
	r, err := New(b.optionsAt(url))
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	var m memory
	stop := make(chan struct{})
	var building atomic.Bool
	var looking sync.WaitGroup
	looking.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				m.look(building.Load())
			}
		}
	})
	_, err = r.Run(context.Background(), RunOptions{Progress: func(p Progress) { building.Store(p.Stage == StageIndex || p.Stage == StageSwitch) }})
	close(stop)
	looking.Wait()
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	fmt.Println(m.load, m.build, m.anon)
	return 0
}

// What a full run keeps does not grow with the org. It is measured in a process of its own: twice, of a small org and of one
// that is larger by some tens of thousands of records. Whoever keeps a kilobyte of each goes beyond the bound.
func TestMemoryIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("loads tens of thousands of contacts; runs without -short")
	}
	const small = 8000
	large := 40_000
	if text := os.Getenv(memoryContacts); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("%s: %v", memoryContacts, err)
		}
		large = max(large, n)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	load := func(contacts int) (m memory) {
		server, err := emulator.Start(emulator.Options{Generate: &emulator.Generate{Accounts: contacts / 10, Contacts: contacts, Seed: 1}})
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), "REPLICATOR_TEST_URL="+server.URL(), "REPLICATOR_TEST_STORE="+filepath.Join(t.TempDir(), "ringdex.db"), measuredLoad+"=1")
		out, err := cmd.CombinedOutput()
		if err == nil {
			_, err = fmt.Sscan(string(out), &m.load, &m.build, &m.anon)
		}
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		t.Logf("%d contacts: %.1f MB in use while they came, %.1f MB in use for the build, %.1f MB resident", contacts, float64(m.load)/1e6, float64(m.build)/1e6, float64(m.anon)/1e6)
		return m
	}
	const (
		grows    = 8 << 20   // while records come: ordinals, pages of the staging file
		build    = 96 << 20  // the buffers of sorting and of lists, each at its bound
		resident = 160 << 20 // with the collector's goal, of a copy of any size
	)
	few, many := load(small), load(large)
	// What the collector finds is more where it comes late, on a busy machine. What is kept of each record is found every time.
	for again := 0; again < 2 && (many.load > few.load+grows || many.build > build || many.anon > resident); again++ {
		m := load(large)
		many = memory{min(many.load, m.load), min(many.build, m.build), min(many.anon, m.anon)}
	}
	switch {
	case many.load > few.load+grows:
		t.Errorf("%d bytes are in use while %d contacts come, %d for %d", many.load, large, few.load, small)
	case many.build > build:
		t.Errorf("%d bytes are in use for the build, the bound is %d", many.build, build)
	case many.anon > resident:
		t.Errorf("%d bytes are resident, the bound is %d", many.anon, resident)
	}
}
