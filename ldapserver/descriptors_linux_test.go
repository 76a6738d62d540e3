package ldapserver

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// fewDescriptors is the environment variable that makes this test binary the server of TestDescriptorsRunOut.
const fewDescriptors = "RINGDEX_FEW_DESCRIPTORS"

// TestDescriptorsRunOut opens more connections than the server's process has descriptors for: who is connected is served, and
// when descriptors are free again, others are.
func TestDescriptorsRunOut(t *testing.T) {
	t.Parallel()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^TestFewDescriptors$")
	cmd.Env = append(os.Environ(), fewDescriptors+"=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	lines := bufio.NewReader(out)
	address, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	h := &harness{address: strings.TrimSpace(address)}
	good := h.raw(t)
	good.wantService()
	var open []net.Conn
	for range 100 {
		c, err := net.Dial("tcp", h.address) // the kernel takes it, whether the server can or not
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		open = append(open, c)
	}
	// Those that the server has taken are answered, so that it is known to have none left for the last one.
	last := newRaw(t, open[len(open)-1])
	last.send(searchPDU(1, "o=one"))
	_ = last.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	if _, err := last.next(); !isTimeout(err) {
		t.Errorf("the last of a hundred connections: got %v, want no answer", err)
	}
	for range 50 {
		good.wantService()
	}
	for _, c := range open {
		c.Close()
	}
	h.raw(t).wantService()
	good.wantService()
	in.Close()
	rest, _ := io.ReadAll(lines)
	if err := cmd.Wait(); err != nil {
		t.Errorf("the server: %v\n%s", err, rest)
	}
}

// TestFewDescriptors is no test of its own: TestDescriptorsRunOut runs it.
func TestFewDescriptors(t *testing.T) {
	if os.Getenv(fewDescriptors) == "" {
		t.Skip("the server of TestDescriptorsRunOut, which starts it")
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 50, Max: 50}); err != nil {
		t.Fatal(err)
	}
	h := serve(t, Options{}, ListenerOptions{})
	fmt.Println(h.address)
	_, _ = io.Copy(io.Discard, os.Stdin)
	// At most one line in ten seconds, however often it is tried.
	if n := h.log.count("too many open files"); n < 1 || n > 2 {
		t.Errorf("got %d lines about descriptors, want one", n)
	}
}
