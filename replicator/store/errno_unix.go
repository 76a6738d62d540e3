//go:build unix

package store

import "syscall"

// What the operating system calls it.
const (
	errNoMemory   = syscall.ENOMEM
	errNoSpace    = syscall.ENOSPC
	errReadOnlyFS = syscall.EROFS
)
