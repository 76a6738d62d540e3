//go:build unix

package directory

import (
	"syscall"
	"testing"
	"time"
)

// processorTime is what this process has had of the processors so far: on a busy machine the clock says little.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
