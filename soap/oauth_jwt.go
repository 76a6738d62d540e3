package soap

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/jwt"
)

// assertionLife is how long an assertion is valid: Salesforce takes at most three to five minutes.
const assertionLife = 3 * time.Minute

// JWTBearer logs in with an assertion signed by a key of ours (RFC 7523): no password, no secret on the wire. The app
// holds the key's certificate.
type JWTBearer struct {
	ClientID string
	Username string
	// Key is the RSA private key in PEM form, PKCS #8 or PKCS #1, without passphrase.
	Key Secret
	// Audience is https://login.salesforce.com, or https://test.salesforce.com for sandboxes; "" is the one that fits
	// the URL.
	Audience string
}

// Login makes one attempt. A refusal is a *CredentialsError.
func (g JWTBearer) Login(ctx context.Context, c *Caller) (Session, error) {
	if g.ClientID == "" || g.Username == "" || g.Key.Empty() {
		return Session{}, &CredentialsError{Message: "client id, user name or private key is empty", Advice: "set all three"}
	}
	if err := checkKey([]byte(g.Key.Reveal())); err != nil {
		return Session{}, &CredentialsError{
			Code: "private_key", Message: err.Error(),
			Advice: "make one with: openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=ringdex -keyout ringdex.key -out ringdex.crt, and upload ringdex.crt to the app",
		}
	}
	audience := g.Audience
	if audience == "" {
		audience = "https://login.salesforce.com"
		if isSandbox(c.LoginURL()) {
			audience = "https://test.salesforce.com"
		}
	}
	// The library's claims are iss, sub, its old name prn, aud, iat and exp; Salesforce documents all but iat, which
	// RFC 7523, 3 allows.
	app := jwt.Config{
		Email: g.ClientID, Subject: g.Username, PrivateKey: []byte(g.Key.Reveal()), TokenURL: c.LoginURL() + tokenPath, Expires: assertionLife, Audience: audience,
	}
	return c.grant(ctx, func(ctx context.Context) (*oauth2.Token, error) { return app.TokenSource(ctx).Token() }, nil, g.Key)
}

// checkKey says what is wrong with a private key before the library does, in words that hold nothing of the text.
func checkKey(text []byte) error {
	block, _ := pem.Decode(text)
	if block == nil {
		return errors.New("the private key is not in PEM form")
	}
	if block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "" {
		return errors.New("the private key has a passphrase; ringdex must read it unattended")
	}
	if _, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return fmt.Errorf("the PEM block %.40q is no private key that can be read", block.Type)
	}
	if _, ok := key.(*rsa.PrivateKey); ok {
		return nil
	}
	return errors.New("the private key is not an RSA key, and Salesforce takes no other")
}
