package ldapserver

import (
	"runtime"
	"slices"
	"testing"

	"ringdex/ldapserver/ber"
	"ringdex/ldapserver/protocol"
)

// nested wraps content in n elements of a tag, in time that grows with the result.
func nested(tag ber.Tag, n int, content []byte) []byte {
	reversed := slices.Clone(content)
	slices.Reverse(reversed)
	for range n {
		header := ber.AppendHeader(nil, tag, len(reversed))
		slices.Reverse(header)
		reversed = append(reversed, header...)
	}
	slices.Reverse(reversed)
	return reversed
}

// TestNesting: depth costs neither stack nor memory. It is not parallel: others' allocations would count.
func TestNesting(t *testing.T) {
	h := serve(t, Options{MaxAnonymousMessage: 16 << 20}, ListenerOptions{})
	leaf := ber.AppendString(nil, ber.Tag(0x87), "cn")
	search := func(n int) []byte {
		b := ber.AppendString(nil, ber.OctetString, "o=none")
		b = append(b, 0x0a, 1, 2, 0x0a, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0)
		b = append(b, nested(0xa2, n, leaf)...)
		return envelope(1, protocol.OpSearchRequest, ber.AppendBytes(b, ber.Sequence, nil))
	}
	sequences := func(n int) []byte { return nested(ber.Sequence, n, nil) }
	control := func(n int) []byte {
		return searchPDU(1, "o=none", protocol.Control{OID: []byte("1.2.3"), Value: sequences(n), HasValue: true})
	}
	const none = protocol.ResultCode(-1) // no answer: Notice of Disconnection
	for _, c := range []struct {
		name string
		sent []byte
		code protocol.ResultCode
	}{
		{"1 sequence", sequences(1), none},
		{"100 sequences", sequences(100), none},
		{"1000 sequences", sequences(1000), none},
		{"a million sequences", sequences(1_000_000), none},
		{"a Not", search(1), protocol.Success},
		{"a filter of 32 levels", search(31), protocol.Success},
		{"a filter of 33 levels", search(32), protocol.AdminLimitExceeded},
		{"100 Nots", search(100), protocol.AdminLimitExceeded},
		{"1000 Nots", search(1000), protocol.AdminLimitExceeded},
		{"a million Nots", search(1_000_000), protocol.AdminLimitExceeded},
		{"a million sequences in a control", control(1_000_000), protocol.Success},
	} {
		cl := h.raw(t)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		cl.send(c.sent)
		if c.code == none {
			cl.wantNotice(protocol.ProtocolError)
		} else {
			cl.want(1, protocol.OpSearchResultDone, c.code)
		}
		runtime.ReadMemStats(&after)
		// The buffer doubles until it holds the message: that makes four times its length at most, the client's copies included.
		if got := after.TotalAlloc - before.TotalAlloc; got > uint64(4*len(c.sent)+1<<20) {
			t.Errorf("%s: %d octets allocated for a message of %d", c.name, got, len(c.sent))
		}
		if c.code != none {
			cl.wantService()
		}
	}
}
