package directory

import (
	"bytes"
	"sort"

	"ringdex/ldapserver/protocol"
)

// errWindow is the result of a search whose virtual list view failed; the response control says why
// (draft-ietf-ldapext-ldapv3-vlv-09, 6.2).
var errWindow = &protocol.Error{Code: protocol.VirtualListViewError}

// contextLength is how much of a search's fingerprint is its context id. Nothing is kept under it: whatever a client sends
// back is as good.
const contextLength = 8

// view is a list that a window is cut out of. Places are counted from 0.
type listView interface {
	// size is how many entries the list has.
	size() int
	// atLeast is the place of the first entry whose first sort key is not before key: size if there is none.
	atLeast(key []byte) int
	// slice gives the entries from a place on, n of them: ordinals, or the complements of indexes of statics.
	slice(from, n int) ([]uint32, error)
}

// window answers a search with a virtual list view.
func (w *walk) window(c *controls, req *protocol.SearchRequest) error {
	q, v := w.q, c.vlv
	about := q.s.fingerprint(req, c)
	response := protocol.VLVResponse{ContextID: about[:contextLength]}
	tell := func() {
		q.w.AddControl(protocol.NewControl(protocol.OIDVLVResponse, protocol.AppendVLVResponse(nil, response)))
	}
	fail := func(code protocol.ResultCode) error {
		response.Code = code
		tell()
		return errWindow
	}
	switch {
	case !c.sortAsked:
		return fail(protocol.SortControlMissing)
	case v.ByValue && (len(w.order.fields) == 0 || !w.order.fields[0].takes(v.Value)):
		return fail(protocol.InappropriateMatching)
	}
	list, err := w.list(about)
	if err != nil {
		return err
	}
	response.Count = list.size()
	target := 0
	if v.ByValue {
		f := &w.order.fields[0]
		target = list.atLeast(f.seal(f.appendValue(w.order.by, nil, v.Value), 0))
	} else {
		var ok bool
		if target, ok = windowTarget(v, list.size()); !ok {
			return fail(protocol.OffsetRangeError)
		}
	}
	if response.Position = target + 1; list.size() == 0 {
		response.Position = 0
	}
	from := max(0, target-v.Before)
	to := list.size()
	if v.After < to-target {
		to = min(to, target+v.After+1)
	}
	ords, err := list.slice(from, to-from)
	if err != nil {
		return err
	}
	if err := w.send(ords); err != nil {
		return err
	}
	tell()
	return nil
}

// windowTarget is the place that a client means: it may believe the list longer or shorter than it is
// (draft-ietf-ldapext-ldapv3-vlv-09, 6.1).
func windowTarget(v *protocol.VLVRequest, size int) (place int, ok bool) {
	switch {
	case v.Offset == 0 || v.Count > 0 && v.Offset > v.Count:
		return 0, false
	case size == 0:
		return 0, true
	case v.Offset == 1:
		return 0, true
	case v.Count > 0 && v.Offset == v.Count:
		return size - 1, true
	case v.Count > 0 && v.Count != size:
		return max(1, int(int64(size)*int64(v.Offset)/int64(v.Count))) - 1, true
	}
	return v.Offset - 1, v.Offset <= size
}

// send sends entries that are named by ordinals, or by complements of indexes of statics.
func (w *walk) send(ords []uint32) error {
	q := w.q
	generation := q.s.columns.generation
	for _, ord := range ords {
		err := q.check()
		if err == errMoved { // as between two pieces: ordinals stay what they are within a generation
			if err = q.pause(nothing); err == nil {
				err = q.same(generation)
			}
		}
		if err != nil {
			return err
		}
		var m match
		if i := int(^ord); i < len(w.statics) {
			m.static = &w.statics[i]
		} else {
			var ok bool
			if m.view, ok = q.r.View(ord); !ok {
				continue // a delta has come between two pieces
			}
		}
		if q.limit > 0 && q.sent >= q.limit {
			return errSizeLimit
		}
		q.sent++
		if err := w.write(&m); err != nil {
			return err
		}
		if q.w.Buffered() < pieceBytes {
			continue
		}
		if err := q.pause(q.w.Flush); err != nil {
			return err
		}
		if err := q.same(generation); err != nil {
			return err
		}
	}
	return nil
}

// list is the list of the search: of every record, numbered by the store, or worked out and kept for the next window.
func (w *walk) list(about []byte) (listView, error) {
	if s, ok := w.rightAway(); ok {
		return newStoredList(w, s), nil
	}
	epoch := w.q.r.Epoch()
	lists := &w.q.s.dir.lists
	if ords, _, ok := lists.find(epoch, about); ok {
		return &keptList{w: w, ords: ords}, nil
	}
	list, err := w.sureList()
	if list != nil || err != nil {
		return list, err
	}
	if w.source, err = w.sources(0); err != nil {
		return nil, err
	}
	if kept, ok := w.source.(*keptSource); ok && !kept.order {
		kept.sort()
	}
	if err := w.open(nil, 0); err != nil {
		return nil, err
	}
	var ords []uint32
	for {
		m, ok, err := w.next()
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		if m.static != nil {
			ords = append(ords, ^uint32(w.sent-1))
		} else {
			ords = append(ords, m.item.ordinal)
		}
	}
	if !w.q.condition.timed() {
		lists.put(epoch, about, ords, len(ords))
	}
	return &keptList{w: w, ords: ords}, nil
}

// timed says whether a condition looks at times of change: they may move without a new state of the store.
func (c *condition) timed() bool {
	for i := range c.children {
		if c.children[i].timed() {
			return true
		}
	}
	return c.computed == computedTime
}

// keptList is a list whose order was worked out.
type keptList struct {
	w    *walk
	ords []uint32
}

func (l *keptList) size() int { return len(l.ords) }

func (l *keptList) atLeast(key []byte) int {
	first := ordering{fields: l.w.order.fields[:1], by: l.w.order.by}
	var buf []byte
	return sort.Search(len(l.ords), func(i int) bool {
		if k := int(^l.ords[i]); k < len(l.w.statics) {
			buf = first.appendStaticKey(l.w.q.s, buf[:0], l.w.statics[k].entry)
		} else if v, ok := l.w.q.r.View(l.ords[i]); ok {
			buf = first.appendKey(l.w.q.s, buf[:0], &v)
		}
		return bytes.Compare(buf, key) >= 0
	})
}

func (l *keptList) slice(from, n int) ([]uint32, error) { return l.ords[from : from+n], nil }

// storedList is the list of every record, with the statics between.
type storedList struct {
	w       *walk
	source  *indexSource
	statics []int // their places
}

func newStoredList(w *walk, s *indexSource) *storedList {
	l := &storedList{w: w, source: s}
	for i := range w.statics {
		n := 0
		if len(w.order.fields) > 0 {
			n, _ = s.before(w.order.firstKey(nil, w.statics[i].key))
		}
		l.statics = append(l.statics, n+i)
	}
	return l
}

func (l *storedList) size() int { return l.source.index.Len() + len(l.statics) }

func (l *storedList) atLeast(key []byte) int {
	n, _ := l.source.before(l.w.order.firstKey(nil, key))
	for i := range l.w.statics {
		if bytes.Compare(l.w.statics[i].key, key) < 0 {
			n++
		}
	}
	return n
}

func (l *storedList) slice(from, n int) ([]uint32, error) {
	static := sort.SearchInts(l.statics, from)
	if err := l.source.openAt(from - static); err != nil {
		return nil, err
	}
	out := make([]uint32, 0, n)
	for at := from; at < from+n; at++ {
		if static < len(l.statics) && l.statics[static] == at {
			out = append(out, ^uint32(static))
			static++
			continue
		}
		it, _, ok, err := l.source.next()
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		out = append(out, it.ordinal)
	}
	return out, nil
}
