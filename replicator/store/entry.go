package store

import (
	"encoding/binary"
	"errors"
	"time"

	"ringdex/schema"
)

// idLength is the length of a record Id with its checksum; Open files hold no other.
const idLength = 18

// headLength is the length of an entry before its object name: Id and stamp.
const headLength = idLength + 8

var errEncoding = errors.New("malformed entry")

// appendEntry encodes an entry as FORMAT.md says. Attributes without values are left out.
func appendEntry(dst []byte, e *schema.Entry, attrs *attributes) ([]byte, error) {
	if err := checkID(e.ID); err != nil {
		return dst, err
	}
	dst = append(dst, e.ID...)
	dst = binary.BigEndian.AppendUint64(dst, uint64(e.Stamp.UnixMicro()))
	dst = binary.AppendUvarint(dst, uint64(len(e.Object)))
	dst = append(dst, e.Object...)
	for i := range e.Attributes {
		a := &e.Attributes[i]
		if len(a.Values) == 0 {
			continue
		}
		index, err := attrs.index(a.Name)
		if err != nil {
			return dst, err
		}
		dst = binary.AppendUvarint(dst, uint64(index))
		dst = binary.AppendUvarint(dst, uint64(len(a.Values)))
		for j := range a.Values {
			dst = appendValue(dst, &a.Values[j])
		}
	}
	return dst, nil
}

// Flags in the lowest bits of a value's length.
const (
	valueHasOriginal = 1 << iota
	valueHasKeys
	valueFlagBits = iota
)

func appendValue(dst []byte, v *schema.Value) []byte {
	head := uint64(len(v.Text)) << valueFlagBits
	if v.Original != "" {
		head |= valueHasOriginal
	}
	if len(v.Keys) > 0 {
		head |= valueHasKeys
	}
	dst = binary.AppendUvarint(dst, head)
	dst = append(dst, v.Text...)
	if v.Original != "" {
		dst = binary.AppendUvarint(dst, uint64(len(v.Original)))
		dst = append(dst, v.Original...)
	}
	if len(v.Keys) > 0 {
		dst = binary.AppendUvarint(dst, uint64(len(v.Keys)))
		for _, k := range v.Keys {
			dst = binary.AppendUvarint(dst, uint64(len(k)))
			dst = append(dst, k...)
		}
	}
	return dst
}

func stampOf(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

// View is an entry as it lies in the file: valid until its reader is released.
type View struct {
	data   []byte
	object []byte
	values []byte
	attrs  []AttrInfo
}

// openView splits an encoded entry. The values are read by the iterator.
func openView(data []byte, attrs []AttrInfo) (View, bool) {
	if len(data) < headLength {
		return View{}, false
	}
	n, w := uvarint(data[headLength:])
	if w <= 0 || n > uint64(len(data)-headLength-w) {
		return View{}, false
	}
	at := headLength + w
	return View{data: data, object: data[at : at+int(n)], values: data[at+int(n):], attrs: attrs}, true
}

// Object is the sObject name.
func (v *View) Object() string { return string(v.object) }

// ObjectBytes is Object without a copy.
func (v *View) ObjectBytes() []byte { return v.object }

// ID is the 18 character Id.
func (v *View) ID() []byte { return v.data[:idLength] }

// Stamp is the SystemModstamp in UTC, in microseconds.
func (v *View) Stamp() time.Time { return stampOf(v.micros()) }

func (v *View) micros() int64 { return int64(binary.BigEndian.Uint64(v.data[idLength:])) }

// content is what makes two entries of one record differ: everything but Id and stamp.
func (v *View) content() []byte { return v.data[headLength:] }

// Values iterates the values in the order of the entry's attributes.
func (v *View) Values() ValueIter { return ValueIter{rest: v.values, attrs: v.attrs} }

// Entry copies the entry.
func (v *View) Entry() schema.Entry {
	e := schema.Entry{Object: v.Object(), ID: string(v.ID()), Stamp: v.Stamp()}
	last := -1
	for it := v.Values(); it.Next(); {
		if it.first {
			e.Attributes = append(e.Attributes, schema.Attribute{Name: it.attr.Name})
			last++
		}
		val := schema.Value{Text: string(it.text), Original: string(it.original)}
		for i := range it.Keys() {
			val.Keys = append(val.Keys, string(it.Key(i)))
		}
		e.Attributes[last].Values = append(e.Attributes[last].Values, val)
	}
	return e
}

// First returns the first value's text of a canonical attribute name, nil if there is none.
func (v *View) First(name string) []byte {
	for it := v.Values(); it.Next(); {
		if it.attr.Name == name {
			return it.text
		}
	}
	return nil
}

// ValueIter iterates values. Next moves on, at first to the first value.
type ValueIter struct {
	rest     []byte
	attrs    []AttrInfo
	attr     *AttrInfo
	left     int // values of attr that are still to come
	first    bool
	bad      bool
	text     []byte
	original []byte
	keys     []byte
	count    int
}

// Next moves to the next value and says whether there is one. A malformed rest ends the iteration.
func (it *ValueIter) Next() bool {
	it.first = it.left == 0
	if it.left == 0 {
		if len(it.rest) == 0 {
			return false
		}
		index, ok := it.number()
		n, ok2 := it.number()
		if !ok || !ok2 || index >= uint64(len(it.attrs)) || n == 0 || n > uint64(len(it.rest)) {
			return it.malformed()
		}
		it.attr, it.left = &it.attrs[index], int(n)
	}
	return it.value()
}

// AttributeSet is a set of attributes by index. Those from 256 on are in none.
type AttributeSet = [4]uint64

// NextIn is Next for the values of some attributes only. It passes over the others in a fraction of the time.
func (it *ValueIter) NextIn(set *AttributeSet) bool {
	it.first = it.left == 0
	for b := it.rest; it.left == 0; {
		if len(b) == 0 {
			it.rest = nil
			return false
		}
		index, w := uvarint(b)
		if w <= 0 {
			return it.malformed()
		}
		b = b[w:]
		n, w := uvarint(b)
		if w <= 0 || index >= uint64(len(it.attrs)) || n == 0 || n > uint64(len(b)-w) {
			return it.malformed()
		}
		b = b[w:]
		if index < 256 && set[index>>6]>>(index&63)&1 != 0 {
			it.attr, it.left, it.rest = &it.attrs[index], int(n), b
			break
		}
		var ok bool
		if b, ok = skipValues(b, n); !ok {
			return it.malformed()
		}
	}
	return it.value()
}

// Text is the text of a value.
type Text struct {
	Attribute int // index
	Text      []byte
}

// AppendTexts appends the texts of the values of some attributes, in the order of the entry. It stops behind the last of them: n is
// how many there are in the set.
func (v *View) AppendTexts(dst []Text, set *AttributeSet, n int) []Text {
	for b := v.values; len(b) > 0 && n > 0; {
		index, w := uvarint(b)
		if w <= 0 {
			return dst
		}
		b = b[w:]
		count, w := uvarint(b)
		if w <= 0 || index >= uint64(len(v.attrs)) || count == 0 || count > uint64(len(b)-w) {
			return dst
		}
		b = b[w:]
		var ok bool
		if index >= 256 || set[index>>6]>>(index&63)&1 == 0 {
			if b, ok = skipValues(b, count); !ok {
				return dst
			}
			continue
		}
		n--
		for ; count > 0; count-- {
			head, w := uvarint(b)
			if w <= 0 || head>>valueFlagBits > uint64(len(b)-w) {
				return dst
			}
			end := w + int(head>>valueFlagBits)
			text := b[w:end:end]
			if n == 0 && count == 1 {
				return append(dst, Text{int(index), text})
			}
			if b, ok = skipValues(b, 1); !ok {
				return dst
			}
			dst = append(dst, Text{int(index), text})
		}
	}
	return dst
}

// skipValues passes over n values.
func skipValues(b []byte, n uint64) (rest []byte, ok bool) {
	for ; n > 0; n-- {
		head, w := uvarint(b)
		fields := uint64(0) // with a length before each
		if w <= 0 || head>>valueFlagBits > uint64(len(b)-w) {
			return nil, false
		}
		b = b[w+int(head>>valueFlagBits):]
		if head&valueHasOriginal != 0 {
			fields = 1
		}
		for keys := head&valueHasKeys == 0; ; fields-- {
			if fields == 0 {
				if keys {
					break
				}
				if fields, w = uvarint(b); w <= 0 || fields > uint64(len(b)-w) {
					return nil, false
				}
				b, keys = b[w:], true
				if fields == 0 {
					break
				}
			}
			length, w := uvarint(b)
			if w <= 0 || length > uint64(len(b)-w) {
				return nil, false
			}
			b = b[w+int(length):]
		}
	}
	return b, true
}

// value reads the next value of the attribute at hand.
func (it *ValueIter) value() bool {
	it.left--
	head, ok := it.number()
	if !ok || head>>valueFlagBits > uint64(len(it.rest)) {
		return it.malformed()
	}
	it.text = it.take(int(head >> valueFlagBits))
	it.original, it.keys, it.count = nil, nil, 0
	if head&valueHasOriginal != 0 {
		if it.original, ok = it.field(); !ok {
			return it.malformed()
		}
	}
	if head&valueHasKeys != 0 {
		n, ok := it.number()
		if !ok || n > uint64(len(it.rest)) {
			return it.malformed()
		}
		start := it.rest
		for range n {
			if _, ok := it.field(); !ok {
				return it.malformed()
			}
		}
		it.keys, it.count = start[:len(start)-len(it.rest)], int(n)
	}
	return true
}

// Attr is the attribute of the value.
func (it *ValueIter) Attr() *AttrInfo { return it.attr }

// Text is what an answer shows.
func (it *ValueIter) Text() []byte { return it.text }

// Original is the spelling of the source; empty when equal to Text.
func (it *ValueIter) Original() []byte { return it.original }

// Keys is the number of digit strings of the value.
func (it *ValueIter) Keys() int { return it.count }

// Key returns digit string i, best first.
func (it *ValueIter) Key(i int) []byte {
	at := 0
	for {
		n, w := uvarint(it.keys[at:])
		at += w
		if i == 0 {
			return it.keys[at : at+int(n)]
		}
		at += int(n)
		i--
	}
}

// Malformed says whether Next ended early, at something that can't be read.
func (it *ValueIter) Malformed() bool { return it.bad }

func (it *ValueIter) malformed() bool {
	it.rest, it.left, it.bad = nil, 0, true
	return false
}

func (it *ValueIter) number() (uint64, bool) {
	n, w := uvarint(it.rest)
	if w <= 0 {
		return 0, false
	}
	it.rest = it.rest[w:]
	return n, true
}

func (it *ValueIter) take(n int) []byte {
	b := it.rest[:n:n]
	it.rest = it.rest[n:]
	return b
}

func (it *ValueIter) field() ([]byte, bool) {
	n, ok := it.number()
	if !ok || n > uint64(len(it.rest)) {
		return nil, false
	}
	return it.take(int(n)), true
}

// uvarint is binary.Uvarint with the usual single byte inlined.
func uvarint(b []byte) (uint64, int) {
	if len(b) > 0 && b[0] < 0x80 {
		return uint64(b[0]), 1
	}
	return binary.Uvarint(b)
}
