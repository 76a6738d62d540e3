package replicator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"

	"ringdex/replicator/store"
	"ringdex/schema"
	"ringdex/schema/phone"
	"ringdex/soap"
)

// Options of a Replicator. Client, Store, Schema, Mappings and Parser are needed.
type Options struct {
	Client   *soap.Client
	Store    *store.Store
	Schema   *schema.Schema
	Mappings []schema.Mapping // one an object
	Parser   *phone.Parser    // normalises numbers of records that name no country under its location
	Log      logrus.FieldLogger
	Clock    func() time.Time // default time.Now; measures runs, never the org's time

	// Connections is how many requests a full run makes at the same time: of several objects, and of parts of a large one.
	// Default 1, since Salesforce counts long requests.
	Connections int
	// PageSize is the number of records asked for in a page, 200 to 2000. Default 2000.
	PageSize int
	// Overlap is how far before its checkpoint a delta begins, for records that became visible late. Default 10 minutes.
	Overlap time.Duration
	// Guard says which changes are held. The zero value has the defaults.
	Guard Guard
	// Retry says how temporary errors are met. The zero value has the defaults.
	Retry Retry
	// OwnShare is the part of the org's daily API calls that ringdex itself makes at most, and StopShare the part that may
	// be used up, whoever did it, before runs are put off. Defaults OwnShare and StopShare; 1 is no bound. The first copy
	// is always made.
	OwnShare, StopShare float64
	// Canaries are, by object, Ids of records that this user must always see.
	Canaries map[string]soap.ID
}

const (
	defaultPageSize = 2000
	defaultOverlap  = 10 * time.Minute
)

// Replicator runs replications, one at a time. It is safe for concurrent use.
type Replicator struct {
	o    Options
	busy atomic.Bool
	work atomic.Pointer[work]
}

// work is the run that is at work.
type work struct {
	cancel   context.CancelCauseFunc
	progress atomic.Pointer[Progress]
}

// New checks the options. It makes no call.
func New(o Options) (*Replicator, error) {
	switch {
	case o.Client == nil || o.Store == nil || o.Schema == nil || o.Parser == nil:
		return nil, errors.New("replicator: client, store, schema and parser are needed")
	case len(o.Mappings) == 0:
		return nil, errors.New("replicator: no object is mapped")
	case o.PageSize != 0 && (o.PageSize < minPageSize || o.PageSize > defaultPageSize):
		return nil, fmt.Errorf("replicator: page size %d is not between %d and %d", o.PageSize, minPageSize, defaultPageSize)
	case o.Connections < 0 || o.Overlap < 0 || o.OwnShare < 0 || o.StopShare < 0 || o.Guard.Records < 0 || o.Guard.Share < 0:
		return nil, errors.New("replicator: an option is negative")
	}
	seen := map[string]bool{}
	for i := range o.Mappings {
		m := &o.Mappings[i]
		if name := strings.ToLower(m.Object); seen[name] {
			return nil, fmt.Errorf("replicator: %s is mapped twice", m.Object)
		}
		seen[strings.ToLower(m.Object)] = true
		if err := m.Validate(o.Schema); err != nil {
			return nil, fmt.Errorf("replicate %s: %w", m.Object, err)
		}
	}
	if o.Log == nil {
		quiet := logrus.New()
		quiet.SetOutput(io.Discard)
		o.Log = quiet
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Connections == 0 {
		o.Connections = 1
	}
	if o.PageSize == 0 {
		o.PageSize = defaultPageSize
	}
	if o.Overlap == 0 {
		o.Overlap = defaultOverlap
	}
	if o.OwnShare == 0 {
		o.OwnShare = OwnShare
	}
	if o.StopShare == 0 {
		o.StopShare = StopShare
	}
	o.Guard = o.Guard.withDefaults()
	o.Retry = o.Retry.withDefaults()
	return &Replicator{o: o}, nil
}

// Run replicates once. The Result is filled as far as the run came, with an error too. ErrBusy means that another run
// is at work.
func (r *Replicator) Run(ctx context.Context, o RunOptions) (Result, error) {
	if !r.busy.CompareAndSwap(false, true) {
		return Result{}, ErrBusy
	}
	defer r.busy.Store(false)
	w := &work{}
	ctx, w.cancel = context.WithCancelCause(ctx)
	defer w.cancel(nil)
	r.work.Store(w)
	defer r.work.Store(nil)
	report := o.Progress
	o.Progress = func(p Progress) {
		w.progress.Store(&p)
		if report != nil {
			report(p)
		}
	}
	run, err := r.newRun(o)
	if err != nil {
		return Result{}, err
	}
	err = guarded(func() error { return run.work(ctx) })
	if err != nil && errors.Is(context.Cause(ctx), ErrCancelled) {
		err = fmt.Errorf("replicate: %w", ErrCancelled)
	}
	return run.finish(err)
}

// Progress is how far the run at work is; false where none is.
func (r *Replicator) Progress() (Progress, bool) {
	w := r.work.Load()
	if w == nil {
		return Progress{}, false
	}
	if p := w.progress.Load(); p != nil {
		return *p, true
	}
	return Progress{}, true
}

// Cancel ends the run at work, which then returns ErrCancelled; false where none is. What it stored stays good: the next
// run goes on from there.
func (r *Replicator) Cancel() bool {
	w := r.work.Load()
	if w == nil {
		return false
	}
	w.cancel(ErrCancelled)
	return true
}

// Busy says whether a run, or a decision about a held change, is at work.
func (r *Replicator) Busy() bool { return r.busy.Load() }

// Approve is the function Approve beside runs of this Replicator: it is ErrBusy while one is at work.
func (r *Replicator) Approve(ctx context.Context, object string, progress func(Progress)) (h Hold, done bool, err error) {
	return r.decide(ctx, object, approved, progress)
}

// Reject is the function Reject beside runs of this Replicator: it is ErrBusy while one is at work.
func (r *Replicator) Reject(ctx context.Context, object string, progress func(Progress)) (h Hold, done bool, err error) {
	return r.decide(ctx, object, rejected, progress)
}

func (r *Replicator) decide(ctx context.Context, object, decision string, progress func(Progress)) (Hold, bool, error) {
	if !r.busy.CompareAndSwap(false, true) {
		return Hold{}, false, fmt.Errorf("decide on %s: %w", object, ErrBusy)
	}
	defer r.busy.Store(false)
	return decide(ctx, r.o.Store, object, decision, progress)
}

// Describe looks whether the org still shows what is mapped, and notes what is new, gone or frozen, without a run: where
// runs are rare, a lost permission is known earlier. ErrBusy means that a run is at work, which looks itself.
func (r *Replicator) Describe(ctx context.Context) error {
	if !r.busy.CompareAndSwap(false, true) {
		return ErrBusy
	}
	defer r.busy.Store(false)
	run, err := r.newRun(RunOptions{Kind: Delta})
	if err != nil {
		return err
	}
	return guarded(func() error { return run.look(ctx) })
}

// Check logs in, compares the organization with the store's and describes the mapped objects. It changes nothing.
// Errors are those of soap, *store.OrgError, *FieldError and *ObjectError.
func (r *Replicator) Check(ctx context.Context) error {
	run, err := r.newRun(RunOptions{DryRun: true})
	if err != nil {
		return err
	}
	if err := run.login(ctx); err != nil {
		return err
	}
	_, err = run.plans(ctx)
	return err
}
