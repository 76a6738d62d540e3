package emulator

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A selection says which records a call may see.
type selection struct {
	deleted bool          // queryAll: the recycle bin too
	now     time.Time     // of the org
	late    time.Duration // every second record is not visible until that long after its change
}

// A scan is the part of an order that can hold the matches.
type scan struct {
	stamps   bool // of byStamp, else of byID
	lo, hi   int
	residual []*test
}

// records gives the slots that match, in order, cut to offset and limit. The slice must not be changed: it may be part
// of the table's own order.
func (e *evaluation) records(q *boundQuery, sel selection) []uint32 {
	t := q.object.table
	var terms []*test
	if q.where != nil {
		terms = []*test{q.where}
		if q.where.kind == condAnd {
			terms = q.where.children
		}
	}
	terms, bin, possible := binTerms(terms, sel.deleted)
	if !possible {
		return nil
	}
	direct, ids := directIDs(t, terms)
	switch {
	case ids:
		return e.sorted(q, e.filter(t, direct, terms, bin, sel, -1), false)
	case bin == binOnly:
		return e.sorted(q, e.filter(t, t.binSlots(), terms, bin, sel, -1), false)
	}

	byID, byStamp := t.idScan(terms), t.stampScan(terms)
	wantStamp, reverse, ordered := naturalOrder(q)
	s := byID
	switch {
	case ordered && wantStamp:
		s = byStamp
	case ordered:
	case byStamp.hi-byStamp.lo < byID.hi-byID.lo:
		s = byStamp
	}
	// An unordered query comes in the order of Id; a far smaller range of stamps is worth sorting.
	if len(q.order) == 0 && byStamp.hi-byStamp.lo < (byID.hi-byID.lo)/4 {
		s, ordered = byStamp, false
	}
	list := t.byID
	if s.stamps {
		list = t.byStamp
	}
	list = list[s.lo:max(s.lo, s.hi)]
	need := -1
	if ordered && q.limit >= 0 {
		need = q.offset + q.limit
	}
	whole := len(s.residual) == 0 && (bin == binAll || t.bin == 0) && t.late == 0 && sel.late == 0
	if ordered && reverse {
		list = reversed(list, whole, need)
	}
	if !whole {
		list = e.filter(t, list, s.residual, bin, sel, need)
	}
	return e.sorted(q, list, ordered)
}

// reversed gives a reversed copy, of the last need items where nothing is filtered.
func reversed(list []uint32, whole bool, need int) []uint32 {
	if whole && need >= 0 && need < len(list) {
		list = list[len(list)-need:]
	}
	list = slices.Clone(list)
	slices.Reverse(list)
	return list
}

type binView uint8

const (
	binHidden binView = iota // without deleted records
	binAll                   // with deleted records
	binOnly                  // deleted records only
)

// binTerms takes IsDeleted = … out of the terms.
func binTerms(terms []*test, all bool) (rest []*test, view binView, possible bool) {
	if all {
		view = binAll
	}
	possible = true
	for _, c := range terms {
		if c.kind != condCompare || c.compare != compareDeleted || c.op != "=" || c.values[0].null {
			rest = append(rest, c)
			continue
		}
		switch want := c.values[0].text == "true"; {
		case want && (view == binHidden):
			possible = false
		case want:
			view = binOnly
		case view == binOnly:
			possible = false
		default:
			view = binHidden
		}
	}
	return rest, view, possible
}

// directIDs gives the slots of Id = x or Id IN (…).
func directIDs(t *table, terms []*test) ([]uint32, bool) {
	for _, c := range terms {
		if !c.own(t.object.id) || c.op != "=" && c.op != "IN" {
			continue
		}
		var out []uint32
		for _, v := range c.values {
			if v.null {
				continue
			}
			if slot, ok := t.find(v.text); ok {
				out = append(out, slot)
			}
		}
		slices.SortFunc(out, func(a, b uint32) int {
			if t.idLess(a, b) {
				return -1
			}
			return outcomeOf(a == b)
		})
		return slices.Compact(out), true
	}
	return nil, false
}

func outcomeOf(equal bool) int {
	if equal {
		return 0
	}
	return 1
}

// own tells whether the test compares a field of the record itself.
func (c *test) own(field int) bool {
	return c.kind == condCompare && len(c.ref.hops) == 0 && c.ref.field == field
}

// binSlots gives the deleted records in order of Id.
func (t *table) binSlots() []uint32 {
	var out []uint32
	for slot, r := range t.changed {
		if r.deleted && !t.isGone(slot) {
			out = append(out, slot)
		}
	}
	for i, r := range t.extra {
		if slot := t.base + uint32(i); r.deleted && !t.isGone(slot) {
			out = append(out, slot)
		}
	}
	slices.SortFunc(out, func(a, b uint32) int {
		if t.idLess(a, b) {
			return -1
		}
		return 1
	})
	return out
}

// idScan narrows byID by the terms on Id.
func (t *table) idScan(terms []*test) scan {
	s := scan{hi: len(t.byID)}
	for _, c := range terms {
		if !c.own(t.object.id) || c.values[0].null {
			s.residual = append(s.residual, c)
			continue
		}
		switch id := c.values[0].text; c.op {
		case ">":
			s.lo = max(s.lo, t.idBound(id, true))
		case ">=":
			s.lo = max(s.lo, t.idBound(id, false))
		case "<":
			s.hi = min(s.hi, t.idBound(id, false))
		case "<=":
			s.hi = min(s.hi, t.idBound(id, true))
		default:
			s.residual = append(s.residual, c)
		}
	}
	return s
}

// stampScan narrows byStamp by the terms on SystemModstamp, and by a keyset term
// (SystemModstamp = t AND Id > id) OR SystemModstamp > t.
func (t *table) stampScan(terms []*test) scan {
	s := scan{stamps: true, hi: len(t.byStamp)}
	for _, c := range terms {
		if stamp, id, ok := t.keyset(c); ok {
			s.lo = max(s.lo, t.stampBound(stamp, id, true))
			continue
		}
		if c.kind != condCompare || c.compare != compareStamp || !c.values[0].hasStamp {
			s.residual = append(s.residual, c)
			continue
		}
		v := c.values[0]
		// A span includes its start and excludes its end; a plain dateTime is a span of one second.
		from, to := t.stampBound(v.stamp, "", false), 0
		if v.hasRange {
			to = t.stampBound(v.stampEnd, "", false)
		} else {
			to = t.stampBound(v.stamp, "", true)
		}
		switch c.op {
		case "=":
			s.lo, s.hi = max(s.lo, from), min(s.hi, to)
		case ">":
			s.lo = max(s.lo, to)
		case ">=":
			s.lo = max(s.lo, from)
		case "<":
			s.hi = min(s.hi, from)
		case "<=":
			s.hi = min(s.hi, to)
		default:
			s.residual = append(s.residual, c)
		}
	}
	return s
}

// keyset recognises the paging term, in any order of its parts.
func (t *table) keyset(c *test) (stamp int64, id string, ok bool) {
	if c.kind != condOr || len(c.children) != 2 {
		return 0, "", false
	}
	same, above := c.children[0], c.children[1]
	if same.kind != condAnd {
		same, above = above, same
	}
	plain := func(c *test, op string) bool {
		return c.kind == condCompare && c.compare == compareStamp && c.op == op && c.values[0].hasStamp && !c.values[0].hasRange
	}
	if same.kind != condAnd || len(same.children) != 2 || !plain(above, ">") {
		return 0, "", false
	}
	at, after := same.children[0], same.children[1]
	if !plain(at, "=") {
		at, after = after, at
	}
	if !plain(at, "=") || !after.own(t.object.id) || after.op != ">" || after.values[0].null || at.values[0].stamp != above.values[0].stamp {
		return 0, "", false
	}
	return at.values[0].stamp, after.values[0].text, true
}

// naturalOrder tells whether ORDER BY is one of the table's own orders.
func naturalOrder(q *boundQuery) (stamps, reverse, ok bool) {
	if len(q.order) == 0 {
		return false, false, true
	}
	own := func(o boundOrder, field int) bool { return len(o.ref.hops) == 0 && o.ref.field == field }
	first := q.order[0]
	switch {
	case own(first, q.object.id):
		return false, first.descending, true
	case !own(first, q.object.stamp):
		return false, false, false
	case len(q.order) == 1:
		return true, first.descending, true
	}
	second := q.order[1]
	return true, first.descending, own(second, q.object.id) && second.descending == first.descending
}

// filter gives the slots that a call sees and that meet all terms; need stops it early, -1 never.
func (e *evaluation) filter(t *table, list []uint32, terms []*test, bin binView, sel selection, need int) []uint32 {
	var out []uint32
	now := sel.now.Unix()
	hidden := now - int64(sel.late/time.Second)
next:
	for _, slot := range list {
		if need >= 0 && len(out) >= need {
			break
		}
		if deleted := t.isDeleted(slot); deleted && bin == binHidden || !deleted && bin == binOnly {
			continue
		}
		if t.late > 0 {
			if r := t.held(slot); r != nil && r.visible > now {
				continue
			}
		}
		if sel.late > 0 && slot%2 == 1 && t.stampOf(slot) > hidden {
			continue
		}
		for _, c := range terms {
			if !e.match(t, slot, c) {
				continue next
			}
		}
		out = append(out, slot)
	}
	return out
}

// A sortKey is a field's value for sorting.
type sortKey struct {
	text   string
	number float64
	null   bool
}

// sorted orders the slots unless they are ordered, then cuts them.
func (e *evaluation) sorted(q *boundQuery, list []uint32, ordered bool) []uint32 {
	t := q.object.table
	if !ordered {
		type row struct {
			slot uint32
			keys []sortKey
		}
		rows := make([]row, len(list))
		for i, slot := range list {
			rows[i] = row{slot, make([]sortKey, len(q.order))}
			for k, o := range q.order {
				rows[i].keys[k] = e.key(t, slot, o.ref)
			}
		}
		slices.SortStableFunc(rows, func(a, b row) int {
			for k, o := range q.order {
				if c := compareKeys(a.keys[k], b.keys[k], o); c != 0 {
					return c
				}
			}
			if t.idLess(a.slot, b.slot) {
				return -1
			}
			return outcomeOf(a.slot == b.slot)
		})
		list = make([]uint32, len(rows))
		for i, r := range rows {
			list[i] = r.slot
		}
	}
	list = list[min(q.offset, len(list)):]
	if q.limit >= 0 {
		list = list[:min(q.limit, len(list))]
	}
	return list
}

func (e *evaluation) key(t *table, slot uint32, ref *fieldRef) sortKey {
	value, ok := e.fetch(t, slot, ref)
	if !ok {
		return sortKey{null: true}
	}
	switch f := ref.def(); {
	case f.numeric():
		n, err := strconv.ParseFloat(string(value), 64)
		return sortKey{number: n, null: err != nil}
	case comparisonOf(f) == compareExact:
		return sortKey{text: string(value)}
	}
	return sortKey{text: strings.ToLower(string(value))}
}

func compareKeys(a, b sortKey, o boundOrder) int {
	if a.null || b.null {
		switch {
		case a.null && b.null:
			return 0
		case a.null != o.nullsLast:
			return -1
		}
		return 1
	}
	c := cmp.Compare(a.number, b.number)
	if c == 0 {
		c = cmp.Compare(a.text, b.text)
	}
	if o.descending {
		return -c
	}
	return c
}
