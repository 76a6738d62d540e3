package ldapserver

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"sync/atomic"
	"testing"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"ringdex/ldapserver/protocol"
)

func newCertificate(t testing.TB, name string) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func serverTLS(t testing.TB) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{*newCertificate(t, "ldap.example.org")}, MinVersion: tls.VersionTLS12}
}

// anyServer checks no certificate: these tests are not about that.
func anyServer() *tls.Config { return &tls.Config{InsecureSkipVerify: true} }

// startTLS makes the client's side of StartTLS, with further octets behind the request.
func (c *rawClient) startTLS(behind ...[]byte) *rawClient {
	c.t.Helper()
	c.send(append([][]byte{extendedPDU(50, protocol.OIDStartTLS, nil)}, behind...)...)
	c.want(50, protocol.OpExtendedResponse, protocol.Success)
	return newRaw(c.t, tls.Client(c.Conn, anyServer()))
}

func TestLDAPS(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{}, ListenerOptions{Mode: LDAPS, TLS: serverTLS(t)})
	c := newRaw(t, tls.Client(h.raw(t).Conn, anyServer()))
	c.wantService()
	c.send(extendedPDU(2, protocol.OIDStartTLS, nil))
	c.want(2, protocol.OpExtendedResponse, protocol.OperationsError)
	c.wantService()
	for name, sent := range map[string][]byte{"plain LDAP": searchPDU(1, "o=one"), "HTTP": []byte("GET / HTTP/1.1\r\n\r\n")} {
		before := h.Stats().Garbage
		plain := h.raw(t)
		plain.send(sent)
		eventually(t, name+" on the TLS port is counted", func() bool { return h.Stats().Garbage == before+1 })
		if _, err := io.ReadAll(plain.Conn); isTimeout(err) {
			t.Errorf("%s on the TLS port does not end the connection", name)
		}
	}
	c.wantService()
}

func TestLDAPSBadClientIsToldWhy(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{}, ListenerOptions{Mode: LDAPS, TLS: serverTLS(t)})
	c := newRaw(t, tls.Client(h.raw(t).Conn, anyServer()))
	c.send(searchPDU(0, "o=one"))
	c.wantNotice(protocol.ProtocolError)
}

func TestLDAPSLongSearch(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{SearchTimeout: time.Minute}, ListenerOptions{Mode: LDAPS, TLS: serverTLS(t)})
	c := newRaw(t, tls.Client(h.raw(t).Conn, anyServer()))
	for id := int64(1); id < 8; id += 2 {
		c.send(searchPDU(id, "o=endless"))
		receive(t, "the search's start", h.backend.started)
		c.send(abandonPDU(id+1, id), searchPDU(100+id, "o=none"))
		c.check(c.skipEntries(), 100+id, protocol.OpSearchResultDone, protocol.Success)
	}
	c.wantService()
}

func TestHandshakeTimeout(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{HandshakeTimeout: 80 * time.Millisecond}, ListenerOptions{Mode: LDAPS, TLS: serverTLS(t)})
	h.raw(t).wantEnd()
	c := h.raw(t)
	c.send([]byte("\x16\x03\x01\x02\x00\x01"))
	c.wantEnd()
}

func TestStartTLS(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{}, ListenerOptions{Mode: StartTLSOptional, TLS: serverTLS(t)})
	t.Run("then as before", func(t *testing.T) {
		t.Parallel()
		c := h.raw(t)
		c.wantService()
		s := c.startTLS()
		s.wantService()
		s.send(bindPDU(1, 3, memoryUser, memoryPassword))
		s.want(1, protocol.OpBindResponse, protocol.Success)
	})
	t.Run("twice", func(t *testing.T) {
		t.Parallel()
		s := h.raw(t).startTLS()
		s.wantService()
		s.send(extendedPDU(2, protocol.OIDStartTLS, nil))
		s.want(2, protocol.OpExtendedResponse, protocol.OperationsError)
		s.wantService()
	})
	t.Run("forgets who was bound before", func(t *testing.T) {
		t.Parallel()
		c := h.raw(t)
		c.send(bindPDU(1, 3, memoryUser, memoryPassword))
		c.want(1, protocol.OpBindResponse, protocol.Success)
		if got := whoAmI(t, c.startTLS(), 2); got != "" {
			t.Errorf("got identity %q, want none", got)
		}
	})
	t.Run("with operations outstanding", func(t *testing.T) {
		t.Parallel()
		c := h.raw(t)
		c.send(searchPDU(1, "o=none"), extendedPDU(2, protocol.OIDStartTLS, nil))
		c.want(1, protocol.OpSearchResultDone, protocol.Success)
		c.want(2, protocol.OpExtendedResponse, protocol.OperationsError)
		c.wantService()
	})
	t.Run("while a search runs", func(t *testing.T) {
		t.Parallel()
		h := serve(t, Options{SearchTimeout: time.Minute}, ListenerOptions{Mode: StartTLSOptional, TLS: serverTLS(t)})
		c := h.raw(t)
		c.send(searchPDU(1, "o=work"), extendedPDU(2, protocol.OIDStartTLS, nil))
		receive(t, "the search's start", h.backend.started)
		close(h.backend.work)
		c.want(1, protocol.OpSearchResultDone, protocol.Success)
		c.want(2, protocol.OpExtendedResponse, protocol.OperationsError)
		c.wantService()
		c.startTLS().wantService()
	})
	t.Run("with a bind behind it in the clear", func(t *testing.T) {
		t.Parallel()
		// CVE-2011-0411: the bind was put there by somebody else. It must never be taken for the client's.
		s := h.raw(t).startTLS(bindPDU(51, 3, memoryUser, memoryPassword))
		if got := whoAmI(t, s, 52); got != "" {
			t.Errorf("got identity %q, want none", got)
		}
	})
	t.Run("with a failed handshake", func(t *testing.T) {
		t.Parallel()
		c := h.raw(t)
		c.send(extendedPDU(50, protocol.OIDStartTLS, nil))
		c.want(50, protocol.OpExtendedResponse, protocol.Success)
		c.send(searchPDU(1, "o=one"))
		for { // a TLS alert at most
			if _, err := c.Read(make([]byte, 100)); err != nil {
				break
			}
		}
	})
	t.Run("by go-ldap", func(t *testing.T) {
		t.Parallel()
		c := h.dial(t)
		if err := c.StartTLS(anyServer()); err != nil {
			t.Fatal(err)
		}
		if err := c.Bind(memoryUser, memoryPassword); err != nil {
			t.Error(err)
		}
	})
}

func TestStartTLSRequired(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{}, ListenerOptions{Mode: StartTLSRequired, TLS: serverTLS(t)})
	for range 3 { // each connection, not the first alone (CVE-2019-13565)
		c := h.raw(t)
		c.send(bindPDU(1, 3, memoryUser, memoryPassword))
		c.want(1, protocol.OpBindResponse, protocol.ConfidentialityRequired)
		c.send(searchPDU(2, "o=one"))
		c.want(2, protocol.OpSearchResultDone, protocol.ConfidentialityRequired)
	}
	c := h.raw(t)
	for name, r := range map[string]struct {
		pdu []byte
		op  protocol.Op
	}{
		"bind":    {bindPDU(1, 3, memoryUser, memoryPassword), protocol.OpBindResponse},
		"search":  {searchPDU(1, "o=one"), protocol.OpSearchResultDone},
		"compare": {envelope(1, protocol.OpCompareRequest, []byte{4, 1, 'x', 0x30, 6, 4, 2, 'c', 'n', 4, 0}), protocol.OpCompareResponse},
		"WhoAmI":  {extendedPDU(1, protocol.OIDWhoAmI, nil), protocol.OpExtendedResponse},
		"delete":  {envelope(1, protocol.OpDelRequest, []byte("x")), protocol.OpDelResponse},
	} {
		t.Log(name)
		c.send(r.pdu)
		c.want(1, r.op, protocol.ConfidentialityRequired)
	}
	c.send(searchPDU(2, "")) // the root DSE says that there is StartTLS
	c.want(2, protocol.OpSearchResultEntry, 0)
	c.want(2, protocol.OpSearchResultDone, protocol.Success)
	s := c.startTLS()
	s.send(bindPDU(1, 3, memoryUser, memoryPassword))
	s.want(1, protocol.OpBindResponse, protocol.Success)
	s.wantService()
}

func TestPlainListenerRefusesStartTLS(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{}, ListenerOptions{Mode: Plain, TLS: serverTLS(t)})
	c := h.dial(t)
	var e *goldap.Error
	if err := c.StartTLS(anyServer()); !errors.As(err, &e) || e.ResultCode != goldap.LDAPResultProtocolError {
		t.Errorf("got %v, want protocolError", err)
	}
	h.raw(t).wantService()
}

// TestCertificateIsReloaded changes the certificate between two connections of a running listener.
func TestCertificateIsReloaded(t *testing.T) {
	t.Parallel()
	var current atomic.Pointer[tls.Certificate]
	current.Store(newCertificate(t, "old.example.org"))
	config := &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return current.Load(), nil }}
	h := serve(t, Options{}, ListenerOptions{Mode: LDAPS, TLS: config})
	name := func() string {
		c := tls.Client(h.raw(t).Conn, anyServer())
		if err := c.Handshake(); err != nil {
			t.Fatal(err)
		}
		return c.ConnectionState().PeerCertificates[0].Subject.CommonName
	}
	if got := name(); got != "old.example.org" {
		t.Errorf("got %s, want old.example.org", got)
	}
	current.Store(newCertificate(t, "new.example.org"))
	if got := name(); got != "new.example.org" {
		t.Errorf("got %s, want new.example.org", got)
	}
}

func TestListenerWithoutItsTLS(t *testing.T) {
	t.Parallel()
	s, err := New(Options{Backend: newMemory()})
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range []Mode{StartTLSOptional, StartTLSRequired, LDAPS} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if err := s.Serve(t.Context(), l, ListenerOptions{Mode: mode}); err == nil {
			t.Errorf("mode %d without a certificate was taken", mode)
		}
	}
}
