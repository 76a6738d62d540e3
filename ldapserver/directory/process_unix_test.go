//go:build unix

package directory

import (
	"syscall"
	"testing"
	"time"
)

// lowestPriority lets other processes go first.
func lowestPriority() { _ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, 19) }

// processorTime is what this process has had of the processors so far: on a busy machine the clock says little.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
