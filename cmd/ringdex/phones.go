package main

import (
	"cmp"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"ringdex/ldapserver"
	"ringdex/ldapserver/directory"
	"ringdex/schema"
)

func (env *environment) phonesCommand() *cli.Command {
	return &cli.Command{
		Name:      "phones",
		Usage:     "list telephones, or print the settings for one from the configuration",
		ArgsUsage: "[MODEL]",
		Description: "Prints what to paste into the phone's page or its provisioning file: server, base with the phone's profile, filters,\n" +
			"attributes. A password is never printed. Without MODEL it lists models and profiles.",
		BashComplete: func(c *cli.Context) {
			var names []string
			for _, m := range phoneModels() {
				names = append(names, m.name)
			}
			completeArgument(c, names...)
		},
		Flags: []cli.Flag{
			configFlag(), jsonFlag(),
			&cli.StringFlag{Name: "profile", Usage: "with this `PROFILE` of the configuration; default: the model's"},
		},
		Action: func(c *cli.Context) error {
			cfg, err := loadConfig(c.String("config"))
			if err != nil {
				return err
			}
			if c.NArg() > 1 {
				return &usageError{what: "phones takes one model", try: "ringdex phones yealink"}
			}
			if c.NArg() == 0 {
				return env.listPhones(cfg, c.Bool("json"))
			}
			m, err := modelNamed(c.Args().First())
			if err != nil {
				return err
			}
			sheet, err := cfg.phoneSheet(&m, c.String("profile"))
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return writeJSON(env.Out, sheet)
			}
			sheet.print(env.Out)
			return nil
		},
	}
}

func modelNamed(name string) (phoneModel, error) {
	var names []string
	for _, m := range phoneModels() {
		if strings.EqualFold(m.name, name) {
			return m, nil
		}
		names = append(names, m.name)
	}
	try := "ringdex phones"
	if near := schema.Nearest(strings.ToLower(name), names); near != "" {
		try = "ringdex phones " + near
	}
	return phoneModel{}, &usageError{what: fmt.Sprintf("there is no model %s", name), try: try}
}

// phoneRow is a line of the list.
type phoneRow struct {
	Model   string   `json:"model,omitempty"` // "": a profile without settings of its own
	Profile string   `json:"profile"`
	Title   string   `json:"title"`
	Base    string   `json:"base"`
	Like    string   `json:"like,omitempty"` // of a profile of the configuration
	Why     []string `json:"why,omitempty"`  // what the profile answers to, with the source
}

func (env *environment) listPhones(cfg *Config, json bool) error {
	var rows []phoneRow
	seen := map[string]bool{}
	for _, m := range phoneModels() {
		rows = append(rows, phoneRow{Model: m.name, Profile: m.profile, Title: m.title})
		seen[m.profile] = true
	}
	for _, b := range directory.BuiltinProfiles() {
		if !seen[b.Name] {
			rows = append(rows, phoneRow{Profile: b.Name, Title: b.About})
		}
	}
	for _, name := range cfg.Profiles.names() {
		if _, builtin := directory.BuiltinNamed(name); !builtin {
			rows = append(rows, phoneRow{Profile: name, Title: "of the configuration", Like: cfg.Profiles[name].Like})
		}
	}
	for i := range rows {
		rows[i].Base = "ou=" + rows[i].Profile + "," + cfg.LDAP.Base
		if b, ok := directory.BuiltinNamed(cmp.Or(rows[i].Like, rows[i].Profile)); ok {
			for _, q := range b.Quirks {
				rows[i].Why = append(rows[i].Why, q.What+" ("+q.Source+")")
			}
		}
	}
	if json {
		return writeJSON(env.Out, rows)
	}
	fmt.Fprintln(env.Out, "models, whose settings ringdex phones MODEL prints:")
	others := false
	for _, r := range rows {
		if r.Model == "" && !others {
			others = true
			fmt.Fprintln(env.Out, "\nfurther profiles, each with a base of its own:")
		}
		title := r.Title
		if r.Like != "" {
			title += ", like " + r.Like
		}
		fmt.Fprintf(env.Out, "  %-12s %s\n", cmp.Or(r.Model, r.Profile), title)
	}
	fmt.Fprintf(env.Out, "\nbase of a profile: ou=PROFILE,%s\n", cfg.LDAP.Base)
	return nil
}

// phoneSheet is the settings of one model, filled in.
type phoneSheet struct {
	Model    string      `json:"model"`
	Title    string      `json:"title"`
	Profile  string      `json:"profile"`
	Where    string      `json:"where"`
	Server   phoneServer `json:"server"`
	Settings []sheetRow  `json:"settings"`
	Steps    []string    `json:"steps"` // what to do then, and what the device shows
	Notes    []string    `json:"notes"`
	Warnings []string    `json:"warnings,omitempty"` // why it will not work as it stands
	model    *phoneModel
}

type phoneServer struct {
	Host string  `json:"host"`
	Port string  `json:"port"`
	TLS  tlsMode `json:"tls"`
	Base string  `json:"base"`
	User string  `json:"user"` // "": anonymous
}

type sheetRow struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Unsure bool   `json:"unsure,omitempty"`
	Search string `json:"search,omitempty"` // what the filter is for

	setting *phoneSetting
}

// passwordPlace stands where the password goes.
const passwordPlace = "PASSWORD"

// phoneSheet fills a model's settings in.
func (c *Config) phoneSheet(m *phoneModel, profile string) (*phoneSheet, error) {
	s := &phoneSheet{Model: m.name, Title: m.title, Profile: m.profile, Where: m.where, Notes: slices.Clone(m.notes), model: m}
	if profile != "" {
		s.Profile = profile
	}
	known := append(builtinNames(), c.Profiles.names()...)
	if !slices.ContainsFunc(known, func(n string) bool { return strings.EqualFold(n, s.Profile) }) {
		return nil, &usageError{what: fmt.Sprintf("there is no profile %s", s.Profile), try: "--profile " + cmp.Or(schema.Nearest(s.Profile, known), m.profile)}
	}
	s.Steps = m.use.steps(s.Profile)
	s.Server.Base = "ou=" + s.Profile + "," + c.LDAP.Base
	c.phoneServer(m, s)
	c.phoneUser(s)
	for _, name := range c.Profiles.names() {
		if p := c.Profiles[name]; profile == "" && strings.EqualFold(p.Like, m.profile) {
			s.Notes = append(s.Notes, fmt.Sprintf("The configuration has a profile %s like this one: --profile %s.", name, name))
		}
	}
	fill := s.filler(c)
	for i := range m.settings {
		row := sheetRow{Name: m.settings[i].name, Value: fill.Replace(m.settings[i].value), Unsure: m.settings[i].unsure, setting: &m.settings[i]}
		if search := m.settings[i].search; search != nil {
			row.Search = search.kind
		}
		s.Settings = append(s.Settings, row)
	}
	return s, nil
}

func (s *phoneSheet) filler(c *Config) *strings.Replacer {
	scheme := "ldap"
	if s.Server.TLS == tlsLDAPS {
		scheme = "ldaps"
	}
	host := s.Server.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	superfecta := host + ":" + s.Server.Port
	if s.Server.TLS == tlsLDAPS {
		superfecta = "ldaps://" + superfecta
	}
	password, dn, auth, method := passwordPlace, s.Server.User, "Simple", "SIMPLE"
	switch {
	case s.Server.User == "":
		password, auth, method = "", "None", "ANONYMOUS"
	case !strings.Contains(dn, "="):
		dn = "cn=" + dn + "," + c.LDAP.Base
	}
	return strings.NewReplacer(
		"{host}", s.Server.Host, "{port}", s.Server.Port, "{base}", s.Server.Base, "{user}", s.Server.User, "{dn}", dn, "{password}", password,
		"{tls}", s.model.tls[s.Server.TLS], "{url}", scheme+"://"+host, "{superfecta}", superfecta, "{auth}", auth, "{authmethod}", method,
		"{profile}", s.Profile,
	)
}

// phoneServer chooses the listener for a model: the best protection that both have.
func (c *Config) phoneServer(m *phoneModel, s *phoneSheet) {
	best := -1
	for _, p := range c.LDAP.ports() {
		mode, rank := tlsNone, 0
		switch {
		case p.mode == ldapserver.LDAPS:
			mode, rank = tlsLDAPS, 3
		case p.mode != ldapserver.Plain && hasMode(m, tlsStart):
			mode, rank = tlsStart, 2
		case p.mode == ldapserver.StartTLSRequired:
			continue
		}
		if !hasMode(m, mode) {
			continue
		}
		host, port, err := net.SplitHostPort(p.address)
		if err != nil {
			continue
		}
		rank *= 2
		if ip := net.ParseIP(host); ip == nil && host != "localhost" || ip != nil && !ip.IsLoopback() {
			rank++
		}
		if rank > best {
			best = rank
			s.Server.Host, s.Server.Port, s.Server.TLS = host, port, mode
		}
	}
	if best < 0 {
		s.Warnings = append(s.Warnings, "no listener of the configuration has a protection that this device knows ("+modesOf(m)+")")
		s.Server.Host, s.Server.Port, s.Server.TLS = "SERVER", "PORT", tlsNone
		return
	}
	ip := net.ParseIP(s.Server.Host)
	switch {
	case s.Server.Host == "" || ip != nil && ip.IsUnspecified():
		s.Server.Host = "SERVER"
		if name, err := os.Hostname(); err == nil && name != "" {
			s.Server.Host = name
		}
	case s.Server.Host == "localhost" || ip != nil && ip.IsLoopback():
		s.Warnings = append(s.Warnings, fmt.Sprintf("%s is reached from this machine only: let ldap.listen have an address that the phones reach", net.JoinHostPort(s.Server.Host, s.Server.Port)))
	}
	if s.Server.TLS == tlsNone {
		s.Notes = append(s.Notes, "Names, numbers and the password go unprotected over the network: give the phones one of their own, or a listener with TLS.")
	}
}

func hasMode(m *phoneModel, mode tlsMode) bool {
	_, ok := m.tls[mode]
	return ok
}

func modesOf(m *phoneModel) string {
	var out []string
	for _, mode := range []tlsMode{tlsNone, tlsStart, tlsLDAPS} {
		if hasMode(m, mode) {
			out = append(out, string(mode))
		}
	}
	return strings.Join(out, ", ")
}

// phoneUser chooses whom the phone binds as: the profile's user, else the first one of all; nobody where there is none.
func (c *Config) phoneUser(s *phoneSheet) {
	if p, ok := c.Profiles[s.Profile]; ok && len(p.Users) > 0 {
		s.Server.User = p.Users[0]
		return
	}
	for name := range c.LDAP.Users {
		if s.Server.User == "" || name < s.Server.User {
			s.Server.User = name
		}
	}
	if s.Server.User != "" {
		return
	}
	a := c.LDAP.Anonymous
	switch {
	case a.Always:
	case len(a.Networks) > 0:
		s.Notes = append(s.Notes, "Without a user only the networks under ldap.anonymous may read.")
	default:
		s.Warnings = append(s.Warnings, "phones may not read: there is no user under ldap.users, and ldap.anonymous lets no network in")
	}
}

// print writes the sheet for a person: what is pasted stands alone between empty lines.
func (s *phoneSheet) print(w io.Writer) {
	fmt.Fprintf(w, "%s, profile %s: %s, port %s, %s\n", s.Title, s.Profile, s.Server.Host, s.Server.Port, protection(s.Server.TLS))
	for _, warning := range s.Warnings {
		fmt.Fprintf(w, "warning: %s\n", warning)
	}
	fmt.Fprintf(w, "into %s:\n\n%s\n", s.Where, s.block())
	if s.Server.User != "" {
		fmt.Fprintf(w, "%s is the password of %s; ldap.users has its hash.\n", passwordPlace, s.Server.User)
	}
	for i, step := range s.Steps {
		fmt.Fprintf(w, "%d. %s\n", i+1, step)
	}
	for _, n := range append(s.Notes, s.unsure()...) {
		fmt.Fprintln(w, n)
	}
}

func protection(m tlsMode) string {
	if m == tlsNone {
		return "no TLS"
	}
	return string(m)
}

// block is what is pasted.
func (s *phoneSheet) block() string {
	var b strings.Builder
	line := func(text string) {
		if text != "" {
			b.WriteString(strings.TrimRight(text, " ") + "\n")
		}
	}
	line(s.model.head)
	markup := strings.Contains(s.model.form, "<") || strings.HasPrefix(s.model.head, "<")
	for _, row := range s.Settings {
		value := row.Value
		if markup {
			value = strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;").Replace(value)
		}
		if strings.HasPrefix(row.Name, "#") { // a line of its own kind
			line(row.Name + value)
			continue
		}
		line(fmt.Sprintf(s.model.form, row.Name, value))
	}
	line(s.model.tail)
	return b.String()
}

// unsure names the settings that are not confirmed.
func (s *phoneSheet) unsure() []string {
	var names []string
	for _, row := range s.Settings {
		if row.Unsure {
			names = append(names, row.Name)
		}
	}
	switch {
	case len(names) == 0:
		return nil
	case len(names) == len(s.Settings):
		return []string{"These names are not confirmed: they differ by version."}
	}
	return []string{"Not confirmed, and different on some firmware: " + strings.Join(names, ", ") + "."}
}
