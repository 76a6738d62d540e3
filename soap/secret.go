package soap

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
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

// redact replaces secrets in text that came from outside, and whatever looks like
// a session id. The longer of two that
// overlap goes first.
func redact(text string, secrets []Secret) string {
	for _, s := range secrets {
		// A shorter one would turn every text into stars, and shows nothing.
		if v := s.Reveal(); len(v) >= 4 {
			text = strings.ReplaceAll(text, v, "***")
		}
	}
	return sessionForm.ReplaceAllString(text, "***")
}

// sessionForm is what session ids look like: the org's id, an exclamation mark and
// some hundred characters; or a JSON Web Token, which is an access token or the
// assertion of JWTBearer. It covers those that nobody remembers.
var sessionForm = regexp.MustCompile(`00D[0-9A-Za-z]{12,15}![.\w]*|eyJ[\w-]{8,}\.[\w-]+(\.[\w-]*)?`)

// maxKnownSecrets bounds what a client remembers: a login brings a handful.
const maxKnownSecrets = 16

// knownSecrets are the latest secrets that a client has sent or received. A server
// that repeats one much later must not bring it into an error.
type knownSecrets struct {
	mu     sync.Mutex
	latest []Secret
}

func (k *knownSecrets) add(secrets ...Secret) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, s := range secrets {
		if s.Empty() || slices.ContainsFunc(k.latest, func(old Secret) bool { return old.Reveal() == s.Reveal() }) {
			continue
		}
		if len(k.latest) == maxKnownSecrets {
			k.latest = slices.Delete(k.latest, 0, 1)
		}
		k.latest = append(k.latest, s)
	}
}

// all returns the secrets, the longest first.
func (k *knownSecrets) all() []Secret {
	k.mu.Lock()
	defer k.mu.Unlock()
	all := slices.Clone(k.latest)
	slices.SortStableFunc(all, func(a, b Secret) int { return len(b.Reveal()) - len(a.Reveal()) })
	return all
}
