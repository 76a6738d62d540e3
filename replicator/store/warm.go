package store

import "encoding/binary"

// warmMost is how many entries Warm reads at most: most of a longer list isn't looked at.
const warmMost = 64

// Warm reads the places of the first entries that are about to be looked at, so that the processor waits for many of them at once instead of
// for one after the other: they lie on pages that nobody has read for long.
func (r *Reader) Warm(ords []uint32) {
	if r.rows == nil || len(ords) < 2 {
		return
	}
	defer func() {
		if e := recover(); e != nil {
			r.damaged(e)
		}
	}()
	var at [warmMost]uint64
	r.warmed ^= r.rows.t.warm(ords[:min(len(ords), warmMost)], &at)
}

// warm reads what View will: the element of each entry's page where a load has put it, then the key and the entry, of which it sets the
// places. It returns something of all of it. Where a delta has moved an entry it reads another one.
func (t *leaves) warm(ords []uint32, at *[warmMost]uint64) (read byte) {
	size := uint64(len(t.data))
	for i, ord := range ords {
		leaf := t.before(uint64(ord) + 1)
		guess := (uint64(ord) - min(uint64(ord), t.first[leaf])) / ordinalGap
		at[i] = t.pages[leaf]*t.pageSize + pageHeader + guess*elementSize
	}
	for _, e := range at[:len(ords)] {
		if e+elementSize <= size {
			read ^= t.data[e]
		}
	}
	for i, e := range at[:len(ords)] {
		if e+elementSize > size {
			continue
		}
		element := t.data[e : e+elementSize]
		if at[i] = e + uint64(binary.NativeEndian.Uint32(element[4:])); at[i]+256 < size {
			read ^= t.data[at[i]] ^ t.data[at[i]+64] ^ t.data[at[i]+128] ^ t.data[at[i]+192]
		}
	}
	return read
}
