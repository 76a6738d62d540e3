package store

import "slices"

// unionInsert is the size limit up to which a union keeps itself sorted. Longer ones are sorted once, at the end.
const unionInsert = 4096

// union gathers the smallest max ordinals of several lists behind what dst held before, each once.
type union struct {
	dst    []uint32
	base   int // dst[base:] is ours
	from   uint32
	max    int // 0 none
	keep   int // max while the result is kept sorted, else 0
	sorted bool
	cut    bool // something was left out
}

// reset begins anew. In one ascending list nothing is ever inserted, so that its union may be kept at any size.
func (u *union) reset(dst []uint32, from uint32, limit int, ascending bool) {
	*u = union{dst: dst, base: len(dst), from: from, max: limit, sorted: true}
	if limit > 0 && (ascending || limit <= unionInsert) {
		u.keep = limit
	}
}

// add takes one ordinal. It returns false if neither it nor any greater one can get in.
func (u *union) add(ord uint32) bool {
	if ord < u.from {
		return true
	}
	n := len(u.dst)
	if n == u.base || ord > u.dst[n-1] {
		if u.keep > 0 && n-u.base == u.keep {
			u.cut = true
			return false
		}
		u.dst = append(u.dst, ord)
		return true
	}
	if u.keep == 0 {
		if ord != u.dst[n-1] {
			u.dst, u.sorted = append(u.dst, ord), false
		}
		return true
	}
	ours := u.dst[u.base:]
	i, found := slices.BinarySearch(ours, ord)
	if found {
		return true
	}
	if len(ours) == u.keep {
		u.cut = true
		copy(ours[i+1:], ours[i:len(ours)-1])
		ours[i] = ord
		return true
	}
	u.dst = append(u.dst, 0)
	ours = u.dst[u.base:]
	copy(ours[i+1:], ours[i:])
	ours[i] = ord
	return true
}

// chunk takes the ordinals of one chunk, as far as they get in: false if they didn't all.
func (u *union) chunk(first uint32, deltas []byte) bool {
	if !u.add(first) {
		return false
	}
	for len(deltas) > 0 {
		d, n := nextDelta(deltas)
		if n == 0 {
			panic("malformed posting list")
		}
		first += d
		deltas = deltas[n:]
		if !u.add(first) {
			return false
		}
	}
	return true
}

// finish returns the result, and whether it is everything.
func (u *union) finish() ([]uint32, bool) {
	dst := u.dst
	u.dst = nil
	if !u.sorted {
		slices.Sort(dst[u.base:])
		dst = dst[:u.base+len(slices.Compact(dst[u.base:]))]
	}
	if u.max > 0 && len(dst)-u.base > u.max {
		dst, u.cut = dst[:u.base+u.max], true
	}
	return dst, !u.cut
}
