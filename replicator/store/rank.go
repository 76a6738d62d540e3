package store

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// Ranks are the places of all entries in one order, numbered from 0: what it takes to put many ordinals in that order without
// reading the entries, or to say how many come before one. They are made of the order when they are first asked for in a state
// of the store, 8 octets an entry, and don't change; they outlast their reader.
type Ranks struct {
	ords   []uint32          // by place
	places []uint32          // by ordinal/ordinalGap, of the ordinals that a load gives
	others map[uint32]uint32 // of the ordinals between
	begins []uint64          // a bit for each place: its key is another one than that before
	keys   []uint32          // for every 64 places, how many keys begin before them
}

const (
	// ranksMax bounds the orders of a state that have ranks at a time.
	ranksMax = 3
	// ranksSpread is how many times more room for ordinals than entries there may be. It takes many deletions to get there.
	ranksSpread = 8
	noPlace     = 1<<32 - 1
)

// rankedOrder is an order of a snapshot with its ranks.
type rankedOrder struct {
	attr  uint16
	ranks *Ranks
}

// Ranks returns the ranks of the order; nil where it is the list's own, whose ordinals say the same, and where build is false and
// nobody has asked for them yet.
func (o *Order) Ranks(build bool) *Ranks {
	if o.natural {
		return nil
	}
	sn := o.r.sn
	sn.ranking.Lock()
	defer sn.ranking.Unlock()
	for i, have := range sn.ranks {
		if have.attr == o.attr {
			sn.ranks = append(slices.Delete(sn.ranks, i, i+1), have)
			return have.ranks
		}
	}
	if !build {
		return nil
	}
	var ranks *Ranks
	sn.mu.Lock()
	c := sn.tree.orders.Cursor()
	sn.mu.Unlock()
	last := uint64(o.r.lastOrdinal())
	ok := last/ordinalGap <= ranksSpread*(uint64(sn.total)+ordinalGap) && o.guarded(func() bool {
		ranks = newRanks(c, o.attr, sn.total, uint32(last))
		return true
	})
	if !ok {
		return nil
	}
	if len(sn.ranks) == ranksMax {
		sn.ranks = slices.Delete(sn.ranks, 0, 1)
	}
	sn.ranks = append(sn.ranks, rankedOrder{o.attr, ranks})
	return ranks
}

// newRanks reads an order of so many entries. It panics where that is malformed.
func newRanks(c *bolt.Cursor, attr uint16, total int, last uint32) *Ranks {
	r := &Ranks{
		ords: make([]uint32, 0, total), places: make([]uint32, last/ordinalGap+1),
		others: map[uint32]uint32{}, begins: make([]uint64, (total+63)/64),
	}
	for i := range r.places {
		r.places[i] = noPlace
	}
	var key []byte
	c.Seek(orderMark(attr))
	for k, v := c.Next(); ownsPlace(k, attr); k, v = c.Next() {
		n, w := uvarint(v)
		if w <= 0 || n == 0 || n > uint64(total-len(r.ords)) {
			panic("malformed order")
		}
		first := k[orderHead : len(k)-orderTail]
		r.add(chunkFirst(k), len(r.ords) == 0 || !bytes.Equal(key, first))
		key = append(key[:0], first...)
		v = v[w:]
		for range n - 1 {
			shared, w1 := uvarint(v)
			if w1 <= 0 || shared > uint64(len(key)) {
				panic("malformed order")
			}
			size, w2 := uvarint(v[w1:])
			if w2 <= 0 || size+4 > uint64(len(v)-w1-w2) {
				panic("malformed order")
			}
			v = v[w1+w2:]
			another := size > 0 || shared < uint64(len(key))
			key = append(key[:shared], v[:size]...)
			r.add(binary.BigEndian.Uint32(v[size:]), another)
			v = v[size+4:]
		}
	}
	if len(r.ords) != total {
		panic("malformed order")
	}
	r.keys = make([]uint32, len(r.begins))
	for i := 1; i < len(r.keys); i++ {
		r.keys[i] = r.keys[i-1] + uint32(bits.OnesCount64(r.begins[i-1]))
	}
	return r
}

func (r *Ranks) add(ord uint32, another bool) {
	place := uint32(len(r.ords))
	r.ords = append(r.ords, ord)
	if another {
		r.begins[place/64] |= 1 << (place % 64)
	}
	if ord%ordinalGap == 0 && ord/ordinalGap < uint32(len(r.places)) {
		r.places[ord/ordinalGap] = place
	} else {
		r.others[ord] = place
	}
}

// Len is how many entries there are.
func (r *Ranks) Len() int { return len(r.ords) }

// Ordinal of the entry at a place.
func (r *Ranks) Ordinal(place uint32) uint32 { return r.ords[place] }

// Begins says whether the entry at a place has another key than the one before it.
func (r *Ranks) Begins(place uint32) bool { return r.begins[place/64]>>(place%64)&1 != 0 }

// Key numbers the key of the entry at a place, in the order of the keys.
func (r *Ranks) Key(place uint32) uint32 {
	return r.keys[place/64] + uint32(bits.OnesCount64(r.begins[place/64]<<(63-place%64)))
}

// SameKey says whether the entries at two places, the first one before the other, have the same key.
func (r *Ranks) SameKey(a, b uint32) bool {
	for i := a + 1; i <= b; i = i/64*64 + 64 {
		word := r.begins[i/64] >> (i % 64)
		if left := b - i + 1; left < 64 {
			word &= 1<<left - 1
		}
		if word != 0 {
			return false
		}
	}
	return true
}

// Place of an ordinal.
func (r *Ranks) Place(ord uint32) (place uint32, ok bool) {
	if ord%ordinalGap == 0 && ord/ordinalGap < uint32(len(r.places)) {
		place = r.places[ord/ordinalGap]
		return place, place != noPlace
	}
	place, ok = r.others[ord]
	return place, ok
}

// AppendPlaces appends the places of ordinals.
func (r *Ranks) AppendPlaces(dst, ords []uint32) []uint32 {
	for _, ord := range ords {
		if place, ok := r.Place(ord); ok {
			dst = append(dst, place)
		}
	}
	return dst
}

// Mark sets the bits of the ordinals' places, in a set with room for Len of them.
func (r *Ranks) Mark(set []uint64, ords []uint32) {
	for _, ord := range ords {
		if place, ok := r.Place(ord); ok {
			set[place/64] |= 1 << (place % 64)
		}
	}
}

// AppendMarked appends the places in a set in their order.
func AppendMarked(dst []uint32, set []uint64) []uint32 {
	for i, word := range set {
		for ; word != 0; word &= word - 1 {
			dst = append(dst, uint32(i)*64+uint32(bits.TrailingZeros64(word)))
		}
	}
	return dst
}
