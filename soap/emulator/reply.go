package emulator

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"sync"
)

// flushAt is how much of a page is written out before it goes to the client: a page is never held.
const flushAt = 64 << 10

// A reply is a body under way.
type reply struct {
	w    http.ResponseWriter
	out  io.Writer
	gz   *gzip.Writer
	pool *sync.Pool
	cut  *cutWriter
}

// newReply sends the header. cut is the number of bytes on the wire after which the connection breaks, -1 never.
func newReply(w http.ResponseWriter, req *http.Request, status, cut int, pool *sync.Pool) *reply {
	h := w.Header()
	h.Set("Content-Type", "text/xml; charset=utf-8")
	h.Set("Cache-Control", "no-cache,must-revalidate,max-age=0,no-store,private")
	h.Set("Vary", "Accept-Encoding")
	r := &reply{w: w, out: w, pool: pool}
	if cut >= 0 {
		r.cut = &cutWriter{w: w, left: cut}
		r.out = r.cut
	}
	if acceptsGzip(req) {
		h.Set("Content-Encoding", "gzip")
		r.gz = pool.Get().(*gzip.Writer)
		r.gz.Reset(r.out)
		r.out = r.gz
	}
	w.WriteHeader(status)
	return r
}

func acceptsGzip(req *http.Request) bool {
	for part := range strings.SplitSeq(strings.Join(req.Header.Values("Accept-Encoding"), ","), ",") {
		coding, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(coding, "gzip") {
			return strings.ReplaceAll(weight, " ", "") != "q=0"
		}
	}
	return false
}

func (r *reply) write(b []byte) error {
	_, err := r.out.Write(b)
	return err
}

// close ends the body. A reply that was to be cut and was shorter breaks here.
func (r *reply) close() {
	if r.gz != nil {
		r.gz.Close() // the client is gone, or it has everything
		r.pool.Put(r.gz)
	}
	if r.cut != nil {
		r.cut.abort()
	}
}

// A cutWriter breaks the connection after some bytes.
type cutWriter struct {
	w    http.ResponseWriter
	left int
}

func (c *cutWriter) Write(b []byte) (int, error) {
	if len(b) < c.left {
		c.left -= len(b)
		return c.w.Write(b)
	}
	c.w.Write(b[:c.left]) // the connection breaks anyway
	c.abort()
	return c.left, nil
}

// abort sends what there is and breaks the connection.
func (c *cutWriter) abort() {
	http.NewResponseController(c.w).Flush() // the connection breaks anyway
	panic(http.ErrAbortHandler)
}
