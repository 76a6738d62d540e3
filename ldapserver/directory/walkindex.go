package directory

import (
	"bytes"
	"math"
	"slices"
	"time"

	"ringdex/ldapserver/protocol"
	"ringdex/replicator/store"
)

// What sorting costs, in nanoseconds, measured by BenchmarkSorted: a step along an index, and a record that is fetched and
// given a key.
const (
	stepCost = 15
	sortCost = 350
)

const (
	// sortMax bounds the records that are sorted in memory, 24 MB: more are adminLimitExceeded (RFC 2891, 1.2).
	sortMax = 256 << 10
	// sortFree is how many records are sorted without a slot, of which a directory has sortSlots.
	sortFree  = 2048
	sortSlots = 4
	// slotPoll is how often a search that waits for a slot looks at the clock and the client.
	slotPoll = 5 * time.Millisecond
)

var errSortMax = &protocol.Error{Code: protocol.AdminLimitExceeded, Message: "too many entries to sort by an attribute without an order"}

// sources are the ways to give the records of a walk in its order; want is how many will be asked for, 0 all.
func (w *walk) sources(want int) (source, error) {
	x, q := &w.extent, w.q
	switch {
	case x.single:
		return &single{w: w}, nil
	case !x.entries:
		return nil, nil
	}
	p := q.s.plan(q.condition, q.r)
	if p.number {
		return w.numbers(&p)
	}
	scan := p.scan
	if scan && x.object != "" {
		q.s.queries = append(q.s.queries[:0], store.Query{Kind: store.ObjectIs, Text: []byte(x.object)})
		p, scan = plan{queries: q.s.queries}, false
	}
	if s, err := w.sorted(&p, want); s != nil || err != nil {
		return s, err
	}
	list := &listSource{w: w, plan: p, scan: scan, sure: w.certain(&p)}
	if w.order.natural(q.r) {
		if want > 0 {
			list.max = want + firstProposals
		}
		return list, nil
	}
	index, ok := w.order.index(q.r)
	if !ok {
		return w.inMemory(list)
	}
	out := &indexSource{w: w, index: index, reverse: w.order.fields[0].reverse}
	out.runs = out.reverse || len(w.order.fields) > 1
	if scan {
		return out, nil
	}
	if ranks := w.ranks(index, &p); ranks != nil {
		return w.ranked(&p, index, ranks)
	}
	ords, _, _, err := p.propose(q.s, q.r, q.s.ordinals[:0], 0, 0)
	q.s.ordinals = ords
	if err != nil {
		return nil, err
	}
	steps := index.Len()
	if want > 0 && len(ords) > want {
		steps = min(steps, int(int64(want)*int64(steps)/int64(len(ords))))
	}
	if len(ords) <= q.s.dir.sortMost && len(ords)*sortCost < steps*stepCost {
		list.list, list.done = ords, true
		return w.inMemory(&proposedSource{w: w, list: ords, sure: list.sure})
	}
	out.among = newOrdinalBits(index, ords)
	return out, nil
}

// numbers gives the hits of a number: best first where no order was asked for.
func (w *walk) numbers(p *plan) (source, error) {
	hits, err := w.q.hits(p, w.extent.object)
	if err != nil {
		return nil, err
	}
	w.q.known = false
	out := &keptSource{w: w}
	for i := range hits {
		out.items = append(out.items, item{ordinal: hits[i].ordinal})
	}
	if len(w.order.fields) > 0 {
		out.sort()
	}
	return out, nil
}

// sort puts the items in the order of the walk.
func (k *keptSource) sort() {
	for i := range k.items {
		if v, ok := k.w.q.r.View(k.items[i].ordinal); ok && len(k.w.order.fields) > 0 {
			k.items[i].key = k.w.order.appendKey(k.w.q.s, nil, &v)
		}
	}
	slices.SortFunc(k.items, func(a, b item) int { return a.compare(&b) })
	k.order = true
}

// proposedSource gives the matches among ordinals.
type proposedSource struct {
	w    *walk
	sure bool // all of them are
	list []uint32
}

func (p *proposedSource) open(*item) error { return nil }

func (p *proposedSource) next() (it item, v store.View, ok bool, err error) {
	for len(p.list) > 0 {
		ord := p.list[0]
		p.list = p.list[1:]
		if err := p.w.q.check(); err != nil {
			return it, v, false, err
		}
		if v, ok := p.w.matching(ord, p.sure); ok {
			return item{ordinal: ord}, v, true, nil
		}
	}
	return it, v, false, nil
}

// inMemory sorts what a source gives.
func (w *walk) inMemory(from source) (source, error) {
	if err := from.open(nil); err != nil {
		return nil, err
	}
	out := &keptSource{w: w, order: true}
	var text []byte
	for {
		it, v, ok, err := from.next()
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		switch len(out.items) {
		case sortFree:
			if err := w.q.slot(); err != nil {
				return nil, err
			}
		case w.q.s.dir.sortMost:
			return nil, errSortMax
		}
		if cap(text)-len(text) < 256 {
			text = make([]byte, 0, 16<<10)
		}
		at := len(text)
		text = w.order.appendKey(w.q.s, text, &v)
		out.items = append(out.items, item{key: text[at:len(text):len(text)], ordinal: it.ordinal})
	}
	slices.SortFunc(out.items, func(a, b item) int { return a.compare(&b) })
	return out, nil
}

// slot waits until few enough other searches sort much.
func (q *search) slot() error {
	if q.sorting {
		return nil
	}
	select {
	case q.s.dir.sorting <- struct{}{}:
		q.sorting = true
		return nil
	default:
	}
	return q.wait(func() error {
		for {
			select {
			case q.s.dir.sorting <- struct{}{}:
				q.sorting = true
				return nil
			case <-time.After(slotPoll):
				if err := q.w.Check(); err != nil {
					return err
				}
			}
		}
	})
}

// ordinalBits is a set of ordinals that may hold some more: a load leaves gaps, so that one bit stands for many.
type ordinalBits []uint64

const ordinalShift = 4

func newOrdinalBits(index *store.Order, ords []uint32) ordinalBits {
	if len(ords) == 0 {
		return ordinalBits{}
	}
	bits := make(ordinalBits, ords[len(ords)-1]>>ordinalShift/64+1)
	for _, ord := range ords {
		bits[ord>>ordinalShift/64] |= 1 << (ord >> ordinalShift % 64)
	}
	return bits
}

func (b ordinalBits) has(ord uint32) bool {
	if b == nil {
		return true
	}
	i := int(ord >> ordinalShift / 64)
	return i < len(b) && b[i]>>(ord>>ordinalShift%64)&1 == 1
}

// indexSource gives records in the order of one of the store's orders. With further fields, and backwards, it takes all
// records with one key of the first field at a time.
type indexSource struct {
	w       *walk
	index   *store.Order
	among   ordinalBits // nil: all
	reverse bool
	runs    bool

	more bool // the index stands at the next record
	run  []item
	text []byte
	key  []byte
	at   int
}

func (s *indexSource) open(after *item) error {
	s.run, s.at = s.run[:0], 0
	if after == nil {
		if s.more = s.first(); !s.more {
			return nil
		}
		return nil
	}
	key := s.w.order.firstKey(nil, after.key)
	if !s.runs {
		s.more = s.index.Seek(key, after.ordinal+1)
		return nil
	}
	if s.more = s.toRun(key); !s.more || !bytes.Equal(s.index.Key(), key) {
		return nil
	}
	if err := s.gather(); err != nil {
		return err
	}
	for s.at < len(s.run) && s.run[s.at].compare(after) <= 0 {
		s.at++
	}
	return nil
}

func (s *indexSource) first() bool {
	if s.reverse {
		return s.index.Last()
	}
	return s.index.Seek(nil, 0)
}

// toRun goes to where the records with a key begin, or those behind it.
func (s *indexSource) toRun(key []byte) bool {
	if !s.reverse {
		return s.index.Seek(key, 0)
	}
	if s.index.Seek(key, math.MaxUint32) {
		return s.index.Prev()
	}
	return s.index.Last()
}

func (s *indexSource) step() {
	if s.reverse {
		s.more = s.index.Prev()
	} else {
		s.more = s.index.Next()
	}
}

// taken returns the next item of a run that is still there, with its view; at is how many of them were taken.
func (w *walk) taken(run []item, at *int) (it item, v store.View, ok bool) {
	for *at < len(run) {
		it = run[*at]
		*at++
		if v, ok := w.q.r.View(it.ordinal); ok {
			return it, v, true
		}
	}
	return it, v, false
}

func (s *indexSource) next() (it item, v store.View, ok bool, err error) {
	for {
		if it, v, ok := s.w.taken(s.run, &s.at); ok {
			return it, v, true, nil
		}
		if !s.more {
			return it, v, false, nil
		}
		if s.runs {
			if err := s.gather(); err != nil {
				return it, v, false, err
			}
			continue
		}
		ord := s.index.Ordinal()
		s.step()
		if err := s.w.q.check(); err != nil {
			return it, v, false, err
		}
		if !s.among.has(ord) {
			continue
		}
		if v, ok := s.w.matching(ord, false); ok {
			return item{ordinal: ord}, v, true, nil
		}
	}
}

// gather takes the records with the key at hand.
func (s *indexSource) gather() error {
	s.run, s.text, s.at = s.run[:0], nil, 0
	s.key = append(s.key[:0], s.index.Key()...)
	several := len(s.w.order.fields) > 1
	for ; s.more && bytes.Equal(s.index.Key(), s.key); s.step() {
		if err := s.w.q.check(); err != nil {
			return err
		}
		ord := s.index.Ordinal()
		if !s.among.has(ord) {
			continue
		}
		v, ok := s.w.matching(ord, false)
		if !ok {
			continue
		}
		it := item{ordinal: ord}
		if several {
			if len(s.run) == sortFree {
				if err := s.w.q.slot(); err != nil {
					return err
				}
			}
			at := len(s.text)
			s.text = s.w.order.appendKey(s.w.q.s, s.text, &v)
			it.key = s.text[at:len(s.text):len(s.text)]
		}
		s.run = append(s.run, it)
	}
	slices.SortFunc(s.run, func(a, b item) int { return a.compare(&b) })
	if !several && len(s.run) > 0 {
		// All have the same key, which places between them are told by.
		if v, ok := s.w.q.r.View(s.run[0].ordinal); ok {
			key := s.w.order.appendKey(s.w.q.s, nil, &v)
			for i := range s.run {
				s.run[i].key = key
			}
		}
	}
	return nil
}

// openAt starts at the record before which n others stand, where every record is in the answer.
func (s *indexSource) openAt(n int) error {
	s.run, s.at = s.run[:0], 0
	size := s.index.Len()
	if n < 0 || n >= size {
		s.more = false
		return nil
	}
	if !s.runs {
		s.more = s.index.At(n)
		return nil
	}
	if s.reverse {
		s.more = s.index.At(size - 1 - n)
	} else {
		s.more = s.index.At(n)
	}
	if !s.more {
		return nil
	}
	before, more := s.before(bytes.Clone(s.index.Key()))
	if s.more = more; !more {
		return nil
	}
	if err := s.gather(); err != nil {
		return err
	}
	s.at = min(n-before, len(s.run))
	return nil
}

// before is how many records stand before those with at least a key (at most, backwards). The index stands at the first
// of them then, if there is one.
func (s *indexSource) before(key []byte) (n int, more bool) {
	if !s.reverse {
		if !s.index.Seek(key, 0) {
			return s.index.Len(), false
		}
		return s.index.Rank(), true
	}
	if !s.index.Seek(key, math.MaxUint32) {
		return 0, s.index.Last()
	}
	n = s.index.Len() - s.index.Rank()
	return n, s.index.Prev()
}
