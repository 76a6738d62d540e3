package soap_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"ringdex/soap"
	"ringdex/soap/emulator"
)

const (
	testClient = "emulator-client"
	testSecret = "emulator-secret"
	testUser   = "integration@example.com"
)

func oauthOrg(t *testing.T, change func(*emulator.OAuth)) *emulator.Server {
	t.Helper()
	s, err := emulator.Start(emulator.Options{Password: "geheim-4711", Generate: &emulator.Generate{Accounts: 3, Contacts: 12, Seed: 1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	o := s.Org().OAuth()
	if change != nil {
		change(&o)
	}
	if err := s.Org().ConfigureOAuth(o); err != nil {
		t.Fatal(err)
	}
	return s
}

func oauthClient(t *testing.T, s *emulator.Server, auth soap.Authenticator) *soap.Client {
	t.Helper()
	c, err := soap.New(soap.Options{URL: s.URL(), AllowedHosts: []string{"127.0.0.1"}, Auth: auth})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// testKey is one RSA key for all tests: making one takes a while.
var testKey = sync.OnceValues(func() (private, public string) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	pub, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: pub}))
})

// authorize approves in the browser and returns the code.
func authorize(t *testing.T, s *emulator.Server, verifier string) string {
	t.Helper()
	sum := sha256.Sum256([]byte(verifier))
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Get(s.URL() + "/services/oauth2/authorize?" + url.Values{
		"response_type": {"code"}, "client_id": {testClient}, "redirect_uri": {"http://127.0.0.1:1/callback"}, "scope": {"api refresh_token"},
		"state": {"s"}, "code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}.Encode())
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	to, err := resp.Location()
	if err != nil {
		t.Fatal(err)
	}
	return to.Query().Get("code")
}

func authorizationCode(code, verifier string, granted *string) soap.AuthorizationCode {
	return soap.AuthorizationCode{
		ClientID: testClient, ClientSecret: soap.NewSecret(testSecret), Code: soap.NewSecret(code), Verifier: soap.NewSecret(verifier),
		RedirectURI: "http://127.0.0.1:1/callback",
		Granted:     func(_ context.Context, t soap.Secret) error { *granted = t.Reveal(); return nil },
	}
}

// refreshToken logs in with the browser.
func refreshToken(t *testing.T, s *emulator.Server) string {
	t.Helper()
	var token string
	if _, err := oauthClient(t, s, authorizationCode(authorize(t, s, "verifier"), "verifier", &token)).Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	if token == "" {
		t.Fatal("no refresh token")
	}
	return token
}

// TestOAuthDrivesSOAP logs in by each flow, reads records, and does so again when the session has ended.
func TestOAuthDrivesSOAP(t *testing.T) {
	t.Parallel()
	private, public := testKey()
	for _, c := range []struct {
		name string
		auth func(s *emulator.Server) soap.Authenticator
	}{
		{"client credentials", func(*emulator.Server) soap.Authenticator {
			return soap.ClientCredentials{ClientID: testClient, ClientSecret: soap.NewSecret(testSecret)}
		}},
		{"jwt bearer", func(*emulator.Server) soap.Authenticator {
			return soap.JWTBearer{ClientID: testClient, Username: testUser, Key: soap.NewSecret(private)}
		}},
		{"refresh token", func(s *emulator.Server) soap.Authenticator {
			return soap.RefreshToken{ClientID: testClient, Token: soap.NewSecret(refreshToken(t, s))}
		}},
		{"password", func(*emulator.Server) soap.Authenticator {
			return soap.PasswordGrant{
				ClientID: testClient, ClientSecret: soap.NewSecret(testSecret), Username: testUser,
				Password: soap.NewSecret("geheim-4711"), Token: soap.NewSecret("TOKEN"),
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := oauthOrg(t, func(o *emulator.OAuth) { o.PublicKey = public })
			client := oauthClient(t, s, c.auth(s))
			session, err := client.Login(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if want := s.URL() + "/services/Soap/u/64.0"; session.ServerURL != want || string(session.OrganizationID) != s.Org().ID() || session.User.UserName != testUser {
				t.Errorf("session of %s, %s, %s", session.ServerURL, session.OrganizationID, session.User.UserName)
			}
			before := s.Org().Calls()["token"]
			for round := range 2 {
				n, err := client.Count(t.Context(), "SELECT COUNT() FROM Contact")
				if err != nil || n != 12 {
					t.Fatalf("round %d: %d records, %v", round, n, err)
				}
				s.Org().KillSessions()
			}
			if got := s.Org().Calls()["token"] - before; got != 1 {
				t.Errorf("%d tokens for one ended session, want 1", got)
			}
		})
	}
}

func TestOAuthRefusals(t *testing.T) {
	t.Parallel()
	private, public := testKey()
	credentials := soap.ClientCredentials{ClientID: testClient, ClientSecret: soap.NewSecret(testSecret)}
	bearer := soap.JWTBearer{ClientID: testClient, Username: testUser, Key: soap.NewSecret(private)}
	with := func(change func(*emulator.OAuth)) func(*emulator.OAuth) {
		return func(o *emulator.OAuth) {
			o.PublicKey = public
			if change != nil {
				change(o)
			}
		}
	}
	for _, c := range []struct {
		name   string
		org    func(*emulator.OAuth)
		auth   soap.Authenticator
		code   string
		advice string // part of what a person reads
	}{
		{"unknown app", with(nil), soap.ClientCredentials{ClientID: "other", ClientSecret: soap.NewSecret(testSecret)}, "invalid_client_id", "Consumer Key"},
		{"wrong secret", with(nil), soap.ClientCredentials{ClientID: testClient, ClientSecret: soap.NewSecret("wrong-secret")}, "invalid_client", "Consumer Secret"},
		{"generic login host", with(func(o *emulator.OAuth) { o.GenericHost = true }), credentials, "invalid_grant", "My Domain"},
		{"no run-as user", with(func(o *emulator.OAuth) { o.NoRunAs = true }), credentials, "invalid_grant", "Run As"},
		{"JWT access tokens", with(func(o *emulator.OAuth) { o.JWTTokens = true }), credentials, "jwt_access_token", "turn off"},
		{"no certificate in the app", nil, bearer, "invalid_grant", "certificate"},
		{"audience", with(nil), soap.JWTBearer{ClientID: testClient, Username: testUser, Key: soap.NewSecret(private), Audience: "https://example.org"}, "invalid_grant", "salesforce.audience"},
		{"not approved", with(func(o *emulator.OAuth) { o.NotApproved = true }), bearer, "invalid_grant", "pre-authorized"},
		{"key is no PEM", with(nil), soap.JWTBearer{ClientID: testClient, Username: testUser, Key: soap.NewSecret("geheim-4711")}, "private_key", "openssl"},
		{"refresh token revoked", with(nil), soap.RefreshToken{ClientID: testClient, Token: soap.NewSecret("5Aep861revoked")}, "invalid_grant", "ringdex wizard"},
		{"wrong password", with(nil), soap.PasswordGrant{ClientID: testClient, ClientSecret: soap.NewSecret(testSecret), Username: testUser, Password: soap.NewSecret("wrong-password")}, "invalid_grant", "security token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := oauthOrg(t, c.org)
			client := oauthClient(t, s, c.auth)
			_, err := client.Login(t.Context())
			var refused *soap.CredentialsError
			if !errors.As(err, &refused) || refused.Code != c.code || !strings.Contains(refused.Advice, c.advice) {
				t.Fatalf("got %v, want %s and advice with %q", err, c.code, c.advice)
			}
			for _, secret := range []string{testSecret, "wrong-secret", "geheim-4711", "wrong-password", "5Aep861revoked", "eyJ", "PRIVATE KEY-----\nM"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("%q is in the error: %v", secret, err)
				}
			}
			calls := s.Org().Calls()["token"]
			if _, err := client.Login(t.Context()); !errors.Is(err, soap.ErrCredentials) || s.Org().Calls()["token"] != calls {
				t.Errorf("a refused login was tried again: %v", err)
			}
		})
	}
}

func TestOAuthTemporary(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{"token:1:http=503", "token:1:fault=RATE_LIMIT_EXCEEDED/too many"} {
		s := oauthOrg(t, nil)
		if err := s.Org().AddFault(fault); err != nil {
			t.Fatal(err)
		}
		client := oauthClient(t, s, soap.ClientCredentials{ClientID: testClient, ClientSecret: soap.NewSecret(testSecret)})
		if _, err := client.Login(t.Context()); !errors.Is(err, soap.ErrTemporary) {
			t.Errorf("%s: got %v, want ErrTemporary", fault, err)
		}
		if _, err := client.Login(t.Context()); err != nil {
			t.Errorf("%s: the second try: %v", fault, err)
		}
	}
}

func TestGenericHostIsNotAsked(t *testing.T) {
	t.Parallel()
	c, err := soap.New(soap.Options{
		URL: "https://login.salesforce.com", Auth: soap.ClientCredentials{ClientID: testClient, ClientSecret: soap.NewSecret(testSecret)},
		Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("a request was made") }),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Login(t.Context()); !errors.Is(err, soap.ErrCredentials) || !strings.Contains(err.Error(), "My Domain") {
		t.Errorf("got %v", err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestRefreshTokenRotation(t *testing.T) {
	t.Parallel()
	s := oauthOrg(t, func(o *emulator.OAuth) { o.Rotate = true })
	first := refreshToken(t, s)
	var stored string
	auth := soap.RefreshToken{
		ClientID: testClient, Token: soap.NewSecret(first),
		Rotated: func(_ context.Context, t soap.Secret) error { stored = t.Reveal(); return nil },
	}
	if _, err := oauthClient(t, s, auth).Login(t.Context()); err != nil || stored == "" || stored == first {
		t.Fatalf("%v; stored a new token: %t", err, stored != "" && stored != first)
	}
	if _, err := oauthClient(t, s, auth).Login(t.Context()); !errors.Is(err, soap.ErrCredentials) {
		t.Errorf("the old token: got %v", err)
	}
	auth.Token = soap.NewSecret(stored)
	if _, err := oauthClient(t, s, auth).Login(t.Context()); err != nil {
		t.Errorf("the new token: %v", err)
	}

	full := errors.New("disk full")
	auth.Token = soap.NewSecret(stored)
	auth.Rotated = func(context.Context, soap.Secret) error { return full }
	if _, err := oauthClient(t, s, auth).Login(t.Context()); !errors.Is(err, full) {
		t.Errorf("a token that cannot be stored: got %v", err)
	}
}

func TestAuthorizationCode(t *testing.T) {
	t.Parallel()
	s := oauthOrg(t, nil)
	code := authorize(t, s, "verifier")
	var token string
	if _, err := oauthClient(t, s, authorizationCode(code, "other verifier", &token)).Login(t.Context()); !errors.Is(err, soap.ErrCredentials) {
		t.Errorf("another verifier: got %v", err)
	}
	code = authorize(t, s, "verifier")
	for round, want := range []bool{true, false} {
		_, err := oauthClient(t, s, authorizationCode(code, "verifier", &token)).Login(t.Context())
		if (err == nil) != want {
			t.Errorf("use %d of a code: %v", round+1, err)
		}
	}
}
