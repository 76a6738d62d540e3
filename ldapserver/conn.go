package ldapserver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"runtime"
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
	// keepBuffer is how large a buffer may stay while its connection waits.
	keepBuffer = 64 << 10
	// writeAt is how much of pipelined answers is collected before it is written.
	writeAt = 64 << 10
	// shortWrite is how much is written without telling the scheduler: copying it takes a few microseconds.
	shortWrite = 16 << 10
	// lingerFor and lingerBytes bound what is read from a client that is being cut off, so that it gets to know why.
	lingerFor   = 500 * time.Millisecond
	lingerBytes = 256 << 10
)

// conn is one connection.
type conn struct {
	server   *Server
	options  *Options // as of the last read: Reload changes them
	listener ListenerOptions
	raw      net.Conn
	nc       net.Conn     // raw, or TLS over it
	direct   *plainSocket // raw, where answers may go out without a deadline; nil: they may not
	info     ConnInfo
	session  Session
	observer Observer // nil: none

	in      []byte // read, not yet consumed: in[from:to]
	from    int
	to      int
	drained bool // the last read has taken all that was there, as far as is known
	quiet   int  // up to here the buffer holds no message that ends another one
	out     []byte
	buffers *buffers // where those come from
	decoder *protocol.Decoder
	writer  ResultWriter
	watch   watcher

	bound    bool // by name and password
	version2 bool
	requests int64
	reason   string // why the server ended the connection, for the log
	linger   bool   // the client has been told why it is cut off

	partial         bool      // in the middle of a message, which has to be there by messageBy
	messageBy       time.Time // fixed: it does not move with each octet
	readBy, writeBy time.Time // deadlines as set
	stopping        atomic.Bool
}

// errStartTLS ends the loop of a connection that goes on with a handshake.
var errStartTLS = errors.New("ldapserver: a handshake follows")

// errEnd ends the loop of a connection without a word: the client has unbound or gone.
var errEnd = errors.New("ldapserver: end")

func newConn(s *Server, nc net.Conn, o ListenerOptions) *conn {
	c := &conn{server: s, options: s.options.Load(), listener: o, raw: nc, nc: plain(nc), info: ConnInfo{
		Remote: addrPort(nc.RemoteAddr()), Local: addrPort(nc.LocalAddr()), Listener: o.Name, TLS: o.Mode == LDAPS,
	}}
	c.direct, _ = c.nc.(*plainSocket)
	c.writer.conn = c
	if c.observer = c.options.Observer; c.options.Observe != nil {
		c.observer = c.options.Observe(c.info)
	}
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
	c.borrow()
	err := c.run(ctx)
	c.close(err)
	c.giveBack()
	if l, ok := c.options.Log.(interface{ IsLevelEnabled(logrus.Level) bool }); ok && !l.IsLevelEnabled(logrus.DebugLevel) {
		return
	}
	fields := logrus.Fields{"requests": c.requests}
	if c.reason != "" {
		fields["reason"] = c.reason
	}
	if !errors.Is(err, errEnd) && !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
		fields[logrus.ErrorKey] = err
	}
	c.log().WithFields(fields).Debug("connection ended")
}

// log is the server's log, for this connection.
func (c *conn) log() logrus.FieldLogger {
	return c.options.Log.WithFields(logrus.Fields{"remote": c.info.Remote.String(), "listener": c.listener.Name})
}

// buffers are what a connection works in. They go from one to another, since many telephones connect for every lookup.
type buffers struct {
	in, out []byte
	decoder protocol.Decoder
}

func (c *conn) borrow() {
	b, ok := c.server.spare.Get().(*buffers)
	if !ok {
		b = &buffers{in: make([]byte, firstBuffer)}
	}
	c.buffers, c.in, c.out, c.decoder = b, b.in, b.out[:0], &b.decoder
	c.decoder.Limits = c.options.Limits
}

// giveBack ends the use of what was borrowed, once nothing reads or writes any more.
func (c *conn) giveBack() {
	b := c.buffers
	if len(c.in) == firstBuffer {
		b.in = c.in
	}
	if b.out = nil; cap(c.out) <= firstBuffer {
		b.out = c.out
	}
	c.buffers, c.in, c.out, c.decoder = nil, nil, nil, nil
	c.server.spare.Put(b)
}

// close closes the connection. Closing it with input that was not read resets it, and a reset may overtake the notice that
// says why: so the rest of the input is read before, for a moment.
func (c *conn) close(err error) {
	secure, isTLS := c.nc.(*tls.Conn)
	if c.linger {
		if isTLS {
			_ = secure.CloseWrite()
		}
		if t, ok := c.raw.(*net.TCPConn); ok && t.CloseWrite() == nil && !c.stopping.Load() {
			_ = t.SetReadDeadline(time.Now().Add(lingerFor))
			_, _ = io.CopyN(io.Discard, t, lingerBytes)
		}
	} else if isTLS && errors.Is(err, errEnd) {
		_ = secure.CloseWrite()
	}
	c.raw.Close()
}

func (c *conn) run(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.writer.leave()
			c.watch.stop(c)
			c.panicked(p)
			err = c.disconnect(protocol.Other, "internal error")
		}
	}()
	defer func() {
		if c.session != nil {
			c.session.Close()
		}
	}()
	if c.listener.Mode == LDAPS {
		if err := c.startTLS(ctx); err != nil {
			return err
		}
	}
	c.session = c.options.Backend.NewSession(ctx, c.info)
	for {
		if err = c.loop(ctx); err != errStartTLS {
			return err
		}
		if err = c.startTLS(ctx); err != nil {
			return err
		}
		c.reset(ctx)
	}
}

// loop answers requests to the connection's end, or until a handshake is to follow: errStartTLS.
func (c *conn) loop(ctx context.Context) error {
	if c.direct != nil {
		return c.loopPlain(ctx)
	}
	for {
		if err := c.step(ctx); err != nil {
			return err
		}
		if err := c.fill(); err != nil && !(c.stopping.Load() && isTimeout(err)) {
			return err
		}
	}
}

// step answers the requests that are there.
func (c *conn) step(ctx context.Context) error {
	if err := c.consume(ctx); err != nil {
		_ = c.flush()
		return err
	}
	if err := c.flush(); err != nil {
		return err
	}
	if c.stopping.Load() {
		return c.disconnect(errUnavailable.Code, errUnavailable.Message)
	}
	c.shrink()
	return nil
}

// panicked reports a panic. Its stack holds no request; what a backend says in a panic may.
func (c *conn) panicked(p any) {
	c.server.stats.panics.Add(1)
	what := fmt.Sprintf("%T", p)
	if e, ok := p.(runtime.Error); ok {
		what = e.Error()
	}
	c.log().WithFields(logrus.Fields{"panic": what, "stack": string(debug.Stack())}).Error("panic while serving a request")
}

// messageLimit is how long a message may be now.
func (c *conn) messageLimit() int {
	if c.bound {
		return c.options.MaxMessage
	}
	return c.options.MaxAnonymousMessage
}

// consume answers every whole message in the buffer.
func (c *conn) consume(ctx context.Context) error {
	for c.from < c.to {
		total, need, err := ber.FrameLength(c.in[c.from:c.to], c.messageLimit())
		if err != nil {
			if c.requests == 0 && errors.Is(err, ber.ErrTag) {
				// TLS or HTTP on a plain port, a port scan: nothing that an LDAP answer would help.
				c.server.stats.garbage.Add(1)
				c.reason = "no LDAP"
				return errEnd
			}
			return c.disconnect(protocol.ProtocolError, err.Error())
		}
		if need || total > c.to-c.from {
			c.grow(total)
			return nil
		}
		pdu := c.in[c.from : c.from+total : c.from+total]
		c.from += total
		c.partial = false
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
	c.from, c.to, c.quiet = 0, 0, 0
	return nil
}

// shrink gives up buffers that a large message or answer has made large: there are thousands of connections that wait.
func (c *conn) shrink() {
	if cap(c.out) > keepBuffer {
		c.out = nil
	}
	if c.from == c.to && len(c.in) > keepBuffer {
		c.in = make([]byte, firstBuffer)
	}
}

// grow makes room for a message of total octets (0: not yet known), whose beginning lies in the buffer.
func (c *conn) grow(total int) {
	n := copy(c.in, c.in[c.from:c.to])
	c.from, c.to, c.quiet = 0, n, 0
	if want := max(total, n+1); want > len(c.in) {
		// Not all at once: what a peer only announces is not allocated.
		bigger := make([]byte, min(want, max(2*len(c.in), firstBuffer)))
		copy(bigger, c.in[:n])
		c.in = bigger
	}
}

// fill reads what has arrived, waiting for at least one octet.
func (c *conn) fill() error {
	c.await()
	n, err := c.nc.Read(c.in[c.to:])
	c.to += n
	if n > 0 {
		return nil
	}
	return err
}

// await makes room for what comes next, and sets the deadline for it.
func (c *conn) await() {
	if c.to == len(c.in) {
		c.grow(len(c.in) + 1)
	}
	if o := c.server.options.Load(); o != c.options {
		c.options, c.decoder.Limits = o, o.Limits
	}
	o := c.options
	now := time.Now()
	var by time.Time
	var timeout time.Duration
	switch {
	case c.to > c.from:
		if !c.partial {
			c.partial, c.messageBy = true, now.Add(o.MessageTimeout)
		}
		by, timeout = c.messageBy, o.MessageTimeout
	case c.requests == 0:
		by, timeout = now.Add(o.FirstByteTimeout), o.FirstByteTimeout
	default:
		by, timeout = now.Add(o.IdleTimeout), o.IdleTimeout
	}
	if within := slack(timeout); !c.drained || by.Sub(now) < sureAfter {
		c.setReadBy(by, within)
	} else {
		c.setReadBy(now.Add(sureAfter), sureAfter/2)
	}
}

// slack is by how much a deadline of that length may be wrong before it is moved: that takes 180 ns, where this
// layer adds 1 µs to what a server of constant answers spends on a request (BenchmarkServe).
func slack(timeout time.Duration) time.Duration { return min(time.Second, timeout/8) }

// setReadBy moves the read deadline where it is too late, or too early by more than within.
func (c *conn) setReadBy(by time.Time, within time.Duration) {
	if d := by.Sub(c.readBy); d > within || d < 0 {
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
	out := c.out
	c.out = c.out[:0]
	if c.direct != nil && len(out) <= shortWrite {
		// There is room for nearly every answer, so that the clock need not be looked at.
		n, err := c.direct.writeNow(out)
		if n == len(out) || err != nil {
			return err
		}
		out = out[n:]
	}
	timeout := c.options.WriteTimeout
	by := time.Now().Add(timeout)
	if by.Sub(c.writeBy) > slack(timeout) {
		c.writeBy = by
		_ = c.nc.SetWriteDeadline(by)
	}
	_, err := c.nc.Write(out)
	return err
}

// disconnect tells the client why the connection ends (RFC 4511, 4.4.1) and ends it.
func (c *conn) disconnect(code protocol.ResultCode, message string) error {
	c.reason, c.linger = message, true
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

// cut ends the connection at once, whatever it is doing. It is called from other goroutines, and does not wait as Close does while octets
// are read.
func (c *conn) cut() {
	if t, ok := c.raw.(*net.TCPConn); ok {
		_, _ = t.CloseRead(), t.CloseWrite()
		return
	}
	c.raw.Close()
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}
