package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"ringdex/soap"
)

func (env *environment) checkCommand() *cli.Command {
	return &cli.Command{
		Name:  "check",
		Usage: "try each link of the chain, from the configuration to one lookup over LDAP",
		Description: "Logs in once. Changes nothing. Exit code 0: all right; 1: at least one link failed.\n\n" +
			"Examples:\n  ringdex check\n  ringdex check --json | jq '.links[] | select(.state != \"ok\")'",
		Flags: []cli.Flag{configFlag(), jsonFlag()},
		Action: func(c *cli.Context) error {
			k := &chain{environment: env, quiet: c.Bool("json"), proxy: http.ProxyFromEnvironment}
			k.run(c.Context, c.String("config"))
			if err := c.Context.Err(); err != nil {
				return err
			}
			if k.quiet {
				if err := writeJSON(env.Out, checkReport{OK: k.failed == 0, Links: k.links}); err != nil {
					return err
				}
			} else if k.failed == 0 {
				fmt.Fprintln(env.Out, "\nall right")
			} else {
				fmt.Fprintf(env.Out, "\n%d of %d links failed\n", k.failed, len(k.links))
			}
			if k.failed > 0 {
				return &codeError{code: exitFailed}
			}
			return nil
		},
	}
}

// checkReport is what `check --json` prints.
type checkReport struct {
	OK    bool        `json:"ok"`
	Links []checkLink `json:"links"`
}

// checkLink is one link of the chain.
type checkLink struct {
	Name  string `json:"name"`
	State string `json:"state"` // ok, note (works, but read it), failed or skipped
	Text  string `json:"text"`
	Try   string `json:"try,omitempty"`
}

// chain runs the checks in order and prints each as it ends. A link that needs a failed one is skipped.
type chain struct {
	*environment
	quiet  bool
	links  []checkLink
	failed int

	cfg *Config
	org *org
	// proxy finds the proxy for a request: http.ProxyFromEnvironment, which leaves out this machine.
	proxy func(*http.Request) (*url.URL, error)
}

func (k *chain) run(ctx context.Context, path string) {
	cfg, err := loadConfig(path)
	if err != nil {
		k.fail("config", err)
		return
	}
	k.cfg = cfg
	k.ok("config", "%s is complete, with objects %s", cfg.given, strings.Join(cfg.Objects.names(), ", "))
	k.secretsLink()
	k.network(ctx)
	k.salesforce(ctx)
	k.local(ctx)
}

func (k *chain) ok(name, format string, args ...any) {
	k.add(checkLink{Name: name, State: "ok", Text: fmt.Sprintf(format, args...)})
}

func (k *chain) note(name, try, format string, args ...any) {
	k.add(checkLink{Name: name, State: "note", Text: fmt.Sprintf(format, args...), Try: try})
}

func (k *chain) skip(name, because string) {
	k.add(checkLink{Name: name, State: "skipped", Text: because})
}

// fail reports an error with the next step that it carries.
func (k *chain) fail(name string, err error) {
	try := hint(err)
	if try == "" {
		try = soap.Hint(err)
	}
	text := strings.TrimSuffix(strings.TrimPrefix(err.Error(), "soap: "), ": "+try)
	k.add(checkLink{Name: name, State: "failed", Text: text, Try: try})
}

func (k *chain) add(l checkLink) {
	l.Text, l.Try = oneLine(k.secrets.redact(l.Text)), strings.TrimSpace(k.secrets.redact(l.Try))
	if l.State == "failed" {
		k.failed++
	}
	k.links = append(k.links, l)
	if k.quiet {
		return
	}
	state := fmt.Sprintf("%-7s", l.State)
	if colour := map[string]string{"ok": "32", "note": "33", "failed": "31"}[l.State]; colour != "" && coloured(k.Out) {
		state = "\x1b[" + colour + "m" + state + "\x1b[0m"
	}
	fmt.Fprintf(k.Out, "%s  %-12s %s\n", state, l.Name, k.hanging(l.Text))
	if l.Try != "" {
		for line := range strings.Lines(l.Try) {
			fmt.Fprintf(k.Out, "%22s try: %s\n", "", k.hanging(strings.TrimRight(line, "\n")))
		}
	}
}

// hanging breaks a text that stands behind the names of the links, on a terminal; elsewhere a link is one line.
func (k *chain) hanging(text string) string {
	f, ok := k.Out.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return text
	}
	const before = 22
	width, _ := (&prompter{out: f}).size()
	return strings.ReplaceAll(wrap(text, max(20, width-before-6)), "\n", "\n"+strings.Repeat(" ", before))
}

// coloured reports a terminal that takes colours (https://no-color.org).
func coloured(w any) bool {
	f, ok := w.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && os.Getenv("TERM") != "" && term.IsTerminal(int(f.Fd()))
}

// secretsLink resolves every secret that the configuration refers to.
func (k *chain) secretsLink() {
	sf := &k.cfg.Salesforce
	if v, missing := sf.missing(); missing {
		k.fail("secrets", &ConfigError{Path: k.cfg.given, What: "salesforce." + v.key + " is missing", Try: v.key + ": " + v.example})
		return
	}
	var found []string
	for _, v := range sf.loginValues() {
		if v.ref == nil || *v.ref == "" {
			continue
		}
		s, err := v.ref.resolve(k.cfg.rel("."))
		if err == nil && s == "" {
			err = &hintError{errors.New("it is empty"), "put the secret there"}
		}
		if err != nil {
			k.fail("secrets", fmt.Errorf("%s (%s): %w", v.key, *v.ref, err))
			return
		}
		k.secrets.add(s)
		found = append(found, v.key)
	}
	k.ok("secrets", "%s can be read by this user; serve must run as the same one", strings.Join(found, ", "))
}
