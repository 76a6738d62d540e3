package ldapserver

import (
	"context"
	"net/netip"
	"time"

	"ringdex/ldapserver/protocol"
)

// Backend makes a session for each connection.
type Backend interface {
	NewSession(ctx context.Context, c ConnInfo) Session
}

// ConnInfo describes a connection.
type ConnInfo struct {
	Remote, Local netip.AddrPort
	TLS           bool   // by LDAPS or StartTLS: after StartTLS a new session begins
	Listener      string // ListenerOptions.Name
}

// Session is one connection's view of the directory. It serves one request at a time. The context ends when the server
// is stopped hard. An error that is a *protocol.Error is what the client is told; every other one is ours: it is logged,
// and the client is told "other".
type Session interface {
	// Bind authenticates (RFC 4511, 4.2), simple binds only. After an error the session is anonymous.
	Bind(ctx context.Context, r *protocol.BindRequest) error
	// Search sends entries to w (RFC 4511, 4.5). Its controls are those of Options.SupportedControls.
	Search(ctx context.Context, r *protocol.SearchRequest, controls []protocol.Control, w *ResultWriter) error
	// Compare says whether the entry has the value (RFC 4511, 4.10). Of the controls it honours those of
	// Options.SupportedControls that an operation on one entry may have.
	Compare(ctx context.Context, r *protocol.CompareRequest, controls []protocol.Control) (bool, error)
	// Extended answers extended operations other than StartTLS and Cancel (RFC 4511, 4.12).
	Extended(ctx context.Context, r *protocol.ExtendedRequest) (oid string, value []byte, err error)
	// Close ends the session.
	Close()
}

// bindListener is a Session that is told of binds which were refused without asking it: other methods than simple, unknown
// versions, critical controls, before StartTLS where it is required, and malformed ones, whose request is nil.
type bindListener interface {
	BindRefused(r *protocol.BindRequest, code protocol.ResultCode)
}

// Observer is told of every request that is answered, and of every search that is not since it was abandoned or its client
// has gone: with canceled. It is called on the connection's goroutine and must be quick.
type Observer interface {
	Request(op protocol.Op, code protocol.ResultCode, entries int, took time.Duration)
}
