//go:build !(linux || darwin || freebsd || netbsd || openbsd)

package main

import (
	"errors"
	"os"
)

// hideEcho is not there on this system: a secret is better put into a file and named by flag.
func hideEcho(*os.File) (restore func(), err error) {
	return nil, &hintError{errors.New("this terminal cannot hide what is typed"), "ringdex wizard --yes --password file:PATH"}
}
