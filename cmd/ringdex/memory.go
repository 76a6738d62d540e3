package main

import (
	"os"
	"runtime/debug"
)

const (
	// memoryGoal is what the collector aims at. It is no bound: what is needed beyond it is taken, at the price of more collections.
	memoryGoal = 100 << 20
	// loadingGoal is the same during a load, whose live data is 60 to 90 MB whatever its size. With memoryGoal, the collector took a
	// quarter of the processor time.
	loadingGoal = 140 << 20
)

// limitMemory sets the collector's goal, unless the environment has one of its own (GOMEMLIMIT).
func limitMemory() { aimAt(memoryGoal) }

// loadingMemory raises the goal until done is called.
func loadingMemory() (done func()) {
	aimAt(loadingGoal)
	return limitMemory
}

func aimAt(goal int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(goal)
	}
}
