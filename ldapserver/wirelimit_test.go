package ldapserver

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"ringdex/ldapserver/ber"
	"ringdex/ldapserver/protocol"
)

// TestPendingAtAndBeyond: an Abandon is seen as long as it is among the requests that are read ahead.
func TestPendingAtAndBeyond(t *testing.T) {
	t.Parallel()
	const pending = 5
	for name, c := range map[string]struct {
		between int // requests between the search and its Abandon
		seen    bool
	}{
		"at the limit": {pending - 1, true}, "one beyond": {pending, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := serve(t, Options{MaxPending: pending, SearchTimeout: time.Minute}, ListenerOptions{})
			cl := h.raw(t)
			cl.send(searchPDU(1, "o=work"))
			receive(t, "the search's start", h.backend.started)
			for id := range int64(c.between) {
				cl.send(searchPDU(10+id, "o=none"))
			}
			cl.send(abandonPDU(9, 1))
			if c.seen {
				receive(t, "the search's end", h.backend.ended)
			} else {
				close(h.backend.work)
				cl.want(1, protocol.OpSearchResultDone, protocol.Success)
			}
			for id := range int64(c.between) {
				cl.want(10+id, protocol.OpSearchResultDone, protocol.Success)
			}
			cl.wantService()
		})
	}
}

// TestContentLimitsOnTheWire goes to each limit of a message's content and one beyond: that request alone is refused, with
// adminLimitExceeded, and the connection goes on.
func TestContentLimitsOnTheWire(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{Limits: protocol.Limits{
		MaxControls: 3, MaxDN: 40, MaxAttributes: 4, MaxTerms: 5, MaxDepth: 3, MaxSubstrings: 4,
	}}, ListenerOptions{})
	leaf := ber.AppendString(nil, ber.Tag(0x87), "cn")
	search := func(filter []byte, attributes int) []byte {
		b := ber.AppendString(nil, ber.OctetString, "o=none")
		b = append(b, 0x0a, 1, 2, 0x0a, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0)
		var list []byte
		for range attributes {
			list = ber.AppendString(list, ber.OctetString, "cn")
		}
		return envelope(1, protocol.OpSearchRequest, ber.AppendBytes(append(b, filter...), ber.Sequence, list))
	}
	or := func(n int) []byte { return ber.AppendBytes(nil, ber.Tag(0xa1), bytes.Repeat(leaf, n)) }
	not := func(n int) []byte {
		f := leaf
		for range n {
			f = ber.AppendBytes(nil, ber.Tag(0xa2), f)
		}
		return f
	}
	parts := func(n int) []byte {
		b := ber.AppendString(nil, ber.OctetString, "cn")
		return ber.AppendBytes(nil, ber.Tag(0xa4), ber.AppendBytes(b, ber.Sequence, bytes.Repeat(ber.AppendString(nil, ber.Tag(0x81), "x"), n)))
	}
	controls := func(n int) (list []protocol.Control) {
		for i := range n {
			list = append(list, protocol.Control{OID: fmt.Appendf(nil, "1.2.%d", i)})
		}
		return list
	}
	base := func(n int) []byte { return searchPDU(1, "o="+strings.Repeat("x", n-2)) }
	for name, c := range map[string]struct {
		pdu  []byte
		code protocol.ResultCode
	}{
		"controls, at the limit":        {searchPDU(1, "o=none", controls(3)...), protocol.Success},
		"controls, one beyond":          {searchPDU(1, "o=none", controls(4)...), protocol.AdminLimitExceeded},
		"a DN, at the limit":            {base(40), protocol.NoSuchObject},
		"a DN, one beyond":              {base(41), protocol.AdminLimitExceeded},
		"attributes, at the limit":      {search(leaf, 4), protocol.Success},
		"attributes, one beyond":        {search(leaf, 5), protocol.AdminLimitExceeded},
		"terms, at the limit":           {search(or(4), 0), protocol.Success},
		"terms, one beyond":             {search(or(5), 0), protocol.AdminLimitExceeded},
		"levels, at the limit":          {search(not(2), 0), protocol.Success},
		"levels, one beyond":            {search(not(3), 0), protocol.AdminLimitExceeded},
		"parts of a term, at the limit": {search(parts(4), 0), protocol.Success},
		"parts of a term, one beyond":   {search(parts(5), 0), protocol.AdminLimitExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cl := h.raw(t)
			cl.send(c.pdu)
			cl.want(1, protocol.OpSearchResultDone, c.code)
			cl.wantService()
		})
	}
}
