package soap

import (
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// The namespace of the operations and of their headers.
const partnerNamespace = "urn:partner.soap.sforce.com"

//go:embed partner.wsdl
var partnerWSDL []byte

// wsdlURL is where gosoap "loads" the WSDL from: the exchange serves it.
const wsdlURL = "embed:///partner.wsdl"

// gzipFrom is the size from which a request is compressed. Below, the gain is
// less than a packet.
const gzipFrom = 1 << 10

// call is one operation with its parameters and what belongs to it.
type call struct {
	operation string
	endpoint  string
	params    []Param
	session   Secret
	batchSize int // QueryOptions header, where > 0
	scan      replyScan
	secrets   []Secret // never to appear in an error
}

// exchange carries one call for gosoap: it is the http.RoundTripper of a gosoap
// client that lives as long as the call. Errors stay in err, since gosoap wraps
// its own around the request with the password in it.
type exchange struct {
	client *Client
	call   *call
	ctx    context.Context
	err    error
}

var (
	errExchange    = errors.New("see exchange.err")
	errNoHeader    = errors.New("no answer in time")
	errStalled     = errors.New("reply stalled")
	errCallTime    = errors.New("call not finished in time")
	errCompression = errors.New("reply compressed in another way than asked for")
	errTooLarge    = errors.New("reply too large")
	errNoEnvelope  = errors.New("gosoap wrote no envelope")
)

// RoundTrip serves the WSDL and carries the call.
func (x *exchange) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodGet && req.URL.String() == wsdlURL {
		return xmlResponse(req, partnerWSDL), nil
	}
	payload, err := io.ReadAll(req.Body)
	_ = req.Body.Close()
	if err == nil {
		payload, err = x.call.addHeader(payload)
	}
	if err != nil {
		err = x.problem("the request cannot be written: "+err.Error(), "")
	}
	var rest []byte
	if err == nil {
		rest, err = x.carry(payload)
	}
	if err != nil {
		x.err = err
		return nil, errExchange
	}
	return xmlResponse(req, rest), nil
}

func xmlResponse(req *http.Request, body []byte) *http.Response {
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"text/xml; charset=utf-8"}},
		Body:   io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: req,
	}
}

// addHeader puts the SOAP header into gosoap's envelope: gosoap can write only one
// header element, and need not know the session id.
func (c *call) addHeader(envelope []byte) ([]byte, error) {
	end := bytes.Index(envelope, []byte(":Body>"))
	start := bytes.LastIndexByte(envelope[:max(end, 0)], '<')
	if start < 0 {
		return nil, errNoEnvelope
	}
	var h bytes.Buffer
	prefix := string(envelope[start+1 : end])
	h.Write(envelope[:start])
	if !c.session.Empty() || c.batchSize > 0 {
		fmt.Fprintf(&h, "<%s:Header>", prefix)
		if !c.session.Empty() {
			h.WriteString(`<SessionHeader xmlns="` + partnerNamespace + `"><sessionId>`)
			_ = xml.EscapeText(&h, []byte(c.session.Reveal()))
			h.WriteString(`</sessionId></SessionHeader>`)
		}
		if c.batchSize > 0 {
			fmt.Fprintf(&h, `<QueryOptions xmlns="`+partnerNamespace+`"><batchSize>%d</batchSize></QueryOptions>`, c.batchSize)
		}
		fmt.Fprintf(&h, "</%s:Header>", prefix)
	}
	h.Write(envelope[start:])
	return h.Bytes(), nil
}

// carry sends the envelope and returns the reply without what the scan takes.
func (x *exchange) carry(envelope []byte) ([]byte, error) {
	c := x.client
	ctx, stop := context.WithTimeoutCause(x.ctx, c.options.CallTimeout, errCallTime)
	defer stop()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	req, err := x.request(ctx, envelope)
	if err != nil {
		return nil, x.fail(ctx, 0, err)
	}
	header := time.AfterFunc(c.options.HeaderTimeout, func() { cancel(errNoHeader) })
	resp, err := c.transport.RoundTrip(req)
	header.Stop()
	if err != nil {
		return nil, x.fail(ctx, 0, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		return nil, x.redirected(resp)
	}
	idle := time.AfterFunc(c.options.IdleTimeout, func() { cancel(errStalled) })
	defer idle.Stop()
	wire := &wireReader{r: resp.Body, idle: idle, timeout: c.options.IdleTimeout, bytes: &c.usage.bytesIn}
	buffer := c.buffers.take()
	data, err := readReply(wire, resp.Header.Get("Content-Encoding"), buffer, c.options.MaxReply)
	defer c.buffers.give(data)
	if err != nil {
		return nil, x.fail(ctx, wire.n, err)
	}
	return x.interpret(resp, data)
}

func (x *exchange) request(ctx context.Context, envelope []byte) (*http.Request, error) {
	c := x.client
	body, encoding := envelope, ""
	if len(envelope) > gzipFrom {
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		if _, err := w.Write(envelope); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		body, encoding = z.Bytes(), "gzip"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, x.call.endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "text/xml; charset=utf-8")
	req.Header.Set("Accept", "text/xml")
	req.Header.Set("Accept-Encoding", "gzip")
	req.Header.Set("SOAPAction", `""`)
	req.Header.Set("User-Agent", c.options.UserAgent)
	if encoding != "" {
		req.Header.Set("Content-Encoding", encoding)
	}
	c.usage.calls.Add(1)
	c.usage.bytesOut.Add(int64(len(body)))
	return req, nil
}

// wireReader counts the bytes of a reply and restarts the idle timer at each.
type wireReader struct {
	r       io.Reader
	idle    *time.Timer
	timeout time.Duration
	bytes   *atomic.Int64
	n       int64
}

func (w *wireReader) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if n > 0 {
		w.idle.Reset(w.timeout)
		w.n += int64(n)
		w.bytes.Add(int64(n))
	}
	return n, err
}

// readReply reads a whole body, inflated, into buffer. More than limit bytes are
// errTooLarge. The result shares buffer's memory, or replaces it.
func readReply(wire io.Reader, encoding string, buffer []byte, limit int64) ([]byte, error) {
	r := wire
	switch strings.ToLower(encoding) {
	case "", "identity":
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(wire)
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return buffer[:0], err
		}
		r = z
	default:
		return buffer[:0], errCompression
	}
	data := buffer[:0]
	for {
		if int64(len(data)) > limit {
			return data, errTooLarge
		}
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
		n, err := r.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if err == io.EOF {
			if int64(len(data)) > limit {
				return data, errTooLarge
			}
			return data, nil
		}
		if err != nil {
			return data, err
		}
	}
}
