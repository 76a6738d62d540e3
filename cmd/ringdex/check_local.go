package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"ringdex/ldapserver"
)

// local checks what lies on this machine: store, certificate, ports, and one lookup.
func (k *chain) local(ctx context.Context) {
	daemon := dialControl(ctx, k.cfg.StorePath())
	if daemon != nil {
		defer daemon.Close()
	}
	status, filled := k.store(ctx, daemon)
	k.certificate(time.Now())
	k.legacyLink()
	k.listenersLink(status)
	switch {
	case !filled:
		k.skip("lookup", "needs a replicated store")
	case daemon != nil:
		k.lookupServed(ctx, status)
	default:
		k.lookupAlone(ctx)
	}
}

// store reads the store, through the daemon where one runs. filled: it has something to serve.
func (k *chain) store(ctx context.Context, daemon *controlClient) (status statusReport, filled bool) {
	path := k.cfg.StorePath()
	if daemon != nil {
		status, err := daemon.Status(ctx)
		if err != nil {
			k.fail("store", err)
			return status, false
		}
		return status, k.storeState(status, ", open in the running ringdex")
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		k.note("store", "ringdex replicate", "%s does not exist yet", path)
		return status, false
	}
	e, err := k.readStore(false)
	if err != nil {
		k.fail("store", err)
		return status, false
	}
	defer e.Close()
	if status, err = e.Status(ctx); err != nil {
		k.fail("store", err)
		return status, false
	}
	return status, k.storeState(status, "")
}

func (k *chain) storeState(s statusReport, where string) bool {
	records := 0
	for _, o := range s.Objects {
		records += o.Records
	}
	text := fmt.Sprintf("%s, %.1f MB, %s records%s", s.Store, float64(s.StoreBytes)/1e6, thousands(records), where)
	switch {
	case s.Generation == 0:
		k.note("store", "ringdex replicate", "%s: nothing has been replicated yet", text)
		return false
	case k.org != nil && s.Org != "" && s.Org != string(k.org.session.OrganizationID):
		k.fail("store", &hintError{
			fmt.Errorf("%s is a copy of the org %s, and the login leads to %s", s.Store, s.Org, k.org.session.OrganizationID),
			"name another file under store:, or set salesforce.url right",
		})
	case len(s.Holds) > 0:
		k.note("store", "ringdex status, then ringdex approve or reject", "%s; %d changes are held", text, len(s.Holds))
	default:
		k.ok("store", "%s", text)
	}
	return true
}

// readStore opens the store read-only. open lets the loopback read whatever the configuration says.
func (k *chain) readStore(open bool) (*engine, error) {
	cfg := *k.cfg
	if open {
		cfg.LDAP.Anonymous = AnonymousConfig{Loopback: true}
	}
	log, err := newLogger(k.Err, LogConfig{Level: "error", Format: "text"}, k.secrets)
	if err != nil {
		return nil, err
	}
	return newEngine(&cfg, log, k.secrets, openReadOnly)
}

func (k *chain) certificate(now time.Time) {
	if !k.cfg.LDAP.TLS.on() {
		k.ok("certificate", "none: LDAP without TLS")
		return
	}
	info, err := certificateOf(k.cfg, true)
	if err != nil {
		if hint := (*hintError)(nil); !errors.As(err, &hint) {
			err = &hintError{err, "certificate and key as PEM files that belong together and that this user can read"}
		}
		k.fail("certificate", err)
		return
	}
	if info == nil {
		k.ok("certificate", "ringdex serve makes a self-signed one at its first start")
		return
	}
	text := fmt.Sprintf("%s, valid until %s, SHA-256 fingerprint %s", info.names(), info.NotAfter.Format(time.DateOnly), info.Fingerprint)
	trouble, _ := info.trouble(now)
	switch {
	case trouble == "":
		k.ok("certificate", "%s", text)
	case now.Before(info.NotBefore) || now.After(info.NotAfter):
		k.fail("certificate", &hintError{errors.New("the certificate is not valid now: " + text), "renew it; it is read anew without a restart"})
	default:
		k.note("certificate", "renew it; it is read anew without a restart", "%s, that is in %d days", text, info.days(now))
	}
}

// legacyLink shows the ports that take what is broken.
func (k *chain) legacyLink() {
	for _, p := range k.cfg.LDAP.ports() {
		if p.legacy {
			k.note("legacy TLS", "move phones that can do TLS 1.2 to another listener; keep this one to networks: that you trust",
				"%s at %s takes TLS 1.0 and weak ciphers", p.name, p.address)
		}
	}
}

// listenersLink tries the ports; those of the running ringdex are ours.
func (k *chain) listenersLink(s statusReport) {
	var addresses []string
	for _, p := range k.cfg.LDAP.ports() {
		addresses = append(addresses, p.address)
	}
	if s.Running {
		k.ok("listeners", "%s, served by ringdex, started %s", strings.Join(s.Listeners, ", "), since(s.Since, time.Now()))
		return
	}
	bad := 0
	for _, a := range addresses {
		l, err := net.Listen("tcp", a)
		if err != nil {
			k.fail("listeners", fmt.Errorf("listen on %s: %w", a, err))
			bad++
			continue
		}
		l.Close()
	}
	if bad == 0 {
		k.ok("listeners", "%s can be opened; ringdex serve does not run", strings.Join(addresses, ", "))
	}
}

// lookupServed asks the running daemon at its own port.
func (k *chain) lookupServed(ctx context.Context, s statusReport) {
	if len(s.Listeners) == 0 {
		k.note("lookup", "ringdex status", "the running ringdex has no open port yet")
		return
	}
	scheme, address := "ldap", s.Listeners[0]
	if s.LDAP != nil && len(s.LDAP.Listeners) > 0 {
		// Rather one that answers before TLS.
		l := slices.Clone(s.LDAP.Listeners)
		slices.SortStableFunc(l, func(a, b listenerStatus) int { return modeRank(a.Mode) - modeRank(b.Mode) })
		address = l[0].Address
		switch l[0].Mode {
		case ldapserver.LDAPS.String():
			scheme = "ldaps"
		case ldapserver.StartTLSRequired.String():
			scheme = "ldap+starttls"
		}
	}
	k.lookup(ctx, scheme+"://"+reachable(address), "")
}

func modeRank(mode string) int {
	return slices.Index([]string{"plain", "starttls", "ldaps", "starttls_required"}, mode)
}

// reachable turns a wildcard address into one that can be dialled.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
		if ip.To4() == nil {
			host = "localhost"
		}
	}
	return net.JoinHostPort(host, port)
}

// lookupAlone serves the store on a port of the loopback for the time of one lookup.
func (k *chain) lookupAlone(ctx context.Context) {
	e, err := k.readStore(true)
	if err != nil {
		k.fail("lookup", err)
		return
	}
	defer e.Close()
	server, err := ldapserver.New(ldapserver.Options{Backend: e.dir, Log: e.log, SupportedControls: e.dir.Controls()})
	if err != nil {
		k.fail("lookup", err)
		return
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		k.fail("lookup", err)
		return
	}
	serving, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		ended <- server.Serve(serving, l, ldapserver.ListenerOptions{Name: "check", Mode: ldapserver.Plain})
	}()
	defer func() {
		shut, done := context.WithTimeout(context.Background(), shutdownWithin)
		defer done()
		_ = server.Shutdown(shut) // the answer is there; what is left of the connection does not matter
		stop()
		<-ended
	}()
	k.lookup(ctx, "ldap://"+l.Addr().String(), " (a port of its own, for this check)")
}

// lookup takes a number out of the directory and asks who it is, as a phone does.
func (k *chain) lookup(_ context.Context, address, remark string) {
	options := []ldap.DialOpt{ldap.DialWithDialer(&net.Dialer{Timeout: checkPatience})}
	if strings.HasPrefix(address, "ldaps:") {
		// It is our own port; the certificate has a link of its own.
		options = append(options, ldap.DialWithTLSConfig(&tls.Config{InsecureSkipVerify: true})) //nolint:gosec // see above
	}
	address, startTLS := strings.Replace(address, "+starttls:", ":", 1), strings.Contains(address, "+starttls:")
	conn, err := ldap.DialURL(address, options...)
	if err != nil {
		k.fail("lookup", &hintError{err, "see the log of ringdex serve, and whether a local firewall is in the way"})
		return
	}
	defer conn.Close()
	conn.SetTimeout(checkPatience)
	if startTLS {
		if err := conn.StartTLS(&tls.Config{InsecureSkipVerify: true}); err != nil { //nolint:gosec // see above
			k.fail("lookup", fmt.Errorf("%s: StartTLS: %w", address, err))
			return
		}
	}
	ask := func(filter string, limit int) (*ldap.SearchResult, error) {
		res, err := conn.Search(ldap.NewSearchRequest(k.cfg.LDAP.Base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, limit, 10, false,
			filter, []string{"cn", "telephoneNumber"}, nil))
		if ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded) {
			err = nil
		}
		return res, err
	}
	sample, err := ask("(telephoneNumber=*)", 1)
	switch {
	case ldap.IsErrorWithCode(err, ldap.LDAPResultInsufficientAccessRights), ldap.IsErrorWithCode(err, ldap.LDAPResultInappropriateAuthentication):
		k.note("lookup", "ldapsearch -x -H "+address+" -b "+k.cfg.LDAP.Base+" -D USER -W '(cn=a*)'",
			"%s answers and wants a user, as ldap.anonymous says; the password is known as a hash only, so this check ends here", address)
		return
	case err != nil:
		k.fail("lookup", fmt.Errorf("%s: %w", address, err))
		return
	case len(sample.Entries) == 0:
		k.note("lookup", "see whether the mapping has a field with telephone numbers", "%s answers, but no entry has a telephoneNumber", address)
		return
	}
	number := sample.Entries[0].GetAttributeValue("telephoneNumber")
	begin := time.Now()
	res, err := ask(callerFilter(number), 5)
	took := time.Since(begin)
	if err != nil {
		k.fail("lookup", fmt.Errorf("%s: %w", address, err))
		return
	}
	for _, e := range res.Entries {
		if e.DN == sample.Entries[0].DN {
			k.ok("lookup", "%s%s: the number of an entry leads back to it, in %d µs", address, remark, took.Microseconds())
			return
		}
	}
	if len(res.Entries) > 0 {
		k.ok("lookup", "%s%s: a number leads to %d entries that share it, in %d µs", address, remark, len(res.Entries), took.Microseconds())
		return
	}
	k.fail("lookup", &hintError{fmt.Errorf("%s: an entry has a telephone number that leads to nobody", address), "ringdex verify"})
}
