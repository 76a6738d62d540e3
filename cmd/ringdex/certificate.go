package main

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"
)

const (
	// certificateCheck is how often the files are looked at.
	certificateCheck = 30 * time.Second
	// certificateWarning is how long before its end a certificate is worth a note, certificateAlarm when it needs a person.
	certificateWarning = 30 * 24 * time.Hour
	certificateAlarm   = 14 * 24 * time.Hour
)

// certificate is a certificate with its key that is read anew when its files change. A new pair that does not load leaves
// the old one in use. It is safe for concurrent use, but for reload and watch.
type certificate struct {
	path, key string
	log       logrus.FieldLogger
	current   atomic.Pointer[tls.Certificate]
	stamp     [2]fileStamp // of the files that were tried last
}

type fileStamp struct {
	at   time.Time
	size int64
}

func loadCertificate(path, key string, log logrus.FieldLogger) (*certificate, error) {
	c := &certificate{path: path, key: key, log: log}
	if err := c.load(); err != nil {
		return nil, fmt.Errorf("ldap.tls: %w", err)
	}
	return c, nil
}

func (c *certificate) load() error {
	c.stamp = c.stamps()
	pair, err := tls.LoadX509KeyPair(c.path, c.key)
	if err != nil {
		return err
	}
	if pair.Leaf == nil {
		if pair.Leaf, err = x509.ParseCertificate(pair.Certificate[0]); err != nil {
			return err
		}
	}
	c.current.Store(&pair)
	return nil
}

func (c *certificate) stamps() (out [2]fileStamp) {
	for i, path := range []string{c.path, c.key} {
		if info, err := os.Stat(path); err == nil {
			out[i] = fileStamp{info.ModTime(), info.Size()}
		}
	}
	return out
}

// reload reads the files anew: where they have changed, or in any case.
func (c *certificate) reload(always bool) {
	if !always && c.stamps() == c.stamp {
		return
	}
	before := c.info().Fingerprint
	if err := c.load(); err != nil {
		c.log.WithError(err).Error("the new certificate does not load; the old one stays in use")
		return
	}
	if now := c.info(); now.Fingerprint != before {
		c.log.WithFields(logrus.Fields{"names": now.names(), "until": now.NotAfter.Format(time.DateOnly), "sha256": now.Fingerprint}).Info("new certificate")
	}
}

// watch looks at the files until ctx ends.
func (c *certificate) watch(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			c.reload(false)
		}
	}
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return c.current.Load(), nil
}

func (c *certificate) info() certificateInfo { return describeCertificate(c.current.Load().Leaf) }

// certificateInfo is what `status --json` and `check` say of a certificate.
type certificateInfo struct {
	Names       []string  `json:"names"`
	NotBefore   time.Time `json:"not_before"`
	NotAfter    time.Time `json:"not_after"`
	Fingerprint string    `json:"sha256"` // of the whole certificate, as clients show it
	SelfSigned  bool      `json:"self_signed"`
}

func describeCertificate(leaf *x509.Certificate) certificateInfo {
	sum := sha256.Sum256(leaf.Raw)
	var pairs []string
	for _, b := range sum {
		pairs = append(pairs, strings.ToUpper(hex.EncodeToString([]byte{b})))
	}
	out := certificateInfo{
		Names: append([]string{}, leaf.DNSNames...), NotBefore: leaf.NotBefore, NotAfter: leaf.NotAfter, Fingerprint: strings.Join(pairs, ":"),
		SelfSigned: string(leaf.RawIssuer) == string(leaf.RawSubject),
	}
	for _, ip := range leaf.IPAddresses {
		out.Names = append(out.Names, ip.String())
	}
	if len(out.Names) == 0 && leaf.Subject.CommonName != "" {
		out.Names = []string{leaf.Subject.CommonName}
	}
	return out
}

func (i certificateInfo) names() string { return strings.Join(i.Names, ", ") }

func (i certificateInfo) days(now time.Time) int { return int(i.NotAfter.Sub(now).Hours() / 24) }

// trouble says what is wrong with a certificate's time, "" nothing. alarm: it needs a person.
func (i certificateInfo) trouble(now time.Time) (text string, alarm bool) {
	left := i.NotAfter.Sub(now)
	until := i.NotAfter.Format(time.DateOnly)
	switch {
	case now.Before(i.NotBefore):
		return "the certificate is valid from " + i.NotBefore.Format(time.DateOnly) + " on, not yet", true
	case left <= 0:
		return "the certificate has ended on " + until + ": phones that check it get nothing. Renew it; it is read anew without a restart", true
	case left < certificateWarning:
		return fmt.Sprintf("the certificate ends on %s, in %d days: renew it; it is read anew without a restart", until, i.days(now)), left < certificateAlarm
	}
	return "", false
}

// certificateOf reads the configuration's certificate for a report, and tries its key with it; nil where there is none, or
// none yet. A key that only the service is given is left out unless withKey.
func certificateOf(cfg *Config, withKey bool) (*certificateInfo, error) {
	path, key, err := cfg.certificateFiles()
	if err != nil && (withKey || path == "") {
		return nil, err
	}
	if path == "" {
		return nil, nil
	}
	if _, err := os.Stat(path); cfg.LDAP.TLS.SelfSigned && os.IsNotExist(err) {
		return nil, nil
	}
	leaf, err := readLeaf(path, key)
	if err != nil {
		return nil, fmt.Errorf("ldap.tls: %w", err)
	}
	info := describeCertificate(leaf)
	return &info, nil
}

// readLeaf reads a certificate; with a key, one that belongs to it.
func readLeaf(path, key string) (*x509.Certificate, error) {
	if key != "" {
		pair, err := tls.LoadX509KeyPair(path, key)
		if err != nil {
			return nil, err
		}
		return x509.ParseCertificate(pair.Certificate[0])
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	for {
		block, rest := pem.Decode(data)
		switch {
		case block == nil:
			return nil, fmt.Errorf("%s holds no certificate in PEM form", path)
		case block.Type == "CERTIFICATE":
			return x509.ParseCertificate(block.Bytes)
		}
		data = rest
	}
}

// serverTLS is the configuration of one listener: TLS 1.2 and up, or for old phones everything from TLS 1.0 on, with
// ciphers without forward secrecy, CBC and 3DES.
func serverTLS(c *certificate, legacy bool) *tls.Config {
	out := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}
	if !legacy {
		return out
	}
	out.MinVersion = tls.VersionTLS10
	for _, s := range tls.CipherSuites() {
		out.CipherSuites = append(out.CipherSuites, s.ID)
	}
	out.CipherSuites = append(out.CipherSuites,
		tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
		tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_256_GCM_SHA384, tls.TLS_RSA_WITH_AES_128_CBC_SHA256,
		tls.TLS_RSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_256_CBC_SHA,
		tls.TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA, tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA,
	)
	return out
}
