package emulator

import (
	"fmt"
	"net"
	"time"

	"github.com/sirupsen/logrus"
)

// Options of a server. The zero value is an empty org with the default user on a port that the system picks.
type Options struct {
	// Listen is the address to listen on. Default 127.0.0.1:0. Only loopback addresses are accepted.
	Listen string
	// Username, Password and Token of the one user that may log in. Defaults: integration@example.com, emulator, TOKEN.
	Username, Password, Token string
	// DataDir holds <Object>.json files, each a list of records with API field names. Default: none.
	DataDir string
	// Generate makes an invented org. Default: none.
	Generate *Generate
	// Faults are fault specs; see the package comment for their grammar. Default: none.
	Faults []string
	// Clock tells the org's time. Default: time.Now.
	Clock func() time.Time
	// Log receives one line a call at debug level. Default: none.
	Log logrus.FieldLogger
	// OrgID is the organization's 18-character Id. Default: one of the emulator's own.
	OrgID string
	// DailyLimit is the number of API calls in 24 hours. Default 100,000.
	DailyLimit int
}

// Generate describes an invented org. The same figures always give the same records.
type Generate struct {
	Accounts, Contacts int
	Seed               int64
}

// Server is an emulated org on loopback.
type Server struct {
	org      *Org
	listener net.Listener
}

// Start listens and serves until Close.
func Start(o Options) (*Server, error) {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("emulator: %w", err)
	}
	return &Server{org: &Org{}, listener: l}, nil
}

// URL is the address of the org: http://127.0.0.1:PORT.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// Close stops the server and waits for its calls.
func (s *Server) Close() error { return s.listener.Close() }

// Org is the org that is served.
func (s *Server) Org() *Org { return s.org }
