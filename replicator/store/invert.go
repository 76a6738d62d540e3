package store

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// invertBytes is the memory for lists before they are written to a temporary file as a block. There are two blocks at a time: one that is
// noted in, and one that is written.
const invertBytes = 20 << 20

// inverter gathers the posting lists of a generation. Entries come in the order of their ordinals, so that a list is
// appended to as it is in the file: nothing is sorted but the terms. Of an entry only its words are noted, some dozen; the
// lists of their hundreds of beginnings and fragments are made of those of the words when a block is complete (derive.go).
// Blocks follow each other in the order of the ordinals too, and a term's lists in them are joined end to end.
type inverter struct {
	*invertBlock // that is noted in
	path         string
	marked       []byte
	limit        int

	spare   *invertBlock // nil: none yet
	writing chan error   // tells what came of a block that a goroutine writes; nil: none does
	// Where blocks are written, for who writes one.
	file *os.File
	runs []sortRun
	end  int64
}

// invertBlock is the words of entries that follow each other.
type invertBlock struct {
	serial  int // of the block
	words   vocabulary
	names   vocabulary // words of names, each with a nameMark behind it
	chains  chains
	ords    []uint32 // of its entries, by their rank in it
	grams   [10000]rankList
	objects []objectRanks
	long    rankList // entries with a word that is cut
}

func newInvertBlock() *invertBlock {
	return &invertBlock{words: newVocabulary(), names: newVocabulary()}
}

func (b *invertBlock) reset() {
	b.words.reset()
	b.names.reset()
	b.chains.reset()
	b.ords, b.objects = b.ords[:0], b.objects[:0]
	b.grams, b.long = [10000]rankList{}, rankList{}
}

func (b *invertBlock) used() int {
	return b.words.used() + b.names.used() + int(b.chains.next) + len(b.ords)*rankCost
}

// objectRanks are the entries of an object.
type objectRanks struct {
	name string // as in the entries
	list rankList
}

// postingList is a posting list, or the part of it in one block.
type postingList struct {
	first, last uint32
	deltas      []byte
}

// add appends an ordinal to a list that isn't empty, unless it is its last one.
func (l *postingList) add(ord uint32) {
	if ord != l.last {
		l.deltas = binary.AppendUvarint(l.deltas, uint64(ord-l.last))
		l.last = ord
	}
}

func newInverter(path string) *inverter {
	return &inverter{path: path, limit: invertBytes, invertBlock: newInvertBlock()}
}

// entry begins an entry: what is noted then is its own.
func (v *inverter) entry(ord uint32, object []byte) error {
	if v.used() > v.limit {
		if err := v.spill(); err != nil {
			return err
		}
	}
	v.ords = append(v.ords, ord)
	i := slices.IndexFunc(v.objects, func(o objectRanks) bool { return o.name == string(object) })
	if i < 0 {
		i = len(v.objects)
		v.objects = append(v.objects, objectRanks{name: string(object)})
	}
	v.note(&v.objects[i].list)
	return nil
}

// word notes a word of the entry, by its number in the vocabulary.
func (v *inverter) word(n uint32) {
	w := &v.words.words[n]
	v.note(&w.list)
	if w.length > maxWord {
		v.note(&v.long)
	}
}

// name notes a word of the entry's names, by its number in the vocabulary.
func (v *inverter) name(n uint32, in NameSet, whole bool) {
	v.marked = append(append(v.marked[:0], v.words.of(n)...), nameMark(in, whole))
	v.note(&v.names.words[v.names.number(v.marked)].list)
}

// nameMark tells in one byte what nameWord has beside the text. It is smaller than every byte of a word.
func nameMark(in NameSet, whole bool) byte {
	if whole {
		return byte(in) | endOfNameSets
	}
	return byte(in)
}

// number notes the grams of a number of the entry.
func (v *inverter) number(digits []byte) {
	for i := 0; i+gramLength <= len(digits); i++ {
		v.note(&v.grams[int(digits[i]-'0')*1000+int(digits[i+1]-'0')*100+int(digits[i+2]-'0')*10+int(digits[i+3]-'0')])
	}
}

// note puts the entry into a list.
func (v *inverter) note(l *rankList) {
	rank := uint32(len(v.ords) - 1)
	switch {
	case l.count == 0:
		l.first = rank
	case l.last == rank:
		return
	default:
		v.chains.appendUvarint(&l.rest, rank-l.last)
	}
	l.last = rank
	l.count++
}

// spill has the block written by a goroutine, once the one before it is, and goes on with an empty one.
func (v *inverter) spill() error {
	if err := v.written(); err != nil {
		return err
	}
	full, next := v.invertBlock, v.spare
	if v.spare = full; next == nil {
		next = newInvertBlock()
	}
	next.reset()
	next.serial = full.serial + 1
	v.invertBlock = next
	done := make(chan error, 1)
	v.writing = done
	go func() { done <- safely(func() error { return v.write(full) }) }()
	return nil
}

// written waits for the block that is being written, if one is.
func (v *inverter) written() error {
	if v.writing == nil {
		return nil
	}
	err := <-v.writing
	v.writing = nil
	return err
}

// write writes a block: uvarint lengths of term and deltas, first and last ordinal, term, deltas.
func (v *inverter) write(block *invertBlock) error {
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
	err := block.derive(func(term []byte, l *postingList) error {
		head = binary.AppendUvarint(head[:0], uint64(len(term)))
		head = binary.AppendUvarint(head, uint64(len(l.deltas)))
		head = binary.BigEndian.AppendUint32(head, l.first)
		head = binary.BigEndian.AppendUint32(head, l.last)
		head = append(head, term...)
		if _, err := w.Write(head); err != nil {
			return err
		}
		v.end += int64(len(head) + len(l.deltas))
		_, err := w.Write(l.deltas)
		return err
	})
	if err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	v.runs = append(v.runs, sortRun{from, v.end})
	return nil
}

func (v *inverter) close() error {
	err := v.written()
	v.drop()
	if v.file == nil {
		return err
	}
	err = errors.Join(err, v.file.Close())
	if rm := os.Remove(v.file.Name()); rm != nil && !errors.Is(rm, os.ErrNotExist) {
		err = errors.Join(err, rm)
	}
	v.file = nil
	return err
}

// drop lets the memory of the blocks go.
func (v *inverter) drop() { v.invertBlock, v.spare = &invertBlock{}, nil }

// finish writes the last block, if there is more than one. Nothing is added any more.
func (v *inverter) finish() error {
	if err := v.written(); err != nil {
		return err
	}
	if len(v.runs) == 0 {
		return nil
	}
	v.spare = nil
	if len(v.ords) > 0 {
		if err := v.write(v.invertBlock); err != nil {
			return err
		}
	}
	v.drop()
	return nil
}

// merge calls f with the parts of every term's list, terms in order, parts in order: valid during the call. finish comes first.
func (v *inverter) merge(f func(term []byte, parts []*postingList) error) error {
	if len(v.runs) == 0 {
		parts := make([]*postingList, 1)
		return v.derive(func(term []byte, l *postingList) error {
			parts[0] = l
			return f(term, parts)
		})
	}
	blocks := make([]*blockReader, len(v.runs))
	for i, run := range v.runs {
		blocks[i] = &blockReader{r: bufio.NewReaderSize(io.NewSectionReader(v.file, run.from, run.to-run.from), sortRead)}
		if err := blocks[i].next(); err != nil {
			return err
		}
	}
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
		parts = parts[:0]
		for _, b := range blocks {
			if b.part = b.term != nil && bytes.Equal(b.term, least.term); b.part {
				parts = append(parts, &b.list)
			}
		}
		if err := f(least.term, parts); err != nil {
			return err
		}
		for _, b := range blocks {
			if b.part {
				if err := b.next(); err != nil {
					return err
				}
			}
		}
	}
}

// blockReader reads the lists of one block.
type blockReader struct {
	r    *bufio.Reader
	buf  []byte // of the term
	term []byte // nil at the end
	list postingList
	part bool // has a part of the list that is put together
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
	b.buf = slices.Grow(b.buf[:0], int(n))[:n]
	b.term = b.buf
	b.list.first, b.list.last = binary.BigEndian.Uint32(ords[:]), binary.BigEndian.Uint32(ords[4:])
	b.list.deltas = slices.Grow(b.list.deltas[:0], int(size))[:size]
	if _, err := io.ReadFull(b.r, b.term); err != nil {
		return err
	}
	if _, err := io.ReadFull(b.r, b.list.deltas); err != nil {
		return fmt.Errorf("read back a posting list: %w", err)
	}
	return nil
}
