package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
)

// selfSigned makes a certificate that began at a time, in a folder of the test.
func selfSigned(t testing.TB, at time.Time, names ...string) (certificate, key string) {
	t.Helper()
	dir := t.TempDir()
	certificate, key = filepath.Join(dir, "ringdex.db.crt"), filepath.Join(dir, "ringdex.db.key")
	if made, err := ensureSelfSigned(certificate, key, names, at); err != nil || !made {
		t.Fatalf("made %v, %v", made, err)
	}
	return certificate, key
}

func TestSelfSigned(t *testing.T) {
	t.Parallel()
	certificate, key := selfSigned(t, time.Now(), "phones.example.org", "192.0.2.10")
	for path, want := range map[string]os.FileMode{certificate: 0o644, key: 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want %v", path, info.Mode(), err, want)
		}
	}
	before, err := os.ReadFile(certificate)
	if err != nil {
		t.Fatal(err)
	}
	if made, err := ensureSelfSigned(certificate, key, []string{"other.example.org"}, time.Now()); err != nil || made {
		t.Errorf("a second time: made %v, %v", made, err)
	}
	if after, err := os.ReadFile(certificate); err != nil || !bytes.Equal(before, after) {
		t.Error("the certificate was not kept")
	}
	c, err := loadCertificate(certificate, key, logrus.New())
	if err != nil {
		t.Fatal(err)
	}
	info := c.info()
	if got := info.names(); got != "phones.example.org, 192.0.2.10" || !info.SelfSigned || len(info.Fingerprint) != 32*3-1 {
		t.Errorf("got %+v", info)
	}
	// A client that trusts the certificate finds its names in it.
	pool := x509.NewCertPool()
	pool.AddCert(c.current.Load().Leaf)
	for _, name := range []string{"phones.example.org", "192.0.2.10"} {
		if err := shake(serverTLS(c, false), &tls.Config{RootCAs: pool, ServerName: name}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Half a pair is not replaced: somebody may still look for the other half.
	if err := os.Remove(certificate); err != nil {
		t.Fatal(err)
	}
	if _, err := ensureSelfSigned(certificate, key, []string{"x"}, time.Now()); hint(err) == "" {
		t.Errorf("got %v, want an error with a next step", err)
	}
}

// shake makes a handshake between two configurations.
func shake(server, client *tls.Config) error {
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	deadline := time.Now().Add(patience)
	_ = a.SetDeadline(deadline)
	_ = b.SetDeadline(deadline)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s := tls.Server(a, server)
		if s.Handshake() == nil {
			_, _ = s.Write([]byte("x"))
		}
		a.Close()
	}()
	c := tls.Client(b, client)
	err := c.Handshake()
	if err == nil {
		_, err = c.Read(make([]byte, 1))
	}
	b.Close()
	<-done
	return err
}

// TestLegacyTLS: an old phone is served by a legacy listener and by no other.
func TestLegacyTLS(t *testing.T) {
	t.Parallel()
	certificate, key := selfSigned(t, time.Now(), "phones.example.org")
	c, err := loadCertificate(certificate, key, logrus.New())
	if err != nil {
		t.Fatal(err)
	}
	for name, phone := range map[string]struct {
		min, max uint16
		cipher   uint16
		modern   bool
	}{
		"TLS 1.0, RSA and CBC":  {tls.VersionTLS10, tls.VersionTLS10, tls.TLS_RSA_WITH_AES_128_CBC_SHA, false},
		"TLS 1.0, 3DES":         {tls.VersionTLS10, tls.VersionTLS10, tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA, false},
		"TLS 1.1":               {tls.VersionTLS10, tls.VersionTLS11, tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, false},
		"TLS 1.2, RSA exchange": {tls.VersionTLS12, tls.VersionTLS12, tls.TLS_RSA_WITH_AES_128_CBC_SHA, false},
		"TLS 1.2":               {tls.VersionTLS12, tls.VersionTLS12, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, true},
		"TLS 1.3":               {tls.VersionTLS13, tls.VersionTLS13, 0, true},
	} {
		client := &tls.Config{InsecureSkipVerify: true, MinVersion: phone.min, MaxVersion: phone.max}
		if phone.cipher != 0 {
			client.CipherSuites = []uint16{phone.cipher}
		}
		if err := shake(serverTLS(c, true), client); err != nil {
			t.Errorf("%s, legacy: %v", name, err)
		}
		if err := shake(serverTLS(c, false), client); (err == nil) != phone.modern {
			t.Errorf("%s, not legacy: got %v", name, err)
		}
	}
}

// TestCertificateReload changes the files under a certificate in use.
func TestCertificateReload(t *testing.T) {
	t.Parallel()
	certificate, key := selfSigned(t, time.Now(), "old.example.org")
	var log bytes.Buffer
	l := logrus.New()
	l.SetOutput(&log)
	c, err := loadCertificate(certificate, key, l)
	if err != nil {
		t.Fatal(err)
	}
	replace := func(from, to string) {
		data, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(to, data, 0o600)
		}
		if err == nil {
			err = os.Chtimes(to, time.Time{}, time.Now().Add(time.Minute))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	name := func() string { return c.info().names() }
	newCertificate, newKey := selfSigned(t, time.Now(), "new.example.org")
	replace(newCertificate, certificate)
	c.reload(false)
	if name() != "old.example.org" || !strings.Contains(log.String(), "does not load") {
		t.Errorf("a certificate without its key: got %s, log %s", name(), log.String())
	}
	log.Reset()
	c.reload(false)
	if log.Len() > 0 {
		t.Errorf("the same fault is logged again: %s", log.String())
	}
	replace(newKey, key)
	c.reload(false)
	if name() != "new.example.org" || !strings.Contains(log.String(), "new certificate") {
		t.Errorf("the new pair: got %s, log %s", name(), log.String())
	}
	log.Reset()
	c.reload(true)
	if log.Len() > 0 {
		t.Errorf("nothing has changed, and the log says %s", log.String())
	}
}

func TestCertificateTrouble(t *testing.T) {
	t.Parallel()
	end := time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	info := certificateInfo{NotBefore: end.AddDate(-1, 0, 0), NotAfter: end}
	for name, c := range map[string]struct {
		now   time.Time
		want  string
		alarm bool
	}{
		"in time":            {end.Add(-certificateWarning), "", false},
		"a month before":     {end.Add(-certificateWarning + time.Second), "in 29 days", false},
		"two weeks before":   {end.Add(-certificateAlarm), "in 14 days", false},
		"less than that":     {end.Add(-certificateAlarm + time.Second), "in 13 days", true},
		"the end":            {end, "has ended", true},
		"before it is valid": {info.NotBefore.Add(-time.Second), "not yet", true},
	} {
		got, alarm := info.trouble(c.now)
		if alarm != c.alarm || !strings.Contains(got, c.want) || (c.want == "") != (got == "") {
			t.Errorf("%s: got %q, %v", name, got, alarm)
		}
	}
}
