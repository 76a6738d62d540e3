package store

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// A batch changes the lists at its end, by what every entry that it has touched was before and is then: however often an
// entry moves to make room for others, its hundreds of terms are looked at once, and those that it keeps not at all.

// origin is what an entry was before the batch; data is nil where it wasn't there.
type origin struct {
	ord  uint32
	data []byte
}

// touch remembers what an entry is before it changes, moves or goes. The data must stay as it is.
func (d *delta) touch(id string, ord uint32, data []byte) {
	if _, known := d.origins[id]; !known {
		d.origins[id] = origin{ord, data}
		d.touched = append(d.touched, id)
	}
}

// lists brings the index, the lists of names and the orders up to date.
func (d *delta) lists() error {
	x := &listChanges{d: d, terms: terms{version: d.tree.names(), people: d.tree.people != nil}}
	if d.tree.orders != nil {
		var err error
		if x.marks, err = orderMarks(d.tree.orders); err != nil {
			return err
		}
	}
	for _, id := range d.touched {
		was := d.origins[id]
		ord, data, err := d.stored(id)
		if err != nil {
			return err
		}
		if err := x.entry(was, origin{ord, data}); err != nil {
			return err
		}
	}
	return errors.Join(x.writeIndex(), x.writeOrders())
}

// listChanges gathers what changes in lists.
type listChanges struct {
	d       *delta
	terms   terms
	was, is termKeys
	keys    []byte // of the notes
	notes   []note
	marks   map[uint16]byte // of the orders
	orders  []orderNote
}

// note is a posting that changes, with the place of its list's key in listChanges.keys. An ordinal that one entry leaves and
// another takes may both leave a list and enter it: it is in it then.
type note struct {
	head     uint64 // packTerm of the key
	from, to int
	posting
}

func (x *listChanges) key(n *note) []byte { return x.keys[n.from:n.to:n.to] }

// entry notes what changes when an entry becomes another state of it.
func (x *listChanges) entry(was, is origin) error {
	var old, v *View
	for _, s := range []struct {
		data []byte
		view **View
		keys *termKeys
	}{{was.data, &old, &x.was}, {is.data, &v, &x.is}} {
		s.keys.reset()
		if s.data == nil {
			continue
		}
		view, err := x.d.view(s.data)
		if err != nil {
			return err
		}
		if !x.terms.read(&view) {
			return fmt.Errorf("%w: %w", ErrCorrupt, errEncoding)
		}
		*s.view = &view
		s.keys.fill(&x.terms, view.object)
	}
	stays := was.ord == is.ord
	i, j := 0, 0
	for i < x.was.len() || j < x.is.len() {
		order := 0
		switch {
		case i == x.was.len():
			order = 1
		case j == x.is.len():
			order = -1
		default:
			order = bytes.Compare(x.was.at(i), x.is.at(j))
		}
		if order <= 0 {
			if order < 0 || !stays {
				x.note(x.was.at(i), posting{was.ord, false})
			}
			i++
		}
		if order >= 0 {
			if order > 0 || !stays {
				x.note(x.is.at(j), posting{is.ord, true})
			}
			j++
		}
	}
	return x.order(was.ord, is.ord, old, v)
}

func (x *listChanges) note(key []byte, p posting) {
	from := len(x.keys)
	x.keys = append(x.keys, key...)
	x.notes = append(x.notes, note{packTerm(key), from, len(x.keys), p})
}

// termKeys are the keys of an entry's lists, sorted, each once.
type termKeys struct {
	text  []byte
	spans [][2]uint32
}

func (t *termKeys) reset() { t.text, t.spans = t.text[:0], t.spans[:0] }

func (t *termKeys) len() int { return len(t.spans) }

func (t *termKeys) at(i int) []byte { return t.text[t.spans[i][0]:t.spans[i][1]] }

func (t *termKeys) fill(of *terms, object []byte) {
	of.each(object, func(kind byte, term []byte) {
		from := len(t.text)
		t.text = appendTerm(t.text, kind, term)
		t.spans = append(t.spans, [2]uint32{uint32(from), uint32(len(t.text))})
	})
	text := func(s [2]uint32) []byte { return t.text[s[0]:s[1]] }
	slices.SortFunc(t.spans, func(a, b [2]uint32) int { return bytes.Compare(text(a), text(b)) })
	t.spans = slices.CompactFunc(t.spans, func(a, b [2]uint32) bool { return bytes.Equal(text(a), text(b)) })
}

// leavingFirst orders what happens at one place of a list.
func leavingFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// writeIndex changes the lists in the order of their keys, each once: a batch that changes many entries changes the
// same frequent terms.
func (x *listChanges) writeIndex() error {
	slices.SortFunc(x.notes, func(a, b note) int {
		if a.head != b.head {
			return cmp.Compare(a.head, b.head)
		}
		if c := bytes.Compare(x.key(&a), x.key(&b)); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(a.ord, b.ord), leavingFirst(a.add, b.add))
	})
	t := &x.d.tree
	var changes []posting
	var edit listEditor
	for rest := x.notes; len(rest) > 0; {
		key := x.key(&rest[0])
		changes = changes[:0]
		n := 0
		for n < len(rest) && bytes.Equal(x.key(&rest[n]), key) {
			if last := len(changes) - 1; last >= 0 && changes[last].ord == rest[n].ord {
				changes[last] = rest[n].posting
			} else {
				changes = append(changes, rest[n].posting)
			}
			n++
		}
		rest = rest[n:]
		in := t.index
		if key[0] >= kindName {
			in = t.people
		}
		before, after, err := edit.change(in, key, changes)
		if err != nil {
			return err
		}
		if before == after {
			continue
		}
		if err := x.fragments(key[0], key[1:len(key)-1], after); err != nil {
			return err
		}
	}
	return nil
}

// fragments writes or removes what leads to a list from fragments inside its text, now that the list came or went.
func (x *listChanges) fragments(kind byte, term []byte, there bool) error {
	in := x.d.tree.index
	if kind >= kindName {
		in = x.d.tree.inside
	}
	if in == nil {
		return nil
	}
	change := in.Delete
	if there {
		change = func(k []byte) error { return in.Put(bytes.Clone(k), nil) }
	}
	if kind >= kindName {
		return eachInside(kind, term, change)
	}
	if kind != kindWord {
		return nil
	}
	var err error
	eachTail(term, func(k []byte) { err = errors.Join(err, change(k)) })
	return err
}

// orderNote is an item that enters an order or leaves it, as a key of the bucket of orders.
type orderNote struct {
	place []byte
	add   bool
}

func (n *orderNote) attr() uint16 { return binary.BigEndian.Uint16(n.place) }

func (n *orderNote) item() orderItem {
	return orderItem{n.place[orderHead : len(n.place)-orderTail], binary.BigEndian.Uint32(n.place[len(n.place)-4:])}
}

// order notes what changes in the orders; old or v is nil where the entry comes or goes.
func (x *listChanges) order(from, to uint32, old, v *View) error {
	by := x.d.tree.collation()
	for attr, mark := range x.marks {
		key := func(v *View) []byte {
			switch {
			case v == nil:
				return nil
			case attr == orderList:
				return []byte{}
			}
			return appendOrderKey(by, nil, v, int(attr))
		}
		is := key(v)
		if mark == orderNatural {
			if v == nil || bytes.Equal(is, appendDisplayKey(by, nil, v)) {
				continue
			}
			// The attribute isn't the name in the list any longer. It has no order of its own before the next load.
			delete(x.marks, attr)
			if err := x.d.tree.orders.Delete(orderMark(attr)); err != nil {
				return err
			}
			continue
		}
		was := key(old)
		if old != nil && v != nil && from == to && bytes.Equal(was, is) {
			continue
		}
		if old != nil {
			x.orders = append(x.orders, orderNote{appendPlace(nil, attr, was, from), false})
		}
		if v != nil {
			x.orders = append(x.orders, orderNote{appendPlace(nil, attr, is, to), true})
		}
	}
	return nil
}

// writeOrders changes the orders, each chunk once.
func (x *listChanges) writeOrders() error {
	slices.SortFunc(x.orders, func(a, b orderNote) int {
		return cmp.Or(bytes.Compare(a.place, b.place), leavingFirst(a.add, b.add))
	})
	notes := x.orders[:0]
	for _, n := range x.orders {
		if last := len(notes) - 1; last >= 0 && bytes.Equal(notes[last].place, n.place) {
			notes[last] = n
		} else {
			notes = append(notes, n)
		}
	}
	for len(notes) > 0 {
		n, err := changeOrder(x.d.tree.orders, notes)
		if err != nil {
			return err
		}
		notes = notes[n:]
	}
	return nil
}
