package ldapserver

import (
	"io"
	"net"
	"time"
)

// NewResultWriter returns a writer that sends the entries of one search to w, without a connection: for tests and
// benchmarks of a Backend. The search has all the time it wants. Nothing reaches w before Flush.
func NewResultWriter(w io.Writer, messageID int32) *ResultWriter {
	c := &conn{server: &Server{turns: turns{closed: true}}, options: &Options{WriteTimeout: time.Minute}, nc: writeOnly{w: w}}
	// There is no socket to watch: the watcher counts as started, and never has anything to tell.
	c.watch.running = true
	c.writer = ResultWriter{conn: c, id: messageID, limit: 1<<63 - 1}
	return &c.writer
}

// writeOnly is a connection that can be written to and nothing else.
type writeOnly struct {
	net.Conn
	w io.Writer
}

func (c writeOnly) Write(b []byte) (int, error)      { return c.w.Write(b) }
func (c writeOnly) SetWriteDeadline(time.Time) error { return nil }
