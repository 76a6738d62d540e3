//go:build unix

package ldapserver

import (
	"syscall"
	"testing"
	"time"
)

// cpuTime is what this process has had of the processors so far.
func cpuTime(t testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
