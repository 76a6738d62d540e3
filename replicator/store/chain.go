package store

import "encoding/binary"

// chains holds many byte strings that grow, in a few blocks without a pointer: the collector has nothing to follow in them,
// however many there are. A string lies in slices of growing size, each with the address of the next one behind it.
type chains struct {
	blocks [][]byte
	next   uint32 // address of what is free
}

// chain is one string in chains. Its zero value is empty.
type chain struct {
	head, at, end uint32 // where it begins, where it goes on, where its slice ends
	level         uint8  // of its slice
}

const (
	chainBits  = 16 // of an address inside a block
	chainBlock = 1 << chainBits
	chainLink  = 4 // bytes of an address
	chainFirst = 4 // bytes of the first slice; each further one has twice as many
	chainLevel = 5 // the largest one
)

// reset forgets all strings and keeps the memory.
func (c *chains) reset() { c.next = 0 }

// slice allots a slice of a level.
func (c *chains) slice(level uint8) (from, end uint32) {
	size := uint32(chainFirst) << level
	if c.next&(chainBlock-1)+size+chainLink > chainBlock {
		c.next = (c.next | (chainBlock - 1)) + 1
	}
	for int(c.next>>chainBits) >= len(c.blocks) {
		c.blocks = append(c.blocks, make([]byte, chainBlock))
	}
	from = c.next
	c.next += size + chainLink
	return from, from + size
}

// append appends a byte.
func (c *chains) append(s *chain, b byte) {
	if s.at == s.end {
		c.grow(s)
	}
	c.blocks[s.at>>chainBits][s.at&(chainBlock-1)] = b
	s.at++
}

func (c *chains) grow(s *chain) {
	if s.end == 0 { // the first one
		s.head, s.end = c.slice(0)
		s.at = s.head
		return
	}
	s.level = min(s.level+1, chainLevel)
	from, end := c.slice(s.level)
	binary.NativeEndian.PutUint32(c.blocks[s.end>>chainBits][s.end&(chainBlock-1):], from)
	s.at, s.end = from, end
}

// appendUvarint appends a number.
func (c *chains) appendUvarint(s *chain, n uint32) {
	for n >= 0x80 {
		c.append(s, byte(n)|0x80)
		n >>= 7
	}
	c.append(s, byte(n))
}

// chainReader reads a string, part by part.
type chainReader struct {
	c     *chains
	s     *chain
	at    uint32
	level uint8
	done  bool
}

func (c *chains) reader(s *chain) chainReader {
	return chainReader{c: c, s: s, at: s.head, done: s.end == 0}
}

// next returns the next part, nil at the end.
func (r *chainReader) next() []byte {
	if r.done {
		return nil
	}
	block := r.c.blocks[r.at>>chainBits]
	from := r.at & (chainBlock - 1)
	if end := r.at + chainFirst<<r.level; end != r.s.end {
		to := from + end - r.at
		r.at = binary.NativeEndian.Uint32(block[to:])
		r.level = min(r.level+1, chainLevel)
		return block[from:to]
	}
	r.done = true
	return block[from : from+r.s.at-r.at]
}
