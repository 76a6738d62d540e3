package emulator

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A script is the list of faults. The org's lock guards it.
type script struct{ rules []*rule }

// A rule is one fault spec; see the package comment for the grammar.
type rule struct {
	spec     string
	call     string // "*" is any
	from, to int    // numbers of the calls, to is -1 for no end
	every    int    // every nth call, 0 is off
	seen     int    // calls since the rule was added
	actions  []func(*effect)
}

// An effect is what the script does to one call.
type effect struct {
	delay     time.Duration
	cut       int // bytes of the reply until the connection breaks, -1 never
	status    int // of an HTML page in place of the reply
	fault     *fault
	kill      bool
	late      time.Duration
	size      *sizeChange
	repeat    bool
	shrink    int
	orgID     string
	hide      string // Object.Field
	serverURL string
	trim      time.Duration // getDeleted knows nothing older
}

// A sizeChange falsifies the reported number of rows.
type sizeChange struct {
	n        int
	relative bool
}

func (c *sizeChange) apply(size int) int {
	switch {
	case c == nil:
		return size
	case c.relative:
		return max(0, size+c.n)
	}
	return c.n
}

// match counts a call and gathers the actions of all rules that it meets.
func (s *script) match(call string) effect {
	e := effect{cut: -1}
	for _, r := range s.rules {
		if r.call != "*" && !strings.EqualFold(r.call, call) {
			continue
		}
		r.seen++
		if r.every > 0 && r.seen%r.every == 0 || r.every == 0 && r.seen >= r.from && (r.to < 0 || r.seen <= r.to) {
			for _, act := range r.actions {
				act(&e)
			}
		}
	}
	return e
}

// parseRule reads a fault spec: call:when:action[,action…].
func parseRule(spec string) (*rule, error) {
	wrong := func(format string, args ...any) (*rule, error) {
		return nil, fmt.Errorf("emulator: fault %q: %s", spec, fmt.Sprintf(format, args...))
	}
	parts := strings.SplitN(spec, ":", 3)
	if len(parts) != 3 {
		return wrong("want call:when:action, as in query:3:delay=2s")
	}
	r := &rule{spec: spec, call: parts[0]}
	if r.call != "*" && r.call != "token" && !knownCall(r.call) {
		return wrong("no call is named %q", r.call)
	}
	if err := r.when(parts[1]); err != nil {
		return wrong("%v", err)
	}
	for _, a := range strings.Split(parts[2], ",") {
		act, err := parseAction(strings.TrimSpace(a))
		if err != nil {
			return wrong("%v", err)
		}
		r.actions = append(r.actions, act)
	}
	return r, nil
}

// when reads which calls are meant: 3, 2-4, 5-, *, /10 (every tenth).
func (r *rule) when(s string) error {
	positive := func(s string) (int, error) {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return 0, fmt.Errorf("%q is no call number: want 3, 2-4, 5-, /10 or *", s)
		}
		return n, nil
	}
	var err error
	switch from, to, ranged := strings.Cut(s, "-"); {
	case s == "*":
		r.from, r.to = 1, -1
	case strings.HasPrefix(s, "/"):
		r.every, err = positive(s[1:])
	case !ranged:
		r.from, err = positive(s)
		r.to = r.from
	default:
		if r.from, err = positive(from); err != nil {
			return err
		}
		r.to = -1
		if to != "" {
			if r.to, err = positive(to); err == nil && r.to < r.from {
				err = fmt.Errorf("%q ends before it begins", s)
			}
		}
	}
	return err
}

func parseAction(s string) (func(*effect), error) {
	name, arg, given := strings.Cut(s, "=")
	duration := func() (time.Duration, error) {
		d, err := time.ParseDuration(arg)
		if err != nil || d < 0 {
			return 0, fmt.Errorf("%s needs a duration such as 2s", name)
		}
		return d, nil
	}
	number := func(least, most int) (int, error) {
		n, err := strconv.Atoi(arg)
		if err != nil || n < least || n > most {
			return 0, fmt.Errorf("%s needs a number from %d to %d", name, least, most)
		}
		return n, nil
	}
	switch name {
	case "delay":
		d, err := duration()
		return func(e *effect) { e.delay += d }, err
	case "late":
		d, err := duration()
		return func(e *effect) { e.late = d }, err
	case "trim":
		d, err := duration()
		return func(e *effect) { e.trim = d }, err
	case "cut":
		n, err := number(0, 1<<30)
		return func(e *effect) { e.cut = n }, err
	case "shrink":
		n, err := number(1, maxBatch)
		return func(e *effect) { e.shrink = n }, err
	case "http":
		n, err := number(300, 599)
		if err == nil && http.StatusText(n) == "" {
			err = fmt.Errorf("%d is no HTTP status", n)
		}
		return func(e *effect) { e.status = n }, err
	case "fault":
		code, message, _ := strings.Cut(arg, "/")
		if !validName(code) || code != strings.ToUpper(code) {
			return nil, fmt.Errorf("fault needs an exception code such as fault=SERVER_UNAVAILABLE")
		}
		if message == "" {
			message = faultText(code)
		}
		return func(e *effect) { e.fault = newFault(code, message) }, nil
	case "size":
		n, err := strconv.Atoi(arg)
		relative := strings.HasPrefix(arg, "+") || strings.HasPrefix(arg, "-")
		if err != nil {
			return nil, fmt.Errorf("size needs a number, or a difference such as +1")
		}
		return func(e *effect) { e.size = &sizeChange{n, relative} }, nil
	case "org":
		id, err := canonicalID(arg)
		if err == nil && !strings.HasPrefix(id, "00D") {
			err = fmt.Errorf("org needs an Id that begins with 00D")
		}
		return func(e *effect) { e.orgID = id }, err
	case "hide":
		object, field, ok := strings.Cut(arg, ".")
		if !ok || !validName(object) || !validName(field) {
			return nil, fmt.Errorf("hide needs Object.Field")
		}
		return func(e *effect) { e.hide = arg }, nil
	case "serverurl":
		u, err := url.Parse(arg)
		if err != nil || u.Scheme == "" || u.Host == "" {
			return nil, fmt.Errorf("serverurl needs an address such as http://127.0.0.2:8080")
		}
		return func(e *effect) { e.serverURL = strings.TrimSuffix(arg, "/") }, nil
	case "kill-session":
		if given {
			break
		}
		return func(e *effect) { e.kill = true }, nil
	case "repeat":
		if given {
			break
		}
		return func(e *effect) { e.repeat = true }, nil
	}
	return nil, fmt.Errorf("no action %q", s)
}

// AddFault adds a fault spec to the script; calls are counted for it from now on.
func (o *Org) AddFault(spec string) error {
	r, err := parseRule(spec)
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.script.rules = append(o.script.rules, r)
	return nil
}

// ClearFaults ends all faults. What they changed in the org (a hidden field, another org Id) stays.
func (o *Org) ClearFaults() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.script.rules = nil
}
