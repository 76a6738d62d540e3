//go:build !linux

package ldapserver

import "net"

// plainSocket is for Linux: elsewhere there is none.
type plainSocket struct{ *net.TCPConn }

func plain(nc net.Conn) net.Conn { return nc }

func (s *plainSocket) serve(func(fd uintptr) (done bool)) error { return nil }

func (s *plainSocket) readNow([]byte) (int, error) { return 0, nil }

func (s *plainSocket) read(uintptr, []byte) (int, error) { return 0, nil }

func (s *plainSocket) writeNow([]byte) (int, error) { return 0, nil }
