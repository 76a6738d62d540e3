package ldapserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"

	"ringdex/ldapserver/protocol"
)

// Server serves LDAP on any number of listeners.
type Server struct {
	options atomic.Pointer[Options]
	stats   counters
	turns   turns
	// Log lines that many connections may cause.
	refusals, failures, acceptErrors throttle

	mu         sync.Mutex
	closing    bool
	listeners  map[net.Listener]bool
	conns      map[*conn]bool
	perAddress map[netip.Addr]int
	cancel     []context.CancelFunc // of the sessions' contexts, one a listener
	running    sync.WaitGroup       // connections
	spare      sync.Pool            // *buffers
}

// counters are what Stats reports.
type counters struct {
	accepted, refused, foreign, garbage, panics atomic.Int64
}

// Stats of a server since its start.
type Stats struct {
	Open     int   // connections now
	Accepted int64 // connections
	Refused  int64 // connections over a limit
	Foreign  int64 // connections from outside a listener's networks
	Garbage  int64 // connections whose first octet was no LDAP
	Panics   int64 // recovered

	Pulls, PullsWaiting int // long searches now, at work and in line
}

// New checks the options.
func New(o Options) (*Server, error) {
	if o.Backend == nil {
		return nil, errors.New("ldapserver: no backend")
	}
	s := &Server{listeners: map[net.Listener]bool{}, conns: map[*conn]bool{}, perAddress: map[netip.Addr]int{}}
	o = o.withDefaults()
	s.options.Store(&o)
	s.turns.limit = o.MaxPulls
	return s, nil
}

// Reload takes other limits and timeouts. What is served now is not disturbed: a connection keeps to the new ones from its
// next read on, and those over a smaller cap stay. Backend, log, observer and controls remain what they were.
func (s *Server) Reload(o Options) {
	now := s.options.Load()
	o.Backend, o.Log, o.Observer, o.Observe, o.SupportedControls = now.Backend, now.Log, now.Observer, now.Observe, now.SupportedControls
	o = o.withDefaults()
	s.options.Store(&o)
	s.turns.change(o.MaxPulls)
}

// Stats returns the counters.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	open := len(s.conns)
	s.mu.Unlock()
	working, waiting := s.turns.counts()
	return Stats{
		Open: open, Accepted: s.stats.accepted.Load(), Refused: s.stats.refused.Load(), Foreign: s.stats.foreign.Load(),
		Garbage: s.stats.garbage.Load(), Panics: s.stats.panics.Load(), Pulls: working, PullsWaiting: waiting,
	}
}

// Serve accepts connections until the listener is closed by Shutdown (then it returns nil) or fails. The context goes to
// the sessions.
func (s *Server) Serve(ctx context.Context, l net.Listener, o ListenerOptions) error {
	if o.Mode != Plain && o.TLS == nil {
		return fmt.Errorf("ldapserver: listener %s needs a TLS configuration", l.Addr())
	}
	if o.Name == "" {
		o.Name = l.Addr().String()
	}
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		return errors.Join(l.Close())
	}
	s.listeners[l] = true
	ctx, cancel := context.WithCancel(ctx)
	s.cancel = append(s.cancel, cancel)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.listeners, l)
		s.mu.Unlock()
	}()
	var pause time.Duration
	for {
		nc, err := l.Accept()
		switch {
		case err == nil:
			pause = 0
			s.stats.accepted.Add(1)
			s.start(ctx, nc, o)
		case s.isClosing():
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		default:
			// Out of descriptors, or a connection that broke off while it waited: both pass.
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			if n, ok := s.acceptErrors.pass(time.Now()); ok {
				s.options.Load().Log.WithError(err).WithFields(logrus.Fields{"listener": o.Name, "unreported": n}).Warn("accept")
			}
			if !sleep(ctx, pause) {
				return nil
			}
		}
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

func (s *Server) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// start admits a connection and serves it on a goroutine of its own.
func (s *Server) start(ctx context.Context, nc net.Conn, o ListenerOptions) {
	c := newConn(s, nc, o)
	if !o.admits(c.info.Remote.Addr()) {
		s.stats.foreign.Add(1)
		nc.Close()
		return
	}
	if refused := s.admit(c); refused != nil {
		if refused == errFull {
			s.stats.refused.Add(1)
			if n, ok := s.refusals.pass(time.Now()); ok {
				s.options.Load().Log.WithFields(logrus.Fields{
					"remote": c.info.Remote.String(), "listener": o.Name, "unreported": n,
				}).Warn("too many connections")
			}
		}
		// A client that is told why backs off; one that does not read must not hold us up.
		if o.Mode != LDAPS {
			_ = nc.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
			_, _ = nc.Write(protocol.AppendNoticeOfDisconnection(nil, refused.Code, refused.Message))
		}
		nc.Close()
		return
	}
	go func() {
		defer s.leave(c)
		c.serve(ctx)
	}()
}

var errFull = &protocol.Error{Code: protocol.Busy, Message: "too many connections"}

// admit registers a connection; errFull where a limit is reached, errUnavailable where the server is stopping.
func (s *Server) admit(c *conn) *protocol.Error {
	o := c.options
	s.mu.Lock()
	defer s.mu.Unlock()
	addr := c.info.Remote.Addr()
	switch {
	case s.closing:
		return errUnavailable
	case len(s.conns) >= o.MaxConnections, s.perAddress[addr] >= o.MaxPerAddress:
		return errFull
	}
	s.conns[c] = true
	s.perAddress[addr]++
	s.running.Add(1)
	return nil
}

func (s *Server) leave(c *conn) {
	s.mu.Lock()
	delete(s.conns, c)
	addr := c.info.Remote.Addr()
	if s.perAddress[addr]--; s.perAddress[addr] == 0 {
		delete(s.perAddress, addr)
	}
	s.mu.Unlock()
	s.running.Done()
}

// Shutdown closes the listeners, tells every client that the server goes away (Notice of Disconnection with unavailable,
// RFC 4511, 4.4.1) and waits for the connections. Answers that are being written are completed first. When ctx ends, the
// connections that are left are cut and its error is returned.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	var errs []error
	for l := range s.listeners {
		// Closed already is as good: by an earlier Shutdown, whose Serve has not returned yet.
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	for c := range s.conns {
		c.stop()
	}
	s.mu.Unlock()
	s.turns.close()
	done := make(chan struct{})
	go func() {
		s.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		s.cancelSessions()
		return errors.Join(errs...)
	case <-ctx.Done():
	}
	s.mu.Lock()
	for c := range s.conns {
		c.cut()
	}
	s.mu.Unlock()
	s.cancelSessions()
	<-done
	return errors.Join(append(errs, ctx.Err())...)
}

func (s *Server) cancelSessions() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, cancel := range s.cancel {
		cancel()
	}
}

// supports says whether a control may be critical.
func (s *Server) supports(c *protocol.Control) bool {
	return slices.ContainsFunc(s.options.Load().SupportedControls, func(oid string) bool { return c.Is(oid) })
}
