package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	bolt "go.etcd.io/bbolt"

	"ringdex/schema"
)

const (
	stagingSuffix = ".staging"
	tempMark      = ".sort-*"
)

// Buckets and keys of a staging file. FORMAT.md describes them.
var (
	bucketStaging = []byte("ringdex-staging")
	bucketPages   = []byte("pages")
	bucketLoads   = []byte("loads")
	keyPlan       = []byte("plan")
)

// LoadPlan says what a full load brings.
type LoadPlan struct {
	Objects     []string // every object that the new generation shall hold
	Fingerprint string   // of mapping and fields: an unfinished load with another one is thrown away
}

// stagedPlan is the plan as the staging file has it.
type stagedPlan struct {
	Objects     []string   `json:"objects"`
	Fingerprint string     `json:"fingerprint"`
	Generation  Generation `json:"generation"` // served when the load began: it replaces no other
}

// stagedObject is the state of an object's load.
type stagedObject struct {
	Checkpoint Checkpoint `json:"checkpoint"`
	Rows       int        `json:"rows"`
	Keep       bool       `json:"keep,omitempty"`
}

// Load is a full load in progress: a staging file beside the store. Put may be called from several goroutines.
type Load struct {
	s        *Store
	db       *bolt.DB
	plan     stagedPlan
	mu       sync.Mutex
	attrs    *attributes
	objects  map[string]stagedObject
	prepared *prepared
	changes  map[string]Changes
	done     func() // Options.Loading's
}

// BeginLoad resumes an unfinished load of the same plan, if the generation served is still the one that it began with, or
// begins a new one. There is one at a time. The generation before the one served is removed.
func (s *Store) BeginLoad(p LoadPlan) (*Load, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.load != nil {
		return nil, errors.New("store: a load is in progress")
	}
	for _, o := range p.Objects {
		if o == "" || len(o) > maxObjectName {
			return nil, fmt.Errorf("store: object name %q", o)
		}
	}
	if err := s.dropTrees(); err != nil {
		return nil, fmt.Errorf("store: remove the previous generation: %w", err)
	}
	if err := removeTemporary(s.path); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	meta, err := s.Meta()
	if err != nil {
		return nil, err
	}
	plan := stagedPlan{Objects: slices.Sorted(slices.Values(p.Objects)), Fingerprint: p.Fingerprint, Generation: meta.Generation}
	l, err := s.resumeLoad(plan)
	if err != nil {
		s.options.Log.WithError(err).Info("store: the unfinished load can't be resumed; it begins anew")
	}
	if l == nil {
		if l, err = s.newLoad(plan); err != nil {
			return nil, explain(s.path+stagingSuffix, err)
		}
	}
	if l.done = func() {}; s.options.Loading != nil {
		l.done = s.options.Loading()
	}
	s.load = l
	return l, nil
}

// maxObjectName bounds what becomes a key. Salesforce allows 40 characters, and a namespace.
const maxObjectName = 255

// dropTrees removes every generation but the one served: the one before it, and those that were never finished. Their room is there for
// the load: what a transaction frees stays taken while a reader sees that transaction, so the latest snapshot becomes that of
// another one, which changes nothing.
func (s *Store) dropTrees() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	var old []uint64
	if err := s.view(func(tx *bolt.Tx) error {
		old = unserved(tx)
		return nil
	}); err != nil || len(old) == 0 {
		return err
	}
	err := s.write(func(tx *bolt.Tx) error {
		for _, n := range unserved(tx) {
			if err := tx.DeleteBucket(treeBucket(n)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.update(func(*bolt.Tx) error { return nil })
}

func unserved(tx *bolt.Tx) []uint64 {
	served := readUint64(tx.Bucket(bucketMeta), keyTree)
	return slices.DeleteFunc(trees(tx), func(n uint64) bool { return n == served })
}

// removeTemporary removes what a killed process left of its sorting, where open files can't be removed.
func removeTemporary(path string) error {
	left, err := filepath.Glob(globEscape(path) + tempMark)
	for _, f := range left {
		err = errors.Join(err, os.Remove(f))
	}
	return err
}

// globEscape quotes what a pattern would read otherwise.
func globEscape(path string) string {
	var b []byte
	for i := range len(path) {
		if c := path[i]; c == '*' || c == '?' || c == '[' || c == '\\' && filepath.Separator != '\\' {
			b = append(b, '\\')
		}
		b = append(b, path[i])
	}
	return string(b)
}

// resumeLoad opens the staging file, nil if there is none for this plan.
func (s *Store) resumeLoad(plan stagedPlan) (l *Load, err error) {
	path := s.path + stagingSuffix
	if _, err := os.Stat(path); err != nil {
		return nil, nil
	}
	if err := inspect(path); err != nil {
		return nil, err
	}
	if err := inspectPages(path); err != nil {
		return nil, err
	}
	db, err := openBolt(path, stagingOptions(s))
	if err != nil {
		return nil, err
	}
	l = &Load{s: s, db: db, objects: map[string]stagedObject{}}
	err = safely(func() error { return db.View(l.read) })
	if err != nil || l.plan.Fingerprint != plan.Fingerprint || l.plan.Generation != plan.Generation ||
		!slices.Equal(l.plan.Objects, plan.Objects) {
		return nil, errors.Join(err, db.Close())
	}
	return l, nil
}

func stagingOptions(s *Store) *bolt.Options {
	return &bolt.Options{Timeout: s.options.Timeout, NoFreelistSync: true}
}

// read loads the state from the staging file.
func (l *Load) read(tx *bolt.Tx) error {
	meta, attrs, loads := tx.Bucket(bucketStaging), tx.Bucket(bucketAttributes), tx.Bucket(bucketLoads)
	if meta == nil || attrs == nil || loads == nil || tx.Bucket(bucketPages) == nil || tx.Bucket(bucketProblems) == nil {
		return fmt.Errorf("%w: no staging file", ErrForeign)
	}
	if v := string(meta.Get(keyFormat)); v != strconv.Itoa(Format) {
		return fmt.Errorf("store: staging file has format %q", v)
	}
	if err := json.Unmarshal(meta.Get(keyPlan), &l.plan); err != nil {
		return fmt.Errorf("%w: plan: %w", ErrCorrupt, err)
	}
	list, err := readAttributes(attrs)
	if err != nil {
		return err
	}
	l.attrs = newAttributes(l.s.options.Schema, list)
	return loads.ForEach(func(k, v []byte) error {
		var o stagedObject
		if err := json.Unmarshal(v, &o); err != nil {
			return fmt.Errorf("%w: state of %s: %w", ErrCorrupt, k, err)
		}
		l.objects[string(k)] = o
		return nil
	})
}

// newLoad makes an empty staging file in place of what is there.
func (s *Store) newLoad(plan stagedPlan) (*Load, error) {
	if s.options.ReadOnly {
		return nil, ErrReadOnly
	}
	path := s.path + stagingSuffix
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	// The table begins as the served one's, so that equal entries are equal bytes.
	var list []AttrInfo
	if err := s.view(func(tx *bolt.Tx) error {
		_, t, ok, err := openTree(tx)
		if err != nil || !ok {
			return err
		}
		list, err = readAttributes(t.attributes)
		return err
	}); err != nil {
		return nil, err
	}
	db, err := openBolt(path, stagingOptions(s))
	if err != nil {
		return nil, err
	}
	l := &Load{s: s, db: db, plan: plan, objects: map[string]stagedObject{}, attrs: newAttributes(s.options.Schema, nil)}
	l.attrs.take(list)
	err = db.Update(func(tx *bolt.Tx) error {
		for _, name := range [][]byte{bucketStaging, bucketAttributes, bucketLoads, bucketPages, bucketProblems} {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		text, err := json.Marshal(plan)
		if err != nil {
			return err
		}
		meta := tx.Bucket(bucketStaging)
		return errors.Join(meta.Put(keyPlan, text), meta.Put(keyFormat, []byte(strconv.Itoa(Format))),
			l.attrs.save(tx.Bucket(bucketAttributes)))
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	l.attrs.stored = len(l.attrs.list)
	return l, nil
}

// Checkpoint of an object: where to go on. It is zero before the first Put.
func (l *Load) Checkpoint(object string) Checkpoint {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.objects[object].Checkpoint
}

// Put stores a page of an object's entries with the checkpoint after it, in one transaction. The same entries may be
// put again: by Id, the newer stamp wins, of equal ones the later page.
func (l *Load) Put(object string, page []schema.Entry, cp Checkpoint) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.db == nil {
		return ErrClosed
	}
	if !slices.Contains(l.plan.Objects, object) {
		return fmt.Errorf("store: %s is not in the load's plan", object)
	}
	blob := make([]byte, 0, 600*len(page))
	var enc []byte
	var err error
	for i := range page {
		if page[i].Object != object {
			return fmt.Errorf("store: an entry of %s among those of %s", page[i].Object, object)
		}
		if enc, err = appendEntry(enc[:0], &page[i], l.attrs); err != nil {
			return fmt.Errorf("store: put %s %s: %w", object, page[i].ID, err)
		}
		blob = binary.AppendUvarint(blob, uint64(len(enc)))
		blob = append(blob, enc...)
	}
	state := l.objects[object]
	state.Checkpoint, state.Keep = cp, false
	state.Rows += len(page)
	return l.stage(object, state, blob)
}

// Keep takes over the entries of an object from the generation served, as they are when the load is committed.
func (l *Load) Keep(object string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.db == nil {
		return ErrClosed
	}
	if !slices.Contains(l.plan.Objects, object) {
		return fmt.Errorf("store: %s is not in the load's plan", object)
	}
	state := l.objects[object]
	state.Keep = true
	return l.stage(object, state, nil)
}

// stage writes a page and an object's state.
func (l *Load) stage(object string, state stagedObject, blob []byte) error {
	text, err := json.Marshal(state)
	if err != nil {
		return err
	}
	l.unprepare()
	var n uint64
	err = safely(func() error {
		return l.db.Update(func(tx *bolt.Tx) error {
			if len(blob) > 0 {
				pages := tx.Bucket(bucketPages)
				pages.FillPercent = 1
				var err error
				n, err = pages.NextSequence()
				if err != nil {
					return err
				}
				if err := pages.Put(binary.BigEndian.AppendUint32(nil, uint32(n)), blob); err != nil {
					return err
				}
			}
			return errors.Join(l.attrs.save(tx.Bucket(bucketAttributes)), tx.Bucket(bucketLoads).Put([]byte(object), text))
		})
	})
	if err != nil {
		return explain(l.s.path+stagingSuffix, fmt.Errorf("store: stage %s: %w", object, err))
	}
	if n%residentPages == 0 {
		dropResident(l.db.Path())
	}
	l.attrs.stored = len(l.attrs.list)
	l.objects[object] = state
	return nil
}

// Counts returns how many rows were put for an object, and how many of them repeat an Id: known after Prepare, 0 before.
func (l *Load) Counts(object string) (rows, duplicates int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.objects[object].Rows, l.changes[object].Duplicates
}

// Report adds number problems to those of the new generation. An Id's later report replaces its earlier one.
func (l *Load) Report(p []NumberProblem) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.db == nil {
		return ErrClosed
	}
	err := safely(func() error {
		return l.db.Update(func(tx *bolt.Tx) error { return putProblems(tx.Bucket(bucketProblems), tx.Bucket(bucketStaging), p) })
	})
	return explain(l.s.path+stagingSuffix, err)
}

// Discard ends the load and removes its staging file.
func (l *Load) Discard() error {
	path := l.s.path + stagingSuffix
	err := l.Close()
	if rm := os.Remove(path); rm != nil && !errors.Is(rm, os.ErrNotExist) {
		err = errors.Join(err, fmt.Errorf("store: %w", rm))
	}
	return err
}

// Close ends the load and keeps its staging file, so that BeginLoad resumes it.
func (l *Load) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.db == nil {
		return nil
	}
	l.unprepare()
	err := l.db.Close()
	l.db = nil
	l.done()
	l.s.mu.Lock()
	if l.s.load == l {
		l.s.load = nil
	}
	l.s.mu.Unlock()
	return err
}
