package main

import (
	"fmt"
	"net"

	"golang.org/x/sys/unix"
)

// peerName is the user of the process at the other end (SO_PEERCRED, unix(7)).
func peerName(c net.Conn) string {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return "unknown"
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return "unknown"
	}
	name := "unknown"
	_ = raw.Control(func(fd uintptr) {
		if cred, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
			name = fmt.Sprintf("uid %d", cred.Uid)
		}
	})
	return name
}
