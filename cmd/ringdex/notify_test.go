package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// notifySocket stands in for systemd's: what is told arrives on the channel. Not parallel: it sets the environment.
func notifySocket(t *testing.T) <-chan string {
	path := filepath.Join(t.TempDir(), "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Skipf("no datagram sockets of this kind here: %v", err)
	}
	t.Cleanup(func() { c.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	out := make(chan string, 100)
	go func() {
		defer close(out)
		buffer := make([]byte, 4096)
		for {
			n, err := c.Read(buffer)
			if err != nil {
				return
			}
			out <- string(buffer[:n])
		}
	}()
	return out
}

func told(t *testing.T, from <-chan string) string {
	t.Helper()
	select {
	case s := <-from:
		return s
	case <-time.After(patience):
		t.Fatal("nothing was told")
		return ""
	}
}

func TestNotify(t *testing.T) {
	from := notifySocket(t)
	notify("READY=1")
	if got := told(t, from); got != "READY=1" {
		t.Errorf("got %q", got)
	}
	notifyStatus("two\nlines of %s", "text")
	if got := told(t, from); got != "STATUS=two lines of text" {
		t.Errorf("got %q", got)
	}
	done := notifyReloading()
	first, stamp, _ := strings.Cut(told(t, from), "\nMONOTONIC_USEC=")
	if n, err := strconv.ParseInt(stamp, 10, 64); first != "RELOADING=1" || err != nil || n < 0 {
		t.Errorf("reloading: got %q, %q", first, stamp)
	}
	done("read anew")
	if got := told(t, from); got != "READY=1\nSTATUS=read anew" {
		t.Errorf("got %q", got)
	}
}

func TestWatchdogReportsWhileAlive(t *testing.T) {
	from := notifySocket(t)
	ctx, cancel := context.WithCancel(t.Context())
	hang, asked := make(chan struct{}), make(chan struct{}, 100)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		calls := 0
		watchdog(ctx, time.Millisecond, func() {
			asked <- struct{}{}
			if calls++; calls == 3 {
				<-hang
			}
		})
	}()
	for range 2 {
		<-asked
		if got := told(t, from); got != "WATCHDOG=1" {
			t.Fatalf("got %q", got)
		}
	}
	<-asked // hangs now: no report may come before it goes on
	select {
	case s := <-from:
		t.Fatalf("told %q while it hung", s)
	case <-time.After(50 * time.Millisecond):
	}
	cancel()
	close(hang)
	if got := told(t, from); got != "WATCHDOG=1" {
		t.Errorf("got %q", got)
	}
	<-ended
}

func TestWatchdogInterval(t *testing.T) {
	own := strconv.Itoa(os.Getpid())
	for name, c := range map[string]struct {
		usec, pid string
		want      time.Duration
	}{
		"not watched":           {"", "", 0},
		"watched":               {"60000000", own, 30 * time.Second},
		"without a process":     {"2000000", "", time.Second},
		"for another process":   {"60000000", "1" + own, 0},
		"nonsense":              {"soon", own, 0},
		"an interval below 0":   {"-5", own, 0},
		"an interval of nought": {"0", own, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("WATCHDOG_USEC", c.usec)
			t.Setenv("WATCHDOG_PID", c.pid)
			if got := watchdogInterval(); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}
