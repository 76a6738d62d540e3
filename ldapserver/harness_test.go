package ldapserver

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/sirupsen/logrus"

	"ringdex/ldapserver/ber"
	"ringdex/ldapserver/protocol"
)

// patience is how long a test waits for what has to happen.
const patience = 10 * time.Second

// harness is a server on loopback.
type harness struct {
	*Server
	backend *memory
	address string
	log     *logText
}

// serve starts a server, and at the test's end shuts it down and looks for what it left behind.
func serve(t testing.TB, o Options, l ListenerOptions) *harness {
	t.Helper()
	h := &harness{log: &logText{}}
	if o.Backend == nil {
		h.backend = newMemory()
		o.Backend = h.backend
	}
	if o.Log == nil {
		log := logrus.New()
		log.SetOutput(h.log)
		log.SetLevel(logrus.DebugLevel)
		o.Log = log
	}
	var err error
	if h.Server, err = New(o); err != nil {
		t.Fatal(err)
	}
	h.address = h.listen(t, l)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := h.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		noLeak(t)
		if h.backend != nil && h.backend.sessions.Load() != 0 {
			t.Errorf("%d sessions were not closed", h.backend.sessions.Load())
		}
	})
	return h
}

// serverOf is a server without a listener.
func serverOf(t testing.TB, o Options) *Server {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// discarded is a log that holds nothing.
func discarded() logrus.FieldLogger {
	l := logrus.New()
	l.SetOutput(io.Discard)
	return l
}

// listen adds a listener. Every goroutine of its connections carries the test's name.
func (h *harness) listen(t testing.TB, o ListenerOptions) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go pprof.Do(context.Background(), pprof.Labels("test", t.Name()), func(ctx context.Context) {
		defer close(done)
		if err := h.Serve(ctx, l, o); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(func() { <-done })
	eventually(t, "the listener is registered", func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.listeners[l]
	})
	return l.Addr().String()
}

// noLeak fails the test if a goroutine of its server still runs.
func noLeak(t testing.TB) {
	t.Helper()
	var profile bytes.Buffer
	eventually(t, "every goroutine has ended", func() bool {
		profile.Reset()
		_ = pprof.Lookup("goroutine").WriteTo(&profile, 1)
		return !strings.Contains(strings.ReplaceAll(profile.String(), `\"`, `"`), `"test":"`+t.Name()+`"`)
	})
}

func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func receive[T any](t testing.TB, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}

// rawClient speaks octets.
type rawClient struct {
	t testing.TB
	net.Conn
	in []byte
}

func (h *harness) raw(t testing.TB) *rawClient {
	t.Helper()
	c, err := net.Dial("tcp", h.address)
	if err != nil {
		t.Fatal(err)
	}
	return newRaw(t, c)
}

func newRaw(t testing.TB, c net.Conn) *rawClient {
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return &rawClient{t: t, Conn: c}
}

func (c *rawClient) send(pdus ...[]byte) {
	c.t.Helper()
	if _, err := c.Write(bytes.Join(pdus, nil)); err != nil {
		c.t.Fatal(err)
	}
}

// answer is what the tests look at of a server's message.
type answer struct {
	id   int64
	op   protocol.Op
	code protocol.ResultCode // of messages that have one
	text string              // the diagnostic message
	raw  []byte
}

// next reads one message.
func (c *rawClient) next() (answer, error) {
	buf := make([]byte, 4<<10)
	for {
		total, need, err := ber.FrameLength(c.in, 1<<30)
		if err != nil {
			return answer{}, err
		}
		if !need && total <= len(c.in) {
			pdu := c.in[:total]
			c.in = c.in[total:]
			return parseAnswer(pdu)
		}
		n, err := c.Read(buf)
		c.in = append(c.in, buf[:n]...)
		if err != nil && n == 0 {
			if errors.Is(err, io.EOF) && len(c.in) > 0 {
				return answer{}, io.ErrUnexpectedEOF
			}
			return answer{}, err
		}
	}
}

func parseAnswer(pdu []byte) (answer, error) {
	r := ber.NewReader(pdu, 8)
	m, err := r.Enter(ber.Sequence)
	if err != nil {
		return answer{}, err
	}
	a := answer{raw: pdu}
	if a.id, err = m.Int(ber.Integer); err != nil {
		return a, err
	}
	tag, content, err := m.Next()
	if err != nil {
		return a, err
	}
	a.op = protocol.Op(tag)
	if a.op == protocol.OpSearchResultEntry || a.op == protocol.OpSearchResultReference {
		return a, nil
	}
	inner := ber.NewReader(content, 8)
	code, err := inner.Int(ber.Enumerated)
	if err != nil {
		return a, err
	}
	a.code = protocol.ResultCode(code)
	if _, err = inner.Content(ber.OctetString); err != nil {
		return a, err
	}
	text, err := inner.Content(ber.OctetString)
	a.text = string(text)
	return a, err
}

// want reads one message and compares it.
func (c *rawClient) want(id int64, op protocol.Op, code protocol.ResultCode) answer {
	c.t.Helper()
	a, err := c.next()
	if err != nil {
		c.t.Fatalf("got %v, want message %d %v %v", err, id, op, code)
	}
	if a.id != id || a.op != op || a.code != code {
		c.t.Fatalf("got message %d %v %v %q, want %d %v %v", a.id, a.op, a.code, a.text, id, op, code)
	}
	return a
}

func (c *rawClient) wantNotice(code protocol.ResultCode) {
	c.t.Helper()
	a := c.want(0, protocol.OpExtendedResponse, code)
	if !bytes.Contains(a.raw, []byte(protocol.OIDNoticeOfDisconnection)) {
		c.t.Fatalf("% x is no Notice of Disconnection", a.raw)
	}
	c.wantEnd()
}

// wantEnd says that the server closes the connection without another word.
func (c *rawClient) wantEnd() {
	c.t.Helper()
	a, err := c.next()
	if err == nil {
		c.t.Fatalf("got message %d %v %v %q, want the end of the connection", a.id, a.op, a.code, a.text)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		c.t.Fatal("the server does not close the connection")
	}
}

// wantService says that the connection still answers.
func (c *rawClient) wantService() {
	c.t.Helper()
	c.send(searchPDU(77, "o=one"))
	c.want(77, protocol.OpSearchResultEntry, 0)
	c.want(77, protocol.OpSearchResultDone, protocol.Success)
}

// envelope makes a message of an operation's tag, its content and controls.
func envelope(id int64, op protocol.Op, content []byte, controls ...protocol.Control) []byte {
	body := ber.AppendInt(nil, ber.Integer, id)
	body = ber.AppendBytes(body, op.Tag(), content)
	body = protocol.AppendControls(body, controls)
	return ber.AppendBytes(nil, ber.Sequence, body)
}

type searchFields struct {
	base                 string
	sizeLimit, timeLimit int64
	value                string
}

func searchPDU(id int64, base string, controls ...protocol.Control) []byte {
	return searchWith(id, searchFields{base: base}, controls...)
}

func searchWith(id int64, f searchFields, controls ...protocol.Control) []byte {
	b := ber.AppendString(nil, ber.OctetString, f.base)
	b = ber.AppendInt(b, ber.Enumerated, 0)
	b = ber.AppendInt(b, ber.Enumerated, 0)
	b = ber.AppendInt(b, ber.Integer, f.sizeLimit)
	b = ber.AppendInt(b, ber.Integer, f.timeLimit)
	b = append(b, 0x01, 0x01, 0x00)
	equality := ber.AppendString(nil, ber.OctetString, "telephoneNumber")
	equality = ber.AppendString(equality, ber.OctetString, f.value+"+493023125000")
	b = ber.AppendBytes(b, ber.Tag(0xa3), equality)
	b = ber.AppendBytes(b, ber.Sequence, nil)
	return envelope(id, protocol.OpSearchRequest, b, controls...)
}

func bindPDU(id, version int64, name, password string, controls ...protocol.Control) []byte {
	b := ber.AppendInt(nil, ber.Integer, version)
	b = ber.AppendString(b, ber.OctetString, name)
	b = ber.AppendString(b, ber.Tag(0x80), password)
	return envelope(id, protocol.OpBindRequest, b, controls...)
}

func saslPDU(id int64, mechanism string) []byte {
	b := ber.AppendInt(nil, ber.Integer, 3)
	b = ber.AppendString(b, ber.OctetString, "")
	b = ber.AppendBytes(b, ber.Tag(0xa3), ber.AppendString(nil, ber.OctetString, mechanism))
	return envelope(id, protocol.OpBindRequest, b)
}

func extendedPDU(id int64, oid string, value []byte) []byte {
	b := ber.AppendString(nil, ber.Tag(0x80), oid)
	if value != nil {
		b = ber.AppendBytes(b, ber.Tag(0x81), value)
	}
	return envelope(id, protocol.OpExtendedRequest, b)
}

func abandonPDU(id, target int64) []byte {
	full := ber.AppendInt(nil, ber.Integer, target)
	return envelope(id, protocol.OpAbandonRequest, full[2:])
}

func cancelPDU(id int64, target int32) []byte {
	return extendedPDU(id, protocol.OIDCancel, protocol.AppendCancel(nil, target))
}

func unbindPDU(id int64) []byte { return envelope(id, protocol.OpUnbindRequest, nil) }

// dial is a go-ldap client.
func (h *harness) dial(t testing.TB) *goldap.Conn {
	t.Helper()
	c, err := goldap.DialURL("ldap://" + h.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetTimeout(patience)
	return c
}
