package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"ringdex/soap"
)

// browserPatience is how long a person has for a login in the browser: a code works for a quarter of an hour.
const browserPatience = 15 * time.Minute

// defaultCallback is where the browser comes back to. The port is fixed, since the app's callback URL must name it.
const defaultCallback = "127.0.0.1:8713"

// webServerFlow logs in with the browser (RFC 6749, 4.1, with PKCE, RFC 7636, and the loopback redirect of RFC 8252,
// 7.3) and returns the refresh token.
func (w *wizard) webServerFlow(ctx context.Context, p *prompter) (string, error) {
	sf := &w.cfg.Salesforce
	l, err := net.Listen("tcp", w.callback)
	if err != nil {
		return "", fmt.Errorf("listen for the browser on %s: %w", w.callback, err)
	}
	verifier, state := soap.NewVerifier(), rand.Text()
	w.secrets.add(verifier.Reveal())
	redirect := "http://" + w.callback + "/callback"
	address := soap.AuthorizationURL(sf.URL, sf.ClientID, redirect, state, verifier)
	p.say("\nThe app needs this callback URL: %s", redirect)
	p.say("Open this address in a browser on this machine, log in as the integration user and approve:\n\n  %s\n", address)
	p.say("(From another machine: ssh -L %[1]s:%[1]s to this one first.)", w.callback)
	openBrowser(ctx, address)

	code, err := awaitCode(ctx, l, state)
	if err != nil {
		return "", err
	}
	secret, typed := w.cfg.typed["client_secret"]
	if !typed && sf.ClientSecret != "" {
		if secret, err = sf.ClientSecret.resolve(filepath.Dir(w.cfg.path)); err != nil {
			return "", err
		}
	}
	var refresh string
	o, err := w.cfg.soapOptions()
	if err != nil {
		return "", err
	}
	o.Auth = soap.AuthorizationCode{
		ClientID: sf.ClientID, ClientSecret: soap.NewSecret(secret), Code: soap.NewSecret(code), Verifier: verifier,
		RedirectURI: redirect,
		Granted: func(_ context.Context, t soap.Secret) error {
			refresh = t.Reveal()
			return nil
		},
	}
	client, err := soap.New(o)
	if err != nil {
		return "", err
	}
	defer client.Close()
	if _, err := client.Login(ctx); err != nil {
		return "", err
	}
	if refresh == "" {
		return "", errNoRefresh
	}
	return refresh, nil
}

// openBrowser tries to open the address; where there is no browser, the person copies it.
func openBrowser(ctx context.Context, address string) {
	name := map[string]string{"linux": "xdg-open", "darwin": "open"}[runtime.GOOS]
	path, err := exec.LookPath(name)
	if name == "" || err != nil || runtime.GOOS == "linux" && os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return // a browser of text would take the terminal over
	}
	_ = exec.CommandContext(ctx, path, address).Run() // the address is on the screen too
}

// awaitCode serves the one redirect that carries our state.
func awaitCode(ctx context.Context, l net.Listener, state string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, browserPatience)
	defer cancel()
	type answer struct {
		code string
		err  error
	}
	got := make(chan answer, 1)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /callback", func(rw http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if q.Get("state") != state {
			http.Error(rw, "This is not the login that ringdex waits for.", http.StatusBadRequest)
			return
		}
		a := answer{code: q.Get("code")}
		if a.code == "" {
			a.err = &hintError{
				fmt.Errorf("the login in the browser was refused: %.200s", oneLine(q.Get("error")+" "+q.Get("error_description"))),
				"log in as the integration user and approve; the app's policies must allow that user",
			}
		}
		fmt.Fprintln(rw, "ringdex has its answer. You may close this page.")
		select {
		case got <- a:
		default: // a page loaded twice
		}
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	defer func() {
		// The page is on its way to the browser: let it arrive.
		end, done := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer done()
		if server.Shutdown(end) != nil {
			server.Close()
		}
		<-served
	}()
	select {
	case a := <-got:
		return a.code, a.err
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return "", errors.New("nobody came back from the browser within a quarter of an hour")
		}
		return "", ctx.Err()
	}
}
