package ldapserver

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
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

func TestPlainSocketIsReset(t *testing.T) {
	t.Parallel()
	ours, theirs := pair(t)
	_ = theirs.SetLinger(0)
	theirs.Close()
	n, err := ours.Read(make([]byte, 1))
	if n != 0 || err == nil || errors.Is(err, io.EOF) || isTimeout(err) {
		t.Errorf("reset by the client: %d, %v", n, err)
	}
	for range 3 { // the first one may still get away
		_, err = ours.Write([]byte("x"))
	}
	if err == nil {
		t.Error("a write to nobody succeeded")
	}
}

// What the socket has no room for is written once the client reads, and a deadline says how much has gone.
func TestPlainSocketWritesInParts(t *testing.T) {
	t.Parallel()
	ours, theirs := pair(t)
	piece := bytes.Repeat([]byte("0123456789abcdef"), shortPiece/16)
	sent := 0
	for {
		_ = ours.SetWriteDeadline(time.Now().Add(30 * time.Millisecond))
		n, err := ours.Write(piece)
		sent += n
		if err != nil {
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatal(err)
			}
			break
		}
		if n != len(piece) {
			t.Fatalf("%d of %d without an error", n, len(piece))
		}
	}
	_ = ours.SetWriteDeadline(time.Time{})
	rest := piece[sent%len(piece):]
	done := make(chan error, 1)
	go func() {
		_, err := ours.Write(rest)
		if err == nil {
			_, err = ours.Write(bytes.Repeat(piece, 40)) // longer than what is written in one go
		}
		ours.Close()
		done <- err
	}()
	got, err := io.ReadAll(theirs)
	if err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if want := sent + len(rest) + 40*len(piece); len(got) != want {
		t.Fatalf("%d octets came, %d were sent", len(got), want)
	}
	for at := 0; at < len(got); at += len(piece) {
		if !bytes.Equal(got[at:at+len(piece)], piece) {
			t.Fatalf("octets %d and on are wrong", at)
		}
	}
}

// shortPiece is a multiple of 16 that is written in one go.
const shortPiece = 8 << 10
