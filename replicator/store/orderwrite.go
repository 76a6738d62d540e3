package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"

	bolt "go.etcd.io/bbolt"

	"ringdex/schema/name"
)

// orderSortBytes is the memory of the sorter of one attribute; there are five at a time.
const orderSortBytes = 3 << 20

// orderGatherer collects the orders of entries that come in list order.
type orderGatherer struct {
	by      name.Collation
	columns []orderColumn
	scratch []byte
	count   int
}

type orderColumn struct {
	attr    uint16
	natural bool
	sorter  *sorter
}

func newOrderGatherer(path string, attrs []AttrInfo, by name.Collation) *orderGatherer {
	g := &orderGatherer{by: by}
	for i := range attrs {
		if slices.Contains(orderNames[:], attrs[i].Name) {
			s := newSorter(path)
			s.limit = orderSortBytes
			g.columns = append(g.columns, orderColumn{attr: uint16(attrs[i].Index), natural: true, sorter: s})
		}
	}
	slices.SortFunc(g.columns, func(a, b orderColumn) int { return int(a.attr) - int(b.attr) })
	return g
}

func (g *orderGatherer) close() (err error) {
	for i := range g.columns {
		err = errors.Join(err, g.columns[i].sorter.close())
	}
	return err
}

func (g *orderGatherer) add(ord uint32, v *View) error {
	g.count++
	display := appendDisplayKey(g.by, g.scratch[:0], v)
	n := len(display)
	for i := range g.columns {
		c := &g.columns[i]
		g.scratch = appendOrderKey(g.by, display, v, int(c.attr))
		key := g.scratch[n:]
		c.natural = c.natural && bytes.Equal(key, g.scratch[:n])
		var place [maxOrderKey + orderTail]byte
		p := append(append(place[:0], key...), termEnd)
		if err := c.sorter.add(binary.BigEndian.AppendUint32(p, ord), nil); err != nil {
			return err
		}
	}
	g.scratch = display
	return nil
}

// write writes the orders in the order of the bucket's keys. The list's is made of the ordinals of a load, which are
// ordinalGap apart.
func (g *orderGatherer) write(put func(key, value []byte) error) error {
	for i := range g.columns {
		c := &g.columns[i]
		if c.natural {
			if err := put(orderMark(c.attr), []byte{orderNatural}); err != nil {
				return err
			}
			continue
		}
		records, err := c.sorter.sorted()
		if err != nil {
			return err
		}
		err = writeOrder(c.attr, put, func() (key []byte, ord uint32, ok bool, err error) {
			k, _, ok, err := records.next()
			if err != nil || !ok {
				return nil, 0, false, err
			}
			return k[:len(k)-orderTail], binary.BigEndian.Uint32(k[len(k)-4:]), true, nil
		})
		if err = errors.Join(err, c.sorter.close()); err != nil {
			return err
		}
	}
	n := 0
	return writeOrder(orderList, put, func() (key []byte, ord uint32, ok bool, err error) {
		n++
		return nil, uint32(n) * ordinalGap, n <= g.count, nil
	})
}

// writeOrder writes one order: its mark, then what next gives.
func writeOrder(attr uint16, put func(key, value []byte) error, next func() (key []byte, ord uint32, ok bool, err error)) error {
	if err := put(orderMark(attr), []byte{orderListed}); err != nil {
		return err
	}
	var c orderChunk
	flush := func() error {
		if c.count == 0 {
			return nil
		}
		err := put(appendPlace(nil, attr, c.first.key, c.first.ord), c.value())
		c.count = 0
		return err
	}
	for {
		key, ord, ok, err := next()
		if err != nil {
			return err
		}
		if !ok {
			return flush()
		}
		if len(c.body) >= orderBytes-maxOrderKey-orderTail && c.count > 0 {
			if err := flush(); err != nil {
				return err
			}
		}
		c.add(key, ord)
	}
}

// orders keeps the orders up to date when the entry old becomes v at an ordinal; either may be nil.
func (d *delta) orders(ord uint32, old, v *View) error {
	b := d.tree.orders
	if b == nil {
		return nil
	}
	by := d.tree.collation()
	if d.marks == nil {
		var err error
		if d.marks, err = orderMarks(b); err != nil {
			return err
		}
	}
	for attr, mark := range d.marks {
		var was, is []byte
		switch {
		case attr == orderList:
			was, is = []byte{}, []byte{}
		default:
			if old != nil {
				was = appendOrderKey(by, nil, old, int(attr))
			}
			if v != nil {
				is = appendOrderKey(by, nil, v, int(attr))
			}
		}
		if mark == orderNatural {
			if v == nil || bytes.Equal(is, appendDisplayKey(by, nil, v)) {
				continue
			}
			// The attribute isn't the name in the list any longer. It has no order of its own before the next load.
			delete(d.marks, attr)
			if err := b.Delete(orderMark(attr)); err != nil {
				return err
			}
			continue
		}
		if old != nil && v != nil && bytes.Equal(was, is) {
			continue
		}
		if old != nil {
			if err := changeOrder(b, attr, orderItem{was, ord}, false); err != nil {
				return err
			}
		}
		if v != nil {
			if err := changeOrder(b, attr, orderItem{is, ord}, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// changeOrder puts an item into an order or takes it out.
func changeOrder(b *bolt.Bucket, attr uint16, item orderItem, add bool) error {
	c := b.Cursor()
	target := appendPlace(nil, attr, item.key, item.ord)
	k, v := c.Seek(target)
	if !bytes.Equal(k, target) {
		after, value := bytes.Clone(k), bytes.Clone(v)
		if k, v = previous(c, target); !ownsPlace(k, attr) {
			k, v = after, value // before the first chunk
		}
	}
	var items orderItems
	found := ownsPlace(k, attr)
	if found {
		k = bytes.Clone(k)
		if !items.decode(k, v) {
			panic("malformed order")
		}
	}
	list := make([]orderItem, 0, len(items.ords)+1)
	for i := range items.ords {
		list = append(list, orderItem{items.key(i), items.ords[i]})
	}
	i := items.search(item.key, item.ord)
	same := i < len(list) && list[i].compare(item.key, item.ord) == 0
	switch {
	case add == same:
		return nil
	case add:
		list = slices.Insert(list, i, item)
	default:
		list = slices.Delete(list, i, i+1)
	}
	if found && (len(list) == 0 || i == 0) {
		if err := b.Delete(k); err != nil {
			return err
		}
	}
	return putOrder(b, attr, list)
}

// putOrder writes a chunk, in two halves if it has become too long.
func putOrder(b *bolt.Bucket, attr uint16, list []orderItem) error {
	if len(list) == 0 {
		return nil
	}
	var c orderChunk
	for i := range list {
		c.add(list[i].key, list[i].ord)
	}
	if len(c.body) > orderSplit {
		half := len(list) / 2
		if err := putOrder(b, attr, list[half:]); err != nil {
			return err
		}
		return putOrder(b, attr, list[:half])
	}
	return b.Put(appendPlace(nil, attr, list[0].key, list[0].ord), c.value())
}

// orders checks that every order has every entry once, at its place.
func (c *check) orders(tx *bolt.Tx, t *tree, attrs []AttrInfo) error {
	marks, err := orderMarks(t.orders)
	if err != nil {
		return err
	}
	by := t.collation()
	for attr, mark := range marks {
		var key []byte
		if mark == orderNatural {
			cursor := t.entries.Cursor()
			for k, data := cursor.First(); k != nil; k, data = cursor.Next() {
				if v, ok := openView(data, attrs); ok && !bytes.Equal(appendOrderKey(by, nil, &v, int(attr)), appendDisplayKey(by, nil, &v)) {
					c.problem("orders", "entry %x isn't named by attribute %d, whose order is the list's", k, attr)
				}
			}
			continue
		}
		n := 0
		last := orderItem{}
		var items orderItems
		cursor := t.orders.Cursor()
		cursor.Seek(orderMark(attr))
		for k, value := cursor.Next(); ownsPlace(k, attr); k, value = cursor.Next() {
			if !items.decode(k, value) {
				c.problem("orders", "chunk %x can't be read", k)
				continue
			}
			for i, ord := range items.ords {
				if n++; n%progressStep == 0 && c.ctx.Err() != nil {
					return c.ctx.Err()
				}
				item := orderItem{items.key(i), ord}
				if n > 1 && item.compare(last.key, last.ord) <= 0 {
					c.problem("orders", "attribute %d: entry %x stands at a wrong place", attr, ord)
				}
				last = orderItem{append(last.key[:0], item.key...), ord}
				v, ok := openView(t.entries.Get(appendOrdinal(nil, ord)), attrs)
				if key = key[:0]; ok && attr != orderList {
					key = appendOrderKey(by, key, &v, int(attr))
				}
				if !ok || !bytes.Equal(key, item.key) {
					c.problem("orders", "attribute %d: %x isn't an entry with that key", attr, ord)
				}
			}
		}
		if n != c.result.Entries {
			c.problem("orders", "attribute %d: %d entries of %d", attr, n, c.result.Entries)
		}
	}
	return nil
}
