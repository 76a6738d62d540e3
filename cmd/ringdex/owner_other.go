//go:build !unix

package main

import "io/fs"

// giveToFolder does nothing: a file has the rights of its folder here.
func giveToFolder(string) error { return nil }

// readByOthers can't tell: the mode bits say nothing about access lists. Keep secrets in a folder that only the account
// that runs ringdex can open.
func readByOthers(fs.FileInfo) bool { return false }
