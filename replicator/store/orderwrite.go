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
	display []int  // attributes that name an entry in the list, first the one that counts most
	wanted  []bool // by attribute: it is one of these
	texts   []orderText
	keys    []byte // of the texts
	count   int
}

// orderText is a value of the entry at hand, with its key.
type orderText struct {
	attr     int
	text     []byte
	from, to int // in the keys
}

type orderColumn struct {
	attr    uint16
	natural bool
	sorter  *sorter
}

func newOrderGatherer(path string, attrs []AttrInfo, by name.Collation) *orderGatherer {
	g := &orderGatherer{by: by, wanted: make([]bool, len(attrs))}
	for i := range attrs {
		if slices.Contains(orderNames[:], attrs[i].Name) {
			s := newSorter(path)
			s.limit = orderSortBytes
			g.columns = append(g.columns, orderColumn{attr: uint16(attrs[i].Index), natural: true, sorter: s})
			g.wanted[i] = true
		}
	}
	for _, n := range displayNames {
		if i := slices.IndexFunc(attrs, func(a AttrInfo) bool { return a.Name == n }); i >= 0 {
			g.display = append(g.display, i)
			g.wanted[i] = true
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
	g.read(v)
	display := g.displayKey()
	for i := range g.columns {
		c := &g.columns[i]
		key := g.key(int(c.attr))
		c.natural = c.natural && bytes.Equal(key, display)
		var place [maxOrderKey + orderTail]byte
		p := append(append(place[:0], key...), termEnd)
		if err := c.sorter.add(binary.BigEndian.AppendUint32(p, ord), nil); err != nil {
			return err
		}
	}
	return nil
}

// read takes the texts of an entry that count, with their keys. A name that stands in several attributes is folded once.
func (g *orderGatherer) read(v *View) {
	g.texts, g.keys = g.texts[:0], g.keys[:0]
	for it := v.Values(); it.Next(); {
		if !g.wanted[it.attr.Index] {
			continue
		}
		t := orderText{attr: it.attr.Index, text: it.text, from: len(g.keys)}
		if i := slices.IndexFunc(g.texts, func(o orderText) bool { return bytes.Equal(o.text, it.text) }); i >= 0 {
			t.from, t.to = g.texts[i].from, g.texts[i].to
		} else {
			g.keys = AppendOrderKeyBy(g.by, g.keys, it.text)
			t.to = len(g.keys)
		}
		g.texts = append(g.texts, t)
	}
}

var missingKey = []byte{OrderMissing}

// key is appendOrderKey of what was read.
func (g *orderGatherer) key(attr int) []byte {
	least, found := missingKey, false
	for i := range g.texts {
		t := &g.texts[i]
		if t.attr != attr {
			continue
		}
		if key := g.keys[t.from:t.to]; !found || bytes.Compare(key, least) < 0 {
			least, found = key, true
		}
	}
	return least
}

// displayKey is appendDisplayKey of what was read.
func (g *orderGatherer) displayKey() []byte {
	for _, attr := range g.display {
		i := slices.IndexFunc(g.texts, func(t orderText) bool { return t.attr == attr })
		if i >= 0 && len(g.texts[i].text) > 0 {
			return g.keys[g.texts[i].from:g.texts[i].to]
		}
	}
	return missingKey
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

// changeOrder makes the first of some changes in ascending order, as many as concern one chunk, and says how many these were.
// What is there already and what is gone already counts for nothing.
func changeOrder(b *bolt.Bucket, notes []orderNote) (done int, err error) {
	attr, first := notes[0].attr(), notes[0].place
	c := b.Cursor()
	k, v := c.Seek(first)
	if !bytes.Equal(k, first) {
		after, value := bytes.Clone(k), bytes.Clone(v)
		if k, v = previous(c, first); !ownsPlace(k, attr) {
			k, v = after, value // before the first chunk
		}
	}
	var items orderItems
	found := ownsPlace(k, attr)
	var next []byte // the chunk after it
	if found {
		k = bytes.Clone(k)
		if !items.decode(k, v) {
			panic("malformed order")
		}
		c.Seek(k)
		if next, _ = c.Next(); !ownsPlace(next, attr) {
			next = nil
		}
	}
	list := make([]orderItem, 0, len(items.ords)+len(notes))
	i := 0
	for ; done < len(notes) && notes[done].attr() == attr && (next == nil || bytes.Compare(notes[done].place, next) < 0); done++ {
		item := notes[done].item()
		for ; i < len(items.ords); i++ {
			have := orderItem{items.key(i), items.ords[i]}
			order := have.compare(item.key, item.ord)
			if order == 0 {
				i++
			}
			if order >= 0 {
				break
			}
			list = append(list, have)
		}
		if notes[done].add {
			list = append(list, item)
		}
	}
	for ; i < len(items.ords); i++ {
		list = append(list, orderItem{items.key(i), items.ords[i]})
	}
	if found && (len(list) == 0 || list[0].compare(items.key(0), items.ords[0]) != 0) {
		if err := b.Delete(k); err != nil {
			return 0, err
		}
	}
	return done, putOrder(b, attr, list)
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
