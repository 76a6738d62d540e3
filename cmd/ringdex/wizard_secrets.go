package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
)

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
		p.say("Salesforce wants the security token beside the password when a program logs in from outside the company's network. It comes by mail: log in as that user, open the personal settings, Reset My Security Token. Each new password makes a new token. Empty: none is needed.")
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
	}, w.place)
	if err != nil {
		return err
	}
	w.place = n
	*v.ref = SecretRef([]string{"file:" + name, "env:" + variable, "credential:" + name}[n])
	return nil
}

// storeSecrets writes what was typed to where it shall lie, and says how where ringdex cannot. made are the files that
// were not there before.
func (w *wizard) storeSecrets(p *prompter) (made []string, err error) {
	for _, v := range w.cfg.Salesforce.loginValues() {
		text, typed := w.cfg.typed[v.key]
		if v.ref == nil || !typed {
			continue
		}
		kind, name, _ := strings.Cut(string(*v.ref), ":")
		switch kind {
		case "file":
			path := w.cfg.rel(name)
			if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
				made = append(made, path)
			}
			if err := writePrivate(path, []byte(text+"\n")); err != nil {
				return made, err
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
	return made, nil
}
