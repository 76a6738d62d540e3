package ldapserver

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"ringdex/ldapserver/ber"
)

// benchClient is the environment variable that makes this test binary the client of BenchmarkServe, in a process of its own
// so that the benchmark's process spends CPU time as a server only.
const benchClient = "RINGDEX_BENCH_CLIENT"

// BenchmarkServe compares this layer, with an observer of every request and without one, with a server that does nothing but
// frame a request and send constant octets. All answer the same; server-ns/op is their CPU time, kernel included.
func BenchmarkServe(b *testing.B) {
	h := serve(b, Options{}, ListenerOptions{})
	observing := serverOf(b, Options{Backend: newMemory(), Observer: &countingObserver{}})
	observed := listenTo(b, observing, ListenerOptions{})
	b.Cleanup(func() { _ = observing.Shutdown(context.Background()) })
	for name, request := range map[string][]byte{
		"one-entry":     searchPDU(1, "o=one"),
		"no-entry":      searchPDU(1, "o=none"),
		"fifty-entries": searchWith(1, searchFields{base: "o=many", sizeLimit: 50}),
	} {
		answer := answerTo(b, h.raw(b), request)
		servers := map[string]string{"ringdex": h.address, "observed": observed, "canned": cannedServer(b, answer)}
		for _, server := range []string{"canned", "ringdex", "observed"} {
			b.Run("search="+name+"/server="+server, func(b *testing.B) {
				client := startBenchClient(b, servers[server], request, len(answer))
				client.exchange(b, 1000)
				b.ReportAllocs()
				b.ResetTimer()
				before := cpuTime(b)
				client.exchange(b, b.N)
				b.StopTimer()
				b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N), "server-ns/op")
			})
		}
	}
}

// cannedServer answers every message with the same octets.
func cannedServer(t testing.TB, answer []byte) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer c.Close()
				cannedConn(c, answer)
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		running.Wait()
	})
	return l.Addr().String()
}

func cannedConn(c net.Conn, answer []byte) {
	in := make([]byte, firstBuffer)
	var out []byte
	for to := 0; ; {
		n, err := c.Read(in[to:])
		if err != nil {
			return
		}
		to += n
		from := 0
		for from < to {
			total, need, err := ber.FrameLength(in[from:to], len(in))
			if err != nil {
				return
			}
			if need || total > to-from {
				break
			}
			from += total
			out = append(out, answer...)
		}
		to = copy(in, in[from:to])
		if _, err := c.Write(out); err != nil {
			return
		}
		out = out[:0]
	}
}

// benchProcess is a client in a process of its own: a line with a number on its input, a line on its output when done.
type benchProcess struct {
	in  io.WriteCloser
	out *bufio.Reader
}

func startBenchClient(b *testing.B, address string, request []byte, answer int) *benchProcess {
	exe, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^TestBenchClient$")
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %x %d", benchClient, address, request, answer))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			b.Errorf("client: %v", err)
		}
	})
	return &benchProcess{in, bufio.NewReader(out)}
}

func (p *benchProcess) exchange(b *testing.B, n int) {
	if _, err := fmt.Fprintln(p.in, n); err != nil {
		b.Fatal(err)
	}
	if line, err := p.out.ReadString('\n'); err != nil || line != "done\n" {
		b.Fatalf("client: %q %v", line, err)
	}
}

// TestBenchClient is no test of its own: BenchmarkServe runs it.
func TestBenchClient(t *testing.T) {
	fields := strings.Fields(os.Getenv(benchClient))
	if len(fields) != 3 {
		t.Skip("the client of BenchmarkServe, which starts it")
	}
	const connections = 8
	var request []byte
	if _, err := fmt.Sscanf(fields[1], "%x", &request); err != nil {
		t.Fatal(err)
	}
	size, err := strconv.Atoi(fields[2])
	if err != nil {
		t.Fatal(err)
	}
	var conns []net.Conn
	for range connections {
		c, err := net.Dial("tcp", fields[0])
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		conns = append(conns, c)
	}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		n, err := strconv.Atoi(in.Text())
		if err != nil {
			t.Fatal(err)
		}
		var running sync.WaitGroup
		for i, c := range conns {
			running.Go(func() {
				answer := make([]byte, size)
				for range (n + i) / connections {
					exchange(t, c, request, answer)
				}
			})
		}
		running.Wait()
		fmt.Println("done")
	}
}
