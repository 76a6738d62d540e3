package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"path/filepath"
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
