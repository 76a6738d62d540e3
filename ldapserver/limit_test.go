package ldapserver

import (
	"net"
	"testing"
	"time"

	"ringdex/ldapserver/protocol"
)

func TestTimeouts(t *testing.T) {
	t.Parallel()
	const short, long = 80 * time.Millisecond, time.Hour
	whole := searchPDU(1, "o=none")
	for name, c := range map[string]struct {
		o    Options
		sent []byte
		// answers that come before the end
		answers int
	}{
		"silent from the start":  {Options{FirstByteTimeout: short, MessageTimeout: long, IdleTimeout: long}, nil, 0},
		"one octet, then silent": {Options{FirstByteTimeout: long, MessageTimeout: short, IdleTimeout: long}, whole[:1], 0},
		"all but the last octet": {Options{FirstByteTimeout: long, MessageTimeout: short, IdleTimeout: long}, whole[:len(whole)-1], 0},
		"a message, then idle":   {Options{FirstByteTimeout: long, MessageTimeout: long, IdleTimeout: short}, whole, 1},
		"a message and a half":   {Options{FirstByteTimeout: long, MessageTimeout: short, IdleTimeout: long}, append(searchPDU(1, "o=none"), whole[:9]...), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := serve(t, c.o, ListenerOptions{})
			cl := h.raw(t)
			if len(c.sent) > 0 {
				cl.send(c.sent)
			}
			for range c.answers {
				cl.want(1, protocol.OpSearchResultDone, protocol.Success)
			}
			cl.wantEnd()
		})
	}
}

// TestSlowLoris sends an octet now and then: the message's deadline does not move.
func TestSlowLoris(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{MessageTimeout: 200 * time.Millisecond}, ListenerOptions{})
	c := h.raw(t)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	c.send([]byte{0x30, 0x82, 0x10, 0x00})
	for range 500 {
		<-tick.C
		if _, err := c.Write([]byte{0}); err != nil {
			return
		}
	}
	t.Error("ten seconds of an octet now and then did not end the connection")
}

// TestShortDeadlinesMove keeps connections with short timeouts alive as long as they are used.
func TestShortDeadlinesMove(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{
		FirstByteTimeout: 400 * time.Millisecond, MessageTimeout: 400 * time.Millisecond, IdleTimeout: 400 * time.Millisecond,
		WriteTimeout: 400 * time.Millisecond,
	}, ListenerOptions{})
	c := h.raw(t)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for range 20 {
		<-tick.C
		// The tail of a message is always in the buffer.
		pdu := searchPDU(5, "o=none")
		c.send(pdu, pdu[:7])
		c.want(5, protocol.OpSearchResultDone, protocol.Success)
		c.send(pdu[7:])
		c.want(5, protocol.OpSearchResultDone, protocol.Success)
	}
}

func TestClientThatNeverReads(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{WriteTimeout: 200 * time.Millisecond, SearchTimeout: time.Hour}, ListenerOptions{})
	c := h.raw(t)
	c.send(searchPDU(1, "o=endless"))
	receive(t, "the search's end", h.backend.ended)
	eventually(t, "the connection is gone", func() bool { return h.Stats().Open == 0 })
}

// TestPipeliningWithoutReading sends far more requests than the kernel's buffers take answers.
func TestPipeliningWithoutReading(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{WriteTimeout: 200 * time.Millisecond}, ListenerOptions{})
	c, good := h.raw(t), h.raw(t)
	one := searchPDU(1, "o=one")
	var batch []byte
	for range 1000 {
		batch = append(batch, one...)
	}
	for range 100 {
		if _, err := c.Write(batch); err != nil {
			break // cut off
		}
	}
	good.wantService()
	eventually(t, "the connection is gone", func() bool { return h.Stats().Open == 1 })
}

// TestPipelining has every answer, in order.
func TestPipelining(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{}, ListenerOptions{})
	c := h.raw(t)
	const requests = 100_000
	sent := make(chan error, 1)
	go func() {
		var batch []byte
		for id := int64(1); id <= requests; id++ {
			if batch = append(batch, searchPDU(id, "o=none")...); id%1000 == 0 {
				if _, err := c.Write(batch); err != nil {
					sent <- err
					return
				}
				batch = batch[:0]
			}
		}
		sent <- nil
	}()
	for id := int64(1); id <= requests; id++ {
		c.want(id, protocol.OpSearchResultDone, protocol.Success)
	}
	if err := receive(t, "the requests", sent); err != nil {
		t.Error(err)
	}
}

// countingConn counts writes.
type countingConn struct {
	net.Conn
	writes int
}

func (c *countingConn) Write(p []byte) (int, error) {
	c.writes++
	return len(p), nil
}

func (c *countingConn) SetWriteDeadline(time.Time) error { return nil }
func (c *countingConn) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (c *countingConn) LocalAddr() net.Addr              { return &net.TCPAddr{} }

// TestOneWritePerBuffer answers everything that has come together in one write.
func TestOneWritePerBuffer(t *testing.T) {
	t.Parallel()
	wire := &countingConn{}
	b := newMemory()
	c := newConn(serverOf(t, Options{Backend: b}), wire, ListenerOptions{})
	c.borrow()
	c.in = c.in[:0]
	c.session = b.NewSession(t.Context(), c.info)
	for range 10 {
		c.in = append(c.in, searchPDU(1, "o=one")...)
	}
	c.in = append(c.in, searchWith(2, searchFields{base: "o=many", sizeLimit: 50})...)
	c.to = len(c.in)
	if err := c.consume(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.flush(); err != nil {
		t.Fatal(err)
	}
	if wire.writes != 1 || c.requests != 11 {
		t.Errorf("got %d writes for %d requests, want 1 for 11", wire.writes, c.requests)
	}
}

func TestConnectionCaps(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{
		"of one address": {MaxPerAddress: 3},
		"of all":         {MaxConnections: 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := serve(t, o, ListenerOptions{})
			var open []*rawClient
			for range 3 {
				c := h.raw(t)
				c.wantService()
				open = append(open, c)
			}
			for range 5 {
				h.raw(t).wantNotice(protocol.Busy)
			}
			for _, c := range open {
				c.wantService()
			}
			if got := h.Stats(); got.Refused != 5 || got.Open != 3 {
				t.Errorf("got %+v, want 5 refused and 3 open", got)
			}
			if got := h.log.count("level=warning"); got != 1 {
				t.Errorf("got %d warnings for 5 refusals, want 1", got)
			}
			open[0].Close()
			eventually(t, "there is room again", func() bool { return h.Stats().Open == 2 })
			h.raw(t).wantService()
		})
	}
}

func TestIdleConnectionsHoldLittle(t *testing.T) {
	t.Parallel()
	c := newConn(serverOf(t, Options{Backend: newMemory()}), nopConn{}, ListenerOptions{})
	c.borrow()
	c.in, c.out = make([]byte, 1<<20), make([]byte, 0, 1<<20)
	c.shrink()
	if len(c.in) > keepBuffer || cap(c.out) > keepBuffer {
		t.Errorf("an idle connection keeps %d and %d octets", len(c.in), cap(c.out))
	}
}
