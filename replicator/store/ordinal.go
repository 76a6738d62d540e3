package store

import (
	"bytes"
	"encoding/binary"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"ringdex/schema/name"
)

// freeOrdinal finds an ordinal for an entry: halfway between its neighbours in the order of the names. Where nothing is
// free between them it takes the nearest free one and says that it is crowded there; the next load makes room.
func freeOrdinal(entries *bolt.Bucket, attrs []AttrInfo, order name.Collation, v *View) (ord uint32, crowded bool, err error) {
	before, after, err := neighbours(entries, attrs, order, v)
	if err != nil {
		return 0, false, err
	}
	if after-before > 1 {
		if gap := after - before; gap > 2*ordinalGap && after == 1<<32 {
			return uint32(before + ordinalGap), false, nil // behind the last one
		}
		return uint32(before + (after-before)/2), false, nil
	}
	up, down := entries.Cursor(), entries.Cursor()
	up.Seek(appendOrdinal(nil, uint32(after)))
	down.Seek(appendOrdinal(nil, uint32(before)))
	for low, high := before, after; ; {
		if high < 1<<32 {
			if k, _ := up.Next(); k == nil || uint64(binary.BigEndian.Uint32(k)) > high+1 {
				if high+1 < 1<<32 {
					return uint32(high + 1), true, nil
				}
			}
			high++
		}
		if low > 1 {
			if k, _ := previous(down, appendOrdinal(nil, uint32(low))); k == nil || uint64(binary.BigEndian.Uint32(k)) < low-1 {
				return uint32(low - 1), true, nil
			}
			low--
		}
		if high == 1<<32 && low <= 1 {
			return 0, false, fmt.Errorf("store: no ordinal is free")
		}
	}
}

// neighbours finds the ordinals between which an entry belongs: 0 before the first one, 1<<32 behind the last. Ties are
// decided by the Id.
func neighbours(entries *bolt.Bucket, attrs []AttrInfo, by name.Collation, v *View) (before, after uint64, err error) {
	key := sortKey(v, by)
	low, high := uint64(1), uint64(1<<32) // the first entry that isn't smaller has an ordinal in [low, high]
	c := entries.Cursor()
	if k, _ := c.Last(); k != nil {
		high = uint64(binary.BigEndian.Uint32(k)) + 1
	} else {
		return 0, 1 << 32, nil
	}
	for low < high {
		middle := low + (high-low)/2
		k, data := c.Seek(appendOrdinal(nil, uint32(middle)))
		if k == nil {
			high = middle
			continue
		}
		other, ok := openView(data, attrs)
		if !ok {
			return 0, 0, fmt.Errorf("%w: %w", ErrCorrupt, errEncoding)
		}
		at := uint64(binary.BigEndian.Uint32(k))
		order := bytes.Compare(sortKey(&other, by), key)
		if order == 0 {
			order = bytes.Compare(other.ID(), v.ID())
		}
		if order < 0 {
			low = at + 1
		} else {
			high = middle
		}
	}
	k, _ := c.Seek(appendOrdinal(nil, uint32(min(low, 1<<32-1))))
	if k == nil || low > 1<<32-1 {
		after = 1 << 32
		k, _ = c.Last()
	} else {
		after = uint64(binary.BigEndian.Uint32(k))
		k, _ = previous(c, k)
	}
	if k != nil {
		before = uint64(binary.BigEndian.Uint32(k))
	}
	return before, after, nil
}
