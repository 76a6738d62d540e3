package main

import (
	"fmt"
	"reflect"
	"strings"
)

// ldapKeyTexts describes the keys of the ldap section.
func ldapKeyTexts() map[string]keyText {
	return map[string]keyText{
		"ldap":                                    {"section", "the directory"},
		"ldap.base":                               {"DN", "the top of the tree"},
		"ldap.listen":                             {"list of addresses", "plain LDAP, with StartTLS where there is a certificate"},
		"ldap.ldaps":                              {"list of addresses", "LDAP over TLS; needs a certificate"},
		"ldap.tls":                                {"section", "PEM files, read anew when they change and at SIGHUP"},
		"ldap.tls.self_signed":                    {"true \\| false", "`serve` makes a certificate and a key beside the store, and keeps them; it logs the fingerprint"},
		"ldap.listeners":                          {"section", "further ports by name, each with a mode of its own"},
		"ldap.listeners.NAME.address":             {"address", "host and port"},
		"ldap.listeners.NAME.mode":                {strings.Join(modeNames, " \\| "), "default: as under `listen`. `starttls_required` answers nothing but StartTLS and the root DSE before TLS"},
		"ldap.listeners.NAME.legacy":              {"true \\| false", "takes TLS 1.0 and 1.1 and ciphers without forward secrecy, for old phones: a port of its own, which `status` and `check` show as weak"},
		"ldap.listeners.NAME.networks":            {"list of networks", "connections from elsewhere are closed; default: none is"},
		"ldap.tls.certificate":                    {"path \\| credential:NAME", "certificate with its chain, from a file or a systemd credential"},
		"ldap.tls.key":                            {"path \\| credential:NAME", "its private key; `credential:ringdex.tls-key` is one that the packaged unit knows. What systemd gives a service stays as it was at its start: a new key takes a restart"},
		"ldap.users.NAME.hash":                    {"hash", "argon2id, as `ringdex hash-password` makes it"},
		"ldap.users.NAME.without_password":        {"true \\| false", "a bind with the name and no password counts, from `networks`: for phones that can't send one"},
		"ldap.users.NAME.networks":                {"list of networks", "from where the user may bind; default: anywhere"},
		"ldap.users.NAME.attributes":              {"list of attributes", "what the user sees; other attributes are not sent and not found"},
		"ldap.users.NAME.objects":                 {"list of objects", "the objects that are there for the user"},
		"ldap.users.NAME.size_limit":              {"number", "entries that a search of the user gets at most"},
		"ldap.users.NAME.searches_per_second":     {"number", "over all connections of the user; beyond it `busy`"},
		"ldap.users.NAME.entries_per_hour":        {"number", "entries that the user may read in an hour"},
		"ldap.guests":                             {"section", "the same for those who read without a user; rates count for each address"},
		"ldap.guests.attributes":                  {"list of attributes", "what they see"},
		"ldap.guests.objects":                     {"list of objects", "what is there for them"},
		"ldap.guests.size_limit":                  {"number", "entries of a search"},
		"ldap.guests.searches_per_second":         {"number", "of one address"},
		"ldap.guests.entries_per_hour":            {"number", "of one address"},
		"ldap.limits.wrong_passwords_per_address": {"number", "wrong passwords of one address in a minute before further ones of it wait; nobody is ever locked out, and passwords that were right before never wait"},
		"ldap.limits.wrong_passwords_per_user":    {"number", "wrong passwords for one user in a minute before further ones wait"},
		"ldap.limits.wrong_passwords_wait":        {"duration", "for how long"},
		"ldap.limits.hashes":                      {"number", "password hashes that are computed at a time; 32 MB each. Takes a restart"},
		"ldap.users":                              {"name or DN: hash, or a section", "who may bind; `ringdex hash-password` makes a hash"},
		"ldap.anonymous":                          {"never \\| loopback \\| always \\| list of networks", "who may read without a bind"},
		"ldap.size_limit":                         {"number", "entries that any search gets at most; 0 for no limit"},
		"ldap.limits":                             {"section", "what a client may take; beyond a limit it is refused or cut off, and nobody else notices"},
		"ldap.limits.message_before_bind":         {"octets", "a message before a bind with a password"},
		"ldap.limits.message":                     {"octets", "a message after it"},
		"ldap.limits.depth":                       {"number", "levels of a filter"},
		"ldap.limits.terms":                       {"number", "terms of a filter"},
		"ldap.limits.attributes":                  {"number", "attributes that a search asks for"},
		"ldap.limits.controls":                    {"number", "controls of a request"},
		"ldap.limits.dn":                          {"octets", "a DN or name"},
		"ldap.limits.substrings":                  {"number", "parts of one substring term"},
		"ldap.limits.pending":                     {"number", "requests that are read ahead while a search runs"},
		"ldap.limits.connections":                 {"number", "connections in all"},
		"ldap.limits.connections_per_address":     {"number", "connections of one address; phones behind one NAT share it"},
		"ldap.limits.pulls":                       {"number", "long searches that work at a time, each piece by piece, the others waiting in line; default: half the processors"},
		"log.queries":                             {"off \\| stderr \\| path", "each search with its filter's shape, `(telephoneNumber=#)`: no numbers and names. A file is made with mode 0600, and begun anew at a reload"},
		"log.audit":                               {"off \\| stderr \\| path", "binds, anonymous and refused ones too: who, how, from where, with what result, equal successful ones counted; reloads; approve and reject. OPERATIONS.md has its format"},
		"metrics":                                 {"section", "for monitoring, over HTTP"},
		"metrics.listen":                          {"address", "`/metrics` for Prometheus and `/healthz`, which says 200 as long as complete data are served that are not stale; default: none. Nobody is asked who they are: `127.0.0.1:9389`"},
		"ldap.limits.first_byte":                  {"duration", "until a new connection sends something"},
		"ldap.limits.message_time":                {"duration", "from a message's first octet to its last"},
		"ldap.limits.idle":                        {"duration", "between two messages; phones keep connections"},
		"ldap.limits.write":                       {"duration", "until a client takes a piece of an answer"},
		"ldap.limits.handshake":                   {"duration", "of TLS"},
		"ldap.limits.search":                      {"duration", "work on one search; waiting for a slow client does not count"},
	}
}

// limitDefaults are the values of the keys under ldap.limits.
func limitDefaults(l LimitsConfig) map[string]string {
	out := map[string]string{}
	v := reflect.ValueOf(l)
	for i := range v.NumField() {
		out["ldap.limits."+v.Type().Field(i).Tag.Get("yaml")] = fmt.Sprint(v.Field(i))
	}
	return out
}
