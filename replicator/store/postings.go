package store

import (
	"bytes"
	"encoding/binary"

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
	c     *bolt.Cursor
	key   []byte // of the list, without the ordinal
	value []byte // what is left of the chunk
	ord   uint32
	ok    bool
}

// open starts at the first ordinal that isn't smaller than from. key must stay unchanged while the list is walked.
func (p *postings) open(c *bolt.Cursor, key []byte, from uint32) {
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

// insertPosting adds an ordinal to a list and says whether the list is new.
func insertPosting(b *bolt.Bucket, key []byte, ord uint32) (fresh bool, err error) {
	first, old, found, fresh := findChunk(b, key, ord)
	if !found {
		// Before the first chunk, or there is none: the chunk after it takes it in, if it may grow.
		return fresh, b.Put(appendOrdinal(bytes.Clone(key), ord), nil)
	}
	ords := decodeChunk(first, old)
	i := 0
	for i < len(ords) && ords[i] < ord {
		i++
	}
	if i < len(ords) && ords[i] == ord {
		return false, nil
	}
	ords = append(ords, 0)
	copy(ords[i+1:], ords[i:])
	ords[i] = ord
	return false, putChunk(b, key, ords)
}

// removePosting takes an ordinal out of a list and says whether the list is gone.
func removePosting(b *bolt.Bucket, key []byte, ord uint32) (gone bool, err error) {
	first, old, found, _ := findChunk(b, key, ord)
	if !found {
		return false, nil
	}
	ords := decodeChunk(first, old)
	for i, o := range ords {
		if o != ord {
			continue
		}
		if i == 0 {
			if err := b.Delete(appendOrdinal(bytes.Clone(key), first)); err != nil {
				return false, err
			}
		}
		ords = append(ords[:i], ords[i+1:]...)
		if len(ords) > 0 {
			return false, putChunk(b, key, ords)
		}
		k, _ := b.Cursor().Seek(key)
		return !bytes.HasPrefix(k, key), nil
	}
	return false, nil
}

// findChunk finds the last chunk of a list whose first ordinal isn't greater than ord, else the list's first chunk as
// long as it is short; fresh says that there is no chunk of the list at all.
func findChunk(b *bolt.Bucket, key []byte, ord uint32) (first uint32, value []byte, found, fresh bool) {
	c := b.Cursor()
	p := postings{key: key}
	k, v := c.Seek(appendOrdinal(bytes.Clone(key), ord))
	if p.owns(k) && binary.BigEndian.Uint32(k[len(key):]) == ord {
		return ord, v, true, false
	}
	after := p.owns(k)
	if k, v := previous(c, appendOrdinal(bytes.Clone(key), ord)); p.owns(k) {
		return binary.BigEndian.Uint32(k[len(key):]), v, true, false
	}
	return 0, nil, false, !after
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
func decodeChunk(first uint32, value []byte) []uint32 {
	ords, ok := readChunk(first, value)
	if !ok {
		panic("malformed posting list")
	}
	return ords
}

// readChunk returns the ordinals of a chunk, as far as they can be read.
func readChunk(first uint32, value []byte) (ords []uint32, ok bool) {
	ords = append(make([]uint32, 0, len(value)+2), first)
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
