package soap

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
)

// maxFormReply limits the reply of a token endpoint.
const maxFormReply = 1 << 20

// formExchange carries the requests to a token endpoint. It reads each reply whole, so that limits and deadlines hold
// whoever reads it later.
type formExchange struct {
	client  *Client
	ctx     context.Context
	secrets []Secret

	status int   // of the last reply, 0 before any
	err    error // the last that went wrong on the wire: a *CallError
}

// RoundTrip makes one request. A reply of any status is a reply.
func (f *formExchange) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := f.carry(req)
	if f.err = err; err != nil {
		return nil, err
	}
	f.status = resp.StatusCode
	return resp, nil
}

func (f *formExchange) carry(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close()
	}
	c := f.client
	if _, err := c.hosts.check(req.URL.String(), "the token endpoint"); err != nil {
		return nil, err
	}
	x := &exchange{client: c, ctx: f.ctx, call: &call{operation: tokenOperation, endpoint: req.URL.String(), secrets: f.secrets}}
	ctx, stop := context.WithTimeoutCause(f.ctx, c.options.HeaderTimeout, errNoHeader)
	defer stop()
	req = req.Clone(ctx)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.options.UserAgent)
	c.usage.calls.Add(1)
	c.usage.bytesOut.Add(max(req.ContentLength, 0))
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return nil, x.fail(ctx, 0, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxFormReply+1))
	c.usage.bytesIn.Add(int64(len(body)))
	switch {
	case err != nil:
		return nil, x.fail(ctx, int64(len(body)), err)
	case len(body) > maxFormReply:
		return nil, x.problem(fmt.Sprintf("the reply is larger than %d bytes", maxFormReply), "check the URL", ErrReply)
	}
	whole := *resp
	whole.Body, whole.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return &whole, nil
}
