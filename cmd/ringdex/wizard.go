package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	"go.yaml.in/yaml/v3"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
	"ringdex/schema"
	"ringdex/schema/phone"
)

func (env *environment) wizardCommand() *cli.Command {
	return &cli.Command{
		Name:  "wizard",
		Usage: "ask, try each answer at once, and write the configuration",
		Description: "Every question is also a flag; --yes asks nothing and takes the present configuration, or the default, for\n" +
			"what no flag says. Nothing is written before all of it works. Run again, it starts from what is there.\n\n" +
			"Examples:\n" +
			"  ringdex wizard\n" +
			"  ringdex wizard --yes --url https://mycompany.my.salesforce.com --username integration@mycompany.example \\\n" +
			"    --password env:RINGDEX_PASSWORD --security-token env:RINGDEX_SECURITY_TOKEN --object Contact --object Account \\\n" +
			"    --country DE --area 7031 --outside-line 0\n" +
			"  ringdex wizard --yes --login client_credentials --url https://mycompany.my.salesforce.com \\\n" +
			"    --client-id 3MVG9… --client-secret file:client-secret\n" +
			"  ringdex wizard --yes --anonymous 192.0.2.0/24 --listen :3389 --where \"Contact=MailingCountry = 'Germany'\" --replicate",
		Flags: wizardFlags(),
		Action: func(c *cli.Context) error {
			path := c.String("config")
			if !c.IsSet("config") {
				path = presentConfig(path)
			}
			w, err := env.newWizard(path)
			if err != nil {
				return err
			}
			if err := w.flags(c); err != nil {
				return err
			}
			if c.Bool("yes") {
				return w.unattended(c.Context)
			}
			return w.dialogue(c.Context)
		},
	}
}

// wizard makes a configuration out of the present one and of answers.
type wizard struct {
	*environment
	cfg     *Config
	present []byte     // the file as it is; nil where there is none
	source  *yaml.Node // of the present file
	chosen  bool       // objects were named

	callback  string // where the browser comes back to
	perObject []*objectFlag
	replicate bool // the first run is wanted without a question
	place     int  // where the last secret was put, as in askPlace
	written   bool
	plain     bool
	phones    []string // models whose settings are shown at the end
	ran       bool     // the first replication was made
}

// newWizard reads the present configuration, or begins with the defaults.
func (env *environment) newWizard(path string) (*wizard, error) {
	w := &wizard{environment: env}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(abs)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		w.cfg = &Config{}
		if err := w.cfg.complete(); err != nil {
			return nil, err
		}
		w.cfg.Objects = nil
	case err != nil:
		return nil, fmt.Errorf("read the configuration: %w", err)
	default:
		if w.cfg, err = loadConfig(path); err != nil {
			return nil, fmt.Errorf("the present configuration: %w", err)
		}
		var doc yaml.Node
		if err := yaml.Unmarshal(data, &doc); err != nil {
			return nil, err
		}
		if len(doc.Content) > 0 {
			w.source = doc.Content[0]
		}
		w.present, w.chosen = data, true
	}
	w.cfg.path, w.cfg.given = abs, path
	return w, nil
}

// choose sets the objects; what is known of one that was there before stays.
func (w *wizard) choose(names []string) {
	before := w.cfg.Objects
	w.cfg.Objects, w.chosen = nil, true
	for _, name := range names {
		if slices.ContainsFunc(w.cfg.Objects, func(o ObjectConfig) bool { return strings.EqualFold(o.Name, name) }) {
			continue
		}
		o := ObjectConfig{Name: name}
		for _, b := range before {
			if strings.EqualFold(b.Name, name) {
				o = b
			}
		}
		w.cfg.Objects = append(w.cfg.Objects, o)
	}
}

// unattended tries everything without a question and writes.
func (w *wizard) unattended(ctx context.Context) error {
	if err := w.valid(); err != nil {
		return err
	}
	org, err := w.login(ctx)
	if err != nil {
		return err
	}
	defer org.close(ctx)
	if !w.chosen {
		for _, name := range []string{"Contact", "Account"} {
			if org.find(name) != nil {
				w.cfg.Objects = append(w.cfg.Objects, ObjectConfig{Name: name})
			}
		}
	}
	if err := w.tryObjects(ctx, org); err != nil {
		return err
	}
	if err := w.write(); err != nil {
		return err
	}
	if w.replicate {
		if err := w.firstRun(ctx, &prompter{in: w.In, out: w.Out}); err != nil {
			return err
		}
	}
	return w.next()
}

// login tries the way in, and says in plain words who it is.
func (w *wizard) login(ctx context.Context) (*org, error) {
	o, err := openOrg(ctx, w.cfg, w.environment)
	if err != nil {
		return nil, loginError(w.cfg, err)
	}
	u := o.session.User
	fmt.Fprintf(w.Out, "logged in to %s as %s (%s)\n", orElse(u.OrganizationName, string(o.session.OrganizationID)), orElse(u.FullName, u.UserName), u.UserName)
	return o, nil
}

// tryObjects holds every object and field against the org, and gives objects without a mapping their default.
func (w *wizard) tryObjects(ctx context.Context, org *org) error {
	if err := org.describe(ctx, w.cfg.Objects.names()...); err != nil {
		return err
	}
	for i := range w.cfg.Objects {
		o := &w.cfg.Objects[i]
		d := org.described(o.Name)
		o.Name = d.Name
		if len(o.Attributes) == 0 && (!w.isPresent(o.Name) || w.attributeFlags(o.Name)) {
			o.setMapping(schema.DefaultMappingFor(d))
			if err := org.prune(ctx, o, d); err != nil {
				return err
			}
			w.applyFlags(o)
			if len(o.Attributes) == 0 {
				return &hintError{fmt.Errorf("%s has no field that is a name or a telephone number", o.Name), "choose another object, or name its fields: --attribute " + o.Name + ".telephoneNumber={FIELD}"}
			}
		}
		w.applyFlags(o)
	}
	if err := w.unusedFlags(); err != nil {
		return err
	}
	mappings, err := w.cfg.Mappings()
	if err != nil {
		return err
	}
	s, err := w.cfg.Schema(mappings)
	if err != nil {
		return err
	}
	for i := range mappings {
		m := &mappings[i]
		if err := m.Validate(s); err != nil {
			return err
		}
		problems, err := org.missingFields(ctx, m)
		if err != nil {
			return err
		}
		if len(problems) > 0 {
			return problems[0]
		}
		n, err := org.count(ctx, m)
		if err != nil {
			return err
		}
		fmt.Fprintf(w.Out, "%s: %s records, %d fields\n", m.Object, thousands(n), len(m.Fields()))
	}
	return nil
}

// isPresent reports an object of the present file.
func (w *wizard) isPresent(name string) bool {
	if w.present == nil {
		return false
	}
	return slices.Contains(w.presentObjects(), strings.ToLower(name))
}

func (w *wizard) presentObjects() []string {
	var names []string
	for i := 0; w.source != nil && i+1 < len(w.source.Content); i += 2 {
		if w.source.Content[i].Value != "objects" {
			continue
		}
		for j := 0; j+1 < len(w.source.Content[i+1].Content); j += 2 {
			names = append(names, strings.ToLower(w.source.Content[i+1].Content[j].Value))
		}
	}
	return names
}

// valid checks what needs no network.
func (w *wizard) valid() error {
	if w.cfg.Salesforce.Login == "" {
		w.cfg.Salesforce.Login = "soap"
	}
	if v, missing := w.cfg.Salesforce.missing(); missing {
		return &usageError{what: fmt.Sprintf("salesforce.%s is not known", v.key), try: fmt.Sprintf("--%s %s", strings.ReplaceAll(v.key, "_", "-"), v.example)}
	}
	objects := w.cfg.Objects
	err := w.cfg.complete()
	w.cfg.Objects = objects
	if err != nil {
		return &hintError{errors.New(err.What), err.Try}
	}
	if _, err := phone.NewParser(w.cfg.Dialling.Location()); err != nil {
		return &hintError{err, "--country DE --area 7031 --head-number 9876: digits as they are dialled, the country by its two letters"}
	}
	if _, err := protocol.ParseDN(w.cfg.LDAP.Base); err != nil {
		return &hintError{fmt.Errorf("the LDAP base %q is not a distinguished name", w.cfg.LDAP.Base), "--base dc=ringdex"}
	}
	return nil
}

// write puts the configuration in its place, unless it says the same already.
func (w *wizard) write() error {
	data, err := renderConfig(w.cfg, w.source)
	if err != nil {
		return err
	}
	if w.present != nil {
		same, err := sameConfig(w.cfg, w.present)
		if err != nil {
			return err
		}
		if same || bytes.Equal(data, w.present) {
			fmt.Fprintf(w.Out, "%s says so already; it stays as it is\n", w.cfg.given)
			w.written = true
			return nil
		}
		if ours, err := w.ours(); err != nil {
			return err
		} else if !ours {
			old := w.cfg.path + ".before-wizard"
			if err := writePrivate(old, w.present); err != nil {
				return err
			}
			fmt.Fprintf(w.Out, "the file as it was, with its comments, is kept as %s\n", old)
		}
	}
	if _, err := parseConfig(data, w.cfg.given); err != nil {
		return fmt.Errorf("what would be written is not right, and is not written: %w", err)
	}
	if err := writePrivate(w.cfg.path, data); err != nil {
		return err
	}
	w.present, w.written = data, true
	fmt.Fprintf(w.Out, "written: %s\n", w.cfg.given)
	return nil
}

// ours reports that the present file is one that the wizard wrote and nobody changed by hand: nothing is lost with it.
func (w *wizard) ours() (bool, error) {
	c, err := parseConfig(w.present, w.cfg.given)
	if err != nil {
		return false, err
	}
	again, err := renderConfig(c, w.source)
	return bytes.Equal(again, w.present), err
}

// next prints the commands that come now, and what a phone needs.
func (w *wizard) next() error {
	flag, serve, texts := "", "ringdex serve", "ldapserver/HANDSETS.md"
	switch w.cfg.given {
	case defaultConfigPath:
	case systemConfigPath: // the package's: its unit serves, and commands find the file by themselves
		serve, texts = "systemctl start ringdex", "/usr/share/doc/ringdex/HANDSETS.md"
	default:
		flag = " --config " + w.cfg.given
		serve += flag
	}
	lines := [][2]string{
		{"ringdex check" + flag, "tries every link, up to a lookup over LDAP"},
		{"ringdex replicate" + flag, "copies the records"},
		{serve, "answers the phones, and keeps the copy fresh"},
		{"ringdex lookup" + flag + " NUMBER", "what a phone gets for a number or a name"},
		{"ringdex status" + flag, "how fresh the copy is, and what needs a person"},
	}
	if w.ran {
		lines = slices.Delete(lines, 1, 2)
	}
	if len(w.phones) == 0 {
		lines = append(lines, [2]string{"ringdex phones" + flag, "telephones whose settings are ready"})
	}
	for _, name := range w.phones {
		m, err := modelNamed(name)
		if err != nil {
			return err
		}
		lines = append(lines, [2]string{"ringdex phones " + m.name + flag, "what to enter into " + m.title})
	}
	longest := 0
	for _, l := range lines {
		longest = max(longest, len(l[0]))
	}
	fmt.Fprintln(w.Out, "\nnext:")
	p := &prompter{out: w.Out}
	width, _ := p.size()
	for _, l := range lines {
		fmt.Fprintf(w.Out, "  %-*s  %s\n", longest, l[0], cut(l[1], max(20, width-longest-5)))
	}
	p.say("\nAny other phone: base %s, port %s; %s has the rest.", w.cfg.LDAP.Base, w.cfg.LDAP.portTexts(), texts)
	return nil
}

// portTexts are the listeners' ports, for a person.
func (l *LDAPConfig) portTexts() string {
	var out []string
	for _, p := range l.ports() {
		if _, number, err := net.SplitHostPort(p.address); err == nil {
			if p.mode == ldapserver.LDAPS {
				number += " (LDAPS)"
			}
			out = append(out, number)
		}
	}
	return strings.Join(out, ", ")
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func (o ObjectsConfig) names() []string {
	names := make([]string, len(o))
	for i := range o {
		names[i] = o[i].Name
	}
	return names
}

// setMapping writes a mapping out as configuration.
func (o *ObjectConfig) setMapping(m schema.Mapping) {
	o.Where, o.Attributes, o.ContactURLs = m.Where, nil, []string{}
	for _, a := range m.Attributes {
		t := AttributeTemplates{Name: a.Name}
		for _, x := range a.Templates {
			t.Templates = append(t.Templates, x.String())
		}
		o.Attributes = append(o.Attributes, t)
	}
	for _, u := range m.ContactURLs {
		o.ContactURLs = append(o.ContactURLs, u.String())
	}
	if base, _ := schema.DefaultMapping(o.Name); !slices.Equal(base.CountryFields, m.CountryFields) {
		o.CountryFields = append([]string{}, m.CountryFields...)
	}
}
