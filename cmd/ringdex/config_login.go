package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/sirupsen/logrus"

	"ringdex/schema"
	"ringdex/soap"
)

// loginMethod is one value of salesforce.login: which keys it needs and may have.
type loginMethod struct {
	name, title   string
	needs, allows []string
}

// loginMethods are the ways to log in, in the order in which the wizard offers them.
func loginMethods() []loginMethod {
	return []loginMethod{
		{"soap", "user name, password and security token: quickest; Salesforce ends it in summer 2027, and new orgs have it off", []string{"username", "password"}, []string{"security_token"}},
		{"client_credentials", "an app of the org with key and secret (OAuth client credentials): best for a server", []string{"client_id", "client_secret"}, nil},
		{"jwt", "an app of the org and a key file (OAuth JWT bearer): no secret leaves this machine", []string{"client_id", "username", "private_key"}, []string{"audience"}},
		{"refresh_token", "a login in the browser, once (OAuth web server flow)", []string{"client_id", "refresh_token"}, []string{"client_secret"}},
		{"password", "user name and password beside an app's key (OAuth username-password): blocked in newer orgs", []string{"client_id", "username", "password"}, []string{"client_secret", "security_token"}},
	}
}

func loginNames() []string {
	var names []string
	for _, m := range loginMethods() {
		names = append(names, m.name)
	}
	return names
}

func (sf *SalesforceConfig) method() (loginMethod, bool) {
	for _, m := range loginMethods() {
		if m.name == sf.Login {
			return m, true
		}
	}
	return loginMethod{}, false
}

// loginValue is a key that a way to log in may need.
type loginValue struct {
	key, example string
	text         *string    // a value, or
	ref          *SecretRef // where a secret lies
}

func (v loginValue) empty() bool {
	return v.ref != nil && *v.ref == "" || v.text != nil && *v.text == ""
}

func (sf *SalesforceConfig) loginValues() []loginValue {
	return []loginValue{
		{"username", "integration@example.com", &sf.Username, nil},
		{"password", "env:RINGDEX_PASSWORD", nil, &sf.Password},
		{"security_token", "env:RINGDEX_SECURITY_TOKEN", nil, &sf.SecurityToken},
		{"client_id", "3MVG9…", &sf.ClientID, nil},
		{"client_secret", "env:RINGDEX_CLIENT_SECRET", nil, &sf.ClientSecret},
		{"private_key", "file:ringdex.key", nil, &sf.PrivateKey},
		{"refresh_token", "file:refresh-token", nil, &sf.RefreshToken},
		{"audience", "https://login.salesforce.com", &sf.Audience, nil},
	}
}

// checkLogin refuses an unknown way to log in and plain secrets. What is missing is told when a login is made: a
// directory serves without one.
func (sf *SalesforceConfig) checkLogin(u *url.URL) *ConfigError {
	if _, known := sf.method(); !known {
		e := &ConfigError{What: fmt.Sprintf("salesforce.login: %q is not a way to log in that this version knows", sf.Login), Try: "login: soap"}
		if near := schema.Nearest(sf.Login, loginNames()); near != "" {
			e.Try = "login: " + near
		} else {
			e.Try = "login: " + strings.Join(loginNames(), " | ")
		}
		return e
	}
	for _, v := range sf.loginValues() {
		if v.ref == nil {
			continue
		}
		if err := v.ref.check(); err != nil {
			return &ConfigError{What: fmt.Sprintf("salesforce.%s: %v", v.key, err), Try: v.key + ": " + v.example}
		}
	}
	if t := string(sf.RefreshToken); t != "" && !strings.HasPrefix(t, "file:") {
		return &ConfigError{What: "salesforce.refresh_token: the org may exchange it at each use, so it must lie in a file that ringdex can write", Try: "refresh_token: file:refresh-token"}
	}
	if host := strings.ToLower(u.Hostname()); sf.Login == "client_credentials" && (host == "login.salesforce.com" || host == "test.salesforce.com") {
		return &ConfigError{What: "salesforce.url: " + host + " does not serve the client credentials flow", Try: "url: https://mycompany.my.salesforce.com   (Setup, My Domain)"}
	}
	return nil
}

// missing reports the first key that the chosen way to log in needs and that is missing.
func (sf *SalesforceConfig) missing() (loginValue, bool) {
	m, _ := sf.method()
	for _, v := range sf.loginValues() {
		for _, need := range m.needs {
			if v.key == need && v.empty() {
				return v, true
			}
		}
	}
	return loginValue{}, false
}

// configLogin reads the secrets at each login: they may have been set right since the last one.
type configLogin struct {
	config  *Config
	secrets *secretSet
	log     logrus.FieldLogger

	mu      sync.Mutex
	rotated string // a refresh token that could not be written yet
}

// newAuthenticator makes the login that the configuration asks for.
func newAuthenticator(cfg *Config, secrets *secretSet, log logrus.FieldLogger) (soap.Authenticator, error) {
	if v, missing := cfg.Salesforce.missing(); missing {
		return nil, &ConfigError{Path: cfg.given, What: "salesforce." + v.key + " is missing", Try: v.key + ": " + v.example}
	}
	return &configLogin{config: cfg, secrets: secrets, log: log}, nil
}

// Login resolves the secrets and logs in.
func (l *configLogin) Login(ctx context.Context, c *soap.Caller) (soap.Session, error) {
	sf := &l.config.Salesforce
	secret := map[string]soap.Secret{}
	for _, v := range sf.loginValues() {
		if v.ref == nil || *v.ref == "" {
			continue
		}
		s, typed := l.config.typed[v.key]
		if !typed {
			var err error
			if s, err = v.ref.resolve(filepath.Dir(l.config.path)); err != nil {
				return soap.Session{}, fmt.Errorf("salesforce.%s: %w", v.key, err)
			}
		}
		l.secrets.add(s)
		secret[v.key] = soap.NewSecret(s)
	}
	var auth soap.Authenticator
	switch sf.Login {
	case "client_credentials":
		auth = soap.ClientCredentials{ClientID: sf.ClientID, ClientSecret: secret["client_secret"]}
	case "jwt":
		auth = soap.JWTBearer{ClientID: sf.ClientID, Username: sf.Username, Key: secret["private_key"], Audience: sf.Audience}
	case "refresh_token":
		auth = l.refresh(sf, secret)
	case "password":
		auth = soap.PasswordGrant{
			ClientID: sf.ClientID, ClientSecret: secret["client_secret"], Username: sf.Username, Password: secret["password"], Token: secret["security_token"],
		}
	default:
		auth = soap.SOAPLogin{Username: sf.Username, Password: secret["password"], Token: secret["security_token"]}
	}
	return auth.Login(ctx, c)
}

// refresh writes a rotated token at once. Where that fails, the token is kept in memory and the login goes on: losing
// both would cost a login by a person.
func (l *configLogin) refresh(sf *SalesforceConfig, secret map[string]soap.Secret) soap.Authenticator {
	l.mu.Lock()
	defer l.mu.Unlock()
	token := secret["refresh_token"]
	if l.rotated != "" {
		token = soap.NewSecret(l.rotated)
	}
	return soap.RefreshToken{
		ClientID: sf.ClientID, ClientSecret: secret["client_secret"], Token: token,
		Rotated: func(_ context.Context, t soap.Secret) error {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.secrets.add(t.Reveal())
			if _, typed := l.config.typed["refresh_token"]; typed {
				l.config.typed["refresh_token"] = t.Reveal() // no file yet: it is written with the configuration
				return nil
			}
			path := l.config.rel(strings.TrimPrefix(string(sf.RefreshToken), "file:"))
			if err := writePrivate(path, []byte(t.Reveal()+"\n")); err != nil {
				l.rotated = t.Reveal()
				l.log.WithError(err).Error("the org has exchanged the refresh token, and the new one could not be written: make room or set the folder's rights right before ringdex ends")
				return nil
			}
			l.rotated = ""
			return nil
		},
	}
}

// writePrivate puts a file in place by rename, mode 0600, so that a reader finds the old or the new one, whole.
func writePrivate(path string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	if _, err := f.Write(data); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := giveToFolder(f.Name()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
