//go:build !unix

package main

import "net"

// listenPrivate relies on the folder's access list where sockets have no mode.
func listenPrivate(path string) (net.Listener, error) { return net.Listen("unix", path) }
