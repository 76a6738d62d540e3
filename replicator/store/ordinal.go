package store

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	bolt "go.etcd.io/bbolt"

	"ringdex/schema/name"
)

// newcomer is an entry that waits for its ordinal.
type newcomer struct {
	id, key, data []byte // key is that of its place in the list
	old           uint32 // where it stands until then, 0 nowhere
}

// comes lets an entry wait for an ordinal until the batch is settled. One that gets another name stays at its old place so long,
// since bbolt's cursors go astray in a bucket whose pages have all been emptied.
func (d *delta) comes(v *View, data []byte, old uint32) {
	id := string(v.ID())
	d.waiting[id] = &newcomer{id: []byte(id), key: sortKey(v, d.tree.collation()), data: data, old: old}
}

func (n *newcomer) compare(key, id []byte) int {
	return cmp.Or(bytes.Compare(n.key, key), bytes.Compare(n.id, id))
}

// settle gives the newcomers ordinals, all that belong between the same two entries together: evenly between these. Where there
// are too few free, the entries around move apart before.
func (d *delta) settle() error {
	all := slices.SortedFunc(maps.Values(d.waiting), func(a, b *newcomer) int { return a.compare(b.key, b.id) })
	for rest := all; len(rest) > 0; {
		before, after, err := neighbours(d.tree.entries, d.attrs.list, d.tree.collation(), rest[0])
		if err != nil {
			return err
		}
		n := len(rest)
		if after < 1<<32 {
			v, err := d.view(d.tree.entries.Get(appendOrdinal(nil, uint32(after))))
			if err != nil {
				return err
			}
			key := sortKey(&v, d.tree.collation())
			n = 1
			for n < len(rest) && rest[n].compare(key, v.ID()) < 0 {
				n++
			}
		}
		gap := after - before
		if gap <= uint64(n) {
			if err := d.makeRoom(before, uint64(n)); err != nil {
				return err
			}
			continue
		}
		if after == 1<<32 {
			gap = min(gap, uint64(n+1)*ordinalGap) // behind the last one
		}
		for i := range n {
			if err := d.put(uint32(before+gap*uint64(i+1)/uint64(n+1)), rest[i].id, rest[i].data); err != nil {
				return err
			}
		}
		rest = rest[n:]
	}
	for _, n := range all {
		if n.old == 0 {
			continue
		}
		if err := d.tree.entries.Delete(appendOrdinal(nil, n.old)); err != nil {
			return err
		}
	}
	clear(d.waiting)
	return nil
}

const (
	// roomAround is how far around a crowded place entries move at first: twice as far, until it is roomy.
	roomAround = 16
	// roomGap is how far apart they stand then at least. The farther around, the roomier it has to be, so that the next
	// crowd finds room nearby.
	roomGap = 2
)

// makeRoom spreads the entries around an ordinal evenly, as far around as it takes, with places for some more behind it. Their
// order stays.
func (d *delta) makeRoom(at, more uint64) error {
	for around, gap := uint64(roomAround), uint64(2*roomGap); ; around, gap = 2*around, gap+1 {
		low, high := uint64(1), min(at+around, 1<<32-1)
		if at > around {
			low = at - around
		}
		crowd, err := d.between(low, high)
		if err != nil {
			return err
		}
		step := (high - low + 1) / (uint64(len(crowd)) + more + 1)
		switch {
		case step >= gap/2:
			return d.spread(crowd, low+step/2, step, at, more)
		case low == 1 && high == 1<<32-1:
			return fmt.Errorf("store: no ordinal is free")
		}
	}
}

// placed is an entry with its ordinal, and the one that it moves to.
type placed struct {
	ord, to uint32
	data    []byte
	leaves  bool // it waits for another place
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

// spread gives entries new ordinals, step apart, and leaves places for some more behind those up to an ordinal. All leave their
// old ones first: one may take another's.
func (d *delta) spread(list []placed, from, step, at, more uint64) error {
	for i := range list {
		p := &list[i]
		to := from + uint64(i)*step
		if uint64(p.ord) > at {
			to += more * step
		}
		if p.to = uint32(to); p.to == p.ord {
			continue
		}
		v, err := d.view(p.data)
		if err != nil {
			return err
		}
		n := d.waiting[string(v.ID())]
		p.leaves = n != nil && n.old == p.ord
		d.touch(string(v.ID()), p.ord, p.data)
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
		id := p.data[:idLength:idLength]
		if p.leaves {
			d.waiting[string(id)].old = p.to
			if err := d.tree.entries.Put(appendOrdinal(nil, p.to), p.data); err != nil {
				return err
			}
			continue
		}
		if err := d.put(p.to, id, p.data); err != nil {
			return err
		}
	}
	return nil
}

// neighbours finds the ordinals between which an entry belongs: 0 before the first one, 1<<32 behind the last. Ties are
// decided by the Id.
func neighbours(entries *bolt.Bucket, attrs []AttrInfo, by name.Collation, n *newcomer) (before, after uint64, err error) {
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
		if n.compare(sortKey(&other, by), other.ID()) > 0 {
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
