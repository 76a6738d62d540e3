package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"ringdex/replicator"
	"ringdex/soap"
)

// The fault matrix: every way in which Salesforce fails, at every point of a run, with all pieces of the daemon between
// the org and the phone. What a phone sees before, during and after the run is compared.

// A fault is an action of the emulator, and what becomes of a run that meets it once, or from one call on.
type orgFault struct {
	name, action string
	calls        []string // where it makes sense; nil: anywhere
	once, always outcome
	lost         bool // records may be missed by a delta; a sweep finds them
	partial      bool // entries may have attributes of before beside attributes of after
}

type outcome int

const (
	either outcome = iota
	works          // the run works, and what is served is new
	fails
)

func orgFaults() []orgFault {
	pages := []string{"query", "queryMore", "queryAll"}
	return []orgFault{
		{name: "session ends", action: "kill-session", once: works},
		{name: "locator forgotten", action: "fault=INVALID_QUERY_LOCATOR", calls: []string{"queryMore"}, once: works},
		{name: "daily limit", action: "fault=REQUEST_LIMIT_EXCEEDED", once: fails, always: fails},
		{name: "too many at once", action: "fault=REQUEST_LIMIT_EXCEEDED/ConcurrentRequests (Concurrent API Requests) Limit exceeded.", once: works, always: fails},
		{name: "out of service", action: "fault=SERVER_UNAVAILABLE", once: works, always: fails},
		{name: "server error", action: "fault=SERVER_ERROR", once: works, always: fails},
		{name: "unknown exception", action: "fault=UNKNOWN_EXCEPTION", once: works, always: fails},
		{name: "maintenance", action: "fault=ORG_IN_MAINTENANCE", always: fails},
		{name: "row lock", action: "fault=UNABLE_TO_LOCK_ROW", once: works, always: fails},
		{name: "503", action: "http=503", once: works, always: fails},
		{name: "502", action: "http=502", once: works, always: fails},
		{name: "504", action: "http=504", once: works, always: fails},
		{name: "redirect", action: "http=302", always: fails},
		{name: "query timeout", action: "fault=QUERY_TIMEOUT", calls: pages, once: works, always: fails},
		{name: "too large", action: "fault=OPERATION_TOO_LARGE", calls: pages, once: works, always: fails},
		{name: "cut at once", action: "cut=0", once: works, always: fails},
		{name: "cut in the middle", action: "cut=120", once: works, always: fails},
		{name: "stalled", action: "delay=1500ms", calls: []string{"queryMore"}, once: works},
		{name: "wrong size", action: "size=+40", calls: pages},
		{name: "nothing announced", action: "size=0", calls: pages},
		{name: "pages twice", action: "repeat", calls: pages, once: works, always: works},
		{name: "small pages", action: "shrink=7", calls: pages, once: works, always: works},
		{name: "sharing lost", action: "late=100000h", calls: pages, lost: true},
		{name: "late records", action: "late=2h30m", calls: pages, lost: true},
		{name: "field hidden", action: "hide=Contact.Title", partial: true},
		{name: "object hidden", action: "fault=INVALID_TYPE"},
		{name: "no access", action: "fault=INSUFFICIENT_ACCESS", always: fails},
		{name: "invalid field", action: "fault=INVALID_FIELD"},
		{name: "log too short", action: "fault=INVALID_REPLICATION_DATE", calls: []string{"getDeleted"}, once: works, always: works},
		{name: "too many deleted", action: "fault=EXCEEDED_ID_LIMIT", calls: []string{"getDeleted"}, once: works, always: works},
		{name: "log trimmed", action: "trim=1m", calls: []string{"getDeleted"}, once: works, always: works},
		{name: "version retired", action: "fault=UNSUPPORTED_API_VERSION", always: fails},
		{name: "another org", action: "org=00D550000000009EAA"},
		{name: "poisoned server URL", action: "serverurl=http://127.0.0.2:9", calls: []string{"login"}, once: fails, always: fails},
		{name: "wrong password", action: "fault=INVALID_LOGIN", calls: []string{"login"}, once: fails, always: fails},
		{name: "locked out", action: "fault=PASSWORD_LOCKOUT", calls: []string{"login"}, once: fails, always: fails},
		{name: "token needed", action: "fault=LOGIN_MUST_USE_SECURITY_TOKEN", calls: []string{"login"}, once: fails, always: fails},
		{name: "restricted time", action: "fault=LOGIN_DURING_RESTRICTED_TIME", calls: []string{"login"}, once: fails, always: fails},
		{name: "login switched off", action: "fault=INVALID_OPERATION", calls: []string{"login"}, once: fails, always: fails},
		{name: "trial expired", action: "fault=TRIAL_EXPIRED", calls: []string{"login"}, once: fails, always: fails},
	}
}

// A point of a run is a call and its number in a run without faults.
type point struct {
	call string
	n    int
}

// A matrixCase is a fault at a point of a run of a kind.
type matrixCase struct {
	orgFault
	kind  replicator.Kind
	point point
	stays bool // from that call on
}

func (c matrixCase) String() string {
	when := strconv.Itoa(c.point.n)
	if c.stays {
		when += "-"
	}
	return fmt.Sprintf("%s/%s:%s/%s", c.kind, c.point.call, when, c.name)
}

func (c matrixCase) spec() string {
	when := strconv.Itoa(c.point.n)
	if c.stays {
		when += "-"
	}
	return c.point.call + ":" + when + ":" + c.action
}

// directoryState is what LDAP shows: values by attribute by DN.
type directoryState map[string]map[string]string

// between says what is wrong with a state during or after a run, "" if nothing is. A full run shows one state or the
// other. The others bring it page by page, and what is gone only at their end: no entry is ever missing that stays or there
// that neither state has, and each of its attributes is as it was or as it will be.
func (b *matrixBench) between(c matrixCase, state directoryState) string {
	if c.kind == replicator.Full && !c.partial {
		if b.before.differ(state) == "" {
			return ""
		}
		return b.after.differ(state)
	}
	for dn := range b.before {
		if _, stays := b.after[dn]; stays && state[dn] == nil {
			return dn + " is missing"
		}
	}
	for dn, attributes := range state {
		old, fresh := b.before[dn], b.after[dn]
		switch {
		case old == nil && fresh == nil:
			return dn + " is in neither state"
		}
		for _, attributes := range []map[string]string{old, fresh, attributes} {
			for name := range attributes {
				if values := state[dn][name]; values != old[name] && values != fresh[name] {
					return fmt.Sprintf("%s: %s is %s, neither %s nor %s", dn, name, values, old[name], fresh[name])
				}
			}
		}
	}
	return ""
}

// try makes the run that meets the fault, watches the directory meanwhile, and then the run after it.
func (b *matrixBench) try(t *testing.T, c matrixCase) {
	t.Helper()
	b.begin(t)
	defer b.close(t)
	org := b.org.Org()
	if err := org.AddFault(c.spec()); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	look := func(when string) {
		if wrong := b.between(c, b.read(t)); wrong != "" {
			t.Errorf("%s %s: %s", c, when, wrong)
		}
	}
	result, err := b.engine.repl.Run(t.Context(), replicator.RunOptions{Kind: c.kind, Progress: func(p replicator.Progress) {
		if !seen[p.Object+p.Stage] {
			seen[p.Object+p.Stage] = true
			look("during " + p.Object + p.Stage)
		}
	}})
	look("after the run")
	met := org.Calls()[c.point.call] >= c.point.n
	want := c.once
	if c.stays {
		want = c.always
	}
	switch {
	case !met:
		t.Errorf("%s was not met", c)
	case want == fails && err == nil && c.stays && c.point.call == "queryMore" && c.once != fails: // each new query brings a page
	case want == fails && err == nil:
		t.Errorf("%s: the run should fail: %+v", c, result)
	case want == works && (err != nil || result.Held):
		t.Errorf("%s: the run should work: held %v, %v", c, result.Held, err)
	case want == works:
		if wrong := b.after.differ(b.read(t)); wrong != "" {
			t.Errorf("%s: the run worked, but %s", c, wrong)
		}
	}
	if n := org.Logins(); err != nil && errors.Is(err, soap.ErrCredentials) && org.Calls()["login"]-n > 2 {
		t.Errorf("%s: %d refused logins", c, org.Calls()["login"]-n)
	}
	// The fault is over. A person gave the right password again, and what was hidden is back.
	b.reset(t)
	b.change(t)
	b.engine.client.Reset()
	kind := c.kind
	holds, _ := replicator.Holds(b.engine.store)
	switch {
	case len(holds) > 0:
		kind = replicator.Full
	case c.lost:
		kind = replicator.Reconcile
	}
	if result, err := b.engine.repl.Run(t.Context(), replicator.RunOptions{Kind: kind}); err != nil || result.Held {
		t.Errorf("%s: one more %s run: held %v %+v, %v", c, kind, result.Held, result.Objects, err)
	} else if wrong := b.after.differ(b.read(t)); wrong != "" {
		t.Errorf("%s: after one more %s run %s", c, kind, wrong)
	}
}

// points of a run: first, last and middle of each call, or every call.
func (b *matrixBench) points(kind replicator.Kind, all bool) []point {
	var points []point
	for _, call := range slices.Sorted(maps.Keys(b.calls[kind])) {
		n := b.calls[kind][call]
		numbers := []int{1, (n + 1) / 2, n}
		if all {
			numbers = numbers[:0]
			for i := range n {
				numbers = append(numbers, i+1)
			}
		}
		slices.Sort(numbers)
		for _, i := range slices.Compact(numbers) {
			points = append(points, point{call, i})
		}
	}
	return points
}

// cases are all faults at all points.
func (b *matrixBench) cases(all bool) []matrixCase {
	var cases []matrixCase
	for _, kind := range []replicator.Kind{replicator.Full, replicator.Delta, replicator.Reconcile} {
		for _, p := range b.points(kind, all) {
			for _, f := range orgFaults() {
				if f.calls != nil && !slices.Contains(f.calls, p.call) {
					continue
				}
				for _, stays := range []bool{false, true} {
					if !stays || f.name != "stalled" {
						cases = append(cases, matrixCase{f, kind, p, stays})
					}
				}
			}
		}
	}
	return cases
}

// few takes one case of each fault and call, whichever kind and number.
func few(cases []matrixCase) []matrixCase {
	known := map[string]bool{}
	return slices.DeleteFunc(cases, func(c matrixCase) bool {
		key := c.name + "/" + c.point.call
		defer func() { known[key] = true }()
		return known[key]
	})
}

// TestFaultMatrix takes each fault at each kind of call, and under make soak as much of the whole matrix as RINGDEX_SOAK
// seconds allow.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	const lanes = 2
	seed, until := uint64(1), time.Time{}
	if text := os.Getenv("RINGDEX_SOAK"); text != "" {
		seconds, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("RINGDEX_SOAK: %v", err)
		}
		seed, until = rand.Uint64(), time.Now().Add(time.Duration(seconds)*time.Second)
	}
	for lane := range lanes {
		t.Run(fmt.Sprint("lane ", lane), func(t *testing.T) {
			t.Parallel()
			b := newMatrixBench(t)
			cases := b.cases(!until.IsZero())
			random := rand.New(rand.NewPCG(seed, 0)) // the same order in all lanes
			random.Shuffle(len(cases), func(i, j int) { cases[i], cases[j] = cases[j], cases[i] })
			if until.IsZero() {
				cases = few(cases)
			}
			made := 0
			for i := lane; i < len(cases) && (until.IsZero() || time.Now().Before(until)); i += lanes {
				made++
				if b.try(t, cases[i]); t.Failed() {
					return
				}
			}
			t.Logf("%d of %d cases, seed %d", made, len(cases), seed)
		})
	}
}

// A run that is cancelled at any moment leaves the directory as it was, or complete and new.
func TestCancelMatrix(t *testing.T) {
	t.Parallel()
	b := newMatrixBench(t)
	for _, kind := range []replicator.Kind{replicator.Full, replicator.Delta, replicator.Reconcile} {
		for moment := 1; ; moment++ {
			c := matrixCase{kind: kind, orgFault: orgFault{name: "cancelled"}, point: point{"progress", moment}}
			b.begin(t)
			ctx, cancel := context.WithCancel(t.Context())
			reports := 0
			_, err := b.engine.repl.Run(ctx, replicator.RunOptions{Kind: kind, Progress: func(replicator.Progress) {
				if reports++; reports == moment {
					cancel()
				}
			}})
			cancel()
			if wrong := b.between(c, b.read(t)); wrong != "" {
				t.Errorf("%s: %s", c, wrong)
			}
			b.run(t, kind)
			if wrong := b.after.differ(b.read(t)); wrong != "" {
				t.Errorf("%s: after one more run %s", c, wrong)
			}
			b.close(t)
			if err == nil && reports < moment {
				break
			}
			if t.Failed() {
				return
			}
		}
	}
}
