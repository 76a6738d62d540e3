//go:build unix

package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ringdex/schema"
)

// fullDisk tells a re-executed test binary where to fill the disk.
const fullDisk = "RINGDEX_TEST_FULL_DISK"

// A disk that is full stops a load or a delta with an error, at whichever write; what is served stays whole and readable
// meanwhile, and as soon as there is room again everything works by itself, in the same process. The bound on the size of
// files, which stands for the disk here, counts for all of a process: the test runs in one of its own.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	if path := os.Getenv(fullDisk); path != "" {
		fillDisk(t, path)
		return
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^TestFullDisk$", "-test.v")
	cmd.Env = append(os.Environ(), fullDisk+"="+filepath.Join(t.TempDir(), "ringdex.db"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func fillDisk(t *testing.T, path string) {
	signal.Ignore(syscall.SIGXFSZ) // a write fails instead
	var unbounded syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &unbounded); err != nil {
		t.Fatal(err)
	}
	bound := func(size int64) {
		limit := unbounded
		if size > 0 {
			limit.Cur = uint64(size)
		}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r := rand.New(rand.NewPCG(8, 8))
	before := randomEntries(r, "Contact", 400)
	load(t, s, before...)
	want := contentsOf(t, s)
	later := randomEntries(r, "Contact", 2500)
	for i := range later {
		later[i].Stamp = later[i].Stamp.AddDate(1, 0, 0)
	}
	// The files have room ahead: the bound begins inside them, so that it meets early writes and late ones.
	failed, size := 0, fileSize(t, path)
	for most := int64(128 << 10); most < size; most += most / 3 {
		bound(most)
		if err := tryLoad(t, s, later); err == nil {
			break
		} else if failed++; !tooLarge(err) {
			t.Errorf("%d bytes: a load ends with %v", most, err)
		}
		if got := contentsOf(t, s); got != want {
			t.Fatalf("%d bytes: what is served has changed", most)
		}
		if failed > 1 {
			continue
		}
		if _, err := s.Apply(Batch{Object: "Contact", Upserts: later[:100]}); !tooLarge(err) {
			t.Errorf("%d bytes: a delta ends with %v", most, err)
		}
		if got := contentsOf(t, s); got != want {
			t.Fatalf("%d bytes: a delta that didn't fit has changed what is served", most)
		}
	}
	if failed < 5 {
		t.Fatalf("only %d loads found no room", failed)
	}
	bound(0)
	if err := tryLoad(t, s, later); err != nil {
		t.Fatalf("with room again: %v", err)
	}
	if contentsOf(t, s) == want {
		t.Error("with room again nothing has changed")
	}
	verify(t, s)
}

func tryLoad(t *testing.T, s *Store, entries []schema.Entry) error {
	t.Helper()
	l, err := s.BeginLoad(LoadPlan{Objects: []string{"Contact"}})
	if err != nil {
		return err
	}
	for page := entries; len(page) > 0; page = page[min(500, len(page)):] {
		if err := l.Put("Contact", page[:min(500, len(page))], Checkpoint{}); err != nil {
			return errors.Join(err, l.Discard())
		}
	}
	if _, err := l.Commit(t.Context(), nil); err != nil {
		return errors.Join(err, l.Discard())
	}
	return nil
}

// contentsOf is what a store serves.
func contentsOf(t *testing.T, s *Store) string {
	t.Helper()
	r, err := s.Reader()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	text := fmt.Sprint(r.Generation(), r.Sequence())
	for o, ok := r.Next(0); ok; o, ok = r.Next(o + 1) {
		v, found := r.View(o)
		if !found {
			t.Fatalf("entry %d can't be read", o)
		}
		text += fmt.Sprintf("%v", v.Entry())
	}
	return text
}

func fileSize(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// tooLarge says whether the bound was met, and that the error says what to do.
func tooLarge(err error) bool {
	var hint interface{ Hint() string }
	return errors.Is(err, syscall.EFBIG) && errors.As(err, &hint) && strings.Contains(hint.Hint(), "served on")
}
