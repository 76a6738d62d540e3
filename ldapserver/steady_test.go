package ldapserver

import (
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"ringdex/ldapserver/protocol"
)

// countingObserver counts without allocating.
type countingObserver struct {
	requests, entries, failed, abandoned atomic.Int64
}

func (o *countingObserver) Request(_ protocol.Op, code protocol.ResultCode, entries int, took time.Duration) {
	o.requests.Add(1)
	o.entries.Add(int64(entries))
	switch {
	case code == protocol.Canceled:
		o.abandoned.Add(1)
	case code != protocol.Success || took < 0:
		o.failed.Add(1)
	}
}

func TestObserver(t *testing.T) {
	t.Parallel()
	o := &countingObserver{}
	h := serve(t, Options{Observer: o, SearchTimeout: time.Minute}, ListenerOptions{})
	c := h.raw(t)
	c.wantService()
	c.send(searchPDU(1, "o=absent"))
	c.want(1, protocol.OpSearchResultDone, protocol.NoSuchObject)
	c.send(searchPDU(2, "o=work"), abandonPDU(3, 2))
	c.send(bindPDU(4, 3, "", ""))
	c.want(4, protocol.OpBindResponse, protocol.Success)
	got := [4]int64{o.requests.Load(), o.entries.Load(), o.failed.Load(), o.abandoned.Load()}
	if want := [4]int64{4, 1, 1, 1}; got != want {
		t.Errorf("got %v requests, entries, failed, abandoned; want %v", got, want)
	}
}

// exchange sends a request and reads an answer of that many octets.
func exchange(t testing.TB, c net.Conn, request, answer []byte) {
	if _, err := c.Write(request); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, answer); err != nil {
		t.Fatal(err)
	}
}

// answerTo returns a request's whole answer.
func answerTo(t testing.TB, c *rawClient, request []byte) []byte {
	c.send(request)
	var all []byte
	for {
		a, err := c.next()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, a.raw...)
		if a.op != protocol.OpSearchResultEntry {
			return all
		}
	}
}

// TestNothingIsAllocated counts every allocation of the process, client and server, over a loopback connection. It is not
// parallel: others' allocations would count.
func TestNothingIsAllocated(t *testing.T) {
	h := serve(t, Options{Observer: &countingObserver{}}, ListenerOptions{})
	for name, request := range map[string][]byte{
		"search, one entry":        searchPDU(1, "o=one"),
		"search, no entry":         searchPDU(1, "o=none"),
		"search, fifty entries":    searchWith(1, searchFields{base: "o=many", sizeLimit: 50}),
		"search, with a control":   searchPDU(1, "o=one", protocol.Control{OID: []byte(protocol.OIDManageDsaIT)}),
		"bind":                     bindPDU(1, 3, "", ""),
		"compare":                  envelope(1, protocol.OpCompareRequest, []byte{4, 1, 'x', 0x30, 9, 4, 2, 'c', 'n', 4, 3, 'y', 'e', 's'}),
		"delete, which is refused": envelope(1, protocol.OpDelRequest, []byte("x")),
	} {
		c := h.raw(t)
		answer := answerTo(t, c, request)
		for range 100 {
			exchange(t, c, request, answer)
		}
		if got := testing.AllocsPerRun(1000, func() { exchange(t, c, request, answer) }); got != 0 {
			t.Errorf("%s: got %v allocations a request, want 0", name, got)
		}
	}
}
