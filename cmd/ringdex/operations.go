package main

import (
	"context"
	"io"
	"time"

	"ringdex/replicator"
)

// operations are what the commands ask for. Two things answer: the engine, which has the store open, and the
// control client, which asks the daemon that has it open.
type operations interface {
	Status(ctx context.Context) (statusReport, error)
	Lookup(ctx context.Context, q lookupRequest) (lookupReport, error)
	Replicate(ctx context.Context, r replicateRequest, progress func(replicator.Progress)) (replicateReport, error)
	// Cancel ends the run at work, whoever began it; false where none is.
	Cancel(ctx context.Context) (bool, error)
	Numbers(ctx context.Context) (numbersReport, error)
	Callers(ctx context.Context) (callersReport, error)
	Decide(ctx context.Context, d decision) (decisionReport, error)
	Verify(ctx context.Context) (verifyReport, error)
	Reload(ctx context.Context) (reloadReport, error)
	Backup(ctx context.Context, w io.Writer) (int64, error)
	Close() error
}

type lookupRequest struct {
	Query   string `json:"query"`
	Profile string `json:"profile,omitempty"`
}

// lookupReport is what `lookup --json` prints.
type lookupReport struct {
	Query      string         `json:"query"`
	Kind       string         `json:"kind"`
	Profile    string         `json:"profile,omitempty"`
	From       string         `json:"from"` // where the phone stands that asks
	Candidates []candidateRow `json:"candidates"`
	Hits       []hitRow       `json:"hits"`
	More       bool           `json:"more,omitempty"` // there are more hits
	Notes      []string       `json:"notes,omitempty"`
}

type candidateRow struct {
	Key  string `json:"key"`
	Rule string `json:"rule"`
}

type hitRow struct {
	DN         string              `json:"dn"`
	Rank       int                 `json:"rank"`
	Rule       string              `json:"rule"`
	Reason     string              `json:"reason,omitempty"` // why it is not before the one above
	Shown      shownRow            `json:"shown"`
	Attributes map[string][]string `json:"attributes"`
}

// shownRow is what a phone's display has of an entry.
type shownRow struct {
	Name   string `json:"name"`
	Number string `json:"number,omitempty"`
}

type replicateRequest struct {
	Full    bool     `json:"full,omitempty"`
	DryRun  bool     `json:"dry_run,omitempty"`
	Objects []string `json:"objects,omitempty"`
}

// replicateReport is what `replicate --json` prints.
type replicateReport struct {
	Kind    string      `json:"kind"`
	DryRun  bool        `json:"dry_run,omitempty"`
	Held    bool        `json:"held"`
	Objects []objectRun `json:"objects"`
}

type objectRun struct {
	Name        string   `json:"name"`
	Added       int      `json:"added"`
	Changed     int      `json:"changed"`
	Deleted     int      `json:"deleted"`
	Unchanged   int      `json:"unchanged"`
	Quarantined int      `json:"quarantined"`
	Duplicates  int      `json:"duplicates"`
	APICalls    int      `json:"api_calls"`
	Seconds     float64  `json:"seconds"`
	Held        string   `json:"held,omitempty"`
	Frozen      string   `json:"frozen,omitempty"`
	LeftOut     int      `json:"left_out,omitempty"` // dry runs: records of the org that where and leave_out keep away
	Samples     []string `json:"samples,omitempty"`
}

// statusReport is what `status --json` prints.
type statusReport struct {
	Version       string         `json:"version"`
	Running       bool           `json:"running"`
	Since         *time.Time     `json:"since,omitempty"`
	Listeners     []string       `json:"listeners,omitempty"`
	Store         string         `json:"store"`
	StoreBytes    int64          `json:"store_bytes"`
	Org           string         `json:"organization_id,omitempty"`
	OrgName       string         `json:"organization_name,omitempty"`
	Generation    uint64         `json:"generation"`
	Objects       []objectStatus `json:"objects"`
	Holds         []holdRow      `json:"holds"`
	Problems      []string       `json:"problems"`
	Notices       []string       `json:"notices,omitempty"` // counted, but nobody is needed at once
	LoginEnds     string         `json:"login_ends,omitempty"`
	LoginDays     int            `json:"login_days,omitempty"`
	NextDelta     *time.Time     `json:"next_delta,omitempty"`
	NextFull      *time.Time     `json:"next_full,omitempty"`
	NextReconcile *time.Time     `json:"next_reconcile,omitempty"`
	Replicating   bool           `json:"replicating"`
	Progress      string         `json:"progress,omitempty"` // of the run at work
	LDAP          *ldapStatus    `json:"ldap,omitempty"`
}

type objectStatus struct {
	Name        string     `json:"name"`
	Records     int        `json:"records"`
	LastSuccess *time.Time `json:"last_success"`
	LastResult  string     `json:"last_result"`
	Duplicates  int        `json:"duplicates"`
	Quarantined int        `json:"quarantined"`
}

type holdRow struct {
	Object string    `json:"object"`
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}

// numbersReport is what `report numbers` prints.
type numbersReport struct {
	Problems []numberProblemRow `json:"problems"`
	Shared   []sharedNumberRow  `json:"shared"`
	// Extensions are numbers behind one switchboard whose head number no record shows, or with an extension that is kept
	// beside the number.
	Extensions []extensionRow `json:"extensions"`
	Total      int            `json:"total"`
}

type numberProblemRow struct {
	Object    string `json:"object"`
	ID        string `json:"id"`
	Attribute string `json:"attribute"`
	Value     string `json:"value"`
	Reason    string `json:"reason"`
	URL       string `json:"url,omitempty"`
}

type extensionRow struct {
	Company string   `json:"company,omitempty"`
	Number  string   `json:"number"` // digits that the numbers have in common
	Records int      `json:"records"`
	Reason  string   `json:"reason"`
	URLs    []string `json:"urls"`
}

type sharedNumberRow struct {
	Number  string   `json:"number"`
	Records int      `json:"records"`
	URLs    []string `json:"urls"`
}

type decision struct {
	Object  string `json:"object"`
	Approve bool   `json:"approve"`
}

type decisionReport struct {
	Object string   `json:"object"`
	Done   string   `json:"done"`
	Would  []string `json:"would,omitempty"`
}

// verifyReport is what `verify --json` prints.
type verifyReport struct {
	Entries  int      `json:"entries"`
	Terms    int      `json:"terms"`
	Problems []string `json:"problems"`
}
