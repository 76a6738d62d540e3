package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// SecretRef says where a secret lies: env:NAME, file:PATH or credential:NAME (systemd). The secret itself
// never stands in the configuration.
type SecretRef string

var errPlainSecret = errors.New("a secret does not stand in the configuration; say where it lies: env:NAME, file:PATH or credential:NAME")

// credentialStore is where systemd looks for the credentials that a unit names without a path.
const credentialStore = "/etc/credstore"

// check refuses anything that is not a reference, without repeating it: it may be the secret.
func (r SecretRef) check() error {
	if r == "" {
		return nil
	}
	kind, name, ok := strings.Cut(string(r), ":")
	if !ok || name == "" {
		return errPlainSecret
	}
	switch kind {
	case "env", "file", "credential":
		return nil
	}
	return errPlainSecret
}

// resolve reads the secret. A file that others can read is refused, as ssh does. One trailing line end is cut.
// An empty reference is an empty secret: a security token is not needed from a trusted network.
func (r SecretRef) resolve(base string) (string, error) {
	if r == "" {
		return "", nil
	}
	if err := r.check(); err != nil {
		return "", err
	}
	kind, name, _ := strings.Cut(string(r), ":")
	switch kind {
	case "env":
		v, ok := os.LookupEnv(name)
		if !ok {
			return "", &hintError{fmt.Errorf("the environment variable %s is not set", name), "export " + name + " before ringdex starts"}
		}
		return v, nil
	case "credential":
		if name != filepath.Base(name) {
			return "", fmt.Errorf("credential:%s is not a plain name", name)
		}
		dir := os.Getenv("CREDENTIALS_DIRECTORY")
		if dir == "" {
			// A command by hand: root can read what the service would be given.
			if _, err := os.Stat(filepath.Join(credentialStore, name)); err == nil {
				return readSecretFile(filepath.Join(credentialStore, name))
			}
			return "", &hintError{fmt.Errorf("credential:%s needs a systemd service with that credential", name), "LoadCredential=" + name + ":/path in the unit, or, by hand, root and " + filepath.Join(credentialStore, name) + "; or use file: or env:"}
		}
		return readSecretFile(filepath.Join(dir, name))
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(base, name)
	}
	info, err := os.Stat(name)
	if err != nil {
		return "", fmt.Errorf("read secret: %w", err)
	}
	if readByOthers(info) {
		return "", &hintError{fmt.Errorf("secret file %s can be read by others (mode %04o)", name, info.Mode().Perm()), "chmod 600 " + name}
	}
	return readSecretFile(name)
}

func readSecretFile(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read secret: %w", err)
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"), nil
}
