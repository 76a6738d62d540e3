package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"ringdex/soap/emulator"
)

// lockedBuffer collects output that other goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// secretSession is a session id of the emulator's org: they are secrets that nobody types.
var secretSession = regexp.MustCompile(`00D[0-9A-Za-z]{12}!AQ[0-9A-Za-z._]+`)

// TestNoOutputHoldsSecrets makes a full run by each way to log in, right and wrong, with debug logs, and looks through
// everything that was printed and every file that was written but the secret files themselves.
func TestNoOutputHoldsSecrets(t *testing.T) {
	t.Parallel()
	secrets := map[string]string{
		"password": "Tr0ub4dor-and-3", "security-token": "Zx9kQ2mPv7LtR4sW8yB1nC6d", "client-secret": "9F3A6C0B7D2E58419F3A6C0B7D2E5841",
		"wrong": "Wr0ng-Battery-Staple",
	}
	dir := t.TempDir()
	for name, text := range secrets {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	org, err := emulator.Start(emulator.Options{
		Password: secrets["password"], Token: secrets["security-token"],
		Generate: &emulator.Generate{Accounts: 5, Contacts: 50, Seed: 2},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer org.Close()
	app := org.Org().OAuth()
	app.ClientSecret = secrets["client-secret"]
	if err := org.Org().ConfigureOAuth(app); err != nil {
		t.Fatal(err)
	}
	if err := newAppKey(filepath.Join(dir, "app.key"), org.URL()); err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(filepath.Join(dir, "app.key"))
	if err != nil {
		t.Fatal(err)
	}
	secrets["app.key"] = strings.Split(string(key), "\n")[3]

	all := &lockedBuffer{}
	ringdex := func(want int, args ...string) {
		t.Helper()
		out := &lockedBuffer{}
		code := Run(t.Context(), append([]string{"ringdex"}, args...), Stdio{In: strings.NewReader(""), Out: out, Err: out})
		fmt.Fprint(all, out.String())
		if code != want {
			t.Fatalf("ringdex %s: exit code %d, want %d:\n%s", strings.Join(args, " "), code, want, out.String())
		}
	}
	for _, l := range []struct{ login, flags, wrong string }{
		{"soap", "--username integration@example.com --password file:password --security-token file:security-token", "--password file:wrong"},
		{"client_credentials", "--client-id emulator-client --client-secret file:client-secret", "--client-secret file:wrong"},
		{"jwt", "--client-id emulator-client --username integration@example.com --private-key file:app.key", "--private-key file:wrong"},
		{"password", "--client-id emulator-client --client-secret file:client-secret --username integration@example.com --password file:password --security-token file:security-token", "--password file:wrong"},
	} {
		config := filepath.Join(dir, l.login+".yaml")
		wizard := append([]string{
			"wizard", "--yes", "--config", config, "--login", l.login, "--url", org.URL(), "--allow-host", "127.0.0.1",
			"--country", "DE", "--listen", "127.0.0.1:0", "--delta", "never", "--full", "never", "--store", l.login + ".db",
		}, strings.Fields(l.flags)...)
		// What is refused, with the org repeating the secrets that were sent.
		repeated := ""
		for name, secret := range secrets {
			if strings.Contains(l.flags, "file:"+name) && name != "app.key" {
				repeated += " " + secret
			}
		}
		for _, code := range []string{"login:1", "token:1"} {
			fault := code + ":fault=INVALID_LOGIN/you sent" + repeated
			if err := org.Org().AddFault(fault); err != nil {
				t.Fatal(err)
			}
		}
		ringdex(exitFailed, wizard...)
		org.Org().ClearFaults()
		ringdex(exitFailed, append(append([]string{}, wizard...), strings.Fields(l.wrong)...)...)
		ringdex(exitOK, wizard...)
		ringdex(exitOK, "check", "--config", config)
		ringdex(exitOK, "check", "--config", config, "--json")
		ringdex(exitOK, "replicate", "--config", config)
		serveOnce(t, all, config, func() {
			ringdex(exitOK, "status", "--config", config)
			ringdex(exitOK, "status", "--config", config, "--json")
			org.Org().KillSessions()
			ringdex(exitOK, "replicate", "--config", config, "--full")
			if err := org.Org().AddFault("query:1:fault=UNKNOWN_EXCEPTION/session " + "00D000000000001!AQsecretsecret"); err != nil {
				t.Fatal(err)
			}
			ringdex(exitOK, "replicate", "--config", config, "--full")
			org.Org().ClearFaults()
		})
	}

	texts := map[string]string{"output": all.String()}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !d.Type().IsRegular() {
			return err
		}
		if _, isSecret := secrets[d.Name()]; isSecret {
			return nil
		}
		data, err := os.ReadFile(path)
		texts[d.Name()] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(texts) < 9 || !strings.Contains(texts["output"], "level=debug") {
		t.Fatalf("only %d texts were looked through, debug logs: %t", len(texts), strings.Contains(texts["output"], "level=debug"))
	}
	for where, text := range texts {
		for name, secret := range secrets {
			if i := strings.Index(text, secret); i >= 0 {
				t.Errorf("%s holds the secret %s: …%q…", where, name, text[max(0, i-120):min(len(text), i+120)])
			}
		}
		if s := secretSession.FindString(text); s != "" {
			t.Errorf("%s holds a session id", where)
		}
	}
}

// serveOnce runs serve with debug logs while f runs.
func serveOnce(t *testing.T, out *lockedBuffer, config string, f func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	log := &lockedBuffer{}
	ended := make(chan int, 1)
	go func() {
		ended <- Run(ctx, []string{"ringdex", "serve", "--config", config, "--log-level", "debug"}, Stdio{In: strings.NewReader(""), Out: log, Err: log})
	}()
	defer func() {
		stop()
		if code := <-ended; code != exitOK {
			t.Errorf("serve: exit code %d:\n%s", code, log.String())
		}
		fmt.Fprint(out, log.String())
	}()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(patience); !strings.Contains(log.String(), "msg=ready"); {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("serve is not ready:\n%s", log.String())
		}
	}
	f()
}
