package replicator

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ringdex/replicator/store"
	"ringdex/soap/emulator"
)

// TestMain makes this binary a replicating process for TestKill and TestMemoryIsBounded, or an org for BenchmarkFloor.
func TestMain(m *testing.M) {
	if contacts := os.Getenv(emulatedContacts); contacts != "" {
		os.Exit(emulateProcess(contacts))
	}
	if url := os.Getenv("REPLICATOR_TEST_URL"); url != "" {
		kind := Full
		if os.Getenv("REPLICATOR_TEST_KIND") == Delta.String() {
			kind = Delta
		}
		if os.Getenv(measuredLoad) != "" {
			os.Exit(measureProcess(url, os.Getenv("REPLICATOR_TEST_STORE")))
		}
		os.Exit(replicateProcess(url, os.Getenv("REPLICATOR_TEST_STORE"), kind))
	}
	os.Exit(m.Run())
}

// emulatedContacts tells a re-executed test binary to be an org of so many contacts, until its input ends: what an emulator
// in another process takes counts for nobody.
const emulatedContacts = "RINGDEX_TEST_EMULATED"

// floorNumbers is how many numbers each of them has.
const floorNumbers = 3

func emulateProcess(contacts string) int {
	n, err := strconv.Atoi(contacts)
	if err != nil {
		return 2
	}
	server, err := emulator.Start(emulator.Options{Generate: &emulator.Generate{Accounts: n / 10, Contacts: n, Seed: 1, Numbers: floorNumbers}})
	if err != nil {
		return 2
	}
	defer server.Close()
	signal.Ignore(os.Interrupt)
	fmt.Println(server.URL())
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

// replicateProcess makes one run and writes a line per report of progress.
func replicateProcess(url, path string, kind Kind) int {
	t := &testing.T{}
	b := &bench{t: t, path: path}
	s, err := store.Open(path, store.Options{})
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	defer s.Close()
	b.store = s
	o := b.optionsAt(url)
	o.PageSize = 200
	r, err := New(o)
	if err == nil {
		_, err = r.Run(context.Background(), RunOptions{Kind: kind, Progress: func(p Progress) { fmt.Println(p.Object, p.Stage, p.Records) }})
	}
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	return 0
}

// soak is how long TestKill goes on: RINGDEX_SOAK seconds, as make soak sets it, or one round at each point.
func soak(t testing.TB) time.Duration {
	t.Helper()
	text := os.Getenv("RINGDEX_SOAK")
	if text == "" {
		return 0
	}
	seconds, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("RINGDEX_SOAK: %v", err)
	}
	return time.Duration(seconds) * time.Second
}

// A process that is killed at any moment of a full run or a delta leaves a committed state behind: the one before or the
// one after. The next run goes on. The ledger is a copy of the org as it was before the change and as it is after it.
func TestKill(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts processes; runs without -short")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, small())
	b.mustRun(RunOptions{})
	before := dump(t, b.store)
	until := time.Now().Add(soak(t))
	rounds := 0
	for kill := 1; kill < 40 || time.Now().Before(until); kill += 3 {
		rounds++
		kind := Full
		if kill%2 == 0 {
			kind = Delta
		}
		ids := b.org.IDs("Contact")
		switch rounds % 5 {
		case 3:
			b.must(b.org.Delete("Contact", ids[kill%len(ids)]))
		case 4:
			b.upsert("Contact", emulator.Values{"LastName": "Neu " + strconv.Itoa(kill), "Phone": "030 23125 123"})
		default:
			b.upsert("Contact", emulator.Values{"Id": ids[kill%len(ids)], "Title": "Titel " + strconv.Itoa(kill)})
		}
		after := b.copyOf()
		if err := b.store.Close(); err != nil {
			t.Fatal(err)
		}
		b.killed(self, kind, kill%43, rand.N(20*time.Millisecond))
		b.open()
		got := dump(t, b.store)
		if !equalDumps(got, before) {
			sameDump(t, got, after)
		}
		b.mustRun(RunOptions{Kind: kind})
		sameDump(t, dump(t, b.store), after)
		if t.Failed() {
			t.Fatalf("in round %d, a %s run that was killed after %d reports", rounds, kind, kill%43)
		}
		before = after
		if leftovers, _ := filepath.Glob(b.path + ".*"); len(leftovers) > 0 {
			if kind == Full {
				t.Errorf("kill %d: files are left: %v", kill, leftovers)
			}
		}
	}
	t.Logf("%d rounds", rounds)
}

// killed starts a process that replicates and kills it some time after a number of reports.
func (b *bench) killed(self string, kind Kind, reports int, after time.Duration) {
	t := b.t
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "REPLICATOR_TEST_URL="+b.server.URL(), "REPLICATOR_TEST_STORE="+b.path, "REPLICATOR_TEST_KIND="+kind.String())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; n < reports && lines.Scan(); n++ {
		if strings.HasPrefix(lines.Text(), "error") {
			t.Errorf("after %d reports: %s", n, lines.Text())
		}
	}
	if err := sleep(context.Background(), after); err != nil { // the kill comes anywhere between two reports
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Logf("the process was quicker: %v", err)
	}
	_ = cmd.Wait() // it was killed
}

func equalDumps(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for id, text := range a {
		if b[id] != text {
			return false
		}
	}
	return true
}
