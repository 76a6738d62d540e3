package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/sirupsen/logrus"

	"ringdex/ldapserver"
	"ringdex/replicator"
	"ringdex/schema/phone"
	"ringdex/soap"
	"ringdex/soap/emulator"
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

// A matrixBench is an org with a store as it was before what changed in the org, and what LDAP shows of both.
type matrixBench struct {
	*matrixDaemon
	org           *emulator.Server
	dir           string
	lonely        string // an account without contacts
	file          []byte // the store as it was before the change
	before, after directoryState
	calls         map[replicator.Kind]map[string]int
}

var matrixStart = time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)

func newMatrixBench(t *testing.T) *matrixBench {
	t.Helper()
	server, err := emulator.Start(emulator.Options{Generate: &emulator.Generate{Accounts: 8, Contacts: 70, Seed: 11}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	b := &matrixBench{org: server, dir: t.TempDir(), calls: map[replicator.Kind]map[string]int{}}
	b.reset(t)
	b.matrixDaemon = newMatrixDaemon(t, server.URL(), filepath.Join(b.dir, "before.db"))
	b.run(t, replicator.Full)
	b.before = b.read(t)
	b.close(t)
	if b.file, err = os.ReadFile(filepath.Join(b.dir, "before.db")); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []replicator.Kind{replicator.Full, replicator.Delta, replicator.Reconcile} {
		b.begin(t)
		b.run(t, kind)
		b.calls[kind] = b.org.Org().Calls()
		after := b.read(t)
		b.close(t)
		if b.after == nil {
			b.after = after
		}
		if diff := b.after.differ(after); diff != "" {
			t.Fatalf("a %s run without faults differs from a full one: %s", kind, diff)
		}
	}
	if b.before.differ(b.after) == "" {
		t.Fatal("the change can't be seen")
	}
	return b
}

// begin starts the daemon on a copy of the store as it was before the change, and makes the change.
func (b *matrixBench) begin(t *testing.T) {
	t.Helper()
	b.reset(t)
	b.change(t)
	path := filepath.Join(b.dir, "copy.db")
	if err := os.WriteFile(path, b.file, 0o600); err != nil {
		t.Fatal(err)
	}
	b.matrixDaemon = newMatrixDaemon(t, b.org.URL(), path)
}

// reset puts the org back to before the change.
func (b *matrixBench) reset(t *testing.T) {
	t.Helper()
	if err := b.org.Org().Reset(); err != nil {
		t.Fatal(err)
	}
	b.org.Org().SetClock(matrixStart)
	var err error
	if b.lonely, err = b.org.Org().Upsert("Account", emulator.Values{"Name": "Ohne Kontakte KG"}); err != nil {
		t.Fatal(err)
	}
	for _, call := range []string{"query", "queryMore", "queryAll"} {
		if err := b.org.Org().AddFault(call + ":*:shrink=20"); err != nil {
			t.Fatal(err)
		}
	}
}

// change is what happens in the org between the copy that is served and the run: enough for several pages.
func (b *matrixBench) change(t *testing.T) {
	t.Helper()
	org := b.org.Org()
	org.SetClock(matrixStart.Add(time.Hour))
	contacts, accounts := org.IDs("Contact"), org.IDs("Account")
	upsert := func(object string, v emulator.Values) {
		if _, err := org.Upsert(object, v); err != nil {
			t.Fatal(err)
		}
	}
	for i, id := range contacts[:50] {
		upsert("Contact", emulator.Values{"Id": id, "Title": fmt.Sprintf("Titel %d", i), "MobilePhone": fmt.Sprintf("+49 176 040690%02d", i%90)})
	}
	upsert("Contact", emulator.Values{"Id": contacts[60], "Email": nil})
	for i := range 5 {
		upsert("Contact", emulator.Values{"LastName": fmt.Sprintf("Neu %d", i), "Phone": "030 23125 77", "AccountId": accounts[0]})
	}
	upsert("Account", emulator.Values{"Id": accounts[1], "Name": "Umbenannt & Söhne"})
	if err := errors.Join(org.Delete("Contact", contacts[55:57]...), org.Purge("Contact", contacts[65]), org.Delete("Account", b.lonely)); err != nil {
		t.Fatal(err)
	}
	org.SetClock(matrixStart.Add(2 * time.Hour))
}

// A matrixDaemon is the daemon without its schedule, with a phone that is connected to it.
type matrixDaemon struct {
	engine *engine
	server *ldapserver.Server
	served sync.WaitGroup
	phone  *ldap.Conn
	port   string // its address
}

func newMatrixDaemon(t *testing.T, url, path string) *matrixDaemon {
	t.Helper()
	cfg, bad := parseConfig([]byte(`
objects: { Contact: {}, Account: {} }
guard: { records: 3 }
salesforce: { api_percent: 100, api_stop_percent: 100 }
`), "matrix.yaml")
	if bad != nil {
		t.Fatal(bad)
	}
	cfg.path, cfg.Store = filepath.Join(filepath.Dir(path), "matrix.yaml"), path
	log := logrus.New()
	log.SetOutput(io.Discard)
	e, err := newEngine(cfg, log, &secretSet{}, openReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	o := cfg.replicatorOptions()
	o.Store, o.Schema, o.Mappings, o.Log, o.PageSize = e.store, e.schema, e.mappings, log, 200
	o.Retry = replicator.Retry{Attempts: 4, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
	if o.Parser, err = phone.NewParser(cfg.Dialling.Location()); err != nil {
		t.Fatal(err)
	}
	if o.Client, err = soap.New(soap.Options{
		URL: url, AllowedHosts: []string{"127.0.0.1"}, HeaderTimeout: time.Second,
		Auth: &soap.SOAPLogin{Username: "integration@example.com", Password: soap.NewSecret("emulator"), Token: soap.NewSecret("TOKEN")},
	}); err != nil {
		t.Fatal(err)
	}
	e.client = o.Client
	if e.repl, err = replicator.New(o); err != nil {
		t.Fatal(err)
	}
	d := &matrixDaemon{engine: e}
	if d.server, err = ldapserver.New(ldapserver.Options{Backend: e.dir, Log: log, SupportedControls: e.dir.Controls()}); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d.served.Go(func() {
		if err := d.server.Serve(context.Background(), l, ldapserver.ListenerOptions{Mode: ldapserver.Plain}); err != nil {
			t.Error(err)
		}
	})
	if d.phone, err = ldap.DialURL("ldap://" + l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	d.phone.SetTimeout(30 * time.Second)
	d.port = l.Addr().String()
	return d
}

func (d *matrixDaemon) close(t *testing.T) {
	t.Helper()
	ctx, done := context.WithTimeout(context.Background(), 10*time.Second)
	defer done()
	err := errors.Join(d.phone.Close(), d.server.Shutdown(ctx))
	d.served.Wait()
	d.engine.client.Close()
	if err := errors.Join(err, d.engine.Close()); err != nil {
		t.Error(err)
	}
}

// run makes a run that must work.
func (d *matrixDaemon) run(t *testing.T, kind replicator.Kind) {
	t.Helper()
	if result, err := d.engine.repl.Run(t.Context(), replicator.RunOptions{Kind: kind}); err != nil || result.Held {
		t.Fatalf("%s run: held %v %+v, %v", kind, result.Held, result.Objects, err)
	}
}

// read is everything that a phone may see.
func (d *matrixDaemon) read(t *testing.T) directoryState {
	t.Helper()
	answer, err := d.phone.Search(ldap.NewSearchRequest("dc=ringdex", ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, "(objectClass=person)", nil, nil))
	if err != nil {
		t.Fatalf("search: %v", err)
	}
	state := directoryState{}
	for _, e := range answer.Entries {
		attributes := map[string]string{}
		for _, a := range e.Attributes {
			attributes[a.Name] = fmt.Sprintf("%q", a.Values)
		}
		state[e.DN] = attributes
	}
	return state
}

// differ tells the first difference of two states.
func (s directoryState) differ(other directoryState) string {
	for dn, attributes := range s {
		switch have, ok := other[dn]; {
		case !ok:
			return dn + " is missing"
		case !maps.Equal(have, attributes):
			return fmt.Sprintf("%s is %v, not %v", dn, have, attributes)
		}
	}
	for dn := range other {
		if _, ok := s[dn]; !ok {
			return dn + " should not be there"
		}
	}
	return ""
}

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
