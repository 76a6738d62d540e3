package ldapserver

import (
	"net/netip"
	"testing"
	"time"

	"ringdex/ldapserver/protocol"
)

// TestReload changes limits under a connection that stays.
func TestReload(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{MaxPerAddress: 2}, ListenerOptions{})
	c := h.raw(t)
	c.wantService()
	long := searchWith(2, searchFields{base: "o=none", value: "345678901234567890123456789012345678901234567890123456789012345678901234567890"})
	c.send(long)
	c.want(2, protocol.OpSearchResultDone, protocol.Success)
	h.Reload(Options{MaxPerAddress: 3, MaxAnonymousMessage: 90, Limits: protocol.Limits{MaxDN: 6}})
	c.wantService() // the read that was waited in began under the old ones
	c.send(searchPDU(3, "o=longer"))
	c.want(3, protocol.OpSearchResultDone, protocol.AdminLimitExceeded)
	other, third := h.raw(t), h.raw(t)
	other.wantService()
	third.wantService()
	h.raw(t).wantNotice(protocol.Busy)
	c.send(long)
	c.wantNotice(protocol.ProtocolError)
	other.wantService()
}

// TestListenerNetworks: a connection from elsewhere is closed without a word.
func TestListenerNetworks(t *testing.T) {
	t.Parallel()
	for network, foreign := range map[string]int64{"192.0.2.0/24": 1, "127.0.0.0/8": 0} {
		t.Run(network, func(t *testing.T) {
			t.Parallel()
			h := serve(t, Options{}, ListenerOptions{Networks: []netip.Prefix{netip.MustParsePrefix(network)}})
			if foreign > 0 {
				h.raw(t).wantEnd()
			} else {
				h.raw(t).wantService()
			}
			eventually(t, "it is counted", func() bool { return h.Stats().Foreign == foreign })
		})
	}
}

// TestLimitsAtAndBeyond goes to each limit of a message and one beyond.
func TestLimitsAtAndBeyond(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{
		MaxAnonymousMessage: 100, MaxMessage: 200, SearchTimeout: time.Minute,
	}, ListenerOptions{})
	pdu := func(size int) []byte {
		fixed := len(searchPDU(1, "o=none"))
		value := make([]byte, max(size-fixed, 0))
		for i := range value {
			value[i] = '1'
		}
		for {
			p := searchWith(1, searchFields{base: "o=none", value: string(value)})
			if len(p) <= size {
				return p
			}
			value = value[1:] // longer lengths
		}
	}
	for _, c := range []struct {
		name        string
		bound, fits bool
		size        int
	}{
		{"before a bind, at the limit", false, true, 100},
		{"before a bind, one more", false, false, 101},
		{"after a bind, more than before it", true, true, 101},
		{"after a bind, at the limit", true, true, 200},
		{"after a bind, one more", true, false, 201},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cl := h.raw(t)
			if c.bound {
				cl.send(bindPDU(9, 3, memoryUser, memoryPassword))
				cl.want(9, protocol.OpBindResponse, protocol.Success)
			}
			p := pdu(c.size)
			if len(p) != c.size {
				t.Fatalf("the request has %d octets, want %d", len(p), c.size)
			}
			cl.send(p)
			if !c.fits {
				cl.wantNotice(protocol.ProtocolError)
				return
			}
			cl.want(1, protocol.OpSearchResultDone, protocol.Success)
		})
	}
}
