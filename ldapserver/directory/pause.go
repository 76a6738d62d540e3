package directory

import (
	"bytes"

	"ringdex/replicator/store"
)

// A search holds no snapshot of the store while it waits, for its client or for its turn: what is replicated meanwhile needs the
// pages. There are two ways. Where an answer is made in list order, its place is the name of the last entry, and the search goes
// on behind it in whatever is the latest state then: breathe, pause. Where it collects or orders entries first, it keeps what
// it has found as long as nothing is replicated: check, wait.

// nothing is what is waited for where the snapshot has gone already.
func nothing() error { return nil }

// rest is breathe for a search that collects entries before it sends the first: what it has collected is worth nothing
// after a switch to a new generation.
func (q *search) rest(ord uint32) error {
	if q.w == nil {
		return nil
	}
	generation := q.s.columns.generation
	if _, err := q.breathe(ord); err != nil {
		return err
	}
	return q.same(generation)
}

// same is errReplaced where the search has gone over to another generation than that one.
func (q *search) same(generation store.Generation) error {
	if q.s.columns.generation != generation {
		return errReplaced
	}
	return nil
}

// breathe is called after the entry ord. It looks at the clock and the client now and then, and when a piece of the
// answer is complete, or the search has worked for long, it lets the snapshot go while the piece is sent and others work. It
// returns the ordinal to go on from: ord+1, or after something has been replicated, the place behind the same name.
func (q *search) breathe(ord uint32) (uint32, error) {
	q.looked++
	if q.looked%checkEvery == 0 {
		if err := q.w.Check(); err != nil {
			return 0, err
		}
	}
	piece := q.w.Buffered() >= pieceBytes
	if !piece && !q.w.Long() {
		return ord + 1, nil
	}
	v, ok := q.r.View(ord)
	if !ok {
		return 0, errReplaced // the page is damaged
	}
	epoch, key, id := q.r.Epoch(), q.r.ListKey(nil, &v), bytes.Clone(v.ID())
	pause := q.w.Yield
	if piece {
		pause = q.w.Flush
	}
	if err := q.pause(pause); err != nil {
		return 0, err
	}
	if q.r.Epoch() == epoch {
		return ord + 1, nil
	}
	return uint32(min(q.r.After(key, id), 1<<32-1)), nil
}

// pause lets the snapshot go while something takes its time, and takes the latest one then.
func (q *search) pause(something func() error) error {
	before := q.s.columns
	q.release()
	if err := something(); err != nil {
		return err
	}
	r, err := q.s.snapshot()
	if err != nil {
		return err
	}
	q.r = r
	if q.s.columns != before {
		// Attributes may have moved to other columns: names and conditions are worked out anew from the same request.
		q.s.compiler.rebind(q.condition, q.s.columns)
		q.s.selected.rebind(q.s)
	}
	return nil
}

// check looks at the clock and the client now and then, and lets others work. errMoved says that the snapshot has gone
// meanwhile.
func (q *search) check() error {
	if q.looked++; q.looked%checkEvery != 0 {
		return nil
	}
	if err := q.w.Check(); err != nil || !q.w.Long() {
		return err
	}
	return q.wait(q.w.Yield)
}

// wait lets the snapshot go while something is waited for: what is replicated meanwhile needs its pages. Nearly always it is
// still the latest one then, and everything goes on as it was. Once it was not, the next ones are kept, so that a search
// that begins anew comes to its end.
func (q *search) wait(something func() error) error {
	if q.holds {
		return something()
	}
	if q.settle != nil {
		q.settle()
	}
	r := q.r
	q.r = nil // whatever happens, it is not released while it is let go
	r.Suspend()
	err := something()
	if r.Resume() {
		q.r = r
	} else if err == nil {
		q.holds, err = true, errMoved
	}
	return err
}

// pause lets the snapshot go while something takes its time, and goes on behind the cookie's place. The snapshot may have gone
// before.
func (w *walk) pause(k *cookie, something func() error) error {
	q, generation := w.q, w.q.s.columns.generation
	gone, epoch := q.r == nil, uint64(0)
	if !gone {
		epoch = q.r.Epoch()
	}
	if err := q.pause(something); err != nil {
		return err
	}
	if !gone && q.r.Epoch() == epoch {
		return w.resume(k)
	}
	w.order.rebind(q.s)
	if kept, ok := w.source.(*keptSource); ok && !kept.order {
		kept.moved, w.full = true, false
		return q.same(generation)
	}
	var err error
	if w.source, err = w.sources(0); err != nil {
		return err
	}
	return w.open(k.after(q.r), k.statics)
}

// resume goes on in the state that was let go: only what belonged to the reader is fetched anew.
func (w *walk) resume(k *cookie) error {
	if w.full {
		var ok bool
		if w.ahead.view, ok = w.q.r.View(w.ahead.item.ordinal); !ok {
			return errReplaced
		}
	}
	if ranked, ok := w.source.(*rankedSource); ok {
		if ranked.index, ok = w.order.index(w.q.r); !ok {
			return errReplaced
		}
		return nil
	}
	index, ok := w.source.(*indexSource)
	if !ok {
		return nil
	}
	if index.index, ok = w.order.index(w.q.r); !ok {
		return errReplaced
	}
	w.full = false
	return index.open(k.after(w.q.r))
}
