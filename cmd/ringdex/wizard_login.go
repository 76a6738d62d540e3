package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"ringdex/soap"
)

const (
	productionURL = "https://login.salesforce.com"
	sandboxURL    = "https://test.salesforce.com"
)

// askLogin asks until a login works. Each round is one login: wrong passwords lock a user out.
func (w *wizard) askLogin(ctx context.Context, p *prompter) (*org, error) {
	for {
		if err := w.askURL(ctx, p); err != nil {
			return nil, err
		}
		if err := w.askMethod(ctx, p); err != nil {
			return nil, err
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
		p.say("")
	}
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

// askMethod asks for the way to log in and what it needs.
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
	m := loginMethods()[n]
	sf.Login = m.name
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

// askSecret asks for a secret and where it will lie. Enter keeps what is there.
func (w *wizard) askSecret(ctx context.Context, p *prompter, v loginValue, needed bool) error {
	_, typed := w.cfg.typed[v.key]
	keep := ""
	if *v.ref != "" {
		keep = ", Enter keeps " + string(*v.ref)
		if typed {
			keep = ", Enter keeps the one typed before"
		}
	}
	switch v.key {
	case "private_key":
		path, err := p.ask(ctx, loginLabel(v.key), strings.TrimPrefix(string(*v.ref), "file:"))
		if err == nil && path != "" {
			*v.ref = SecretRef("file:" + path)
		}
		return err
	case "security_token":
		p.say("Salesforce wants the security token behind the password when a program logs in from outside the company's network.")
		p.say("It comes by mail: log in as that user, open the personal settings, Reset My Security Token. Each new password makes")
		p.say("a new token. Empty: none is needed.")
	}
	text, err := p.secret(ctx, loginLabel(v.key)+keep)
	if err != nil {
		return err
	}
	if text == "" {
		return nil
	}
	w.secrets.add(text)
	w.cfg.typed[v.key] = text
	if *v.ref != "" {
		return nil // the place stays
	}
	return w.askPlace(ctx, p, v)
}

// askPlace asks where a secret will lie.
func (w *wizard) askPlace(ctx context.Context, p *prompter, v loginValue) error {
	name := strings.ReplaceAll(v.key, "_", "-")
	variable := "RINGDEX_" + strings.ToUpper(v.key)
	n, err := p.pick(ctx, "Where shall it lie? (Never in the configuration.)", []string{
		"a file " + name + " beside the configuration, readable by this user only",
		"the environment variable " + variable,
		"a systemd credential " + name,
	}, 0)
	if err != nil {
		return err
	}
	*v.ref = SecretRef([]string{"file:" + name, "env:" + variable, "credential:" + name}[n])
	return nil
}

// storeSecrets writes what was typed to where it shall lie, and says how where ringdex cannot.
func (w *wizard) storeSecrets(p *prompter) error {
	for _, v := range w.cfg.Salesforce.loginValues() {
		text, typed := w.cfg.typed[v.key]
		if v.ref == nil || !typed {
			continue
		}
		kind, name, _ := strings.Cut(string(*v.ref), ":")
		switch kind {
		case "file":
			path := w.cfg.rel(name)
			if err := writePrivate(path, []byte(text+"\n")); err != nil {
				return err
			}
			p.say("written: %s, mode 0600", path)
			delete(w.cfg.typed, v.key) // from now on the file counts
		case "env":
			p.say("before ringdex starts, set it without leaving it in the shell's history: read -rs %[1]s && export %[1]s", name)
		case "credential":
			p.say("as root: systemd-ask-password -n | systemd-creds encrypt --name=%[1]s - /etc/credstore.encrypted/%[1]s", name)
			p.say("and in the unit: LoadCredentialEncrypted=%s", name)
		}
	}
	return nil
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
		sf.RefreshToken = "file:refresh-token"
	}
	return nil
}

// errNoRefresh is a login in the browser without what it was made for.
var errNoRefresh = &hintError{
	fmt.Errorf("the org gave no refresh token"),
	"add the scope “Perform requests at any time (refresh_token, offline_access)” to the app's OAuth settings",
}
