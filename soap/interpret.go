package soap

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"html"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
)

// interpret turns a whole reply into what gosoap gets to see, or into an error.
func (x *exchange) interpret(resp *http.Response, data []byte) ([]byte, error) {
	contentType := resp.Header.Get("Content-Type")
	kind, params, _ := mime.ParseMediaType(contentType)
	charset := params["charset"]
	body := bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case looksLikeHTML(body) || kind == "text/html":
		return nil, x.notSOAP(resp, "a web page"+x.title(body))
	case len(body) == 0:
		return nil, x.notSOAP(resp, "an empty reply")
	case kind != "" && kind != "text/xml" && kind != "application/xml" && kind != "application/soap+xml":
		return nil, x.notSOAP(resp, "the content type "+x.quote(contentType, 60)+" instead of XML")
	case charset != "" && !strings.EqualFold(charset, "utf-8") && !strings.EqualFold(charset, "us-ascii"):
		return nil, x.notSOAP(resp, "text in "+x.quote(charset, 20)+" instead of UTF-8")
	case body[0] != '<':
		return nil, x.notSOAP(resp, "something that is not XML")
	}
	rest, err := x.call.scan.run(data)
	switch {
	case errors.Is(err, errTruncated), err != nil && !errors.Is(err, errNotSOAP) && !endsAsEnvelope(data):
		return nil, x.cutOff(int64(len(data)))
	case errors.Is(err, errNotSOAP) || err != nil && resp.StatusCode >= 500:
		return nil, x.notSOAP(resp, "XML that "+err.Error())
	case err != nil:
		return nil, x.problem("the reply "+err.Error(), "try again; if it stays so, report it with the call and the object", ErrReply)
	case x.call.scan.answer == "Fault":
		return nil, x.fault(resp, rest)
	case resp.StatusCode != http.StatusOK:
		return nil, x.notSOAP(resp, "a reply without a fault")
	case x.call.scan.answer != x.call.operation+"Response":
		return nil, x.problem("the reply is "+x.quote(x.call.scan.answer, 40)+", not "+x.call.operation+"Response",
			"check the URL and the API version", ErrReply)
	}
	return rest, nil
}

// endsAsEnvelope tells a reply that was cut inside a tag from one that is broken.
func endsAsEnvelope(data []byte) bool {
	return bytes.HasSuffix(bytes.TrimRight(data, " \t\r\n"), []byte("Envelope>"))
}

func (x *exchange) fault(resp *http.Response, envelope []byte) error {
	f, err := parseFault(envelope, x.clean)
	if err != nil {
		return x.notSOAP(resp, "XML that "+err.Error())
	}
	f.Operation, f.Status = x.call.operation, resp.StatusCode
	return f
}

// problem makes an error of this call.
func (x *exchange) problem(problem, advice string, kinds ...error) *CallError {
	return &CallError{
		Operation: x.call.operation, Problem: x.quote(problem, maxMessageRunes), Advice: advice, kinds: kinds,
	}
}

// clean takes out secrets that this call or an earlier one of the client sent.
func (x *exchange) clean(text string) string {
	return redact(redact(text, x.call.secrets), x.client.secrets.all())
}

// quote makes one line of text that came from outside. It is cut last, so that no
// half of a secret stays.
func (x *exchange) quote(text string, limit int) string { return oneLine(x.clean(text), limit) }

// notSOAP is a reply from something that is not, or not now, the SOAP API.
func (x *exchange) notSOAP(resp *http.Response, what string) error {
	host := x.host()
	problem := fmt.Sprintf("%s answered HTTP %d with %s", host, resp.StatusCode, what)
	advice, kinds := "see whether a proxy or a login page stands between, and check the URL", []error{ErrReply}
	switch code := resp.StatusCode; {
	case code >= 500 || code == http.StatusTooManyRequests || code == http.StatusRequestTimeout:
		kinds = append(kinds, ErrTemporary)
		advice = "the org or something before it is out of service: try again later, and see status.salesforce.com if it lasts"
	case code == http.StatusProxyAuthRequired:
		advice = "the proxy wants a login: set it in HTTPS_PROXY"
	case code == http.StatusNotFound || code == http.StatusGone:
		advice = "there is no SOAP API at this address: check the URL and the API version"
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		advice = "something before the SOAP API refused the call: check the URL, the proxy and the network's rules"
	}
	return x.problem(problem, advice, kinds...)
}

func (x *exchange) redirected(resp *http.Response) error {
	to := "nowhere"
	if u, err := resp.Location(); err == nil {
		to = u.Scheme + "://" + u.Host
	}
	return x.problem(fmt.Sprintf("%s answered HTTP %d, a redirect to %s, which is not followed", x.host(), resp.StatusCode, x.quote(to, 120)),
		"if that address is right, set it as the URL", ErrReply)
}

func (x *exchange) cutOff(bytes int64) error {
	return x.problem(fmt.Sprintf("the reply ends in the middle, after %d bytes", bytes),
		"the connection was cut: try again", ErrReply, ErrTemporary)
}

func (x *exchange) host() string {
	u, err := url.Parse(x.call.endpoint)
	if err != nil {
		return "the server"
	}
	return u.Host
}

// fail sorts an error of the connection. ctx is the call's, read counts the bytes
// of the reply that came.
func (x *exchange) fail(ctx context.Context, read int64, err error) error {
	o := x.client.options
	var corrupt flate.CorruptInputError
	switch cause := context.Cause(ctx); {
	case x.ctx.Err() != nil:
		e := x.problem(x.ctx.Err().Error(), "")
		e.cause = x.ctx.Err()
		return e
	case errors.Is(cause, errNoHeader):
		return x.problem(fmt.Sprintf("no answer from %s within %s", x.host(), o.HeaderTimeout), "try again later", ErrTemporary)
	case errors.Is(cause, errStalled):
		return x.problem(fmt.Sprintf("the reply of %s stopped after %d bytes and nothing came for %s", x.host(), read, o.IdleTimeout),
			"try again; check the network if it lasts", ErrTemporary)
	case errors.Is(cause, errCallTime):
		return x.problem(fmt.Sprintf("not finished within %s", o.CallTimeout), "try again, with a smaller batch size if it stays so", ErrTemporary)
	case errors.Is(err, errTooLarge):
		return x.problem(fmt.Sprintf("the reply is larger than %d bytes", o.MaxReply), "ask for smaller pages or fewer fields", ErrReply)
	case errors.Is(err, errCompression):
		return x.problem(err.Error(), "see whether a proxy stands between", ErrReply)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return x.cutOff(read)
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, &corrupt):
		return x.problem(fmt.Sprintf("the gzip data of the reply is damaged after %d bytes", read), "try again", ErrReply, ErrTemporary)
	}
	return x.connection(err)
}

// connection sorts an error of dialling, TLS or the socket.
func (x *exchange) connection(err error) error {
	var (
		dns      *net.DNSError
		verify   *tls.CertificateVerificationError
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		invalid  x509.CertificateInvalidError
		alert    tls.AlertError
		record   tls.RecordHeaderError
		errno    syscall.Errno
	)
	host := x.host()
	switch {
	case errors.As(err, &unknown):
		return x.problem("TLS: the certificate of "+host+" is signed by an authority that this machine does not know",
			"if a proxy inspects TLS, put its certificate authority into a PEM file and name that under salesforce.ca_file", ErrTLS)
	case errors.As(err, &hostname):
		return x.problem("TLS: the certificate is not for "+host, "check the URL and what stands between", ErrTLS)
	case errors.As(err, &invalid):
		return x.problem("TLS: the certificate of "+host+" is not valid: "+invalid.Error(), "check this machine's clock, then the server", ErrTLS)
	case errors.As(err, &verify), errors.As(err, &alert), errors.As(err, &record):
		return x.problem("TLS with "+host+": "+innermost(err), "check the URL: is there TLS at this port?", ErrTLS)
	case errors.As(err, &dns):
		return x.problem("the name "+dns.Name+" cannot be resolved", "check the URL, the network and its DNS", ErrTemporary)
	}
	e := x.problem("no connection with "+host+": "+innermost(err), "check the network, the proxy and the URL", ErrTemporary)
	if errors.As(err, &errno) {
		e.cause = errno
	}
	return e
}

// innermost is the text of the first cause: the layers around it repeat addresses.
func innermost(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}

func looksLikeHTML(body []byte) bool {
	head := strings.ToLower(string(body[:min(len(body), 64)]))
	return strings.HasPrefix(head, "<!doctype html") || strings.HasPrefix(head, "<html")
}

// title quotes the title of a web page: it often says what is the matter.
func (x *exchange) title(body []byte) string {
	page := string(body[:min(len(body), 16<<10)])
	// Lower case may change the length of other letters, so only ASCII is lowered.
	lower := strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, page)
	if len(lower) != len(page) {
		return ""
	}
	start := strings.Index(lower, "<title>")
	if start < 0 {
		return ""
	}
	start += len("<title>")
	end := strings.Index(lower[start:], "</title>")
	if end < 0 {
		return ""
	}
	text := x.quote(html.UnescapeString(page[start:start+end]), 80)
	if text == "" {
		return ""
	}
	return " titled “" + text + "”"
}

// number reads an integer, or gives 0.
func number(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil {
		return 0
	}
	return n
}
