package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// bbolt trusts its pages: it panics, sometimes in a goroutine of its own, where a damaged one sends it astray. So the
// structure is looked at before it is let in, in the layout of bbolt's format version 2.
const (
	pageHeader     = 16 // id uint64, flags uint16, count uint16, overflow uint32
	elementSize    = 16 // branch: pos, ksize uint32, page uint64; leaf: flags, pos, ksize, vsize uint32
	metaSize       = 64 // magic, version, page size, flags uint32; root, sequence, freelist, high page, txid, checksum uint64
	metaMagic      = 0xED0CDAED
	metaVersion    = 2
	flagBranch     = 1
	flagLeaf       = 2
	flagFreelist   = 16
	flagBucket     = 1
	noFreelist     = 1<<64 - 1
	minPageSize    = 1024
	maxPageSizeLog = 16
	soughtPages    = 1 << 14 // where the first ones are lost: some pages overflow into many that have no header
)

// header is what a meta page says.
type header struct {
	pageSize                   uint32
	root, freelist, high, txid uint64
}

// readHeader finds the newer valid meta page of a file.
func readHeader(f *os.File) (header, error) {
	var best header
	foreign := true
	look := func(at int64) bool {
		b := make([]byte, pageHeader+metaSize)
		if _, err := f.ReadAt(b, at); err != nil {
			return false
		}
		m := b[pageHeader:]
		order := binary.NativeEndian
		if order.Uint32(m) != metaMagic {
			return false
		}
		foreign = false
		sum := fnv.New64a()
		_, _ = sum.Write(m[:metaSize-8]) // a hash takes everything
		if order.Uint32(m[4:]) != metaVersion || order.Uint64(m[metaSize-8:]) != sum.Sum64() {
			return false
		}
		h := header{
			pageSize: order.Uint32(m[8:]), root: order.Uint64(m[16:]), freelist: order.Uint64(m[32:]),
			high: order.Uint64(m[40:]), txid: order.Uint64(m[48:]),
		}
		if h.pageSize < minPageSize || h.pageSize&(h.pageSize-1) != 0 || h.pageSize > 1<<maxPageSizeLog {
			return false
		}
		if best.pageSize == 0 || h.txid > best.txid {
			best = h
		}
		return true
	}
	if look(0) {
		look(int64(best.pageSize))
	} else {
		for size := int64(minPageSize); size <= 1<<maxPageSizeLog; size *= 2 {
			if look(size) {
				break
			}
		}
	}
	switch {
	case best.pageSize != 0:
		return best, nil
	case foreign && hasPages(f):
		return header{}, fmt.Errorf("%w: its beginning was overwritten", ErrCorrupt)
	case foreign:
		return header{}, fmt.Errorf("%w: no bbolt file", ErrForeign)
	}
	return header{}, fmt.Errorf("%w: both meta pages are broken", ErrCorrupt)
}

// hasPages says whether a file without meta pages has pages of bbolt's behind them: each says its own number and type.
// Among thousands of places two that do so by chance are those of no other kind of file.
func hasPages(f *os.File) bool {
	b := make([]byte, pageHeader)
	for size := int64(minPageSize); size <= 1<<maxPageSizeLog; size *= 2 {
		found := 0
		for id := int64(2); id < soughtPages; id++ {
			if _, err := f.ReadAt(b, id*size); err != nil {
				break
			}
			switch flags := binary.NativeEndian.Uint16(b[8:]); {
			case binary.NativeEndian.Uint64(b) != uint64(id):
			case flags == flagBranch, flags == flagLeaf, flags == flagFreelist:
				if found++; found == 2 {
					return true
				}
			}
		}
	}
	return false
}

// inspect refuses a file whose head isn't a bbolt file's or whose tail is missing.
func inspect(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%w: not a regular file", ErrForeign)
	}
	if info.Size() == 0 {
		return fmt.Errorf("%w: the file is empty", ErrCorrupt)
	}
	h, err := readHeader(f)
	if err != nil {
		return err
	}
	if need := h.high * uint64(h.pageSize); need > uint64(info.Size()) {
		return fmt.Errorf("%w: cut short: %d bytes of %d", ErrCorrupt, info.Size(), need)
	}
	p := &pages{f: f, header: h}
	if err := p.read(h.root); err != nil {
		return err
	}
	if f := p.flags(); f != flagBranch && f != flagLeaf {
		return fmt.Errorf("%w: the root page has type %x", ErrCorrupt, f)
	}
	if h.freelist == noFreelist {
		return nil
	}
	if err := p.read(h.freelist); err != nil {
		return err
	}
	if p.flags() != flagFreelist {
		return fmt.Errorf("%w: the free list has type %x", ErrCorrupt, p.flags())
	}
	return nil
}

// inspectPages looks at all pages of a file that wasn't closed in order: bbolt will read all of them to find the free
// ones. One that was closed in order has its free list and is opened without.
func inspectPages(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	h, err := readHeader(f)
	if err != nil || h.freelist != noFreelist {
		return err
	}
	p := &pages{f: f, header: h}
	return p.walk()
}

// pages reads the pages of a file one by one.
type pages struct {
	f      *os.File
	header header
	buf    []byte
	id     uint64
	seen   []uint64 // bit set
}

func (p *pages) flags() uint16    { return binary.NativeEndian.Uint16(p.buf[8:]) }
func (p *pages) count() int       { return int(binary.NativeEndian.Uint16(p.buf[10:])) }
func (p *pages) overflow() uint64 { return uint64(binary.NativeEndian.Uint32(p.buf[12:])) }

// read reads a page, without those that it overflows into.
func (p *pages) read(id uint64) error {
	if id < 2 || id >= p.header.high {
		return fmt.Errorf("%w: page %d is out of bounds", ErrCorrupt, id)
	}
	size := int(p.header.pageSize)
	if len(p.buf) < size {
		p.buf = make([]byte, size)
	}
	p.id = id
	if _, err := p.f.ReadAt(p.buf[:size], int64(id)*int64(size)); err != nil {
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("%w: page %d is missing", ErrCorrupt, id)
		}
		return err
	}
	if got := binary.NativeEndian.Uint64(p.buf); got != id {
		return fmt.Errorf("%w: page %d says that it is %d", ErrCorrupt, id, got)
	}
	if id+p.overflow() >= p.header.high {
		return fmt.Errorf("%w: page %d is too long", ErrCorrupt, id)
	}
	return nil
}

// grow reads the pages that the page overflows into, as far as its element table or a value needs them.
func (p *pages) grow(n int) error {
	size := int(p.header.pageSize)
	if n <= size {
		return nil
	}
	n = (n + size - 1) / size * size
	if len(p.buf) < n {
		p.buf = append(p.buf, make([]byte, n-len(p.buf))...)
	}
	_, err := p.f.ReadAt(p.buf[size:n], int64(p.id+1)*int64(size))
	return err
}

// walk checks every page that can be reached.
func (p *pages) walk() error {
	p.seen = make([]uint64, p.header.high/64+1)
	todo := []uint64{p.header.root}
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if err := p.read(id); err != nil {
			return err
		}
		for i := id; i <= id+p.overflow(); i++ {
			if p.seen[i/64]&(1<<(i%64)) != 0 {
				return fmt.Errorf("%w: page %d is used twice", ErrCorrupt, i)
			}
			p.seen[i/64] |= 1 << (i % 64)
		}
		var err error
		switch p.flags() {
		case flagBranch:
			todo, err = p.branch(todo)
		case flagLeaf:
			todo, err = p.leaf(todo)
		default:
			err = fmt.Errorf("%w: page %d has type %x", ErrCorrupt, id, p.flags())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// bytes returns what an element points to: its key and its value.
func (p *pages) bytes(element, pos int, ksize, vsize uint32) (key, value []byte, err error) {
	start := element + pos
	end := start + int(ksize) + int(vsize)
	if ksize > 1<<15 || start < pageHeader+p.count()*elementSize || end > int(p.overflow()+1)*int(p.header.pageSize) {
		return nil, nil, fmt.Errorf("%w: page %d has an element out of bounds", ErrCorrupt, p.id)
	}
	if err := p.grow(start + int(ksize)); err != nil {
		return nil, nil, err
	}
	return p.buf[start : start+int(ksize)], p.buf[min(start+int(ksize), len(p.buf)):min(end, len(p.buf))], nil
}

func (p *pages) branch(todo []uint64) ([]uint64, error) {
	if err := p.grow(pageHeader + p.count()*elementSize); err != nil {
		return nil, err
	}
	if p.count() == 0 {
		return nil, fmt.Errorf("%w: branch page %d is empty", ErrCorrupt, p.id)
	}
	var last []byte
	for i := range p.count() {
		at := pageHeader + i*elementSize
		e := p.buf[at:]
		pos, ksize, child := binary.NativeEndian.Uint32(e), binary.NativeEndian.Uint32(e[4:]), binary.NativeEndian.Uint64(e[8:])
		key, _, err := p.bytes(at, int(pos), ksize, 0)
		if err != nil {
			return nil, err
		}
		if i > 0 && bytes.Compare(last, key) >= 0 {
			return nil, fmt.Errorf("%w: page %d is out of order", ErrCorrupt, p.id)
		}
		last = append(last[:0], key...)
		todo = append(todo, child)
	}
	return todo, nil
}

func (p *pages) leaf(todo []uint64) ([]uint64, error) {
	if err := p.grow(pageHeader + p.count()*elementSize); err != nil {
		return nil, err
	}
	var last []byte
	for i := range p.count() {
		at := pageHeader + i*elementSize
		e := p.buf[at:]
		flags, pos := binary.NativeEndian.Uint32(e), binary.NativeEndian.Uint32(e[4:])
		ksize, vsize := binary.NativeEndian.Uint32(e[8:]), binary.NativeEndian.Uint32(e[12:])
		key, _, err := p.bytes(at, int(pos), ksize, vsize)
		if err != nil {
			return nil, err
		}
		if i > 0 && bytes.Compare(last, key) >= 0 {
			return nil, fmt.Errorf("%w: page %d is out of order", ErrCorrupt, p.id)
		}
		last = append(last[:0], key...)
		if flags&flagBucket == 0 {
			continue
		}
		if vsize < 16 {
			return nil, fmt.Errorf("%w: page %d has a broken bucket", ErrCorrupt, p.id)
		}
		if err := p.grow(at + int(pos) + int(ksize) + 16); err != nil {
			return nil, err
		}
		if root := binary.NativeEndian.Uint64(p.buf[at+int(pos)+int(ksize):]); root != 0 {
			todo = append(todo, root)
		}
	}
	return todo, nil
}
