//go:build unix

package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestGiveToFolder needs root, as .ci/run has in its container: nobody else can give files away.
func TestGiveToFolder(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("not root: files can't be given to another user")
	}
	owner := func(path string) uint32 {
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Sys().(*syscall.Stat_t).Uid
	}
	const service = 4242
	theirs, ours := t.TempDir(), t.TempDir()
	if err := os.Chown(theirs, service, service); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, dir string
		want      uint32
	}{{"the service's folder", theirs, service}, {"root's folder", ours, 0}} {
		path := filepath.Join(c.dir, "ringdex.yaml")
		if err := writePrivate(path, []byte("x: y\n")); err != nil {
			t.Fatal(err)
		}
		if got := owner(path); got != c.want {
			t.Errorf("%s: owner %d, want %d", c.name, got, c.want)
		}
	}
	// A link is not followed: it may lead to a file of root's.
	target, link := filepath.Join(ours, "target"), filepath.Join(theirs, "link")
	if err := os.WriteFile(target, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	if err := giveToFolder(link); err != nil {
		t.Fatal(err)
	}
	if got := owner(target); got != 0 {
		t.Errorf("the link's target: owner %d", got)
	}
}
