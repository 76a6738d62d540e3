//go:build unix

package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// giveToFolder gives a file that root has made to the owner of its folder, so that the service, which has a user of its
// own, can read it. Without root, and in root's folders, it does nothing.
func giveToFolder(path string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return err
	}
	folder, ok := info.Sys().(*syscall.Stat_t)
	if !ok || folder.Uid == 0 {
		return nil
	}
	if err := os.Lchown(path, int(folder.Uid), int(folder.Gid)); err != nil {
		return fmt.Errorf("give %s to the owner of its folder: %w", path, err)
	}
	return nil
}

// readByOthers says whether others than the owner can read a secret's file.
func readByOthers(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 != 0 }
