package store

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"ringdex/schema"
)

// killedStore tells a re-executed test binary which store to write to until it is killed.
const killedStore = "RINGDEX_TEST_KILLED_STORE"

func TestMain(m *testing.M) {
	if path := os.Getenv(killedStore); path != "" {
		if err := writeVersions(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// versionEntries are the entries of one version of the directory: all have its stamp, and every one says it.
func versionEntries(version int) []schema.Entry {
	list := make([]schema.Entry, 120)
	for i := range list {
		key := fmt.Sprintf("49302312%05d", version*1000+i)
		list[i] = schema.Entry{Object: "Contact", ID: recordID("Contact", i), Stamp: base.Add(time.Duration(version) * time.Second), Attributes: []schema.Attribute{
			{Name: "cn", Values: []schema.Value{{Text: fmt.Sprintf("Person %d of version %d", (i*7+version)%120, version)}}},
			{Name: "mobile", Values: []schema.Value{{Text: "+" + key, Keys: []string{key}}}},
		}}
	}
	return list
}

// writeVersions goes on from the version stored, by deltas and by loads in turn, and prints each one that is committed.
func writeVersions(path string) error {
	s, err := Open(path, Options{})
	if err != nil {
		return err
	}
	version, err := storedVersion(s)
	if err != nil {
		return err
	}
	for {
		version++
		entries := versionEntries(version)
		if version%2 == 0 {
			if _, err := s.Apply(Batch{Object: "Contact", Upserts: entries, Checkpoint: &Checkpoint{Rows: version}}); err != nil {
				return err
			}
		} else if err := loadVersion(s, version, entries); err != nil {
			return err
		}
		if _, err := fmt.Println(version); err != nil {
			return err
		}
	}
}

func loadVersion(s *Store, version int, entries []schema.Entry) error {
	l, err := s.BeginLoad(LoadPlan{Objects: []string{"Contact"}, Fingerprint: strconv.Itoa(version)})
	if err != nil {
		return err
	}
	for i := l.Checkpoint("Contact").Rows; i < len(entries); i += 40 {
		if err := l.Put("Contact", entries[i:i+40], Checkpoint{Rows: i + 40}); err != nil {
			return err
		}
	}
	_, err = l.Commit(context.Background(), nil)
	return err
}

// storedVersion returns the one version that all entries have, 0 for an empty store.
func storedVersion(s *Store) (int, error) {
	m, err := s.Meta()
	if err != nil || !m.Complete {
		return 0, err
	}
	r, err := s.Reader()
	if err != nil {
		return 0, err
	}
	defer r.Release()
	version, n := 0, 0
	for o, ok := r.Next(0); ok; o, ok = r.Next(o + 1) {
		v, ok := r.View(o)
		if !ok {
			return 0, fmt.Errorf("no view of %d", o)
		}
		at := int(v.Stamp().Sub(base) / time.Second)
		if n++; n > 1 && at != version {
			return 0, fmt.Errorf("versions %d and %d in one store", version, at)
		}
		version = at
	}
	if n != len(versionEntries(0)) {
		return 0, fmt.Errorf("%d entries of version %d", n, version)
	}
	return version, nil
}

// soak is how long the tests with chance in them go on: RINGDEX_SOAK seconds, as make soak sets it, or as long as a few
// rounds take.
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

// A store whose process is killed at any moment opens again at the last version that was committed, whole and sound.
func TestKilled(t *testing.T) {
	t.Parallel()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ringdex.db")
	r := rand.New(rand.NewPCG(uint64(os.Getpid()), 1)) // when a kill comes is random in any case
	rounds := 20
	if testing.Short() {
		rounds = 5
	}
	acknowledged := 0
	for round, until := 0, time.Now().Add(soak(t)); round < rounds || time.Now().Before(until); round++ {
		cmd := exec.Command(exe)
		cmd.Env = append(os.Environ(), killedStore+"="+path)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// Every other one is killed after it has committed something, the others maybe while they open the store.
		after := time.Duration(20+r.IntN(200)) * time.Millisecond
		timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		if round%2 == 0 {
			timer.Stop()
		}
		for n, lines := 0, bufio.NewScanner(out); lines.Scan(); n++ {
			if n == 0 && round%2 == 0 {
				timer.Reset(after)
			}
			if acknowledged, err = strconv.Atoi(lines.Text()); err != nil {
				t.Fatal(err)
			}
		}
		_ = cmd.Wait() // killed
		if timer.Stop() {
			t.Fatal("the child ended by itself")
		}
		s, err := Open(path, Options{})
		if err != nil {
			t.Fatalf("round %d, after %v: %v", round, after, err)
		}
		version, err := storedVersion(s)
		if err != nil {
			t.Fatalf("round %d, after %v: %v", round, after, err)
		}
		if version != acknowledged && version != acknowledged+1 {
			t.Fatalf("round %d: version %d is stored, %d was acknowledged", round, version, acknowledged)
		}
		acknowledged = version
		if m, err := s.Meta(); err != nil || version > 0 && (len(m.Objects) != 1 || m.Objects[0].Checkpoint.Rows != map[bool]int{true: version, false: 120}[version%2 == 0]) {
			t.Fatalf("round %d: the checkpoint isn't that of version %d: %+v, %v", round, version, m, err)
		}
		verify(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if acknowledged < rounds/4 {
		t.Errorf("only %d versions were written: the kills come too early", acknowledged)
	}
}

func writeFile(path string, data []byte) error { return os.WriteFile(path, data, 0o600) }
