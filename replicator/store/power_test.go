package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"
	"unsafe"

	bolt "go.etcd.io/bbolt"
)

const (
	pageBytes   = 4096
	sectorBytes = 512
)

// disk records what bbolt writes, in order, to the store and to the staging files beside it.
type disk struct {
	mu    sync.Mutex
	files []*diskFile
	log   []diskWrite
}

type diskFile struct {
	path string
	base []byte // when the recording began
	gone int    // length of the log when it was removed; 0 while it is there
}

// diskWrite is a write, or the moment at which the program was told that a version is stored.
type diskWrite struct {
	file  *diskFile
	at    int64
	data  []byte
	size  int64 // of the file meanwhile: bbolt syncs its growth first
	acked int   // a version; then it is no write
}

// meta says whether the write is one of the two pages that make a transaction valid. bbolt syncs before and after it.
func (w *diskWrite) meta() bool { return w.at < 2*pageBytes }

// writeHook is where bbolt has its function for writing, to be replaced. It is no part of bbolt's interface, but nothing else
// shows every write.
func writeHook(t testing.TB, db *bolt.DB) *func(b []byte, off int64) (int, error) {
	t.Helper()
	field := reflect.ValueOf(db).Elem().FieldByName("ops").FieldByName("writeAt")
	if !field.IsValid() {
		t.Fatal("bbolt has no ops.writeAt any more: find another way to see its writes")
	}
	return (*func(b []byte, off int64) (int, error))(unsafe.Pointer(field.UnsafeAddr()))
}

// record notes every write to a file. That bbolt syncs before and after each meta page is taken for granted.
func (d *disk) record(t testing.TB, db *bolt.DB) *diskFile {
	t.Helper()
	if db.NoSync || db.NoGrowSync {
		t.Fatalf("%s is not synced", db.Path())
	}
	base, err := os.ReadFile(db.Path())
	if err != nil {
		t.Fatal(err)
	}
	f := &diskFile{path: db.Path(), base: base}
	d.files = append(d.files, f)
	writeAt := writeHook(t, db)
	inner := *writeAt
	*writeAt = func(b []byte, off int64) (int, error) {
		info, err := os.Stat(f.path)
		if err != nil {
			return 0, err
		}
		d.mu.Lock()
		d.log = append(d.log, diskWrite{file: f, at: off, data: append([]byte(nil), b...), size: max(info.Size(), off+int64(len(b)))})
		d.mu.Unlock()
		return inner(b, off)
	}
	return f
}

func (d *disk) ack(version int) { d.log = append(d.log, diskWrite{acked: version}) }

// fail leaves in dir what a disk may hold when the power failed after a number of writes. What was synced is there. Of what
// came after the last sync any sectors are, and a file that was removed may be back. It returns the acknowledged version.
func (d *disk) fail(t testing.TB, dir string, writes int, r *rand.Rand) (acked int) {
	t.Helper()
	for _, f := range d.files {
		var mine []diskWrite
		began := f.gone == 0 || f == d.files[0]
		durable := 0
		for _, w := range d.log[:writes] {
			switch {
			case w.acked > 0:
				acked, durable = max(acked, w.acked), len(mine)
			case w.file == f:
				if n := len(mine); n > 0 && mine[n-1].meta() != w.meta() {
					durable = n
				}
				mine = append(mine, w)
				began = true
			}
		}
		path := filepath.Join(dir, filepath.Base(f.path))
		switch {
		case !began || f != d.files[0] && len(mine) == 0:
			continue
		case f.gone > 0 && f.gone < writes && r.IntN(2) == 0:
			_ = os.Remove(path) // an older one of the same name
			continue
		}
		image := append([]byte(nil), f.base...)
		for i, w := range mine {
			if n := w.size - int64(len(image)); n > 0 {
				image = append(image, make([]byte, n)...)
			}
			share := r.IntN(4) // none, some, most, all
			for at := 0; at < len(w.data); at += sectorBytes {
				if i < durable || r.IntN(3) < share {
					copy(image[w.at+int64(at):], w.data[at:min(at+sectorBytes, len(w.data))])
				}
			}
		}
		writeSparse(t, path, image)
	}
	return acked
}

// writeSparse writes only the pages that are not empty.
func writeSparse(t testing.TB, path string, image []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	err = f.Truncate(int64(len(image)))
	var empty [pageBytes]byte
	for at := 0; at < len(image) && err == nil; at += pageBytes {
		page := image[at:min(at+pageBytes, len(image))]
		if string(page) != string(empty[:len(page)]) {
			_, err = f.WriteAt(page, int64(at))
		}
	}
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// recordVersions makes versions of the store, by deltas and by loads, and records every write.
func recordVersions(t testing.TB, versions int) *disk {
	t.Helper()
	d := &disk{}
	s := openStore(t, Options{})
	d.record(t, s.db)
	for version := 1; version <= versions; version++ {
		entries := versionEntries(version)
		if version%2 == 0 {
			if _, err := s.Apply(Batch{Object: "Contact", Upserts: entries, Checkpoint: &Checkpoint{Rows: version}}); err != nil {
				t.Fatal(err)
			}
			d.ack(version)
			continue
		}
		l, err := s.BeginLoad(LoadPlan{Objects: []string{"Contact"}, Fingerprint: fmt.Sprint(version)})
		if err != nil {
			t.Fatal(err)
		}
		staging := d.record(t, l.db)
		for i := 0; i < len(entries); i += 40 {
			if err := l.Put("Contact", entries[i:i+40], Checkpoint{Rows: i + 40}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err = l.Commit(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		staging.gone = len(d.log)
		d.ack(version)
	}
	return d
}

// A power failure at any write leaves a store that opens at the last version that was acknowledged, or at the one that
// was being written, whole and sound, and that takes the next one.
func TestPowerFailure(t *testing.T) {
	t.Parallel()
	if os.Getpagesize() != pageBytes {
		t.Skipf("written for pages of %d bytes; runs where the system has these", pageBytes)
	}
	d := recordVersions(t, 6)
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 2))
	rounds := 150
	if testing.Short() {
		rounds = 30
	}
	undecided := 0
	prefixes := r.Perm(len(d.log) + 1) // each is tried before one is again
	for round, until := 0, time.Now().Add(soak(t)); round < rounds || time.Now().Before(until); round++ {
		dir := t.TempDir()
		writes := prefixes[round%len(prefixes)]
		acked := d.fail(t, dir, writes, r)
		where := fmt.Sprintf("seed %d, round %d, after %d of %d writes", seed, round, writes, len(d.log))
		s, err := Open(filepath.Join(dir, "ringdex.db"), Options{})
		if err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		version, err := storedVersion(s)
		if err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		if version != acked && version != acked+1 {
			t.Fatalf("%s: version %d is stored, %d was acknowledged", where, version, acked)
		}
		if version != acked {
			undecided++
		}
		verify(t, s)
		if err := loadVersion(s, version+1, versionEntries(version+1)); err != nil {
			t.Fatalf("%s: the next load: %v", where, err)
		}
		if got, err := storedVersion(s); err != nil || got != version+1 {
			t.Fatalf("%s: after the next load version %d, %v", where, got, err)
		}
		verify(t, s)
		if err := errors.Join(s.Close(), os.RemoveAll(dir)); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d writes; a version was whole before it was acknowledged in %d rounds", len(d.log), undecided)
}
