package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"ringdex/schema/name"
)

// Changes is what a load changes in an object against the generation served.
type Changes struct{ Added, Changed, Deleted, Unchanged, Duplicates int }

// Progress is told what a commit is doing: sort, compare, entries, index. It may be nil. total is 0 where it isn't known.
type progressFunc func(stage string, done, total int)

// progressStep is how many records pass between two calls.
const progressStep = 10_000

// place says where an entry lies: page and offset in the staging file, or, with placeServed, an ordinal of the
// generation served.
type place uint64

const placeServed place = 1 << 63

func stagedPlace(page uint32, offset int) place { return place(page)<<32 | place(offset) }

// prepared is a load that was sorted.
type prepared struct {
	generation Generation // served at that time, with its sequence: another one makes this stale
	sequence   uint64
	order      *sorter // collation key → Id, place
	total      int
	counts     map[string]int
	changes    map[string]Changes
	log        []Change
	overflow   bool // more changes than the log takes
}

// Prepare sorts what was put, finds repeated Ids, and compares the rest with the generation served: Changes has the
// result. Nothing of the store is written. Commit calls it if nobody did, or if a delta came in between.
func (l *Load) Prepare(ctx context.Context, progress func(stage string, done, total int)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.prepare(ctx, progress)
}

func (l *Load) unprepare() {
	if l.prepared != nil {
		_ = l.prepared.order.close() // a temporary file
		l.prepared, l.changes = nil, nil
	}
}

// Changes returns what the load changes in an object: zero before Prepare. An object that is no longer in the plan
// is deleted.
func (l *Load) Changes(object string) Changes {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.changes[object]
}

func (l *Load) prepare(ctx context.Context, progress progressFunc) error {
	if l.db == nil {
		return ErrClosed
	}
	l.unprepare()
	if progress == nil {
		progress = func(string, int, int) {}
	}
	p := &prepared{order: newSorter(l.s.path), counts: map[string]int{}, changes: map[string]Changes{}}
	err := l.db.View(func(staged *bolt.Tx) error {
		return l.s.view(func(tx *bolt.Tx) error {
			c := &comparison{ctx: ctx, l: l, p: p, pages: staged.Bucket(bucketPages), progress: progress}
			return c.run(tx)
		})
	})
	if err != nil {
		return errors.Join(fmt.Errorf("store: prepare the load: %w", err), p.order.close())
	}
	l.prepared, l.changes = p, p.changes
	return nil
}

// comparison is one Prepare at work.
type comparison struct {
	ctx      context.Context
	l        *Load
	p        *prepared
	pages    *bolt.Bucket
	progress progressFunc

	served     *tree
	attrs      []AttrInfo
	compatible bool
	graves     *bolt.Cursor
	ids        *bolt.Cursor // of the generation served, walked in step with the sorted Ids
	id, ord    []byte
}

func (c *comparison) run(tx *bolt.Tx) (err error) {
	g, t, ok, err := openTree(tx)
	if err != nil {
		return err
	}
	c.p.generation, c.p.sequence = g, readUint64(tx.Bucket(bucketMeta), keySequence)
	c.graves = tx.Bucket(bucketGraves).Cursor()
	if ok {
		c.served = &t
		if c.attrs, err = readAttributes(t.attributes); err != nil {
			return err
		}
		c.compatible = c.l.attrs.compatible(c.attrs)
		c.ids = t.ids.Cursor()
		c.id, c.ord = c.ids.First()
	}
	byID := newSorter(c.l.s.path)
	defer func() { err = errors.Join(err, byID.close()) }()
	if err := c.gather(byID); err != nil {
		return err
	}
	return c.compare(byID)
}

// dropResident gives back what was read of the staging file, and of the generation served, which is read in another order than it
// lies in.
func (c *comparison) dropResident() {
	dropResident(c.l.db.Path())
	if c.served != nil {
		dropResident(c.l.s.path)
	}
}

// gather sorts all entries by Id, the winner of each first: newest stamp, then latest place.
func (c *comparison) gather(byID *sorter) error {
	done := 0
	add := func(v *View, at place) error {
		if done++; done%residentStep == 0 {
			c.dropResident()
		}
		if done%progressStep == 0 {
			c.progress("sort", done, 0)
			if err := c.ctx.Err(); err != nil {
				return err
			}
		}
		var key [idLength + 16]byte
		copy(key[:], v.ID())
		binary.BigEndian.PutUint64(key[idLength:], ^(uint64(v.micros()) ^ 1<<63))
		binary.BigEndian.PutUint64(key[idLength+8:], ^uint64(at))
		return byID.add(key[:], nil)
	}
	err := c.pages.ForEach(func(k, blob []byte) error {
		page := binary.BigEndian.Uint32(k)
		for rest := blob; len(rest) > 0; {
			offset := len(blob) - len(rest)
			data, next, ok := stagedEntry(rest)
			v, ok2 := openView(data, c.l.attrs.list)
			if !ok || !ok2 {
				return fmt.Errorf("%w: staged page %d", ErrCorrupt, page)
			}
			rest = next
			if c.l.objects[string(v.object)].Keep {
				continue
			}
			if err := add(&v, stagedPlace(page, offset)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || c.served == nil {
		return err
	}
	for object, state := range c.l.objects {
		if !state.Keep {
			continue
		}
		p := postings{}
		for p.open(c.served.index.Cursor(), appendTerm(nil, kindObject, appendLower(nil, []byte(object))), 0); p.ok; p.next() {
			v, ok := openView(c.served.entries.Get(appendOrdinal(nil, p.ord)), c.attrs)
			if !ok {
				return fmt.Errorf("%w: entry %d", ErrCorrupt, p.ord)
			}
			if err := add(&v, placeServed|place(p.ord)); err != nil {
				return err
			}
		}
	}
	return nil
}

// stagedEntry splits the first entry off a page.
func stagedEntry(blob []byte) (data, rest []byte, ok bool) {
	n, w := uvarint(blob)
	if w <= 0 || n > uint64(len(blob)-w) {
		return nil, nil, false
	}
	return blob[w : w+int(n)], blob[w+int(n):], true
}

// compare walks the sorted Ids and those served side by side.
func (c *comparison) compare(byID *sorter) error {
	records, err := byID.sorted()
	if err != nil {
		return err
	}
	var last [idLength]byte
	done := 0
	for {
		key, _, ok, err := records.next()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		if done++; done%residentStep == 0 {
			c.dropResident()
		}
		if done%progressStep == 0 {
			c.progress("compare", done, byID.count)
			if err := c.ctx.Err(); err != nil {
				return err
			}
		}
		at := place(^binary.BigEndian.Uint64(key[idLength+8:]))
		v, err := c.open(at)
		if err != nil {
			return err
		}
		if string(key[:idLength]) == string(last[:]) {
			change := c.p.changes[string(v.object)]
			change.Duplicates++
			c.p.changes[string(v.object)] = change
			continue
		}
		copy(last[:], key)
		if err := c.winner(&v, at); err != nil {
			return err
		}
	}
	return c.gone(nil)
}

func (c *comparison) open(at place) (View, error) {
	if at&placeServed != 0 {
		if v, ok := openView(c.served.entries.Get(appendOrdinal(nil, uint32(at))), c.attrs); ok {
			return v, nil
		}
		return View{}, fmt.Errorf("%w: entry %d", ErrCorrupt, uint32(at))
	}
	data, ok := readStaged(c.pages, at)
	v, ok2 := openView(data, c.l.attrs.list)
	if !ok || !ok2 {
		return View{}, fmt.Errorf("%w: staged entry %x", ErrCorrupt, uint64(at))
	}
	return v, nil
}

func readStaged(pages *bolt.Bucket, at place) (data []byte, ok bool) {
	blob := pages.Get(binary.BigEndian.AppendUint32(nil, uint32(at>>32)))
	if int(uint32(at)) >= len(blob) {
		return nil, false
	}
	data, _, ok = stagedEntry(blob[uint32(at):])
	return data, ok
}

// gone reports the served Ids before id as deleted, all that are left for nil.
func (c *comparison) gone(id []byte) error {
	for c.id != nil && (id == nil || string(c.id) < string(id)) {
		v, ok := openView(c.served.entries.Get(c.ord), c.attrs)
		if !ok {
			return fmt.Errorf("%w: entry of %s", ErrCorrupt, c.id)
		}
		c.count(Deleted, &v)
		c.id, c.ord = c.ids.Next()
	}
	return nil
}

// winner compares the entry that will stand for its Id with the one served.
func (c *comparison) winner(v *View, at place) error {
	if err := c.gone(v.ID()); err != nil {
		return err
	}
	// A delta may have been applied since the load began: what it brought is not older.
	if at&placeServed == 0 {
		if k, stamp := c.graves.Seek(v.ID()); string(k) == string(v.ID()) && graveStamp(stamp) >= v.micros() {
			return nil
		}
	}
	kind := Added
	if string(c.id) == string(v.ID()) {
		old, ok := openView(c.served.entries.Get(c.ord), c.attrs)
		if !ok {
			return fmt.Errorf("%w: entry of %s", ErrCorrupt, c.id)
		}
		kind = Changed
		if old.micros() > v.micros() {
			*v, at = old, placeServed|place(binary.BigEndian.Uint32(c.ord))
			kind = 0
		} else if at&placeServed != 0 || c.same(&old, v) {
			kind = 0
		}
		c.id, c.ord = c.ids.Next()
	}
	c.count(kind, v)
	c.p.total++
	c.p.counts[string(v.object)]++
	var value [idLength + 8]byte
	copy(value[:], v.ID())
	binary.BigEndian.PutUint64(value[idLength:], uint64(at))
	return c.p.order.add(sortKey(v, c.l.s.options.Collation), value[:])
}

// same says whether two entries differ in nothing but the stamp.
func (c *comparison) same(old, v *View) bool {
	if c.compatible {
		return string(old.content()) == string(v.content())
	}
	return sameEntry(old, v)
}

func sameEntry(a, b *View) bool {
	if string(a.object) != string(b.object) {
		return false
	}
	i, j := a.Values(), b.Values()
	for {
		more := i.Next()
		if more != j.Next() {
			return false
		}
		if !more {
			return true
		}
		if i.attr.Name != j.attr.Name || string(i.text) != string(j.text) || string(i.original) != string(j.original) ||
			string(i.keys) != string(j.keys) {
			return false
		}
	}
}

func (c *comparison) count(kind ChangeKind, v *View) {
	change := c.p.changes[string(v.object)]
	switch kind {
	case Added:
		change.Added++
	case Changed:
		change.Changed++
	case Deleted:
		change.Deleted++
	default:
		change.Unchanged++
	}
	c.p.changes[string(v.object)] = change
	if kind == 0 || c.p.overflow {
		return
	}
	if len(c.p.log) >= min(maxLoadChanges, c.l.s.options.ChangeLog) {
		c.p.log, c.p.overflow = nil, true
		return
	}
	c.p.log = append(c.p.log, Change{Kind: kind, Object: v.Object(), ID: string(v.ID())})
}

// maxLoadChanges bounds the changes of a load that are logged one by one.
const maxLoadChanges = 10_000

// displayNames are the attributes that name an entry in a list: the first of them that it has.
var displayNames = [...]string{"displayName", "cn", "o", "sn", "mail"}

// maxSortKey bounds a sort key: names that are alike for so long may stand in any order.
const maxSortKey = 240

// sortKey orders entries: by the collation key of the display name, those without one last.
func sortKey(v *View, c name.Collation) []byte {
	for _, n := range displayNames {
		if text := v.First(n); len(text) > 0 {
			return cut(c.AppendKey([]byte{0}, text), maxSortKey)
		}
	}
	return []byte{1}
}
