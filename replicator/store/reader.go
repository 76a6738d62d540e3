package store

import (
	"encoding/binary"
	"runtime/debug"

	"ringdex/schema/name"
)

// Reader reads one committed state of the store. It belongs to the goroutine that asked for it and must be released soon,
// before anything is written to a network.
type Reader struct {
	sn      *snapshot
	ids     cursor
	entries cursor
	rows    *leafCursor // entries, where it is one
	index   [maxGrams]cursor
	lists   [maxGrams]postings
	key     []byte // of the list at hand
	asked   []byte // the query's text as the index has it
	number  [4]byte
	people  cursor // nil: there are no lists of names
	inside  cursor // nil: nothing leads to them from a fragment
	leading []byte // key in inside
	warmed  byte   // something of what Warm has read
	runs    nameRuns
	union   union
	faults  bool // what SetPanicOnFault was before
}

// Reader returns a reader of the latest state: ErrEmpty before the first complete load.
func (s *Store) Reader() (*Reader, error) {
	sn, err := s.acquire()
	if err != nil {
		return nil, err
	}
	r, ok := sn.idle.Get().(*Reader)
	if !ok {
		r = sn.newReader()
	}
	r.sn = sn
	// A file that was cut short or sits on a failing disk faults where it is read: one lookup ends, not the process.
	r.faults = debug.SetPanicOnFault(true)
	return r, nil
}

func (sn *snapshot) newReader() *Reader {
	sn.mu.Lock()
	defer sn.mu.Unlock()
	r := &Reader{ids: sn.tree.ids.Cursor()}
	if sn.entries != nil {
		r.rows = &leafCursor{t: sn.entries}
		r.entries = r.rows
	} else {
		r.entries = sn.tree.entries.Cursor()
	}
	switch {
	case sn.people != nil:
		r.people = &leafCursor{t: sn.people}
	case sn.tree.people != nil:
		r.people = sn.tree.people.Cursor()
	}
	switch {
	case sn.inside != nil:
		r.inside = &leafCursor{t: sn.inside}
	case sn.tree.inside != nil:
		r.inside = sn.tree.inside.Cursor()
	}
	for i := range r.index {
		if sn.index != nil {
			r.index[i] = &leafCursor{t: sn.index}
		} else {
			r.index[i] = sn.tree.index.Cursor()
		}
	}
	return r
}

// damaged keeps what a damaged page made of a call, for Store.Damage. It returns false.
func (r *Reader) damaged(e any) bool {
	r.sn.store.damaged(e)
	return false
}

// Release gives the reader back. Everything that came from it is invalid from then on.
func (r *Reader) Release() {
	sn := r.sn
	if sn == nil {
		return
	}
	r.sn = nil
	debug.SetPanicOnFault(r.faults)
	sn.idle.Put(r)
	sn.drop()
}

// Suspend lets go what the reader sees while its owner waits: the pages of a state that nobody looks at any more can be used
// again. Until Resume nothing may be touched that came from the reader.
func (r *Reader) Suspend() {
	debug.SetPanicOnFault(r.faults)
	r.sn.drop()
}

// Resume takes back what Suspend has let go. It says false where the state is gone, since something newer has come: then
// the reader is released, and everything that came from it is invalid.
func (r *Reader) Resume() bool {
	if !r.sn.take() {
		r.sn = nil
		return false
	}
	r.faults = debug.SetPanicOnFault(true)
	return true
}

// Generation that the reader sees.
func (r *Reader) Generation() Generation { return r.sn.generation }

// Epoch names the state that the reader sees: whatever was worked out from two readers of one epoch is the same.
func (r *Reader) Epoch() uint64 { return r.sn.epoch }

// Epoch of the readers that Reader returns now; 0 where that can't be told without making one.
func (s *Store) Epoch() uint64 {
	if sn := s.current.Load(); sn != nil && !s.closed.Load() {
		return sn.epoch
	}
	return 0
}

// Sequence of the last change that the reader sees.
func (r *Reader) Sequence() uint64 { return r.sn.sequence }

// Count of the entries of an object.
func (r *Reader) Count(object string) int { return r.sn.counts[object] }

// Total count of entries.
func (r *Reader) Total() int { return r.sn.total }

// Collation is the order of the generation's ordinals: that of Options at the load that made it.
func (r *Reader) Collation() name.Collation { return r.sn.collation }

// Attributes returns the attributes that occur in the generation, by index. The slice belongs to the reader.
func (r *Reader) Attributes() []AttrInfo { return r.sn.attrs }

// Ordinal of a record, by its 18 character Id.
func (r *Reader) Ordinal(id string) (uint32, bool) {
	r.asked = append(r.asked[:0], id...)
	return r.OrdinalBytes(r.asked)
}

// OrdinalBytes is Ordinal for bytes. A damaged page counts as an Id that isn't there.
func (r *Reader) OrdinalBytes(id []byte) (ord uint32, ok bool) {
	defer func() {
		if e := recover(); e != nil {
			ord, ok = 0, r.damaged(e)
		}
	}()
	k, v := r.ids.Seek(id)
	if string(k) != string(id) || len(v) != 4 {
		return 0, false
	}
	return binary.BigEndian.Uint32(v), true
}

// Next returns the first ordinal in use that is not smaller than ord: a scan in list order is
// for o, ok := r.Next(0); ok; o, ok = r.Next(o + 1).
func (r *Reader) Next(ord uint32) (next uint32, ok bool) {
	defer func() {
		if e := recover(); e != nil {
			next, ok = 0, r.damaged(e)
		}
	}()
	k, _ := r.row(ord)
	if len(k) != 4 {
		return 0, false
	}
	return binary.BigEndian.Uint32(k), true
}

// View returns the entry with an ordinal, without copying it. A damaged page counts as an entry that isn't there.
func (r *Reader) View(ord uint32) (v View, ok bool) {
	defer func() {
		if e := recover(); e != nil {
			v, ok = View{}, r.damaged(e)
		}
	}()
	k, data := r.row(ord)
	if len(k) != 4 || binary.BigEndian.Uint32(k) != ord {
		return View{}, false
	}
	return openView(data, r.sn.attrs)
}

// row moves to the first entry whose ordinal isn't smaller.
func (r *Reader) row(ord uint32) (k, data []byte) {
	if r.rows != nil {
		return r.rows.ordinal(ord)
	}
	binary.BigEndian.PutUint32(r.number[:], ord)
	return r.entries.Seek(r.number[:])
}
