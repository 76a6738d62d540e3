package main

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"ringdex/ldapserver"
)

// TestLimitsInTheConfiguration goes to the bounds of each limit and one beyond, and through to the server's options.
func TestLimitsInTheConfiguration(t *testing.T) {
	t.Parallel()
	parse := func(key, value string) (*Config, error) {
		return parseConfig(fmt.Appendf(nil, "ldap: { limits: { %s: %s } }", key, value), "test.yaml")
	}
	fields := reflect.TypeFor[LimitsConfig]()
	before := defaultLimits()
	for i := range fields.NumField() {
		key := fields.Field(i).Tag.Get("yaml")
		low, high, below, above := "1ms", "24h", "999us", "24h1s"
		if r, ok := limitRanges[key]; ok {
			low, high, below, above = fmt.Sprint(max(r[0], 1)), fmt.Sprint(r[1]), fmt.Sprint(r[0]-1), fmt.Sprint(r[1]+1)
		}
		for _, good := range []string{low, high} {
			c, err := parse(key, good)
			if err != nil {
				t.Errorf("%s: %s: %v", key, good, err)
				continue
			}
			got, without := c.LDAP.Limits.options(), before.options()
			if reflect.DeepEqual(got, without) && c.LDAP.Limits.guessing() == before.guessing() {
				t.Errorf("%s: %s does not reach the server", key, good)
			}
			// Nothing else has moved.
			changed := 0
			a, b := reflect.ValueOf(c.LDAP.Limits), reflect.ValueOf(before)
			for j := range a.NumField() {
				if !a.Field(j).Equal(b.Field(j)) {
					changed++
				}
			}
			if changed != 1 {
				t.Errorf("%s: %s changes %d limits", key, good, changed)
			}
		}
		for _, bad := range []string{below, above, "-1"} {
			if _, err := parse(key, bad); err == nil || !strings.Contains(err.Error(), key) && !strings.Contains(err.Error(), "time span") {
				t.Errorf("%s: %s: got %v", key, bad, err)
			}
		}
	}
	if d := before.options().Defaults(); d.MaxAnonymousMessage != 64<<10 || d.MaxMessage != 1<<20 || d.MaxPerAddress != 200 ||
		d.MaxConnections != 5000 || d.MaxPending != 50 || d.FirstByteTimeout != 10*time.Second || d.MessageTimeout != 30*time.Second ||
		d.IdleTimeout != 15*time.Minute || d.WriteTimeout != 30*time.Second || d.HandshakeTimeout != 10*time.Second || d.SearchTimeout != 5*time.Second {
		t.Errorf("the defaults are %+v", d)
	}
}

func TestListenersInTheConfiguration(t *testing.T) {
	t.Parallel()
	c, err := parseConfig([]byte(`
ldap:
  listen: ["127.0.0.1:3389"]
  ldaps: ["127.0.0.1:3636"]
  tls: { self_signed: true }
  listeners:
    strict: { address: "192.0.2.1:389", mode: starttls_required, networks: 192.0.2.0/24 }
    old: { address: "192.0.2.1:1636", mode: ldaps, legacy: true, networks: [192.0.2.7, "2001:db8::/32"] }
    clear: { address: "192.0.2.1:1389", mode: plain }
    usual: { address: "192.0.2.1:2389" }
`), "test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range c.LDAP.ports() {
		got = append(got, fmt.Sprint(p.name, " ", p.address, " ", p.mode, " ", p.legacy, " ", p.networks))
	}
	want := []string{
		" 127.0.0.1:3389 starttls false []", " 127.0.0.1:3636 ldaps false []", "clear 192.0.2.1:1389 plain false []",
		"old 192.0.2.1:1636 ldaps true [192.0.2.7/32 2001:db8::/32]", "strict 192.0.2.1:389 starttls_required false [192.0.2.0/24]",
		"usual 192.0.2.1:2389 starttls false []",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
	if c.LDAP.ports()[2].mode != ldapserver.Plain {
		t.Error("plain is not plain")
	}
	for text, want := range map[string]string{
		"ldap: { ldaps: [\"127.0.0.1:636\"] }":                                          "needs a certificate",
		"ldap: { listeners: { a: { address: \"127.0.0.1:636\", mode: ldaps } } }":       "needs a certificate",
		"ldap: { listeners: { a: { address: \"127.0.0.1:636\", mode: tls } } }":         "unknown",
		"ldap: { listeners: { a: { mode: plain } } }":                                   "no address",
		"ldap: { listeners: { a: { address: \"127.0.0.1\", mode: plain } } }":           "not an address",
		"ldap: { listeners: { a: { address: \"127.0.0.1:1\", legacy: true } } }":        "legacy",
		"ldap: { listeners: { a: { adress: \"127.0.0.1:1\" } } }":                       "unknown key ldap.listeners.a.adress",
		"ldap: { listeners: { a: { address: \"127.0.0.1:1\", networks: [nowhere] } } }": "not a network",
		"ldap: { listeners: { a: nothing } }":                                           "section",
		"ldap: { tls: { self_signed: true, certificate: a, key: b } }":                  "both",
		"ldap: { tls: { certificate: a } }":                                             "both certificate and key",
		"ldap: { limits: { conections: 3 } }":                                           "unknown key ldap.limits.conections",
	} {
		if _, err := parseConfig([]byte(text), "test.yaml"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", text, err)
		}
	}
}
