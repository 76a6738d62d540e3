package directory

import (
	"math"
	"slices"

	"ringdex/replicator/store"
)

const (
	// fewPlaces is how many candidates at least are put in order by themselves, and fewOf one in how many of all entries; of
	// more, each sets a bit at its place.
	fewPlaces = 16
	fewOf     = 1024
	// fewRanks is how many candidates at least are sorted by their keys rather than by ranks that nobody has asked for yet, and
	// ranksOf one in how many of all entries: making ranks takes 30 ns an entry, a key 350.
	fewRanks = 64
	ranksOf  = 256
)

// certain says whether an entry that the plan proposes is in the answer, without a look at it.
func (w *walk) certain(p *plan) bool {
	v := w.q.s.view
	return p.exact && w.extent.object == "" && w.q.s.rights.objects == nil && (v == nil || !v.profile.HideCompanies)
}

// propose calls visit with everything that a plan proposes, piece by piece, some of it again.
func (w *walk) propose(p *plan, visit func(ords []uint32)) error {
	q := w.q
	if p.names {
		return q.r.VisitNames(p.queries, visit)
	}
	ords, _, _, err := p.propose(q.s, q.r, q.s.ordinals[:0], 0, 0)
	q.s.ordinals = ords
	if err == nil {
		visit(ords)
	}
	return err
}

// places are the places of everything that a plan proposes, ascending. They belong to the session until it asks for others.
func (w *walk) places(p *plan, ranks *store.Ranks) (places []uint32, err error) {
	m := w.q.s.memory
	var set []uint64
	few, most := m.places[:0], max(fewPlaces, ranks.Len()/fewOf)
	err = w.propose(p, func(ords []uint32) {
		if set == nil && len(few)+len(ords) <= most {
			few = ranks.AppendPlaces(few, ords)
			return
		}
		if set == nil {
			set = m.placeSet(ranks.Len())
			for _, place := range few {
				set[place/64] |= 1 << (place % 64)
			}
		}
		ranks.Mark(set, ords)
	})
	m.places = few
	if err != nil {
		return nil, err
	}
	if set != nil {
		m.places = store.AppendMarked(few[:0], set)
		return m.places, nil
	}
	slices.Sort(few)
	return slices.Compact(few), nil
}

// placeSet is an empty set of places.
func (m *memory) placeSet(places int) []uint64 {
	n := (places + 63) / 64
	if cap(m.marked) < n {
		m.marked = make([]uint64, n)
	}
	m.marked = m.marked[:n]
	clear(m.marked)
	return m.marked
}

// ranks are those of an order, if what a plan proposes is to be put in it by them.
func (w *walk) ranks(index *store.Order, p *plan) *store.Ranks {
	if ranks := index.Ranks(false); ranks != nil {
		return ranks
	}
	n := 0
	for _, query := range p.queries {
		if query.Kind == recordID {
			n++
			continue
		}
		n += w.q.r.Estimate(query)
	}
	return index.Ranks(n > max(fewRanks, index.Len()/ranksOf))
}

// rankedSource gives the records at some places of one of the store's orders. With further fields, and backwards, it takes all
// records with one key of the first field at a time.
type rankedSource struct {
	w       *walk
	index   *store.Order
	ranks   *store.Ranks
	places  []uint32 // ascending
	sure    bool     // all of them are in the answer
	reverse bool
	runs    bool

	at     int // where it stands in places; backwards, behind what is left of them
	run    []item
	taken  int // of run
	text   []byte
	single bool // there are no further fields, so that the items of a run need no keys
}

// ranked is a source of what a plan proposes, in an order that has ranks.
func (w *walk) ranked(p *plan, index *store.Order, ranks *store.Ranks) (*rankedSource, error) {
	s := &rankedSource{w: w, index: index, ranks: ranks, sure: w.certain(p), reverse: w.order.fields[0].reverse, single: len(w.order.fields) == 1}
	s.runs = s.reverse || !s.single
	var err error
	s.places, err = w.places(p, ranks)
	return s, err
}

func (s *rankedSource) open(after *item) error {
	s.run, s.taken, s.at = s.run[:0], 0, 0
	if s.reverse {
		s.at = len(s.places)
	}
	if after == nil {
		return nil
	}
	key := s.w.order.firstKey(nil, after.key)
	if !s.runs {
		s.at = s.from(key, after.ordinal+1)
		return nil
	}
	end := s.from(key, math.MaxUint32)
	if s.reverse {
		s.at = end
	} else {
		s.at = s.from(key, 0)
	}
	if s.from(key, 0) == end {
		return nil // nobody has the key
	}
	if err := s.gather(); err != nil {
		return err
	}
	for s.taken < len(s.run) && s.run[s.taken].compare(after) <= 0 {
		s.taken++
	}
	return nil
}

// from is how many of the places lie before the first entry of the order with at least that key, and with that key at least that
// ordinal.
func (s *rankedSource) from(key []byte, ord uint32) int {
	if !s.index.Seek(key, ord) {
		return len(s.places)
	}
	place, ok := s.ranks.Place(s.index.Ordinal())
	if !ok {
		return len(s.places)
	}
	n, _ := slices.BinarySearch(s.places, place)
	return n
}

func (s *rankedSource) next() (it item, v store.View, ok bool, err error) {
	for {
		if it, v, ok := s.w.taken(s.run, &s.taken); ok {
			return it, v, true, nil
		}
		if s.at == len(s.places) && !s.reverse || s.at == 0 && s.reverse {
			return it, v, false, nil
		}
		if s.runs {
			if err := s.gather(); err != nil {
				return it, v, false, err
			}
			continue
		}
		ord := s.ranks.Ordinal(s.places[s.at])
		s.at++
		if err := s.w.q.check(); err != nil {
			return it, v, false, err
		}
		if v, ok := s.w.matching(ord, s.sure); ok {
			return item{ordinal: ord}, v, true, nil
		}
	}
}

// gather takes the records with the next key.
func (s *rankedSource) gather() error {
	low, high := s.bounds(s.at)
	if s.at = high; s.reverse {
		s.at = low
	}
	s.run, s.text, s.taken = s.run[:0], nil, 0
	var key []byte
	for _, place := range s.places[low:high] {
		if err := s.w.q.check(); err != nil {
			return err
		}
		it := item{ordinal: s.ranks.Ordinal(place)}
		v, ok := s.w.matching(it.ordinal, s.sure)
		switch {
		case !ok:
			continue
		case !s.single:
			if len(s.run) == sortFree {
				if err := s.w.q.slot(); err != nil {
					return err
				}
			}
			at := len(s.text)
			s.text = s.w.order.appendKey(s.w.q.s, s.text, &v)
			it.key = s.text[at:len(s.text):len(s.text)]
		default:
			if key == nil { // all have the same one, which places between them are told by
				key = s.w.order.appendKey(s.w.q.s, nil, &v)
			}
			it.key = key
		}
		s.run = append(s.run, it)
	}
	if !s.single {
		slices.SortFunc(s.run, func(a, b item) int { return a.compare(&b) })
	}
	return nil
}

// bounds are where in places the records begin and end that have the key of the one at an index; backwards, of the one before it.
func (s *rankedSource) bounds(at int) (low, high int) {
	if low = at; s.reverse {
		low--
	}
	high = low + 1
	for low > 0 && s.ranks.SameKey(s.places[low-1], s.places[low]) {
		low--
	}
	for high < len(s.places) && s.ranks.SameKey(s.places[high-1], s.places[high]) {
		high++
	}
	return low, high
}

// sureList is the list of a search whose plan says exactly what is in it, so that nothing of it has to be looked at but the window.
func (w *walk) sureList() (listView, error) {
	q := w.q
	if !w.extent.entries || len(w.statics) > 0 {
		return nil, nil
	}
	p := q.s.plan(q.condition, q.r)
	if p.scan || !w.certain(&p) {
		return nil, nil
	}
	if w.order.natural(q.r) {
		ords, _, _, err := p.propose(q.s, q.r, nil, 0, 0)
		return &keptList{w: w, ords: ords}, err
	}
	s, err := w.sorted(&p, 1)
	if s == nil || err != nil {
		return nil, err
	}
	return s, nil
}
