//go:build !linux

package main

import "net"

// peerName has no reader here; only the user of the daemon and the superuser can connect.
func peerName(net.Conn) string { return "control socket" }
