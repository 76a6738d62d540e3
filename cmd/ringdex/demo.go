package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/urfave/cli/v2"

	"ringdex/replicator"
	"ringdex/soap/emulator"
)

func (env *environment) demoCommand() *cli.Command {
	return &cli.Command{
		Name:  "demo",
		Usage: "the whole job on this machine, with an invented org: no account needed",
		Flags: []cli.Flag{
			configFlag(),
			&cli.BoolFlag{Name: "once", Usage: "end after the lookups; exit code 0 if all were right"},
			&cli.StringFlag{Name: "ldap-listen", Value: defaultListen, Usage: "`ADDRESS` of the LDAP server"},
		},
		Action: func(c *cli.Context) error {
			listen := c.String("ldap-listen")
			if !c.IsSet("ldap-listen") && (c.Bool("once") || portInUse(listen)) {
				listen = "127.0.0.1:0"
			}
			return env.demo(c.Context, listen, c.Bool("once"))
		},
	}
}

func portInUse(address string) bool {
	l, err := net.Listen("tcp", address)
	if err == nil {
		l.Close()
	}
	return errors.Is(err, syscall.EADDRINUSE)
}

// demoCompany and demoPeople are in the invented org beside generated ones; the lookups ask for them. Numbers are from
// the ranges that the authorities keep free for invention.
var (
	demoCompany = emulator.Values{"Name": "Müller & Söhne GmbH", "Phone": "+49 (69) 90009-0", "BillingCountry": "Germany"}
	demoPeople  = []emulator.Values{
		{"FirstName": "Anna", "LastName": "Müller", "Phone": "069 / 90009-456", "MobilePhone": "0171 39200-17", "Email": "anna.mueller@example.org", "MailingCountry": "Germany"},
		{"FirstName": "Zoë", "LastName": "Çelik", "Phone": "+44 20 7946 0987", "Email": "zoe@example.org", "MailingCountry": "United Kingdom"},
	}
)

// demoLookup is a question as a phone asks it, and the name that must come first.
type demoLookup struct {
	what, filter, want string
}

var demoLookups = []demoLookup{
	{"an incoming call, as a PBX with outside line 0 shows it: 006990009456", callerFilter("006990009456"), "Anna Müller"},
	{"the same person's mobile, in international form: +491713920017", callerFilter("+491713920017"), "Anna Müller"},
	{"a name, typed without its accents: celik", "(|(cn=celik*)(sn=celik*))", "Zoë Çelik"},
}

// callerFilter is what phones send to find out who calls.
func callerFilter(number string) string {
	n := ldap.EscapeFilter(number)
	return "(|(telephoneNumber=" + n + ")(mobile=" + n + ")(homePhone=" + n + ")(ipPhone=" + n + "))"
}

func (env *environment) demo(ctx context.Context, listen string, once bool) (err error) {
	start := time.Now()
	say := func(format string, args ...any) {
		fmt.Fprintf(env.Out, "[%5.1f s] "+format+"\n", append([]any{time.Since(start).Seconds()}, args...)...)
	}
	dir, err := os.MkdirTemp("", "ringdex-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	org, err := startDemoOrg()
	if err != nil {
		return err
	}
	defer org.Close()
	say("an invented org of %d accounts and %d contacts speaks SOAP at %s", org.Org().Count("Account"), org.Org().Count("Contact"), org.URL())

	cfg, err := writeDemoConfig(dir, org.URL(), listen)
	if err != nil {
		return err
	}
	log, err := newLogger(env.Err, LogConfig{Level: "warning", Format: "text"}, env.secrets)
	if err != nil {
		return err
	}
	d, err := newDaemon(cfg, log, env.secrets)
	if err != nil {
		return err
	}
	report, err := d.Replicate(ctx, replicateRequest{Full: true}, func(replicator.Progress) {})
	if err != nil {
		d.close()
		return fmt.Errorf("demo: replicate: %w", err)
	}
	for _, o := range report.Objects {
		say("replicated %s: %d records, %d API calls, %d numbers that can't be normalised", o.Name, o.Added, o.APICalls, o.Quarantined)
	}
	serving, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- d.run(serving) }()
	defer func() {
		stop()
		err = errors.Join(err, <-ended)
	}()

	address := d.addresses()[0]
	say("the directory answers LDAP at %s", address)
	wrong, err := env.demoAsk(ctx, address, say)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	if wrong > 0 {
		return fmt.Errorf("demo: %d of %d lookups were wrong", wrong, len(demoLookups))
	}
	say("all %d lookups were right", len(demoLookups))
	if once {
		return nil
	}
	fmt.Fprintf(env.Out, "\nAsk it yourself, then end it with Ctrl-C:\n  ldapsearch -x -H ldap://%s -b %s '(sn=m*)' cn o telephoneNumber\n  ringdex lookup --config %s muller\n",
		address, cfg.LDAP.Base, cfg.path)
	select {
	case <-ctx.Done():
		return nil
	case err := <-ended:
		ended <- nil
		return err
	}
}

func startDemoOrg() (*emulator.Server, error) {
	s, err := emulator.Start(emulator.Options{Generate: &emulator.Generate{Accounts: 40, Contacts: 400, Seed: 1}})
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	account, err := s.Org().Upsert("Account", demoCompany)
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("demo: %w", err)
	}
	for _, p := range demoPeople {
		values := emulator.Values{"AccountId": account}
		for k, v := range p {
			values[k] = v
		}
		if _, err := s.Org().Upsert("Contact", values); err != nil {
			s.Close()
			return nil, fmt.Errorf("demo: %w", err)
		}
	}
	return s, nil
}

// writeDemoConfig writes a configuration as a person would, and reads it back.
func writeDemoConfig(dir, url, listen string) (*Config, error) {
	for name, secret := range map[string]string{"password": "emulator", "token": "TOKEN"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(secret+"\n"), 0o600); err != nil {
			return nil, err
		}
	}
	path := filepath.Join(dir, defaultConfigPath)
	text := fmt.Sprintf(`salesforce:
  url: %s
  username: integration@example.com
  password: file:password
  security_token: file:token
  allowed_hosts: ["127.0.0.1"]
objects:
  Contact: {}
  Account: {}
dialling: { country: DE, area: "30", outside_line: "0" }
ldap: { base: dc=ringdex, listen: [%q] }
schedule: { delta: 1m, full: never }
`, url, listen)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return nil, err
	}
	return loadConfig(path)
}

// demoAsk makes the lookups and counts those whose first entry is not the right one.
func (env *environment) demoAsk(ctx context.Context, address string, say func(string, ...any)) (wrong int, err error) {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	conn, err := ldap.DialURL("ldap://"+address, ldap.DialWithDialer(dialer))
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	conn.SetTimeout(10 * time.Second)
	for _, l := range demoLookups {
		begin := time.Now()
		res, err := conn.Search(ldap.NewSearchRequest("dc=ringdex", ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 5, 5, false,
			l.filter, []string{"cn", "o", "telephoneNumber", "mobile", "labeledURI"}, nil))
		if err != nil && !ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded) {
			return wrong, err
		}
		took := time.Since(begin)
		if ctx.Err() != nil {
			return wrong, ctx.Err()
		}
		say("%s", l.what)
		fmt.Fprintf(env.Out, "          %s\n", l.filter)
		if len(res.Entries) == 0 || res.Entries[0].GetAttributeValue("cn") != l.want {
			wrong++
			fmt.Fprintf(env.Out, "          WRONG: %s was expected\n", l.want)
		}
		for _, e := range res.Entries {
			fmt.Fprintf(env.Out, "          → %s\n", demoLine(e))
		}
		fmt.Fprintf(env.Out, "          in %d µs\n", took.Microseconds())
	}
	return wrong, nil
}

func demoLine(e *ldap.Entry) string {
	parts := []string{e.GetAttributeValue("cn")}
	for _, a := range []string{"o", "telephoneNumber", "mobile"} {
		if v := e.GetAttributeValue(a); v != "" && !slices.Contains(parts, v) {
			parts = append(parts, v)
		}
	}
	if url, _, _ := strings.Cut(e.GetAttributeValue("labeledURI"), " "); url != "" {
		parts = append(parts, url)
	}
	return strings.Join(parts, ", ")
}
