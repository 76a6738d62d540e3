package store

import (
	"encoding/binary"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	bolt "go.etcd.io/bbolt"

	"ringdex/schema/name"
)

// snapshot is a read transaction that readers share. The store holds one reference to the latest one, each reader another.
//
// bbolt's transactions are for one goroutine, but a read-only one is only read once its buckets are open: its cursors keep
// their own state and its pages don't change. Cursors are made under mu, since that counts in the transaction.
type snapshot struct {
	store      *Store
	tx         *bolt.Tx
	refs       atomic.Int64
	epoch      uint64 // no other snapshot of the process has it
	generation Generation
	sequence   uint64
	tree       tree
	attrs      []AttrInfo
	counts     map[string]int
	total      int
	problems   int
	orders     map[uint16]byte // marks of the attributes that have one
	entries    *leaves         // nil: the tree's own cursors are used
	index      *leaves
	people     *leaves
	inside     *leaves
	long       bool // some word of a name may be longer than maxWord
	collation  name.Collation
	mu         sync.Mutex
	idle       sync.Pool // *Reader

	ranking sync.Mutex    // guards ranks
	ranks   []rankedOrder // the one asked for last at the end
}

func (s *Store) openSnapshot() (sn *snapshot, err error) {
	defer guard(&err)
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	last := s.current.Load()
	if last != nil && last.take() { // before the new transaction begins: its pages stay what they are
		defer last.drop()
	} else {
		last = &snapshot{}
	}
	tx, err := s.db.Begin(false)
	if err != nil {
		return nil, err
	}
	defer func() {
		if sn == nil {
			_ = tx.Rollback()
		}
	}()
	g, t, ok, err := openTree(tx)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrEmpty
	}
	attrs, err := readAttributes(t.attributes)
	if err != nil {
		return nil, err
	}
	counts, total, err := readCounts(t.counts)
	if err != nil {
		return nil, err
	}
	marks, err := orderMarks(t.orders)
	if err != nil {
		return nil, err
	}
	fresh := &snapshot{
		store: s, tx: tx, epoch: s.epochs.Add(1), generation: g, sequence: readUint64(tx.Bucket(bucketMeta), keySequence),
		tree: t, attrs: attrs, counts: counts, total: total,
		problems: int(readUint64(t.counts, keyProblems)), collation: t.collation(),
		orders: marks,
	}
	if t.inside != nil {
		k, _ := t.inside.Cursor().Seek([]byte{kindLongName})
		fresh.long = k != nil
	}
	if s.resident {
		m := imageOf(s.db, tx)
		fresh.entries = listLeaves(m, t.entries, packOrdinal, last.entries)
		fresh.index = listLeaves(m, t.index, packTerm, last.index)
		if t.people != nil {
			fresh.people = listLeaves(m, t.people, packTerm, last.people)
		}
		if t.inside != nil {
			fresh.inside = listLeaves(m, t.inside, packTerm, last.inside)
		}
	}
	fresh.refs.Store(1)
	return fresh, nil
}

// objectCountPrefix begins the keys of the counts bucket that count an object's entries.
const objectCountPrefix = "object:"

func countKey(object string) []byte { return []byte(objectCountPrefix + object) }

func readCounts(b *bolt.Bucket) (counts map[string]int, total int, err error) {
	counts = make(map[string]int)
	c := b.Cursor()
	prefix := []byte(objectCountPrefix)
	for k, v := c.Seek(prefix); len(k) > len(prefix) && string(k[:len(prefix)]) == objectCountPrefix; k, v = c.Next() {
		if len(v) != 8 {
			return nil, 0, fmt.Errorf("%w: count of %s", ErrCorrupt, k)
		}
		n := int(binary.BigEndian.Uint64(v))
		counts[string(k[len(prefix):])] = n
		total += n
	}
	return counts, total, nil
}

// take adds a reference unless the snapshot is already gone.
func (sn *snapshot) take() bool {
	for {
		n := sn.refs.Load()
		if n == 0 {
			return false
		}
		if sn.refs.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

func (sn *snapshot) drop() {
	if sn.refs.Add(-1) == 0 {
		_ = sn.tx.Rollback() // only fails on a transaction that is closed already
	}
}

// acquire returns the latest snapshot with a reference for the caller.
func (s *Store) acquire() (*snapshot, error) {
	for {
		if s.closed.Load() {
			return nil, ErrClosed
		}
		sn := s.current.Load()
		if sn != nil && sn.take() {
			return sn, nil
		}
		if sn != nil {
			continue // it was swapped just now
		}
		fresh, err := s.openSnapshot()
		if err != nil {
			return nil, s.wrap(err)
		}
		if !s.resident {
			return fresh, nil
		}
		fresh.refs.Store(2)
		if !s.current.CompareAndSwap(nil, fresh) {
			fresh.refs.Store(1)
			fresh.drop()
		} else {
			s.forgetIfClosed()
			return fresh, nil
		}
	}
}

// renew lets new readers see what was committed. The snapshot before it ends with its last reader. Without one, the
// next reader opens the latest.
func (s *Store) renew() {
	var fresh *snapshot
	if s.resident {
		var err error
		if fresh, err = s.openSnapshot(); err != nil {
			fresh = nil // the next Reader reports it
		}
	}
	if old := s.current.Swap(fresh); old != nil {
		old.drop()
	}
	s.forgetIfClosed()
}

// forget gives up the store's own reference to the latest snapshot.
func (s *Store) forget() {
	if last := s.current.Swap(nil); last != nil {
		last.drop()
	}
}

// forgetIfClosed is for whoever makes a snapshot the latest one: Close, which waits for its end, may have looked before.
func (s *Store) forgetIfClosed() {
	if s.closed.Load() {
		s.forget()
	}
}
