package main

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"
)

// certificateCheck is how often the files are looked at, at most: once per handshake would be wasted work.
const certificateCheck = 30 * time.Second

// serverTLS serves a certificate that is read anew when its files change. A new pair that does not load leaves the old
// one in use.
func serverTLS(certificate, key string) (*tls.Config, error) {
	c := &certificateFile{certificate: certificate, key: key}
	if err := c.load(); err != nil {
		return nil, fmt.Errorf("ldap.tls: %w", err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}, nil
}

type certificateFile struct {
	certificate, key string

	mu      sync.Mutex
	current *tls.Certificate
	stamp   [2]time.Time
	checked time.Time
}

func (c *certificateFile) load() error {
	stamp := c.stamps()
	pair, err := tls.LoadX509KeyPair(c.certificate, c.key)
	if err != nil {
		return err
	}
	c.current, c.stamp = &pair, stamp
	return nil
}

func (c *certificateFile) stamps() (out [2]time.Time) {
	for i, path := range []string{c.certificate, c.key} {
		if info, err := os.Stat(path); err == nil {
			out[i] = info.ModTime()
		}
	}
	return out
}

func (c *certificateFile) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.checked) > certificateCheck {
		c.checked = now
		if c.stamps() != c.stamp {
			_ = c.load()
		}
	}
	return c.current, nil
}
