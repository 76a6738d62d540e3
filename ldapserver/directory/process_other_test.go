//go:build !unix

package directory

import (
	"testing"
	"time"
)

// lowestPriority has no counterpart here.
func lowestPriority() {}

var processStart = time.Now()

// processorTime is the time that has passed, where the processors' isn't asked for.
func processorTime(*testing.B) time.Duration { return time.Since(processStart) }
