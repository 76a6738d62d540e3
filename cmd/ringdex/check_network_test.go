package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ringdex/soap/emulator"
)

// testAuthority signs certificates as a proxy that inspects TLS does.
type testAuthority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pem  []byte
}

func newAuthority(t *testing.T) *testAuthority {
	t.Helper()
	a := &testAuthority{}
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{Organization: []string{"Example Inspection"}}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}, &x509.Certificate{Subject: pkix.Name{Organization: []string{"Example Inspection"}}}, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return a
}

func (a *testAuthority) sign(t *testing.T, leaf x509.Certificate) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf.SerialNumber, leaf.NotBefore = big.NewInt(2), time.Now().Add(-2*time.Hour)
	der, err := x509.CreateCertificate(rand.Reader, &leaf, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// tlsFront serves an org over TLS.
func tlsFront(t *testing.T, to string, cert tls.Certificate) *httptest.Server {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	quiet := log.New(io.Discard, "", 0)
	forward := httputil.NewSingleHostReverseProxy(u)
	forward.ErrorLog = quiet
	front := httptest.NewUnstartedServer(forward)
	front.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	front.Config.ErrorLog = quiet
	front.StartTLS()
	t.Cleanup(front.Close)
	return front
}

func loopbackLeaf(left time.Duration) x509.Certificate {
	return x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotAfter: time.Now().Add(left)}
}

// runHere runs a command in this process, with its output.
func runHere(t *testing.T, args ...string) (code int, out string) {
	t.Helper()
	var b bytes.Buffer
	code = Run(t.Context(), append([]string{"ringdex"}, args...), Stdio{In: strings.NewReader(""), Out: &b, Err: &b})
	return code, b.String()
}

// TestCheckTLS replicates from an org behind TLS whose authority only salesforce.ca_file knows.
func TestCheckTLS(t *testing.T) {
	t.Parallel()
	org := wizardOrg(t)
	authority := newAuthority(t)
	front := tlsFront(t, org.URL(), authority.sign(t, loopbackLeaf(83*24*time.Hour+time.Hour)))
	// From the login on, everything goes through TLS.
	if err := org.Org().AddFault("login:*:serverurl=" + front.URL); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "ringdex.yaml")
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("password", "correct-horse")
	write("token", "SecurityToken24")
	write("authority.pem", string(authority.pem))
	write("other.pem", string(newAuthority(t).pem))
	write("none.pem", "no certificate")
	configure := func(extra string) {
		write("ringdex.yaml", "salesforce: { url: \""+front.URL+"\", username: integration@example.com, password: \"file:password\", security_token: \"file:token\", allowed_hosts: [\"127.0.0.1\"]"+extra+" }\n"+
			"objects: { Contact: {}, Account: {} }\nldap: { listen: [\"127.0.0.1:0\"] }\n")
	}
	for _, c := range []struct{ name, extra, want string }{
		{"an authority that nobody knows", "", "ask for its certificate as a PEM file and name that under salesforce.ca_file"},
		{"another authority's file", ", ca_file: other.pem", "failed   tls "},
		{"a file without certificate", ", ca_file: none.pem", "holds no certificate in PEM form"},
		{"a missing file", ", ca_file: nowhere.pem", "name a PEM file with the certificate of the proxy's authority"},
	} {
		configure(c.extra)
		if code, out := runHere(t, "check", "--config", path); code != exitFailed || !strings.Contains(out, c.want) || !strings.Contains(out, "failed   login") {
			t.Errorf("%s: exit code %d, want %q in\n%s", c.name, code, c.want, out)
		}
	}
	configure(", ca_file: authority.pem")
	if code, out := runHere(t, "replicate", "--config", path); code != exitOK {
		t.Errorf("replicate: exit code %d\n%s", code, out)
	}
	code, out := runHere(t, "check", "--config", path)
	want := "TLS 1.3, certificate of 127.0.0.1 by Example Inspection, 83 days left"
	if code != exitOK || !strings.Contains(out, want) {
		t.Errorf("exit code %d, want %q in\n%s", code, want, out)
	}
}

// TestCheckCertificateOfOrg looks at certificates that end, have ended, or are another host's.
func TestCheckCertificateOfOrg(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "authority.pem"), authority.pem, 0o600); err != nil {
		t.Fatal(err)
	}
	other := loopbackLeaf(time.Hour)
	other.IPAddresses = []net.IP{net.IPv4(192, 0, 2, 1)}
	for _, c := range []struct {
		name  string
		leaf  x509.Certificate
		state string
		try   string
	}{
		{"ends soon", loopbackLeaf(50 * time.Hour), "note", "must renew it"},
		{"has ended", loopbackLeaf(-time.Hour), "failed", "this machine's clock"},
		{"of another host", other, "failed", "check salesforce.url"},
	} {
		front := tlsFront(t, "http://127.0.0.1:1", authority.sign(t, c.leaf))
		k := testChain(dir, front.URL)
		k.network(t.Context())
		if l := k.links[len(k.links)-1]; l.Name != "tls" || l.State != c.state || !strings.Contains(l.Try, c.try) {
			t.Errorf("%s: %+v", c.name, l)
		}
	}
}

func testChain(dir, address string) *chain {
	cfg := &Config{path: filepath.Join(dir, "ringdex.yaml")}
	cfg.Salesforce.URL, cfg.Salesforce.CAFile = address, "authority.pem"
	return &chain{
		environment: &environment{Stdio: Stdio{Out: io.Discard, Err: io.Discard}, secrets: &secretSet{}}, quiet: true, cfg: cfg,
		proxy: func(*http.Request) (*url.URL, error) { return nil, nil },
	}
}

// TestCheckThroughProxy reads the certificate behind a proxy that tunnels.
func TestCheckThroughProxy(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "authority.pem"), authority.pem, 0o600); err != nil {
		t.Fatal(err)
	}
	front := tlsFront(t, "http://127.0.0.1:1", authority.sign(t, x509.Certificate{DNSNames: []string{"org.example.org"}, NotAfter: time.Now().Add(240*time.Hour + time.Hour)}))
	var tunnels atomic.Int32
	refuse := atomic.Bool{}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != "org.example.org:443" || refuse.Load() {
			http.Error(w, "not that way", http.StatusForbidden)
			return
		}
		tunnels.Add(1)
		behind, err := net.Dial("tcp", front.Listener.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		defer behind.Close()
		w.WriteHeader(http.StatusOK)
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		go func() { _, _ = io.Copy(behind, rw); behind.Close() }()
		_, _ = io.Copy(conn, behind)
	}))
	defer proxy.Close()
	address, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	run := func() (dns, tls checkLink) {
		k := testChain(dir, "https://org.example.org")
		k.proxy = func(*http.Request) (*url.URL, error) { return address, nil }
		k.network(t.Context())
		return k.links[0], k.links[1]
	}
	if dns, tls := run(); tunnels.Load() != 1 || !strings.Contains(dns.Text, "left to the proxy "+address.Host) || tls.State != "ok" || !strings.Contains(tls.Text, "10 days left") {
		t.Errorf("%d tunnels, %+v, %+v", tunnels.Load(), dns, tls)
	}
	refuse.Store(true)
	if _, tls := run(); tls.State != "failed" || !strings.Contains(tls.Try, "the proxy lets this machine speak to org.example.org") {
		t.Errorf("a proxy that refuses: %+v", tls)
	}
}

// wizardOrg is a small org whose password and token are not the emulator's own.
func wizardOrg(t *testing.T) *emulator.Server {
	t.Helper()
	org, err := emulator.Start(emulator.Options{
		Password: "correct-horse", Token: "SecurityToken24",
		Generate: &emulator.Generate{Accounts: 10, Contacts: 60, Seed: 5},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { org.Close() })
	return org
}
