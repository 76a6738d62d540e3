package directory

import (
	"bytes"

	"ringdex/replicator/store"
)

// match is one entry of an ordered answer.
type match struct {
	static *staticMatch // nil: a record
	item   item
	view   store.View
}

// item is a record's place in an ordered answer: those with equal keys stand in list order.
type item struct {
	key     []byte // composite; nil where the order doesn't need it
	ordinal uint32
}

func (i *item) compare(other *item) int {
	if c := bytes.Compare(i.key, other.key); c != 0 {
		return c
	}
	switch {
	case i.ordinal < other.ordinal:
		return -1
	case i.ordinal > other.ordinal:
		return 1
	}
	return 0
}

// source gives the records of an answer in order.
type source interface {
	// open starts at the first record, or at the first one behind a place.
	open(after *item) error
	// next is the next record that matches. Its key is valid until the call after that.
	next() (it item, v store.View, ok bool, err error)
}

// walk is an ordered answer in progress: records and others merged. It belongs to one search.
type walk struct {
	q       *search
	extent  extent
	order   *ordering
	source  source // nil: no records
	statics []staticMatch
	sent    int // of statics
	ahead   match
	full    bool // ahead is the next record
	done    bool // there is none
	more    bool // answer has left some for the next page
}

// walk prepares the answer; start it by open.
func (q *search) walk(x extent, o *ordering) *walk {
	return &walk{q: q, extent: x, order: o, statics: q.staticMatches(&x, o)}
}

// open starts at the beginning, or behind a place. Behind a record come the statics with greater keys; statics stands
// before records with the same key. static is how many of them come before the place.
func (w *walk) open(after *item, statics int) error {
	w.sent, w.full, w.done = statics, false, w.source == nil
	if w.source == nil {
		return nil
	}
	return w.source.open(after)
}

// next is the next entry of the answer: false behind the last.
func (w *walk) next() (match, bool, error) {
	if !w.full && !w.done {
		it, v, ok, err := w.source.next()
		if err != nil {
			return match{}, false, err
		}
		w.ahead, w.full, w.done = match{item: it, view: v}, ok, !ok
	}
	if w.sent < len(w.statics) && (!w.full || bytes.Compare(w.statics[w.sent].key, w.keyAhead()) <= 0) {
		w.sent++
		return match{static: &w.statics[w.sent-1]}, true, nil
	}
	w.full = false
	return w.ahead, !w.done, nil
}

// keyAhead is the composite key of the next record: sources leave it out where the order is the list's.
func (w *walk) keyAhead() []byte {
	if it := &w.ahead.item; it.key == nil && len(w.order.fields) > 0 {
		it.key = w.order.appendKey(w.q.s, nil, &w.ahead.view)
	}
	return w.ahead.item.key
}

// matching holds a record against everything that decides whether it is in the answer, unless it is sure to be.
func (w *walk) matching(ord uint32, sure bool) (store.View, bool) {
	v, ok := w.q.r.View(ord)
	if ok && sure {
		return v, true
	}
	if !ok || w.extent.object != "" && v.Object() != w.extent.object || w.q.s.evaluate(w.q.condition, &v) != isTrue || !w.q.s.shows(&v) {
		return v, false
	}
	return v, true
}

// single is the source of a search for one entry.
type single struct {
	w    *walk
	done bool
}

func (s *single) open(after *item) error {
	s.done = after != nil
	return nil
}

func (s *single) next() (it item, v store.View, ok bool, err error) {
	if s.done {
		return it, v, false, nil
	}
	s.done = true
	v, ok = s.w.matching(s.w.extent.ordinal, false)
	return item{ordinal: s.w.extent.ordinal}, v, ok, nil
}

// listSource gives records in list order, as the indexes propose them.
type listSource struct {
	w    *walk
	plan plan
	scan bool
	sure bool   // everything that is proposed is in the answer
	from uint64 // where the next round begins
	list []uint32
	at   int
	max  int
	done bool
}

func (l *listSource) open(after *item) error {
	l.list, l.at, l.done = l.list[:0], 0, false
	if l.from = 0; after != nil {
		l.from = uint64(after.ordinal) + 1
	}
	if l.max == 0 {
		l.max = unlimitedProposals
	}
	return nil
}

func (l *listSource) next() (it item, v store.View, ok bool, err error) {
	for {
		ord, ok, err := l.propose()
		if err != nil || !ok {
			return it, v, false, err
		}
		if err := l.w.q.check(); err != nil {
			return it, v, false, err
		}
		if v, ok := l.w.matching(ord, l.sure); ok {
			return item{ordinal: ord}, v, true, nil
		}
	}
}

func (l *listSource) propose() (ord uint32, ok bool, err error) {
	if l.scan {
		if l.from >= 1<<32 {
			return 0, false, nil
		}
		ord, ok = l.w.q.r.Next(uint32(l.from))
		l.from = uint64(ord) + 1
		return ord, ok, nil
	}
	for l.at == len(l.list) {
		if l.done || l.from >= 1<<32 {
			return 0, false, nil
		}
		var next uint32
		l.list, next, l.done, err = l.plan.propose(l.w.q.s, l.w.q.r, l.list[:0], uint32(l.from), l.max)
		if err != nil {
			return 0, false, err
		}
		l.from, l.at = uint64(next), 0
		l.max *= growth
	}
	l.at++
	return l.list[l.at-1], true, nil
}

// keptSource gives records whose order was worked out before: those of a number, best first, or those that were sorted
// in memory.
type keptSource struct {
	w     *walk
	items []item
	order bool // they are in the order of their keys and ordinals, so that a place between them can be found
	at    int
	moved bool // a piece was sent since: what is kept may have changed
}

func (k *keptSource) open(after *item) error {
	k.at = 0
	if after == nil {
		return nil
	}
	if !k.order {
		return errReplaced
	}
	for low, high := 0, len(k.items); ; {
		if low == high {
			k.at = low
			return nil
		}
		if middle := int(uint(low+high) >> 1); k.items[middle].compare(after) <= 0 {
			low = middle + 1
		} else {
			high = middle
		}
	}
}

func (k *keptSource) next() (it item, v store.View, ok bool, err error) {
	for k.at < len(k.items) {
		if err := k.w.q.check(); err != nil {
			return it, v, false, err
		}
		it = k.items[k.at]
		k.at++
		// The company behind a number doesn't match its filter: it is found by looking at the data that was asked for.
		if v, ok = k.w.q.r.View(it.ordinal); ok && k.moved {
			v, ok = k.w.matching(it.ordinal, false)
		}
		if ok {
			return it, v, true, nil
		}
	}
	return it, v, false, nil
}
