package replicator

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"

	"ringdex/replicator/store"
	"ringdex/schema"
	"ringdex/soap"
)

// Kind of a run.
type Kind uint8

// The kinds of runs.
const (
	Full      Kind = iota // every record, into a new generation
	Delta                 // what changed since the last run; a full run where there is nothing to add to
	Reconcile             // Ids and stamps of all records, and the records that differ
)

func (k Kind) String() string {
	switch k {
	case Full:
		return "full"
	case Delta:
		return "delta"
	case Reconcile:
		return "reconcile"
	}
	return "unknown"
}

// RunOptions of one run. The zero value is a full run of all objects.
type RunOptions struct {
	Kind    Kind
	DryRun  bool     // do everything but change what is served
	Objects []string // default: all mapped objects; what is stored of the others stays
	// Progress is called from the run's goroutines, one call at a time, some times a second. It must be quick.
	Progress func(Progress)
}

// Result of a run.
type Result struct {
	Kind    Kind // what was really done: a delta may have become a full run
	DryRun  bool
	Held    bool // at least one object is held; what is served of it is unchanged
	Started time.Time
	Seconds float64
	Objects []ObjectResult
	Notes   []string // what changed in the org's description: new fields, and fields that are gone
}

// ObjectResult is what a run did to one object, or would do in a dry run or after an approval.
type ObjectResult struct {
	Name                               string
	Added, Changed, Deleted, Unchanged int
	Quarantined                        int // numbers and fields that could not be read as they should
	Duplicates                         int // records that came more than once
	Rows                               int // records that came
	APICalls                           int // those that concern no object alone count for the first
	Seconds                            float64
	Bytes                              int64    // on the wire, both ways; of objects loaded together a share by records
	Held                               string   // why the change is held; "" if it isn't
	Frozen                             string   // why the object was left as it is; "" if it wasn't
	Samples                            []string // dry runs and holds: some of what would change, one line each
	Err                                error
}

// meter counts an object's calls.
type meter struct {
	calls   atomic.Int64
	started time.Time
	seconds float64
}

func (m *meter) add() {
	if m != nil {
		m.calls.Add(1)
	}
}

// take is the opposite of add.
func (m *meter) take() {
	if m != nil {
		m.calls.Add(-1)
	}
}

// run is one run in progress.
type run struct {
	o        Options
	ro       RunOptions
	mappings []schema.Mapping
	started  time.Time
	usage    soap.Usage // before the run
	org      store.Org
	t0       time.Time // the org's time at the run's beginning
	calls    ledger    // earlier API calls of this store
	meta     store.Meta
	catalog  catalog
	progress *reporter
	result   Result
	meters   []*meter        // parallel to result.Objects
	left     []ObjectResult  // of objects that are not there any more: they join the result at the end
	recorded map[string]bool // objects whose success is in the store, whatever happens to the others
	compared map[string]bool // dry run of a delta: Ids that were counted
}

func (r *Replicator) newRun(o RunOptions) (*run, error) {
	run := &run{o: r.o, ro: o, started: r.o.Clock(), usage: r.o.Client.Usage(), recorded: map[string]bool{}, compared: map[string]bool{}}
	run.mappings = append(run.mappings, r.o.Mappings...)
	if len(o.Objects) > 0 {
		var names []string
		for i := range r.o.Mappings {
			names = append(names, r.o.Mappings[i].Object)
		}
		run.mappings = nil
		for _, object := range o.Objects {
			i := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, object) })
			if i < 0 {
				return nil, &ObjectError{Object: object, Nearest: schema.Nearest(object, names), Reason: "is not mapped"}
			}
			if !slices.ContainsFunc(run.mappings, func(m schema.Mapping) bool { return m.Object == names[i] }) {
				run.mappings = append(run.mappings, r.o.Mappings[i])
			}
		}
	}
	run.progress = newReporter(o.Progress, r.o.Clock, run.started)
	run.result = Result{Kind: o.Kind, DryRun: o.DryRun, Started: run.started}
	for i := range run.mappings {
		run.result.Objects = append(run.result.Objects, ObjectResult{Name: run.mappings[i].Object})
		run.meters = append(run.meters, &meter{})
	}
	return run, nil
}

// work is the run from login to switch.
func (r *run) work(ctx context.Context) error {
	r.progress.stage("", StageLogin)
	if err := r.login(ctx); err != nil {
		return err
	}
	if !r.ro.DryRun {
		if err := r.o.Store.BindOrg(r.org); err != nil {
			return err
		}
	}
	if err := r.call(ctx, nil, func() (err error) {
		r.t0, err = r.o.Client.ServerTimestamp(ctx)
		return err
	}); err != nil {
		return fmt.Errorf("replicate: %w", err)
	}
	if err := r.budget(); err != nil {
		return err
	}
	r.progress.stage("", StageDescribe)
	var err error
	if r.meta, err = r.o.Store.Meta(); err != nil {
		return fmt.Errorf("replicate: %w", err)
	}
	plans, err := r.plans(ctx)
	if err != nil {
		return err
	}
	for i, p := range plans {
		r.result.Objects[i].Name = p.object
	}
	incremental := r.ro.Kind != Full && r.deltaPossible(plans)
	if !incremental {
		r.result.Kind = Full
	}
	if err := r.afford(); err != nil {
		return err
	}
	switch {
	case len(plans) == 0: // every object stays as it is
		r.result.Kind = r.ro.Kind
	case incremental:
		err = r.incremental(ctx, plans)
	default:
		err = r.full(ctx, plans)
	}
	for i := range r.left {
		if r.left[i].Err != nil {
			err = errors.Join(err, fmt.Errorf("replicate: %w", r.left[i].Err))
		}
	}
	return err
}

// look is the beginning of a run: login and description.
func (r *run) look(ctx context.Context) error {
	if err := r.login(ctx); err != nil {
		return err
	}
	var err error
	if r.meta, err = r.o.Store.Meta(); err != nil || !r.meta.Complete {
		return err
	}
	_, err = r.plans(ctx)
	return err
}

// login logs in and compares the organization with the one that the store is bound to.
func (r *run) login(ctx context.Context) error {
	var session soap.Session
	err := r.call(ctx, nil, func() (err error) {
		session, err = r.o.Client.Login(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("replicate: %w", err)
	}
	r.org = store.Org{ID: string(session.OrganizationID), URL: orgURL(session.ServerURL), Name: session.User.OrganizationName}
	if r.org.ID == "" {
		return errors.New("replicate: the login names no organization")
	}
	meta, err := r.o.Store.Meta()
	if err != nil {
		return fmt.Errorf("replicate: %w", err)
	}
	if meta.Org.ID != "" && meta.Org.ID != r.org.ID {
		return fmt.Errorf("replicate: %w", &store.OrgError{Path: r.o.Store.Path(), Got: r.org, Want: meta.Org})
	}
	return nil
}

// orgURL is what {@org_url} stands for: scheme and host of the server URL that the login returned. With a My Domain that
// is https://mycompany.my.salesforce.com, where /lightning/… and /<Id> both lead to the record; with the emulator its
// own address.
func orgURL(serverURL string) string {
	u, err := url.Parse(serverURL)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// sameOrg fails if the client's session belongs to another organization than the run: a login in the middle of a run
// may lead elsewhere.
func (r *run) sameOrg(ctx context.Context) error {
	session, err := r.o.Client.Login(ctx)
	if err != nil {
		return err
	}
	if got := string(session.OrganizationID); got != r.org.ID {
		return &store.OrgError{
			Path: r.o.Store.Path(), Want: r.org,
			Got: store.Org{ID: got, URL: orgURL(session.ServerURL), Name: session.User.OrganizationName},
		}
	}
	return nil
}

// call makes a call with retries and counts it.
func (r *run) call(ctx context.Context, m *meter, f func() error) error {
	return r.o.Retry.do(ctx, func() error {
		m.add()
		return f()
	})
}

// count asks the org how many records of a plan there are.
func (r *run) count(ctx context.Context, p *plan, m *meter, conditions ...string) (n int, err error) {
	err = r.call(ctx, m, func() (err error) {
		n, err = r.o.Client.Count(ctx, p.countQuery(conditions...))
		return err
	})
	return n, err
}

func (r *run) log(p *plan) logrus.FieldLogger {
	return r.o.Log.WithFields(logrus.Fields{"object": p.object, "kind": r.result.Kind.String()})
}

// objectMeta is what the store knows of an object, with its name at least.
func (r *run) objectMeta(object string) store.ObjectMeta {
	for _, m := range r.meta.Objects {
		if m.Name == object {
			return m
		}
	}
	return store.ObjectMeta{Name: object}
}

// finish completes the result, remembers the run and logs it.
func (r *run) finish(err error) (Result, error) {
	r.result.Seconds = r.o.Clock().Sub(r.started).Seconds()
	after := r.o.Client.Usage()
	calls, rows := after.Calls-r.usage.Calls, 0
	for i := range r.result.Objects {
		o := &r.result.Objects[i]
		o.APICalls = int(r.meters[i].calls.Load())
		o.Seconds = r.meters[i].seconds
		calls -= int64(o.APICalls)
		rows += o.Rows
	}
	if err := r.noteCalls(after.Calls - r.usage.Calls); err != nil {
		r.o.Log.WithError(err).Warn("the API calls of this run are not noted")
	}
	if len(r.result.Objects) > 0 && calls > 0 {
		r.result.Objects[0].APICalls += int(calls)
	}
	r.result.Objects = append(r.result.Objects, r.left...)
	bytes := after.BytesIn + after.BytesOut - r.usage.BytesIn - r.usage.BytesOut
	for i := range r.result.Objects {
		o := &r.result.Objects[i]
		switch {
		case rows > 0:
			o.Bytes = bytes * int64(o.Rows) / int64(rows)
		default:
			o.Bytes = bytes / int64(len(r.result.Objects))
		}
	}
	var bug *panicError
	if errors.As(err, &bug) {
		r.o.Log.WithField("stack", string(bug.stack)).Error(bug.Error())
	}
	if !r.ro.DryRun {
		if storeErr := r.remember(err); storeErr != nil && err == nil {
			err = fmt.Errorf("replicate: remember the run: %w", storeErr)
		}
	}
	return r.result, err
}
