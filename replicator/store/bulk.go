package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// bulkBytes is how much one transaction of a build writes: large enough that its own pages don't count, nor its two waits for
// the disk, small enough for the memory that bbolt needs for pages that aren't written yet.
const bulkBytes = 8 << 20

// bulkKeyCost is what bbolt needs for a key that isn't written yet, beside its bytes.
const bulkKeyCost = 128

// bulkKeys bounds the keys of a transaction: bbolt finds the place of each among those before it, and takes a tenth longer for a whole
// build where four times as many are waiting.
const bulkKeys = 1 << 14

// bulkFill leaves a little room in pages that are written in key order, for deltas to come.
const bulkFill = 0.95

// bulk writes a generation in key order, in many transactions that no reader sees.
type bulk struct {
	s       *Store
	ctx     context.Context
	tree    uint64 // number of its bucket
	bucket  []byte
	tx      *bolt.Tx
	b       *bolt.Bucket
	written int
	keys    int
	arena   []byte // values live here until their transaction ends
}

// in directs what follows to a bucket of the generation.
func (w *bulk) in(bucket []byte) {
	if string(bucket) != string(w.bucket) {
		w.bucket, w.b = bytes.Clone(bucket), nil
	}
}

// put stores a key with a value. It copies both.
func (w *bulk) put(key, value []byte) error {
	if err := w.begin(); err != nil {
		return err
	}
	if w.b == nil {
		w.b = w.tx.Bucket(treeBucket(w.tree)).Bucket(w.bucket)
		w.b.FillPercent = bulkFill
	}
	if err := w.b.Put(key, w.keep(value)); err != nil {
		return err
	}
	w.written += len(key) + len(value) + bulkKeyCost
	if w.keys++; w.written >= bulkBytes || w.keys >= bulkKeys {
		return w.flush()
	}
	return nil
}

func (w *bulk) begin() error {
	if w.tx != nil {
		return nil
	}
	if err := w.ctx.Err(); err != nil {
		return err
	}
	tx, err := w.s.db.Begin(true)
	if err != nil {
		return err
	}
	w.tx, w.b, w.written, w.keys = tx, nil, 0, 0
	return nil
}

// served reads an entry of the generation served, which nobody changes during a build. The transaction that writes reads it
// too: a second one would keep bbolt from growing its memory map where no address space is reserved.
func (w *bulk) served(ord uint32) ([]byte, error) {
	if err := w.begin(); err != nil {
		return nil, err
	}
	_, t, ok, err := openTree(w.tx)
	if err != nil || !ok {
		return nil, errors.Join(err, errors.New("store: generation served is gone"))
	}
	data := t.entries.Get(appendOrdinal(nil, ord))
	if data == nil {
		return nil, fmt.Errorf("%w: no entry with ordinal %d", ErrCorrupt, ord)
	}
	return data, nil
}

// keep copies a value into memory that lasts until flush.
func (w *bulk) keep(value []byte) []byte {
	if len(value) == 0 {
		return nil
	}
	if len(w.arena)+len(value) > cap(w.arena) {
		w.arena = make([]byte, 0, max(len(value), 1<<18))
	}
	n := len(w.arena)
	w.arena = append(w.arena, value...)
	return w.arena[n : n+len(value) : n+len(value)]
}

func (w *bulk) flush() error {
	if w.tx == nil {
		return nil
	}
	err := w.tx.Commit()
	w.tx, w.b = nil, nil
	w.arena = w.arena[:0]
	return err
}

// abort gives up the transaction at hand, if there is one.
func (w *bulk) abort() {
	if w.tx != nil {
		_ = w.tx.Rollback()
		w.tx, w.b = nil, nil
	}
}

// chunker cuts posting lists into chunks.
type chunker struct{ key, chunk []byte }

// cut calls put with the chunks of a list, as keys and values: valid during the call.
func (c *chunker) cut(term []byte, parts []*postingList, put func(key, value []byte) error) error {
	c.key = append(append(c.key[:0], term...), termEnd)
	c.chunk = c.chunk[:0]
	n := len(c.key)
	first := parts[0].first
	last := first
	add := func(ord uint32) error {
		if len(c.chunk) >= chunkBytes-binary.MaxVarintLen32 {
			c.key = appendOrdinal(c.key[:n], first)
			if err := put(c.key, c.chunk); err != nil {
				return err
			}
			c.chunk, first, last = c.chunk[:0], ord, ord
			return nil
		}
		c.chunk = binary.AppendUvarint(c.chunk, uint64(ord-last))
		last = ord
		return nil
	}
	for i, p := range parts {
		ord := p.first
		if i > 0 {
			if err := add(ord); err != nil {
				return err
			}
		}
		for rest := p.deltas; len(rest) > 0; {
			d, size := nextDelta(rest)
			rest = rest[size:]
			ord += d
			if err := add(ord); err != nil {
				return err
			}
		}
	}
	c.key = appendOrdinal(c.key[:n], first)
	return put(c.key, c.chunk)
}
