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
		path, err := credentialFile(name)
		if err != nil {
			return "", err
		}
		return readSecretFile(path)
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

// credentialFile is where a systemd credential lies: in the folder that the service was given, or, for a command by hand as
// root, where systemd takes it from.
func credentialFile(name string) (string, error) {
	if name == "" || name == "." || name == ".." || name != filepath.Base(name) {
		return "", fmt.Errorf("credential:%s is not a plain name", name)
	}
	if dir := os.Getenv("CREDENTIALS_DIRECTORY"); dir != "" {
		return filepath.Join(dir, name), nil
	}
	path := filepath.Join(credentialStore, name)
	if _, err := os.Stat(path); err != nil {
		return "", &hintError{fmt.Errorf("credential:%s needs a systemd service with that credential", name), "LoadCredential=" + name + ":/path in the unit, or, by hand, root and " + path + "; or use file: or env:"}
	}
	return path, nil
}

func readSecretFile(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read secret: %w", err)
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"), nil
}
