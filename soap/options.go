package soap

import (
	"crypto/x509"
	"net/http"
	"time"

	"github.com/sirupsen/logrus"
)

// DefaultAPIVersion is the last API version that has login().
const DefaultAPIVersion = "64.0"

// DefaultLoginsPerHour is far more than a working client needs, which logs in once in some hours, and far less than what
// Salesforce allows a user (3,600) before it locks all of the user's integrations out.
const DefaultLoginsPerHour = 60

// Options configure a Client. Only URL and Auth are needed.
type Options struct {
	// URL is where to log in: https://login.salesforce.com,
	// https://test.salesforce.com or the org's My Domain,
	// https://mycompany.my.salesforce.com. A path is not allowed.
	URL string
	// APIVersion such as "64.0"; "" is DefaultAPIVersion.
	APIVersion string
	// Auth yields sessions.
	Auth Authenticator
	// AllowedHosts are hosts ("proxy.example.org") or hosts with port
	// ("127.0.0.1:8080") that may be spoken to beside *.salesforce.com,
	// *.force.com and *.salesforce.mil. Plain http is allowed only to hosts of
	// this list that are loopback addresses.
	AllowedHosts []string
	// Transport carries the requests; nil is an own http.Transport that
	// verifies certificates, honours HTTPS_PROXY and connects within
	// ConnectTimeout.
	Transport http.RoundTripper
	// RootCAs are the authorities that the own transport trusts; nil is the
	// system's.
	RootCAs *x509.CertPool
	// Log gets debug lines about calls; nil discards them.
	Log logrus.FieldLogger
	// UserAgent of the requests; "" is "ringdex".
	UserAgent string
	// BatchSize is the number of records asked for in a page, 200 to 2000; 0
	// is 2000. The server may send fewer.
	BatchSize int
	// MaxReply limits a reply, in bytes after inflating; 0 is 64 MiB.
	MaxReply int64
	// LoginsPerHour bounds the logins of any 60 minutes, refused ones among them; 0 is DefaultLoginsPerHour. Beyond it calls
	// that need one fail with ErrLogins: somebody ends the sessions as fast as they are made.
	LoginsPerHour int
	// Logins are the times of logins that other processes made, the oldest first: they count for LoginsPerHour too.
	Logins []time.Time
	// NoteLogin is told the times of all logins of the last hour, the oldest first, before the last of them is made, so that
	// they outlive the process. A login that can't be noted is not made. nil: nothing is noted.
	NoteLogin func(times []time.Time) error
	// Clock is the local clock; nil is time.Now. It only measures calls, and the hour of LoginsPerHour.
	Clock func() time.Time

	// ConnectTimeout limits connecting, and again the TLS handshake; 0 is 10 s.
	// An injected Transport has its own.
	ConnectTimeout time.Duration
	// HeaderTimeout limits the wait for the reply's header; 0 is 120 s.
	HeaderTimeout time.Duration
	// IdleTimeout limits the wait for each next piece of a reply; 0 is 60 s.
	IdleTimeout time.Duration
	// CallTimeout limits a whole call; 0 is 10 minutes, Salesforce's own limit.
	CallTimeout time.Duration
}
