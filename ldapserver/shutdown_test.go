package ldapserver

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"testing"
	"time"

	"ringdex/ldapserver/protocol"
)

func TestNewNeedsABackend(t *testing.T) {
	t.Parallel()
	if _, err := New(Options{}); err == nil {
		t.Error("a server without a backend was made")
	}
}

func TestShutdownTellsEveryClient(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{}, ListenerOptions{})
	second := h.listen(t, ListenerOptions{Mode: LDAPS, TLS: serverTLS(t)})
	idle, fresh, midway := h.raw(t), h.raw(t), h.raw(t)
	idle.wantService()
	midway.wantService()
	midway.send(searchPDU(1, "o=one")[:9])
	n, err := net.Dial("tcp", second)
	if err != nil {
		t.Fatal(err)
	}
	secure := newRaw(t, tls.Client(n, anyServer()))
	secure.wantService()
	eventually(t, "all are connected", func() bool { return h.Stats().Open == 4 })

	if err := h.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*rawClient{idle, fresh, midway, secure} {
		c.wantNotice(protocol.Unavailable)
	}
	if got := h.Stats().Open; got != 0 {
		t.Errorf("%d connections are open after shutdown", got)
	}
	if c, err := net.Dial("tcp", h.address); err == nil {
		c.Close()
		t.Error("the port is still open")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Serve(t.Context(), l, ListenerOptions{}); err != nil {
		t.Errorf("serve after shutdown: got %v, want nil", err)
	}
	if err := h.Shutdown(t.Context()); err != nil {
		t.Errorf("second shutdown: %v", err)
	}
}

func TestShutdownDuringASearch(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"o=work", "o=endless"} {
		t.Run(base, func(t *testing.T) {
			t.Parallel()
			h := serve(t, Options{SearchTimeout: time.Hour}, ListenerOptions{})
			c := h.raw(t)
			c.send(searchPDU(1, base))
			receive(t, "the search's start", h.backend.started)
			done := make(chan error, 1)
			go func() { done <- h.Shutdown(context.Background()) }()
			// The answer is flagged as incomplete, never silently cut.
			c.check(c.skipEntries(), 1, protocol.OpSearchResultDone, protocol.Unavailable)
			c.wantNotice(protocol.Unavailable)
			if err := receive(t, "shutdown", done); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestShutdownCutsWhoDoesNotRead does not wait for a client beyond its context.
func TestShutdownCutsWhoDoesNotRead(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{SearchTimeout: time.Hour, WriteTimeout: time.Hour}, ListenerOptions{})
	c := h.raw(t)
	c.send(searchPDU(1, "o=endless"))
	receive(t, "the search's start", h.backend.started)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := h.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the context's error or nil", err)
	}
	if got := h.Stats().Open; got != 0 {
		t.Errorf("%d connections are open after shutdown", got)
	}
}

// TestAcceptedWhileStopping is a connection that comes between Shutdown's first step and its last: it is no refusal over a
// limit.
func TestAcceptedWhileStopping(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{}, ListenerOptions{})
	if err := h.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	n, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	h.start(t.Context(), accepted, ListenerOptions{})
	newRaw(t, n).wantNotice(protocol.Unavailable)
	if got := h.Stats().Refused; got != 0 || h.log.count("too many") != 0 {
		t.Errorf("got %d refusals and log %q, want none", got, h.log)
	}
}

// stuckBackend has binds that wait for the context's end, as one that waits for its turn to hash a password does.
type stuckBackend struct {
	*memory
	waiting chan struct{}
}

func (b stuckBackend) NewSession(ctx context.Context, c ConnInfo) Session {
	return stuckSession{b.memory.NewSession(ctx, c), b.waiting}
}

type stuckSession struct {
	Session
	waiting chan struct{}
}

func (s stuckSession) Bind(ctx context.Context, _ *protocol.BindRequest) error {
	s.waiting <- struct{}{}
	<-ctx.Done()
	return ctx.Err()
}

func TestShutdownEndsTheSessionsContext(t *testing.T) {
	t.Parallel()
	b := stuckBackend{newMemory(), make(chan struct{}, 1)}
	h := serve(t, Options{Backend: b}, ListenerOptions{})
	c := h.raw(t)
	c.send(bindPDU(1, 3, memoryUser, memoryPassword))
	receive(t, "the bind", b.waiting)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := h.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the context's error", err)
	}
}

// brokenListener fails a few times, then for good.
type brokenListener struct {
	net.Listener
	failures int
}

func (l *brokenListener) Accept() (net.Conn, error) {
	if l.failures--; l.failures >= 0 {
		return nil, errors.New("too many open files")
	}
	return nil, net.ErrClosed
}

func TestServeSurvivesAcceptErrors(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{}, ListenerOptions{})
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	if err := h.Serve(t.Context(), &brokenListener{inner, 3}, ListenerOptions{Name: "broken"}); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v, want net.ErrClosed", err)
	}
	if got := h.log.count("too many open files"); got != 1 {
		t.Errorf("got %d log lines for 3 failures, want 1", got)
	}
	h.raw(t).wantService()
}
