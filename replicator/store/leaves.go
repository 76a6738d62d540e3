package store

import (
	"bytes"
	"encoding/binary"
	"slices"
	"unsafe"

	bolt "go.etcd.io/bbolt"
)

// cursor is what a reader needs of bbolt's: its leafCursor does the same with fewer looks at memory.
type cursor interface {
	Seek(key []byte) (k, v []byte)
	Next() (k, v []byte)
	Prev() (k, v []byte)
	Last() (k, v []byte)
}

// image is the file in memory as a read transaction sees it. Its pages don't change until the transaction ends, and the
// mapping never moves, since room for it was reserved (openBolt).
type image struct {
	data     []byte
	pageSize uint64
}

// imageOf is the image of a transaction; only where the mapping is reserved.
func imageOf(db *bolt.DB, tx *bolt.Tx) image {
	info := db.Info()
	base := *(*unsafe.Pointer)(unsafe.Pointer(&info.Data)) // an address outside Go's heap
	return image{data: unsafe.Slice((*byte)(base), tx.Size()), pageSize: uint64(info.PageSize)}
}

// page returns a page with what overflows from it. It panics, as bbolt does, where there is none.
func (m *image) page(id uint64) page {
	if id >= uint64(len(m.data))/m.pageSize {
		panic("page beyond the end of the file")
	}
	at := id * m.pageSize
	overflow := uint64(binary.NativeEndian.Uint32(m.data[at+12:]))
	return page(m.data[at : at+(overflow+1)*m.pageSize])
}

// page is a page of bbolt's, in the layout that pages.go names.
type page []byte

func (p page) flags() uint16 { return binary.NativeEndian.Uint16(p[8:]) }

func (p page) count() int { return int(binary.NativeEndian.Uint16(p[10:])) }

// key of element i of a leaf.
func (p page) key(i int) []byte {
	at := pageHeader + i*elementSize
	e := p[at : at+elementSize]
	from := at + int(binary.NativeEndian.Uint32(e[4:]))
	to := from + int(binary.NativeEndian.Uint32(e[8:]))
	return p[from:to:to]
}

// value of element i of a leaf.
func (p page) value(i int) []byte {
	at := pageHeader + i*elementSize
	e := p[at : at+elementSize]
	from := at + int(binary.NativeEndian.Uint32(e[4:])) + int(binary.NativeEndian.Uint32(e[8:]))
	to := from + int(binary.NativeEndian.Uint32(e[12:]))
	return p[from:to:to]
}

// child is the key and the page of element i of a branch.
func (p page) child(i int) (key []byte, id uint64) {
	at := pageHeader + i*elementSize
	e := p[at : at+elementSize]
	from := at + int(binary.NativeEndian.Uint32(e))
	to := from + int(binary.NativeEndian.Uint32(e[4:]))
	return p[from:to:to], binary.NativeEndian.Uint64(e[8:])
}

// leaves is the list of a bucket's leaf pages, in the order of their keys. It takes the place of all branch pages: eight
// octets of the key at which a leaf begins tell the leaf more often than not, so that a seek looks at a short array and
// at one page. It is made from the branch pages alone, which are one in a hundred.
type leaves struct {
	image
	root  uint64
	pack  func(key []byte) uint64 // the beginning of a key, in the same order
	first []uint64                // packed key that no key of the leaf is smaller than
	pages []uint64
	// start is, for the packed keys from i<<shift on, the last leaf that begins before them.
	start []uint32
	shift uint
}

// maxDepth is deeper than any tree of bbolt's gets.
const maxDepth = 16

// listLeaves lists the leaves of a bucket; nil where that doesn't work: bbolt's own cursors find what is readable. last is the
// list of an earlier transaction that was open when this one began, or nil: where the root page is still that one, so is every page.
func listLeaves(m image, b *bolt.Bucket, pack func(key []byte) uint64, last *leaves) (t *leaves) {
	root := uint64(b.RootPage())
	if last != nil && last.root == root {
		return last
	}
	defer func() {
		if recover() != nil {
			t = nil // a damaged page: whoever needs it will report it
		}
	}()
	return newLeaves(m, root, pack)
}

// newLeaves lists the leaves below a root page; nil where there are none to speak of.
func newLeaves(m image, root uint64, pack func(key []byte) uint64) *leaves {
	if root == 0 {
		return nil // the bucket lies in its parent's page
	}
	t := &leaves{image: m, root: root, pack: pack}
	depth := 0
	for p := m.page(root); p.flags()&flagBranch != 0; depth++ {
		if depth == maxDepth || p.count() == 0 {
			return nil
		}
		_, id := p.child(0)
		p = m.page(id)
	}
	if depth == 0 {
		t.first, t.pages = []uint64{0}, []uint64{root}
	} else {
		t.descend(root, depth)
	}
	t.shorten()
	return t
}

func (t *leaves) descend(id uint64, depth int) {
	p := t.page(id)
	if p.flags()&flagBranch == 0 {
		panic("tree of uneven depth")
	}
	for i := range p.count() {
		key, child := p.child(i)
		if depth > 1 {
			t.descend(child, depth-1)
			continue
		}
		t.first = append(t.first, t.pack(key))
		t.pages = append(t.pages, child)
	}
}

// shorten prepares where searches begin: about one place for each leaf.
func (t *leaves) shorten() {
	last := t.first[len(t.first)-1]
	for last>>t.shift >= uint64(len(t.first)) {
		t.shift++
	}
	t.start = make([]uint32, last>>t.shift+2)
	leaf := 0
	for i := range t.start {
		from := uint64(i) << t.shift
		beyond := from>>t.shift != uint64(i) // there are no such keys
		for leaf+1 < len(t.first) && (beyond || t.first[leaf+1] < from) {
			leaf++
		}
		t.start[i] = uint32(leaf)
	}
}

// before is the last leaf that begins before the packed key; the first one where none does.
func (t *leaves) before(packed uint64) int {
	at := min(packed>>t.shift, uint64(len(t.start)-1))
	lo := int(t.start[at])
	hi := len(t.first) // exclusive
	if at+1 < uint64(len(t.start)) {
		hi = min(hi, int(t.start[at+1])+1)
	}
	for lo+1 < hi {
		mid := int(uint(lo+hi) / 2)
		if t.first[mid] < packed {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}

// leaf returns a leaf's page.
func (t *leaves) leaf(i int) page {
	p := t.page(t.pages[i])
	if p.flags()&flagLeaf == 0 {
		panic("tree of uneven depth")
	}
	return p
}

// leafCursor is a cursor over leaves.
type leafCursor struct {
	t     *leaves
	i     int // the leaf at hand
	at, n int // the element in it, and how many there are
	page  page
}

func (c *leafCursor) enter(i int) {
	if c.page == nil || c.i != i {
		c.i, c.page = i, c.t.leaf(i)
		c.n = c.page.count()
	}
}

// element returns what the cursor is at.
func (c *leafCursor) element() (k, v []byte) { return c.page.key(c.at), c.page.value(c.at) }

// Seek moves to the first key that isn't smaller.
func (c *leafCursor) Seek(key []byte) (k, v []byte) {
	packed := c.t.pack(key)
	i := c.t.before(packed)
	// Leaves that begin with the same octets are told apart by their keys.
	if first := c.t.first; i+1 < len(first) && first[i+1] == packed {
		end, _ := slices.BinarySearch(first[i+1:], packed+1)
		lo, hi := i, i+1+end // the leaf is not before lo, and before hi
		for lo+1 < hi {
			mid := int(uint(lo+hi) / 2)
			if p := c.t.leaf(mid); p.count() > 0 && bytes.Compare(p.key(0), key) <= 0 {
				lo = mid
			} else {
				hi = mid
			}
		}
		i = lo
	}
	c.enter(i)
	lo, hi := 0, c.n
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if bytes.Compare(c.page.key(mid), key) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if c.at = lo; lo < c.n {
		return c.element()
	}
	return c.forward()
}

// forward goes to the first element of the next leaf that has one.
func (c *leafCursor) forward() (k, v []byte) {
	for c.i+1 < len(c.t.pages) {
		c.enter(c.i + 1)
		if c.at = 0; c.n > 0 {
			return c.element()
		}
	}
	c.at = c.n
	return nil, nil
}

// Next moves to the next key, nil behind the last one.
func (c *leafCursor) Next() (k, v []byte) {
	if c.page == nil {
		return nil, nil
	}
	if c.at+1 < c.n {
		c.at++
		return c.element()
	}
	return c.forward()
}

// Prev moves to the key before, nil before the first one.
func (c *leafCursor) Prev() (k, v []byte) {
	if c.page == nil {
		return nil, nil
	}
	for c.at == 0 {
		if c.i == 0 {
			return nil, nil
		}
		c.enter(c.i - 1)
		c.at = c.n
	}
	c.at--
	return c.element()
}

// Last moves to the last key.
func (c *leafCursor) Last() (k, v []byte) {
	c.enter(len(c.t.pages) - 1)
	c.at = c.n
	return c.Prev()
}

// ordinal moves to the first entry whose ordinal isn't smaller. A load leaves even gaps, which tell about where it is.
func (c *leafCursor) ordinal(ord uint32) (k, v []byte) {
	first := c.t.first
	if c.page == nil || uint64(ord) < first[c.i] || c.i+1 < len(first) && uint64(ord) >= first[c.i+1] {
		c.enter(c.t.before(uint64(ord) + 1))
	}
	lo, hi := 0, c.n
	for guess := int(uint64(ord)-min(uint64(ord), first[c.i])) / ordinalGap; lo < hi; {
		if guess < lo || guess >= hi {
			guess = int(uint(lo+hi) / 2)
		}
		key := c.page.key(guess)
		if len(key) != 4 {
			panic("malformed key of an entry")
		}
		switch at := binary.BigEndian.Uint32(key); {
		case at == ord:
			c.at = guess
			return key, c.page.value(guess)
		case at < ord:
			lo = guess + 1
		default:
			hi = guess
		}
		guess = -1
	}
	if c.at = lo; lo < c.n {
		return c.element()
	}
	return c.forward()
}

// packOrdinal packs the key of an entry.
func packOrdinal(key []byte) uint64 {
	if len(key) != 4 {
		panic("malformed key of an entry")
	}
	return uint64(binary.BigEndian.Uint32(key))
}

// packTerm packs the key of a list: its kind, then fifteen digits or seven octets and a half of other text.
func packTerm(key []byte) uint64 {
	if len(key) == 0 {
		return 0
	}
	packed := uint64(min(key[0], 15)) << 60
	switch key[0] {
	case kindNumber, kindEnd, kindGram:
		shift := 60
		for _, c := range key[1:min(len(key), 16)] {
			if c < '0' || c > '9' { // the end, or no key of ours
				break
			}
			shift -= 4
			packed |= uint64(c-'0'+1) << shift
		}
		return packed
	}
	var text [8]byte
	copy(text[:], key[1:])
	return packed | binary.BigEndian.Uint64(text[:])>>4
}
