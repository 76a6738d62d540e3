package main

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"ringdex/ldapserver"
	"ringdex/ldapserver/directory"
	"ringdex/ldapserver/protocol"
)

// ListenerConfig is one named port of the directory.
type ListenerConfig struct {
	Address  string       `yaml:"address"`
	Mode     string       `yaml:"mode"`
	Legacy   bool         `yaml:"legacy"`
	Networks NetworksList `yaml:"networks"`
}

// NetworksList is a list of networks in CIDR form; single addresses too.
type NetworksList []netip.Prefix

// LimitsConfig bounds what clients may take. Sizes are octets.
type LimitsConfig struct {
	MessageBeforeBind     int      `yaml:"message_before_bind"`
	Message               int      `yaml:"message"`
	Depth                 int      `yaml:"depth"`
	Terms                 int      `yaml:"terms"`
	Attributes            int      `yaml:"attributes"`
	Controls              int      `yaml:"controls"`
	DN                    int      `yaml:"dn"`
	Substrings            int      `yaml:"substrings"`
	Pending               int      `yaml:"pending"`
	Connections           int      `yaml:"connections"`
	ConnectionsPerAddress int      `yaml:"connections_per_address"`
	Pulls                 int      `yaml:"pulls"`
	FirstByte             Duration `yaml:"first_byte"`
	MessageTime           Duration `yaml:"message_time"`
	Idle                  Duration `yaml:"idle"`
	Write                 Duration `yaml:"write"`
	Handshake             Duration `yaml:"handshake"`
	Search                Duration `yaml:"search"`
	WrongPerAddress       int      `yaml:"wrong_passwords_per_address"`
	WrongPerUser          int      `yaml:"wrong_passwords_per_user"`
	WrongWait             Duration `yaml:"wrong_passwords_wait"`
	Hashes                int      `yaml:"hashes"`
}

// defaultLimits are those of a file that says nothing.
func defaultLimits() LimitsConfig {
	o, g := ldapserver.Options{}.Defaults(), directory.BindLimits{}.Defaults()
	return LimitsConfig{
		MessageBeforeBind: o.MaxAnonymousMessage, Message: o.MaxMessage,
		Depth: protocol.DefaultMaxDepth, Terms: protocol.DefaultMaxTerms, Attributes: protocol.DefaultMaxAttributes,
		Controls: protocol.DefaultMaxControls, DN: protocol.DefaultMaxDN, Substrings: protocol.DefaultMaxSubstrings,
		Pending: o.MaxPending, Pulls: 0, Connections: o.MaxConnections, ConnectionsPerAddress: o.MaxPerAddress,
		FirstByte: Duration(o.FirstByteTimeout), MessageTime: Duration(o.MessageTimeout), Idle: Duration(o.IdleTimeout),
		Write: Duration(o.WriteTimeout), Handshake: Duration(o.HandshakeTimeout), Search: Duration(o.SearchTimeout),
		WrongPerAddress: g.PerAddress, WrongPerUser: g.PerUser, WrongWait: Duration(g.Wait), Hashes: g.Hashes,
	}
}

// options are the server's, without what is not a limit.
func (l *LimitsConfig) options() ldapserver.Options {
	return ldapserver.Options{
		MaxAnonymousMessage: l.MessageBeforeBind, MaxMessage: l.Message,
		Limits: protocol.Limits{
			MaxDepth: l.Depth, MaxTerms: l.Terms, MaxAttributes: l.Attributes, MaxControls: l.Controls, MaxDN: l.DN, MaxSubstrings: l.Substrings,
		},
		MaxPending: l.Pending, MaxPulls: l.Pulls, MaxConnections: l.Connections, MaxPerAddress: l.ConnectionsPerAddress,
		FirstByteTimeout: time.Duration(l.FirstByte), MessageTimeout: time.Duration(l.MessageTime), IdleTimeout: time.Duration(l.Idle),
		WriteTimeout: time.Duration(l.Write), HandshakeTimeout: time.Duration(l.Handshake), SearchTimeout: time.Duration(l.Search),
	}
}

// limitRanges are the bounds of numbers; times lie between a millisecond and a day. What is above them is not protection any
// more: deeper filters fill the stack, larger messages the memory.
var limitRanges = map[string][2]int{
	"message_before_bind": {256, 16 << 20}, "message": {256, 64 << 20}, "depth": {1, 200}, "terms": {1, 10_000},
	"attributes": {1, 10_000}, "controls": {1, 100}, "dn": {64, 64 << 10}, "substrings": {1, 10_000}, "pending": {1, 10_000},
	"wrong_passwords_per_address": {1, 100_000}, "wrong_passwords_per_user": {1, 100_000}, "hashes": {1, 64}, "pulls": {0, 1024},
	"connections": {1, 1_000_000}, "connections_per_address": {1, 1_000_000},
}

func (l *LimitsConfig) check() *ConfigError {
	v := reflect.ValueOf(*l)
	for i := range v.NumField() {
		key := v.Type().Field(i).Tag.Get("yaml")
		if d, ok := v.Field(i).Interface().(Duration); ok {
			if d := time.Duration(d); d < time.Millisecond || d > 24*time.Hour {
				return &ConfigError{What: fmt.Sprintf("ldap.limits.%s: %s is not between 1ms and 24h", key, d), Try: key + ": 30s"}
			}
			continue
		}
		r, n := limitRanges[key], int(v.Field(i).Int())
		if n < r[0] || n > r[1] {
			return &ConfigError{What: fmt.Sprintf("ldap.limits.%s: %d is not between %d and %d", key, n, r[0], r[1])}
		}
	}
	return nil
}

// Duration is a time span in Go's spelling: 500ms, 30s, 15m.
type Duration time.Duration

// String is the shortest spelling.
func (d Duration) String() string {
	s := time.Duration(d).String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(s, zero) {
			s = s[:len(s)-2]
		}
	}
	return s
}

// UnmarshalYAML reads a span with its unit.
func (d *Duration) UnmarshalYAML(n *yaml.Node) error {
	t, err := time.ParseDuration(n.Value)
	if err != nil {
		return lineError(n, fmt.Sprintf("%q is not a time span", n.Value), "500ms, 30s or 15m")
	}
	*d = Duration(t)
	return nil
}

// UnmarshalYAML reads one network or a list of them.
func (l *NetworksList) UnmarshalYAML(n *yaml.Node) error {
	var texts []string
	if n.Kind == yaml.SequenceNode {
		if err := n.Decode(&texts); err != nil {
			return err
		}
	} else {
		texts = []string{n.Value}
	}
	*l = nil
	for _, s := range texts {
		p, ok := parseNetwork(s)
		if !ok {
			return lineError(n, fmt.Sprintf("%q is not a network", s), "[192.0.2.0/24]")
		}
		*l = append(*l, p)
	}
	return nil
}

// MarshalYAML is the form that UnmarshalYAML reads.
func (l NetworksList) MarshalYAML() (any, error) {
	out := []string{}
	for _, p := range l {
		out = append(out, p.String())
	}
	return out, nil
}

func parseNetwork(s string) (netip.Prefix, bool) {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		addr, err := netip.ParseAddr(s)
		if err != nil {
			return p, false
		}
		p = netip.PrefixFrom(addr, addr.BitLen())
	}
	return p.Masked(), true
}

// port is a listener as it is to be opened.
type port struct {
	name, address string
	mode          ldapserver.Mode
	legacy        bool
	networks      []netip.Prefix
}

var modeNames = []string{"plain", "starttls", "starttls_required", "ldaps"}

// ports are all listeners: those of listen and ldaps, which have their address for a name, then the named ones.
func (l *LDAPConfig) ports() []port {
	var out []port
	plain := ldapserver.Plain
	if l.TLS.on() {
		plain = ldapserver.StartTLSOptional
	}
	for _, a := range l.Listen {
		out = append(out, port{address: a, mode: plain})
	}
	for _, a := range l.LDAPS {
		out = append(out, port{address: a, mode: ldapserver.LDAPS})
	}
	for _, name := range slices.Sorted(maps.Keys(l.Listeners)) {
		c := l.Listeners[name]
		p := port{name: name, address: c.Address, legacy: c.Legacy, networks: c.Networks, mode: plain}
		for _, m := range []ldapserver.Mode{ldapserver.Plain, ldapserver.StartTLSOptional, ldapserver.StartTLSRequired, ldapserver.LDAPS} {
			if c.Mode == m.String() {
				p.mode = m
			}
		}
		out = append(out, p)
	}
	return out
}

// on says that there is a certificate, or will be.
func (t *TLSConfig) on() bool { return t.Certificate != "" || t.SelfSigned }

// certificateFiles are where certificate and key lie; "" without TLS. With an error the certificate may be known.
func (c *Config) certificateFiles() (certificate, key string, err error) {
	if c.LDAP.TLS.SelfSigned {
		return c.StorePath() + ".crt", c.StorePath() + ".key", nil
	}
	if certificate, err = c.pemFile("certificate", c.LDAP.TLS.Certificate); err != nil {
		return "", "", err
	}
	key, err = c.pemFile("key", c.LDAP.TLS.Key)
	return certificate, key, err
}

// pemFile is where a file under ldap.tls lies: a path, or credential:NAME.
func (c *Config) pemFile(name, value string) (string, error) {
	credential, ok := strings.CutPrefix(value, "credential:")
	if !ok {
		return c.rel(value), nil
	}
	path, err := credentialFile(credential)
	if err != nil {
		return "", fmt.Errorf("ldap.tls.%s: %w", name, err)
	}
	return path, nil
}

// check looks at what belongs to the directory's ports and bounds.
func (l *LDAPConfig) check() *ConfigError {
	for name, c := range l.Listeners {
		at := "ldap.listeners." + name
		if c.Address == "" {
			return &ConfigError{What: at + " has no address", Try: `address: "192.0.2.10:636"`}
		}
		if c.Mode != "" && !slices.Contains(modeNames, c.Mode) {
			return &ConfigError{What: fmt.Sprintf("%s.mode: %q is unknown", at, c.Mode), Try: strings.Join(modeNames, ", ")}
		}
		if c.Mode != "" && c.Mode != "plain" && !l.TLS.on() {
			return &ConfigError{What: at + " needs a certificate", Try: "tls: { certificate: server.pem, key: server.key }, or tls: { self_signed: true }"}
		}
		if c.Legacy && (c.Mode == "" || c.Mode == "plain") {
			return &ConfigError{What: at + ": legacy means old versions of TLS, and this listener has a mode without TLS", Try: "mode: ldaps"}
		}
	}
	for _, p := range l.ports() {
		if _, _, err := net.SplitHostPort(p.address); err != nil {
			return &ConfigError{What: fmt.Sprintf("ldap.listen: %q is not an address with a port", p.address), Try: `listen: ["127.0.0.1:3389"]`}
		}
	}
	if len(l.LDAPS) > 0 && !l.TLS.on() {
		return &ConfigError{What: "ldap.ldaps needs a certificate", Try: "tls: { certificate: server.pem, key: server.key }, or tls: { self_signed: true }"}
	}
	if l.TLS.SelfSigned && (l.TLS.Certificate != "" || l.TLS.Key != "") {
		return &ConfigError{What: "ldap.tls has both self_signed and a certificate", Try: "leave one of them out"}
	}
	if (l.TLS.Certificate == "") != (l.TLS.Key == "") {
		return &ConfigError{What: "ldap.tls needs both certificate and key"}
	}
	if l.SizeLimit < 0 {
		return &ConfigError{What: "ldap.size_limit is negative", Try: "size_limit: 0 for none"}
	}
	return l.Limits.check()
}
