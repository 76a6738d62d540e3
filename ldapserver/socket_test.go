package ldapserver

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"ringdex/ldapserver/protocol"
)

// pair is both ends of a TCP connection, ours as a connection serves it.
func pair(t *testing.T) (ours net.Conn, theirs *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(); accepted.Close() })
	return plain(accepted), client.(*net.TCPConn)
}

func TestPlainSocketReads(t *testing.T) {
	t.Parallel()
	ours, theirs := pair(t)
	buf := make([]byte, 4)
	if n, err := ours.Read(nil); n != 0 || err != nil {
		t.Errorf("an empty read: %d, %v", n, err)
	}
	_ = ours.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	if n, err := ours.Read(buf); n != 0 || !isTimeout(err) {
		t.Errorf("nothing there: %d, %v, want a timeout", n, err)
	}
	_ = ours.SetReadDeadline(time.Time{})
	go func() {
		_, _ = theirs.Write([]byte("abcdef"))
		_ = theirs.CloseWrite()
	}()
	got, err := io.ReadAll(ours)
	if string(got) != "abcdef" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	ours.Close()
	if _, err := ours.Read(buf); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

func TestPlainSocketReadsNow(t *testing.T) {
	t.Parallel()
	ours, theirs := pair(t)
	s, ok := ours.(*plainSocket)
	if !ok {
		t.Skip("for Linux")
	}
	buf := make([]byte, 4)
	if n, err := s.readNow(buf); n != 0 || err != errNotYet {
		t.Errorf("nothing there: %d, %v", n, err)
	}
	_, _ = theirs.Write([]byte("abcdef"))
	_ = theirs.CloseWrite()
	var got []byte
	eventually(t, "the end has come", func() bool {
		n, err := s.readNow(buf)
		got = append(got, buf[:n]...)
		return err == io.EOF
	})
	if string(got) != "abcdef" {
		t.Errorf("got %q", got)
	}
	s.Close()
	if _, err := s.readNow(buf); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

// TestTheEndComesWithTheRequest: the end of the stream lies there with the last request when that is read, so that no event tells of it later.
func TestTheEndComesWithTheRequest(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{}, ListenerOptions{})
	ours, theirs := pair(t)
	if s, ok := ours.(*plainSocket); ok {
		ours = s.TCPConn
	}
	c := newRaw(t, theirs)
	c.send(searchPDU(1, "o=one"))
	_ = theirs.CloseWrite()
	time.Sleep(50 * time.Millisecond) // both are there
	begin := time.Now()
	h.start(t.Context(), ours, ListenerOptions{})
	c.want(1, protocol.OpSearchResultEntry, 0)
	c.want(1, protocol.OpSearchResultDone, protocol.Success)
	c.wantEnd()
	if took := time.Since(begin); took > sureAfter+time.Second {
		t.Errorf("the connection ended after %v", took)
	}
}

// TestIdleConnectionsLive: looking again whether the stream has ended is no end of the wait, and moves the end of none by more than that.
func TestIdleConnectionsLive(t *testing.T) {
	t.Parallel()
	const idle = sureAfter + time.Second
	h := serve(t, Options{IdleTimeout: idle}, ListenerOptions{})
	c := h.raw(t)
	c.wantService()
	time.Sleep(sureAfter + sureAfter/4)
	c.wantService()
	begin := time.Now()
	c.wantEnd()
	if took := time.Since(begin); took < idle-idle/8-time.Second/4 || took > idle+sureAfter+time.Second {
		t.Errorf("an idle connection ended after %v, want %v", took, idle)
	}
}

func TestPlainSocketIsReset(t *testing.T) {
	t.Parallel()
	ours, theirs := pair(t)
	_ = theirs.SetLinger(0)
	theirs.Close()
	n, err := ours.Read(make([]byte, 1))
	if n != 0 || err == nil || errors.Is(err, io.EOF) || isTimeout(err) {
		t.Errorf("reset by the client: %d, %v", n, err)
	}
	if s, ok := ours.(*plainSocket); ok {
		if _, err := s.writeNow([]byte("x")); err == nil {
			t.Error("a write to nobody succeeded")
		}
	}
}

// Without a reader there is room for some octets and then for none, and a deadline that has passed changes nothing.
func TestPlainSocketWritesNow(t *testing.T) {
	t.Parallel()
	ours, theirs := pair(t)
	s, ok := ours.(*plainSocket)
	if !ok {
		t.Skip("for Linux")
	}
	_ = s.SetWriteDeadline(past)
	piece := bytes.Repeat([]byte("0123456789abcdef"), shortWrite/16)
	var want []byte
	for {
		n, err := s.writeNow(piece)
		if err != nil {
			t.Fatal(err)
		}
		if want = append(want, piece[:n]...); n < len(piece) {
			break
		}
	}
	if n, err := s.writeNow(piece); n == len(piece) || err != nil {
		t.Errorf("no room: %d octets, %v", n, err)
	}
	_ = s.SetWriteDeadline(time.Time{})
	go func() {
		_, _ = s.Write(piece)
		ours.Close()
	}()
	got, err := io.ReadAll(theirs)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) < len(want) || !bytes.Equal(got[:len(want)], want) {
		t.Errorf("%d octets came, %d and then some were sent", len(got), len(want))
	}
	if _, err := s.writeNow(piece); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

// A client that reads late gets everything, in order: what there is no room for waits for it.
func TestAnswersToALateReader(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{}, ListenerOptions{})
	request := searchWith(1, searchFields{base: "o=many", sizeLimit: 50})
	want := answerTo(t, h.raw(t), request)
	c := h.raw(t)
	// Requests go out until nothing moves any more, in either direction.
	times, rest := 0, []byte(nil)
	for rest == nil {
		_ = c.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		n, err := c.Write(request)
		if times++; err != nil {
			rest = request[n:]
		}
	}
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	go func() { _, _ = c.Write(rest) }()
	got := make([]byte, len(want))
	for i := range times {
		if _, err := io.ReadFull(c, got); err != nil {
			t.Fatalf("answer %d: %v", i, err)
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("answer %d differs", i)
		}
	}
}
