package ldapserver

import (
	"crypto/tls"
	"io"
	"net/netip"
	"runtime"
	"slices"
	"time"

	"github.com/sirupsen/logrus"

	"ringdex/ldapserver/protocol"
)

// Options of a Server. Backend is needed; every other zero value is the default that its comment names.
type Options struct {
	Backend  Backend
	Log      logrus.FieldLogger // default: nothing is logged
	Observer Observer           // default: none
	// Observe makes an observer for each connection, in place of Observer: one that shares no memory with others' need not
	// wait for them. Default: none.
	Observe func(ConnInfo) Observer
	// Queries is told of every search, without what was searched for. Reload may change it. Default: none.
	Queries func(QueryRecord)
	// SupportedControls are the OIDs of the request controls that the backend honours. A critical control outside the
	// list is refused (RFC 4511, 4.1.11).
	SupportedControls []string
	Limits            protocol.Limits // of one message's content

	// MaxAnonymousMessage and MaxMessage bound a message, before and after a successful bind; 64 KiB and 1 MiB.
	MaxAnonymousMessage, MaxMessage int
	// MaxConnections bounds all connections, 5000; MaxPerAddress those of one address, 200 (phones behind one NAT).
	MaxConnections, MaxPerAddress int
	// MaxPending bounds the requests that are read ahead while a search runs, 50.
	MaxPending int

	// MaxPulls is how many long searches work at a time, half the processors: lookups find the others free.
	MaxPulls int

	FirstByteTimeout time.Duration // until a new connection sends something, 10 s
	MessageTimeout   time.Duration // from a message's first octet to its last, 30 s
	IdleTimeout      time.Duration // between messages, 15 min: phones keep connections
	WriteTimeout     time.Duration // for a client to take a piece of an answer, 30 s
	HandshakeTimeout time.Duration // of TLS, 10 s
	SearchTimeout    time.Duration // of one search, 5 s of work; the client may ask for less
}

// Defaults are the options with every default filled in.
func (o Options) Defaults() Options { return o.withDefaults() }

func (o Options) withDefaults() Options {
	if o.Log == nil {
		quiet := logrus.New()
		quiet.SetOutput(io.Discard)
		o.Log = quiet
	}
	for _, d := range []struct {
		n     *int
		value int
	}{
		{&o.MaxAnonymousMessage, 64 << 10},
		{&o.MaxMessage, 1 << 20},
		{&o.MaxConnections, 5000},
		{&o.MaxPerAddress, 200},
		{&o.MaxPending, 50},
		{&o.MaxPulls, max(runtime.GOMAXPROCS(0)/2, 1)},
	} {
		if *d.n == 0 {
			*d.n = d.value
		}
	}
	for _, d := range []struct {
		t     *time.Duration
		value time.Duration
	}{
		{&o.FirstByteTimeout, 10 * time.Second},
		{&o.MessageTimeout, 30 * time.Second},
		{&o.IdleTimeout, 15 * time.Minute},
		{&o.WriteTimeout, 30 * time.Second},
		{&o.HandshakeTimeout, 10 * time.Second},
		{&o.SearchTimeout, 5 * time.Second},
	} {
		if *d.t == 0 {
			*d.t = d.value
		}
	}
	return o
}

// Mode is how a listener treats TLS.
type Mode uint8

const (
	Plain            Mode = iota // no TLS at all
	StartTLSOptional             // clear, StartTLS on request
	StartTLSRequired             // only StartTLS and the root DSE before TLS: confidentialityRequired (RFC 4511, A.2)
	LDAPS                        // TLS from the first octet
)

// ListenerOptions say how one listener serves.
type ListenerOptions struct {
	Name string // in logs and ConnInfo; default: its address
	Mode Mode
	TLS  *tls.Config // needed but for Plain; certificates are reloaded by its GetCertificate
	// Networks are those from which connections are taken; none: all. Others are closed without a word.
	Networks []netip.Prefix
}

// String is the mode as the configuration spells it.
func (m Mode) String() string {
	switch m {
	case StartTLSOptional:
		return "starttls"
	case StartTLSRequired:
		return "starttls_required"
	case LDAPS:
		return "ldaps"
	}
	return "plain"
}

func (o *ListenerOptions) admits(a netip.Addr) bool {
	return len(o.Networks) == 0 || slices.ContainsFunc(o.Networks, func(p netip.Prefix) bool { return p.Contains(a) })
}
