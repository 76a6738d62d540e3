package emulator

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/sirupsen/logrus"
)

// Options of a server. The zero value is an empty org with the default user on a port that the system picks.
type Options struct {
	// Listen is the address to listen on. Default 127.0.0.1:0. Only loopback addresses are accepted.
	Listen string
	// TLS has the org speak HTTPS with this certificate. Default: plain HTTP.
	TLS *tls.Config
	// URL is where the org says that it is. Default: the address that it listens on.
	URL string
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
	// OrgID is the organization's Id, of 15 or 18 characters. Default: one of the emulator's own.
	OrgID string
	// DailyLimit is the number of API calls in 24 hours. Default 100,000.
	DailyLimit int
}

// Generate describes an invented org. The same figures always give the same records.
type Generate struct {
	Accounts, Contacts int
	Seed               int64
	// Numbers is how many numbers every contact has, 1 to MaxNumbers: one in each of Phone, MobilePhone, HomePhone and OtherPhone,
	// as many of them in this order, and none anywhere else. Default: as people have them, 1.7 on average.
	Numbers int
}

// MaxNumbers is the greatest Generate.Numbers.
const MaxNumbers = len(countedFields)

// Settings are the org's switches that are no faults. The management endpoint reads and changes them.
type Settings struct {
	SessionSeconds  int       `json:"session_seconds"` // without a call until a session ends
	LoginDisabled   bool      `json:"login_disabled"`  // login() is off, as in new orgs
	TrustedNetwork  bool      `json:"trusted_network"` // the password alone is enough
	PasswordExpired bool      `json:"password_expired"`
	Sandbox         bool      `json:"sandbox"`
	DailyLimit      int       `json:"daily_limit"`
	DeletedSince    time.Time `json:"deleted_since"` // getDeleted knows nothing older; zero is 15 days
}

// Server is an emulated org on loopback.
type Server struct {
	org      *Org
	log      logrus.FieldLogger
	listener net.Listener
	http     *http.Server
	gzips    sync.Pool
	done     chan struct{}
	served   sync.WaitGroup
	closing  sync.Once
}

// Start makes the org, listens and serves until Close.
func Start(o Options) (*Server, error) {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	o.Username = or(o.Username, "integration@example.com")
	o.Password = or(o.Password, "emulator")
	o.Token = or(o.Token, "TOKEN")
	o.OrgID = or(o.OrgID, string(appendMadeID(nil, "00D", "E0", 1)))
	if o.DailyLimit == 0 {
		o.DailyLimit = defaultDayLimit
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		quiet := logrus.New()
		quiet.SetOutput(io.Discard)
		o.Log = quiet
	}
	id, err := canonicalID(o.OrgID)
	if err != nil {
		return nil, fmt.Errorf("emulator: organization: %w", err)
	}
	o.OrgID = id
	if err := checkLoopback(o.Listen); err != nil {
		return nil, err
	}
	org := &Org{options: o, clock: o.Clock}
	if err := org.Reset(); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("emulator: %w", err)
	}
	if o.TLS != nil {
		l = tls.NewListener(l, o.TLS)
	}
	s := &Server{org: org, log: o.Log, listener: l, done: make(chan struct{})}
	org.url = or(o.URL, s.URL())
	s.gzips.New = func() any {
		w, err := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
		if err != nil {
			panic(err) // the level is a constant
		}
		return w
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/services/Soap/u/", s.serveSOAP)
	s.oauthRoutes(mux)
	s.manage(mux)
	s.http = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	s.served.Go(func() {
		if err := s.http.Serve(reasonListener{l}); !errors.Is(err, http.ErrServerClosed) {
			s.log.WithError(err).Error("emulator stopped")
		}
	})
	return s, nil
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// checkLoopback refuses addresses that other machines could reach: the management endpoint has no password.
func checkLoopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("emulator: listen: %w", err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("emulator: listen: %s is no loopback address", address)
	}
	return nil
}

// URL is the address that the org listens on: http://127.0.0.1:PORT, or https.
func (s *Server) URL() string {
	scheme := "http://"
	if s.org.options.TLS != nil {
		scheme = "https://"
	}
	return scheme + s.listener.Addr().String()
}

// Close stops the server at once and waits for its calls. It may be called more than once.
func (s *Server) Close() error {
	var err error
	s.closing.Do(func() {
		close(s.done)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err = s.http.Shutdown(ctx); err != nil {
			err = s.http.Close()
		}
		s.served.Wait()
	})
	if err != nil {
		return fmt.Errorf("emulator: close: %w", err)
	}
	return nil
}

// Org is the org that is served.
func (s *Server) Org() *Org { return s.org }
