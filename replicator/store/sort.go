package store

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// Memory of the external sort. A load of any size needs no more than this for each sorter in use, three at a time.
const (
	sortBytes = 8 << 20
	sortBlock = 1 << 20
	sortRead  = 64 << 10 // buffer for each run that is merged
)

// sorter sorts records by key, then value, in bounded memory: what doesn't fit lies in a temporary file beside the store.
type sorter struct {
	path   string                  // of the store
	limit  int                     // bytes
	head   func(key []byte) uint64 // in the order of the keys; most of them differ in it
	covers int                     // how many of a key's first bytes its head is
	blocks [][]byte
	free   [][]byte // blocks of a run that was written
	refs   []sortRef
	file   *os.File
	runs   []sortRun
	end    int64
	count  int
}

// sortRef finds a record and has the head of its key, which mostly decides.
type sortRef struct {
	head  uint64
	block uint32
	at    uint32
}

type sortRun struct{ from, to int64 }

func newSorter(path string) *sorter {
	return &sorter{path: path, limit: sortBytes, head: sortHead, covers: 8}
}

// A record is a uint16 length of the key, one of the value, key, value.
const sortHeader = 4

func (s *sorter) add(key, value []byte) error {
	need := sortHeader + len(key) + len(value)
	if need > sortRead {
		return fmt.Errorf("a record of %d bytes is too long to be sorted", need)
	}
	if len(s.blocks) == 0 || len(s.blocks[len(s.blocks)-1])+need > cap(s.blocks[len(s.blocks)-1]) {
		if len(s.blocks)*sortBlock+len(s.refs)*16 >= s.limit {
			if err := s.spill(); err != nil {
				return err
			}
		} else if n := len(s.free); n > 0 && need <= cap(s.free[n-1]) {
			s.blocks, s.free = append(s.blocks, s.free[n-1]), s.free[:n-1]
		} else {
			// The first block of a small sort stays small.
			size := sortBlock
			if len(s.blocks) == 0 {
				size = sortBlock / 16
			}
			s.blocks = append(s.blocks, make([]byte, 0, max(size, need)))
		}
	}
	i := len(s.blocks) - 1
	b := s.blocks[i]
	s.refs = append(s.refs, sortRef{head: s.head(key), block: uint32(i), at: uint32(len(b))})
	b = binary.LittleEndian.AppendUint16(b, uint16(len(key)))
	b = binary.LittleEndian.AppendUint16(b, uint16(len(value)))
	s.blocks[i] = append(append(b, key...), value...)
	s.count++
	return nil
}

// sortHead is the first bytes of a key.
func sortHead(key []byte) uint64 {
	if len(key) >= 8 {
		return binary.BigEndian.Uint64(key)
	}
	var b [8]byte
	copy(b[:], key)
	return binary.BigEndian.Uint64(b[:])
}

func (s *sorter) record(r sortRef) (key, value []byte) {
	b := s.blocks[r.block][r.at:]
	k := int(binary.LittleEndian.Uint16(b))
	v := int(binary.LittleEndian.Uint16(b[2:]))
	return b[sortHeader : sortHeader+k], b[sortHeader+k : sortHeader+k+v]
}

func (s *sorter) order() { s.orderFrom(s.refs, s.covers) }

// orderFrom sorts by the heads and, where many are the same, by those of what follows: keys with a long beginning in
// common are not compared from their beginning again and again. from is where what the heads cover ends.
func (s *sorter) orderFrom(refs []sortRef, from int) {
	if len(refs) < sortMany {
		slices.SortFunc(refs, s.compare)
		return
	}
	slices.SortFunc(refs, func(a, b sortRef) int { return cmp.Compare(a.head, b.head) })
	for len(refs) > 0 {
		n := 1
		for n < len(refs) && refs[n].head == refs[0].head {
			n++
		}
		same := refs[:n]
		refs = refs[n:]
		if n == 1 {
			continue
		}
		longest := 0
		if n >= sortMany {
			for i := range same {
				k, _ := s.record(same[i])
				same[i].head = sortHead(k[min(from, len(k)):])
				longest = max(longest, len(k))
			}
		}
		if longest > from {
			s.orderFrom(same, from+8)
		} else {
			slices.SortFunc(same, s.compare)
		}
	}
}

// sortMany is from how many records with the same head on it is worth looking at what follows.
const sortMany = 32

func (s *sorter) compare(a, b sortRef) int {
	if a.head != b.head {
		return cmp.Compare(a.head, b.head)
	}
	ak, av := s.record(a)
	bk, bv := s.record(b)
	if c := bytes.Compare(ak, bk); c != 0 {
		return c
	}
	return bytes.Compare(av, bv)
}

// spill writes what is in memory as a sorted run and keeps one block.
func (s *sorter) spill() error {
	if s.file == nil {
		f, err := os.CreateTemp(filepath.Dir(s.path), filepath.Base(s.path)+tempMark)
		if err != nil {
			return err
		}
		s.file = f
		_ = os.Remove(f.Name()) // nothing is left after a kill; where an open file stays, close removes it
	}
	s.order()
	w := bufio.NewWriterSize(io.NewOffsetWriter(s.file, s.end), 1<<18)
	from := s.end
	for _, r := range s.refs {
		k, v := s.record(r)
		n := sortHeader + len(k) + len(v)
		if _, err := w.Write(s.blocks[r.block][r.at : int(r.at)+n]); err != nil {
			return err
		}
		s.end += int64(n)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	s.runs = append(s.runs, sortRun{from, s.end})
	s.refs = s.refs[:0]
	for i, b := range s.blocks {
		s.blocks[i] = b[:0]
	}
	s.blocks, s.free = s.blocks[:1], append(s.free, s.blocks[1:]...)
	return nil
}

// sorted ends the adding and returns the records in order. What didn't fit in memory is in the file then, all of it.
func (s *sorter) sorted() (*sortedRecords, error) {
	it := &sortedRecords{s: s}
	if len(s.runs) == 0 {
		s.order()
		return it, nil
	}
	if len(s.refs) > 0 {
		if err := s.spill(); err != nil {
			return nil, err
		}
	}
	s.blocks, s.free, s.refs = nil, nil, nil
	for _, run := range s.runs {
		c := &sortCursor{r: bufio.NewReaderSize(io.NewSectionReader(s.file, run.from, run.to-run.from), sortRead), head: s.head}
		if ok, err := c.next(); err != nil {
			return nil, err
		} else if ok {
			it.runs = append(it.runs, c)
		}
	}
	for i := len(it.runs)/2 - 1; i >= 0; i-- {
		it.runs.sink(i)
	}
	return it, nil
}

// close frees the memory and the temporary file.
func (s *sorter) close() error {
	s.blocks, s.free, s.refs = nil, nil, nil
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if rm := os.Remove(s.file.Name()); rm != nil && !errors.Is(rm, os.ErrNotExist) {
		err = errors.Join(err, rm)
	}
	s.file = nil
	return err
}

// sortedRecords gives what is in memory, or merges the runs.
type sortedRecords struct {
	s    *sorter
	at   int
	runs sortHeap
	used bool // the first run's record was handed out
}

// next returns the next record, valid until the next call.
func (it *sortedRecords) next() (key, value []byte, ok bool, err error) {
	if it.at < len(it.s.refs) {
		key, value = it.s.record(it.s.refs[it.at])
		it.at++
		return key, value, true, nil
	}
	if it.used {
		it.used = false
		more, err := it.runs[0].next()
		if err != nil {
			return nil, nil, false, err
		}
		if !more {
			last := len(it.runs) - 1
			it.runs[0] = it.runs[last]
			it.runs = it.runs[:last]
		}
		it.runs.sink(0)
	}
	if len(it.runs) == 0 {
		return nil, nil, false, nil
	}
	it.used = true
	return it.runs[0].key, it.runs[0].value, true, nil
}

// sortCursor reads one run.
type sortCursor struct {
	r          *bufio.Reader
	head       func(key []byte) uint64
	first      uint64 // head of the key
	key, value []byte // in the reader's buffer
	size       int
}

func (c *sortCursor) next() (bool, error) {
	if _, err := c.r.Discard(c.size); err != nil {
		return false, err
	}
	c.size = 0
	h, err := c.r.Peek(sortHeader)
	if errors.Is(err, io.EOF) && len(h) == 0 {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	k, v := int(binary.LittleEndian.Uint16(h)), int(binary.LittleEndian.Uint16(h[2:]))
	b, err := c.r.Peek(sortHeader + k + v)
	if err != nil {
		return false, err
	}
	c.size = len(b)
	c.key, c.value = b[sortHeader:sortHeader+k:sortHeader+k], b[sortHeader+k:]
	c.first = c.head(c.key)
	return true, nil
}

func (c *sortCursor) less(d *sortCursor) bool {
	if c.first != d.first {
		return c.first < d.first
	}
	if n := bytes.Compare(c.key, d.key); n != 0 {
		return n < 0
	}
	return bytes.Compare(c.value, d.value) < 0
}

// sortHeap has the run with the least record first.
type sortHeap []*sortCursor

// sink moves a run down to its place.
func (h sortHeap) sink(i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h); child++ {
			if h[child].less(h[least]) {
				least = child
			}
		}
		if least == i {
			return
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}
