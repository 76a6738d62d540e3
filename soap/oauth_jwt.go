package soap

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"time"
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
	key, err := rsaKey([]byte(g.Key.Reveal()))
	if err != nil {
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
	assertion, err := signRS256(key, map[string]any{
		"iss": g.ClientID, "sub": g.Username, "aud": audience, "exp": c.client.options.Clock().Add(assertionLife).Unix(),
	})
	if err != nil {
		return Session{}, &CredentialsError{Code: "private_key", Message: "the private key cannot sign", Advice: "use an RSA key of 2048 bits or more"}
	}
	return c.grant(ctx, url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion.Reveal()},
	}, nil, assertion)
}

// rsaKey reads an RSA private key. Its errors hold nothing of the text.
func rsaKey(text []byte) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("the private key is not in PEM form")
	}
	if block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "" {
		return nil, errors.New("the private key has a passphrase; ringdex must read it unattended")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("the PEM block %.40q is no private key that can be read", block.Type)
	}
	if key, ok := key.(*rsa.PrivateKey); ok {
		return key, nil
	}
	return nil, errors.New("the private key is not an RSA key, and Salesforce takes no other")
}

// signRS256 makes a JWT (RFC 7515, A.2).
func signRS256(key *rsa.PrivateKey, claims map[string]any) (Secret, error) {
	body, err := json.Marshal(claims)
	if err != nil {
		return Secret{}, err
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"RS256"}`)) + "." + encode(body)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		return Secret{}, err
	}
	return NewSecret(signed + "." + encode(signature)), nil
}
