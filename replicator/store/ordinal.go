package store

import (
	"bytes"
	"encoding/binary"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"ringdex/schema/name"
)

// freeOrdinal finds an ordinal for an entry: halfway between its neighbours in the order of the names. Where nothing is
// free between them, they move apart before.
func (d *delta) freeOrdinal(v *View) (uint32, error) {
	for {
		before, after, err := neighbours(d.tree.entries, d.attrs.list, d.tree.collation(), v)
		if err != nil {
			return 0, err
		}
		switch gap := after - before; {
		case gap > 2*ordinalGap && after == 1<<32:
			return uint32(before + ordinalGap), nil // behind the last one
		case gap > 1:
			return uint32(before + gap/2), nil
		}
		if err := d.makeRoom(before); err != nil {
			return 0, err
		}
	}
}

const (
	// roomAround is how far around a crowded place entries move at first: twice as far, until it is roomy.
	roomAround = 16
	// roomGap is how far apart they stand then at least. The farther around, the roomier it has to be, so that the next
	// crowd finds room nearby.
	roomGap = 2
)

// makeRoom spreads the entries around an ordinal evenly, as far around as it takes. Their order stays.
func (d *delta) makeRoom(at uint64) error {
	for around, gap := uint64(roomAround), uint64(2*roomGap); ; around, gap = 2*around, gap+1 {
		low, high := uint64(1), min(at+around, 1<<32-1)
		if at > around {
			low = at - around
		}
		crowd, err := d.between(low, high)
		if err != nil {
			return err
		}
		step := (high - low + 1) / uint64(len(crowd)+1)
		switch {
		case step >= gap/2:
			return d.spread(crowd, low+step/2, step)
		case low == 1 && high == 1<<32-1:
			return fmt.Errorf("store: no ordinal is free")
		}
	}
}

// placed is an entry with its ordinal, and the one that it moves to.
type placed struct {
	ord, to uint32
	data    []byte
}

// between copies the entries with ordinals from low to high.
func (d *delta) between(low, high uint64) (list []placed, err error) {
	c := d.tree.entries.Cursor()
	for k, data := c.Seek(appendOrdinal(nil, uint32(low))); len(k) == 4; k, data = c.Next() {
		ord := binary.BigEndian.Uint32(k)
		if uint64(ord) > high {
			break
		}
		list = append(list, placed{ord: ord, data: bytes.Clone(data)})
	}
	return list, nil
}

// spread gives entries new ordinals, step apart. All leave their old ones first: one may take another's.
func (d *delta) spread(list []placed, from, step uint64) error {
	for i := range list {
		p := &list[i]
		if p.to = uint32(from + uint64(i)*step); p.to == p.ord {
			continue
		}
		v, err := d.view(p.data)
		if err != nil {
			return err
		}
		if err := d.index(p.ord, &v, nil); err != nil {
			return err
		}
		if err := d.tree.entries.Delete(appendOrdinal(nil, p.ord)); err != nil {
			return err
		}
	}
	for i := range list {
		p := &list[i]
		if p.to == p.ord {
			continue
		}
		d.result.Moved++
		v, err := d.view(p.data)
		if err != nil {
			return err
		}
		if err := d.put(p.to, &v, p.data); err != nil {
			return err
		}
	}
	return nil
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
