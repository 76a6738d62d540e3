//go:build unix

package store

import "syscall"

// What the operating system calls it.
const (
	errNoMemory   = syscall.ENOMEM
	errNoSpace    = syscall.ENOSPC
	errOverQuota  = syscall.EDQUOT
	errTooLarge   = syscall.EFBIG // for the file system, or for ulimit -f
	errReadOnlyFS = syscall.EROFS
)
