package directory

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ringdex/ldapserver"
	"ringdex/ldapserver/ber"
	"ringdex/ldapserver/protocol"
)

const (
	// pullsFull is the environment variable that makes TestPullsGiveWay measure 100 clients that pull 100,000 entries, as
	// `make hard` does.
	pullsFull = "RINGDEX_PULLS"
	// pullsClient makes this test binary the clients of that test, in a process of their own.
	pullsClient = "RINGDEX_PULLS_CLIENT"
)

// TestPullsGiveWay: clients that read the whole directory again and again must not be felt by one that looks numbers up. The
// server is alone in this process; the clients are in processes of their own, those that pull with the lowest priority, as
// they would otherwise be on other machines. Windows with pulls and windows in which those clients read nothing take turns,
// so that whatever else the machine does is in both; what counts is the median of the windows' ratios.
func TestPullsGiveWay(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures; make test and make hard run it")
	}
	// Other tests run on the same processors: what is below the floor says nothing.
	entries, pullers, windows, lookups, floor := 2000, 20, 3, 200, 50*time.Millisecond
	full := os.Getenv(pullsFull) != ""
	if full {
		entries, pullers, windows, lookups, floor = 100_000, 100, 9, 2000, 0
	}
	d := crowd(t, entries)
	server, err := ldapserver.New(ldapserver.Options{
		Backend: d, SupportedControls: d.Controls(), SearchTimeout: time.Minute, WriteTimeout: 2 * time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(context.Background(), l, ldapserver.ListenerOptions{}) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	look := startPullsClient(t, "lookups", l.Addr().String(), lookups)
	measure := func() []time.Duration {
		text := look.ask(t)
		var took []time.Duration
		for _, f := range strings.Fields(text) {
			ns, err := strconv.ParseInt(f, 10, 64)
			if err != nil {
				t.Fatalf("the client says %q", text)
			}
			took = append(took, time.Duration(ns))
		}
		slices.Sort(took)
		return took
	}
	measure() // connections and caches get warm
	var before, during runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	pull := startPullsClient(t, "pulls", l.Addr().String(), pullers)
	pulling := func() { // every client reads
		pull.ask(t)
		for end := time.Now().Add(10 * time.Second); server.Stats().PullsWaiting == 0 && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
	}
	p := func(took []time.Duration, percent int) time.Duration { return took[len(took)*percent/100] }
	var ratios []float64
	var worst time.Duration
	begun, pulled := 0, ""
	for i := range windows {
		var idle, loaded []time.Duration
		for _, first := range []bool{i%2 == 0, i%2 != 0} {
			if first {
				pulling()
				loaded = measure()
				stats := server.Stats()
				runtime.GC()
				runtime.ReadMemStats(&during)
				if stats.PullsWaiting > 0 {
					begun++
				}
				if stats.Pulls > max(runtime.GOMAXPROCS(0)/2, 1) {
					t.Errorf("%d long searches work at the same time", stats.Pulls)
				}
				pulled = pull.ask(t) // nobody reads
			} else {
				idle = measure()
			}
		}
		ratios = append(ratios, float64(p(loaded, 99))/float64(p(idle, 99)))
		worst = max(worst, p(loaded, 99))
		t.Logf("a lookup's median and p99: %v and %v, with pulls %v and %v; ratio of the p99 %.2f", p(idle, 50), p(idle, 99), p(loaded, 50), p(loaded, 99), ratios[i])
	}
	slices.Sort(ratios)
	grown := (int64(during.HeapInuse) - int64(before.HeapInuse)) >> 20
	t.Logf("%d entries, %d clients pull them, %s; median ratio of the p99 %.2f; heap %+d MB", entries, pullers, pulled, ratios[windows/2], grown)
	if got := ratios[windows/2]; got > 2 && worst > floor {
		t.Errorf("a lookup's p99 is %.2f times as long while others pull", got)
	}
	if begun == 0 {
		t.Error("nobody stands in line: this shows nothing")
	}
	// A connection has a buffer of a piece, whatever the size of the directory; remembered answers have 32 MB.
	if grown > int64(pullers)/2+16+32 {
		t.Errorf("the heap grows by %d MB with %d clients that pull", grown, pullers)
	}
}

// pullsProcess is a client: a line to its input, a line from its output.
type pullsProcess struct {
	in  io.WriteCloser
	out *bufio.Reader
}

func startPullsClient(t *testing.T, kind, address string, n int) *pullsProcess {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^TestPullsClient$")
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %d", pullsClient, kind, address, n))
	cmd.Stderr = os.Stderr
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
	t.Cleanup(func() {
		in.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return &pullsProcess{in, bufio.NewReaderSize(out, 1<<20)}
}

func (p *pullsProcess) ask(t *testing.T) string {
	if _, err := fmt.Fprintln(p.in); err != nil {
		t.Fatal(err)
	}
	line, err := p.out.ReadString('\n')
	if err != nil {
		t.Fatalf("client: %v", err)
	}
	return strings.TrimSpace(line)
}

// TestPullsClient is no test of its own: TestPullsGiveWay runs it.
func TestPullsClient(t *testing.T) {
	fields := strings.Fields(os.Getenv(pullsClient))
	if len(fields) != 3 {
		t.Skip("the clients of TestPullsGiveWay, which starts it")
	}
	n, err := strconv.Atoi(fields[2])
	if err != nil {
		t.Fatal(err)
	}
	in := bufio.NewScanner(os.Stdin)
	if fields[0] == "lookups" {
		lookUp(t, fields[1], n, in)
		return
	}
	pullAll(t, fields[1], n, in)
}

// lookUp answers each line with the times of n lookups, one every millisecond or so.
func lookUp(t *testing.T, address string, n int, in *bufio.Scanner) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r := bufio.NewReader(c)
	for in.Scan() {
		var line strings.Builder
		for i := range n {
			request := pullRequest("telephoneNumber", fmt.Sprintf("+49 30 2%06d", i%1000))
			time.Sleep(time.Millisecond)
			begin := time.Now()
			if _, err := c.Write(request); err != nil {
				t.Fatal(err)
			}
			if _, err := readAnswer(r); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&line, "%d ", time.Since(begin).Nanoseconds())
		}
		fmt.Println(line.String())
	}
}

// pullAll has n clients read everything, again and again, from the first line on; with the second one they stop reading, with
// the third they go on, and so on. Each line is answered, when all have begun, with what they have read.
func pullAll(t *testing.T, address string, n int, in *bufio.Scanner) {
	lowestPriority()
	request := pullRequest("objectClass", "")
	var begun sync.WaitGroup
	var pulls, read atomic.Int64
	var way barrier
	way.shut()
	for range n {
		begun.Add(1)
		go func() {
			c, err := net.Dial("tcp", address)
			if err != nil {
				panic(err)
			}
			r := bufio.NewReaderSize(gated{c, &way, &read}, 64<<10)
			for first := true; ; first = false {
				if _, err := c.Write(request); err != nil {
					return
				}
				if first {
					if _, err := r.Peek(1); err != nil {
						return
					}
					begun.Done()
				}
				if entries, err := readAnswer(r); err != nil || entries < 1000 {
					return
				}
				pulls.Add(1)
			}
		}()
	}
	for reading := false; in.Scan(); reading = !reading {
		if reading {
			way.shut()
		} else {
			way.open()
			begun.Wait()
		}
		fmt.Println(pulls.Load(), "pulls,", read.Load()>>20, "MB")
	}
}

// barrier stops those who pass while it is shut.
type barrier struct {
	mu      sync.Mutex
	opening chan struct{} // closed when it opens; nil: it is open
}

func (g *barrier) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.opening = make(chan struct{})
}

func (g *barrier) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.opening)
	g.opening = nil
}

func (g *barrier) pass() {
	g.mu.Lock()
	opening := g.opening
	g.mu.Unlock()
	if opening != nil {
		<-opening
	}
}

// gated reads while its barrier is open, and counts what it reads.
type gated struct {
	io.Reader
	way  *barrier
	read *atomic.Int64
}

func (g gated) Read(b []byte) (int, error) {
	g.way.pass()
	n, err := g.Reader.Read(b)
	g.read.Add(int64(n))
	return n, err
}

// pullRequest is a subtree search by equality, or by presence where there is no value.
func pullRequest(attribute, value string) []byte {
	b := ber.AppendString(nil, ber.OctetString, "dc=ringdex")
	for _, n := range []int64{int64(protocol.WholeSubtree), 0} {
		b = ber.AppendInt(b, ber.Enumerated, n)
	}
	for range 2 {
		b = ber.AppendInt(b, ber.Integer, 0)
	}
	b = append(b, 0x01, 0x01, 0x00)
	if value == "" {
		b = ber.AppendString(b, ber.Tag(0x87), attribute)
	} else {
		b = ber.AppendBytes(b, ber.Tag(0xa3), ber.AppendString(ber.AppendString(nil, ber.OctetString, attribute), ber.OctetString, value))
	}
	b = ber.AppendBytes(b, ber.Sequence, nil)
	m := ber.AppendBytes(ber.AppendInt(nil, ber.Integer, 1), protocol.OpSearchRequest.Tag(), b)
	return ber.AppendBytes(nil, ber.Sequence, m)
}

// readAnswer reads to the end of a search's answer.
func readAnswer(r *bufio.Reader) (entries int, err error) {
	for {
		var head []byte
		for n := 2; ; n++ {
			if head, err = r.Peek(n); err != nil {
				return entries, err
			}
			total, need, err := ber.FrameLength(head, 1<<30)
			if err != nil {
				return entries, err
			}
			if need {
				continue
			}
			at := n
			if head, err = r.Peek(min(total, at+4)); err != nil {
				return entries, err
			}
			done := head[len(head)-1] == byte(protocol.OpSearchResultDone) // behind 02 01 01
			if done {
				_, err = r.Discard(total)
				return entries, err
			}
			entries++
			if _, err := r.Discard(total); err != nil {
				return entries, err
			}
			break
		}
	}
}
