package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"ringdex/replicator"
)

// controlClient asks the daemon.
type controlClient struct {
	http *http.Client
}

// dialControl returns a client of the daemon that serves the store, or nil where none runs.
func dialControl(ctx context.Context, store string) *controlClient {
	path := socketPath(store)
	d := net.Dialer{Timeout: 2 * time.Second}
	c, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return nil
	}
	c.Close()
	return &controlClient{http: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return d.DialContext(ctx, "unix", path) },
	}}}
}

// do sends a request and returns the answer's body, or the error that the daemon told.
func (c *controlClient) do(ctx context.Context, method, path string, body any) (*http.Response, error) {
	var r io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		r = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://ringdex/v1/"+path, r)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the running ringdex: %w", err)
	}
	if resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	defer resp.Body.Close()
	var w wireError
	if err := json.NewDecoder(resp.Body).Decode(&w); err != nil {
		return nil, fmt.Errorf("ask the running ringdex: %s", resp.Status)
	}
	return nil, w.err()
}

func (w *wireError) err() error {
	err := error(&hintError{errors.New(w.Text), w.Try})
	if w.Code != exitFailed {
		return &codeError{w.Code, err}
	}
	return err
}

func ask[T any](ctx context.Context, c *controlClient, method, path string, body any) (T, error) {
	var out T
	resp, err := c.do(ctx, method, path, body)
	if err != nil {
		return out, err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		return out, fmt.Errorf("ask the running ringdex: %w", err)
	}
	return out, nil
}

func (c *controlClient) Status(ctx context.Context) (statusReport, error) {
	return ask[statusReport](ctx, c, http.MethodGet, "status", nil)
}

func (c *controlClient) Lookup(ctx context.Context, q lookupRequest) (lookupReport, error) {
	return ask[lookupReport](ctx, c, http.MethodPost, "lookup", q)
}

func (c *controlClient) Cancel(ctx context.Context) (bool, error) {
	return ask[bool](ctx, c, http.MethodPost, "cancel", nil)
}

func (c *controlClient) Numbers(ctx context.Context) (numbersReport, error) {
	return ask[numbersReport](ctx, c, http.MethodGet, "numbers", nil)
}

func (c *controlClient) Callers(ctx context.Context) (callersReport, error) {
	return ask[callersReport](ctx, c, http.MethodGet, "callers", nil)
}

func (c *controlClient) Decide(ctx context.Context, d decision) (decisionReport, error) {
	return ask[decisionReport](ctx, c, http.MethodPost, "decide", d)
}

func (c *controlClient) Reload(ctx context.Context) (reloadReport, error) {
	return ask[reloadReport](ctx, c, http.MethodPost, "reload", nil)
}

func (c *controlClient) Verify(ctx context.Context) (verifyReport, error) {
	return ask[verifyReport](ctx, c, http.MethodPost, "verify", nil)
}

func (c *controlClient) Backup(ctx context.Context, w io.Writer) (int64, error) {
	resp, err := c.do(ctx, http.MethodGet, "backup", nil)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	n, err := io.Copy(w, resp.Body)
	if err != nil {
		return n, fmt.Errorf("backup: %w", err)
	}
	if text := resp.Trailer.Get("X-Ringdex-Error"); text != "" {
		return n, errors.New(text)
	}
	return n, nil
}

func (c *controlClient) Replicate(ctx context.Context, r replicateRequest, progress func(replicator.Progress)) (replicateReport, error) {
	resp, err := c.do(ctx, http.MethodPost, "replicate", r)
	if err != nil {
		return replicateReport{}, err
	}
	defer resp.Body.Close()
	dec := json.NewDecoder(resp.Body)
	for {
		var e replicateEvent
		switch err := dec.Decode(&e); {
		case err != nil && ctx.Err() != nil:
			return replicateReport{}, ctx.Err()
		case err != nil:
			return replicateReport{}, fmt.Errorf("the running ringdex broke off: %w", err)
		case e.Error != nil:
			return replicateReport{}, e.Error.err()
		case e.Report != nil:
			return *e.Report, nil
		case e.Progress != nil:
			progress(*e.Progress)
		}
	}
}

func (c *controlClient) Close() error {
	c.http.CloseIdleConnections()
	return nil
}
