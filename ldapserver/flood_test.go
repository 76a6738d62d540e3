package ldapserver

import (
	"crypto/tls"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ringdex/ldapserver/protocol"
)

// from is a client at another address of this machine.
func (h *harness) from(t testing.TB, address net.IP) *rawClient {
	t.Helper()
	c, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: address}, Timeout: patience}).Dial("tcp", h.address)
	if err != nil {
		t.Fatal(err)
	}
	return newRaw(t, c)
}

// TestConnectionFlood has one address, and then many, open far more connections than there may be, and keep them. Others are
// served, and when the flood is over everybody is.
func TestConnectionFlood(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		o     Options
		flood int
		many  bool // addresses
		stay  int  // of the flood
	}{
		"of one address, at the default": {Options{}, 500, false, 200},
		"of many addresses":              {Options{MaxConnections: 151}, 400, true, 150},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.o.FirstByteTimeout = time.Minute
			h := serve(t, c.o, ListenerOptions{})
			good := h.from(t, net.IPv4(127, 0, 0, 2))
			good.wantService()
			var refused atomic.Int64
			var flood sync.WaitGroup
			over := make(chan struct{})
			for i := range c.flood {
				flood.Go(func() {
					address := net.IPv4(127, 0, 0, 3)
					if c.many {
						address = net.IPv4(127, 2, byte(i>>8), byte(i))
					}
					nc, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: address}, Timeout: patience}).Dial("tcp", h.address)
					if err != nil {
						t.Error(err)
						return
					}
					defer nc.Close()
					go func() { <-over; nc.Close() }()
					raw := &rawClient{t: t, Conn: nc}
					if a, err := raw.next(); err == nil && a.id == 0 && a.code == protocol.Busy {
						refused.Add(1)
					}
				})
			}
			eventually(t, "those over the limit are told", func() bool { return int(refused.Load()) == c.flood-c.stay })
			good.wantService()
			if s := h.Stats(); s.Open != c.stay+1 || s.Refused != int64(c.flood-c.stay) {
				t.Errorf("got %+v, want %d open and %d refused", s, c.stay+1, c.flood-c.stay)
			}
			close(over)
			flood.Wait()
			eventually(t, "the flood is over", func() bool { return h.Stats().Open == 1 })
			h.from(t, net.IPv4(127, 0, 0, 3)).wantService()
			if got := h.log.count("level=warning"); got != 1 {
				t.Errorf("got %d warnings for the flood, want 1", got)
			}
		})
	}
}

// TestHandshakeFlood: clients that begin a handshake and stall, and others that make one after the other, cost a client that has
// made its own next to nothing, and leave nothing.
func TestHandshakeFlood(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{HandshakeTimeout: 300 * time.Millisecond, MaxPerAddress: 1000}, ListenerOptions{Mode: LDAPS, TLS: serverTLS(t)})
	good := newRaw(t, tls.Client(h.raw(t).Conn, anyServer()))
	good.wantService()
	hello := []byte("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
	var flood sync.WaitGroup
	var stalling atomic.Int64 // those that are never cut off
	for range 20 {
		flood.Go(func() {
			for range 10 {
				if nc, err := net.Dial("tcp", h.address); err == nil {
					_ = tls.Client(nc, anyServer()).Handshake()
					nc.Close()
				}
			}
		})
	}
	for i := range 60 {
		flood.Go(func() {
			nc, err := net.Dial("tcp", h.address)
			if err != nil {
				t.Error(err)
				return
			}
			defer nc.Close()
			_ = nc.SetDeadline(time.Now().Add(patience))
			_, _ = nc.Write(hello[:i%len(hello)])
			if n, err := nc.Read(make([]byte, 1)); n > 0 || isTimeout(err) {
				stalling.Add(1)
			}
		})
	}
	over := make(chan struct{})
	go func() { flood.Wait(); close(over) }()
	var took []time.Duration
	for running := true; running; {
		select {
		case <-over:
			running = false
		default:
		}
		_ = good.SetDeadline(time.Now().Add(patience))
		begin := time.Now()
		good.wantService()
		took = append(took, time.Since(begin))
	}
	if n := stalling.Load(); n > 0 {
		t.Errorf("%d clients that stall in their handshakes are not cut off", n)
	}
	slices.Sort(took)
	if p99 := took[len(took)*99/100]; p99 > 2*time.Second {
		t.Errorf("a good client waits %v (p99 of %d)", p99, len(took))
	}
	eventually(t, "the flood is over", func() bool { return h.Stats().Open == 1 })
}
