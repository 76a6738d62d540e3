package ldapserver

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"

	"ringdex/ldapserver/ber"
	"ringdex/ldapserver/protocol"
)

const (
	// firstBuffer holds every request that a phone sends; the buffer grows up to the message limit.
	firstBuffer = 4 << 10
	// keepBuffer is how large buffers may stay between requests.
	keepBuffer = 128 << 10
	// writeAt is how much of pipelined answers is collected before it is written.
	writeAt = 64 << 10
	// deadlineSlack is how late a deadline may be moved: moving it costs more than decoding a request.
	deadlineSlack = time.Second
)

// conn is one connection.
type conn struct {
	server   *Server
	listener ListenerOptions
	raw      net.Conn
	nc       net.Conn // raw, or TLS over it
	info     ConnInfo
	session  Session
	log      logrus.FieldLogger

	in      []byte // read, not yet consumed: in[from:to]
	from    int
	to      int
	out     []byte
	decoder protocol.Decoder
	writer  ResultWriter
	watch   watcher

	bound    bool // by name and password
	version2 bool
	requests int64
	partial  bool // the buffer ended in the middle of a message when it was last waited for

	readBy, writeBy time.Time // deadlines as set
	stopping        atomic.Bool
}

// errEnd ends the loop of a connection without a word: the client has unbound or gone.
var errEnd = errors.New("ldapserver: end")

func newConn(s *Server, nc net.Conn, o ListenerOptions) *conn {
	c := &conn{server: s, listener: o, raw: nc, nc: nc, info: ConnInfo{
		Remote: addrPort(nc.RemoteAddr()), Local: addrPort(nc.LocalAddr()), Listener: o.Name, TLS: o.Mode == LDAPS,
	}}
	c.decoder.Limits = s.options.Limits
	c.writer.conn = c
	return c
}

// addrPort is the address of a TCP connection; the zero value for others (tests use pipes).
func addrPort(a net.Addr) netip.AddrPort {
	if t, ok := a.(*net.TCPAddr); ok {
		ap := t.AddrPort()
		return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	}
	return netip.AddrPort{}
}

// serve runs the connection to its end.
func (c *conn) serve(ctx context.Context) {
	c.log = c.server.options.Log.WithFields(logrus.Fields{"remote": c.info.Remote.String(), "listener": c.listener.Name})
	err := c.run(ctx)
	c.raw.Close()
	switch {
	case err == nil, errors.Is(err, errEnd), errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed):
		c.log.WithField("requests", c.requests).Debug("connection ended")
	default:
		c.log.WithField("requests", c.requests).WithError(err).Debug("connection ended")
	}
}

func (c *conn) run(ctx context.Context) (err error) {
	defer func() {
		if c.session != nil {
			c.session.Close()
		}
	}()
	defer func() {
		if p := recover(); p != nil {
			c.watch.stop(c)
			c.server.stats.panics.Add(1)
			c.log.WithFields(logrus.Fields{"panic": p, "stack": string(debug.Stack())}).Error("panic while serving a request")
			err = c.disconnect(protocol.Other, "internal error")
		}
	}()
	if c.listener.Mode == LDAPS {
		if err := c.startTLS(ctx); err != nil {
			return err
		}
	}
	c.session = c.server.options.Backend.NewSession(ctx, c.info)
	c.in = make([]byte, firstBuffer)
	for {
		if err := c.consume(ctx); err != nil {
			return errors.Join(err, c.flush())
		}
		if err := c.flush(); err != nil {
			return err
		}
		if c.stopping.Load() {
			return c.disconnect(protocol.Unavailable, "the server is going down")
		}
		if err := c.fill(); err != nil {
			if c.stopping.Load() && isTimeout(err) {
				continue
			}
			return err
		}
	}
}

// consume answers every whole message in the buffer.
func (c *conn) consume(ctx context.Context) error {
	for c.from < c.to {
		limit := c.server.options.MaxAnonymousMessage
		if c.bound {
			limit = c.server.options.MaxMessage
		}
		total, need, err := ber.FrameLength(c.in[c.from:c.to], limit)
		if err != nil {
			if c.requests == 0 && c.from == 0 && c.in[0] != 0x30 {
				// TLS or HTTP on a plain port, a port scan: nothing that an LDAP answer would help.
				c.server.stats.garbage.Add(1)
				return errors.Join(errEnd, err)
			}
			return errors.Join(c.disconnect(protocol.ProtocolError, err.Error()), err)
		}
		if need || total > c.to-c.from {
			c.grow(total)
			return nil
		}
		pdu := c.in[c.from : c.from+total : c.from+total]
		c.from += total
		c.requests++
		if err := c.handle(ctx, pdu); err != nil {
			return err
		}
		if len(c.out) >= writeAt {
			if err := c.flush(); err != nil {
				return err
			}
		}
		if c.stopping.Load() {
			return nil
		}
	}
	c.from, c.to = 0, 0
	if len(c.in) > keepBuffer {
		c.in = make([]byte, firstBuffer)
	}
	return nil
}

// grow makes room for a message of total octets (0: not yet known), whose beginning lies in the buffer.
func (c *conn) grow(total int) {
	n := copy(c.in, c.in[c.from:c.to])
	c.from, c.to = 0, n
	if want := max(total, n+1); want > len(c.in) {
		// Not all at once: what a peer only announces is not allocated.
		bigger := make([]byte, min(want, max(2*len(c.in), firstBuffer)))
		copy(bigger, c.in[:n])
		c.in = bigger
	}
}

// fill reads what has arrived, waiting for at least one octet.
func (c *conn) fill() error {
	if c.to == len(c.in) {
		c.grow(len(c.in) + 1)
	}
	o := &c.server.options
	now := time.Now()
	var by time.Time
	switch {
	case c.to > c.from:
		by = now.Add(o.MessageTimeout)
		if !c.readBy.IsZero() && c.readBy.Before(by) && c.partial {
			by = c.readBy // the message's own deadline does not move with each octet
		}
	case c.requests == 0:
		by = now.Add(o.FirstByteTimeout)
	default:
		by = now.Add(o.IdleTimeout)
	}
	c.setReadBy(by)
	c.partial = c.to > c.from
	n, err := c.nc.Read(c.in[c.to:])
	c.to += n
	if n > 0 {
		return nil
	}
	return err
}

// setReadBy moves the read deadline where it is off by more than the slack.
func (c *conn) setReadBy(by time.Time) {
	if d := by.Sub(c.readBy); d > deadlineSlack || d < 0 {
		c.readBy = by
		_ = c.nc.SetReadDeadline(by)
		if c.stopping.Load() { // stop may have run in between: its deadline counts
			_ = c.nc.SetReadDeadline(past)
		}
	}
}

// past is a deadline that makes a blocked read return.
var past = time.Unix(1, 0)

// flush writes what was collected.
func (c *conn) flush() error {
	if len(c.out) == 0 {
		return nil
	}
	by := time.Now().Add(c.server.options.WriteTimeout)
	if by.Sub(c.writeBy) > deadlineSlack {
		c.writeBy = by
		_ = c.nc.SetWriteDeadline(by)
	}
	_, err := c.nc.Write(c.out)
	if cap(c.out) > keepBuffer {
		c.out = nil
	}
	c.out = c.out[:0]
	return err
}

// disconnect tells the client why the connection ends (RFC 4511, 4.4.1) and ends it.
func (c *conn) disconnect(code protocol.ResultCode, message string) error {
	if !c.version2 {
		c.out = protocol.AppendNoticeOfDisconnection(c.out, code, message)
	}
	if err := c.flush(); err != nil {
		return err
	}
	return errEnd
}

// stop makes the connection end after the request that it serves. It is called from other goroutines.
func (c *conn) stop() {
	c.stopping.Store(true)
	_ = c.raw.SetReadDeadline(past)
}

// cut ends the connection at once.
func (c *conn) cut() { c.raw.Close() }

// startTLS makes the handshake. Whatever lies in the buffer was sent before it and is thrown away: it may be somebody
// else's (RFC 4511, 4.14.1; CVE-2011-0411 is this fault in mail servers).
func (c *conn) startTLS(ctx context.Context) error {
	c.from, c.to = 0, 0
	ctx, cancel := context.WithTimeout(ctx, c.server.options.HandshakeTimeout)
	defer cancel()
	t := tls.Server(c.raw, c.listener.TLS)
	if err := t.HandshakeContext(ctx); err != nil {
		return err
	}
	c.nc = t
	c.info.TLS = true
	c.readBy, c.writeBy = time.Time{}, time.Time{}
	return nil
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}
