package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"unsafe"

	bolt "go.etcd.io/bbolt"
)

// stagedFile reads staged entries in any order with pread instead of through the memory map: each touch of a mapped page
// brings its neighbours along, so that a walk in another order than the file's maps all of it, and a load's memory
// would grow with the org. It is valid during one read transaction of the staging file.
type stagedFile struct {
	f     *os.File
	blobs []fileSpan // by page number, from 1
	buf   []byte
}

// fileSpan is where a page's value lies in the file; inline holds it where bbolt keeps it out of the map (a bucket so
// small that it lies within its parent's page).
type fileSpan struct {
	offset, length int64
	inline         []byte
}

// stagedRead is how much is read for an entry at first: more than most have.
const stagedRead = 2 << 10

// openStaged finds where the pages lie: behind the beginning of the map as far as in the file.
func openStaged(db *bolt.DB, pages *bolt.Bucket) (*stagedFile, error) {
	info, err := os.Stat(db.Path())
	if err != nil {
		return nil, err
	}
	s := &stagedFile{blobs: make([]fileSpan, 1, 1024), buf: make([]byte, stagedRead)}
	base := db.Info().Data
	err = pages.ForEach(func(k, blob []byte) error {
		if n := binary.BigEndian.Uint32(k); int(n) != len(s.blobs) {
			return fmt.Errorf("%w: staged page %d in place of %d", ErrCorrupt, n, len(s.blobs))
		}
		span := fileSpan{offset: int64(uintptr(unsafe.Pointer(unsafe.SliceData(blob))) - base), length: int64(len(blob))}
		if span.offset < 0 || span.offset+span.length > info.Size() {
			span.inline = bytes.Clone(blob)
		}
		if s.blobs = append(s.blobs, span); len(s.blobs)%residentPages == 0 {
			dropResident(db.Path())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.f, err = os.Open(db.Path())
	return s, err
}

func (s *stagedFile) close() error { return s.f.Close() }

// read returns an entry, valid until the next read.
func (s *stagedFile) read(at place) (data []byte, err error) {
	page, offset := int(at>>32), int64(uint32(at))
	if page >= len(s.blobs) || offset >= s.blobs[page].length {
		return nil, fmt.Errorf("%w: staged entry %x", ErrCorrupt, uint64(at))
	}
	if inline := s.blobs[page].inline; inline != nil {
		data, _, ok := stagedEntry(inline[offset:])
		if !ok {
			return nil, fmt.Errorf("%w: staged entry %x", ErrCorrupt, uint64(at))
		}
		return data, nil
	}
	rest := s.blobs[page].length - offset
	for want := min(rest, int64(len(s.buf))); ; {
		if _, err := s.f.ReadAt(s.buf[:want], s.blobs[page].offset+offset); err != nil {
			return nil, err
		}
		n, w := uvarint(s.buf[:want])
		whole := int64(w) + int64(n)
		switch {
		case w <= 0 || whole > rest:
			return nil, fmt.Errorf("%w: staged entry %x", ErrCorrupt, uint64(at))
		case whole <= want:
			return s.buf[w:whole], nil
		}
		want = whole
		s.buf = append(s.buf, make([]byte, whole-int64(len(s.buf)))...)
	}
}
