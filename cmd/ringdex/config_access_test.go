package main

import (
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"ringdex/ldapserver/directory"
)

func TestUsersInTheConfiguration(t *testing.T) {
	t.Parallel()
	const hash = "$argon2id$v=19$m=32768,t=3,p=1$c2FsdHNhbHQ$c3VtLXN1bS1zdW0tc3Vt"
	c, err := parseConfig([]byte(`
ldap:
  users:
    phone: "`+hash+`"
    "cn=pbx,dc=ringdex":
      hash: "`+hash+`"
      attributes: [cn, telephoneNumber]
      objects: [Contact]
      size_limit: 50
      searches_per_second: 20
      entries_per_hour: 5000
      networks: [192.0.2.0/24, "2001:db8::1"]
    old: { without_password: true, networks: 192.0.2.7 }
  guests: { attributes: [cn], objects: [Account], size_limit: 3, searches_per_second: 4, entries_per_hour: 5 }
  size_limit: 200
`), "test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	prefix := netip.MustParsePrefix
	want := directory.Options{
		Users: map[string]directory.User{
			"phone": {Hash: hash},
			"cn=pbx,dc=ringdex": {
				Hash: hash, Rights: directory.Rights{
					Attributes: []string{"cn", "telephoneNumber"}, Objects: []string{"Contact"}, SizeLimit: 50, SearchesPerSecond: 20, EntriesPerHour: 5000,
				},
				Networks: []netip.Prefix{prefix("192.0.2.0/24"), prefix("2001:db8::1/128")},
			},
			"old": {WithoutPassword: true, Networks: []netip.Prefix{prefix("192.0.2.7/32")}},
		},
		Anonymous: directory.Access{Loopback: true},
		Guests:    directory.Rights{Attributes: []string{"cn"}, Objects: []string{"Account"}, SizeLimit: 3, SearchesPerSecond: 4, EntriesPerHour: 5},
		SizeLimit: 200,
	}
	if got := c.LDAP.access(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	// What the wizard writes says the same.
	data, err := renderConfig(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := parseConfig(data, "test.yaml")
	if err != nil || !reflect.DeepEqual(again.LDAP.Users, c.LDAP.Users) {
		t.Errorf("%v\n%s", err, data)
	}
}

func TestRefusedUsers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"users: { a: { hahs: x } }":                        "unknown key ldap.users.a.hahs",
		"users: { a: {} }":                                 "ldap.users.a has no hash",
		"users: { a: { without_password: true } }":         "needs the networks",
		"users: { a: { hash: x, attributes: [telefon] } }": "the attribute telefon is unknown",
		"users: { a: { hash: x, objects: [Lead] } }":       "Lead is not replicated",
		"users: { a: { hash: x, size_limit: -1 } }":        "negative",
		"guests: { searches_per_second: -1 }":              "negative",
		"guests: { objects: [Kontakt] }":                   "Kontakt is not replicated",
		"guests: [cn]":                                     "section",
		"limits: { wrong_passwords_per_user: 0 }":          "not between",
		"users: { a: { hash: x, networks: [here] } }":      "not a network",
	} {
		c, err := parseConfig([]byte("ldap: { "+text+" }"), "test.yaml")
		if err == nil {
			s, schemaErr := c.Schema(nil)
			if schemaErr != nil {
				t.Fatal(schemaErr)
			}
			err = c.checkAccess(s)
		}
		if err == nil || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}
