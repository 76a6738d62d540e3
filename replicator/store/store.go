package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"
	bolt "go.etcd.io/bbolt"

	"ringdex/schema"
	"ringdex/schema/name"
)

// Defaults of Options.
const (
	defaultTimeout   = time.Second
	defaultChangeLog = 100_000
)

// mappedBytes is the address space that is reserved for the file where that costs nothing. Growing a mapping waits for
// all readers and stops new ones, so that it must never happen; the file can't grow beyond it.
const mappedBytes = 64 << 30 >> (64 - strconv.IntSize) // where reservable says so: 64 GB

// Options of Open. The zero value opens a store to read and write.
type Options struct {
	ReadOnly  bool               // share the file with other readers; no writer may have it open
	Timeout   time.Duration      // how long to wait for the file's lock; default 1 s
	Log       logrus.FieldLogger // default: nothing is logged
	Clock     func() time.Time   // default time.Now
	Schema    *schema.Schema     // tells which attributes are searched by words; default: the built-in one
	ChangeLog int                // changes kept in the change log; default 100,000
	Collation name.Collation     // order of the entries from the next load on
	// Loading is called when a load begins, and done when it has ended: a load takes more memory than all the rest. Default: nothing.
	Loading func() (done func())
}

// Store is an open store file. Its methods are safe for concurrent use; writers wait for each other.
type Store struct {
	path     string
	options  Options
	db       *bolt.DB
	resident bool // a snapshot is kept open between readers
	current  atomic.Pointer[snapshot]
	epochs   atomic.Uint64 // counts snapshots
	closed   atomic.Bool
	damage   atomic.Pointer[error]
	writing  sync.Mutex // held by Apply and by the building of a generation
	mu       sync.Mutex // guards load
	load     *Load
}

// Open opens the store file, or creates it if there is none. Errors are ErrLocked, ErrForeign, ErrCorrupt and
// *FormatError, wrapped with the path and what to do, or those of the file system. A file that is refused isn't changed.
func Open(path string, o Options) (*Store, error) {
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.Log == nil {
		quiet := logrus.New()
		quiet.SetOutput(io.Discard)
		o.Log = quiet
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.ChangeLog == 0 {
		o.ChangeLog = defaultChangeLog
	}
	if o.Schema == nil {
		s, err := schema.New()
		if err != nil {
			return nil, fmt.Errorf("store: %w", err)
		}
		o.Schema = s
	}
	s := &Store{path: path, options: o, resident: reservable}
	if err := s.open(); err != nil {
		return nil, s.wrap(err)
	}
	return s, nil
}

// reservable says that address space beyond a file's end can be mapped without making the file larger.
const reservable = strconv.IntSize == 64 && runtime.GOOS != "windows"

func (s *Store) open() error {
	_, err := os.Stat(s.path)
	if errors.Is(err, os.ErrNotExist) && !s.options.ReadOnly {
		err = s.create()
	}
	if err != nil {
		return err
	}
	// First look at it without the right to write: a file that isn't ours stays as it is.
	if err := inspect(s.path); err != nil {
		return err
	}
	db, err := openBolt(s.path, &bolt.Options{ReadOnly: true, Timeout: s.options.Timeout})
	if err != nil {
		return err
	}
	err = checkFormat(db, s.path)
	if err == nil && !s.options.ReadOnly {
		err = inspectPages(s.path)
	}
	if err != nil || s.options.ReadOnly {
		if err != nil {
			_ = db.Close() // the first error counts
			return err
		}
		s.db = db
		return nil
	}
	if err := db.Close(); err != nil {
		return err
	}
	if s.db, err = openBolt(s.path, &bolt.Options{Timeout: s.options.Timeout}); err != nil {
		return err
	}
	return nil
}

// openBolt opens a file with the options that every file of ours has. bbolt panics at some damages.
func openBolt(path string, o *bolt.Options) (db *bolt.DB, err error) {
	defer guard(&err)
	o.FreelistType = bolt.FreelistMapType
	o.NoStatistics = true
	if reservable {
		o.InitialMmapSize = mappedBytes
		if !o.ReadOnly {
			o.MaxSize = mappedBytes - 1<<30
		}
	}
	db, err = bolt.Open(path, 0o600, o)
	if reservable && err != nil && errors.Is(err, errNoMemory) {
		// An address space limit (ulimit -v, some containers): make do with less.
		o.InitialMmapSize, o.MaxSize = mappedBytes>>4, mappedBytes>>4-1<<30
		db, err = bolt.Open(path, 0o600, o)
	}
	return db, err
}

// create makes an empty store under another name first, so that a file under the store's name is always a whole one.
func (s *Store) create() error {
	if _, err := os.Stat(filepath.Dir(s.path)); err != nil {
		return err
	}
	fresh := s.path + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	db, err := openBolt(fresh, &bolt.Options{Timeout: s.options.Timeout})
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bolt.Tx) error {
		meta, err := tx.CreateBucket(bucketMeta)
		if err != nil {
			return err
		}
		for _, name := range [][]byte{bucketObjects, bucketBlobs, bucketChanges, bucketGraves} {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return meta.Put(keyFormat, []byte(strconv.Itoa(Format)))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		return errors.Join(err, os.Remove(fresh))
	}
	// A link never replaces a file that came in between; not every file system has links.
	if err := os.Link(fresh, s.path); err == nil || errors.Is(err, os.ErrExist) {
		return os.Remove(fresh)
	}
	return os.Rename(fresh, s.path)
}

// checkFormat refuses files of others and of other versions.
func checkFormat(db *bolt.DB, path string) (err error) {
	defer guard(&err)
	return db.View(func(tx *bolt.Tx) error {
		meta := tx.Bucket(bucketMeta)
		if meta == nil {
			return fmt.Errorf("%w: a bbolt file, but without ringdex's meta data", ErrForeign)
		}
		v := string(meta.Get(keyFormat))
		n, err := strconv.Atoi(v)
		if err != nil {
			return fmt.Errorf("%w: format %q", ErrCorrupt, v)
		}
		if n != Format {
			return &FormatError{Path: path, Got: n, Want: Format}
		}
		return nil
	})
}

// Close waits for the writer and for the readers, then closes the file. A load in progress keeps its staging file.
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	s.mu.Lock()
	load := s.load
	s.mu.Unlock()
	var err error
	if load != nil {
		err = load.Close()
	}
	s.forget()
	s.writing.Lock()
	defer s.writing.Unlock()
	return errors.Join(err, s.db.Close())
}

// Path of the file.
func (s *Store) Path() string { return s.path }

// Size of the file in bytes.
func (s *Store) Size() (int64, error) {
	info, err := os.Stat(s.path)
	if err != nil {
		return 0, fmt.Errorf("store: %w", err)
	}
	return info.Size(), nil
}

// Damage returns the first damage that a reader met, nil if there was none: lookups go on with what is readable.
func (s *Store) Damage() error {
	if p := s.damage.Load(); p != nil {
		return *p
	}
	return nil
}

// damaged keeps the first damage and logs it.
func (s *Store) damaged(e any) {
	err := s.wrap(fmt.Errorf("%w: %v", ErrCorrupt, e))
	if s.damage.CompareAndSwap(nil, &err) {
		s.options.Log.WithField("store", s.path).WithError(err).Error("store is damaged")
	}
}

// update runs a write transaction and lets readers see it.
func (s *Store) update(f func(tx *bolt.Tx) error) error {
	if err := s.write(f); err != nil {
		return err
	}
	s.renew()
	return nil
}

// write runs a write transaction that readers needn't see yet.
func (s *Store) write(f func(tx *bolt.Tx) error) (err error) {
	if s.closed.Load() {
		return ErrClosed
	}
	if s.options.ReadOnly {
		return ErrReadOnly
	}
	defer func() { err = s.wrap(err) }()
	return safely(func() error { return s.db.Update(f) })
}

// view runs a read transaction.
func (s *Store) view(f func(tx *bolt.Tx) error) (err error) {
	if s.closed.Load() {
		return ErrClosed
	}
	defer func() { err = s.wrap(err) }()
	return safely(func() error { return s.db.View(f) })
}

// safely turns what bbolt panics at on a damaged file, and faults of its memory map, into ErrCorrupt.
func safely(f func() error) (err error) {
	defer guard(&err)
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	return f()
}

// guard is safely for a function that defers it.
func guard(err *error) {
	if e := recover(); e != nil {
		*err = fmt.Errorf("%w: %v", ErrCorrupt, e)
	}
}

// wrap adds the path, and what to do, to an error of the file.
func (s *Store) wrap(err error) error { return explain(s.path, err) }

// Collation is the order of the entries from the next load on; see Reader.Collation for the one served.
func (s *Store) Collation() name.Collation { return s.options.Collation }
