package replicator

import (
	"context"
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
	Mappings []schema.Mapping // one an object; parents (Account) before children is the natural order
	Parser   *phone.Parser    // normalises numbers of records that name no country under its location
	Log      logrus.FieldLogger
	Clock    func() time.Time // default time.Now; measures runs, never the org's time

	// Connections is how many objects are loaded at the same time. Default 1: Salesforce counts long requests.
	Connections int
	// PageSize is the number of records asked for in a page, 200 to 2000. Default 2000.
	PageSize int
	// Overlap is how far before its checkpoint a delta begins, for records that became visible late. Default 10 minutes.
	Overlap time.Duration
	// Guard says which changes are held. The zero value has the defaults.
	Guard Guard
	// Retry says how temporary errors are met. The zero value has the defaults.
	Retry Retry
	// BudgetShare is the part of the org's daily API calls beyond which runs are put off. Default 0.8; 1 is no bound.
	BudgetShare float64
}

// Replicator runs replications, one at a time.
type Replicator struct{ o Options }

// New checks the options. It makes no call.
func New(o Options) (*Replicator, error) { return &Replicator{o: o}, nil }

// Run replicates once. The Result is filled as far as the run came, with an error too. ErrBusy means that another run
// is at work.
func (r *Replicator) Run(ctx context.Context, o RunOptions) (Result, error) { return Result{}, nil }

// Check logs in, compares the organization with the store's and describes the mapped objects. It changes nothing.
// Errors are those of soap, *store.OrgError, *FieldError and *ObjectError.
func (r *Replicator) Check(ctx context.Context) error { return nil }
