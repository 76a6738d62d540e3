package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
)

// TestCertificateFromCredentials: certificate and key from the folder that systemd gives a service.
func TestCertificateFromCredentials(t *testing.T) {
	credentials := t.TempDir()
	t.Setenv("CREDENTIALS_DIRECTORY", credentials)
	give := func(from, name string, at time.Time) {
		t.Helper()
		data, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(filepath.Join(credentials, name), data, 0o400)
		}
		if err == nil {
			err = os.Chtimes(filepath.Join(credentials, name), time.Time{}, at)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	certificate, key := selfSigned(t, time.Now(), "old.example.org")
	give(key, "ringdex.tls-key", time.Now())
	cfg := Config{path: filepath.Join(filepath.Dir(certificate), "ringdex.yaml"), LDAP: LDAPConfig{
		TLS: TLSConfig{Certificate: filepath.Base(certificate), Key: "credential:ringdex.tls-key"},
	}}
	gotCertificate, gotKey, err := cfg.certificateFiles()
	if err != nil || gotCertificate != certificate || gotKey != filepath.Join(credentials, "ringdex.tls-key") {
		t.Fatalf("got %s and %s, %v", gotCertificate, gotKey, err)
	}
	if info, err := certificateOf(&cfg, true); err != nil || info.names() != "old.example.org" {
		t.Fatalf("got %+v, %v", info, err)
	}
	var log bytes.Buffer
	l := logrus.New()
	l.SetOutput(&log)
	c, err := loadCertificate(gotCertificate, gotKey, l)
	if err != nil {
		t.Fatal(err)
	}

	// Renewed: the certificate alone is not taken; with its key it is.
	newCertificate, newKey := selfSigned(t, time.Now(), "new.example.org")
	data, err := os.ReadFile(newCertificate)
	if err == nil {
		err = os.WriteFile(certificate, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	c.reload(true)
	if got := c.info().names(); got != "old.example.org" || !strings.Contains(log.String(), "the old one stays in use") {
		t.Errorf("a certificate without its key: got %s, log %s", got, log.String())
	}
	if err := os.Remove(filepath.Join(credentials, "ringdex.tls-key")); err != nil {
		t.Fatal(err)
	}
	give(newKey, "ringdex.tls-key", time.Now().Add(time.Minute))
	if c.reload(false); c.info().names() != "new.example.org" {
		t.Errorf("the new pair: got %s, log %s", c.info().names(), log.String())
	}

	// The certificate may be one too.
	give(newCertificate, "ringdex.tls-cert", time.Now())
	cfg.LDAP.TLS.Certificate = "credential:ringdex.tls-cert"
	if info, err := certificateOf(&cfg, true); err != nil || info.names() != "new.example.org" {
		t.Errorf("got %+v, %v", info, err)
	}
}

// TestCertificateWithoutItsCredential: by hand, a report needs the certificate alone; what serves says what is missing.
func TestCertificateWithoutItsCredential(t *testing.T) {
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	certificate, _ := selfSigned(t, time.Now(), "ldap.example.org")
	cfg := Config{path: "ringdex.yaml", LDAP: LDAPConfig{TLS: TLSConfig{Certificate: certificate, Key: "credential:ringdex.no-such-credential"}}}
	if info, err := certificateOf(&cfg, false); err != nil || info.names() != "ldap.example.org" {
		t.Errorf("got %+v, %v", info, err)
	}
	_, err := certificateOf(&cfg, true)
	if err == nil || !strings.Contains(err.Error(), "ldap.tls.key: credential:ringdex.no-such-credential needs a systemd service") {
		t.Errorf("got %v", err)
	}
	for _, name := range []string{"", ".", "..", "../key", "a/b"} {
		cfg.LDAP.TLS.Key = "credential:" + name
		if _, _, err := cfg.certificateFiles(); err == nil || !strings.Contains(err.Error(), "is not a plain name") {
			t.Errorf("%q: got %v", name, err)
		}
	}
}
