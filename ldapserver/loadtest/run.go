package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// measurement is one line of results. Times are in microseconds.
type measurement struct {
	Peer        string  `json:"peer"`
	Mix         string  `json:"mix"`
	Connections int     `json:"connections"`
	Connect     bool    `json:"connect"`
	Fresh       bool    `json:"fresh"`
	Requests    int     `json:"requests"`
	PerSecond   float64 `json:"per_second"`
	P50         float64 `json:"p50_us"`
	P99         float64 `json:"p99_us"`
	P999        float64 `json:"p999_us"`
	ServerUser  float64 `json:"server_user_us"`
	ServerSys   float64 `json:"server_system_us"`
	Entries     float64 `json:"entries_per_request"`
	MemoryKB    int     `json:"server_rss_kb"`
	OwnKB       int     `json:"server_own_kb"` // without what is mapped from files
}

// serverCPU is the server's CPU time per request.
func (m *measurement) serverCPU() float64 { return m.ServerUser + m.ServerSys }

func run(args []string) error {
	fs := flags("run")
	addr := fs.String("addr", "127.0.0.1:3389", "server")
	peer := fs.String("peer", "ringdex", "its name in the table")
	pid := fs.Int("pid", 0, "its process, for CPU time and memory")
	name := fs.String("mix", "caller", "exact, caller, miss, suffix, typeahead, prefix2, sort, vlv, substr, zqx, all or paged")
	dir := fs.String("keys", ".", "folder of the *.keys files")
	base := fs.String("base", "dc=ringdex", "search base")
	conns := fs.Int("conns", 8, "connections")
	seconds := fs.Float64("seconds", 5, "length of the measurement; a tenth of it before as warm-up")
	connect := fs.Bool("connect", false, "connect, bind, search and close for every request")
	fresh := fs.Bool("fresh", false, "make every request one that was not sent before, in two hours")
	canned := fs.Int("canned", -1, "the server is a canned one, to send so many entries")
	_ = fs.Parse(args)
	if err := loopback(*addr); err != nil {
		return err
	}
	runtime.GOMAXPROCS(1)
	m, requests, err := prepare(*name, *dir, *base, *fresh, *canned)
	if err != nil {
		return err
	}
	l := &load{addr: *addr, mix: m, requests: requests, conns: *conns, connect: *connect, check: *canned < 0}
	// Other runs have sent other numbers: none sends more than one in 8 µs.
	l.number.Store(uint32(time.Now().UnixMicro() / 8))
	if _, err := l.closedLoop(time.Duration(*seconds * float64(time.Second) / 10)); err != nil {
		return err
	}
	userBefore, systemBefore := cpuTime(*pid)
	start := time.Now()
	res, err := l.closedLoop(time.Duration(*seconds * float64(time.Second)))
	if err != nil {
		return err
	}
	elapsed := time.Since(start)
	user, system := cpuTime(*pid)
	user, system = user-userBefore, system-systemBefore
	slices.Sort(res.latencies)
	n := len(res.latencies)
	if n == 0 {
		return fmt.Errorf("no request was answered in %s", elapsed)
	}
	at := func(q float64) float64 {
		return float64(res.latencies[min(n-1, int(q*float64(n)))].Nanoseconds()) / 1e3
	}
	out := measurement{
		Peer: *peer, Mix: *name, Connections: *conns, Connect: *connect, Fresh: *fresh, Requests: n,
		PerSecond: float64(n) / elapsed.Seconds(), P50: at(0.5), P99: at(0.99), P999: at(0.999),
		ServerUser: float64(user.Microseconds()) / float64(n), ServerSys: float64(system.Microseconds()) / float64(n),
		Entries: float64(res.entries) / float64(n), MemoryKB: memory(*pid, "VmRSS:"), OwnKB: memory(*pid, "RssAnon:"),
	}
	return json.NewEncoder(os.Stdout).Encode(out)
}

type load struct {
	addr     string
	mix      mix
	requests []request
	conns    int
	connect  bool
	check    bool
	number   atomic.Uint32 // of the last fresh request
}

type loadResult struct {
	latencies []time.Duration
	entries   int
}

// closedLoop drives all connections for d: each sends its next request when the answer to the last is complete.
func (l *load) closedLoop(d time.Duration) (loadResult, error) {
	deadline := time.Now().Add(d)
	results := make([]loadResult, l.conns)
	errs := make([]error, l.conns)
	var wg sync.WaitGroup
	for i := range l.conns {
		wg.Go(func() { results[i], errs[i] = l.worker(i, deadline) })
	}
	wg.Wait()
	var sum loadResult
	for i, r := range results {
		if errs[i] != nil {
			return sum, errs[i]
		}
		sum.latencies = append(sum.latencies, r.latencies...)
		sum.entries += r.entries
	}
	return sum, nil
}

// anonymousBind is message 1: version 3, empty name and password.
var anonymousBind = []byte{0x30, 0x0c, 0x02, 0x01, 0x01, 0x60, 0x07, 0x02, 0x01, 0x03, 0x04, 0x00, 0x80, 0x00}

var unbind = []byte{0x30, 0x05, 0x02, 0x01, 0x03, 0x42, 0x00}

func (l *load) worker(first int, deadline time.Time) (loadResult, error) {
	var res loadResult
	var c net.Conn
	defer func() {
		if c != nil {
			c.Close()
		}
	}()
	buf := make([]byte, 0, 256<<10)
	send := make([]byte, 0, 1024)
	id := int32(1)
	for i := first; ; i += l.conns {
		start := time.Now()
		if start.After(deadline) {
			return res, nil
		}
		if c == nil {
			var err error
			if c, err = net.Dial("tcp", l.addr); err != nil {
				return res, err
			}
			if _, err := l.roundTrip(c, anonymousBind, &buf); err != nil {
				return res, fmt.Errorf("bind: %w", err)
			}
		}
		id = id%0x7ffffff + 2
		send = l.requests[i%len(l.requests)].appendTo(send[:0], id, l.number.Add(1))
		r := &l.requests[i%len(l.requests)]
		exchange := l.roundTrip
		if r.page > 0 {
			exchange = l.allPages
		}
		a, err := exchange(c, send, &buf)
		if err != nil {
			return res, err
		}
		if l.check {
			if err := l.mix.check(a, r.entries); err != nil {
				return res, fmt.Errorf("request %d: %w", i%len(l.requests), err)
			}
		}
		if l.connect {
			_, _ = c.Write(unbind)
			c.Close()
			c = nil
		}
		res.latencies = append(res.latencies, time.Since(start))
		res.entries += a.entries
	}
}

func (l *load) roundTrip(c net.Conn, msg []byte, buf *[]byte) (answer, error) {
	var a answer
	if _, err := c.Write(msg); err != nil {
		return a, err
	}
	b := (*buf)[:0]
	for {
		n, err := c.Read(b[len(b):cap(b)])
		if err != nil {
			return a, err
		}
		b = b[:len(b)+n]
		rest, done, err := a.scan(b)
		if err != nil || done {
			return a, err
		}
		n = copy(b[:cap(b)], rest)
		b = b[:n]
		if len(b) == cap(b) {
			b = slices.Grow(b, cap(b))
		}
		*buf = b
	}
}

// clockTicks is the unit of /proc/PID/stat on Linux.
const clockTicks = 100

// cpuTime is the user and the system time of a process so far, 0 without a process.
func cpuTime(pid int) (user, system time.Duration) {
	if pid == 0 {
		return 0, 0
	}
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, 0
	}
	fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
	ticks := func(field []byte) time.Duration {
		n, _ := strconv.ParseInt(string(field), 10, 64)
		return time.Duration(n) * time.Second / clockTicks
	}
	return ticks(fields[11]), ticks(fields[12])
}

// memory is a line of a process's status, in kB.
func memory(pid int, line string) int {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	for l := range strings.Lines(string(data)) {
		if v, ok := strings.CutPrefix(l, line); ok {
			n, _ := strconv.Atoi(strings.Fields(v)[0])
			return n
		}
	}
	return 0
}
