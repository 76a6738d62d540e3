package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"ringdex/schema"
	"ringdex/schema/name"
)

// ConfigError is a fault in the configuration file: where, what, and what to write instead.
type ConfigError struct {
	Path string
	Line int // 0: the file as a whole
	What string
	Try  string
}

func (e *ConfigError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s: line %d: %s", e.Path, e.Line, e.What)
	}
	return fmt.Sprintf("%s: %s", e.Path, e.What)
}

// Hint is the next step.
func (e *ConfigError) Hint() string { return e.Try }

// lineError is a ConfigError without its path, which loadConfig adds.
func lineError(n *yaml.Node, what, try string) error {
	return &ConfigError{Line: n.Line, What: what, Try: try}
}

// systemConfigPath is the configuration of an installed package.
const systemConfigPath = "/etc/ringdex/ringdex.yaml"

// presentConfig is the path, or that of the installed package where the default path has no file and the package's has one.
func presentConfig(path string) string {
	if _, err := os.Stat(path); path == defaultConfigPath && err != nil {
		if _, err := os.Stat(systemConfigPath); err == nil {
			return systemConfigPath
		}
	}
	return path
}

// loadConfig reads, checks and completes the configuration at path. Where the default path has none, it is the one of
// the installed package, if there is one that this user can read.
func loadConfig(path string) (*Config, error) {
	path = presentConfig(path)
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(abs)
	if err != nil {
		e := &ConfigError{Path: path, What: errors.Unwrap(err).Error()}
		if errors.Is(err, fs.ErrNotExist) {
			e.What = "there is no such file"
			e.Try = "ringdex wizard writes one; --config names another file"
		}
		return nil, e
	}
	c, err := parseConfig(data, path)
	if err != nil {
		return nil, err
	}
	c.path = abs
	mappings, err := c.Mappings()
	if err != nil {
		return nil, err
	}
	s, err := c.Schema(mappings)
	if err != nil {
		return nil, err
	}
	if err := c.checkProfiles(s); err != nil {
		return nil, err
	}
	return c, c.checkAccess(s)
}

// parseConfig is loadConfig without the file; path stands in errors only.
func parseConfig(data []byte, path string) (*Config, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		line, text := yamlError(err)
		return nil, &ConfigError{Path: path, Line: line, What: text, Try: "indent with spaces, and put values that hold {, }, : or # in double quotes"}
	}
	c := &Config{path: path, given: path, LDAP: LDAPConfig{Limits: defaultLimits()}}
	if len(doc.Content) > 0 {
		if err := checkKeys(doc.Content[0], reflect.TypeFor[Config](), ""); err != nil {
			err.Path = path
			return nil, err
		}
		if err := doc.Content[0].Decode(c); err != nil {
			var ce *ConfigError
			if errors.As(err, &ce) {
				ce.Path = path
				return nil, ce
			}
			line, text := yamlError(err)
			return nil, &ConfigError{Path: path, Line: line, What: text}
		}
	}
	if err := c.complete(); err != nil {
		err.Path = path
		return nil, err
	}
	return c, nil
}

// yamlError takes the line number out of the library's text ("yaml: line 3: …").
func yamlError(err error) (line int, text string) {
	text = strings.TrimPrefix(err.Error(), "yaml: ")
	text = strings.TrimPrefix(text, "unmarshal errors:\n")
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		if num, after, ok := strings.Cut(rest, ": "); ok {
			if n, err := strconv.Atoi(num); err == nil {
				return n, after
			}
		}
	}
	return 0, text
}

// checkKeys refuses keys that the type does not know, and keys that stand twice, with their line and the
// nearest known key. It follows the struct tags, so that the configuration's types are the only list of keys.
func checkKeys(n *yaml.Node, t reflect.Type, at string) *ConfigError {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if n.Kind != yaml.MappingNode {
		if t.Kind() == reflect.Struct && n.Tag != "!!null" && t != reflect.TypeFor[AnonymousConfig]() && t != reflect.TypeFor[UserConfig]() {
			return &ConfigError{Line: n.Line, What: fmt.Sprintf("%s holds a section, not a value", orTop(at))}
		}
		return nil
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if first, twice := seen[k.Value]; twice {
			return &ConfigError{Line: k.Line, What: fmt.Sprintf("%s stands a second time (first in line %d)", join(at, k.Value), first)}
		}
		seen[k.Value] = k.Line
	}
	if t == reflect.TypeFor[ObjectsConfig]() {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if err := checkKeys(n.Content[i+1], reflect.TypeFor[ObjectConfig](), join(at, n.Content[i].Value)); err != nil {
				return err
			}
		}
		return nil
	}
	if t.Kind() == reflect.Map && t.Elem().Kind() == reflect.Struct {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if err := checkKeys(n.Content[i+1], t.Elem(), join(at, n.Content[i].Value)); err != nil {
				return err
			}
		}
		return nil
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	fields := map[string]reflect.Type{}
	var names []string
	for f := range t.Fields() {
		if name := f.Tag.Get("yaml"); name != "" && name != "-" {
			fields[name] = f.Type
			names = append(names, name)
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		ft, ok := fields[k.Value]
		if !ok {
			e := &ConfigError{Line: k.Line, What: fmt.Sprintf("unknown key %s", join(at, k.Value))}
			if near := schema.Nearest(k.Value, names); near != "" {
				e.Try = fmt.Sprintf("did you mean %s?", join(at, near))
			} else {
				e.Try = fmt.Sprintf("known keys of %s: %s", orTop(at), strings.Join(names, ", "))
			}
			return e
		}
		if err := checkKeys(n.Content[i+1], ft, join(at, k.Value)); err != nil {
			return err
		}
	}
	return nil
}

func join(at, key string) string {
	if at == "" {
		return key
	}
	return at + "." + key
}

func orTop(at string) string {
	if at == "" {
		return "the file"
	}
	return at
}

// complete fills in the defaults and checks every value that can be checked without a network.
func (c *Config) complete() *ConfigError {
	sf := &c.Salesforce
	def(&sf.Login, "soap")
	def(&sf.URL, defaultURL)
	def(&sf.APIVersion, defaultAPIVersion)
	def(&c.LDAP.Base, defaultBase)
	if c.LDAP.Limits == (LimitsConfig{}) {
		c.LDAP.Limits = defaultLimits() // a configuration that was not parsed
	}
	def(&c.Store, defaultStore)
	def(&c.Log.Level, "info")
	def(&c.Names.Collation, name.Dictionary.String())
	def(&c.Log.Format, "text")
	if c.LDAP.Listen == nil && c.LDAP.LDAPS == nil && len(c.LDAP.Listeners) == 0 {
		c.LDAP.Listen = []string{defaultListen}
	}
	a := &c.LDAP.Anonymous
	if !a.Never && !a.Always && !a.Loopback && len(a.Networks) == 0 {
		a.Loopback = true
	}
	if len(c.Objects) == 0 {
		c.Objects = ObjectsConfig{{Name: "Contact"}, {Name: "Account"}}
	}

	u, err := url.Parse(sf.URL)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return &ConfigError{What: fmt.Sprintf("salesforce.url: %q is not the address of a Salesforce org", sf.URL), Try: "url: https://mycompany.my.salesforce.com"}
	}
	if u.User != nil {
		return &ConfigError{What: "salesforce.url holds a user or a password", Try: "put the user under username and refer to the password with env:, file: or credential:"}
	}
	if err := sf.checkLogin(u); err != nil {
		return err
	}
	if err := c.completeReplication(); err != nil {
		return err
	}
	for _, d := range []struct{ key, value string }{
		{"area", c.Dialling.Area}, {"outside_line", c.Dialling.OutsideLine}, {"head_number", c.Dialling.HeadNumber},
	} {
		if strings.Trim(d.value, "0123456789*#") != "" {
			return &ConfigError{What: fmt.Sprintf("dialling.%s: %q is not made of digits", d.key, d.value), Try: d.key + `: "0"`}
		}
	}
	if n := c.Dialling.InternalDigits; n < 0 || n > 8 {
		return &ConfigError{What: fmt.Sprintf("dialling.internal_digits: %d is not between 0 and 8", n)}
	}
	if err := c.Callers.check(); err != nil {
		return err
	}
	if err := c.LDAP.check(); err != nil {
		return err
	}
	if _, err := name.ParseCollation(c.Names.Collation); err != nil {
		return &ConfigError{What: fmt.Sprintf("names.collation: %q is neither din5007-1 (ü as u) nor din5007-2 (ü as ue)", c.Names.Collation), Try: "collation: din5007-1"}
	}
	if m := c.Metrics.Listen; m != "" {
		if _, _, err := net.SplitHostPort(m); err != nil {
			return &ConfigError{What: fmt.Sprintf("metrics.listen: %q is not an address with a port", m), Try: `listen: "127.0.0.1:9389"`}
		}
	}
	if c.Log.Format != "text" && c.Log.Format != "json" {
		return &ConfigError{What: fmt.Sprintf("log.format: %q is neither text nor json", c.Log.Format)}
	}
	return nil
}

func def(s *string, value string) {
	if *s == "" {
		*s = value
	}
}
