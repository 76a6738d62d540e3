package ldapserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"ringdex/ldapserver/protocol"
)

// memory is a backend whose searches are chosen by their base.
//
//	o=one      one entry
//	o=none     none
//	o=many     as many entries as the size limit says, flushed in pieces
//	o=endless  entries until the search is over
//	o=work     no entry until the search is over or work is closed
//	o=fail     an error that is ours
//	o=panic    a bug
//
// Everything else does not exist.
type memory struct {
	work     chan struct{} // closed: o=work ends
	started  chan struct{} // one for each o=work and o=endless, as long as there is room
	ended    chan error    // one for each of them that was ended: how
	sessions atomic.Int64  // open
	largest  atomic.Int64  // octets that were ever buffered
}

func newMemory() *memory {
	return &memory{work: make(chan struct{}), started: make(chan struct{}, 100), ended: make(chan error, 100)}
}

// tell never waits for somebody to listen.
func tell[T any](c chan<- T, v T) {
	select {
	case c <- v:
	default:
	}
}

func (b *memory) NewSession(_ context.Context, c ConnInfo) Session {
	b.sessions.Add(1)
	return &memorySession{backend: b, info: c}
}

type memorySession struct {
	backend *memory
	info    ConnInfo
	user    string
	closed  sync.Once
}

const (
	memoryUser     = "cn=phone,o=test"
	memoryPassword = "not-a-secret"
)

func (s *memorySession) Bind(_ context.Context, r *protocol.BindRequest) error {
	s.user = ""
	switch {
	case len(r.Name) == 0:
		return nil
	case len(r.Simple) == 0:
		return &protocol.Error{Code: protocol.UnwillingToPerform}
	case string(r.Name) != memoryUser || string(r.Simple) != memoryPassword:
		return &protocol.Error{Code: protocol.InvalidCredentials}
	}
	s.user = string(r.Name)
	return nil
}

func (s *memorySession) Search(_ context.Context, r *protocol.SearchRequest, controls []protocol.Control, w *ResultWriter) error {
	switch string(r.Base) {
	case "", "o=one":
		return s.entry(w, r.Base)
	case "o=none":
		return nil
	case "o=many":
		for range r.SizeLimit {
			if err := s.entry(w, r.Base); err != nil {
				return err
			}
			s.note(w)
			if w.Buffered() > 64<<10 {
				if err := w.Flush(); err != nil {
					return err
				}
			}
		}
		return nil
	case "o=endless":
		tell(s.backend.started, struct{}{})
		for {
			err := s.entry(w, r.Base)
			if err == nil {
				err = w.Check()
			}
			s.note(w)
			if err != nil {
				tell(s.backend.ended, err)
				return err
			}
		}
	case "o=work":
		tell(s.backend.started, struct{}{})
		pause := time.NewTicker(time.Millisecond)
		defer pause.Stop()
		for {
			if err := w.Check(); err != nil {
				tell(s.backend.ended, err)
				return fmt.Errorf("work: %w", err)
			}
			select {
			case <-s.backend.work:
				return nil
			case <-pause.C:
			}
		}
	case "o=fail":
		return errors.New("the disk is gone")
	case "o=panic":
		w.BeginEntry(r.Base)
		panic("looking for " + string(r.Filter.Value))
	case "o=controls":
		for _, c := range controls {
			w.AddControl(protocol.Control{OID: bytes.Clone(c.OID)})
		}
		return nil
	}
	return &protocol.Error{Code: protocol.NoSuchObject, MatchedDN: "o=test"}
}

var memoryValue = bytes.Repeat([]byte("x"), 100)

func (s *memorySession) entry(w *ResultWriter, dn []byte) error {
	w.BeginEntry(dn)
	w.BeginAttribute("cn")
	w.AppendValue(memoryValue)
	w.EndAttribute()
	return w.EndEntry()
}

// note is for the search's goroutine alone, but tests read it.
func (s *memorySession) note(w *ResultWriter) {
	if n := int64(w.Buffered()); n > s.backend.largest.Load() {
		s.backend.largest.Store(n)
	}
}

func (s *memorySession) Compare(_ context.Context, r *protocol.CompareRequest, _ []protocol.Control) (bool, error) {
	if string(r.DN) == "o=fail" {
		return false, errors.New("the disk is gone")
	}
	return string(r.Value) == "yes", nil
}

func (s *memorySession) Extended(_ context.Context, r *protocol.ExtendedRequest) (string, []byte, error) {
	if string(r.OID) != protocol.OIDWhoAmI {
		return "", nil, &protocol.Error{Code: protocol.ProtocolError, Message: "unknown extended operation"}
	}
	if s.user == "" {
		return "", nil, nil
	}
	return "", []byte("dn:" + s.user), nil
}

func (s *memorySession) Close() { s.closed.Do(func() { s.backend.sessions.Add(-1) }) }
