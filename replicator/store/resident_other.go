//go:build !linux

package store

// dropResident does nothing where the system has no such call: its own reclaim has to do.
func dropResident(string) {}
