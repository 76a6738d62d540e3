package soap

import (
	"context"
	"crypto/tls"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/tiaguinho/gosoap"
)

// Client speaks to one org. It is safe for concurrent use.
type Client struct {
	options   Options
	loginURL  *url.URL
	hosts     hostPolicy
	transport http.RoundTripper
	own       *http.Transport // closed by Close; nil where injected
	buffers   bufferPool
	usage     usage
	secrets   knownSecrets

	mu      sync.Mutex
	session *Session          // nil before the first login
	refused *CredentialsError // a definitive refusal
	flight  *flight           // the login in progress
	logins  []time.Time       // of the last hour

	limits atomic.Pointer[limits]
}

type limits struct{ current, limit int }

// Defaults and bounds of Options.
const (
	defaultMaxReply = 64 << 20
	maxMaxReply     = 256 << 20 // a page's text is addressed with 30 bits
	minBatchSize    = 200
	maxBatchSize    = 2000
	firstWithout    = 65 // the first API version without login()
)

// New checks the options. It makes no call.
func New(o Options) (*Client, error) {
	if o.Auth == nil {
		return nil, errors.New("soap: no authenticator")
	}
	if err := o.complete(); err != nil {
		return nil, err
	}
	c := &Client{options: o, hosts: newHostPolicy(o.AllowedHosts), transport: o.Transport, logins: slices.Clone(o.Logins)}
	u, err := c.hosts.check(o.URL, "the URL")
	if err != nil {
		return nil, err
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, &CallError{Problem: "the URL has a path", Advice: "give only https://host", kinds: []error{ErrHost}}
	}
	c.loginURL = &url.URL{Scheme: u.Scheme, Host: u.Host}
	if v, ok := o.Auth.(interface{ checkVersion(version string) error }); ok {
		if err := v.checkVersion(o.APIVersion); err != nil {
			return nil, err
		}
	}
	if c.transport == nil {
		c.own = newTransport(o)
		c.transport = c.own
	}
	return c, nil
}

var versionForm = regexp.MustCompile(`^[1-9][0-9]{1,2}(\.0)?$`)

// complete sets defaults and checks ranges.
func (o *Options) complete() error {
	setDefault(&o.APIVersion, DefaultAPIVersion)
	setDefault(&o.UserAgent, "ringdex")
	setDefault(&o.BatchSize, maxBatchSize)
	setDefault(&o.MaxReply, defaultMaxReply)
	setDefault(&o.LoginsPerHour, DefaultLoginsPerHour)
	setDefault(&o.ConnectTimeout, 10*time.Second)
	setDefault(&o.HeaderTimeout, 120*time.Second)
	setDefault(&o.IdleTimeout, 60*time.Second)
	setDefault(&o.CallTimeout, 10*time.Minute)
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		quiet := logrus.New()
		quiet.SetOutput(io.Discard)
		o.Log = quiet
	}
	switch {
	case !versionForm.MatchString(o.APIVersion):
		return fmt.Errorf("soap: API version %.20q is not of the form %q", o.APIVersion, DefaultAPIVersion)
	case o.BatchSize < minBatchSize || o.BatchSize > maxBatchSize:
		return fmt.Errorf("soap: batch size %d is not between %d and %d", o.BatchSize, minBatchSize, maxBatchSize)
	case o.MaxReply < 0 || o.MaxReply > maxMaxReply:
		return fmt.Errorf("soap: reply limit of %d bytes is not between 1 and %d", o.MaxReply, maxMaxReply)
	case o.LoginsPerHour < 0:
		return fmt.Errorf("soap: %d logins per hour", o.LoginsPerHour)
	case min(o.ConnectTimeout, o.HeaderTimeout, o.IdleTimeout, o.CallTimeout) < 0:
		return errors.New("soap: a timeout is negative")
	}
	if !strings.HasSuffix(o.APIVersion, ".0") {
		o.APIVersion += ".0"
	}
	return nil
}

func setDefault[T comparable](v *T, value T) {
	var zero T
	if *v == zero {
		*v = value
	}
}

// newTransport is the transport of a client of its own.
func newTransport(o Options) *http.Transport {
	dialer := &net.Dialer{Timeout: o.ConnectTimeout, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs},
		TLSHandshakeTimeout:    o.ConnectTimeout,
		DisableCompression:     true, // the exchange inflates, within its limits
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// Close gives up idle connections. The client stays usable.
func (c *Client) Close() {
	if c.own != nil {
		c.own.CloseIdleConnections()
	}
}

// Limits are the org's API calls of the last 24 hours and their limit, as the
// last reply that said so reported them.
func (c *Client) Limits() (current, limit int, ok bool) {
	l := c.limits.Load()
	if l == nil {
		return 0, 0, false
	}
	return l.current, l.limit, true
}

// Usage counts what a Client has done since New.
type Usage struct {
	// Calls are all requests sent, logins among them.
	Calls, Logins int64
	// BytesOut and BytesIn are bodies as they were on the wire, compressed.
	BytesOut, BytesIn int64
}

type usage struct{ calls, logins, bytesOut, bytesIn atomic.Int64 }

// Usage returns the counters.
func (c *Client) Usage() Usage {
	u := &c.usage
	return Usage{Calls: u.calls.Load(), Logins: u.logins.Load(), BytesOut: u.bytesOut.Load(), BytesIn: u.bytesIn.Load()}
}

// endpoint is the address of the API on a host.
func (c *Client) endpoint(base string) string {
	return strings.TrimRight(base, "/") + "/services/Soap/u/" + c.options.APIVersion
}

// majorVersion of "64.0" is 64.
func majorVersion(version string) int {
	major, _, _ := strings.Cut(version, ".")
	n, err := strconv.Atoi(major)
	if err != nil {
		return 0
	}
	return n
}

// send makes one call, with a gosoap client of its own, and decodes the reply
// into the value, where it is not nil.
func (c *Client) send(ctx context.Context, q *call, into any) (err error) {
	started := c.options.Clock()
	defer func() {
		took := c.options.Clock().Sub(started)
		c.options.Log.WithFields(logrus.Fields{"call": q.operation, "ok": err == nil, "took": took.String()}).Debug("soap call")
	}()
	x := &exchange{client: c, call: q, ctx: ctx}
	if err := ctx.Err(); err != nil {
		return x.fail(ctx, 0, err)
	}
	g, err := gosoap.SoapClient(wsdlURL, &http.Client{Transport: x})
	if err != nil {
		return x.problem("the embedded WSDL cannot be used", "", ErrReply)
	}
	params := make(gosoap.ArrayParams, len(q.params))
	for i, p := range q.params {
		params[i] = [2]any{p.Name, p.Value}
	}
	res, err := g.Call(q.operation, params)
	switch {
	case x.err != nil:
		return x.err
	case err != nil:
		// Only the kind: the error and its payload belong to gosoap.
		return x.problem("the reply cannot be read as a SOAP envelope", "try again", ErrReply)
	}
	c.noteLimits(res.Header)
	if into == nil {
		return nil
	}
	if err := res.Unmarshal(into); err != nil {
		return x.problem("the reply cannot be read as "+q.operation+"Response", "check the API version", ErrReply)
	}
	return nil
}

// noteLimits reads the LimitInfoHeader.
func (c *Client) noteLimits(header []byte) {
	if len(header) == 0 {
		return
	}
	var v struct {
		Limits []struct {
			Current int    `xml:"current"`
			Limit   int    `xml:"limit"`
			Type    string `xml:"type"`
		} `xml:"LimitInfoHeader>limitInfo"`
	}
	if err := xml.Unmarshal([]byte("<Header>"+string(header)+"</Header>"), &v); err != nil {
		return // it is a side remark
	}
	for _, l := range v.Limits {
		if l.Type == "API REQUESTS" && l.Limit > 0 {
			c.limits.Store(&limits{current: l.Current, limit: l.Limit})
		}
	}
}

// Format prints where the client logs in, whatever the verb: what else it holds
// is secret, or changes while it is printed.
func (c *Client) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "soap.Client("+c.loginURL.String()+")")
}
