package directory

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"ringdex/ldapserver"
	"ringdex/ldapserver/ber"
	"ringdex/ldapserver/protocol"
)

// listening serves a directory on loopback until the test ends.
func listening(t testing.TB, d *Directory, o ldapserver.Options, l ldapserver.ListenerOptions) (address string) {
	t.Helper()
	if o.SupportedControls = d.Controls(); o.Backend == nil {
		o.Backend = d
	}
	server, err := ldapserver.New(o)
	if err != nil {
		t.Fatal(err)
	}
	nl, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(context.Background(), nl, l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
		if n := server.Stats().Panics; n != 0 {
			t.Errorf("%d panics", n)
		}
	})
	return nl.Addr().String()
}

// wire is a client that speaks octets.
type wire struct {
	t testing.TB
	net.Conn
	in *bufio.Reader
}

func dialWire(t testing.TB, address string) *wire {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return newWire(t, c)
}

func newWire(t testing.TB, c net.Conn) *wire {
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	return &wire{t: t, Conn: c, in: bufio.NewReaderSize(c, 64<<10)}
}

// heard is one message of the server.
type heard struct {
	id       int64
	op       protocol.Op
	code     protocol.ResultCode // of messages that have one
	matched  string
	text     string
	content  []byte // of the operation
	controls []byte // encoded; nil: none
	raw      []byte
}

// next reads one message.
func (w *wire) next() (heard, error) {
	for have := 2; ; have++ {
		head, err := w.in.Peek(have)
		if err != nil {
			return heard{}, err
		}
		total, need, err := ber.FrameLength(head, 1<<30)
		if err != nil {
			return heard{}, err
		}
		if need {
			continue
		}
		pdu := make([]byte, total)
		if _, err := io.ReadFull(w.in, pdu); err != nil {
			return heard{}, err
		}
		return parseHeard(pdu)
	}
}

func parseHeard(pdu []byte) (heard, error) {
	r := ber.NewReader(pdu, 8)
	m, err := r.Enter(ber.Sequence)
	if err != nil {
		return heard{}, err
	}
	h := heard{raw: pdu}
	if h.id, err = m.Int(ber.Integer); err != nil {
		return h, err
	}
	tag, content, err := m.Next()
	if err != nil {
		return h, err
	}
	h.op, h.content = protocol.Op(tag), content
	if !m.Empty() {
		if tag, h.controls, err = m.Next(); err != nil || tag != ber.Tag(0xa0) {
			return h, errors.Join(errors.New("behind the operation are no controls"), err)
		}
	}
	if h.op == protocol.OpSearchResultEntry {
		return h, nil
	}
	inner := ber.NewReader(content, 8)
	code, err := inner.Int(ber.Enumerated)
	if err != nil {
		return h, err
	}
	matched, err := inner.Content(ber.OctetString)
	if err != nil {
		return h, err
	}
	text, err := inner.Content(ber.OctetString)
	h.code, h.matched, h.text = protocol.ResultCode(code), string(matched), string(text)
	return h, err
}

// ask sends one request and reads what comes until its last message.
func (w *wire) ask(pdu []byte) (entries []heard, end heard) {
	w.t.Helper()
	if _, err := w.Write(pdu); err != nil {
		w.t.Fatal(err)
	}
	entries, end, err := w.answer()
	if err != nil {
		w.t.Fatalf("% x: %v", pdu, err)
	}
	return entries, end
}

// entries decodes entries with go-ldap's codec.
func (w *wire) entries(list []heard) []answered {
	w.t.Helper()
	var all bytes.Buffer
	for _, e := range list {
		all.Write(e.raw)
	}
	return decodeEntries(w.t, &all)
}

// answer reads what comes until the last message of an answer.
func (w *wire) answer() (entries []heard, end heard, err error) {
	for {
		h, err := w.next()
		if err != nil || h.op != protocol.OpSearchResultEntry {
			return entries, h, err
		}
		entries = append(entries, h)
	}
}

// request makes a message of an operation's content and controls.
func request(id int64, op protocol.Op, content []byte, controls ...protocol.Control) []byte {
	body := ber.AppendInt(nil, ber.Integer, id)
	body = ber.AppendBytes(body, op.Tag(), content)
	return ber.AppendBytes(nil, ber.Sequence, protocol.AppendControls(body, controls))
}

func bindRequest(id, version int64, name, password string, controls ...protocol.Control) []byte {
	b := ber.AppendInt(nil, ber.Integer, version)
	b = ber.AppendString(b, ber.OctetString, name)
	return request(id, protocol.OpBindRequest, ber.AppendString(b, ber.Tag(0x80), password), controls...)
}

func saslRequest(id int64, mechanism string) []byte {
	b := ber.AppendInt(nil, ber.Integer, 3)
	b = ber.AppendString(b, ber.OctetString, "")
	return request(id, protocol.OpBindRequest, ber.AppendBytes(b, ber.Tag(0xa3), ber.AppendString(nil, ber.OctetString, mechanism)))
}

// searchRequest is a search as a client sends it; of r the filter does not count.
func searchRequest(t testing.TB, id int64, r *protocol.SearchRequest, filter string, controls ...protocol.Control) []byte {
	t.Helper()
	b := ber.AppendBytes(nil, ber.OctetString, r.Base)
	b = ber.AppendInt(b, ber.Enumerated, int64(r.Scope))
	b = ber.AppendInt(b, ber.Enumerated, int64(r.Deref))
	b = ber.AppendInt(b, ber.Integer, int64(r.SizeLimit))
	b = ber.AppendInt(b, ber.Integer, int64(r.TimeLimit))
	b = append(b, 1, 1, 0)
	if r.TypesOnly {
		b[len(b)-1] = 0xff
	}
	b = append(b, filterBytes(t, filter)...)
	var list []byte
	for _, a := range r.Attributes {
		list = ber.AppendBytes(list, ber.OctetString, a)
	}
	return request(id, protocol.OpSearchRequest, ber.AppendBytes(b, ber.Sequence, list), controls...)
}
