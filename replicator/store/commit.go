package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	bolt "go.etcd.io/bbolt"

	"ringdex/schema/name"
)

// ordinalGap is the distance between the ordinals of a load: room for the entries that deltas put between. A wider gap
// makes longer posting lists.
const ordinalGap = 16

// Commit builds the new generation and switches to it, in one transaction, with the checkpoints of its objects. The
// generation before stays for the readers that have it until the next load begins. An interrupted Commit changes
// nothing that is served and may be called again, after BeginLoad even in another process. After success the load is
// closed. Apply waits meanwhile.
func (l *Load) Commit(ctx context.Context, progress func(stage string, done, total int)) (Generation, error) {
	g, err := l.commit(ctx, progress)
	if err != nil {
		return 0, err
	}
	return g, l.Discard()
}

func (l *Load) commit(ctx context.Context, progress progressFunc) (g Generation, err error) {
	if progress == nil {
		progress = func(string, int, int) {}
	}
	s := l.s
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.db == nil {
		return 0, ErrClosed
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	meta, err := s.Meta()
	if err != nil {
		return 0, err
	}
	if p := l.prepared; p == nil || p.generation != meta.Generation || p.sequence != meta.Sequence {
		if err := l.prepare(ctx, progress); err != nil {
			return 0, err
		}
	}
	defer func() {
		if err != nil {
			b := s.write(func(*bolt.Tx) error {
				s.db.NoFreelistSync = false
				return nil
			})
			if b != nil {
				s.options.Log.WithError(b).Warn("store: the next start takes longer")
			}
		}
	}()
	b := &build{l: l, s: s, p: l.prepared, progress: progress}
	err = safely(func() error {
		return l.db.View(func(staged *bolt.Tx) error {
			b.pages = staged.Bucket(bucketPages)
			return b.run(ctx, staged)
		})
	})
	if err != nil {
		return 0, s.wrap(fmt.Errorf("store: build a generation: %w", err))
	}
	err = s.update(func(tx *bolt.Tx) error {
		s.db.NoFreelistSync = false
		var err error
		g, err = b.switchTo(tx)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("store: switch to a generation: %w", err)
	}
	l.unprepare()
	l.changes = b.p.changes
	return g, nil
}

// build writes one generation.
type build struct {
	l        *Load
	s        *Store
	p        *prepared
	pages    *bolt.Bucket
	staged   *stagedFile
	progress progressFunc
	number   uint64 // of its bucket
	served   []AttrInfo

	out    *bulk
	ids    *sorter // Id → ordinal
	gather *gatherer
	orders *orderGatherer
}

func (b *build) run(ctx context.Context, staged *bolt.Tx) (err error) {
	if err := b.begin(); err != nil {
		return err
	}
	// What a delta has added to the served table since the load began comes first: the goroutines of the build go by one table.
	for i := range b.served {
		if _, err := b.l.attrs.index(b.served[i].Name); err != nil {
			return err
		}
	}
	path := b.s.path
	b.ids, b.gather = newSorter(path), newGatherer(path)
	b.orders = newOrderGatherer(path, b.l.attrs.list, b.s.options.Collation)
	b.out = &bulk{s: b.s, ctx: ctx, tree: b.number}
	defer func() {
		b.out.abort()
		err = errors.Join(err, b.ids.close(), b.gather.close(), b.orders.close())
	}()
	if err := b.entries(); err != nil {
		return err
	}
	if err := b.lists(); err != nil {
		return err
	}
	return b.rest(staged)
}

// begin makes the buckets, in place of those of an interrupted attempt.
func (b *build) begin() error {
	return b.s.write(func(tx *bolt.Tx) error {
		// While building, the free list isn't written with every transaction: it is long after a generation was removed.
		// The field is read by transactions that write, so it is set in one.
		b.s.db.NoFreelistSync = true
		for _, n := range unserved(tx) {
			if n > readUint64(tx.Bucket(bucketMeta), keyTree) {
				if err := tx.DeleteBucket(treeBucket(n)); err != nil {
					return err
				}
			}
		}
		_, t, ok, err := openTree(tx)
		if err != nil {
			return err
		}
		if ok {
			if b.served, err = readAttributes(t.attributes); err != nil {
				return err
			}
		}
		b.number = readUint64(tx.Bucket(bucketMeta), keyTree) + 1
		return createTree(tx, b.number)
	})
}

// entries writes the entries in the order of their names and gathers their terms.
func (b *build) entries() (err error) {
	records, err := b.p.order.sorted()
	if err != nil {
		return err
	}
	if b.p.total > (1<<32-1)/ordinalGap-1 {
		return fmt.Errorf("store: %d entries are too many", b.p.total)
	}
	if b.staged, err = openStaged(b.l.db, b.pages); err != nil {
		return err
	}
	dropResident(b.l.db.Path())
	attrs := b.l.attrs.list
	readers := newRelay(func(ord uint32, data []byte) error {
		v, _ := openView(data, attrs)
		return b.gather.addWords(ord, &v)
	}, func(ord uint32, data []byte) error {
		v, _ := openView(data, attrs)
		return b.gather.addNumbers(ord, &v)
	}, func(ord uint32, data []byte) error {
		v, _ := openView(data, attrs)
		return b.orders.add(ord, &v)
	})
	defer func() {
		if e := readers.close(); e != nil {
			err = e
		}
		err = errors.Join(err, b.staged.close())
	}()
	b.out.in(bucketEntries)
	compatible := b.l.attrs.compatible(b.served)
	var ord uint32
	var number [4]byte
	for done := 1; ; done++ {
		_, value, ok, err := records.next()
		if err != nil {
			return err
		}
		if !ok {
			return nil
		}
		ord += ordinalGap
		data, err := b.read(place(binary.BigEndian.Uint64(value[idLength:])), compatible)
		if err != nil {
			return err
		}
		v, ok := openView(data, attrs)
		if !ok {
			return fmt.Errorf("%w: staged entry of %s", ErrCorrupt, value[:idLength])
		}
		number := appendOrdinal(number[:0], ord)
		if err := errors.Join(b.ids.add(v.ID(), number), readers.add(number, data), b.out.put(number, data)); err != nil {
			return err
		}
		if done%progressStep == 0 || done == b.p.total {
			dropResident(b.s.path)
			b.progress("entries", done, b.p.total)
		}
	}
}

// read returns an entry as the new generation encodes it: valid until the next one is read or something is put.
func (b *build) read(at place, compatible bool) ([]byte, error) {
	if at&placeServed == 0 {
		return b.staged.read(at)
	}
	data, err := b.out.served(uint32(at))
	if err != nil || compatible {
		return data, err
	}
	v, ok := openView(data, b.served)
	if !ok {
		return nil, fmt.Errorf("%w: entry %d", ErrCorrupt, uint32(at))
	}
	e := v.Entry()
	return appendEntry(nil, &e, b.l.attrs)
}

// lists writes what was gathered from the entries: it is put in order by one goroutine and written by another.
func (b *build) lists() error {
	done := 0
	return pump(func(put putFunc) error {
		if err := b.identities(put); err != nil {
			return err
		}
		if err := b.index(put); err != nil {
			return err
		}
		return b.orders.write(func(key, value []byte) error { return put(bucketOrders, key, value) })
	}, func(bucket, key, value []byte) error {
		if done++; done%progressStep == 0 {
			b.progress("index", done, 0)
		}
		b.out.in(bucket)
		return b.out.put(key, value)
	})
}

func (b *build) identities(put putFunc) error {
	records, err := b.ids.sorted()
	if err != nil {
		return err
	}
	for {
		id, ord, ok, err := records.next()
		if err != nil || !ok {
			return errors.Join(err, b.ids.close())
		}
		if err := put(bucketIDs, id, ord); err != nil {
			return err
		}
	}
}

// index makes the terms in the order of their kinds.
func (b *build) index(put putFunc) error {
	var chunks chunker
	return b.gather.each(func(term []byte, parts []*postingList) error {
		bucket := bucketIndex
		if term[0] >= kindName {
			bucket = bucketPeople
		}
		return chunks.cut(term, parts, func(key, value []byte) error { return put(bucket, key, value) })
	}, func(key []byte) error {
		if key[0] >= kindInside {
			return put(bucketInside, key, nil)
		}
		return put(bucketIndex, key, nil)
	})
}

// rest writes the small buckets and ends the last transaction.
func (b *build) rest(staged *bolt.Tx) error {
	b.out.in(bucketProblems)
	if err := staged.Bucket(bucketProblems).ForEach(b.out.put); err != nil {
		return err
	}
	b.out.in(bucketCounts)
	for _, n := range []struct {
		key []byte
		n   int
	}{{keyCollation, int(b.s.options.Collation)}, {keyNames, name.Version}} {
		if err := b.out.put(n.key, binary.BigEndian.AppendUint64(nil, uint64(n.n))); err != nil {
			return err
		}
	}
	counts := b.p.counts
	for _, o := range b.l.plan.Objects {
		if err := b.out.put(countKey(o), binary.BigEndian.AppendUint64(nil, uint64(counts[o]))); err != nil {
			return err
		}
	}
	problems := readUint64(staged.Bucket(bucketStaging), keyProblems)
	if err := b.out.put(keyProblems, binary.BigEndian.AppendUint64(nil, problems)); err != nil {
		return err
	}
	b.out.in(bucketAttributes)
	for _, a := range b.l.attrs.list {
		key, value := a.encode()
		if err := b.out.put(key, value); err != nil {
			return err
		}
	}
	return b.out.flush()
}

// switchTo makes the new generation the one served.
func (b *build) switchTo(tx *bolt.Tx) (Generation, error) {
	meta := tx.Bucket(bucketMeta)
	g := Generation(readUint64(meta, keyGeneration)) + 1
	if err := errors.Join(putUint64(meta, keyGeneration, uint64(g)), putUint64(meta, keyTree, b.number)); err != nil {
		return 0, err
	}
	if b.p.overflow {
		b.p.log = []Change{{Kind: Replaced}}
	}
	if err := b.s.logChanges(tx, b.p.log); err != nil {
		return 0, err
	}
	tree := tx.Bucket(treeBucket(b.number))
	if err := follow(tx, tree.Bucket(bucketOrders), tree.Bucket(bucketPeople), tree.Bucket(bucketInside)); err != nil {
		return 0, err
	}
	for _, o := range b.l.plan.Objects {
		m, err := readObject(tx, o)
		if err != nil {
			return 0, err
		}
		if state := b.l.objects[o]; !state.Keep {
			m.Checkpoint, m.Fingerprint, m.Duplicates = state.Checkpoint, b.l.plan.Fingerprint, b.p.changes[o].Duplicates
		}
		if err := writeObject(tx, m); err != nil {
			return 0, err
		}
	}
	return g, nil
}

// RemoveLeftovers removes the staging file of an unfinished load, if there is one and no load is in progress.
func (s *Store) RemoveLeftovers() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.load != nil {
		return errors.New("store: a load is in progress")
	}
	if err := os.Remove(s.path + stagingSuffix); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("store: %w", err)
	}
	return removeTemporary(s.path)
}
