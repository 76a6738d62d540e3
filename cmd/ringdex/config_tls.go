package main

import (
	"crypto/x509"
	"fmt"
	"os"

	"ringdex/soap"
)

// soapOptions are the options of a Salesforce client, without its login.
func (c *Config) soapOptions() (soap.Options, error) {
	sf := &c.Salesforce
	roots, err := c.roots()
	if err != nil {
		return soap.Options{}, err
	}
	return soap.Options{
		URL: sf.URL, APIVersion: sf.APIVersion, AllowedHosts: sf.AllowedHosts, UserAgent: "ringdex/" + version(), RootCAs: roots,
		LoginsPerHour: sf.Logins,
	}, nil
}

// roots are the authorities whose certificates are believed towards Salesforce: the system's and those of
// salesforce.ca_file, which a proxy that inspects TLS needs. nil is the system's alone.
func (c *Config) roots() (*x509.CertPool, error) {
	if c.Salesforce.CAFile == "" {
		return nil, nil
	}
	path := c.rel(c.Salesforce.CAFile)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &hintError{fmt.Errorf("salesforce.ca_file: %w", err), "name a PEM file with the certificate of the proxy's authority, or leave ca_file out"}
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a machine without any: the file alone counts
	}
	if !pool.AppendCertsFromPEM(data) {
		return nil, &hintError{
			fmt.Errorf("salesforce.ca_file: %s holds no certificate in PEM form", path),
			"openssl x509 -inform der -in proxy.cer -out proxy.pem, where it is in DER form",
		}
	}
	return pool, nil
}
