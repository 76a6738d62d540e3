package main

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"ringdex/schema"
	"ringdex/schema/phone"
)

// Config is ringdex.yaml. Relative paths in it are relative to the file's folder. The zero value of each
// section is its default; loadConfig fills the defaults in.
type Config struct {
	Salesforce SalesforceConfig `yaml:"salesforce"`
	Objects    ObjectsConfig    `yaml:"objects"`
	Dialling   DiallingConfig   `yaml:"dialling"`
	Names      NamesConfig      `yaml:"names"`
	Profiles   ProfilesConfig   `yaml:"profiles"`
	LDAP       LDAPConfig       `yaml:"ldap"`
	Schedule   ScheduleConfig   `yaml:"schedule"`
	Guard      GuardConfig      `yaml:"guard"`
	Store      string           `yaml:"store"`
	Log        LogConfig        `yaml:"log"`
	Metrics    MetricsConfig    `yaml:"metrics"`
	Callers    CallersConfig    `yaml:"callers"`

	typed map[string]string // secrets that a person has just typed, by key of the salesforce section; not stored yet
	path  string            // of the file, absolute
	given string            // as it was named, for errors
}

// SalesforceConfig says which org is read and how ringdex logs in there.
type SalesforceConfig struct {
	Login         string    `yaml:"login"`
	URL           string    `yaml:"url"`
	APIVersion    string    `yaml:"api_version"`
	Username      string    `yaml:"username"`
	Password      SecretRef `yaml:"password"`
	SecurityToken SecretRef `yaml:"security_token"`
	ClientID      string    `yaml:"client_id"`
	ClientSecret  SecretRef `yaml:"client_secret"`
	PrivateKey    SecretRef `yaml:"private_key"`
	RefreshToken  SecretRef `yaml:"refresh_token"`
	Audience      string    `yaml:"audience"`
	AllowedHosts  []string  `yaml:"allowed_hosts"`
	CAFile        string    `yaml:"ca_file"`
	Connections   int       `yaml:"connections"`
	APIPercent    int       `yaml:"api_percent"`
	APIStop       int       `yaml:"api_stop_percent"`
	Logins        int       `yaml:"logins_per_hour"`
}

// ObjectsConfig lists the replicated objects in the order of the file.
type ObjectsConfig []ObjectConfig

// ObjectConfig is the mapping of one sObject. Without attributes the default mapping of that object holds.
type ObjectConfig struct {
	Name  string `yaml:"-"`
	Where string `yaml:"where"`
	// LeaveOut are the Ids of records that are not copied.
	LeaveOut    []string        `yaml:"leave_out"`
	Attributes  AttributeConfig `yaml:"attributes"`
	ContactURLs []string        `yaml:"contact_urls"`
	// CountryFields say a record's country, best first, for numbers without a country code.
	CountryFields []string `yaml:"country_fields"`
	// Canary is the Id of a record that this user must always see.
	Canary string `yaml:"canary"`

	line int
}

// AttributeConfig keeps the attributes in the order of the file: the first number attribute is the one that
// phones show first.
type AttributeConfig []AttributeTemplates

// AttributeTemplates are the templates that make the values of one LDAP attribute.
type AttributeTemplates struct {
	Name      string
	Templates []string

	line int
}

// DiallingConfig is where the phones stand.
type DiallingConfig struct {
	Country        string `yaml:"country"`
	Area           string `yaml:"area"`
	OutsideLine    string `yaml:"outside_line"`
	HeadNumber     string `yaml:"head_number"`
	InternalDigits int    `yaml:"internal_digits"`
}

// Location is the dialling location that schema/phone works with.
func (d DiallingConfig) Location() phone.Location {
	return phone.Location{
		Country: d.Country, Area: d.Area, OutsideLine: d.OutsideLine,
		HeadNumber: d.HeadNumber, InternalDigits: d.InternalDigits,
	}
}

// NamesConfig is how names are ordered.
type NamesConfig struct {
	Collation string `yaml:"collation"`
}

// LDAPConfig is the directory side.
type LDAPConfig struct {
	Base      string                    `yaml:"base"`
	Listen    []string                  `yaml:"listen"`
	LDAPS     []string                  `yaml:"ldaps"`
	Listeners map[string]ListenerConfig `yaml:"listeners"`
	TLS       TLSConfig                 `yaml:"tls"`
	Users     map[string]UserConfig     `yaml:"users"`
	Anonymous AnonymousConfig           `yaml:"anonymous"`
	Guests    GuestsConfig              `yaml:"guests"`
	SizeLimit int                       `yaml:"size_limit"`
	Limits    LimitsConfig              `yaml:"limits"`
}

// TLSConfig names the certificate of StartTLS and LDAPS: PEM files, read anew when they change; or has one made.
type TLSConfig struct {
	SelfSigned  bool   `yaml:"self_signed"`
	Certificate string `yaml:"certificate"`
	Key         string `yaml:"key"`
}

// AnonymousConfig says who may read without a bind: never, loopback, always, or a list of networks.
type AnonymousConfig struct {
	Never, Loopback, Always bool
	Networks                []netip.Prefix
}

// LogConfig says what is logged and how. Output is stderr.
type LogConfig struct {
	Level   string `yaml:"level"`
	Format  string `yaml:"format"`
	Queries string `yaml:"queries"`
	Audit   string `yaml:"audit"`
}

const (
	defaultURL        = "https://login.salesforce.com"
	defaultAPIVersion = "64.0"
	defaultBase       = "dc=ringdex"
	defaultListen     = "127.0.0.1:3389"
	defaultStore      = "ringdex.db"
	defaultConfigPath = "ringdex.yaml"
)

// UnmarshalYAML keeps the order of the file.
func (o *ObjectsConfig) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return lineError(n, "objects is a list of object names, each with its mapping", "objects:\n  Contact: {}")
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		c := ObjectConfig{Name: n.Content[i].Value, line: n.Content[i].Line}
		if body := n.Content[i+1]; body.Tag != "!!null" {
			type plain ObjectConfig
			p := plain(c)
			if err := body.Decode(&p); err != nil {
				return err
			}
			c = ObjectConfig(p)
		}
		*o = append(*o, c)
	}
	return nil
}

// UnmarshalYAML takes a template or a list of templates for each attribute.
func (a *AttributeConfig) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return lineError(n, "attributes maps LDAP attributes to templates", `cn: "{Name}"`)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		t := AttributeTemplates{Name: n.Content[i].Value, line: n.Content[i].Line}
		v := n.Content[i+1]
		switch v.Kind {
		case yaml.ScalarNode:
			t.Templates = []string{v.Value}
		case yaml.SequenceNode:
			if err := v.Decode(&t.Templates); err != nil {
				return err
			}
		default:
			return lineError(v, fmt.Sprintf("attribute %s takes a template or a list of templates", t.Name), t.Name+`: "{Field}"`)
		}
		*a = append(*a, t)
	}
	return nil
}

// UnmarshalYAML reads never, loopback, always, or a list of networks in CIDR form (single addresses too).
func (a *AnonymousConfig) UnmarshalYAML(n *yaml.Node) error {
	var list []string
	if n.Kind == yaml.SequenceNode {
		if err := n.Decode(&list); err != nil {
			return err
		}
	} else {
		list = []string{n.Value}
	}
	parsed, err := parseAnonymous(list)
	if err != nil {
		return lineError(n, "anonymous: "+err.Error(), "anonymous: [192.0.2.0/24]")
	}
	*a = parsed
	return nil
}

// parseAnonymous reads never, loopback or always, or a list of networks and loopback.
func parseAnonymous(list []string) (AnonymousConfig, error) {
	var a AnonymousConfig
	if len(list) == 1 {
		switch strings.ToLower(list[0]) {
		case "never", "false", "no":
			a.Never = true
			return a, nil
		case "always", "true", "yes":
			a.Always = true
			return a, nil
		}
	}
	for _, s := range list {
		if strings.EqualFold(s, "loopback") {
			a.Loopback = true
			continue
		}
		p, ok := parseNetwork(s)
		if !ok {
			return a, fmt.Errorf("%q is neither never, loopback, always nor a network", s)
		}
		a.Networks = append(a.Networks, p)
	}
	return a, nil
}

// StorePath is the absolute path of the store.
func (c *Config) StorePath() string { return c.rel(c.Store) }

// rel makes a path of the file absolute.
func (c *Config) rel(p string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(filepath.Dir(c.path), p)
}

// Mappings builds the mappings of all objects, in the order of the file.
func (c *Config) Mappings() ([]schema.Mapping, error) {
	out := make([]schema.Mapping, 0, len(c.Objects))
	for _, o := range c.Objects {
		m, known := schema.DefaultMapping(o.Name)
		if !known {
			if len(o.Attributes) == 0 {
				return nil, &ConfigError{
					Path: c.given, Line: o.line,
					What: fmt.Sprintf("object %s has no default mapping and no attributes", o.Name),
					Try:  fmt.Sprintf("objects:\n  %s:\n    attributes: { cn: \"{Name}\", telephoneNumber: \"{Phone__c}\" }", o.Name),
				}
			}
			m = schema.Mapping{Object: o.Name}
		}
		where, err := o.condition()
		if err != nil {
			err.Path = c.given
			return nil, err
		}
		if where != "" {
			m.Where = where
		}
		if o.CountryFields != nil {
			m.CountryFields = o.CountryFields
		}
		if len(o.Attributes) > 0 {
			m.Attributes = nil
			for _, a := range o.Attributes {
				ma := schema.MappedAttribute{Name: a.Name}
				for _, text := range a.Templates {
					t, err := schema.ParseTemplate(text)
					if err != nil {
						return nil, &ConfigError{Path: c.given, Line: a.line, What: fmt.Sprintf("%s, attribute %s: %v", o.Name, a.Name, err)}
					}
					ma.Templates = append(ma.Templates, t)
				}
				m.Attributes = append(m.Attributes, ma)
			}
		}
		if o.ContactURLs != nil {
			m.ContactURLs = nil
			if len(o.ContactURLs) > 3 {
				return nil, &ConfigError{Path: c.given, Line: o.line, What: fmt.Sprintf("%s has %d contact URLs; three are the most that phones and CTI clients take", o.Name, len(o.ContactURLs))}
			}
			for _, text := range o.ContactURLs {
				t, err := schema.ParseTemplate(text)
				if err != nil {
					return nil, &ConfigError{Path: c.given, Line: o.line, What: fmt.Sprintf("%s, contact URL: %v", o.Name, err)}
				}
				m.ContactURLs = append(m.ContactURLs, t)
			}
		}
		out = append(out, m)
	}
	return out, nil
}

// Schema is the LDAP schema with the attributes that the mappings add.
func (c *Config) Schema(mappings []schema.Mapping) (*schema.Schema, error) {
	base, err := schema.New()
	if err != nil {
		return nil, err
	}
	var custom []schema.AttributeType
	seen := map[string]bool{}
	add := func(name string) {
		if _, ok := base.Attribute(name); ok || seen[strings.ToLower(name)] {
			return
		}
		seen[strings.ToLower(name)] = true
		custom = append(custom, schema.AttributeType{Name: name, Syntax: schema.Text})
	}
	for _, m := range mappings {
		for _, a := range m.Attributes {
			add(a.Name)
		}
	}
	for _, name := range c.Profiles.names() {
		for _, a := range c.Profiles[name].Made {
			add(a.Name)
		}
	}
	if len(custom) == 0 {
		return base, nil
	}
	s, err := schema.New(custom...)
	if err != nil {
		return nil, &ConfigError{Path: c.given, What: err.Error(), Try: "attribute names begin with a letter and hold letters, digits and hyphens"}
	}
	return s, nil
}
