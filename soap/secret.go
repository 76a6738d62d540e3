package soap

import (
	"fmt"
	"io"
)

// Secret is a password, a token or a session id. It prints as "***" with every
// verb of fmt, in JSON, YAML and text; Reveal is the only way to its content.
// The zero value is empty and prints as "".
type Secret struct {
	// reveal holds the content in a closure, so that a printer that walks
	// through unexported fields, where methods are not called, finds only a
	// function.
	reveal func() string
}

// NewSecret wraps s.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	return Secret{reveal: func() string { return s }}
}

// Reveal returns the content. It belongs on the wire and nowhere else.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// Empty reports whether there is no content.
func (s Secret) Empty() bool { return s.reveal == nil }

// String is "***", or "" for an empty secret.
func (s Secret) String() string {
	if s.Empty() {
		return ""
	}
	return "***"
}

// GoString is what %#v prints.
func (s Secret) GoString() string { return `soap.Secret("` + s.String() + `")` }

// Format prints "***" whatever the verb.
func (s Secret) Format(f fmt.State, verb rune) {
	if verb == 'v' && f.Flag('#') {
		_, _ = io.WriteString(f, s.GoString())
		return
	}
	_, _ = io.WriteString(f, s.String())
}

// MarshalText hides the content from JSON, YAML and loggers.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
