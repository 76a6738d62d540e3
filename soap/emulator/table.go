package emulator

import (
	"bytes"
	"slices"
	"sort"
)

// A cell is the value of one field in SOAP spelling; the zero cell is nil.
type cell struct {
	text string
	set  bool
}

// A record is held in memory: loaded, created, or generated and then changed.
type record struct {
	id      string // 18 characters
	cells   []cell // by number of the field; may be shorter than the object's list
	stamp   int64  // SystemModstamp, Unix seconds
	visible int64  // Unix seconds until which queries do not see it, 0 at once
	deleted bool
}

func (r *record) cell(n int) cell {
	if n < len(r.cells) {
		return r.cells[n]
	}
	return cell{}
}

func (r *record) setCell(n int, c cell) {
	for len(r.cells) <= n {
		r.cells = append(r.cells, cell{})
	}
	r.cells[n] = c
}

// A generator computes records from their number, so that an org of a million needs no memory for them.
type generator interface {
	// count is the number of records.
	count() uint32
	// appendID appends the 18-character Id of record n. Ids ascend with n.
	appendID(dst []byte, n uint32) []byte
	// number gives n from an Id's first 15 characters.
	number(id string) (uint32, bool)
	// stamp is the SystemModstamp in Unix seconds.
	stamp(n uint32) int64
	// appendValue appends the value of a field; false means nil.
	appendValue(dst []byte, n uint32, field int) ([]byte, bool)
}

// A purge is what remains of a record that left the recycle bin.
type purge struct {
	id    string
	stamp int64 // when it was deleted
}

// A table holds the records of one object under slots: numbers below base are generated, the others lie in extra.
// The two orders are never changed in place, so that a cursor can keep a part of them.
type table struct {
	object  *object
	gen     generator
	base    uint32
	changed map[uint32]*record // generated records that are no longer as generated
	extra   []*record
	ids     map[string]uint32 // first 15 characters to slot, of extra only

	byID, byStamp []uint32
	dirty         map[uint32]struct{} // slots whose place in byStamp is not right any more
	gone          map[uint32]struct{} // purged slots
	fresh         []uint32            // slots that are not in byID yet
	bin           int                 // deleted records that are not purged
	late          int                 // records with a visible time
	log           []purge
}

func newTable(o *object) *table {
	return &table{
		object: o, changed: map[uint32]*record{}, ids: map[string]uint32{},
		dirty: map[uint32]struct{}{}, gone: map[uint32]struct{}{},
	}
}

// generate fills an empty table.
func (t *table) generate(g generator) {
	t.gen, t.base = g, g.count()
	t.byID = make([]uint32, t.base)
	keys := make([]uint64, t.base)
	for n := range t.base {
		t.byID[n] = n
		keys[n] = uint64(g.stamp(n))<<32 | uint64(n)
	}
	slices.Sort(keys)
	t.byStamp = make([]uint32, t.base)
	for i, k := range keys {
		t.byStamp[i] = uint32(k)
	}
}

// held gives the record in memory, nil for one that is as generated.
func (t *table) held(slot uint32) *record {
	if slot >= t.base {
		return t.extra[slot-t.base]
	}
	if len(t.changed) == 0 {
		return nil
	}
	return t.changed[slot]
}

// own gives the record for a change; a generated one is written out first.
func (t *table) own(slot uint32) *record {
	if r := t.held(slot); r != nil {
		return r
	}
	r := &record{id: string(t.gen.appendID(nil, slot)), stamp: t.gen.stamp(slot), cells: make([]cell, len(t.object.fields))}
	var buf []byte
	for n := range t.object.fields {
		out, ok := t.gen.appendValue(buf[:0], slot, n)
		if ok {
			r.cells[n] = cell{string(out), true}
		}
		buf = out
	}
	t.changed[slot] = r
	return r
}

// insert adds a record and gives its slot.
func (t *table) insert(r *record) uint32 {
	slot := t.base + uint32(len(t.extra))
	t.extra = append(t.extra, r)
	t.ids[r.id[:15]] = slot
	t.fresh = append(t.fresh, slot)
	t.dirty[slot] = struct{}{}
	return slot
}

// find gives the slot of an Id of 15 or 18 characters.
func (t *table) find(id string) (uint32, bool) {
	if len(id) < 15 {
		return 0, false
	}
	if t.gen != nil {
		if n, ok := t.gen.number(id[:15]); ok {
			_, gone := t.gone[n]
			return n, !gone
		}
	}
	slot, ok := t.ids[id[:15]]
	return slot, ok
}

func (t *table) appendID(dst []byte, slot uint32) []byte {
	if slot < t.base {
		return t.gen.appendID(dst, slot)
	}
	return append(dst, t.extra[slot-t.base].id...)
}

func (t *table) stampOf(slot uint32) int64 {
	if r := t.held(slot); r != nil {
		return r.stamp
	}
	return t.gen.stamp(slot)
}

// appendValue appends a field's value; false means nil.
func (t *table) appendValue(dst []byte, slot uint32, n int) ([]byte, bool) {
	if r := t.held(slot); r != nil {
		c := r.cell(n)
		return append(dst, c.text...), c.set
	}
	return t.gen.appendValue(dst, slot, n)
}

// isDeleted tells whether the record lies in the recycle bin.
func (t *table) isDeleted(slot uint32) bool {
	if t.bin == 0 {
		return false
	}
	r := t.held(slot)
	return r != nil && r.deleted
}

func (t *table) isGone(slot uint32) bool {
	if len(t.gone) == 0 {
		return false
	}
	_, gone := t.gone[slot]
	return gone
}

// restamp gives a record a new SystemModstamp.
func (t *table) restamp(slot uint32, r *record, stamp int64) {
	r.stamp = stamp
	t.dirty[slot] = struct{}{}
}

// purge takes a record out for good.
func (t *table) purge(slot uint32) {
	r := t.own(slot)
	if r.deleted {
		t.bin--
	}
	if r.visible != 0 {
		t.late--
	}
	t.gone[slot] = struct{}{}
	t.dirty[slot] = struct{}{}
	delete(t.ids, r.id[:15])
}

// settle brings the orders up to date after changes: one pass over each, whatever the number of changes.
func (t *table) settle() {
	if len(t.dirty) == 0 {
		return
	}
	moved := make([]uint32, 0, len(t.dirty))
	for slot := range t.dirty {
		if !t.isGone(slot) {
			moved = append(moved, slot)
		}
	}
	sort.Slice(moved, func(i, j int) bool { return t.stampLess(moved[i], moved[j]) })
	t.byStamp = merge(t.byStamp, moved, func(s uint32) bool { _, d := t.dirty[s]; return d }, t.stampLess)
	fresh := slices.DeleteFunc(t.fresh, t.isGone)
	sort.Slice(fresh, func(i, j int) bool { return t.idLess(fresh[i], fresh[j]) })
	t.byID = merge(t.byID, fresh, t.isGone, t.idLess)
	t.fresh = nil
	clear(t.dirty)
}

// merge gives a new list: old without the dropped ones, and added, both in order.
func merge(old, added []uint32, drop func(uint32) bool, less func(a, b uint32) bool) []uint32 {
	out := make([]uint32, 0, len(old)+len(added))
	for _, s := range old {
		if drop(s) {
			continue
		}
		for len(added) > 0 && less(added[0], s) {
			out, added = append(out, added[0]), added[1:]
		}
		out = append(out, s)
	}
	return append(out, added...)
}

func (t *table) idLess(a, b uint32) bool {
	if a < t.base && b < t.base {
		return a < b
	}
	var x, y [18]byte
	return bytes.Compare(t.appendID(x[:0], a), t.appendID(y[:0], b)) < 0
}

func (t *table) stampLess(a, b uint32) bool {
	x, y := t.stampOf(a), t.stampOf(b)
	if x != y {
		return x < y
	}
	return t.idLess(a, b)
}

// idBound is the number of slots in byID whose Id is below id, or up to and with it when after is set.
func (t *table) idBound(id string, after bool) int {
	var buf [18]byte
	return sort.Search(len(t.byID), func(i int) bool {
		c := bytes.Compare(t.appendID(buf[:0], t.byID[i])[:15], []byte(id[:15]))
		return c > 0 || c == 0 && !after
	})
}

// stampBound is the number of slots in byStamp below (stamp, id), or up to and with it when after is set. An empty id
// stands before (after is false) or behind (after is true) all Ids of that stamp.
func (t *table) stampBound(stamp int64, id string, after bool) int {
	var buf [18]byte
	return sort.Search(len(t.byStamp), func(i int) bool {
		s := t.byStamp[i]
		if x := t.stampOf(s); x != stamp {
			return x > stamp
		}
		if id == "" {
			return !after
		}
		c := bytes.Compare(t.appendID(buf[:0], s)[:15], []byte(id[:15]))
		return c > 0 || c == 0 && !after
	})
}
