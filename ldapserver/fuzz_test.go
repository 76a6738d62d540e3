package ldapserver

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"ringdex/ldapserver/protocol"
)

// FuzzConnection sends octets to a live connection in each state: fresh, bound, of version 2, over TLS, and while a search
// runs. The server must survive, and the connection must end or go on answering; a good client is served all the while.
func FuzzConnection(f *testing.F) {
	for state := range byte(states) {
		for _, seed := range [][]byte{
			searchPDU(1, "o=one"), bindPDU(1, 3, memoryUser, memoryPassword), bindPDU(1, 2, "", ""), saslPDU(1, "EXTERNAL"),
			extendedPDU(1, protocol.OIDStartTLS, nil), extendedPDU(1, protocol.OIDWhoAmI, nil), cancelPDU(2, 99), abandonPDU(2, 99),
			append(searchPDU(1, "o=work"), abandonPDU(2, 1)...), unbindPDU(1), []byte("GET / HTTP/1.1\r\n\r\n"),
			{0x30, 0x84, 0xff, 0xff, 0xff, 0xff},
			{0x30, 0x80, 0, 0},
			{0x30},
			{0x16, 3, 1, 0, 5, 1},
			searchPDU(1, "o=controls", protocol.Control{OID: []byte("1.2.3"), Critical: true}),
			envelope(1, protocol.OpDelRequest, []byte("x")),
		} {
			f.Add(state, seed)
		}
	}
	h := serve(f, Options{
		Log: atDebug(), Queries: func(QueryRecord) {}, Observer: &countingObserver{}, SearchTimeout: 100 * time.Millisecond, MessageTimeout: 50 * time.Millisecond, IdleTimeout: 50 * time.Millisecond,
		FirstByteTimeout: 50 * time.Millisecond, HandshakeTimeout: 50 * time.Millisecond,
	}, ListenerOptions{Mode: StartTLSOptional, TLS: serverTLS(f)})
	f.Fuzz(func(t *testing.T, state byte, sent []byte) {
		n, err := net.Dial("tcp", h.address)
		if err != nil {
			t.Fatal(err)
		}
		c := newRaw(t, n)
		c = enter(c, state%states)
		// The client may be cut off while it sends.
		_, _ = c.Write(sent)
		if u, ok := c.Conn.(*net.TCPConn); ok {
			_ = u.CloseWrite()
		}
		if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error("the connection neither ends nor is read")
		}
		if got := h.Stats(); got.Panics != 0 {
			t.Fatal("a panic")
		}
		good, err := net.Dial("tcp", h.address)
		if err != nil {
			t.Fatal(err)
		}
		newRaw(t, good).wantService()
	})
}

// atDebug is a log that writes everything, to nowhere: what is logged is made (CVE-2024-6237 was a crash in a log line).
func atDebug() logrus.FieldLogger {
	l := logrus.New()
	l.SetOutput(io.Discard)
	l.SetLevel(logrus.DebugLevel)
	return l
}

const states = 6

// enter brings a fresh connection into a state.
func enter(c *rawClient, state byte) *rawClient {
	switch state {
	case 1:
		c.send(bindPDU(90, 3, memoryUser, memoryPassword))
		c.want(90, protocol.OpBindResponse, protocol.Success)
	case 2:
		c.send(bindPDU(90, 2, "", ""))
		c.want(90, protocol.OpBindResponse, protocol.Success)
	case 3:
		return c.startTLS()
	case 4:
		c.send(searchPDU(99, "o=work"))
	case 5: // the server waits for the handshake
		c.send(extendedPDU(90, protocol.OIDStartTLS, nil))
		c.want(90, protocol.OpExtendedResponse, protocol.Success)
	}
	return c
}
