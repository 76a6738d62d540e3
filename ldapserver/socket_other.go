//go:build !linux

package ldapserver

import "net"

// plain is for Linux.
func plain(nc net.Conn) net.Conn { return nc }
