package replicator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"ringdex/soap"
)

const (
	minPageSize = 200
	// maxEmptyPages is how many pages without records a query may have in a row before it counts as broken.
	maxEmptyPages = 100
)

// pages reads a query that can go on behind any record. It is used by one goroutine.
type pages struct {
	run    *run
	plan   *plan
	meter  *meter
	soql   func(after position) string
	all    bool // queryAll
	size   int  // records asked for in a page
	after  position
	cursor *soap.Cursor
	read   int // records of the cursor
}

func (r *run) pages(p *plan, m *meter, all bool, after position, soql func(after position) string) *pages {
	return &pages{run: r, plan: p, meter: m, soql: soql, all: all, size: r.o.PageSize, after: after}
}

// next returns the next page with records, and io.EOF behind the last. Temporary errors are met with Retry, lost
// locators with a new query behind the last record.
func (q *pages) next(ctx context.Context) (soap.Page, error) {
	empty := 0
	for failed := 0; ; {
		if q.cursor == nil {
			q.cursor = q.run.o.Client.Query(ctx, q.soql(q.after), soap.QueryOptions{All: q.all, BatchSize: q.size})
			q.read = 0
		}
		if q.run.result.Kind != Full {
			if err := q.run.spend(0); err != nil {
				return soap.Page{}, err
			}
		}
		first := q.read == 0
		q.meter.add()
		page, err := q.cursor.Page(ctx)
		if err == nil {
			err = q.run.sameOrg(ctx)
			if err != nil {
				return soap.Page{}, err
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			q.meter.take() // no call was made
			return soap.Page{}, io.EOF
		case err == nil && len(page.Records) > 0:
			if err := q.advance(&page); err != nil {
				return soap.Page{}, err
			}
			return page, nil
		case err == nil && page.Done:
			return soap.Page{}, io.EOF
		case err == nil:
			if empty++; empty > maxEmptyPages {
				return soap.Page{}, fmt.Errorf("replicator: %d pages without records in a row", empty)
			}
		case ctx.Err() != nil:
			return soap.Page{}, context.Cause(ctx)
		case errors.Is(err, soap.ErrLocator) && !first:
			q.cursor = nil
			if failed++; failed >= q.run.o.Retry.Attempts {
				return soap.Page{}, err
			}
		case temporary(err) || errors.Is(err, soap.ErrLocator):
			q.shrink(err)
			if failed++; failed >= q.run.o.Retry.Attempts {
				return soap.Page{}, err
			}
			q.run.log(q.plan).WithError(err).WithField("attempt", failed).Warn("page failed, trying again")
			if q.run.o.Retry.wait(ctx, failed-1) != nil {
				return soap.Page{}, context.Cause(ctx)
			}
			if errors.Is(err, soap.ErrLocator) || errors.Is(err, soap.ErrSession) || q.stale(err) {
				q.cursor = nil
			}
		default:
			return soap.Page{}, err
		}
	}
}

// advance moves the position behind the page. A query that says that it is done before it brought what it announced is
// followed by another one behind its last record, which shows whether there is more.
func (q *pages) advance(page *soap.Page) error {
	last := &page.Records[len(page.Records)-1]
	if last.ID == "" {
		return errors.New("replicator: a record came without its Id")
	}
	stamp, err := q.plan.stamp(last)
	if err != nil {
		return err
	}
	q.read += len(page.Records)
	repeated := last.ID == q.after.id
	q.after = position{stamp: stamp, id: last.ID}
	if page.Done && q.read < page.Size && !repeated {
		q.cursor = nil
	}
	return nil
}

// shrink asks for smaller pages after an error that says that a query takes too long.
func (q *pages) shrink(err error) {
	if tooLong(err) {
		q.size = max(q.size/2, minPageSize)
		q.cursor = nil
	}
}

// tooLong says whether less at a time may work.
func tooLong(err error) bool {
	var f *soap.Fault
	if !errors.As(err, &f) {
		return false
	}
	switch f.Code {
	case "QUERY_TIMEOUT", "REQUEST_RUNNING_TOO_LONG", "OPERATION_TOO_LARGE":
		return true
	}
	return false
}

// stale says whether the locator may have been used up: the org may have answered a call whose reply we did not get
// whole, and a locator is good for one call only.
func (q *pages) stale(err error) bool {
	var f *soap.Fault
	return q.read > 0 && !errors.As(err, &f)
}

// stamp of a record.
func (p *plan) stamp(r *soap.Record) (time.Time, error) {
	s := r.Field(p.stampField)
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("replicator: %s %s: %s %q is not a time", p.object, r.ID, p.stampField, s)
	}
	return t.UTC(), nil
}

func isEOF(err error) bool { return errors.Is(err, io.EOF) }
