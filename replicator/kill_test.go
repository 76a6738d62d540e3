package replicator

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"ringdex/replicator/store"
	"ringdex/soap/emulator"
)

// TestMain makes this binary a replicating process for TestKill.
func TestMain(m *testing.M) {
	if url := os.Getenv("REPLICATOR_TEST_URL"); url != "" {
		os.Exit(replicateProcess(url, os.Getenv("REPLICATOR_TEST_STORE")))
	}
	os.Exit(m.Run())
}

// replicateProcess makes one run and writes a line per report of progress.
func replicateProcess(url, path string) int {
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
		_, err = r.Run(context.Background(), RunOptions{Progress: func(p Progress) { fmt.Println(p.Object, p.Stage, p.Records) }})
	}
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	return 0
}

// A process that is killed at any moment leaves a committed state behind: the one before or the one after. The next run
// goes on.
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
	for kill := 1; kill < 40; kill += 3 {
		b.upsert("Contact", emulator.Values{"Id": b.org.IDs("Contact")[kill], "Title": "Titel " + strconv.Itoa(kill)})
		after := b.copyOf()
		if err := b.store.Close(); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), "REPLICATOR_TEST_URL="+b.server.URL(), "REPLICATOR_TEST_STORE="+b.path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; n < kill && lines.Scan(); n++ {
			if strings.HasPrefix(lines.Text(), "error") {
				t.Errorf("kill %d: %s", kill, lines.Text())
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Logf("the process was quicker: %v", err)
		}
		_ = cmd.Wait() // it was killed
		b.open()
		got := dump(t, b.store)
		if !equalDumps(got, before) {
			sameDump(t, got, after)
		}
		b.mustRun(RunOptions{})
		sameDump(t, dump(t, b.store), after)
		before = after
		if leftovers, _ := filepath.Glob(b.path + ".*"); len(leftovers) > 0 {
			t.Errorf("kill %d: files are left: %v", kill, leftovers)
		}
	}
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
