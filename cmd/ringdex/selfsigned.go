package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"
)

const (
	// selfSignedBits: RSA, since old phones know nothing else.
	selfSignedBits = 2048
	// selfSignedFor is long, since phones pin it.
	selfSignedFor = 10 * 365 * 24 * time.Hour
)

// ensureSelfSigned makes a certificate and its key, mode 0600, where there are none; those that are there are kept. made
// says that it did.
func ensureSelfSigned(certificate, key string, names []string, now time.Time) (made bool, err error) {
	_, err1 := os.Stat(certificate)
	_, err2 := os.Stat(key)
	if err1 == nil && err2 == nil {
		return false, nil
	}
	for _, err := range []error{err1, err2} {
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, fmt.Errorf("ldap.tls: %w", err)
		}
	}
	if err1 == nil || err2 == nil {
		return false, &hintError{
			fmt.Errorf("ldap.tls: of %s and %s only one is there", certificate, key),
			"put the other one back, or remove it too: then a new pair is made, with a new fingerprint",
		}
	}
	private, err := rsa.GenerateKey(rand.Reader, selfSignedBits)
	if err != nil {
		return false, fmt.Errorf("ldap.tls: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return false, fmt.Errorf("ldap.tls: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: names[0]}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(selfSignedFor),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true, IsCA: true,
	}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, n)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		return false, fmt.Errorf("ldap.tls: %w", err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return false, fmt.Errorf("ldap.tls: %w", err)
	}
	// The certificate comes last: where it is, its key is.
	if err := writeWhole(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600); err != nil {
		return false, err
	}
	if err := writeWhole(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644); err != nil {
		return false, errors.Join(err, os.Remove(key))
	}
	return true, nil
}

// writeWhole makes a file that is there with all its content or not at all.
func writeWhole(path string, data []byte, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // 0600
	if err != nil {
		return fmt.Errorf("ldap.tls: %w", err)
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("ldap.tls: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}

// selfSignedNames are this machine's name, what the listeners are bound to, and the loopback.
func selfSignedNames(ports []port) []string {
	var out []string
	add := func(n string) {
		if n != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	if host, err := os.Hostname(); err == nil {
		add(host)
	}
	add("localhost")
	for _, p := range ports {
		if host, _, err := net.SplitHostPort(p.address); err == nil {
			if ip := net.ParseIP(host); ip == nil || !ip.IsUnspecified() {
				add(host)
			}
		}
	}
	add("127.0.0.1")
	add("::1")
	return out
}
