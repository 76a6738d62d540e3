package directory

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"ringdex/ldapserver"
	"ringdex/ldapserver/ber"
	"ringdex/ldapserver/protocol"
)

// controlStates are the states of a connection that FuzzControls starts from: fresh, bound, over TLS, of version 2, and in the
// middle of a paged search.
const controlStates = 5

// FuzzControls sends two controls of any content to a live directory, in each state of a connection, on a search, a Compare
// and an extended operation. Every answer is well-formed and has the request's id, and the connection goes on to serve.
func FuzzControls(f *testing.F) {
	hash, err := HashPassword("not-a-secret")
	if err != nil {
		f.Fatal(err)
	}
	d := directoryOf(f, invented(f), func(o *Options) {
		o.Users = map[string]User{"phone": {Hash: hash}}
		o.Profiles = []Profile{{Name: "desk", DN: DNByName, Sort: []string{"sn"}}}
	})
	config, _ := selfSigned(f)
	log := logrus.New()
	log.SetOutput(io.Discard)
	log.SetLevel(logrus.DebugLevel)
	address := listening(f, d, ldapserver.Options{Log: log, Queries: func(ldapserver.QueryRecord) {}}, ldapserver.ListenerOptions{Mode: ldapserver.StartTLSOptional, TLS: config})
	known := append(d.Controls(), "1.2.3.4", "", "1.3.6.1.1.13.2")
	values := [][]byte{
		nil,
		{},
		{0x30, 0},
		{0x30, 0x80},
		filterBytes(f, "(cn=anna*)"),
		{1, 1, 0xff},
		{0x30, 0x84, 0xff, 0xff, 0xff, 0xff},
		protocol.AppendSortRequest(nil, []protocol.SortKey{{Attribute: []byte("sn"), Reverse: true}, {Attribute: []byte("cn"), Rule: []byte("2.5.13.3")}}),
		protocol.AppendVLVRequest(nil, protocol.VLVRequest{Before: 1, After: 2, Offset: 3, Count: 4}),
		protocol.AppendVLVRequest(nil, protocol.VLVRequest{ByValue: true, Value: []byte("m")}), pagedControl(2, nil).Value, pagedControl(2, []byte("cookie")).Value,
		pagedControl(0, nil).Value, pagedControl(-1, nil).Value,
	}
	for state := range byte(controlStates) {
		for i, v := range values {
			f.Add(state, byte(i), v, byte(i+1), values[(i+5)%len(values)], state%2 == 0)
		}
	}
	f.Fuzz(func(t *testing.T, state, first byte, one []byte, second byte, other []byte, critical bool) {
		c := enterState(dialWire(t, address), state%controlStates)
		control := func(oid byte, value []byte) protocol.Control {
			return protocol.Control{OID: []byte(known[int(oid)%len(known)]), Critical: critical, Value: value}
		}
		list := []protocol.Control{control(first, one), control(second, other)}
		base := []string{"dc=ringdex", "", "ou=desk,dc=ringdex", "cn=Subschema"}[int(first)%4]
		search := &protocol.SearchRequest{Base: []byte(base), Scope: protocol.WholeSubtree, SizeLimit: int(second) % 5}
		compare := ber.AppendString(nil, ber.OctetString, base)
		compare = ber.AppendBytes(compare, ber.Sequence, ber.AppendString(ber.AppendString(nil, ber.OctetString, "objectClass"), ber.OctetString, "top"))
		whoAmI := ber.AppendString(nil, ber.Tag(0x80), protocol.OIDWhoAmI)
		for _, r := range []struct {
			pdu  []byte
			id   int64
			want protocol.Op
		}{
			{searchRequest(t, 11, search, "(|(sn=m*)(objectClass=*))", list...), 11, protocol.OpSearchResultDone},
			{request(12, protocol.OpCompareRequest, compare, list...), 12, protocol.OpCompareResponse},
			{request(13, protocol.OpExtendedRequest, whoAmI, list...), 13, protocol.OpExtendedResponse},
		} {
			if _, err := c.Write(r.pdu); err != nil {
				return // cut off for what came before
			}
			entries, end, err := c.answer()
			switch {
			case errors.Is(err, os.ErrDeadlineExceeded):
				t.Fatalf("% x is not answered", r.pdu)
			case err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) && !isReset(err):
				t.Fatalf("% x: %v", r.pdu, err)
			case err != nil, end.id == 0: // no message at all: Notice of Disconnection
				return
			case end.id != r.id || end.op != r.want || end.code == protocol.Other:
				t.Fatalf("% x: got message %d %v %v %q", r.pdu, end.id, end.op, end.code, end.text)
			}
			for _, e := range entries {
				if e.id != r.id {
					t.Fatalf("% x: an entry of message %d", r.pdu, e.id)
				}
			}
		}
		if _, end := c.ask(searchRequest(t, 14, &protocol.SearchRequest{}, "(objectClass=*)")); end.code != protocol.Success || end.id != 14 {
			t.Fatalf("afterwards: got %v", end.code)
		}
	})
}

// isReset says whether a connection was cut off while something was on its way.
func isReset(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && !op.Timeout()
}

// enterState brings a fresh connection into a state.
func enterState(c *wire, state byte) *wire {
	switch state {
	case 1:
		c.ask(bindRequest(1, 3, "phone", "not-a-secret"))
	case 2:
		c.ask(request(1, protocol.OpExtendedRequest, ber.AppendString(nil, ber.Tag(0x80), protocol.OIDStartTLS)))
		return newWire(c.t, tls.Client(c.Conn, &tls.Config{InsecureSkipVerify: true}))
	case 3:
		c.ask(bindRequest(1, 2, "", ""))
	case 4:
		r := &protocol.SearchRequest{Base: []byte("dc=ringdex"), Scope: protocol.WholeSubtree}
		if entries, end := c.ask(searchRequest(c.t, 1, r, "(cn=*)", pagedControl(2, nil))); len(entries) != 2 || end.controls == nil {
			c.t.Fatalf("a page: got %d entries, %v", len(entries), end.code)
		}
	}
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	return c
}
