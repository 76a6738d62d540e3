package main

import (
	"os"
	"runtime/debug"
)

// memoryGoal is what the collector aims at: the live data of a load of any size is below a third of it. It is no bound:
// what is needed beyond it is taken, at the price of more collections.
const memoryGoal = 100 << 20

// limitMemory sets the collector's goal, unless the environment has one of its own (GOMEMLIMIT).
func limitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryGoal)
	}
}
