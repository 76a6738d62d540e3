package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"ringdex/ldapserver/directory"
	"ringdex/schema"
)

// UserConfig is somebody who may bind: a hash alone, or a section.
type UserConfig struct {
	Hash              string       `yaml:"hash"`
	WithoutPassword   bool         `yaml:"without_password"`
	Networks          NetworksList `yaml:"networks"`
	Attributes        []string     `yaml:"attributes"`
	Objects           []string     `yaml:"objects"`
	SizeLimit         int          `yaml:"size_limit"`
	SearchesPerSecond int          `yaml:"searches_per_second"`
	EntriesPerHour    int          `yaml:"entries_per_hour"`
}

// GuestsConfig is what those see and may who read without a user.
type GuestsConfig struct {
	Attributes        []string `yaml:"attributes"`
	Objects           []string `yaml:"objects"`
	SizeLimit         int      `yaml:"size_limit"`
	SearchesPerSecond int      `yaml:"searches_per_second"`
	EntriesPerHour    int      `yaml:"entries_per_hour"`
}

// MetricsConfig is where metrics and health can be read.
type MetricsConfig struct {
	Listen string `yaml:"listen"`
}

// UnmarshalYAML reads a hash or a section.
func (u *UserConfig) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*u = UserConfig{Hash: n.Value}
		return nil
	}
	type plain UserConfig
	return n.Decode((*plain)(u))
}

// text is the user as it stands in a file, on one line.
func (u UserConfig) text() (string, error) {
	if only := (UserConfig{Hash: u.Hash}); fmt.Sprint(only) == fmt.Sprint(u) {
		return strconv.Quote(u.Hash), nil
	}
	var n yaml.Node
	if err := n.Encode(u); err != nil {
		return "", err
	}
	var said []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		if v := n.Content[i+1]; v.Value != "" && v.Value != "false" && v.Value != "0" || len(v.Content) > 0 {
			said = append(said, n.Content[i], v)
		}
	}
	n.Content, n.Style = said, yaml.FlowStyle
	data, err := yaml.Marshal(&n)
	// The library breaks long lines at spaces.
	return strings.Join(strings.Fields(string(data)), " "), err
}

func (u *UserConfig) rights() directory.Rights {
	return directory.Rights{
		Attributes: u.Attributes, Objects: u.Objects, SizeLimit: u.SizeLimit,
		SearchesPerSecond: u.SearchesPerSecond, EntriesPerHour: u.EntriesPerHour,
	}
}

// access are the directory's options that a running ringdex takes over again.
func (l *LDAPConfig) access() directory.Options {
	o := directory.Options{
		Users:     map[string]directory.User{},
		Anonymous: directory.Access{Always: l.Anonymous.Always, Loopback: l.Anonymous.Loopback, Networks: l.Anonymous.Networks},
		Guests: directory.Rights{
			Attributes: l.Guests.Attributes, Objects: l.Guests.Objects, SizeLimit: l.Guests.SizeLimit,
			SearchesPerSecond: l.Guests.SearchesPerSecond, EntriesPerHour: l.Guests.EntriesPerHour,
		},
		SizeLimit: l.SizeLimit,
	}
	for name, u := range l.Users {
		o.Users[name] = directory.User{Hash: u.Hash, Rights: u.rights(), Networks: u.Networks, WithoutPassword: u.WithoutPassword}
	}
	return o
}

// guessing are the bounds on wrong passwords.
func (l *LimitsConfig) guessing() directory.BindLimits {
	return directory.BindLimits{
		PerAddress: l.WrongPerAddress, PerUser: l.WrongPerUser, Wait: time.Duration(l.WrongWait), Hashes: l.Hashes,
	}
}

// checkAccess holds the allow-lists against what the configuration replicates: a mistyped name would hide everything.
func (c *Config) checkAccess(s *schema.Schema) error {
	objects := c.Objects.names()
	check := func(at string, r directory.Rights) error {
		for _, a := range r.Attributes {
			if _, ok := s.Attribute(a); !ok {
				return &ConfigError{Path: c.given, What: fmt.Sprintf("%s.attributes: the attribute %s is unknown", at, a)}
			}
		}
		for _, o := range r.Objects {
			if !slices.ContainsFunc(objects, func(have string) bool { return strings.EqualFold(have, o) }) {
				return &ConfigError{Path: c.given, What: fmt.Sprintf("%s.objects: %s is not replicated", at, o), Try: "objects: [" + strings.Join(objects, ", ") + "]"}
			}
		}
		if r.SizeLimit < 0 || r.SearchesPerSecond < 0 || r.EntriesPerHour < 0 {
			return &ConfigError{Path: c.given, What: at + ": a limit is negative", Try: "leave it out for no limit"}
		}
		return nil
	}
	access := c.LDAP.access()
	if err := check("ldap.guests", access.Guests); err != nil {
		return err
	}
	for name, u := range access.Users {
		at := "ldap.users." + name
		if err := check(at, u.Rights); err != nil {
			return err
		}
		switch {
		case u.WithoutPassword && len(u.Networks) == 0:
			return &ConfigError{Path: c.given, What: at + ": without_password needs the networks from which it counts", Try: "networks: [192.0.2.0/24]"}
		case u.Hash == "" && !u.WithoutPassword:
			return &ConfigError{Path: c.given, What: at + " has no hash", Try: "hash: \"$argon2id$…\", as ringdex hash-password prints it"}
		}
	}
	return nil
}
