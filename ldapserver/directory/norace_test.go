//go:build !race

package directory

// raceDetector says whether the race detector is on.
const raceDetector = false
