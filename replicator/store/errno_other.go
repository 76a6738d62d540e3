//go:build !unix

package store

import "syscall"

// What Windows calls it.
const (
	errNoMemory   = syscall.Errno(8)    // ERROR_NOT_ENOUGH_MEMORY
	errNoSpace    = syscall.Errno(112)  // ERROR_DISK_FULL
	errOverQuota  = syscall.Errno(1295) // ERROR_DISK_QUOTA_EXCEEDED
	errTooLarge   = syscall.Errno(223)  // ERROR_FILE_TOO_LARGE
	errReadOnlyFS = syscall.Errno(19)   // ERROR_WRITE_PROTECT
)
