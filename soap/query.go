package soap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
)

// QueryOptions of one query.
type QueryOptions struct {
	// All is queryAll: deleted and archived records too.
	All bool
	// BatchSize is the number of records asked for in a page, 200 to 2000; 0 is
	// the client's.
	BatchSize int
}

// Page is one page of records.
type Page struct {
	Records []Record
	// Done: there are no further pages. A page is never the last because it is
	// short.
	Done bool
	// Size is the number of records of the whole query.
	Size int
	// Quarantined counts the values that held characters which XML forbids.
	Quarantined int
}

// Cursor reads a query's records page by page; it holds one page's bytes at a
// time. It is not safe for concurrent use.
type Cursor struct {
	client  *Client
	soql    string
	options QueryOptions

	tree    *layoutTree
	session *Session // that the locator belongs to
	locator string
	started bool
	done    bool
	broken  error // sticky
	read    int   // records so far

	// The sizes of the last page, as a guess of the next.
	records, values, text int
}

// Query prepares a query; the first Page makes the call. An error of it comes
// from Page too.
func (c *Client) Query(_ context.Context, soql string, o QueryOptions) *Cursor {
	cu := &Cursor{client: c, soql: soql, options: o, tree: newLayoutTree()}
	if cu.options.BatchSize == 0 {
		cu.options.BatchSize = c.options.BatchSize
	}
	if b := cu.options.BatchSize; b < minBatchSize || b > maxBatchSize {
		cu.broken = fmt.Errorf("soap: batch size %d is not between %d and %d", b, minBatchSize, maxBatchSize)
	}
	return cu
}

// Page fetches the next page, and gives io.EOF after the last. A page comes whole
// or not at all: its reply was complete and agrees with itself.
//
// After ErrTemporary the same Page may be asked for again. After ErrLocator the
// rest cannot be fetched any more: a locator dies with its session.
func (cu *Cursor) Page(ctx context.Context) (Page, error) {
	switch {
	case cu.broken != nil:
		return Page{}, cu.broken
	case cu.done:
		return Page{}, io.EOF
	}
	page, err := cu.fetch(ctx)
	if errors.Is(err, ErrLocator) {
		cu.broken = err
	}
	return page, err
}

// queryResult is QueryResult without its records.
type queryResult struct {
	Done    string `xml:"result>done"`
	Locator string `xml:"result>queryLocator"`
	Size    string `xml:"result>size"`
}

func (cu *Cursor) fetch(ctx context.Context) (Page, error) {
	reader := &lateReader{cursor: cu}
	q := &call{batchSize: cu.options.BatchSize, scan: replyScan{take: "records", taker: reader}}
	var v queryResult
	var err error
	session := cu.session
	switch {
	case cu.started:
		q.operation, q.params = "queryMore", []Param{{"queryLocator", cu.locator}}
		err = cu.more(ctx, q, &v)
	case cu.options.All:
		q.operation, q.params = "queryAll", []Param{{"queryString", cu.soql}}
		session, err = cu.client.call(ctx, q, &v)
	default:
		q.operation, q.params = "query", []Param{{"queryString", cu.soql}}
		session, err = cu.client.call(ctx, q, &v)
	}
	if err != nil {
		return Page{}, err
	}
	page := Page{Records: reader.done(), Quarantined: reader.dirty()}
	if err := v.check(q.operation, &page, cu.read, cu.started); err != nil {
		return Page{}, err
	}
	cu.session, cu.locator = session, strings.TrimSpace(v.Locator)
	cu.started, cu.done = true, page.Done
	cu.read += len(page.Records)
	return page, nil
}

// more makes a queryMore in the session that the locator belongs to.
func (cu *Cursor) more(ctx context.Context, q *call, into any) error {
	c := cu.client
	c.mu.Lock()
	replaced := c.session != cu.session
	c.mu.Unlock()
	if replaced {
		return lostLocator("its session was replaced by another login")
	}
	err := c.send(ctx, sessionCall(cu.session, q), into)
	if !errors.Is(err, ErrSession) {
		return err
	}
	if _, err := c.renew(ctx, cu.session); err != nil {
		return err
	}
	return lostLocator("its session ended")
}

func lostLocator(why string) error {
	return &CallError{
		Operation: "queryMore", Problem: "the query locator is lost: " + why,
		Advice: "query again behind the last record that was kept", kinds: []error{ErrLocator},
	}
}

// check compares what the reply says about itself with what came, and completes
// the page.
func (v *queryResult) check(operation string, page *Page, before int, more bool) error {
	problem := ""
	size, done, locator := strings.TrimSpace(v.Size), strings.TrimSpace(v.Done), strings.TrimSpace(v.Locator)
	page.Size = number(size)
	page.Done = isTrue(done)
	read := before + len(page.Records)
	switch {
	case done != "true" && done != "false":
		problem = "the reply does not say whether the query is done"
	case size == "" || page.Size < 0 || page.Size == 0 && strings.Trim(size, "0") != "":
		problem = "the reply does not say how many records there are"
	case read > page.Size:
		problem = fmt.Sprintf("%d records came, only %d were announced", read, page.Size)
	case !page.Done && locator == "":
		problem = "the query is not done, but has no locator to go on with"
	case page.Done && !more && len(page.Records) != page.Size:
		problem = fmt.Sprintf("%d records were announced, %d came", page.Size, len(page.Records))
	}
	if problem == "" {
		return nil
	}
	return &CallError{Operation: operation, Problem: problem, Advice: "try again", kinds: []error{ErrReply, ErrTemporary}}
}

// lateReader makes its record reader with the first record, so that a call that is
// repeated after a login begins anew.
type lateReader struct {
	cursor *Cursor
	reader *recordReader
}

func (l *lateReader) take(s *scanner, t tag) error {
	if l.reader == nil {
		cu := l.cursor
		l.reader = newRecordReader(cu.tree, cu.records, cu.values, cu.text)
	}
	return l.reader.take(s, t)
}

func (l *lateReader) done() []Record {
	if l.reader == nil {
		return nil
	}
	records := l.reader.done()
	cu := l.cursor
	cu.records, cu.values, cu.text = len(records), len(l.reader.spans), l.reader.text.Len()
	return records
}

func (l *lateReader) dirty() int {
	if l.reader == nil {
		return 0
	}
	return l.reader.dirty
}

// All runs over all records, a page at a time. The error comes last, with a nil
// record. A record stays valid.
func (cu *Cursor) All(ctx context.Context) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		for {
			page, err := cu.Page(ctx)
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range page.Records {
				if !yield(&page.Records[i], nil) {
					return
				}
			}
		}
	}
}

// Count runs SELECT COUNT() FROM … and returns the number.
func (c *Client) Count(ctx context.Context, soql string) (int, error) {
	const operation = "query"
	records := &countReader{}
	q := &call{operation: operation, params: []Param{{"queryString", soql}}, scan: replyScan{take: "records", taker: records}}
	var v queryResult
	if _, err := c.call(ctx, q, &v); err != nil {
		return 0, err
	}
	page := Page{}
	if err := v.check(operation, &page, 0, true); err != nil {
		return 0, err
	}
	if records.n > 0 || !page.Done {
		return 0, fmt.Errorf("soap: count: the query is not of the form SELECT COUNT() FROM …")
	}
	return page.Size, nil
}

// countReader skips records.
type countReader struct{ n int }

func (r *countReader) take(s *scanner, t tag) error {
	r.n++
	return s.skipElement(t)
}
