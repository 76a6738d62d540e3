//go:build !unix

package store

import "syscall"

// What Windows calls it.
const (
	errNoMemory   = syscall.Errno(8)   // ERROR_NOT_ENOUGH_MEMORY
	errNoSpace    = syscall.Errno(112) // ERROR_DISK_FULL
	errReadOnlyFS = syscall.Errno(19)  // ERROR_WRITE_PROTECT
)
