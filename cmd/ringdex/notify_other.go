//go:build !linux

package main

import "time"

// monotonic has a reader on Linux only.
func monotonic() time.Duration { return 0 }
