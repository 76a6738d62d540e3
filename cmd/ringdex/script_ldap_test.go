package main

import (
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// extendConfig FILE LDAP-KEYS [SECTIONS] adds keys to the ldap section, and sections, of what the config command wrote.
func extendConfig(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: extend FILE LDAP-KEYS [SECTIONS]")
	}
	path := ts.MkAbs(args[0])
	data, err := os.ReadFile(path)
	ts.Check(err)
	before, after, ok := strings.Cut(string(data), "ldap: { ")
	if !ok {
		ts.Fatalf("%s has no ldap section", args[0])
	}
	text := before + "ldap: { " + args[1] + ", " + after
	for _, section := range args[2:] {
		text += section + "\n"
	}
	ts.Check(os.WriteFile(path, []byte(text), 0o600))
}
