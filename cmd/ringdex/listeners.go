package main

import (
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/sirupsen/logrus"

	"ringdex/ldapserver"
)

// boundListener is an open port with how it is served.
type boundListener struct {
	net.Listener
	port port
}

// ldapStatus is the directory's part of a status. Without a daemon it has the certificate alone.
type ldapStatus struct {
	Listeners   []listenerStatus `json:"listeners,omitempty"`
	Certificate *certificateInfo `json:"certificate,omitempty"`
	Connections int              `json:"connections"`
	Accepted    int64            `json:"accepted"`
	Refused     int64            `json:"refused"` // over a limit, or from outside a listener's networks
}

// listenerStatus is one open port.
type listenerStatus struct {
	Name     string   `json:"name"`
	Address  string   `json:"address"`
	Mode     string   `json:"mode"`
	Legacy   bool     `json:"legacy,omitempty"` // it takes TLS 1.0 and weak ciphers
	Networks []string `json:"networks,omitempty"`
}

// openLDAP reads the certificate, makes the server and opens the ports.
func (d *daemon) openLDAP() error {
	cfg := d.config
	ports := cfg.LDAP.ports()
	if err := d.openCertificate(ports); err != nil {
		return err
	}
	if err := d.listenMetrics(); err != nil {
		return err
	}
	var err error
	if d.server, err = ldapserver.New(d.serverOptions(cfg)); err != nil {
		return err
	}
	for _, p := range ports {
		if p.legacy {
			d.log.WithFields(logrus.Fields{"listener": p.name, "address": p.address}).Warn("legacy TLS: this listener takes TLS 1.0 and weak ciphers")
		}
		if err := d.listen(p.address, p); err != nil {
			return err
		}
	}
	return nil
}

// serverOptions are the LDAP server's under a configuration.
func (d *daemon) serverOptions(cfg *Config) ldapserver.Options {
	o := cfg.LDAP.Limits.options()
	o.Backend, o.Log, o.SupportedControls = d.dir, d.log, d.dir.Controls()
	if d.metrics != nil {
		o.Observe = d.metrics.observe
	}
	if d.queries.on() {
		o.Queries = d.queries.query
	}
	return o
}

func (d *daemon) openCertificate(ports []port) error {
	path, key, err := d.config.certificateFiles()
	if path == "" || err != nil {
		return err
	}
	if d.config.LDAP.TLS.SelfSigned {
		made, err := ensureSelfSigned(path, key, selfSignedNames(ports), time.Now())
		if err != nil {
			return err
		}
		if made {
			d.log.WithField("certificate", path).Info("made a self-signed certificate")
		}
	}
	if d.cert, err = loadCertificate(path, key, d.log); err != nil {
		return err
	}
	info := d.cert.info()
	log := d.log.WithFields(logrus.Fields{"names": info.names(), "until": info.NotAfter.Format(time.DateOnly), "sha256": info.Fingerprint})
	if text, _ := info.trouble(time.Now()); text != "" {
		log.Warn(text)
	} else {
		log.Info("certificate")
	}
	return nil
}

// listen opens a port. A store without a complete copy has nothing to say: then the port is tried, so that a port in
// use is known at once, and opened for good after the first full run.
func (d *daemon) listen(address string, p port) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", address, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.listeners = append(d.listeners, boundListener{l, p})
	return nil
}

func (d *daemon) listenerOptions(l boundListener) ldapserver.ListenerOptions {
	o := ldapserver.ListenerOptions{Name: l.name(), Mode: l.port.mode, Networks: l.port.networks}
	if l.port.mode != ldapserver.Plain {
		o.TLS = serverTLS(d.cert, l.port.legacy)
	}
	return o
}

// name is what the configuration calls the listener, else its address.
func (l *boundListener) name() string {
	if l.port.name != "" {
		return l.port.name
	}
	return l.Addr().String()
}

func (d *daemon) addresses() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]string, 0, len(d.listeners))
	for _, l := range d.listeners {
		out = append(out, l.Addr().String())
	}
	return out
}

// ldapStatus adds what the daemon knows of its ports and connections.
func (d *daemon) ldapStatus(out *statusReport) {
	if out.LDAP == nil {
		out.LDAP = &ldapStatus{}
	}
	if d.cert != nil {
		info := d.cert.info() // the one in use
		out.LDAP.Certificate = &info
	}
	stats := d.server.Stats()
	out.LDAP.Connections, out.LDAP.Accepted, out.LDAP.Refused = stats.Open, stats.Accepted, stats.Refused+stats.Foreign
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, l := range d.listeners {
		s := listenerStatus{Name: l.name(), Address: l.Addr().String(), Mode: l.port.mode.String(), Legacy: l.port.legacy}
		for _, n := range l.port.networks {
			s.Networks = append(s.Networks, n.String())
		}
		out.LDAP.Listeners = append(out.LDAP.Listeners, s)
	}
}

// certificateTime adds what is wrong with the certificate's time.
func (r *statusReport) certificateTime(now time.Time) {
	text, alarm := r.LDAP.Certificate.trouble(now)
	switch {
	case alarm:
		r.Problems = append(r.Problems, text)
	case text != "":
		r.Notices = append(r.Notices, text)
	}
}

func (l *ldapStatus) print(w io.Writer, now time.Time) {
	if l == nil {
		return
	}
	for _, s := range l.Listeners {
		if s.Name == s.Address && s.Mode == ldapserver.Plain.String() {
			continue // said already
		}
		fmt.Fprintf(w, "  %s %s", s.Address, s.Mode)
		if s.Name != s.Address {
			fmt.Fprintf(w, " (%s)", s.Name)
		}
		if len(s.Networks) > 0 {
			fmt.Fprintf(w, " for %s", strings.Join(s.Networks, ", "))
		}
		if s.Legacy {
			fmt.Fprintf(w, " LEGACY TLS: 1.0 and weak ciphers")
		}
		fmt.Fprintln(w)
	}
	if c := l.Certificate; c != nil {
		fmt.Fprintf(w, "TLS      certificate for %s until %s, in %d days\n  SHA-256 %s\n", c.names(), c.NotAfter.Format(time.DateOnly), c.days(now), c.Fingerprint)
	}
}
