//go:build unix

package main

import (
	"net"
	"os"
	"syscall"
)

// listenPrivate creates the socket with mode 0600 from its first moment on.
func listenPrivate(path string) (net.Listener, error) {
	old := syscall.Umask(0o177)
	l, err := net.Listen("unix", path)
	syscall.Umask(old)
	if err != nil {
		return nil, err
	}
	return l, os.Chmod(path, 0o600)
}
