package store

import (
	"bytes"
	"encoding/binary"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// A posting list is cut into chunks: the first ordinal stands in the key, the differences of the others in the value, as
// uvarints. A list of one ordinal has an empty value. Four chunks of chunkBytes fill a page of 4 kB; a delta makes
// them longer until splitBytes.
const (
	chunkBytes = 940
	splitBytes = 1400
)

// nextDelta reads the difference at the head of a chunk's value; n is 0 at its end or where it is malformed.
func nextDelta(b []byte) (delta uint32, n int) {
	v, n := uvarint(b)
	if n <= 0 || v == 0 || v > 1<<32-1 {
		return 0, 0
	}
	return uint32(v), n
}

// postings walks one list in ascending order.
type postings struct {
	c     cursor
	key   []byte // of the list, without the ordinal
	value []byte // what is left of the chunk
	ord   uint32
	ok    bool
}

// open starts at the first ordinal that isn't smaller than from. key must stay unchanged while the list is walked.
func (p *postings) open(c cursor, key []byte, from uint32) {
	p.c, p.key, p.ok = c, key, false
	p.seek(from)
}

// seek moves forward to the first ordinal that isn't smaller than from.
func (p *postings) seek(from uint32) {
	// Near targets are in the chunk at hand more often than not.
	for p.ok && p.ord < from && len(p.value) > 0 {
		p.step()
	}
	if p.ok && p.ord >= from {
		return
	}
	n := len(p.key)
	p.key = appendOrdinal(p.key, from)
	k, v := p.c.Seek(p.key)
	p.key = p.key[:n]
	if from > 0 && !(p.owns(k) && binary.BigEndian.Uint32(k[n:]) == from) {
		// The chunk before may reach beyond from.
		if k, v := p.c.Prev(); p.owns(k) {
			p.enter(k, v)
			for p.ok && p.ord < from {
				p.next()
			}
			return
		}
		p.key = appendOrdinal(p.key, from)
		k, v = p.c.Seek(p.key)
		p.key = p.key[:n]
	}
	p.enter(k, v)
}

func (p *postings) owns(k []byte) bool {
	return len(k) == len(p.key)+4 && bytes.HasPrefix(k, p.key)
}

func (p *postings) enter(k, v []byte) {
	if p.ok = p.owns(k); p.ok {
		p.ord, p.value = binary.BigEndian.Uint32(k[len(p.key):]), v
	}
}

// next moves to the next ordinal, into the next chunk if need be.
func (p *postings) next() {
	if len(p.value) == 0 {
		p.enter(p.c.Next())
		return
	}
	p.step()
}

// step moves on inside the chunk.
func (p *postings) step() {
	d, n := nextDelta(p.value)
	if n == 0 {
		panic("malformed posting list")
	}
	p.ord += d
	p.value = p.value[n:]
}

// posting says that an ordinal enters a list or leaves it.
type posting struct {
	ord uint32
	add bool
}

// listEditor changes lists, one after the other, in memory that it keeps.
type listEditor struct{ old, merged []uint32 }

// change changes a list by postings in ascending order, each ordinal once, and says whether the list was there before
// and is there after. Every chunk that changes is written once. What is added already and what is gone already counts
// for nothing.
func (e *listEditor) change(b *bolt.Bucket, key []byte, changes []posting) (before, after bool, err error) {
	for len(changes) > 0 {
		first, value, found, next := findChunk(b, key, changes[0].ord)
		before = before || found || next < noChunk
		n := 1
		for n < len(changes) && uint64(changes[n].ord) < next {
			n++
		}
		e.old = e.old[:0]
		if found {
			e.old = decodeChunk(e.old, first, value)
		}
		old, ords := e.old, mergePostings(e.merged[:0], e.old, changes[:n])
		e.merged = ords
		changes = changes[n:]
		if found && (len(ords) == 0 || ords[0] != first) {
			if err := b.Delete(appendOrdinal(bytes.Clone(key), first)); err != nil {
				return before, false, err
			}
		}
		if len(ords) > 0 && !slices.Equal(ords, old) {
			if err := putChunk(b, key, ords); err != nil {
				return before, false, err
			}
		}
	}
	k, _ := b.Cursor().Seek(key)
	return before, bytes.HasPrefix(k, key), nil
}

// mergePostings appends the ordinals of a chunk after changes. Both are ascending.
func mergePostings(out, ords []uint32, changes []posting) []uint32 {
	i := 0
	for _, c := range changes {
		for i < len(ords) && ords[i] < c.ord {
			out = append(out, ords[i])
			i++
		}
		if i < len(ords) && ords[i] == c.ord {
			i++
		}
		if c.add {
			out = append(out, c.ord)
		}
	}
	return append(out, ords[i:]...)
}

// noChunk is greater than every ordinal.
const noChunk = 1 << 32

// findChunk finds the last chunk of a list whose first ordinal isn't greater than ord, if there is one, and the first
// ordinal of the chunk after that place.
func findChunk(b *bolt.Bucket, key []byte, ord uint32) (first uint32, value []byte, found bool, next uint64) {
	c := b.Cursor()
	p := postings{key: key}
	target := appendOrdinal(bytes.Clone(key), ord)
	k, v := c.Seek(target)
	if p.owns(k) && bytes.Equal(k, target) {
		value = v
		if k, _ = c.Next(); !p.owns(k) {
			return ord, value, true, noChunk
		}
		return ord, value, true, uint64(binary.BigEndian.Uint32(k[len(key):]))
	}
	next = noChunk
	if p.owns(k) {
		next = uint64(binary.BigEndian.Uint32(k[len(key):]))
	}
	if k, v = previous(c, target); p.owns(k) {
		return binary.BigEndian.Uint32(k[len(key):]), v, true, next
	}
	return 0, nil, false, next
}

// previous moves a cursor that was sought to a key, or stands at it, to the key before it, nil if there is none. In a
// transaction that has emptied a page bbolt's own Prev stops at that page.
func previous(c *bolt.Cursor, key []byte) (k, v []byte) {
	if k, v = c.Prev(); k != nil {
		return k, v
	}
	if first, _ := c.Bucket().Cursor().First(); first == nil || bytes.Compare(first, key) >= 0 {
		return nil, nil
	}
	for k == nil {
		k, v = c.Prev()
	}
	return k, v
}

// decodeChunk panics at a malformed chunk, as bbolt does at its pages.
func decodeChunk(dst []uint32, first uint32, value []byte) []uint32 {
	ords, ok := readChunk(dst, first, value)
	if !ok {
		panic("malformed posting list")
	}
	return ords
}

// readChunk appends the ordinals of a chunk, as far as they can be read.
func readChunk(dst []uint32, first uint32, value []byte) (ords []uint32, ok bool) {
	ords = append(dst, first)
	for len(value) > 0 {
		d, n := nextDelta(value)
		if n == 0 || first+d < first {
			return ords, false
		}
		first += d
		ords = append(ords, first)
		value = value[n:]
	}
	return ords, true
}

// putChunk writes the chunk that begins with ords[0], in two halves if it has become too long.
func putChunk(b *bolt.Bucket, key []byte, ords []uint32) error {
	value := make([]byte, 0, 2*len(ords))
	for i := 1; i < len(ords); i++ {
		value = binary.AppendUvarint(value, uint64(ords[i]-ords[i-1]))
	}
	if len(value) > splitBytes {
		half := len(ords) / 2
		if err := putChunk(b, key, ords[half:]); err != nil {
			return err
		}
		return putChunk(b, key, ords[:half])
	}
	return b.Put(appendOrdinal(bytes.Clone(key), ords[0]), value)
}
