package store

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
)

// closedStore makes a store of n contacts and returns its path.
func closedStore(t testing.TB, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ringdex.db")
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	load(t, s, randomEntries(rand.New(rand.NewPCG(uint64(n), 3)), "Contact", n)...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	write := func(b []byte) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	edit := func(f func(b []byte) []byte) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			b, err := os.ReadFile(closedStore(t, 50))
			if err != nil {
				t.Fatal(err)
			}
			write(f(b))(t, path)
		}
	}
	format := func(v string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			edit(func(b []byte) []byte { return b })(t, path)
			db, err := bolt.Open(path, 0o600, nil)
			if err != nil {
				t.Fatal(err)
			}
			err = db.Update(func(tx *bolt.Tx) error { return tx.Bucket(bucketMeta).Put(keyFormat, []byte(v)) })
			if err := errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		name string
		make func(t *testing.T, path string)
		want error
		text string
	}{
		{"a text file", write(bytes.Repeat([]byte("not a store\n"), 1000)), ErrForeign, "another path"},
		{"a short file", write([]byte("x")), ErrForeign, "another path"},
		{"an empty file", write(nil), ErrCorrupt, "empty"},
		{"a bbolt file of another program", func(t *testing.T, path string) {
			db, err := bolt.Open(path, 0o600, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}, ErrForeign, "another path"},
		{"a directory", func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, ErrForeign, "regular"},
		{"a file that was cut short", edit(func(b []byte) []byte { return b[:16<<10] }), ErrCorrupt, "cut short"},
		{"broken meta pages", edit(func(b []byte) []byte {
			b[pageHeader+20]++
			b[int(os.Getpagesize())+pageHeader+20]++
			return b
		}), ErrCorrupt, "restore a backup"},
		{"a beginning of zeros", edit(func(b []byte) []byte {
			clear(b[:2*os.Getpagesize()])
			return b
		}), ErrCorrupt, "beginning was overwritten"},
		{"a beginning of something else", edit(func(b []byte) []byte {
			for i := range b[:5*os.Getpagesize()] {
				b[i] = byte(i*i + 7)
			}
			return b
		}), ErrCorrupt, "restore a backup"},
		{"zeros", write(make([]byte, 1<<20)), ErrForeign, "another path"},
		{"a root page that is gone", edit(func(b []byte) []byte {
			for i := 2; i < len(b)/os.Getpagesize(); i++ {
				clear(b[i*os.Getpagesize() : i*os.Getpagesize()+pageHeader])
			}
			return b
		}), ErrCorrupt, "page"},
		{"a newer format", format("2"), &FormatError{}, "newer ringdex"},
		{"an older format", format("0"), &FormatError{}, "replicate again"},
		{"a format that is no number", format("x"), ErrCorrupt, "format"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "r.db")
			c.make(t, path)
			before, _ := os.ReadFile(path)
			for _, readOnly := range []bool{true, false} {
				s, err := Open(path, Options{ReadOnly: readOnly})
				if err == nil {
					_ = s.Close()
					t.Fatal("it was opened")
				}
				var format *FormatError
				if errors.As(c.want, &format) != errors.As(err, &format) || format == nil && !errors.Is(err, c.want) {
					t.Errorf("%v isn't %v", err, c.want)
				}
				if !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), c.text) || strings.Contains(err.Error(), "\n") {
					t.Errorf("error %q: want path and %q", err, c.text)
				}
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
}

func TestOpenInPlacesThatFail(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := Open(filepath.Join(dir, "no", "such.db"), Options{}); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "create the directory") {
		t.Errorf("a missing directory: %v", err)
	}
	if _, err := Open(filepath.Join(dir, "none.db"), Options{ReadOnly: true}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file, read-only: %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	if os.Geteuid() == 0 {
		t.Log("permissions aren't tested as root")
		return
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(dir, "r.db"), Options{}); !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), "writable") {
		t.Errorf("a read-only directory: %v", err)
	}
}

func TestOpenLocked(t *testing.T) {
	t.Parallel()
	path := closedStore(t, 5)
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, readOnly := range []bool{true, false} {
		_, err := Open(path, Options{ReadOnly: readOnly, Timeout: 60 * time.Millisecond})
		if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), "another process") || !strings.Contains(err.Error(), path) {
			t.Errorf("read-only %v: %v", readOnly, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	a, err := Open(path, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	b, err := Open(path, Options{ReadOnly: true})
	if err != nil {
		t.Fatalf("a second reader: %v", err)
	}
	defer b.Close()
	if n := len(contents(t, b)); n != 5 {
		t.Errorf("%d entries", n)
	}
	verify(t, b)
	if err := b.PutBlob("a", "b", nil); !errors.Is(err, ErrReadOnly) {
		t.Errorf("writing: %v", err)
	}
	if _, err := b.BeginLoad(LoadPlan{Objects: []string{"Contact"}}); !errors.Is(err, ErrReadOnly) {
		t.Errorf("loading: %v", err)
	}
}

func TestMeta(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "r.db")
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Reader(); !errors.Is(err, ErrEmpty) {
		t.Errorf("a reader of an empty store: %v", err)
	}
	org := Org{ID: "00D550000000001AAA", URL: "https://example.my.salesforce.com", Name: "Example"}
	if err := errors.Join(s.BindOrg(org), s.BindOrg(org)); err != nil {
		t.Fatal(err)
	}
	org.Name = "Renamed"
	if err := s.BindOrg(org); err != nil {
		t.Fatal(err)
	}
	var other *OrgError
	if err := s.BindOrg(Org{ID: "00D550000000002AAA"}); !errors.As(err, &other) || other.Want.ID != org.ID {
		t.Errorf("another organization: %v", err)
	}
	o := ObjectMeta{Name: "Contact", LastResult: "failed", LastSuccess: base, Fields: []string{"Name"}, Records: 9, Checkpoint: Checkpoint{ID: "x"}}
	if err := s.SetObject(o); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.PutBlob("holds", "b", []byte("2")), s.PutBlob("holds", "a", []byte("1")), s.PutBlob("holds", "c", []byte("3")),
		s.PutBlob("holds", "c", nil)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Meta(); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	if _, err := s.Reader(); !errors.Is(err, ErrClosed) {
		t.Errorf("a reader after Close: %v", err)
	}
	if s, err = Open(path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	o.Records, o.Checkpoint = 0, Checkpoint{}
	m, err := s.Meta()
	if want := (Meta{Format: Format, Org: org, Objects: []ObjectMeta{o}}); err != nil || !reflect.DeepEqual(m, want) {
		t.Errorf("got %+v, want %+v, %v", m, want, err)
	}
	var blobs []string
	if err := s.EachBlob("holds", func(k string, v []byte) bool {
		blobs = append(blobs, k+string(v))
		return true
	}); err != nil || strings.Join(blobs, " ") != "a1 b2" {
		t.Errorf("blobs %v, %v", blobs, err)
	}
	if v, err := s.Blob("holds", "c"); v != nil || err != nil {
		t.Errorf("a removed blob: %q, %v", v, err)
	}
	if v, err := s.Blob("none", "c"); v != nil || err != nil {
		t.Errorf("no bucket: %q, %v", v, err)
	}
}
