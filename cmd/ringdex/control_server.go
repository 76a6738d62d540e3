package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/sirupsen/logrus"

	"ringdex/replicator"
)

// maxSocketPath is what a unix socket's address holds on every system we build for (104 bytes on macOS, 108 on
// Linux), less the closing zero.
const maxSocketPath = 103

// socketPath is where the daemon of a store is reached: beside the store, or, where that path is too long for a
// socket, in a folder of the user under the system's temporary folder.
func socketPath(store string) string {
	p := store + ".sock"
	if len(p) <= maxSocketPath {
		return p
	}
	return filepath.Join(os.TempDir(), "ringdex-"+strconv.Itoa(os.Getuid()), shortHash(store)+".sock")
}

// wireError carries an error over the control socket.
type wireError struct {
	Text string `json:"error"`
	Try  string `json:"try,omitempty"`
	Code int    `json:"code"`
}

// replicateEvent is one line of the answer to a replicate request: progress lines, then a report or an error.
type replicateEvent struct {
	Progress *replicator.Progress `json:"progress,omitempty"`
	Report   *replicateReport     `json:"report,omitempty"`
	Error    *wireError           `json:"error,omitempty"`
}

// listenControl opens the socket, mode 0600. A socket that nobody answers is left from a crash and is replaced.
func listenControl(path string) (net.Listener, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	if c, err := net.DialTimeout("unix", path, time.Second); err == nil {
		c.Close()
		return nil, &hintError{fmt.Errorf("another ringdex serves this store already (%s answers)", path), "ringdex status"}
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	l, err := listenPrivate(path)
	if err != nil {
		return nil, fmt.Errorf("control socket %s: %w", path, err)
	}
	return l, nil
}

// controlHandler serves operations over HTTP on the control socket.
func controlHandler(ops operations, log logrus.FieldLogger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/status", func(w http.ResponseWriter, r *http.Request) {
		report, err := ops.Status(r.Context())
		reply(w, report, err)
	})
	mux.HandleFunc("POST /v1/lookup", func(w http.ResponseWriter, r *http.Request) {
		var q lookupRequest
		if !read(w, r, &q) {
			return
		}
		report, err := ops.Lookup(r.Context(), q)
		reply(w, report, err)
	})
	mux.HandleFunc("GET /v1/numbers", func(w http.ResponseWriter, r *http.Request) {
		report, err := ops.Numbers(r.Context())
		reply(w, report, err)
	})
	mux.HandleFunc("GET /v1/callers", func(w http.ResponseWriter, r *http.Request) {
		report, err := ops.Callers(r.Context())
		reply(w, report, err)
	})
	mux.HandleFunc("POST /v1/decide", func(w http.ResponseWriter, r *http.Request) {
		var d decision
		if !read(w, r, &d) {
			return
		}
		report, err := ops.Decide(r.Context(), d)
		reply(w, report, err)
	})
	mux.HandleFunc("POST /v1/cancel", func(w http.ResponseWriter, r *http.Request) {
		done, err := ops.Cancel(r.Context())
		reply(w, done, err)
	})
	mux.HandleFunc("POST /v1/verify", func(w http.ResponseWriter, r *http.Request) {
		report, err := ops.Verify(r.Context())
		reply(w, report, err)
	})
	mux.HandleFunc("POST /v1/reload", func(w http.ResponseWriter, r *http.Request) {
		report, err := ops.Reload(r.Context())
		reply(w, report, err)
	})
	mux.HandleFunc("GET /v1/backup", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "X-Ringdex-Error")
		if _, err := ops.Backup(r.Context(), w); err != nil {
			log.WithError(err).Warn("backup broke off")
			w.Header().Set("X-Ringdex-Error", oneLine(err.Error()))
		}
	})
	mux.HandleFunc("POST /v1/replicate", func(w http.ResponseWriter, r *http.Request) {
		var q replicateRequest
		if !read(w, r, &q) {
			return
		}
		serveReplicate(ops, w, r, q)
	})
	return mux
}

// serveReplicate streams the progress of a run, then its result. When the asker goes away, the run is cancelled.
func serveReplicate(ops operations, w http.ResponseWriter, r *http.Request, q replicateRequest) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	rc := http.NewResponseController(w)
	enc := json.NewEncoder(w)
	send := func(e replicateEvent) {
		if err := enc.Encode(e); err != nil {
			cancel()
			return
		}
		_ = rc.Flush()
	}
	report, err := ops.Replicate(ctx, q, func(p replicator.Progress) { send(replicateEvent{Progress: &p}) })
	if err != nil {
		send(replicateEvent{Error: toWire(err)})
		return
	}
	send(replicateEvent{Report: &report})
}

func read(w http.ResponseWriter, r *http.Request, into any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

func reply(w http.ResponseWriter, v any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		_ = json.NewEncoder(w).Encode(toWire(err))
		return
	}
	_ = json.NewEncoder(w).Encode(v)
}

func toWire(err error) *wireError {
	w := &wireError{Text: err.Error(), Try: hint(err), Code: exitFailed}
	var ce *codeError
	if errors.As(err, &ce) {
		w.Code = ce.code
	}
	return w
}

func shortHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}
