package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"

	"github.com/sirupsen/logrus"

	"ringdex/ldapserver"
	"ringdex/ldapserver/directory"
)

// lineLog is a log of one kind of events, apart from the log: off, among the log's lines, or in a file of its own. It is
// safe for concurrent use.
type lineLog struct {
	name    string // in the field log= of its lines
	current atomic.Pointer[lineTarget]
}

type lineTarget struct {
	log  logrus.FieldLogger
	file io.Closer // nil: the log's own output
}

// open goes over to a target: "" is off, stderr the main log's output, anything else a file, which is appended to and made
// with mode 0600. A file that was moved away is begun anew.
func (l *lineLog) open(path string, c LogConfig, main logrus.FieldLogger, secrets *secretSet) error {
	var next *lineTarget
	switch path {
	case "", "off":
	case "stderr":
		next = &lineTarget{log: main.WithField("log", l.name)}
	default:
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
		if err != nil {
			return fmt.Errorf("log.%s: %w", l.name, err)
		}
		if err := giveToFolder(path); err != nil { // a command of root's may be the first that writes to it
			f.Close()
			return fmt.Errorf("log.%s: %w", l.name, err)
		}
		c.Level = "info"
		log, err := newLogger(f, c, secrets)
		if err != nil {
			f.Close()
			return err
		}
		next = &lineTarget{log: log, file: f}
	}
	if old := l.current.Swap(next); old != nil && old.file != nil {
		// A line that is being written to the old file at this moment is lost.
		return old.file.Close()
	}
	return nil
}

func (l *lineLog) close() {
	if old := l.current.Swap(nil); old != nil && old.file != nil {
		old.file.Close()
	}
}

func (l *lineLog) on() bool { return l != nil && l.current.Load() != nil }

// write writes a line, if the log is on.
func (l *lineLog) write(event string, fields logrus.Fields) {
	if l == nil {
		return
	}
	if t := l.current.Load(); t != nil {
		t.log.WithFields(fields).Info(event)
	}
}

// query writes a search: its shape, never what was searched for.
func (l *lineLog) query(r ldapserver.QueryRecord) {
	l.write("search", logrus.Fields{
		"user": r.User, "remote": r.Conn.Remote.Addr().String(), "listener": r.Conn.Listener, "tls": r.Conn.TLS, "base": r.Base,
		"scope": int(r.Scope), "filter": r.Filter, "attributes": r.Attributes, "size_limit": r.SizeLimit, "controls": r.Controls,
		"result": r.Code.String(), "entries": r.Entries, "us": r.Took.Microseconds(),
	})
}

// bind writes who has bound, from where, and what came of it; more is how many equal ones were not written since the last line.
func (l *lineLog) bind(r directory.BindRecord, more int) {
	user := r.User
	switch {
	case user != "":
	case r.Named:
		user = "(unknown)"
	default:
		user = "(none)"
	}
	f := logrus.Fields{
		"method": r.Method, "user": user, "remote": r.Conn.Remote.Addr().String(), "listener": r.Conn.Listener, "tls": r.Conn.TLS, "result": r.Code.String(),
	}
	if more > 0 {
		f["more"] = more
	}
	l.write("bind", f)
}

// decision writes who has let a held change through, or dropped it.
func (l *lineLog) decision(who string, d decision, err error) {
	event, result := "reject", "done"
	if d.Approve {
		event = "approve"
	}
	if err != nil {
		result = oneLine(strings.TrimSpace(err.Error()))
	}
	l.write(event, logrus.Fields{"object": d.Object, "who": who, "result": result})
}

// reloaded writes that the configuration was read anew.
func (l *lineLog) reloaded(who string, taken []string, err error) {
	f := logrus.Fields{"who": who, "result": "done", "changed": strings.Join(taken, ", ")}
	if err != nil {
		f["result"] = "refused: " + oneLine(err.Error())
	}
	l.write("reload", f)
}

// logPath is a log's target with its path made absolute.
func (c *Config) logPath(target string) string {
	if target == "" || target == "off" || target == "stderr" {
		return target
	}
	return c.rel(target)
}

// openLogs opens the logs beside the log, or begins them anew.
func (d *daemon) openLogs(cfg *Config) error {
	return errors.Join(d.openAudit(cfg), d.queries.open(cfg.logPath(cfg.Log.Queries), cfg.Log, d.log, d.secrets))
}
