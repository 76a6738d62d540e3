package emulator

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Versions of the API that the emulator speaks.
const (
	oldestVersion = 31
	newestVersion = 68
)

// A call is one request under way.
type call struct {
	name    string
	version int
	header  *element
	op      *element
	effect  effect
	session *session
	batch   int
}

func (c *call) versionText() string { return strconv.Itoa(c.version) + ".0" }

// knownCall tells whether the emulator answers an operation.
func knownCall(name string) bool {
	switch name {
	case "login", "logout", "getUserInfo", "getServerTimestamp", "describeGlobal", "describeSObject", "describeSObjects",
		"query", "queryAll", "queryMore", "retrieve", "getUpdated", "getDeleted":
		return true
	}
	return false
}

// realCall tells whether the real API has an operation that the emulator leaves out.
func realCall(name string) bool {
	switch name {
	case "create", "update", "upsert", "delete", "undelete", "merge", "search", "convertLead", "describeLayout",
		"describeTabs", "describeSoftphoneLayout", "emptyRecycleBin", "invalidateSessions", "process", "sendEmail",
		"setPassword", "resetPassword", "findDuplicates", "findDuplicatesByIds", "describeSearchScopeOrder":
		return true
	}
	return false
}

// serveSOAP answers POST /services/Soap/u/NN.0[/orgid].
func (s *Server) serveSOAP(w http.ResponseWriter, req *http.Request) {
	if req.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		http.Error(w, "HTTP method "+req.Method+" is not allowed. Use POST.", http.StatusMethodNotAllowed)
		return
	}
	c, f := readCall(req)
	if f != nil {
		s.fail(w, req, f, -1)
		return
	}
	o := s.org
	o.mu.Lock()
	o.usage.count(c.name)
	c.effect = o.script.match(c.name)
	o.apply(c)
	o.mu.Unlock()
	s.log.WithField("call", c.name).Debug("call")

	if c.effect.delay > 0 && !s.wait(req.Context(), c.effect.delay) {
		panic(http.ErrAbortHandler)
	}
	if c.effect.status != 0 {
		htmlPage(w, c.effect.status)
		return
	}
	if c.effect.fault != nil {
		s.fail(w, req, c.effect.fault, c.effect.cut)
		return
	}
	if f := s.answer(w, req, c); f != nil {
		s.fail(w, req, f, c.effect.cut)
	}
}

// wait sleeps for a scripted delay; false when the client or the server is gone before.
func (s *Server) wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
	case <-s.done:
	}
	return false
}

// readCall takes a request apart.
func readCall(req *http.Request) (*call, *fault) {
	version, f := pathVersion(req.URL.Path)
	if f != nil {
		return nil, f
	}
	if _, ok := req.Header["Soapaction"]; !ok {
		return nil, clientFault("SOAPAction HTTP header missing")
	}
	body := io.Reader(req.Body)
	switch coding := strings.ToLower(req.Header.Get("Content-Encoding")); coding {
	case "", "identity":
	case "gzip", "x-gzip":
		gz, err := gzip.NewReader(body)
		if err != nil {
			return nil, clientFault("the body is not gzip: " + err.Error())
		}
		defer gz.Close() // nothing to lose
		body = gz
	default:
		return nil, clientFault("Content-Encoding " + coding + " is not supported")
	}
	limited := &io.LimitedReader{R: body, N: maxRequest}
	env, err := parseEnvelope(limited)
	switch {
	case limited.N <= 0:
		return nil, clientFault("the request is larger than 16 MB")
	case err != nil:
		return nil, clientFault(err.Error())
	}
	if env.operation.space != nsPartner || !knownCall(env.operation.name) && !realCall(env.operation.name) {
		return nil, clientFault(fmt.Sprintf("No operation available for request {%s}%s, please check the WSDL for the service.", env.operation.space, env.operation.name))
	}
	return &call{name: env.operation.name, version: version, header: env.header, op: env.operation}, nil
}

// pathVersion reads the API version out of /services/Soap/u/NN.0[/orgid].
func pathVersion(path string) (int, *fault) {
	word, _, _ := strings.Cut(strings.TrimPrefix(path, "/services/Soap/u/"), "/")
	whole, fraction, dotted := strings.Cut(word, ".")
	n, err := strconv.Atoi(whole)
	if err != nil || dotted && fraction != "0" || n < oldestVersion || n > newestVersion {
		return 0, newFault("UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL")
	}
	return n, nil
}

// apply makes the changes that the script wants in the org. The lock must be held for writing.
func (o *Org) apply(c *call) {
	e := c.effect
	if e.kill {
		clear(o.sessions.live)
	}
	if e.orgID != "" {
		o.orgID = e.orgID
	}
	if e.serverURL != "" {
		o.serverURLs = e.serverURL
	}
	if objectName, fieldName, ok := strings.Cut(e.hide, "."); ok {
		err := o.changeFieldLocked(objectName, fieldName, func(_ *object, f *field) error {
			f.hidden = true
			return nil
		})
		if err != nil {
			o.options.Log.WithError(err).Warn("fault script")
		}
	}
}

// admit checks the session and the day's allowance. The lock must be held for writing.
func (o *Org) admit(c *call) *fault {
	var f *fault
	if c.session, f = o.session(strings.TrimSpace(c.header.child("SessionHeader").value("sessionId"))); f != nil {
		return f
	}
	if !o.usage.spend(o.now(), o.settings.DailyLimit) {
		return newFault("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
	}
	c.batch = defaultBatch
	if text := strings.TrimSpace(c.header.child("QueryOptions").value("batchSize")); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < minBatch || n > maxBatch {
			return newFault("INVALID_BATCH_SIZE", "Batch size must be between 200 and 2000")
		}
		c.batch = n
	}
	return nil
}

// answer runs a call. A fault is returned before anything was sent.
func (s *Server) answer(w http.ResponseWriter, req *http.Request, c *call) *fault {
	o := s.org
	body := &xmlWriter{}
	switch c.name {
	case "query", "queryAll", "queryMore":
		return s.answerQuery(w, req, c)
	}
	f := func() *fault {
		o.mu.Lock()
		defer o.mu.Unlock()
		if c.name == "login" {
			session, f := o.login(c)
			if f != nil {
				return f
			}
			body.raw(envelopeHead(false))
			o.writeLogin(body, c, session)
			return nil
		}
		if f := o.admit(c); f != nil {
			return f
		}
		body.raw(envelopeHead(c.name == "retrieve"))
		o.writeLimits(body)
		switch c.name {
		case "logout":
			delete(o.sessions.live, c.session.id)
			body.raw("<logoutResponse/>")
		case "getUserInfo":
			body.raw("<getUserInfoResponse><result>")
			o.writeUserInfo(body, c.version)
			body.raw("</result></getUserInfoResponse>")
		case "getServerTimestamp":
			body.raw("<getServerTimestampResponse><result>")
			body.text("timestamp", o.now().UTC().Format(dateTimeForm))
			body.raw("</result></getServerTimestampResponse>")
		case "describeGlobal":
			o.writeDescribeGlobal(body, c.version)
		case "describeSObject", "describeSObjects":
			return o.writeDescribe(body, c.name, c.op.list("sObjectType"), c.version)
		case "retrieve":
			return o.writeRetrieve(body, c)
		case "getUpdated":
			return o.writeUpdated(body, c)
		case "getDeleted":
			return o.writeDeleted(body, c)
		default:
			return newFault("UNKNOWN_EXCEPTION", "Operation not available or permitted")
		}
		return nil
	}()
	if f != nil {
		return f
	}
	body.raw(envelopeTail)
	r := newReply(w, req, http.StatusOK, c.effect.cut, &s.gzips)
	s.gone(r.write(body.buf))
	r.close()
	return nil
}

const envelopeTail = "</soapenv:Body></soapenv:Envelope>"

// envelopeHead begins a reply. records says that sObjects follow.
func envelopeHead(records bool) string {
	head := `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="` + nsEnvelope + `" xmlns="` + nsPartner + `" xmlns:xsi="` + nsXSI + `"`
	if records {
		head += ` xmlns:sf="` + nsSObject + `"`
	}
	return head + "><soapenv:Body>"
}

// writeLimits puts a LimitInfoHeader before the body that was begun.
func (o *Org) writeLimits(w *xmlWriter) {
	w.buf = w.buf[:len(w.buf)-len("<soapenv:Body>")]
	w.raw("<soapenv:Header><LimitInfoHeader><limitInfo>")
	w.number("current", o.usage.current(o.now()))
	w.number("limit", o.settings.DailyLimit)
	w.text("type", "API REQUESTS")
	w.raw("</limitInfo></LimitInfoHeader></soapenv:Header><soapenv:Body>")
}

// fail sends a fault.
func (s *Server) fail(w http.ResponseWriter, req *http.Request, f *fault, cut int) {
	r := newReply(w, req, http.StatusInternalServerError, cut, &s.gzips)
	s.gone(r.write(f.body()))
	r.close()
}

// gone notes that a client left before its reply ended.
func (s *Server) gone(err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		s.log.WithError(err).Debug("reply not read")
	}
}

// htmlPage answers with what a proxy or a maintenance page says.
func htmlPage(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	if status >= 300 && status < 400 {
		w.Header().Set("Location", "https://status.example.org/maintenance")
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "60")
	}
	w.WriteHeader(status)
	fmt.Fprintf(w, "<!DOCTYPE html>\n<html><head><title>%d %s</title></head><body><h1>%[2]s</h1><p>We are down for maintenance<br>and will be back soon.</p></body></html>\n", status, http.StatusText(status))
}
