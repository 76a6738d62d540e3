package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"ringdex/schema/name"
)

// An order lists the entries of a generation by an attribute, for sorted answers and list views. Every entry is in it: those
// without the attribute come last. It lies in chunks, so that a place in it is found by a key or by its number without
// reading what lies before. FORMAT.md has the encoding.

// orderNames are the attributes with an order: telephones sort on the name that they show, or on its parts.
var orderNames = [...]string{"cn", "displayName", "sn", "givenName", "o"}

const (
	// orderList is the order of the list itself, the one of ordinals. Its keys are empty.
	orderList uint16 = 0xffff
	// maxOrderKey bounds a key: names that are alike for so long stand in list order.
	maxOrderKey = 64
	// orderBytes is where a load ends a chunk, two of which fill a page; orderSplit where a delta splits one.
	orderBytes = 1900
	orderSplit = 2800
	// orderHead is the length of the attribute in a key, orderTail that of the end mark and the ordinal.
	orderHead = 2
	orderTail = 5
)

// How an attribute is ordered: the value of its mark.
const (
	orderListed  byte = 0 // it has chunks
	orderNatural byte = 1 // its order is the list's, which is the usual case of cn and displayName
)

// keyOwnSequence has the sequence of the last change that the orders, or the names, know. Where it isn't the store's, something
// has written that knew none, and nobody may rely on them.
var keyOwnSequence = []byte{0}

// OrderMissing is the key of entries without the attribute: behind all others (RFC 2891, 2.2).
const OrderMissing = 0xff

// AppendOrderKeyBy appends the key by which an order of a generation with that collation places a value: its folded
// form, at most 64 bytes.
func AppendOrderKeyBy(by name.Collation, dst, text []byte) []byte {
	at := len(dst)
	dst = by.AppendFold(dst, text)
	if len(dst) > at+maxOrderKey {
		dst = dst[:at+maxOrderKey]
	}
	return dst
}

// appendOrderKey appends an entry's key for an attribute: that of the least of its values (RFC 2891, 2.2).
func appendOrderKey(by name.Collation, dst []byte, v *View, attr int) []byte {
	at, least := len(dst), -1
	for it := v.Values(); it.Next(); {
		if it.attr.Index != attr {
			continue
		}
		end := len(dst)
		dst = AppendOrderKeyBy(by, dst, it.text)
		switch {
		case least < 0:
			least = at
		case bytes.Compare(dst[end:], dst[at:end]) < 0:
			dst = append(dst[:at], dst[end:]...)
		default:
			dst = dst[:end]
		}
	}
	if least < 0 {
		return append(dst, OrderMissing)
	}
	return dst
}

// appendDisplayKey appends the key of an entry's place in the list.
func appendDisplayKey(by name.Collation, dst []byte, v *View) []byte {
	for _, n := range displayNames {
		if text := v.First(n); len(text) > 0 {
			return AppendOrderKeyBy(by, dst, text)
		}
	}
	return append(dst, OrderMissing)
}

// orderItem is an entry's place in an order.
type orderItem struct {
	key []byte
	ord uint32
}

func (i *orderItem) compare(key []byte, ord uint32) int {
	if c := bytes.Compare(i.key, key); c != 0 {
		return c
	}
	switch {
	case i.ord < ord:
		return -1
	case i.ord > ord:
		return 1
	}
	return 0
}

func orderMark(attr uint16) []byte { return binary.BigEndian.AppendUint16(nil, attr) }

// appendPlace appends the key of a chunk that begins with an item. Folded text has no zero byte.
func appendPlace(dst []byte, attr uint16, key []byte, ord uint32) []byte {
	dst = append(binary.BigEndian.AppendUint16(dst, attr), key...)
	return binary.BigEndian.AppendUint32(append(dst, termEnd), ord)
}

// ownsPlace says whether k is the key of one of the attribute's chunks.
func ownsPlace(k []byte, attr uint16) bool {
	return len(k) >= orderHead+orderTail && binary.BigEndian.Uint16(k) == attr
}

// orderChunk writes a chunk.
type orderChunk struct {
	first orderItem
	last  []byte
	body  []byte
	count int
}

func (c *orderChunk) add(key []byte, ord uint32) {
	if c.count++; c.count == 1 {
		c.first = orderItem{append(c.first.key[:0], key...), ord}
		c.last, c.body = append(c.last[:0], key...), c.body[:0]
		return
	}
	shared := 0
	for shared < len(key) && shared < len(c.last) && key[shared] == c.last[shared] {
		shared++
	}
	c.body = binary.AppendUvarint(c.body, uint64(shared))
	c.body = binary.AppendUvarint(c.body, uint64(len(key)-shared))
	c.body = append(c.body, key[shared:]...)
	c.body = binary.BigEndian.AppendUint32(c.body, ord)
	c.last = append(c.last[:0], key...)
}

func (c *orderChunk) value() []byte {
	return append(binary.AppendUvarint(nil, uint64(c.count)), c.body...)
}

// orderItems is a decoded chunk. Its keys lie in one piece of memory.
type orderItems struct {
	ords []uint32
	ends []int // of the keys in text
	text []byte
}

func (l *orderItems) key(i int) []byte {
	if i == 0 {
		return l.text[:l.ends[0]]
	}
	return l.text[l.ends[i-1]:l.ends[i]]
}

func (l *orderItems) add(shared int, suffix []byte, ord uint32) {
	from := 0
	if n := len(l.ends); n > 1 {
		from = l.ends[n-2]
	}
	l.text = append(append(l.text, l.text[from:from+shared]...), suffix...)
	l.ends = append(l.ends, len(l.text))
	l.ords = append(l.ords, ord)
}

// decode reads a chunk: false where it is malformed.
func (l *orderItems) decode(k, v []byte) bool {
	l.ords, l.ends, l.text = l.ords[:0], l.ends[:0], l.text[:0]
	n, w := uvarint(v)
	if w <= 0 || n == 0 || len(k) < orderHead+orderTail {
		return false
	}
	l.add(0, k[orderHead:len(k)-orderTail], binary.BigEndian.Uint32(k[len(k)-4:]))
	rest := v[w:]
	for range n - 1 {
		shared, w1 := uvarint(rest)
		if w1 <= 0 {
			return false
		}
		size, w2 := uvarint(rest[w1:])
		rest = rest[w1:]
		if w2 <= 0 || size > uint64(len(rest)-w2) || shared > uint64(len(l.key(len(l.ords)-1))) {
			return false
		}
		rest = rest[w2:]
		if uint64(len(rest)) < size+4 {
			return false
		}
		l.add(int(shared), rest[:size], binary.BigEndian.Uint32(rest[size:]))
		rest = rest[size+4:]
	}
	return len(rest) == 0
}

// search returns the first item that isn't before (key, ord).
func (l *orderItems) search(key []byte, ord uint32) int {
	low, high := 0, len(l.ords)
	for low < high {
		middle := int(uint(low+high) >> 1)
		if item := (orderItem{l.key(middle), l.ords[middle]}); item.compare(key, ord) < 0 {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// chunkCount is how many items a chunk has.
func chunkCount(v []byte) int {
	n, w := uvarint(v)
	if w <= 0 {
		panic("malformed order")
	}
	return int(n)
}

// trusted returns a bucket of orders or of names, nil where it is nil or knows less than the store.
func trusted(tx *bolt.Tx, b *bolt.Bucket) *bolt.Bucket {
	if b == nil || readUint64(b, keyOwnSequence) != readUint64(tx.Bucket(bucketMeta), keySequence) {
		return nil
	}
	return b
}

// follow notes that buckets of orders and names (nil: there is none) know every change up to the store's last one.
func follow(tx *bolt.Tx, buckets ...*bolt.Bucket) (err error) {
	for _, b := range buckets {
		if b != nil {
			err = errors.Join(err, putUint64(b, keyOwnSequence, readUint64(tx.Bucket(bucketMeta), keySequence)))
		}
	}
	return err
}

// orderMarks reads which attributes have an order, and how.
func orderMarks(orders *bolt.Bucket) (map[uint16]byte, error) {
	marks := map[uint16]byte{}
	if orders == nil {
		return marks, nil
	}
	c := orders.Cursor()
	for k, v := c.Seek([]byte{0, 0}); k != nil; {
		if len(k) != orderHead || len(v) != 1 {
			return nil, fmt.Errorf("%w: order %x", ErrCorrupt, k)
		}
		attr := binary.BigEndian.Uint16(k)
		marks[attr] = v[0]
		if attr == orderList {
			break
		}
		k, v = c.Seek(orderMark(attr + 1))
	}
	return marks, nil
}
