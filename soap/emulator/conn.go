package emulator

import (
	"bytes"
	"net"
)

// net/http knows one reason for status 500; the server that we emulate says "Server Error".
const (
	goReason   = "HTTP/1.1 500 Internal Server Error\r\n"
	realReason = "HTTP/1.1 500 Server Error\r\n"
)

// A reasonListener gives its connections the real server's reason phrase.
type reasonListener struct{ net.Listener }

func (l reasonListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return reasonConn{c}, nil
}

// A reasonConn rewrites the status line where a response begins. net/http writes a response's head at the start of a
// Write, since it flushes after every response.
type reasonConn struct{ net.Conn }

func (c reasonConn) Write(b []byte) (int, error) {
	if !bytes.HasPrefix(b, []byte(goReason)) {
		return c.Conn.Write(b)
	}
	out := append([]byte(realReason), b[len(goReason):]...)
	n, err := c.Conn.Write(out)
	if err != nil {
		return max(0, min(n, len(b))), err
	}
	return len(b), nil
}
