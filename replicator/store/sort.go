package store

import (
	"bufio"
	"bytes"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// Memory of the external sort. A load of any size needs no more than this for each sorter in use, two at a time.
const (
	sortBytes = 16 << 20
	sortBlock = 1 << 20
	sortRead  = 64 << 10 // buffer for each run that is merged
)

// sorter sorts records by key, then value, in bounded memory: what doesn't fit lies in a temporary file beside the store.
type sorter struct {
	path   string // of the store
	limit  int    // bytes
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

func newSorter(path string) *sorter { return &sorter{path: path, limit: sortBytes} }

// A record is a uint16 length of the key, one of the value, key, value.
const sortHeader = 4

func (s *sorter) add(key, value []byte) error {
	need := sortHeader + len(key) + len(value)
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
	s.refs = append(s.refs, sortRef{head: sortHead(key), block: uint32(i), at: uint32(len(b))})
	b = binary.LittleEndian.AppendUint16(b, uint16(len(key)))
	b = binary.LittleEndian.AppendUint16(b, uint16(len(value)))
	s.blocks[i] = append(append(b, key...), value...)
	s.count++
	return nil
}

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

func (s *sorter) order() {
	slices.SortFunc(s.refs, func(a, b sortRef) int {
		if a.head != b.head {
			return cmp.Compare(a.head, b.head)
		}
		ak, av := s.record(a)
		bk, bv := s.record(b)
		if c := bytes.Compare(ak, bk); c != 0 {
			return c
		}
		return bytes.Compare(av, bv)
	})
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

// sorted ends the adding and returns the records in order.
func (s *sorter) sorted() (*sortedRecords, error) {
	s.order()
	it := &sortedRecords{s: s}
	for _, run := range s.runs {
		c := &sortCursor{r: bufio.NewReaderSize(io.NewSectionReader(s.file, run.from, run.to-run.from), sortRead)}
		if ok, err := c.next(); err != nil {
			return nil, err
		} else if ok {
			it.runs = append(it.runs, c)
		}
	}
	heap.Init(&it.runs)
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

// sortedRecords merges the runs with what is in memory.
type sortedRecords struct {
	s    *sorter
	at   int
	runs sortHeap
	last *sortCursor // whose record was handed out
}

// next returns the next record, valid until the next call.
func (it *sortedRecords) next() (key, value []byte, ok bool, err error) {
	if it.last != nil {
		more, err := it.last.next()
		if err != nil {
			return nil, nil, false, err
		}
		if more {
			heap.Fix(&it.runs, 0)
		} else {
			heap.Pop(&it.runs)
		}
		it.last = nil
	}
	if it.at < len(it.s.refs) {
		k, v := it.s.record(it.s.refs[it.at])
		if len(it.runs) == 0 || it.runs[0].compare(k, v) >= 0 {
			it.at++
			return k, v, true, nil
		}
	}
	if len(it.runs) == 0 {
		return nil, nil, false, nil
	}
	it.last = it.runs[0]
	return it.last.key, it.last.value, true, nil
}

// sortCursor reads one run.
type sortCursor struct {
	r          *bufio.Reader
	buf        []byte
	key, value []byte
}

func (c *sortCursor) next() (bool, error) {
	var h [sortHeader]byte
	if _, err := io.ReadFull(c.r, h[:]); err != nil {
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		return false, err
	}
	k, v := int(binary.LittleEndian.Uint16(h[:])), int(binary.LittleEndian.Uint16(h[2:]))
	if cap(c.buf) < k+v {
		c.buf = make([]byte, k+v)
	}
	b := c.buf[:k+v]
	if _, err := io.ReadFull(c.r, b); err != nil {
		return false, err
	}
	c.key, c.value = b[:k], b[k:]
	return true, nil
}

func (c *sortCursor) compare(key, value []byte) int {
	if n := bytes.Compare(c.key, key); n != 0 {
		return n
	}
	return bytes.Compare(c.value, value)
}

type sortHeap []*sortCursor

func (h sortHeap) Len() int           { return len(h) }
func (h sortHeap) Less(i, j int) bool { return h[i].compare(h[j].key, h[j].value) < 0 }
func (h sortHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *sortHeap) Push(x any)        { *h = append(*h, x.(*sortCursor)) }
func (h *sortHeap) Pop() any {
	old := *h
	c := old[len(old)-1]
	*h = old[:len(old)-1]
	return c
}
