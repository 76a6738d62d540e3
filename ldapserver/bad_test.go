package ldapserver

import (
	"crypto/tls"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"ringdex/ldapserver/protocol"
)

// badConnections is the environment variable that says how many bad connections TestBadConnections makes: 100,000 in
// `make hard`.
const badConnections = "RINGDEX_BAD"

// TestBadConnections: bad clients cost their own connections and nothing else. Afterwards there are no more goroutines, open
// files and octets than before, and all the while a good client is answered.
func TestBadConnections(t *testing.T) {
	n := 1000
	if s := os.Getenv(badConnections); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	} else if testing.Short() {
		n = 200
	}
	o := Options{
		Log: discarded(), FirstByteTimeout: 100 * time.Millisecond, MessageTimeout: 100 * time.Millisecond, HandshakeTimeout: 100 * time.Millisecond,
		WriteTimeout: 100 * time.Millisecond, IdleTimeout: time.Minute, SearchTimeout: 20 * time.Millisecond,
	}
	h := serve(t, o, ListenerOptions{Mode: StartTLSOptional, TLS: serverTLS(t)})
	secure := listenTo(t, h.Server, ListenerOptions{Mode: LDAPS, TLS: serverTLS(t)})
	good := h.raw(t)
	good.wantService()

	run := func(n int) []time.Duration {
		var bad sync.WaitGroup
		work := make(chan int)
		for range 100 {
			bad.Go(func() {
				for i := range work {
					beBad(t, h.address, secure, i)
				}
			})
		}
		done := make(chan struct{})
		go func() {
			for i := range n {
				work <- i
			}
			close(work)
			bad.Wait()
			close(done)
		}()
		var took []time.Duration
		for {
			select {
			case <-done:
				eventually(t, "the bad connections are gone", func() bool { return h.Stats().Open == 1 })
				return took
			default:
			}
			_ = good.SetDeadline(time.Now().Add(patience))
			begin := time.Now()
			good.wantService()
			took = append(took, time.Since(begin))
			time.Sleep(time.Millisecond)
		}
	}
	run(min(n, 500)) // buffers and pools grow to what they need
	before := inUse(t)
	took := run(n)
	after := inUse(t)
	slices.Sort(took)
	t.Logf("%d bad connections; goroutines %d before, %d after; open files %d, %d; heap %d KB, %d KB; a good client's lookup: median %v, p99 %v, worst %v",
		n, before.goroutines, after.goroutines, before.descriptors, after.descriptors, before.heap>>10, after.heap>>10,
		took[len(took)/2], took[len(took)*99/100], took[len(took)-1])
	if after.goroutines > before.goroutines+5 || after.descriptors > before.descriptors+5 || after.heap > before.heap+4<<20 {
		t.Errorf("something is left: %+v before, %+v after", before, after)
	}
	if p99 := took[len(took)*99/100]; p99 > 2*time.Second {
		t.Errorf("a good client waits %v (p99)", p99)
	}
	if s := h.Stats(); s.Panics != 0 || s.Accepted < int64(n) {
		t.Errorf("got %+v", s)
	}
}

// listenTo adds a listener to a server; it ends with the server.
func listenTo(t testing.TB, s *Server, o ListenerOptions) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		if err := s.Serve(t.Context(), l, o); err != nil {
			t.Errorf("serve: %v", err)
		}
	}()
	return l.Addr().String()
}

// beBad makes the i-th bad connection. Each comes from one of many addresses, and ends with a reset, so that the machine
// does not run out of ports.
func beBad(t *testing.T, plain, secure string, i int) {
	rnd := rand.New(rand.NewPCG(5, uint64(i)))
	address := plain
	if i%4 == 3 {
		address = secure
	}
	from := &net.TCPAddr{IP: net.IPv4(127, 1, byte(rnd.IntN(200)+1), byte(rnd.IntN(200)+1))}
	c, err := (&net.Dialer{LocalAddr: from, Timeout: patience}).Dial("tcp", address)
	if err != nil {
		t.Errorf("connection %d: %v", i, err)
		return
	}
	defer c.Close()
	if tcp, ok := c.(*net.TCPConn); ok {
		defer func() { _ = tcp.SetLinger(0) }()
	}
	_ = c.SetDeadline(time.Now().Add(patience))
	if address == secure && i%8 == 7 {
		s := tls.Client(c, anyServer())
		if s.Handshake() == nil {
			badMessages(s, rnd)
		}
		return
	}
	badMessages(c, rnd)
}

// badMessages sends something that a server must survive, and now and then waits to be cut off.
func badMessages(c net.Conn, rnd *rand.Rand) {
	good := searchPDU(1, "o=one")
	switch rnd.IntN(12) {
	case 0: // nothing
	case 1:
		_, _ = c.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
	case 2: // a handshake that never goes on
		_, _ = c.Write([]byte("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"))
	case 3:
		_, _ = c.Write(extendedPDU(1, protocol.OIDStartTLS, nil))
		_, _ = c.Write([]byte("\x16\x03\x01\x02\x00"))
	case 4:
		_, _ = c.Write(good[:1+rnd.IntN(len(good)-1)])
	case 5: // an octet of it changed
		p := slices.Clone(good)
		p[rnd.IntN(len(p))] ^= byte(1 + rnd.IntN(255))
		_, _ = c.Write(p)
	case 6:
		p := make([]byte, 1+rnd.IntN(300))
		for i := range p {
			p[i] = byte(rnd.Uint32())
		}
		p[0] = 0x30
		_, _ = c.Write(p)
	case 7: // depth
		p := []byte{0x02, 0x01, 0x01}
		for range 40 {
			p = append([]byte{0x30, byte(min(len(p), 127))}, p...)
		}
		_, _ = c.Write(p)
	case 8:
		_, _ = c.Write(slices.Concat(searchPDU(1, "o=endless"), abandonPDU(2, 1), cancelPDU(3, 1)))
	case 9:
		_, _ = c.Write(searchPDU(1, "o=endless")) // and does not read
	case 10:
		_, _ = c.Write(slices.Concat(bindPDU(1, 3, memoryUser, "wrong"), saslPDU(2, "DIGEST-MD5"), bindPDU(3, 9, "", ""), unbindPDU(4)))
	case 11:
		_, _ = c.Write([]byte{0x30, 0x84, 0xff, 0xff, 0xff, 0xff})
	}
	if rnd.IntN(16) == 0 {
		_ = c.SetReadDeadline(time.Now().Add(200 * time.Millisecond)) // it may be idle, which is no fault
		drain(c)
	}
}
