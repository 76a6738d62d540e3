package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"ringdex/soap"
)

const (
	productionURL = "https://login.salesforce.com"
	sandboxURL    = "https://test.salesforce.com"
)

// loginStep is what is asked again after a login that failed.
type loginStep int

const (
	stepValues loginStep = iota // user name, password, token, keys
	stepMethod
	stepAddress
	stepNothing
)

// askLogin asks until a login works. Each round is one login: wrong passwords lock a user out.
func (w *wizard) askLogin(ctx context.Context, p *prompter) (*org, error) {
	for step := stepAddress; ; {
		if step == stepAddress {
			if err := w.askURL(ctx, p); err != nil {
				return nil, err
			}
		}
		if step == stepAddress || step == stepMethod {
			if err := w.askMethod(ctx, p); err != nil {
				return nil, err
			}
		}
		if step != stepNothing {
			if err := w.askValues(ctx, p); err != nil {
				return nil, err
			}
		}
		err := w.valid()
		if err == nil {
			p.say("\nTrying the login …")
			var o *org
			if o, err = w.login(ctx); err == nil {
				return o, nil
			}
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		p.say("That did not work: %s", w.secrets.redact(oneLine(plainError(err))))
		if h := orElse(hint(err), soap.Hint(err)); h != "" {
			p.say("What to do: %s", w.secrets.redact(h))
		}
		n, err := p.pick(ctx, "\nWhat do you want to change?", []string{
			"the answers of this way to log in (" + strings.Join(w.valueLabels(), ", ") + ")",
			"the way to log in", "the address, and then the rest", "nothing: try the same again",
		}, int(stepAfter(err)))
		if err != nil {
			return nil, err
		}
		step = loginStep(n)
	}
}

// stepAfter guesses where the fault lies.
func stepAfter(err error) loginStep {
	var refused *soap.CredentialsError
	switch {
	case errors.Is(err, soap.ErrHost), errors.Is(err, soap.ErrTLS):
		return stepAddress
	case errors.Is(err, soap.ErrLoginEnded):
		return stepMethod
	case errors.As(err, &refused):
		switch refused.Code {
		case "INVALID_OPERATION", "unsupported_grant_type":
			return stepMethod
		case "LOGIN_DURING_RESTRICTED_DOMAIN":
			return stepAddress
		case "PASSWORD_LOCKOUT", "LOGIN_DURING_RESTRICTED_TIME", "INSUFFICIENT_ACCESS", "API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED", "jwt_access_token":
			return stepNothing // it is put right in Salesforce
		}
	case errors.Is(err, soap.ErrTemporary):
		return stepNothing
	}
	return stepValues
}

// valueLabels names what the chosen way to log in asks for.
func (w *wizard) valueLabels() []string {
	m, _ := w.cfg.Salesforce.method()
	var out []string
	for _, key := range append(slices.Clone(m.needs), m.allows...) {
		out = append(out, strings.ReplaceAll(key, "_", " "))
	}
	return out
}

// plainError is an error without its own next step, which is shown apart.
func plainError(err error) string {
	text := strings.TrimPrefix(err.Error(), "soap: ")
	for _, h := range []string{hint(err), soap.Hint(err)} {
		if h != "" {
			text = strings.TrimSuffix(text, ": "+h)
		}
	}
	return text
}

func (w *wizard) askURL(ctx context.Context, p *prompter) error {
	sf := &w.cfg.Salesforce
	list := []string{
		"production: " + productionURL,
		"sandbox: " + sandboxURL,
		"the org's own address (My Domain), which always works: https://mycompany.my.salesforce.com",
	}
	present := 2
	switch sf.URL {
	case productionURL:
		present = 0
	case sandboxURL:
		present = 1
	}
	n, err := p.pick(ctx, "\nWhere do you log in to Salesforce?", list, present)
	if err != nil {
		return err
	}
	if n < 2 {
		sf.URL = []string{productionURL, sandboxURL}[n]
		return nil
	}
	own := sf.URL
	if own == productionURL || own == sandboxURL {
		own = ""
	}
	for {
		text, err := p.ask(ctx, "The address in your browser after the login, up to .com", own)
		if err != nil {
			return err
		}
		if text != "" && !strings.Contains(text, "://") {
			text = "https://" + text
		}
		u, err := url.Parse(text)
		if err != nil || u.Host == "" {
			p.say("That is not an address like https://mycompany.my.salesforce.com.")
			continue
		}
		host := u.Hostname()
		// Browsers show the Lightning host; programs log in at My Domain.
		host = strings.Replace(host, ".lightning.force.com", ".my.salesforce.com", 1)
		if port := u.Port(); port != "" {
			sf.URL = u.Scheme + "://" + host + ":" + port
		} else {
			sf.URL = u.Scheme + "://" + host
		}
		if sf.URL != text {
			p.say("Taken as %s.", sf.URL)
		}
		if isSalesforceHost(host) || slices.Contains(sf.AllowedHosts, host) {
			return nil
		}
		allow, err := p.yes(ctx, host+" is not one of Salesforce's hosts. Send user name and password there all the same?", false)
		if err != nil {
			return err
		}
		if allow {
			sf.AllowedHosts = append(sf.AllowedHosts, host)
			return nil
		}
	}
}

func isSalesforceHost(host string) bool {
	for _, domain := range []string{".salesforce.com", ".force.com", ".salesforce.mil"} {
		if strings.HasSuffix(strings.ToLower(host), domain) {
			return true
		}
	}
	return false
}

// loginHelp says what must be there in Salesforce first.
func loginHelp(method, callback string) string {
	const app = "In Salesforce: Setup, External Client App Manager, New External Client App; under OAuth the scope “Manage user data via APIs (api)”, and JWT-based access tokens off. "
	const keys = "Consumer Key and Secret are then under Settings, OAuth Settings. A new app works after up to ten minutes."
	switch method {
	case "client_credentials":
		return app + "Enable the Client Credentials Flow, and in the app's policies name the integration user under Run As. " + keys
	case "jwt":
		return app + "Enable the JWT Bearer Flow with the certificate of your key, and let an administrator pre-authorize the integration user in the app's policies.\n" +
			"A key and its certificate are made by: openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=ringdex -keyout ringdex.key -out ringdex.crt; chmod 600 ringdex.key"
	case "refresh_token":
		return app + "Add the scope “Perform requests at any time (refresh_token, offline_access)” and the callback URL http://" + callback + "/callback. " + keys
	case "password":
		return app + "The username-password flow must be allowed: Setup, OAuth and OpenID Connect Settings. " + keys
	}
	return "Best is a user of its own for ringdex, with the permissions API Enabled, View All on what is copied, and Use Any API Auth where the org has that."
}

// askMethod asks for the way to log in.
func (w *wizard) askMethod(ctx context.Context, p *prompter) error {
	sf := &w.cfg.Salesforce
	var titles []string
	present := 0
	for i, m := range loginMethods() {
		titles = append(titles, m.title)
		if m.name == sf.Login {
			present = i
		}
	}
	n, err := p.pick(ctx, "\nHow does ringdex log in?", titles, present)
	if err != nil {
		return err
	}
	sf.Login = loginMethods()[n].name
	return nil
}

// askValues asks for what the way to log in needs.
func (w *wizard) askValues(ctx context.Context, p *prompter) error {
	sf := &w.cfg.Salesforce
	m, _ := sf.method()
	p.say("\n%s", loginHelp(m.name, w.callback))
	var err error
	if w.cfg.typed == nil {
		w.cfg.typed = map[string]string{}
	}
	for _, v := range sf.loginValues() {
		needed := slices.Contains(m.needs, v.key)
		switch {
		case !needed && !slices.Contains(m.allows, v.key):
			if v.ref != nil {
				*v.ref = ""
				delete(w.cfg.typed, v.key)
			} else {
				*v.text = ""
			}
		case v.key == "refresh_token":
			if err := w.browserLogin(ctx, p); err != nil {
				return err
			}
		case v.ref != nil:
			if err := w.askSecret(ctx, p, v, needed); err != nil {
				return err
			}
		default:
			if *v.text, err = p.ask(ctx, loginLabel(v.key), *v.text); err != nil {
				return err
			}
		}
	}
	return nil
}

func loginLabel(key string) string {
	switch key {
	case "username":
		return "User name (it looks like a mail address)"
	case "password":
		return "Password"
	case "security_token":
		return "Security token"
	case "client_id":
		return "Consumer Key of the app (Setup, External Client App Manager, OAuth Settings)"
	case "client_secret":
		return "Consumer Secret of the app"
	case "private_key":
		return "File with the private key (PEM)"
	case "audience":
		return "Audience (- for the one that fits the address)"
	}
	return key
}

// browserLogin gets a refresh token by a login in the browser, unless there is one.
func (w *wizard) browserLogin(ctx context.Context, p *prompter) error {
	sf := &w.cfg.Salesforce
	if sf.RefreshToken != "" {
		again, err := p.yes(ctx, "There is a refresh token. Log in with the browser anew?", false)
		if err != nil || !again {
			return err
		}
	}
	token, err := w.webServerFlow(ctx, p)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		if errors.Is(err, errEnded) {
			return err
		}
		p.say("That did not work: %s", w.secrets.redact(oneLine(plainError(err))))
		if h := orElse(hint(err), soap.Hint(err)); h != "" {
			p.say("What to do: %s", h)
		}
		return nil // the login says what is missing, and asks again
	}
	w.secrets.add(token)
	w.cfg.typed["refresh_token"] = token
	if sf.RefreshToken == "" {
		// The service writes it, where the org exchanges it at each use: so it lies where the service may write.
		sf.RefreshToken = "file:refresh-token"
		if dir := filepath.Dir(w.cfg.StorePath()); dir != filepath.Dir(w.cfg.path) {
			sf.RefreshToken = SecretRef("file:" + filepath.Join(dir, "refresh-token"))
		}
	}
	return nil
}

// errNoRefresh is a login in the browser without what it was made for.
var errNoRefresh = &hintError{
	fmt.Errorf("the org gave no refresh token"),
	"add the scope “Perform requests at any time (refresh_token, offline_access)” to the app's OAuth settings",
}
