package ldapserver

import (
	"bytes"
	"strings"
	"testing"

	"ringdex/ldapserver/ber"
	"ringdex/ldapserver/protocol"
)

// TestFraming sends what is no message, or no good one, and looks at what it costs: robustness rules for BER and framing.
func TestFraming(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{}, ListenerOptions{})
	for name, c := range map[string]struct {
		sent []byte
		// silent: closed without a word. keeps: the connection lives on, and the request 1 is answered with code. Otherwise a
		// Notice of Disconnection with protocolError.
		silent, keeps bool
		code          protocol.ResultCode
	}{
		"TLS ClientHello on the plain port":      {sent: []byte("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), silent: true},
		"HTTP on the plain port":                 {sent: []byte("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"), silent: true},
		"one octet that is no sequence":          {sent: []byte{0}, silent: true},
		"no sequence after a good message":       {sent: append(unbindlessGood(), 0x31, 0x00), keeps: false},
		"length of 4 GiB":                        {sent: []byte{0x30, 0x84, 0xff, 0xff, 0xff, 0xff}},
		"length of eight octets":                 {sent: []byte{0x30, 0x88, 0, 0, 0, 0, 0, 0, 0, 5}},
		"negative length if cast":                {sent: []byte{0x30, 0x84, 0x80, 0, 0, 0}},
		"indefinite length":                      {sent: []byte{0x30, 0x80, 0x02, 0x01, 0x01, 0x00, 0x00}},
		"empty message":                          {sent: []byte{0x30, 0x00}},
		"message id 0":                           {sent: searchPDU(0, "o=one")},
		"message id -1":                          {sent: searchPDU(-1, "o=one")},
		"message id beyond 31 bits":              {sent: searchPDU(1<<31, "o=one")},
		"message id without content":             {sent: []byte{0x30, 0x04, 0x02, 0x00, 0x42, 0x00}},
		"no message id":                          {sent: []byte{0x30, 0x02, 0x42, 0x00}},
		"unknown operation":                      {sent: envelope(1, protocol.Op(0x7e), nil)},
		"a response as a request":                {sent: envelope(1, protocol.OpSearchResultDone, []byte{0x0a, 0x01, 0, 4, 0, 4, 0})},
		"operation longer than the message":      {sent: []byte{0x30, 0x05, 0x02, 0x01, 0x01, 0x63, 0x7f}},
		"search with a filter for a base":        {sent: envelope(1, protocol.OpSearchRequest, []byte{0x87, 0}), keeps: true, code: protocol.ProtocolError},
		"message one octet over the first limit": {sent: sized(64<<10 + 1)},
		"empty controls":                         {sent: withEmptyControls(), keeps: true, code: protocol.Success},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			good := h.raw(t)
			good.wantService()
			bad := h.raw(t)
			bad.send(c.sent)
			switch {
			case c.silent:
				bad.wantEnd()
			case c.keeps && c.code == protocol.Success:
				bad.want(1, protocol.OpSearchResultEntry, 0)
				bad.want(1, protocol.OpSearchResultDone, c.code)
				bad.wantService()
			case c.keeps:
				bad.want(1, protocol.OpSearchResultDone, c.code)
				bad.wantService()
			default:
				if strings.Contains(name, "after a good message") {
					bad.want(1, protocol.OpSearchResultDone, protocol.Success)
				}
				bad.wantNotice(protocol.ProtocolError)
			}
			good.wantService() // a bad client costs only its own connection
		})
	}
}

func unbindlessGood() []byte { return searchPDU(1, "o=none") }

// sized makes a search message of that many octets.
func sized(n int) []byte {
	value := strings.Repeat("1", n-200)
	pdu := searchWith(1, searchFields{base: "o=one", value: value})
	value += strings.Repeat("1", n-len(pdu))
	return searchWith(1, searchFields{base: "o=one", value: value})
}

func withEmptyControls() []byte {
	pdu := searchPDU(1, "o=one")
	body := append(bytes.Clone(pdu[2:]), 0xa0, 0x00)
	return ber.AppendBytes(nil, ber.Sequence, body)
}

func TestGarbageIsCountedAndLoggedOnce(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{}, ListenerOptions{})
	c := h.raw(t)
	c.send([]byte("GET /secret HTTP/1.1\r\n\r\n"))
	c.wantEnd()
	eventually(t, "the connection is logged", func() bool { return h.log.count("connection ended") == 1 })
	if got := h.Stats().Garbage; got != 1 {
		t.Errorf("got %d connections of garbage, want 1", got)
	}
	if text := h.log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "no LDAP") || strings.Contains(text, "secret") {
		t.Errorf("got log %q, want one line that says no LDAP", text)
	}
}

func TestMessageLimits(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{MaxAnonymousMessage: 1000, MaxMessage: 3000}, ListenerOptions{})
	for name, c := range map[string]struct {
		bound    bool
		size     int
		accepted bool
	}{
		"at the limit before a bind":    {false, 1000, true},
		"beyond the limit before":       {false, 1001, false},
		"at the limit after a bind":     {true, 3000, true},
		"beyond the limit after a bind": {true, 3001, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cl := h.raw(t)
			if c.bound {
				cl.send(bindPDU(9, 3, memoryUser, memoryPassword))
				cl.want(9, protocol.OpBindResponse, protocol.Success)
			}
			pdu := sized(c.size)
			if len(pdu) != c.size {
				t.Fatalf("message of %d octets, want %d", len(pdu), c.size)
			}
			cl.send(pdu)
			if !c.accepted {
				cl.wantNotice(protocol.ProtocolError)
				return
			}
			cl.want(1, protocol.OpSearchResultEntry, 0)
			cl.want(1, protocol.OpSearchResultDone, protocol.Success)
		})
	}
}

func TestMessageOctetByOctet(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{}, ListenerOptions{})
	c := h.raw(t)
	for _, b := range append(searchPDU(1, "o=one"), searchPDU(2, "o=none")...) {
		c.send([]byte{b})
	}
	c.want(1, protocol.OpSearchResultEntry, 0)
	c.want(1, protocol.OpSearchResultDone, protocol.Success)
	c.want(2, protocol.OpSearchResultDone, protocol.Success)
}

// TestAnnouncedLengthIsNotAllocated keeps connections that announce a large message from holding its memory.
func TestAnnouncedLengthIsNotAllocated(t *testing.T) {
	t.Parallel()
	c := newConn(serverOf(t, Options{Backend: newMemory()}), nopConn{}, ListenerOptions{})
	c.borrow()
	c.to = copy(c.in, []byte{0x30, 0x83, 0x0f, 0xff, 0x00})
	c.bound = true
	if err := c.consume(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(c.in) > 2*firstBuffer {
		t.Errorf("a buffer of %d octets for 5 that have come", len(c.in))
	}
}
