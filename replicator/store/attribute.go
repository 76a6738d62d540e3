package store

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"

	bolt "go.etcd.io/bbolt"

	"ringdex/schema"
)

// maxAttributes bounds the attribute table: an org's objects have at most some hundred fields each.
const maxAttributes = 1 << 14

// AttrInfo describes an attribute of a generation.
type AttrInfo struct {
	Index int    // small, dense, stable within a generation
	Name  string // canonical
	Words bool   // its values are found by their words
}

// IndexesWords says whether the store keeps an index of the words of an attribute's values. Numbers are indexed wherever
// a value has keys.
func IndexesWords(t *schema.AttributeType) bool {
	return t.Virtual == schema.None && (t.Syntax == schema.Name || t.Syntax == schema.Text || t.Syntax == schema.Mail)
}

// maxSearched is how much of a value is found by its words: names and addresses are shorter, and the index of a
// description of pages would be larger than it.
const maxSearched = 1024

// Searched is the part of a value that is found by its words: its first 1,024 bytes, whole characters. A filter on words sees
// no more of it, so that an indexed search finds what a full scan finds.
func Searched(text []byte) []byte {
	if len(text) <= maxSearched {
		return text
	}
	n := maxSearched
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

// attributes is the table of a generation's attribute names. It only grows.
type attributes struct {
	schema *schema.Schema
	list   []AttrInfo
	byName map[string]int
	stored int // the first of them are in the file
}

func newAttributes(s *schema.Schema, list []AttrInfo) *attributes {
	a := &attributes{schema: s, byName: make(map[string]int, len(list)), stored: len(list)}
	for _, i := range list {
		a.byName[i.Name] = i.Index
		a.list = append(a.list, i)
	}
	return a
}

// index of a name, which is added if it is new.
func (a *attributes) index(name string) (int, error) {
	if i, ok := a.byName[name]; ok {
		return i, nil
	}
	if len(a.list) == maxAttributes {
		return 0, fmt.Errorf("store: more than %d attribute names", maxAttributes)
	}
	info := AttrInfo{Index: len(a.list), Name: name}
	if t, ok := a.schema.Attribute(name); ok {
		info.Words = IndexesWords(t)
	}
	a.list = append(a.list, info)
	a.byName[name] = info.Index
	return info.Index, nil
}

// take begins the table as another one is, with today's flags: a load makes the index anew.
func (a *attributes) take(list []AttrInfo) {
	for _, i := range list {
		t, ok := a.schema.Attribute(i.Name)
		i.Words = ok && IndexesWords(t)
		a.list = append(a.list, i)
		a.byName[i.Name] = i.Index
	}
}

// compatible says whether entries encoded with b read the same with a.
func (a *attributes) compatible(b []AttrInfo) bool {
	if len(b) > len(a.list) {
		return false
	}
	for i := range b {
		if a.list[i].Index != b[i].Index || a.list[i].Name != b[i].Name {
			return false
		}
	}
	return true
}

// save writes the names that aren't in the bucket yet.
func (a *attributes) save(b *bolt.Bucket) error {
	for _, i := range a.list[a.stored:] {
		if err := b.Put(i.encode()); err != nil {
			return err
		}
	}
	return nil
}

// encode returns the attribute's key and value in the table.
func (i AttrInfo) encode() (key, value []byte) {
	value = make([]byte, 1, 1+len(i.Name))
	if i.Words {
		value[0] = 1
	}
	return binary.BigEndian.AppendUint16(nil, uint16(i.Index)), append(value, i.Name...)
}

// readAttributes reads the table.
func readAttributes(b *bolt.Bucket) ([]AttrInfo, error) {
	var list []AttrInfo
	err := b.ForEach(func(k, v []byte) error {
		if len(k) != 2 || int(binary.BigEndian.Uint16(k)) != len(list) || len(v) < 2 || v[0] > 1 {
			return fmt.Errorf("%w: attribute table", ErrCorrupt)
		}
		list = append(list, AttrInfo{Index: len(list), Name: string(v[1:]), Words: v[0] == 1})
		return nil
	})
	return list, err
}
