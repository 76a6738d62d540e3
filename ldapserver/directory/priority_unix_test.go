//go:build unix && !linux

package directory

import "syscall"

// lowestPriority lets other processes go first.
func lowestPriority() { _ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, 19) }
