package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/urfave/cli/v2"

	"ringdex/ldapserver/callers"
	"ringdex/ldapserver/directory"
	"ringdex/replicator"
	"ringdex/replicator/store"
	"ringdex/schema"
	"ringdex/schema/name"
	"ringdex/schema/phone"
	"ringdex/soap"
)

// engine has the store open and does what the commands ask.
type engine struct {
	config   *Config
	log      logrus.FieldLogger
	secrets  *secretSet
	schema   *schema.Schema
	mappings []schema.Mapping
	store    *store.Store
	dir      *directory.Directory
	audit    *lineLog
	binds    *bindAudit // in it

	mu     sync.Mutex // guards repl and client while they are made
	repl   *replicator.Replicator
	client *soap.Client

	callers *callers.Log // the daemon's, set before it serves; nil: none are recorded
}

// openMode says what a command needs of the store.
type openMode int

const (
	openReadWrite openMode = iota
	openReadOnly           // there must be one already; other readers may have it too
)

// newEngine opens the store of a configuration.
func newEngine(cfg *Config, log logrus.FieldLogger, secrets *secretSet, mode openMode) (*engine, error) {
	e := &engine{config: cfg, log: log, secrets: secrets, audit: &lineLog{name: "audit"}}
	e.binds = newBindAudit(e.audit)
	var err error
	if e.mappings, err = cfg.Mappings(); err != nil {
		return nil, err
	}
	if e.schema, err = cfg.Schema(e.mappings); err != nil {
		return nil, err
	}
	for i := range e.mappings {
		if err := e.mappings[i].Validate(e.schema); err != nil {
			return nil, &ConfigError{Path: cfg.given, What: err.Error()}
		}
	}
	path := cfg.StorePath()
	if mode == openReadOnly {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, &hintError{fmt.Errorf("there is no store %s yet", path), "ringdex replicate"}
		}
	}
	collation, err := name.ParseCollation(cfg.Names.Collation)
	if err != nil {
		return nil, &ConfigError{Path: cfg.given, What: err.Error()}
	}
	e.store, err = store.Open(path, store.Options{ReadOnly: mode == openReadOnly, Log: log, Schema: e.schema, Collation: collation, Loading: loadingMemory})
	if err != nil {
		return nil, storeError(err)
	}
	if mode == openReadWrite {
		if err := giveToFolder(path); err != nil {
			e.store.Close()
			return nil, err
		}
	}
	profiles, err := cfg.AllProfiles()
	if err != nil {
		e.store.Close()
		return nil, err
	}
	o := cfg.LDAP.access()
	o.Profiles = profiles
	o.Store, o.Schema, o.Base, o.Location = e.store, e.schema, cfg.LDAP.Base, cfg.Dialling.Location()
	o.Binds = e.binds.bind
	if cfg.Callers.Record {
		o.Missed = e.missed
	}
	o.StartTLS, o.Guessing, o.Version, o.Log = cfg.LDAP.TLS.on(), cfg.LDAP.Limits.guessing(), version(), log
	e.dir, err = directory.New(o)
	if err != nil {
		e.store.Close()
		return nil, &ConfigError{Path: cfg.given, What: err.Error()}
	}
	return e, nil
}

// storeError adds what to do to the store's refusals.
func storeError(err error) error {
	var format *store.FormatError
	switch {
	case errors.Is(err, store.ErrLocked):
		return &hintError{err, "another ringdex has the store open: wait for it, or stop it"}
	case errors.As(err, &format):
		return &hintError{err, "move the file away and run ringdex replicate --full: the store is a copy of the org, nothing is lost"}
	case errors.Is(err, store.ErrForeign):
		return &hintError{err, "name another file under store: in the configuration; this one is left as it is"}
	case errors.Is(err, store.ErrCorrupt):
		return &hintError{err, "move the file away and run ringdex replicate --full, or restore a backup; the file is left as it is"}
	}
	return err
}

// openAudit opens the audit log: the daemon's, or that of a command that decides without one.
func (e *engine) openAudit(cfg *Config) error {
	e.binds.flush()
	return e.audit.open(cfg.logPath(cfg.Log.Audit), cfg.Log, e.log, e.secrets)
}

// schedules are those of the configuration.
func (e *engine) schedules() replicator.Schedules {
	s, _ := e.config.schedules() // what is wrong with them is a problem of its own
	return s
}

func (e *engine) Close() error {
	e.binds.flush()
	e.audit.close()
	return e.store.Close()
}

// replicator logs in lazily: a wrong password must not keep the directory from serving. There is one, so that runs and
// decisions of the schedule and of commands never work at the same time.
func (e *engine) replicator() (*replicator.Replicator, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.repl != nil {
		return e.repl, nil
	}
	client, err := e.newClient(e.countLogins)
	if err != nil {
		return nil, err
	}
	parser, err := phone.NewParser(e.config.Dialling.Location())
	if err != nil {
		return nil, &ConfigError{Path: e.config.given, What: err.Error()}
	}
	o := e.config.replicatorOptions()
	o.Client, o.Store, o.Schema, o.Mappings, o.Parser, o.Log = client, e.store, e.schema, e.mappings, parser, e.log
	repl, err := replicator.New(o)
	if err != nil {
		return nil, err
	}
	e.client, e.repl = client, repl
	return repl, nil
}

// countLogins has the store remember the logins, so that they are bounded over restarts too.
func (e *engine) countLogins(o *soap.Options) (err error) {
	o.Logins, err = replicator.Logins(e.store)
	o.NoteLogin = func(times []time.Time) error { return replicator.NoteLogins(e.store, times) }
	return err
}

// newClient builds the Salesforce client.
func (e *engine) newClient(change ...func(*soap.Options) error) (*soap.Client, error) {
	auth, err := newAuthenticator(e.config, e.secrets, e.log)
	if err != nil {
		return nil, err
	}
	o, err := e.config.soapOptions()
	if err != nil {
		return nil, err
	}
	o.Log, o.Auth = e.log, auth
	for _, f := range change {
		if err := f(&o); err != nil {
			return nil, err
		}
	}
	return soap.New(o)
}

// Replicate runs once. Two runs at a time never happen: the second is told so.
func (e *engine) Replicate(ctx context.Context, req replicateRequest, progress func(replicator.Progress)) (replicateReport, error) {
	for _, name := range req.Objects {
		if !slices.ContainsFunc(e.mappings, func(m schema.Mapping) bool { return m.Object == name }) {
			var known []string
			for _, m := range e.mappings {
				known = append(known, m.Object)
			}
			return replicateReport{}, &usageError{what: fmt.Sprintf("object %s is not in the configuration", name), try: "--object " + strings.Join(known, " or --object ")}
		}
	}
	r, err := e.replicator()
	if err != nil {
		return replicateReport{}, err
	}
	if r.Busy() {
		return replicateReport{}, replicator.ErrBusy
	}
	e.client.Reset() // a person asks: credentials that were refused may be tried once more
	kind := replicator.Delta
	if req.Full {
		kind = replicator.Full
	}
	res, err := r.Run(ctx, replicator.RunOptions{Kind: kind, DryRun: req.DryRun, Objects: req.Objects, Progress: progress})
	if err != nil {
		return replicateReport{}, salesforceError(err)
	}
	report := reportOf(res, req.DryRun)
	if req.DryRun {
		return report, e.countLeftOut(ctx, &report)
	}
	return report, nil
}

// countLeftOut counts the records that the conditions keep away: two calls for an object that has one.
func (e *engine) countLeftOut(ctx context.Context, r *replicateReport) error {
	for i := range r.Objects {
		o := &r.Objects[i]
		for j := range e.mappings {
			m := &e.mappings[j]
			if m.Object != o.Name || m.Where == "" {
				continue
			}
			all, err := e.client.Count(ctx, "SELECT COUNT() FROM "+m.Object)
			if err != nil {
				return salesforceError(err)
			}
			some, err := e.client.Count(ctx, "SELECT COUNT() FROM "+m.Object+" WHERE "+m.Where)
			if err != nil {
				return salesforceError(err)
			}
			o.LeftOut = max(0, all-some)
		}
	}
	return nil
}

func reportOf(res replicator.Result, dryRun bool) replicateReport {
	out := replicateReport{Kind: res.Kind.String(), DryRun: dryRun, Held: res.Held, Objects: []objectRun{}}
	for _, o := range res.Objects {
		out.Objects = append(out.Objects, objectRun{
			Name: o.Name, Added: o.Added, Changed: o.Changed, Deleted: o.Deleted, Unchanged: o.Unchanged, Quarantined: o.Quarantined,
			Duplicates: o.Duplicates, APICalls: o.APICalls, Seconds: o.Seconds, Held: o.Held, Frozen: o.Frozen, Samples: o.Samples,
		})
	}
	return out
}

// salesforceError adds the client's own next step, where it has one.
func salesforceError(err error) error {
	if h := hint(err); h != "" {
		return err
	}
	if h := soap.Hint(err); h != "" {
		return &hintError{err, h}
	}
	return err
}

// Status describes the store. The daemon adds what it knows of itself.
func (e *engine) Status(context.Context) (statusReport, error) {
	meta, err := e.store.Meta()
	if err != nil {
		return statusReport{}, err
	}
	size, err := e.store.Size()
	if err != nil {
		return statusReport{}, err
	}
	out := statusReport{
		Version: version(), Store: e.store.Path(), StoreBytes: size, Org: meta.Org.ID, OrgName: meta.Org.Name,
		Generation: uint64(meta.Generation), Objects: []objectStatus{}, Holds: []holdRow{}, Problems: []string{},
	}
	byName := map[string]store.ObjectMeta{}
	for _, o := range meta.Objects {
		byName[o.Name] = o
	}
	for _, m := range e.mappings {
		o := byName[m.Object]
		row := objectStatus{Name: m.Object, Records: o.Records, LastResult: o.LastResult, Duplicates: o.Duplicates, Quarantined: o.Quarantined}
		if !o.LastSuccess.IsZero() {
			row.LastSuccess = &o.LastSuccess
		}
		out.Objects = append(out.Objects, row)
	}
	if err := errors.Join(e.holds(&out), e.problems(&out, time.Now()), e.order(&out)); err != nil {
		return out, err
	}
	e.loginEnd(&out, time.Now())
	if info, err := certificateOf(e.config, false); err != nil {
		out.Problems = append(out.Problems, err.Error())
	} else if info != nil {
		out.LDAP = &ldapStatus{Certificate: info}
		out.certificateTime(time.Now())
	}
	return out, nil
}

func (e *engine) holds(out *statusReport) error {
	holds, err := replicator.Holds(e.store)
	if err != nil {
		return err
	}
	for _, h := range holds {
		out.Holds = append(out.Holds, holdRow{h.Object, h.Reason, h.Since})
	}
	return nil
}

// problems adds what the replicator finds wrong. Holds have their own place.
func (e *engine) problems(out *statusReport, now time.Time) error {
	schedules, bad := e.config.schedules()
	if bad != nil {
		return bad
	}
	problems, err := replicator.Problems(e.store, e.mappings, schedules, now)
	for _, p := range problems {
		text := p.Text + ": " + p.Next
		switch {
		case p.Notice:
			out.Notices = append(out.Notices, text)
		case p.Kind != replicator.ProblemHeld:
			out.Problems = append(out.Problems, text)
		}
	}
	return err
}

// order notes that the lists are still in an order that is no longer the configured one.
func (e *engine) order(out *statusReport) error {
	r, err := e.store.Reader()
	if errors.Is(err, store.ErrEmpty) {
		return nil
	}
	if err != nil {
		return err
	}
	defer r.Release()
	if now, want := r.Collation(), e.store.Collation(); now != want {
		out.Notices = append(out.Notices, fmt.Sprintf("lists are in the order of %s, not yet of %s: the next full run changes it, or ringdex replicate --full now", now, want))
	}
	return nil
}

// loginWarning is how long before its end the SOAP login becomes a problem that needs a person.
const loginWarning = 90 * 24 * time.Hour

func (e *engine) loginEnd(out *statusReport, now time.Time) {
	if e.config.Salesforce.Login != "soap" {
		return
	}
	end := soap.LoginEnds()
	out.LoginEnds = end.Format("2006-01-02")
	out.LoginDays = int(end.Sub(now).Hours() / 24)
	if end.Sub(now) < loginWarning {
		out.Problems = append(out.Problems, fmt.Sprintf("SOAP login ends on %s: change to OAuth", out.LoginEnds))
	}
}

// Decide approves or rejects a held mass change.
func (e *engine) Decide(ctx context.Context, d decision) (decisionReport, error) {
	done := "rejected: what is served stays as it is"
	if d.Approve {
		done = "approved: the change is served now"
	}
	h, complete, err := e.decide(ctx, d)
	e.audit.decision(peer(ctx), d, err)
	if errors.Is(err, replicator.ErrNoHold) {
		return decisionReport{}, &hintError{fmt.Errorf("nothing of %s is held", d.Object), "ringdex status"}
	}
	if err != nil {
		return decisionReport{}, err
	}
	out := decisionReport{Object: d.Object, Done: done, Would: []string{
		fmt.Sprintf("%s: %d added, %d changed, %d deleted, %d unchanged, of %d before", h.Reason, h.Added, h.Changed, h.Deleted, h.Unchanged, h.Before),
	}}
	if h.Blanked > 0 {
		out.Would = append(out.Would, fmt.Sprintf("%d values would be gone", h.Blanked))
	}
	out.Would = append(out.Would, h.Samples...)
	if !complete {
		out.Done += "; it takes effect when the other held objects of that run are decided too"
	}
	return out, nil
}

// decide goes through the replicator, which knows whether a run is at work. Without credentials there is none, and no run.
func (e *engine) decide(ctx context.Context, d decision) (replicator.Hold, bool, error) {
	r, err := e.replicator()
	switch {
	case err == nil && d.Approve:
		return r.Approve(ctx, d.Object, nil)
	case err == nil:
		return r.Reject(ctx, d.Object, nil)
	case d.Approve:
		return replicator.Approve(ctx, e.store, d.Object, nil)
	}
	return replicator.Reject(ctx, e.store, d.Object, nil)
}

// Cancel ends the run at work.
func (e *engine) Cancel(context.Context) (bool, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.repl != nil && e.repl.Cancel(), nil
}

// Verify checks the whole store.
func (e *engine) Verify(ctx context.Context) (verifyReport, error) {
	out := verifyReport{Problems: []string{}}
	const most = 100
	res, err := e.store.Verify(ctx, func(p store.Problem) {
		if len(out.Problems) < most {
			out.Problems = append(out.Problems, p.Text)
		}
	})
	out.Entries, out.Terms = res.Entries, res.Terms
	if n := res.Problems - len(out.Problems); n > 0 {
		out.Problems = append(out.Problems, fmt.Sprintf("… and %d more", n))
	}
	return out, err
}

// Backup writes a consistent copy.
func (e *engine) Backup(ctx context.Context, w io.Writer) (int64, error) {
	return e.store.Backup(ctx, w)
}

// withOperations runs f with the daemon of the configuration's store, or with the store itself where none runs.
func (env *environment) withOperations(c *cli.Context, f func(operations) error) error {
	cfg, err := loadConfig(c.String("config"))
	if err != nil {
		return err
	}
	if daemon := dialControl(c.Context, cfg.StorePath()); daemon != nil {
		defer daemon.Close()
		return f(daemon)
	}
	level := LogConfig{Level: "warning", Format: cfg.Log.Format}
	log, err := newLogger(env.Err, level, env.secrets)
	if err != nil {
		return err
	}
	mode := openReadOnly
	if slices.Contains([]string{"replicate", "approve", "reject"}, c.Command.Name) {
		mode = openReadWrite
	}
	if c.Command.Name == "status" {
		if _, err := os.Stat(cfg.StorePath()); errors.Is(err, fs.ErrNotExist) {
			return f(&emptyOperations{cfg: cfg})
		}
	}
	e, err := newEngine(cfg, log, env.secrets, mode)
	if err != nil {
		return err
	}
	if mode == openReadWrite {
		if err := e.openAudit(cfg); err != nil {
			return errors.Join(err, e.Close())
		}
	}
	return errors.Join(f(e), e.Close())
}

// emptyOperations answers status where there is no store: asking must not create one.
type emptyOperations struct {
	operations
	cfg *Config
}

func (o *emptyOperations) Status(context.Context) (statusReport, error) {
	out := statusReport{Version: version(), Store: o.cfg.StorePath(), Objects: []objectStatus{}, Holds: []holdRow{}}
	out.Problems = []string{"nothing has been replicated yet: ringdex replicate"}
	for _, object := range o.cfg.Objects {
		out.Objects = append(out.Objects, objectStatus{Name: object.Name})
	}
	return out, nil
}
