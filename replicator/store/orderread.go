package store

import (
	"bytes"
	"encoding/binary"

	bolt "go.etcd.io/bbolt"
)

// Order walks the entries in the order of one attribute. It belongs to its reader and is invalid after Release. A damaged
// page ends it; Store.Damage tells.
type Order struct {
	r       *Reader
	c       *bolt.Cursor
	attr    uint16 // whose chunks are walked
	natural bool   // they are the list's, and keys are made from the entries
	orderItems
	at    int
	first []byte // key of the chunk at hand
	made  []byte
}

// Order returns the order of an attribute, by its canonical name; "" is the list's own. There is none for most attributes,
// and none in a file that a version without orders has written to, until the next load.
func (r *Reader) Order(attribute string) (*Order, bool) {
	b := r.sn.tree.orders
	if b == nil {
		return nil, false
	}
	attr := orderList
	for i := range r.sn.attrs {
		if r.sn.attrs[i].Name == attribute {
			attr = uint16(r.sn.attrs[i].Index)
		}
	}
	mark, ok := r.sn.orders[attr]
	if !ok || attr == orderList && attribute != "" {
		return nil, false
	}
	o := &Order{r: r, attr: attr, natural: mark == orderNatural || attr == orderList}
	if mark == orderNatural {
		o.attr = orderList
	}
	r.sn.mu.Lock()
	o.c = b.Cursor()
	r.sn.mu.Unlock()
	return o, true
}

// Natural says whether the order is the list's, that of ordinals.
func (o *Order) Natural() bool { return o.natural }

// Len is how many entries it has.
func (o *Order) Len() int { return o.r.sn.total }

// Ordinal of the entry at hand.
func (o *Order) Ordinal() uint32 { return o.ords[o.at] }

// Key of the entry at hand, valid until the next move.
func (o *Order) Key() []byte {
	if !o.natural {
		return o.key(o.at)
	}
	o.made = append(o.made[:0], OrderMissing)
	if v, ok := o.r.View(o.Ordinal()); ok {
		o.made = appendDisplayKey(o.r.Collation(), o.made[:0], &v)
	}
	return o.made
}

// guarded runs a move: false if it met a damaged page.
func (o *Order) guarded(f func() bool) (ok bool) {
	defer func() {
		if e := recover(); e != nil {
			o.ords = o.ords[:0]
			ok = o.r.damaged(e)
		}
	}()
	return f()
}

// enter takes a chunk at its first item, or at its last.
func (o *Order) enter(k, v []byte, last bool) bool {
	if !ownsPlace(k, o.attr) {
		o.ords = o.ords[:0]
		return false
	}
	if !o.decode(k, v) {
		panic("malformed order")
	}
	o.first, o.at = k, 0
	if last {
		o.at = len(o.ords) - 1
	}
	return true
}

// Next moves on: false behind the last entry.
func (o *Order) Next() bool {
	if o.at+1 < len(o.ords) {
		o.at++
		return true
	}
	return len(o.ords) > 0 && o.guarded(func() bool {
		k, v := o.c.Next()
		return o.enter(k, v, false)
	})
}

// Prev moves back: false before the first entry.
func (o *Order) Prev() bool {
	if len(o.ords) > 0 && o.at > 0 {
		o.at--
		return true
	}
	return len(o.ords) > 0 && o.guarded(func() bool {
		k, v := o.c.Prev()
		return o.enter(k, v, true)
	})
}

// Last moves to the last entry.
func (o *Order) Last() bool {
	return o.guarded(func() bool {
		// Behind everything of this attribute, and before the next one's mark.
		k, _ := o.c.Seek(append(orderMark(o.attr), 0xff, 0xff))
		var v []byte
		if k == nil {
			k, v = o.c.Last()
		} else {
			k, v = o.c.Prev()
		}
		return o.enter(k, v, true)
	})
}

// Seek moves to the first entry with at least that key, and among those with that key, at least that ordinal.
func (o *Order) Seek(key []byte, ord uint32) bool {
	return o.guarded(func() bool {
		if !o.natural {
			return o.seek(key, ord)
		}
		from := o.r.lowerBound(func(v *View) bool {
			o.made = appendDisplayKey(o.r.Collation(), o.made[:0], v)
			return bytes.Compare(o.made, key) >= 0
		})
		if uint64(ord) > from {
			to := o.r.lowerBound(func(v *View) bool {
				o.made = appendDisplayKey(o.r.Collation(), o.made[:0], v)
				return bytes.Compare(o.made, key) > 0
			})
			from = min(uint64(ord), to)
		}
		if from >= 1<<32 {
			o.ords = o.ords[:0]
			return false
		}
		return o.seek(nil, uint32(from))
	})
}

func (o *Order) seek(key []byte, ord uint32) bool {
	target := appendPlace(nil, o.attr, key, ord)
	k, v := o.c.Seek(target)
	if bytes.Equal(k, target) {
		return o.enter(k, v, false)
	}
	// The chunk before may reach beyond the place.
	if k, v = o.c.Prev(); o.enter(k, v, false) {
		if o.at = o.search(key, ord); o.at < len(o.ords) {
			return true
		}
	}
	k, v = o.c.Seek(target)
	return o.enter(k, v, false)
}

// Rank is how many entries stand before the one at hand. It reads a count per chunk.
func (o *Order) Rank() (rank int) {
	o.guarded(func() bool {
		rank = o.at
		for k, v := o.c.Seek(orderMark(o.attr)); ; k, v = o.c.Next() {
			if !ownsPlace(k, o.attr) && len(k) != orderHead {
				panic("malformed order")
			}
			if bytes.Equal(k, o.first) {
				return true
			}
			if len(k) > orderHead {
				rank += chunkCount(v)
			}
		}
	})
	return rank
}

// At moves to the entry before which n others stand.
func (o *Order) At(n int) bool {
	if n < 0 || n >= o.Len() {
		o.ords = o.ords[:0]
		return false
	}
	return o.guarded(func() bool {
		var k, v []byte
		if from := 0; n <= o.Len()/2 {
			o.c.Seek(orderMark(o.attr))
			for k, v = o.c.Next(); ownsPlace(k, o.attr); k, v = o.c.Next() {
				if from+chunkCount(v) > n {
					break
				}
				from += chunkCount(v)
			}
			n -= from
		} else {
			if !o.Last() {
				return false
			}
			before := o.Len() - len(o.ords)
			for k, v = o.first, nil; before > n; before -= chunkCount(v) {
				if k, v = o.c.Prev(); !ownsPlace(k, o.attr) {
					break
				}
			}
			if v == nil {
				o.at = n - before
				return true
			}
			n -= before
		}
		if !o.enter(k, v, false) || n >= len(o.ords) {
			o.ords = o.ords[:0]
			return false
		}
		o.at = n
		return true
	})
}

// ListKey appends what orders an entry in the list, before its Id: for a place in it that outlasts the generation.
func (r *Reader) ListKey(dst []byte, v *View) []byte {
	return append(dst, sortKey(v, r.Collation())...)
}

// After returns where the list goes on behind a place: an ordinal before which no entry in use stands behind the key
// and Id. It is 1<<32 behind the end.
func (r *Reader) After(listKey, id []byte) (ord uint64) {
	defer func() {
		if e := recover(); e != nil {
			r.damaged(e)
			ord = 1 << 32
		}
	}()
	return r.lowerBound(func(v *View) bool {
		c := bytes.Compare(sortKey(v, r.Collation()), listKey)
		return c > 0 || c == 0 && bytes.Compare(v.ID(), id) > 0
	})
}

// lowerBound is the first ordinal from which holds is true, which it is for all behind one for which it is: 1<<32 if
// there is none.
func (r *Reader) lowerBound(holds func(v *View) bool) uint64 {
	low, high := uint64(1), uint64(1<<32)
	if k, _ := r.entries.Last(); len(k) == 4 {
		high = uint64(binary.BigEndian.Uint32(k)) + 1
	} else {
		return high
	}
	end := high
	for low < high {
		middle := low + (high-low)/2
		binary.BigEndian.PutUint32(r.number[:], uint32(middle))
		k, data := r.entries.Seek(r.number[:])
		if len(k) != 4 {
			high = middle
			continue
		}
		v, ok := openView(data, r.sn.attrs)
		if !ok {
			panic("malformed entry")
		}
		if holds(&v) {
			high = middle
		} else {
			low = uint64(binary.BigEndian.Uint32(k)) + 1
		}
	}
	if low >= end {
		return 1 << 32
	}
	return low
}
