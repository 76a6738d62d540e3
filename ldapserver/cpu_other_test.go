//go:build !unix

package ldapserver

import (
	"testing"
	"time"
)

var cpuStart = time.Now()

// cpuTime is the time that has passed, where the processors' isn't asked for.
func cpuTime(testing.TB) time.Duration { return time.Since(cpuStart) }
