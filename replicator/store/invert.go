package store

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// invertBytes is the memory for lists before they are written to a temporary file as a block.
const invertBytes = 24 << 20

// inverter gathers the posting lists of a generation. Entries come in the order of their ordinals, so that a list is
// appended to as it is in the file: nothing is sorted but the terms. Blocks follow each other in that order too, and a
// term's lists in them are joined end to end.
type inverter struct {
	path  string
	lists map[string]*postingList
	words map[string][]*postingList // the lists of all terms of a word
	names map[nameWord][]*postingList
	grams [10000]*postingList
	used  int // bytes, roughly
	limit int
	file  *os.File
	runs  []sortRun
	end   int64
}

// postingList is a posting list, or the part of it in one block.
type postingList struct {
	first, last uint32
	deltas      []byte
	used        bool
}

// Costs of a map entry with its list, and of a word's pointers, for the account of memory.
const (
	listCost = 120
	wordCost = 300
)

func newInverter(path string) *inverter {
	return &inverter{path: path, limit: invertBytes, lists: map[string]*postingList{}, words: map[string][]*postingList{}, names: map[nameWord][]*postingList{}}
}

func (l *postingList) add(ord uint32) int {
	if !l.used {
		l.first, l.last, l.used = ord, ord, true
		return 0
	}
	if ord == l.last {
		return 0
	}
	n := cap(l.deltas)
	l.deltas = binary.AppendUvarint(l.deltas, uint64(ord-l.last))
	l.last = ord
	return cap(l.deltas) - n
}

// list of a term, by its key.
func (v *inverter) list(kind byte, term []byte) *postingList {
	var b [1 + maxWord + 1]byte
	key := append(append(b[:0], kind), term...)
	l := v.lists[string(key)]
	if l == nil {
		l = &postingList{}
		v.lists[string(key)] = l
		v.used += listCost + len(key)
	}
	return l
}

// add takes the object and the words of an entry, and the grams of its numbers.
func (v *inverter) add(ord uint32, object []byte, t *terms) error {
	v.used += v.list(kindObject, appendLower(nil, object)).add(ord)
	for _, w := range t.words {
		lists, ok := v.words[w]
		if !ok {
			eachWordTerm(w, func(kind byte, term []byte) { lists = append(lists, v.list(kind, term)) })
			lists = slices.Clip(lists)
			v.words[w] = lists
			v.used += wordCost
		}
		for _, l := range lists {
			v.used += l.add(ord)
		}
	}
	for _, w := range t.names {
		lists, ok := v.names[w]
		if !ok {
			w.each(func(kind byte, term []byte) { lists = append(lists, v.list(kind, term)) })
			v.names[w] = slices.Clip(lists)
			v.used += wordCost
		}
		for _, l := range lists {
			v.used += l.add(ord)
		}
	}
	for _, n := range t.numbers {
		for i := 0; i+gramLength <= len(n); i++ {
			g := int(n[i]-'0')*1000 + int(n[i+1]-'0')*100 + int(n[i+2]-'0')*10 + int(n[i+3]-'0')
			if v.grams[g] == nil {
				v.grams[g] = v.list(kindGram, []byte(n[i:i+gramLength]))
			}
			v.used += v.grams[g].add(ord)
		}
	}
	if v.used > v.limit {
		return v.spill()
	}
	return nil
}

// spill writes the block: uvarint lengths of term and deltas, first and last ordinal, term, deltas.
func (v *inverter) spill() error {
	if v.file == nil {
		f, err := os.CreateTemp(filepath.Dir(v.path), filepath.Base(v.path)+tempMark)
		if err != nil {
			return err
		}
		v.file = f
		_ = os.Remove(f.Name()) // as a sorter's
	}
	w := bufio.NewWriterSize(io.NewOffsetWriter(v.file, v.end), 1<<18)
	from := v.end
	var head []byte
	for _, term := range slices.Sorted(maps.Keys(v.lists)) {
		l := v.lists[term]
		head = binary.AppendUvarint(head[:0], uint64(len(term)))
		head = binary.AppendUvarint(head, uint64(len(l.deltas)))
		head = binary.BigEndian.AppendUint32(head, l.first)
		head = binary.BigEndian.AppendUint32(head, l.last)
		head = append(head, term...)
		if _, err := w.Write(head); err != nil {
			return err
		}
		if _, err := w.Write(l.deltas); err != nil {
			return err
		}
		v.end += int64(len(head) + len(l.deltas))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	v.runs = append(v.runs, sortRun{from, v.end})
	clear(v.lists)
	clear(v.words)
	clear(v.names)
	v.grams = [10000]*postingList{}
	v.used = 0
	return nil
}

func (v *inverter) close() error {
	v.lists, v.words, v.names = nil, nil, nil
	if v.file == nil {
		return nil
	}
	err := v.file.Close()
	if rm := os.Remove(v.file.Name()); rm != nil && !errors.Is(rm, os.ErrNotExist) {
		err = errors.Join(err, rm)
	}
	v.file = nil
	return err
}

// merge calls f with the parts of every term's list, terms in order, parts in order.
func (v *inverter) merge(f func(term []byte, parts []*postingList) error) error {
	if len(v.runs) == 0 {
		for _, term := range slices.Sorted(maps.Keys(v.lists)) {
			if err := f([]byte(term), []*postingList{v.lists[term]}); err != nil {
				return err
			}
		}
		return nil
	}
	if len(v.lists) > 0 {
		if err := v.spill(); err != nil {
			return err
		}
	}
	blocks := make([]*blockReader, len(v.runs))
	for i, run := range v.runs {
		blocks[i] = &blockReader{r: bufio.NewReaderSize(io.NewSectionReader(v.file, run.from, run.to-run.from), sortRead)}
		if err := blocks[i].next(); err != nil {
			return err
		}
	}
	var term []byte
	var parts []*postingList
	for {
		var least *blockReader
		for _, b := range blocks {
			if b.term != nil && (least == nil || bytes.Compare(b.term, least.term) < 0) {
				least = b
			}
		}
		if least == nil {
			return nil
		}
		term, parts = append(term[:0], least.term...), parts[:0]
		for _, b := range blocks {
			if b.term != nil && bytes.Equal(b.term, term) {
				parts = append(parts, b.list)
				if err := b.next(); err != nil {
					return err
				}
			}
		}
		if err := f(term, parts); err != nil {
			return err
		}
	}
}

// blockReader reads the lists of one block.
type blockReader struct {
	r    *bufio.Reader
	term []byte // nil at the end
	list *postingList
}

func (b *blockReader) next() error {
	n, err := binary.ReadUvarint(b.r)
	if errors.Is(err, io.EOF) {
		b.term = nil
		return nil
	}
	if err != nil {
		return err
	}
	size, err := binary.ReadUvarint(b.r)
	if err != nil {
		return err
	}
	var ords [8]byte
	if _, err := io.ReadFull(b.r, ords[:]); err != nil {
		return err
	}
	b.term = make([]byte, n)
	b.list = &postingList{
		first: binary.BigEndian.Uint32(ords[:]), last: binary.BigEndian.Uint32(ords[4:]),
		deltas: make([]byte, size), used: true,
	}
	if _, err := io.ReadFull(b.r, b.term); err != nil {
		return err
	}
	if _, err := io.ReadFull(b.r, b.list.deltas); err != nil {
		return fmt.Errorf("read back a posting list: %w", err)
	}
	return nil
}
