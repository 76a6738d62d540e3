package store

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// backupOf writes a backup.
func backupOf(t *testing.T, s *Store) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "backup.db")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Backup(t.Context(), f)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRestore(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 12))
	s := openStore(t, Options{})
	if err := s.BindOrg(Org{ID: "00D550000000001EAA"}); err != nil {
		t.Fatal(err)
	}
	load(t, s, randomEntries(r, "Contact", 100)...)
	want := contents(t, s)
	backup := backupOf(t, s)
	load(t, s, randomEntries(r, "Contact", 50)...)
	load(t, s, randomEntries(r, "Contact", 60)...)
	later, err := s.Meta()
	if err != nil {
		t.Fatal(err)
	}
	path := s.Path()
	if _, err := Restore(t.Context(), backup, path, Options{}); !errors.Is(err, ErrLocked) {
		t.Errorf("an open store was replaced: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	g, err := Restore(t.Context(), backup, path, Options{})
	if err != nil || g <= later.Generation {
		t.Fatalf("generation %d after %d, %v", g, later.Generation, err)
	}
	back, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer back.Close()
	verify(t, back)
	if got := contents(t, back); !reflect.DeepEqual(got, want) {
		t.Errorf("%d entries, want %d", len(got), len(want))
	}
	if whole, err := back.Changes(later.Sequence, func(Change) bool { return true }); err != nil || whole {
		t.Errorf("a follower is told that nothing has changed: %v, %v", whole, err)
	}
	if _, err := os.Stat(path + KeptSuffix); err != nil {
		t.Errorf("the store that was replaced is gone: %v", err)
	}
}

func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 13))
	s := openStore(t, Options{})
	if err := s.BindOrg(Org{ID: "00D550000000001EAA"}); err != nil {
		t.Fatal(err)
	}
	load(t, s, randomEntries(r, "Contact", 400)...)
	backup := backupOf(t, s)
	other := openStore(t, Options{})
	if err := other.BindOrg(Org{ID: "00D550000000002EAA"}); err != nil {
		t.Fatal(err)
	}
	load(t, other, randomEntries(r, "Contact", 10)...)
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(other.Path())
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.db")
	text, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(cut, text[:len(text)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	empty := openStore(t, Options{})
	if err := empty.Close(); err != nil {
		t.Fatal(err)
	}
	var org *OrgError
	for _, test := range []struct {
		name, backup string
		refused      func(error) bool
	}{
		{"of another org", backup, func(err error) bool { return errors.As(err, &org) }},
		{"cut off", cut, func(err error) bool { return errors.Is(err, ErrCorrupt) }},
		{"not there", cut + "x", func(err error) bool { return errors.Is(err, os.ErrNotExist) }},
		{"without a generation", empty.Path(), func(err error) bool { return errors.Is(err, ErrEmpty) }},
	} {
		if _, err := Restore(t.Context(), test.backup, other.Path(), Options{}); err == nil || !test.refused(err) {
			t.Errorf("%s: %v", test.name, err)
		}
		after, err := os.ReadFile(other.Path())
		if err != nil || !bytes.Equal(after, before) {
			t.Errorf("%s: the store was changed, %v", test.name, err)
		}
		if left, _ := filepath.Glob(other.Path() + ".*"); len(left) > 0 {
			t.Errorf("%s: files are left: %v", test.name, left)
		}
	}
}

// What was deleted is in the file no more.
func TestCompact(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 14))
	s := openStore(t, Options{})
	entries := randomEntries(r, "Contact", 2000)
	load(t, s, entries...)
	var ids []string
	for _, e := range entries[200:] {
		ids = append(ids, e.ID)
	}
	if _, err := s.Apply(Batch{Object: "Contact", Deletes: ids}); err != nil {
		t.Fatal(err)
	}
	want := contents(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, after, err := Compact(t.Context(), s.Path(), Options{})
	if err != nil || after >= before/2 {
		t.Fatalf("%d bytes before, %d after, %v", before, after, err)
	}
	c, err := Open(s.Path(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	verify(t, c)
	if got := contents(t, c); !reflect.DeepEqual(got, want) {
		t.Errorf("%d entries, want %d", len(got), len(want))
	}
	if _, _, err := Compact(t.Context(), s.Path(), Options{}); !errors.Is(err, ErrLocked) {
		t.Errorf("an open store was compacted: %v", err)
	}
}
