// Command ringdex gives every caller a name: it replicates the contacts of a Salesforce org into a local store
// and answers the number and name lookups of phones over LDAP.
//
// This package wires the others together; nothing imports it. Each command has a file of its name. Beside them
// lie the configuration (config*.go, secret.go), the control socket through which the commands talk to a running
// daemon (control*.go), and what a person sees (progress.go, errors.go, log.go).
//
//   - main calls Run and nothing else; tests call the same Run.
//   - Only one process has the store open. A command asks the daemon over the control socket (mode 0600, beside the
//     store) and opens the store itself only where no daemon runs.
//   - An error is one line on stderr, with a second line "try: …" where a next step is known. No secret is printed:
//     every secret that was resolved is cut out of errors and logs.
//   - Exit codes: 0 done, 1 failed, 2 wrong usage, 3 held by the guard, 4 nothing found.
package main
