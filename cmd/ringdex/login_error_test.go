package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ringdex/soap/emulator"
)

var update = flag.Bool("update", false, "rewrite testdata")

// loginFault is a login that is refused, in one way.
type loginFault struct {
	name  string
	flags []string
	fault string // of the emulator's script
	oauth func(*emulator.OAuth)
}

// TestLoginFaults holds every refusal against the sentence and the next step that a user reads, in
// testdata/login_faults.txt; -update writes it anew, and a difference there is reviewed like code.
func TestLoginFaults(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"password": "correct-horse", "token": "SecurityToken24", "wrong": "wrong-horse", "secret": "emulator-secret", "key": "no key at all", "refresh": "5Aep861revoked"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	soapLogin := []string{"--password", "file:password", "--security-token", "file:token"}
	client := []string{"--login", "client_credentials", "--client-id", "emulator-client", "--client-secret", "file:secret"}
	browser := []string{"--login", "refresh_token", "--client-id", "emulator-client", "--refresh-token", "file:refresh"}
	code := func(code string) loginFault { return loginFault{code, soapLogin, "login:1:fault=" + code, nil} }
	token := func(name, spec string) loginFault { return loginFault{name, client, "token:1:" + spec, nil} }
	cases := []loginFault{
		{"wrong password, no token", []string{"--password", "file:wrong"}, "", nil},
		{"wrong password", []string{"--password", "file:wrong", "--security-token", "file:token"}, "", nil},
		{"no token from outside", []string{"--password", "file:password"}, "", nil},
		{"old token", []string{"--password", "file:password", "--security-token", "file:wrong"}, "login:1:fault=LOGIN_MUST_USE_SECURITY_TOKEN", nil},
		code("PASSWORD_LOCKOUT"), code("INVALID_OPERATION_WITH_EXPIRED_PASSWORD"), code("LOGIN_DURING_RESTRICTED_TIME"), code("LOGIN_DURING_RESTRICTED_DOMAIN"),
		code("LOGIN_CHALLENGE_ISSUED"), code("LOGIN_CHALLENGE_PENDING"), code("API_DISABLED_FOR_ORG"), code("API_CURRENTLY_DISABLED"), code("ORG_LOCKED"), code("TRIAL_EXPIRED"),
		code("INVALID_OPERATION"), code("INSUFFICIENT_ACCESS"), code("UNSUPPORTED_API_VERSION"), code("SERVER_UNAVAILABLE"), code("REQUEST_LIMIT_EXCEEDED"),
		{"web page of a maintenance", soapLogin, "login:1:http=503", nil},
		{"web page of a proxy", soapLogin, "login:1:http=403", nil},
		{"answer that breaks off", soapLogin, "login:1:cut=200", nil},
		{"server of a stranger", soapLogin, "login:1:serverurl=https://evil.example.org", nil},
		{"client_credentials: other app", append(append([]string{}, client...), "--client-id", "other"), "", nil},
		{"client_credentials: wrong secret", append(append([]string{}, client...), "--client-secret", "file:wrong"), "", nil},
		{"client_credentials: no user under Run As", client, "", func(o *emulator.OAuth) { o.NoRunAs = true }},
		{"client_credentials: not at My Domain", client, "", func(o *emulator.OAuth) { o.GenericHost = true }},
		{"client_credentials: JWT access tokens", client, "", func(o *emulator.OAuth) { o.JWTTokens = true }},
		token("too many logins", "fault=RATE_LIMIT_EXCEEDED"), token("inactive user", "fault=INACTIVE_USER"), token("inactive org", "fault=INACTIVE_ORG"),
		token("flow not enabled", "fault=UNSUPPORTED_GRANT_TYPE/grant type not supported"), token("user not approved", "fault=INVALID_APP_ACCESS"),
		token("network not allowed", "fault=INVALID_GRANT/ip restricted"), token("out of service", "http=503"),
		{"jwt: no key", []string{"--login", "jwt", "--client-id", "emulator-client", "--private-key", "file:key"}, "", nil},
		{"refresh_token: revoked", browser, "", nil},
		{"refresh_token: other app", append(append([]string{}, browser...), "--client-id", "other"), "", nil},
		{"password: wrong password", []string{"--login", "password", "--client-id", "emulator-client", "--client-secret", "file:secret", "--password", "file:wrong"}, "", nil},
		{"password: flow blocked", []string{"--login", "password", "--client-id", "emulator-client", "--client-secret", "file:secret", "--password", "file:password"}, "", func(o *emulator.OAuth) { o.NoPassword = true }},
	}
	var got strings.Builder
	for _, c := range cases {
		org := wizardOrg(t)
		if c.fault != "" {
			if err := org.Org().AddFault(c.fault); err != nil {
				t.Fatal(err)
			}
		}
		if c.oauth != nil {
			app := org.Org().OAuth()
			c.oauth(&app)
			if err := org.Org().ConfigureOAuth(app); err != nil {
				t.Fatal(err)
			}
		}
		config := filepath.Join(dir, "ringdex.yaml")
		args := append([]string{"wizard", "--yes", "--config", config, "--url", org.URL(), "--allow-host", "127.0.0.1", "--username", "integration@example.com"}, c.flags...)
		code, out := runHere(t, args...)
		out = strings.ReplaceAll(out, strings.TrimPrefix(org.URL(), "http://"), "ORG")
		if code != exitFailed || !strings.HasPrefix(out, "ringdex: ") || !strings.Contains(out, "\ntry: ") {
			t.Errorf("%s: exit code %d, want a sentence and a next step:\n%s", c.name, code, out)
		}
		for _, secret := range []string{"correct-horse", "SecurityToken24", "wrong-horse", "emulator-secret", "no key at all", "5Aep861revoked"} {
			if strings.Contains(out, secret) {
				t.Errorf("%s: %q is told:\n%s", c.name, secret, out)
			}
		}
		if _, err := os.Stat(config); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: a configuration was written", c.name)
		}
		fmt.Fprintf(&got, "%s\n%s\n", c.name, out)
	}
	path := filepath.Join("testdata", "login_faults.txt")
	if *update {
		if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("what is told has changed (-update writes %s anew):\n%s", path, got.String())
	}
}
