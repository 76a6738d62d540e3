//go:build race

package directory

// raceDetector: pools drop some of what they are given then, on purpose, so that nothing can be said of allocations.
const raceDetector = true
