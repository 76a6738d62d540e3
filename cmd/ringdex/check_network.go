package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// foreignCertificateWarning is the same for the certificate of the login host: it is renewed by others, mostly by machine.
const foreignCertificateWarning = 5 * 24 * time.Hour

// checkPatience bounds DNS and TLS.
const checkPatience = 10 * time.Second

// network checks the name and the certificate of the login host.
func (k *chain) network(ctx context.Context) {
	u, err := url.Parse(k.cfg.Salesforce.URL)
	if err != nil {
		k.fail("dns", err)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	host := u.Hostname()
	proxy, err := k.proxy(&http.Request{URL: u})
	switch {
	case err != nil:
		k.fail("dns", &hintError{fmt.Errorf("HTTPS_PROXY: %w", err), "set HTTPS_PROXY to an address such as http://proxy.example.org:3128"})
		k.skip("tls", "needs the proxy")
		return
	case proxy != nil:
		k.ok("dns", "left to the proxy %s", proxy.Host)
	default:
		if !k.dns(ctx, host) {
			k.skip("tls", "needs the host's address")
			return
		}
	}
	if u.Scheme == "http" {
		k.ok("tls", "none: plain http, for a test org on this machine")
		return
	}
	k.tls(ctx, u, proxy)
}

func (k *chain) dns(ctx context.Context, host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		k.ok("dns", "%s is an address", host)
		return true
	}
	addresses, err := net.DefaultResolver.LookupHost(ctx, host)
	if err != nil {
		k.fail("dns", fmt.Errorf("%s: %w", host, err))
		return false
	}
	k.ok("dns", "%s is %s", host, strings.Join(addresses[:min(2, len(addresses))], ", "))
	return true
}

// tls makes a handshake as the login will, through the proxy where there is one, and reads the certificate.
func (k *chain) tls(ctx context.Context, u, proxy *url.URL) {
	roots, err := k.cfg.roots()
	if err != nil {
		k.fail("tls", err)
		return
	}
	var state *tls.ConnectionState
	transport := &http.Transport{
		Proxy: http.ProxyURL(proxy), DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
	}
	trace := &httptrace.ClientTrace{TLSHandshakeDone: func(s tls.ConnectionState, err error) {
		if err == nil {
			state = &s
		}
	}}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodHead, u.Scheme+"://"+u.Host+"/", nil)
	if err != nil {
		k.fail("tls", err)
		return
	}
	resp, err := transport.RoundTrip(req)
	if err == nil {
		resp.Body.Close()
	}
	if state == nil {
		k.fail("tls", tlsProblem(u.Hostname(), proxy, err))
		return
	}
	// What the host answers to the request does not matter: the login tells.
	leaf := state.PeerCertificates[0]
	left := time.Until(leaf.NotAfter)
	text := fmt.Sprintf("%s, certificate of %s by %s, %d days left (until %s)", tls.VersionName(state.Version), u.Hostname(),
		orElse(orElse(strings.Join(leaf.Issuer.Organization, ", "), leaf.Issuer.CommonName), "nobody named"), int(left.Hours()/24), leaf.NotAfter.Format("2006-01-02"))
	if left < foreignCertificateWarning {
		k.note("tls", "whoever runs that host, or the proxy before it, must renew it; without that every run fails from then on", "%s", text)
		return
	}
	k.ok("tls", "%s", text)
}

// tlsProblem says what to do about a handshake that failed.
func tlsProblem(host string, proxy *url.URL, err error) error {
	var unknown x509.UnknownAuthorityError
	var wrong x509.HostnameError
	var invalid x509.CertificateInvalidError
	try := "see whether a firewall or a proxy that inspects TLS stands between (HTTPS_PROXY, salesforce.ca_file)"
	switch {
	case errors.As(err, &unknown):
		try = "a proxy that inspects TLS has an authority of its own: ask for its certificate as a PEM file and name that under salesforce.ca_file"
	case errors.As(err, &wrong):
		try = "check salesforce.url, and what stands between"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		try = "check this machine's clock (date); if it is right, whoever runs that host must renew the certificate"
	case proxy != nil:
		try = "check HTTPS_PROXY, and that the proxy lets this machine speak to " + host
	case hint(err) != "":
		try = hint(err)
	}
	return &hintError{fmt.Errorf("%s: %w", host, err), try}
}
