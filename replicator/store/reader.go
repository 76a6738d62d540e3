package store

import (
	"time"

	"ringdex/schema"
)

// Reader reads one committed state of the store. It belongs to one goroutine at a time and must be released soon.
type Reader struct{}

// Reader returns a reader of the latest state: ErrEmpty before the first complete load.
func (s *Store) Reader() (*Reader, error) { return &Reader{}, nil }

// Release gives the reader back. Everything that came from it is invalid from then on.
func (r *Reader) Release() {}

// Generation that the reader sees.
func (r *Reader) Generation() Generation { return 0 }

// Sequence of the last change that the reader sees.
func (r *Reader) Sequence() uint64 { return 0 }

// Count of the entries of an object.
func (r *Reader) Count(object string) int { return 0 }

// Total count of entries.
func (r *Reader) Total() int { return 0 }

// Ordinal of a record, by its 18 character Id.
func (r *Reader) Ordinal(id string) (uint32, bool) { return 0, false }

// OrdinalBytes is Ordinal for bytes.
func (r *Reader) OrdinalBytes(id []byte) (uint32, bool) { return 0, false }

// Next returns the first ordinal in use that is not smaller than ord: a scan in list order is
// for o, ok := r.Next(0); ok; o, ok = r.Next(o + 1).
func (r *Reader) Next(ord uint32) (uint32, bool) { return 0, false }

// View returns the entry with an ordinal, without copying it.
func (r *Reader) View(ord uint32) (View, bool) { return View{}, false }

// View is an entry as it lies in the file: valid until its reader is released.
type View struct{}

// Object is the sObject name.
func (v *View) Object() string { return "" }

// ID is the 18 character Id.
func (v *View) ID() []byte { return nil }

// Stamp is the SystemModstamp.
func (v *View) Stamp() time.Time { return time.Time{} }

// Values iterates the values in the order of the entry's attributes.
func (v *View) Values() ValueIter { return ValueIter{} }

// Entry copies the entry.
func (v *View) Entry() schema.Entry { return schema.Entry{} }

// AttrInfo describes an attribute of a generation.
type AttrInfo struct {
	Index int    // small, dense, stable within a generation
	Name  string // canonical
	Words bool   // its values are found by words
}

// ValueIter iterates values. Next moves on, first to the first value.
type ValueIter struct{}

// Next moves to the next value and says whether there is one.
func (it *ValueIter) Next() bool { return false }

// Attr is the attribute of the value.
func (it *ValueIter) Attr() *AttrInfo { return nil }

// Text is what an answer shows.
func (it *ValueIter) Text() []byte { return nil }

// Original is the spelling of the source; empty when equal to Text.
func (it *ValueIter) Original() []byte { return nil }

// Keys is the number of digit strings of the value.
func (it *ValueIter) Keys() int { return 0 }

// Key returns digit string i, best first.
func (it *ValueIter) Key(i int) []byte { return nil }

// Attributes returns the attributes that occur in the generation, by index.
func (r *Reader) Attributes() []AttrInfo { return nil }
