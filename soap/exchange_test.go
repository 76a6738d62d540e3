package soap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestRequestForm(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	o.answers["query"] = func(w http.ResponseWriter, q *orgRequest) {
		if got, want := q.gzipped, len(q.body) > gzipFrom; got != want {
			t.Errorf("a request of %d bytes: compressed = %v", len(q.body), got)
		}
		if q.Header.Get("Content-Type") != "text/xml; charset=utf-8" || q.Header.Get("User-Agent") != "test/1" || q.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("header %v", q.Header)
		}
		if strings.Count(q.body, "<SessionHeader") != 1 || strings.Index(q.body, "<SessionHeader") > strings.Index(q.body, ":Body>") {
			t.Errorf("request %s", q.body)
		}
		reply(w, q, queryReply("query", "", 0, ""))
	}
	c := o.client(func(options *Options) { options.UserAgent = "test/1" })
	for _, soql := range []string{"SELECT Id FROM Contact", "SELECT Id FROM Contact WHERE Name IN (" + strings.Repeat("'x',", 500) + "'y')"} {
		if _, err := c.Query(t.Context(), soql, QueryOptions{}).Page(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// Bad replies give one line that says what to do.
func TestBadReplies(t *testing.T) {
	t.Parallel()
	good := queryReply("query", "", 2, contacts(0, 2))
	type kinds []error
	plainly := func(contentType string, status int, body string) func(http.ResponseWriter, *orgRequest) {
		return func(w http.ResponseWriter, q *orgRequest) {
			if contentType != "" {
				w.Header().Set("Content-Type", contentType)
			} else {
				w.Header()["Content-Type"] = nil
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	const xmlType = "text/xml; charset=utf-8"
	cases := []struct {
		name   string
		answer func(http.ResponseWriter, *orgRequest)
		want   string
		kinds  kinds
	}{
		{
			"HTML 503", plainly("text/html", 503, "<!DOCTYPE html><html><head><TITLE>Down for\n maintenance &amp; more</TITLE>"), "HTTP 503 with a web page titled “Down for maintenance & more”",
			kinds{ErrReply, ErrTemporary},
		},
		{"HTML 200", plainly("text/html; charset=iso-8859-1", 200, "<html><title>Login</title></html>"), "login page", kinds{ErrReply}},
		{"HTML that says it is XML", plainly(xmlType, 200, " <!doctype HTML><p>x"), "a web page", kinds{ErrReply}},
		{"HTML 404", plainly("text/html", 404, "<html>"), "no SOAP API at this address", kinds{ErrReply}},
		{"HTML 403", plainly("text/html", 403, "<html>"), "refused the call", kinds{ErrReply}},
		{"HTML 407", plainly("text/html", 407, "<html>"), "HTTPS_PROXY", kinds{ErrReply}},
		{"JSON", plainly("application/json", 200, `{"a":1}`), "application/json", kinds{ErrReply}},
		{"plain text 502", plainly("text/plain", 502, "Bad Gateway"), "HTTP 502", kinds{ErrReply, ErrTemporary}},
		{"too many requests", plainly("text/plain", 429, "slow"), "HTTP 429", kinds{ErrReply, ErrTemporary}},
		{"empty", plainly(xmlType, 200, ""), "an empty reply", kinds{ErrReply}},
		{"empty 500", plainly("", 500, ""), "an empty reply", kinds{ErrReply, ErrTemporary}},
		{"no XML", plainly(xmlType, 200, "hello"), "not XML", kinds{ErrReply}},
		{"other charset", plainly("text/xml; charset=ISO-8859-1", 200, good), "ISO-8859-1", kinds{ErrReply}},
		{"not SOAP", plainly(xmlType, 200, "<x/>"), "not a SOAP envelope", kinds{ErrReply}},
		{"empty fault", plainly(xmlType, 500, replyHead+"<soapenv:Body><soapenv:Fault/></soapenv:Body></soapenv:Envelope>"), "says nothing", kinds{ErrReply, ErrTemporary}},
		{"data with status 500", plainly(xmlType, 500, good), "without a fault", kinds{ErrReply, ErrTemporary}},
		{"truncated in text", plainly(xmlType, 200, good[:len(good)/2]), "ends in the middle", kinds{ErrReply, ErrTemporary}},
		{"truncated in a tag", plainly(xmlType, 200, strings.SplitAfter(good, "<sf:Na")[0]), "ends in the middle", kinds{ErrReply, ErrTemporary}},
		{"truncated before a tag", plainly(xmlType, 200, strings.SplitAfter(good, "<sf:Name>N0<")[0]), "ends in the middle", kinds{ErrReply, ErrTemporary}},
		{"broken XML", plainly(xmlType, 200, strings.Replace(good, "</sf:Name>", "</sf:Nome>", 1)), "not well-formed", kinds{ErrReply}},
		{"truncated gzip", func(w http.ResponseWriter, q *orgRequest) {
			w.Header().Set("Content-Type", xmlType)
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(gzipped(good)[:200])
		}, "ends in the middle", kinds{ErrReply, ErrTemporary}},
		{"empty gzip", func(w http.ResponseWriter, q *orgRequest) {
			w.Header().Set("Content-Type", xmlType)
			w.Header().Set("Content-Encoding", "gzip")
		}, "ends in the middle", kinds{ErrReply, ErrTemporary}},
		{"damaged gzip", func(w http.ResponseWriter, q *orgRequest) {
			w.Header().Set("Content-Type", xmlType)
			w.Header().Set("Content-Encoding", "gzip")
			z := gzipped(good)
			z[len(z)-6] ^= 0xFF
			_, _ = w.Write(z)
		}, "damaged", kinds{ErrReply, ErrTemporary}},
		{"not gzip at all", func(w http.ResponseWriter, q *orgRequest) {
			w.Header().Set("Content-Type", xmlType)
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, good)
		}, "damaged", kinds{ErrReply, ErrTemporary}},
		{"unknown compression", func(w http.ResponseWriter, q *orgRequest) {
			w.Header().Set("Content-Encoding", "br")
			_, _ = io.WriteString(w, good)
		}, "compressed in another way", kinds{ErrReply}},
		{"content length not kept", func(w http.ResponseWriter, q *orgRequest) {
			w.Header().Set("Content-Type", xmlType)
			w.Header().Set("Content-Length", fmt.Sprint(len(good)))
			_, _ = io.WriteString(w, good[:100])
		}, "ends in the middle", kinds{ErrReply, ErrTemporary}},
		{"oversized", func(w http.ResponseWriter, q *orgRequest) {
			reply(w, q, queryReply("query", "", 1, "<records><a>"+strings.Repeat("x", 200<<10)+"</a></records>"))
		}, "larger than 100000 bytes", kinds{ErrReply}},
		{"redirect", func(w http.ResponseWriter, q *orgRequest) {
			w.Header().Set("Location", "https://evil.example.org/x?y")
			w.WriteHeader(307)
		}, "a redirect to https://evil.example.org, which is not followed", kinds{ErrReply}},
		{"connection closed", func(w http.ResponseWriter, q *orgRequest) { panic(http.ErrAbortHandler) }, "no connection with", kinds{ErrTemporary}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t)
			o.answers["query"] = c.answer
			client := o.client(func(options *Options) { options.MaxReply = 100_000 })
			page, err := client.Query(t.Context(), "SELECT Id FROM Contact", QueryOptions{}).Page(t.Context())
			if err == nil || len(page.Records) > 0 {
				t.Fatalf("got %d records, %v", len(page.Records), err)
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || !strings.HasPrefix(err.Error(), "soap: query: ") {
				t.Errorf("got %q, want %q in it", err, c.want)
			}
			if Hint(err) == "" {
				t.Errorf("%q says not what to do", err)
			}
			for _, kind := range []error{ErrReply, ErrTemporary, ErrCredentials, ErrSession, ErrLocator, ErrLimit, ErrTLS} {
				want := false
				for _, k := range c.kinds {
					want = want || k == kind
				}
				if got := errors.Is(err, kind); got != want {
					t.Errorf("is %v = %v", kind, got)
				}
			}
		})
	}
}

func TestNoConnection(t *testing.T) {
	t.Parallel()
	c, err := New(Options{URL: "http://" + freePort(t), AllowedHosts: []string{"127.0.0.1"}, Auth: SOAPLogin{Username: testUser, Password: NewSecret(testPassword)}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Login(t.Context())
	if !errors.Is(err, ErrTemporary) || !errors.Is(err, syscall.ECONNREFUSED) || Hint(err) == "" {
		t.Errorf("got %v", err)
	}
}

func TestUntrustedCertificate(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = quietLog()
	server.StartTLS()
	defer server.Close()
	c, err := New(Options{URL: server.URL, AllowedHosts: []string{"127.0.0.1"}, Auth: SOAPLogin{Username: testUser, Password: NewSecret(testPassword)}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = c.Login(t.Context()); !errors.Is(err, ErrTLS) || errors.Is(err, ErrTemporary) || Hint(err) == "" {
		t.Errorf("got %v", err)
	}
}

func TestInjectedTransportOverTLS(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	server := httptest.NewTLSServer(http.HandlerFunc(o.serve))
	defer server.Close()
	o.answers["login"] = func(w http.ResponseWriter, q *orgRequest) {
		o.endSession()
		reply(w, q, loginReply(server.URL+"/services/Soap/u/64.0", "00D000000000001!AQ.secret1", "false"))
	}
	c := o.client(func(options *Options) { options.URL, options.Transport = server.URL, server.Client().Transport })
	if _, err := c.ServerTimestamp(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestNoTLSAtThePort(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	c := o.client(func(options *Options) { options.URL = strings.Replace(o.server.URL, "http:", "https:", 1) })
	if _, err := c.Login(t.Context()); err == nil || Hint(err) == "" || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
}

// stuck answers with some bytes of the reply and then waits for the client to go.
func stuck(body string) func(http.ResponseWriter, *orgRequest) {
	return func(w http.ResponseWriter, q *orgRequest) {
		if body != "" {
			w.Header().Set("Content-Type", "text/xml")
			_, _ = io.WriteString(w, body)
			_ = http.NewResponseController(w).Flush()
		}
		<-q.Context().Done()
	}
}

func TestTimeouts(t *testing.T) {
	t.Parallel()
	const short = 50 * time.Millisecond
	half := queryReply("query", "", 2, contacts(0, 2))[:400]
	cases := []struct {
		name   string
		body   string
		change func(*Options)
		want   string
	}{
		{"no header", "", func(o *Options) { o.HeaderTimeout = short }, "no answer from 127.0.0.1"},
		{"stalled body", half, func(o *Options) { o.IdleTimeout = short }, "after 400 bytes and nothing came for 50ms"},
		{"whole call", half, func(o *Options) { o.CallTimeout = short }, "not finished within 50ms"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t)
			o.answers["query"] = stuck(c.body)
			client := o.client(nil)
			if _, err := client.Login(t.Context()); err != nil {
				t.Fatal(err)
			}
			c.change(&client.options)
			_, err := client.Query(t.Context(), "SELECT Id FROM Contact", QueryOptions{}).Page(t.Context())
			if !errors.Is(err, ErrTemporary) || errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestContext(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	reached := make(chan struct{})
	o.answers["query"] = func(w http.ResponseWriter, q *orgRequest) {
		w.Header().Set("Content-Type", "text/xml")
		_, _ = io.WriteString(w, queryReply("query", "", 2, contacts(0, 2))[:400])
		_ = http.NewResponseController(w).Flush()
		close(reached)
		<-q.Context().Done()
	}
	c := o.client(nil)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-reached
		cancel()
	}()
	if _, err := c.Query(ctx, "SELECT Id FROM Contact", QueryOptions{}).Page(ctx); !errors.Is(err, context.Canceled) || errors.Is(err, ErrTemporary) {
		t.Errorf("cancelled in the middle of the body: got %v", err)
	}
	calls := c.Usage().Calls
	if _, err := c.UserInfo(ctx); !errors.Is(err, context.Canceled) || c.Usage().Calls != calls {
		t.Errorf("cancelled before: got %v, %d calls", err, c.Usage().Calls-calls)
	}
	o.answers["query"] = stuck("")
	ctx, cancel = context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := c.Query(ctx, "SELECT Id FROM Contact", QueryOptions{}).Page(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the caller's deadline: got %v", err)
	}
}

// Not parallel: it counts goroutines.
func TestNoGoroutineIsLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	func() {
		o := &org{t: t, answers: map[string]func(http.ResponseWriter, *orgRequest){}, calls: map[string]int{}}
		o.server = httptest.NewServer(http.HandlerFunc(o.serve))
		defer o.server.Close()
		o.answers["query"] = func(w http.ResponseWriter, q *orgRequest) { reply(w, q, queryReply("query", "", 2, contacts(0, 2))) }
		o.answers["queryAll"] = stuck(queryReply("query", "", 2, contacts(0, 2))[:400])
		c := o.client(func(options *Options) { options.IdleTimeout = 20 * time.Millisecond })
		defer c.Close()
		for range 3 {
			if _, err := c.Query(t.Context(), "SELECT Id FROM Contact", QueryOptions{}).Page(t.Context()); err != nil {
				t.Error(err)
			}
			if _, err := c.Query(t.Context(), "SELECT Id FROM Contact", QueryOptions{All: true}).Page(t.Context()); err == nil {
				t.Error("a stalled reply is accepted")
			}
			o.endSession()
		}
	}()
	// Connections end in goroutines of net/http: give them turns, not time.
	for range 10_000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		runtime.Gosched()
	}
	deadline := time.NewTimer(5 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if runtime.NumGoroutine() <= before {
				return
			}
		case <-deadline.C:
			stacks := make([]byte, 64<<10)
			t.Fatalf("%d goroutines, %d before\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}
