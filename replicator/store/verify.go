package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	bolt "go.etcd.io/bbolt"
)

// Problem is something that Verify found.
type Problem struct {
	Where string // pages, ids, entries, index, counts, orders
	Text  string
}

// VerifyResult counts what Verify looked at.
type VerifyResult struct{ Entries, Terms, Postings, Problems int }

// Verify checks the whole file: bbolt's pages, every Id and its entry, every entry's terms in the index and every posting's
// entry, and the counts. What it finds goes to report, which may be nil. Readers go on meanwhile, writers wait. The error
// is for what kept it from looking; damage that stops it is a problem and ErrCorrupt.
func (s *Store) Verify(ctx context.Context, report func(Problem)) (VerifyResult, error) {
	c := &check{s: s, ctx: ctx}
	c.problem = func(where, format string, args ...any) {
		c.result.Problems++
		if report != nil {
			report(Problem{Where: where, Text: fmt.Sprintf(format, args...)})
		}
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.closed.Load() {
		return c.result, ErrClosed
	}
	err := safely(func() error { return c.run(!s.options.ReadOnly) })
	if err != nil && errors.Is(err, ErrCorrupt) {
		c.problem("pages", "%v", err)
	}
	return c.result, s.wrap(err)
}

// check is one Verify at work.
type check struct {
	s       *Store
	ctx     context.Context
	problem func(where, format string, args ...any)
	result  VerifyResult
}

// run checks under a transaction that writes nothing but keeps writers away: bbolt's own check needs that.
func (c *check) run(writable bool) (err error) {
	tx, err := c.s.db.Begin(writable)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	if err := c.pages(tx); err != nil {
		return err
	}
	for e := range tx.Check() {
		c.problem("pages", "%v", e)
	}
	return c.contents(tx)
}

// pages looks at the structure first: bbolt's check would follow a wild pointer.
func (c *check) pages(tx *bolt.Tx) error {
	f, err := os.Open(c.s.path)
	if err != nil {
		return err
	}
	defer f.Close()
	size := uint32(c.s.db.Info().PageSize)
	p := &pages{f: f, header: header{
		pageSize: size, root: uint64(tx.Cursor().Bucket().RootPage()), high: uint64(tx.Size()) / uint64(size),
	}}
	return p.walk()
}

func (c *check) contents(tx *bolt.Tx) (err error) {
	_, t, ok, err := openTree(tx)
	if err != nil || !ok {
		return err
	}
	attrs, err := readAttributes(t.attributes)
	if err != nil {
		return err
	}
	g := newGatherer(c.s.path)
	g.version, g.people = t.names(), t.people != nil
	if t.inside == nil {
		g.inside = nil
	}
	defer func() { err = errors.Join(err, g.close()) }()
	if err := c.entries(&t, attrs, g); err != nil {
		return err
	}
	if err := c.ids(&t); err != nil {
		return err
	}
	return errors.Join(c.index(&t, g), c.orders(tx, &t, attrs))
}

// entries checks that every entry can be read and is found by its Id, and counts them.
func (c *check) entries(t *tree, attrs []AttrInfo, g *gatherer) error {
	counts := map[string]int{}
	cursor := t.entries.Cursor()
	for k, data := cursor.First(); k != nil; k, data = cursor.Next() {
		if c.result.Entries++; c.result.Entries%progressStep == 0 && c.ctx.Err() != nil {
			return c.ctx.Err()
		}
		v, ok := openView(data, attrs)
		if len(k) != 4 || !ok {
			c.problem("entries", "entry %x can't be read", k)
			continue
		}
		if ord := t.ids.Get(v.ID()); !bytes.Equal(ord, k) {
			c.problem("entries", "entry %x of %q has ordinal %x by its Id", k, v.ID(), ord)
		}
		counts[v.Object()]++
		if err := g.add(binary.BigEndian.Uint32(k), &v); errors.Is(err, errEncoding) {
			c.problem("entries", "entry %x of %s can't be read", k, v.ID())
		} else if err != nil {
			return err
		}
	}
	want, _, err := readCounts(t.counts)
	if err != nil {
		return err
	}
	for object, n := range want {
		if counts[object] != n {
			c.problem("counts", "%s: %d entries, %d counted", object, counts[object], n)
		}
		delete(counts, object)
	}
	for object, n := range counts {
		c.problem("counts", "%s: %d entries, none counted", object, n)
	}
	return nil
}

// ids checks that every Id has its entry.
func (c *check) ids(t *tree) error {
	n := 0
	cursor := t.ids.Cursor()
	for k, ord := cursor.First(); k != nil; k, ord = cursor.Next() {
		n++
		if data := t.entries.Get(ord); len(data) < idLength || !bytes.Equal(data[:idLength], k) {
			c.problem("ids", "Id %q leads to ordinal %x, which isn't its entry", k, ord)
		}
	}
	if n != c.result.Entries {
		c.problem("ids", "%d Ids for %d entries", n, c.result.Entries)
	}
	return nil
}

// index compares the index with the one that the entries make, side by side.
func (c *check) index(t *tree, g *gatherer) error {
	cursor := t.index.Cursor()
	key, value := cursor.First()
	// extra reports keys before the wanted one.
	extra := func(want []byte) {
		for key != nil && (want == nil || bytes.Compare(key, want) < 0) {
			c.problem("index", "key %q belongs to no entry", key)
			key, value = cursor.Next()
		}
	}
	// reach goes on in the bucket that the terms of a kind are in: those from kindName on have some to themselves.
	later := []struct {
		kind   byte
		bucket *bolt.Bucket
	}{{kindName, t.people}, {kindInside, t.inside}}
	reach := func(kind byte) {
		for ; len(later) > 0 && later[0].kind <= kind; later = later[1:] {
			if later[0].bucket != nil {
				extra(nil)
				cursor = later[0].bucket.Cursor()
				key, value = cursor.Seek([]byte{keyOwnSequence[0] + 1})
			}
		}
	}
	err := g.each(func(term []byte, parts []*postingList) error {
		reach(term[0])
		if c.result.Terms++; c.result.Terms%progressStep == 0 && c.ctx.Err() != nil {
			return c.ctx.Err()
		}
		start := append(bytes.Clone(term), termEnd)
		extra(start)
		want := joinParts(parts)
		c.result.Postings += len(want)
		i := 0
		for len(key) == len(start)+4 && bytes.HasPrefix(key, start) {
			got, ok := readChunk(nil, binary.BigEndian.Uint32(key[len(start):]), value)
			if !ok {
				c.problem("index", "key %q can't be read", key)
			}
			for _, ord := range got {
				for i < len(want) && want[i] < ord {
					c.problem("index", "term %q lacks entry %x", term, want[i])
					i++
				}
				if i == len(want) || want[i] != ord {
					c.problem("index", "term %q has %x, which isn't an entry with it", term, ord)
					continue
				}
				i++
			}
			key, value = cursor.Next()
		}
		for ; i < len(want); i++ {
			c.problem("index", "term %q lacks entry %x", term, want[i])
		}
		return nil
	}, func(tail []byte) error {
		c.result.Terms++
		reach(tail[0])
		extra(tail)
		if !bytes.Equal(key, tail) {
			c.problem("index", "key %q is missing", tail)
			return nil
		}
		key, value = cursor.Next()
		return nil
	})
	if err != nil {
		return err
	}
	reach(kindLongName)
	extra(nil)
	return nil
}

func joinParts(parts []*postingList) []uint32 {
	var ords []uint32
	for _, p := range parts {
		part, _ := readChunk(nil, p.first, p.deltas)
		ords = append(ords, part...)
	}
	return ords
}
