//go:build linux || darwin || freebsd || netbsd || openbsd

package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// terminal is ringdex in a pseudo-terminal of its own.
type terminal struct {
	t    *testing.T
	file *os.File
	cmd  *exec.Cmd

	mu     sync.Mutex
	screen bytes.Buffer // everything that was shown
	more   chan struct{}
	read   int // what expect has passed
}

// startTerminal runs ringdex as a person does. TestMain has put it into PATH.
func startTerminal(t *testing.T, dir, kind string, args ...string) *terminal {
	t.Helper()
	return startTerminalOf(t, pty.Winsize{Rows: 40, Cols: 160}, dir, kind, args...)
}

func startTerminalOf(t *testing.T, size pty.Winsize, dir, kind string, args ...string) *terminal {
	t.Helper()
	cmd := exec.Command("ringdex", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TERM="+kind, "DISPLAY=", "WAYLAND_DISPLAY=")
	f, err := pty.StartWithSize(cmd, &size)
	if err != nil {
		t.Fatal(err)
	}
	x := &terminal{t: t, file: f, cmd: cmd, more: make(chan struct{}, 1)}
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(x.more)
		buf := make([]byte, 4096)
		for {
			n, err := f.Read(buf)
			x.mu.Lock()
			x.screen.Write(buf[:n])
			x.mu.Unlock()
			select {
			case x.more <- struct{}{}:
			default:
			}
			if err != nil {
				return // EIO: the other side is closed
			}
		}
	})
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		f.Close()
		reading.Wait()
	})
	return x
}

// expect waits until the screen shows a match behind what was expected before.
func (x *terminal) expect(pattern string) {
	x.t.Helper()
	want := regexp.MustCompile(pattern)
	deadline := time.After(patience)
	for {
		x.mu.Lock()
		rest := x.screen.Bytes()[x.read:]
		at := want.FindIndex(rest)
		text := string(rest)
		if at != nil {
			x.read += at[1]
		}
		x.mu.Unlock()
		if at != nil {
			return
		}
		select {
		case _, open := <-x.more:
			if !open && !want.MatchString(x.unread()) {
				x.t.Fatalf("ended before %q:\n%s", pattern, x.text())
			}
		case <-deadline:
			x.t.Fatalf("no %q within %s after:\n%s", pattern, patience, text)
		}
	}
}

func (x *terminal) unread() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return string(x.screen.Bytes()[x.read:])
}

func (x *terminal) text() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.screen.String()
}

// answer waits for a question and types a line.
func (x *terminal) answer(question, line string) {
	x.t.Helper()
	x.expect(question)
	x.send(line + "\n")
}

func (x *terminal) send(keys string) {
	x.t.Helper()
	if _, err := io.WriteString(x.file, keys); err != nil {
		x.t.Fatal(err)
	}
}

// wait returns the exit code.
func (x *terminal) wait() int {
	x.t.Helper()
	err := x.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		x.t.Fatal(err)
	}
	return x.cmd.ProcessState.ExitCode()
}

// capture waits for a match and returns its first group.
func (x *terminal) capture(pattern string) string {
	x.t.Helper()
	from := x.read
	x.expect(pattern)
	x.mu.Lock()
	defer x.mu.Unlock()
	return regexp.MustCompile(pattern).FindStringSubmatch(x.screen.String()[from:])[1]
}

// echoes reports whether what is typed into the terminal is shown.
func (x *terminal) echoes() bool {
	x.t.Helper()
	state, err := unix.IoctlGetTermios(int(x.file.Fd()), ioctlGetTermios)
	if err != nil {
		x.t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}
