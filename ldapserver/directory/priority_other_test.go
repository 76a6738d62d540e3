//go:build !unix

package directory

// lowestPriority has no counterpart here.
func lowestPriority() {}
