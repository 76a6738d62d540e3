package main

import (
	"io"
	"regexp"
	"strings"
	"sync"

	"github.com/sirupsen/logrus"
)

// newLogger writes to w in the form that the configuration asks for. Every entry goes through the redaction hook.
func newLogger(w io.Writer, c LogConfig, secrets *secretSet) (*logrus.Logger, error) {
	log := logrus.New()
	log.SetOutput(w)
	level, err := logrus.ParseLevel(c.Level)
	if err != nil {
		return nil, &usageError{what: "log level " + c.Level + " is unknown", try: "error, warning, info or debug"}
	}
	log.SetLevel(level)
	if c.Format == "json" {
		log.SetFormatter(&logrus.JSONFormatter{})
	} else {
		log.SetFormatter(&logrus.TextFormatter{DisableColors: true, FullTimestamp: true})
	}
	log.AddHook(&redactHook{secrets: secrets})
	return log, nil
}

// secretSet holds the secrets that this process has resolved, to cut them out of whatever is printed.
type secretSet struct {
	mu     sync.RWMutex
	values []string
}

// add remembers a secret. Values too short to be told from ordinary text are left out.
func (s *secretSet) add(v string) {
	if len(v) < 4 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values = append(s.values, v)
}

// redact replaces every known secret and everything that looks like a session id or a SOAP credential.
func (s *secretSet) redact(text string) string {
	if s != nil {
		s.mu.RLock()
		for _, v := range s.values {
			text = strings.ReplaceAll(text, v, "***")
		}
		s.mu.RUnlock()
	}
	return secretShapes.ReplaceAllString(text, "$1$2***")
}

// secretShapes are a Salesforce session id (15 characters of org id, '!', the rest) and the elements that carry
// credentials.
var secretShapes = regexp.MustCompile(`(00D[0-9A-Za-z]{12,15}!)[0-9A-Za-z._]{8,}|(?i)(<(?:\w+:)?(?:password|sessionId)>)[^<]*`)

// redactHook is the last thing between a log entry and the output.
type redactHook struct{ secrets *secretSet }

func (h *redactHook) Levels() []logrus.Level { return logrus.AllLevels }

func (h *redactHook) Fire(e *logrus.Entry) error {
	e.Message = h.secrets.redact(e.Message)
	for k, v := range e.Data {
		switch strings.ToLower(k) {
		case "password", "token", "security_token", "session", "session_id", "sessionid", "secret":
			e.Data[k] = "***"
			continue
		}
		switch v := v.(type) {
		case string:
			e.Data[k] = h.secrets.redact(v)
		case error:
			e.Data[k] = h.secrets.redact(v.Error())
		}
	}
	return nil
}
