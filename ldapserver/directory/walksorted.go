package directory

import (
	"cmp"
	"encoding/binary"
	"slices"

	"ringdex/replicator/store"
)

// sortedHead is how many entries of a long list are kept apart from the others: what most searches ask for, in little memory.
const sortedHead = 256

// sortedSource gives the matches of an exact plan in an order that is made of the store's. Both are the same for whoever asks, so that
// the directory keeps the list until the store changes: only the first search reads all candidates. It is a list for windows, too.
type sortedSource struct {
	w     *walk
	plan  plan
	ords  []uint32 // the first ones, shared: never changed
	total int
	at    int
	want  int // how many will be asked for at first, 0 all
}

// sorted is a source of what a plan proposes with the first want records at hand (0: all); nil where that isn't known to match, or has
// to be put in order in another way.
func (w *walk) sorted(p *plan, want int) (*sortedSource, error) {
	if len(w.order.fields) == 0 || !w.certain(p) {
		return nil, nil
	}
	for i := range w.order.fields {
		if !w.order.fields[i].indexed(w.order, w.q.r) {
			return nil, nil
		}
	}
	s := &sortedSource{w: w, plan: *p, want: want}
	if ok, err := s.fetch(want); err != nil || !ok {
		return nil, err
	}
	return s, nil
}

// fetch takes care that the first want records are at hand (0: all).
func (s *sortedSource) fetch(want int) (ok bool, err error) {
	q := s.w.q
	lists, epoch, about := &q.s.dir.lists, q.r.Epoch(), s.about()
	kind := &about[len(about)-1] // 0: the head of a list, 1: a whole one
	if ords, total, ok := lists.find(epoch, about); ok && (len(ords) == total || want > 0 && want < len(ords)) {
		s.ords, s.total = ords, total
		return true, nil
	}
	*kind = 1
	if ords, total, ok := lists.find(epoch, about); ok {
		s.ords, s.total = ords, total
		return true, nil
	}
	ords, ok, err := s.make()
	if err != nil || !ok {
		return false, err
	}
	s.ords, s.total = ords, len(ords)
	if len(ords) > q.s.dir.listHead {
		lists.put(epoch, about, ords, len(ords))
		ords = slices.Clone(ords[:q.s.dir.listHead])
	}
	*kind = 0
	lists.put(epoch, about, ords, s.total)
	return true, nil
}

// about tells the list from others of a state of the store, with a zero at the end. It is valid until the next one.
func (s *sortedSource) about() []byte {
	m := s.w.q.s.memory
	dst := m.about[:0]
	for i := range s.w.order.fields {
		f := &s.w.order.fields[i]
		dst = append(append(dst, f.attribute.Name...), 0)
		if f.reverse {
			dst = append(dst, 1)
		}
	}
	dst = append(dst, 0) // no name is empty
	for i := range s.plan.queries {
		query := &s.plan.queries[i]
		dst = append(dst, byte(query.Kind), byte(query.Names))
		dst = append(binary.AppendUvarint(dst, uint64(len(query.Text))), query.Text...)
	}
	m.about = append(dst, 0)
	return m.about
}

// make works the list out; ok is false where the store's orders don't say enough.
func (s *sortedSource) make() (ords []uint32, ok bool, err error) {
	w := s.w
	o := w.order
	index, ok := o.index(w.q.r)
	if !ok || index.Natural() {
		return nil, false, nil
	}
	ranks := w.ranks(index, &s.plan)
	if ranks == nil {
		return nil, false, nil
	}
	var further [2]*store.Ranks
	for i := range o.fields[1:] {
		index, ok := w.q.r.Order(o.fields[1+i].attribute.Name)
		if !ok || i == len(further) {
			return nil, false, nil
		}
		if index.Natural() && !o.fields[1+i].reverse && i == len(o.fields)-2 {
			break // those with the same key stand in this order anyway
		}
		if further[i] = index.Ranks(true); further[i] == nil {
			return nil, false, nil
		}
	}
	places, err := w.places(&s.plan, ranks)
	if err != nil {
		return nil, false, err
	}
	return s.arrange(places, ranks, further), true, nil
}

// arrange puts places in the first field's order into the order of all fields.
func (s *sortedSource) arrange(places []uint32, ranks *store.Ranks, further [2]*store.Ranks) []uint32 {
	fields := s.w.order.fields
	ords := make([]uint32, 0, len(places))
	if !fields[0].reverse && further[0] == nil {
		for _, place := range places {
			ords = append(ords, ranks.Ordinal(place))
		}
		return ords
	}
	type member struct {
		keys uint64
		ord  uint32
	}
	var run []member
	for len(places) > 0 {
		var same []uint32 // the next ones with one key of the first field
		if n := 1; fields[0].reverse {
			for n < len(places) && ranks.SameKey(places[len(places)-n-1], places[len(places)-n]) {
				n++
			}
			places, same = places[:len(places)-n], places[len(places)-n:]
		} else {
			for n < len(places) && ranks.SameKey(places[n-1], places[n]) {
				n++
			}
			places, same = places[n:], places[:n]
		}
		run = run[:0]
		for _, place := range same {
			m := member{ord: ranks.Ordinal(place)}
			for i, r := range further {
				var key uint32
				if r != nil {
					at, _ := r.Place(m.ord)
					if key = r.Key(at); fields[1+i].reverse {
						key = ^key
					}
				}
				m.keys = m.keys<<32 | uint64(key)
			}
			run = append(run, m)
		}
		if further[0] != nil && len(run) > 1 {
			slices.SortFunc(run, func(a, b member) int { return cmp.Or(cmp.Compare(a.keys, b.keys), cmp.Compare(a.ord, b.ord)) })
		}
		for i := range run {
			ords = append(ords, run[i].ord)
		}
	}
	return ords
}

func (s *sortedSource) open(after *item) error {
	if s.at = 0; after == nil {
		s.w.q.r.Warm(s.ords[:min(len(s.ords), s.want)])
		return nil
	}
	if err := s.whole(); err != nil {
		return err
	}
	var key []byte
	for low, high := 0, s.total; low < high; s.at = low {
		middle := int(uint(low+high) >> 1)
		v, ok := s.w.q.r.View(s.ords[middle])
		if !ok {
			return errReplaced // the page is damaged
		}
		key = s.w.order.appendKey(s.w.q.s, key[:0], &v)
		if it := (item{key, s.ords[middle]}); it.compare(after) <= 0 {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return nil
}

// whole takes care that all records are at hand.
func (s *sortedSource) whole() error {
	if len(s.ords) == s.total {
		return nil
	}
	if ok, err := s.fetch(0); err != nil || !ok {
		return cmp.Or(err, error(errReplaced))
	}
	return nil
}

func (s *sortedSource) next() (it item, v store.View, ok bool, err error) {
	for s.at < s.total {
		if s.at == len(s.ords) {
			if err := s.whole(); err != nil {
				return it, v, false, err
			}
		}
		ord := s.ords[s.at]
		s.at++
		if err := s.w.q.check(); err != nil {
			return it, v, false, err
		}
		if v, ok := s.w.matching(ord, true); ok {
			return item{ordinal: ord}, v, true, nil
		}
	}
	return it, v, false, nil
}

func (s *sortedSource) size() int { return s.total }

func (s *sortedSource) atLeast(key []byte) int {
	if s.whole() != nil {
		return s.total // as a damaged page makes of it
	}
	list := keptList{w: s.w, ords: s.ords}
	return list.atLeast(key)
}

func (s *sortedSource) slice(from, n int) ([]uint32, error) {
	if n <= 0 {
		return nil, nil
	}
	if from+n > len(s.ords) {
		if err := s.whole(); err != nil {
			return nil, err
		}
	}
	return s.ords[from : from+n], nil
}
