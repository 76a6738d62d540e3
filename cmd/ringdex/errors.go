package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
)

// hintError adds the next step to an error.
type hintError struct {
	err error
	try string
}

func (e *hintError) Error() string { return e.err.Error() }
func (e *hintError) Unwrap() error { return e.err }
func (e *hintError) Hint() string  { return e.try }

// hint finds the next step that an error of any package carries, or knows one for errors of the system.
func hint(err error) string {
	var h interface{ Hint() string }
	if errors.As(err, &h) && h.Hint() != "" {
		return h.Hint()
	}
	var dns *net.DNSError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return "another program has that port: stop it (ss -ltnp shows which), or choose another one under ldap.listen"
	case errors.Is(err, syscall.EACCES) && strings.Contains(err.Error(), "listen"):
		return "ports below 1024 need the capability CAP_NET_BIND_SERVICE; port 3389 needs nothing"
	case errors.As(err, &dns):
		return "check the host under salesforce.url and the name server of this machine"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there: check the address and that the other side runs"
	case errors.Is(err, syscall.ENOSPC):
		return "free space on the file system of the store; what is served stays as it is"
	case errors.Is(err, syscall.EROFS):
		return "the file system of the store is read-only: remount it, or move the store (store: in the configuration)"
	}
	return ""
}

// printError writes the one line that a person reads, and the next step where one is known.
func printError(w io.Writer, secrets *secretSet, err error) {
	text := oneLine(secrets.redact(err.Error()))
	text = strings.ReplaceAll(text, ": soap: ", ": ")
	for _, own := range []string{"soap: ", "ringdex: "} {
		text = strings.TrimPrefix(text, own)
	}
	h := hint(err)
	text = strings.TrimSuffix(text, ": "+oneLine(secrets.redact(h))) // some errors end in their own next step
	fmt.Fprintf(w, "ringdex: %s\n", text)
	if h != "" {
		for i, line := range strings.Split(strings.TrimSpace(secrets.redact(h)), "\n") {
			if i == 0 {
				fmt.Fprintf(w, "try: %s\n", line)
				continue
			}
			fmt.Fprintf(w, "     %s\n", line)
		}
	}
}

// oneLine folds white space, and shows other control characters as spaces.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
}
