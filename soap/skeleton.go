package soap

import (
	"context"
	"errors"
	"iter"
	"time"
)

var (
	ErrCredentials = errors.New("soap: credentials refused")
	ErrSession     = errors.New("soap: session ended")
	ErrLocator     = errors.New("soap: query locator lost")
	ErrLimit       = errors.New("soap: request limit exceeded")
	ErrTemporary   = errors.New("soap: temporarily unavailable")
	ErrQuery       = errors.New("soap: query refused")
	ErrReply       = errors.New("soap: unusable reply")
	ErrHost        = errors.New("soap: host not allowed")
	ErrTLS         = errors.New("soap: TLS")
	ErrLoginEnded  = errors.New("soap: login() is not available")
	errSkeleton    = errors.New("soap: not yet")
)

func Hint(err error) string { return "" }

// Fault is a SOAP fault.
type Fault struct {
	Operation, Code, Message string
	Row, Column, Status      int
}

func (f *Fault) Error() string { return "soap: " + f.Code + ": " + f.Message }

func LoginEnds() time.Time { return time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC) }

func (l SOAPLogin) Login(ctx context.Context, c *Caller) (Session, error) {
	return Session{}, errSkeleton
}

type Client struct{}

func New(o Options) (*Client, error)                             { return &Client{}, nil }
func (c *Client) Login(ctx context.Context) (Session, error)     { return Session{}, errSkeleton }
func (c *Client) Reset()                                         {}
func (c *Client) Logout(ctx context.Context) error               { return errSkeleton }
func (c *Client) UserInfo(ctx context.Context) (UserInfo, error) { return UserInfo{}, errSkeleton }
func (c *Client) ServerTimestamp(ctx context.Context) (time.Time, error) {
	return time.Time{}, errSkeleton
}
func (c *Client) DescribeGlobal(ctx context.Context) ([]ObjectInfo, error) { return nil, errSkeleton }
func (c *Client) DescribeObjects(ctx context.Context, names ...string) ([]ObjectDescription, error) {
	return nil, errSkeleton
}
func (c *Client) Query(ctx context.Context, soql string, o QueryOptions) *Cursor { return &Cursor{} }
func (c *Client) Count(ctx context.Context, soql string) (int, error)            { return 0, errSkeleton }
func (c *Client) Deleted(ctx context.Context, object string, from, to time.Time) (DeletedResult, error) {
	return DeletedResult{}, errSkeleton
}
func (c *Client) Updated(ctx context.Context, object string, from, to time.Time) (UpdatedResult, error) {
	return UpdatedResult{}, errSkeleton
}
func (c *Client) Limits() (current, limit int, ok bool) { return 0, 0, false }
func (c *Client) Usage() Usage                          { return Usage{} }

// Usage counts what a Client has done since New.
type Usage struct {
	Calls, Logins     int64
	BytesOut, BytesIn int64
}

// QueryOptions of one query.
type QueryOptions struct {
	All       bool
	BatchSize int
}

// Cursor reads a query's records page by page.
type Cursor struct{}

// Page is one page of records.
type Page struct {
	Records     []Record
	Done        bool
	Size        int
	Quarantined int
}

func (cu *Cursor) Page(ctx context.Context) (Page, error) { return Page{}, errSkeleton }
func (cu *Cursor) All(ctx context.Context) iter.Seq2[*Record, error] {
	return func(func(*Record, error) bool) {}
}

// Record is one record.
type Record struct {
	Type string
	ID   ID
}

// FieldValue is one field of a record.
type FieldValue struct {
	Path, Value      string
	Nil, Quarantined bool
}

func (r *Record) Field(path string) string                              { return "" }
func (r *Record) Lookup(path string) (value string, null, present bool) { return "", false, false }
func (r *Record) Fields() []FieldValue                                  { return nil }
