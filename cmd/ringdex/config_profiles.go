package main

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"ringdex/ldapserver/directory"
	"ringdex/schema"
	"ringdex/schema/name"
	"ringdex/schema/phone"
)

// ProfilesConfig are the profiles of the file by their names.
type ProfilesConfig map[string]ProfileConfig

// ProfileConfig is how one kind of phone wants the directory. What is left out is as in the profile that it is like; a
// profile with the name of a ready one is like that one by itself.
type ProfileConfig struct {
	Like     string          `yaml:"like"`
	Dialling ProfileDialling `yaml:"dialling"`
	Numbers  string          `yaml:"numbers"`
	Single   bool            `yaml:"single_numbers"`
	Made     AttributeConfig `yaml:"attributes"`
	Show     []string        `yaml:"show"`
	ASCII    bool            `yaml:"ascii"`
	DN       string          `yaml:"dn"`
	Names    string          `yaml:"names"`
	Digits   string          `yaml:"digits"`
	Sort     []string        `yaml:"sort"`
	Collate  string          `yaml:"collation"`
	Limit    int             `yaml:"size_limit"`
	Truncate string          `yaml:"truncate"`
	Several  string          `yaml:"several"`
	Count    bool            `yaml:"people_count"`
	NoFirms  hidden          `yaml:"companies"`
	NoHead   hidden          `yaml:"company_fallback"`
	NoPass   bool            `yaml:"bind_without_password"`
	Users    []string        `yaml:"users"`
	Networks []string        `yaml:"networks"`
	Listen   []string        `yaml:"listeners"`
	line     int
}

// hidden is a switch of the file that is on by default: true here is false there.
type hidden bool

// UnmarshalYAML reads true or false.
func (h *hidden) UnmarshalYAML(n *yaml.Node) error {
	var on bool
	if err := n.Decode(&on); err != nil {
		return err
	}
	*h = hidden(!on)
	return nil
}

// ProfileDialling is where the phones of a profile stand, as far as that is elsewhere.
type ProfileDialling struct {
	Country        *string `yaml:"country"`
	Area           *string `yaml:"area"`
	OutsideLine    *string `yaml:"outside_line"`
	HeadNumber     *string `yaml:"head_number"`
	InternalDigits *int    `yaml:"internal_digits"`
}

// location is where the phones stand: as everywhere, but for what the profile says. Another country has other area codes,
// and another area other head numbers.
func (d ProfileDialling) location(everywhere phone.Location) phone.Location {
	l := everywhere
	if d.Country != nil {
		l.Country, l.Area, l.HeadNumber = *d.Country, "", ""
	}
	if d.Area != nil {
		l.Area, l.HeadNumber = *d.Area, ""
	}
	for _, s := range []struct{ to, from *string }{{&l.OutsideLine, d.OutsideLine}, {&l.HeadNumber, d.HeadNumber}} {
		if s.from != nil {
			*s.to = *s.from
		}
	}
	if d.InternalDigits != nil {
		l.InternalDigits = *d.InternalDigits
	}
	return l
}

// profileOf is a ready profile in the form of the file.
func profileOf(b *directory.BuiltinProfile) ProfileConfig {
	c := ProfileConfig{
		Numbers: string(b.Numbers), Single: b.SingleNumbers, Show: b.Show, ASCII: b.ASCII, DN: string(b.DN), Names: string(b.Names),
		Digits: string(b.Digits), Sort: b.Sort, Collate: b.Order, Limit: b.Most, Truncate: string(b.Cut), Several: string(b.Hits), Count: b.Count,
		NoFirms: hidden(b.HideCompanies), NoHead: hidden(b.NoHeadNumber), NoPass: b.EmptyPassword,
	}
	for _, a := range b.Attributes {
		at := AttributeTemplates{Name: a.Name}
		for _, t := range a.Templates {
			at.Templates = append(at.Templates, t.String())
		}
		c.Made = append(c.Made, at)
	}
	return c
}

// UnmarshalYAML reads each profile over the one that it is like.
func (c *ProfilesConfig) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return lineError(n, "profiles holds profiles by their names", "profiles:\n  reception: { like: yealink }")
	}
	*c = ProfilesConfig{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, body := n.Content[i], n.Content[i+1]
		if err := directory.CheckProfileName(name.Value); err != nil {
			return lineError(name, fmt.Sprintf("profiles: %v", err), "")
		}
		if slices.ContainsFunc(slices.Collect(maps.Keys(*c)), func(have string) bool { return strings.EqualFold(have, name.Value) }) {
			return lineError(name, fmt.Sprintf("profiles.%s stands a second time", name.Value), "")
		}
		p, err := readProfile(name.Value, body)
		if err != nil {
			return err
		}
		p.line = name.Line
		(*c)[name.Value] = p
	}
	if len(*c) == 0 {
		*c = nil
	}
	return nil
}

func readProfile(name string, body *yaml.Node) (ProfileConfig, error) {
	like, given := name, child(body, "like")
	if given != nil {
		like = given.Value
	}
	b, known := directory.BuiltinNamed(like)
	if !known && given != nil {
		e := &ConfigError{Line: given.Line, What: fmt.Sprintf("profiles.%s.like: there is no ready profile %s", name, like)}
		if near := schema.Nearest(like, builtinNames()); near != "" {
			e.Try = "like: " + near
		} else {
			e.Try = "ringdex phones lists them"
		}
		return ProfileConfig{}, e
	}
	p := profileOf(&b)
	if child(body, "attributes") != nil {
		p.Made = nil
	}
	if body.Kind == yaml.MappingNode {
		type plain ProfileConfig
		if err := body.Decode((*plain)(&p)); err != nil {
			return p, err
		}
	}
	for _, c := range []struct {
		key, value string
		known      []string
	}{
		{"numbers", p.Numbers, directory.NumberForms()},
		{"dn", p.DN, directory.DNForms()},
		{"names", p.Names, directory.NameFilters()},
		{"digits", p.Digits, directory.NameDigitForms()},
		{"truncate", p.Truncate, directory.CutForms()},
		{"several", p.Several, directory.SeveralHitsForms()},
		{"collation", p.Collate, collations()},
	} {
		if c.value == "" || slices.Contains(c.known, c.value) {
			continue
		}
		e := &ConfigError{Line: child(body, c.key).Line, What: fmt.Sprintf("profiles.%s.%s: %q is none of %s", name, c.key, c.value, strings.Join(c.known, ", "))}
		if near := schema.Nearest(c.value, c.known); near != "" {
			e.Try = c.key + ": " + near
		}
		return p, e
	}
	for _, network := range p.Networks {
		if _, err := profileNetwork(network); err != nil {
			return p, lineError(child(body, "networks"), fmt.Sprintf("profiles.%s.networks: %q is no network", name, network), "networks: [192.0.2.0/24]")
		}
	}
	if p.Limit < 0 {
		return p, lineError(child(body, "size_limit"), fmt.Sprintf("profiles.%s.size_limit is negative", name), "size_limit: 0 for none")
	}
	return p, nil
}

func builtinNames() []string {
	var out []string
	for _, b := range directory.BuiltinProfiles() {
		out = append(out, b.Name)
	}
	return out
}

// collations are the orders of names.
func collations() []string { return []string{name.Dictionary.String(), name.PhoneBook.String()} }

// profileNetwork reads a network in CIDR form, or a single address.
func profileNetwork(s string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), nil
	}
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	return netip.PrefixFrom(addr, addr.BitLen()), nil
}

// names are the profiles' names in order.
func (c ProfilesConfig) names() []string { return slices.Sorted(maps.Keys(c)) }

// AllProfiles are the ready profiles, in their order, as the file changes them, then those of the file.
func (c *Config) AllProfiles() ([]directory.Profile, error) {
	var out []directory.Profile
	everywhere := c.Dialling.Location()
	for _, b := range directory.BuiltinProfiles() {
		if slices.ContainsFunc(c.Profiles.names(), func(n string) bool { return strings.EqualFold(n, b.Name) }) {
			continue
		}
		p := b.Profile
		p.Location = everywhere
		out = append(out, p)
	}
	for _, name := range c.Profiles.names() {
		p, err := c.profile(name, everywhere)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// profile makes a profile of the file ready for the directory.
func (c *Config) profile(name string, everywhere phone.Location) (directory.Profile, error) {
	pc := c.Profiles[name]
	like := pc.Like
	if like == "" {
		like = name
	}
	b, _ := directory.BuiltinNamed(like)
	p := directory.Profile{
		Name: name, About: b.About, Location: pc.Dialling.location(everywhere), Numbers: directory.NumberForm(pc.Numbers),
		SingleNumbers: pc.Single, Show: pc.Show, ASCII: pc.ASCII, DN: directory.DNForm(pc.DN), Names: directory.NameFilter(pc.Names),
		Digits: directory.NameDigits(pc.Digits), Sort: pc.Sort, Order: pc.Collate, Cut: directory.CutForm(pc.Truncate),
		Most: pc.Limit, Hits: directory.SeveralHits(pc.Several), Count: pc.Count, HideCompanies: bool(pc.NoFirms), NoHeadNumber: bool(pc.NoHead),
		EmptyPassword: pc.NoPass, Users: pc.Users, Listeners: pc.Listen,
	}
	for _, n := range pc.Networks {
		network, err := profileNetwork(n)
		if err != nil {
			return p, c.profileError(name, err.Error())
		}
		p.Networks = append(p.Networks, network)
	}
	for _, a := range pc.Made {
		made := directory.ProfileAttribute{Name: a.Name}
		for _, text := range a.Templates {
			t, err := schema.ParseTemplate(text)
			if err != nil {
				return p, &ConfigError{Path: c.given, Line: a.line, What: fmt.Sprintf("profiles.%s, attribute %s: %v", name, a.Name, err)}
			}
			made.Templates = append(made.Templates, t)
		}
		p.Attributes = append(p.Attributes, made)
	}
	return p, nil
}

func (c *Config) profileError(name, what string) *ConfigError {
	return &ConfigError{Path: c.given, Line: c.Profiles[name].line, What: fmt.Sprintf("profiles.%s: %s", name, what)}
}

// checkProfiles holds the profiles against the rest of the file: their attributes, their users, the objects' names.
func (c *Config) checkProfiles(s *schema.Schema) error {
	if _, err := c.AllProfiles(); err != nil {
		return err
	}
	var attributes []string
	for _, t := range s.Attributes() {
		attributes = append(attributes, t.Name)
	}
	for _, name := range c.Profiles.names() {
		p := c.Profiles[name]
		if slices.ContainsFunc(c.Objects, func(o ObjectConfig) bool { return strings.EqualFold(o.Name, name) }) {
			return c.profileError(name, "an object has that name, and its place in the tree")
		}
		used := slices.Concat(p.Show, p.Sort)
		for _, a := range p.Made {
			used = append(used, a.Name)
			for _, text := range a.Templates {
				if t, err := schema.ParseTemplate(text); err == nil {
					used = append(used, t.Fields()...)
				}
			}
		}
		for _, a := range used {
			if _, known := s.Attribute(a); known {
				continue
			}
			e := c.profileError(name, "there is no attribute "+a)
			if near := schema.Nearest(a, attributes); near != "" {
				e.Try = "did you mean " + near + "?"
			}
			return e
		}
		for _, user := range p.Users {
			if !slices.ContainsFunc(slices.Collect(maps.Keys(c.LDAP.Users)), func(u string) bool { return strings.EqualFold(u, user) }) {
				e := c.profileError(name, fmt.Sprintf("user %s is not under ldap.users", user))
				if near := schema.Nearest(user, slices.Collect(maps.Keys(c.LDAP.Users))); near != "" {
					e.Try = "did you mean " + near + "?"
				}
				return e
			}
		}
		if err := c.checkListeners(name); err != nil {
			return err
		}
		if _, err := phone.NewParser(p.Dialling.location(c.Dialling.Location())); err != nil {
			return c.profileError(name, strings.TrimPrefix(err.Error(), "phone: "))
		}
	}
	return nil
}

// checkListeners holds a profile's listeners against those that there are: one that does not exist would never choose it.
func (c *Config) checkListeners(name string) error {
	var known []string
	ports := map[string]bool{}
	for _, p := range c.LDAP.ports() {
		known = append(known, cmp.Or(p.name, p.address))
		if _, port, err := net.SplitHostPort(p.address); err == nil {
			ports[port] = true
		}
	}
	for _, l := range c.Profiles[name].Listen {
		_, port, err := net.SplitHostPort(l)
		if err == nil && ports[port] || slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, l) }) {
			continue
		}
		e := c.profileError(name, fmt.Sprintf("there is no listener %s", l))
		e.Try = "listeners: [" + cmp.Or(schema.Nearest(l, known), strings.Join(known, ", ")) + "]"
		return e
	}
	return nil
}

// profileKeyTexts describes the keys of profiles.
func profileKeyTexts() map[string]keyText {
	list := func(forms []string) string { return strings.Join(forms, " \\| ") }
	return map[string]keyText{
		"profiles":                               {"section", "kinds of phones by name, each with its place `ou=NAME` below the base. Ready ones are there without being named here (`ringdex phones`); one named here is changed"},
		"profiles.NAME.like":                     {"name of a ready profile", "what is left out is as there; default: the ready profile of the same name, if there is one"},
		"profiles.NAME.dialling":                 {"section", "where these phones stand; what is left out is as under `dialling`. Another country has no area and no head number, another area no head number, until they are given"},
		"profiles.NAME.dialling.country":         {"ISO 3166 code", "as `dialling.country`"},
		"profiles.NAME.dialling.area":            {"digits", "as `dialling.area`"},
		"profiles.NAME.dialling.outside_line":    {"digits", "as `dialling.outside_line`"},
		"profiles.NAME.dialling.head_number":     {"digits", "as `dialling.head_number`"},
		"profiles.NAME.dialling.internal_digits": {"0 to 8", "as `dialling.internal_digits`"},
		"profiles.NAME.numbers":                  {list(directory.NumberForms()), "how numbers are answered; `as_asked` as the phone wrote the number that it asks for, `dialable` with the outside line, `internal` our own ones by their extension"},
		"profiles.NAME.single_numbers":           {"true \\| false", "one number per attribute: the one asked for, else the first"},
		"profiles.NAME.attributes":               {"LDAP attribute: template or list of templates", "attributes made of the entry's: `cn: \"{sn}, {givenName} ({o})\"`, `telephoneNumber: [\"{telephoneNumber}\", \"{mobile}\"]`. `{A\\|B}` is the first that is there; companies keep their names"},
		"profiles.NAME.show":                     {"list of attributes", "only these are shown, and only these are found; default: all"},
		"profiles.NAME.ascii":                    {"true \\| false", "ä is answered as ae, é as e, for displays without umlauts"},
		"profiles.NAME.dn":                       {list(directory.DNForms()), "the name of an entry in the tree: its Id, or its name before its Id"},
		"profiles.NAME.names":                    {list(directory.NameFilters()), "what a filter on a name without a star means, for phones that send it as it stands. Numbers are never guessed at"},
		"profiles.NAME.digits":                   {list(directory.NameDigitForms()), "what digits in a filter on a name mean beside themselves: the keys that spell it, or a part of a number"},
		"profiles.NAME.sort":                     {"list of attributes", "the order of lists; default: by the display name. Every match is read before the first is sent"},
		"profiles.NAME.collation":                {list(collations()), "the order of lists and of ranges on names: ä as a, or as ae; default: `names.collation`"},
		"profiles.NAME.size_limit":               {"number", "entries that a search gets at most; 0 for no limit of its own"},
		"profiles.NAME.truncate":                 {list(directory.CutForms()), "what a list that is cut ends with: sizeLimitExceeded, or success"},
		"profiles.NAME.several":                  {list(directory.SeveralHitsForms()), "who is shown when several have a number: all, only people, the company of several people, or nobody"},
		"profiles.NAME.people_count":             {"true \\| false", "a company that comes before its people, since several of them have the number, is shown with how many: `Example GmbH (7)`; default false"},
		"profiles.NAME.companies":                {"true \\| false", "whether companies are listed and found; default true"},
		"profiles.NAME.company_fallback":         {"true \\| false", "whether an unknown extension shows the company of its head number; default true"},
		"profiles.NAME.bind_without_password":    {"true \\| false", "a bind with a name and no password counts as anonymous instead of being refused; only where `listeners` or `networks` choose the profile"},
		"profiles.NAME.users":                    {"list of names of `ldap.users`", "who gets the profile with the plain base"},
		"profiles.NAME.networks":                 {"list of networks", "who gets the profile with the plain base; the narrowest network counts"},
		"profiles.NAME.listeners":                {"list of listeners' names or addresses", "who gets the profile with the plain base: `192.0.2.10:3390`, or `:3390` for any address. A user goes before a listener, a listener before a network"},
	}
}
