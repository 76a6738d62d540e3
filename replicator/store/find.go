package store

import (
	"bytes"
	"encoding/binary"
	"math"
)

// maxGrams bounds the lists that one query intersects: the rarest ones decide.
const maxGrams = 4

// maxInside bounds the words that a fragment inside is looked up by, and the chunks of those that begin with it.
const maxInside = 48

// Find appends the ordinals of the candidates to dst, ascending and distinct. With max > 0 it stops early with the smallest
// max ordinals; complete says that there are no more. The error is ErrCorrupt.
func (r *Reader) Find(dst []uint32, q Query, max int) (ords []uint32, complete bool, err error) {
	defer func() {
		if e := recover(); e != nil {
			r.damaged(e)
			ords, complete, err = dst, false, r.sn.store.Damage()
		}
	}()
	how, kind := r.plan(&q)
	u := &r.union
	u.reset(dst, q.From, max, how == accessAll || how == accessList || how == accessGrams)
	switch how {
	case accessAll:
		r.all(u)
	case accessList:
		r.list(u, kind, r.asked)
	case accessRange:
		r.span(u, kind)
	case accessGrams:
		r.common(u, kindGram, gramLength)
	case accessThree:
		r.each(u, kindGram, 0)
		reverse(r.asked)
		r.each(u, kindEnd, 0)
	case accessInside:
		if r.each(u, kindWord, maxInside) && r.tails(u, maxInside) {
			r.list(u, kindLong, nil)
			break
		}
		// So many words have it inside that their lists take longer than those of its parts.
		u.reset(u.dst[:u.base], q.From, max, true)
		r.common(u, kindInner, maxInner)
	}
	ords, complete = u.finish()
	return ords, complete, nil
}

func (r *Reader) all(u *union) {
	binary.BigEndian.PutUint32(r.number[:], u.from)
	for k, _ := r.entries.Seek(r.number[:]); len(k) == 4; k, _ = r.entries.Next() {
		if !u.add(binary.BigEndian.Uint32(k)) {
			return
		}
	}
}

// list adds one list.
func (r *Reader) list(u *union, kind byte, term []byte) {
	r.key = appendTerm(r.key[:0], kind, term)
	if u.from == 0 {
		p := postings{key: r.key}
		for k, v := r.index[0].Seek(r.key); p.owns(k); k, v = r.index[0].Next() {
			if !u.chunk(binary.BigEndian.Uint32(k[len(p.key):]), v) {
				return
			}
		}
		return
	}
	p := &r.lists[0]
	for p.open(r.index[0], r.key, u.from); p.ok; p.next() {
		if !u.add(p.ord) {
			break
		}
	}
	r.key = p.key
}

// each adds the lists of all terms of a kind that begin with r.asked, at most limit chunks of them (0: all): false if
// there are more.
func (r *Reader) each(u *union, kind byte, limit int) bool {
	c := r.index[0]
	r.key = append(append(r.key[:0], kind), r.asked...)
	n := len(r.key)
	k, v := c.Seek(r.key)
	for chunks := 1; hasPrefix(k, r.key[:n]); chunks++ {
		if limit > 0 && chunks > limit {
			return false
		}
		term, ord, ok := splitKey(k)
		if !ok {
			panic("malformed index key")
		}
		if u.chunk(ord, v) {
			k, v = c.Next()
			continue
		}
		// The rest of this list is greater than all that is wanted. Most lists have one chunk: look before the leap.
		next, value := c.Next()
		if len(next) == len(k) && bytes.Equal(next[:len(term)], term) {
			r.key = append(r.key[:n], term[n:]...)
			r.key[len(r.key)-1] = termEnd + 1
			next, value = c.Seek(r.key)
		}
		k, v = next, value
	}
	r.key = r.key[:n]
	return true
}

// span adds the lists of all terms that begin with r.asked. The beginning or the end of a number may be that of
// thousands: then the entries themselves, read in list order, give a cut answer sooner.
func (r *Reader) span(u *union, kind byte) {
	if u.max == 0 || kind == kindWord {
		r.each(u, kind, 0)
		return
	}
	// With m of n entries matching, the lists cost m steps, the scan max*n/m views, each as long as eight steps.
	limit := int(math.Sqrt(8 * float64(u.max) * float64(r.sn.total)))
	limit = max(limit, 4096)
	from, most := u.from, u.max
	// Where more than a few terms begin so, nearly every entry may match: then a short look at the first ones is enough.
	if r.rangeLength(kind, r.asked) == r.sn.total {
		if r.scan(u, kind, 4*u.max) {
			return
		}
		u.reset(u.dst[:u.base], from, most, false)
	}
	if r.each(u, kind, limit) {
		return
	}
	u.reset(u.dst[:u.base], from, most, true)
	if r.scan(u, kind, limit/2) {
		return
	}
	u.reset(u.dst[:u.base], from, most, false)
	r.each(u, kind, 0)
}

// scan adds the entries with a number that begins (kindNumber) or ends (kindEnd) with r.asked, in list order, until there
// are enough. It gives up after some views.
func (r *Reader) scan(u *union, kind byte, views int) bool {
	if kind == kindEnd {
		reverse(r.asked)
		defer reverse(r.asked)
	}
	binary.BigEndian.PutUint32(r.number[:], u.from)
	for k, data := r.entries.Seek(r.number[:]); len(k) == 4; k, data = r.entries.Next() {
		if views--; views < 0 {
			return false
		}
		v, ok := openView(data, r.sn.attrs)
		if !ok {
			panic("malformed entry")
		}
		if !r.hasNumber(&v, kind) {
			continue
		}
		if !u.add(binary.BigEndian.Uint32(k)) {
			return true
		}
	}
	return true
}

func (r *Reader) hasNumber(v *View, kind byte) bool {
	for it := v.Values(); it.Next(); {
		for i := range it.Keys() {
			r.key = digits(r.key[:0], it.Key(i))
			if kind == kindNumber && bytes.HasPrefix(r.key, r.asked) || kind == kindEnd && bytes.HasSuffix(r.key, r.asked) {
				return true
			}
		}
	}
	return false
}

// common adds what the lists of the rarest parts of r.asked, width bytes each, have in common.
func (r *Reader) common(u *union, kind byte, width int) {
	// The keys lie one after the other in r.key: each has room for an ordinal behind it.
	const size = 1 + max(gramLength, maxInner) + 1 + 4
	var at, length [maxGrams]int
	n := 0
	for i := 0; i+width <= len(r.asked); i++ {
		count := r.listLength(kind, r.asked[i:i+width])
		if count == 0 {
			return
		}
		j := n
		for j > 0 && length[j-1] > count {
			j--
		}
		if j == maxGrams {
			continue
		}
		n = min(n+1, maxGrams)
		copy(at[j+1:n], at[j:])
		copy(length[j+1:n], length[j:])
		at[j], length[j] = i, count
	}
	if cap(r.key) < maxGrams*size {
		r.key = make([]byte, maxGrams*size)
	}
	lists := r.lists[:n]
	for j := range lists {
		key := appendTerm(r.key[j*size:j*size:(j+1)*size], kind, r.asked[at[j]:at[j]+width])
		lists[j].open(r.index[j], key, u.from)
	}
	for lead := &lists[0]; lead.ok; {
		next := lead.ord
		for j := 1; j < len(lists); j++ {
			if lists[j].seek(lead.ord); !lists[j].ok {
				return
			}
			next = max(next, lists[j].ord)
		}
		if next > lead.ord {
			lead.seek(next)
			continue
		}
		if !u.add(next) {
			return
		}
		lead.next()
	}
}

// tails adds the lists of the words that have r.asked inside, not at their beginning: false if there are more than limit.
func (r *Reader) tails(u *union, limit int) bool {
	c := r.index[1]
	r.key = append(append(r.key[:0], kindTail), r.asked...)
	n := len(r.key)
	for k, _ := c.Seek(r.key[:n]); hasPrefix(k, r.key[:n]); k, _ = c.Next() {
		if limit--; limit < 0 {
			return false
		}
		i := bytes.IndexByte(k, termEnd)
		if i < 0 {
			panic("malformed index key")
		}
		// The word is what stands behind the end mark, then what stands before it.
		r.key = append(r.key[:n], kindWord)
		r.key = append(append(r.key, k[i+1:]...), k[1:i]...)
		r.key = append(r.key, termEnd)
		r.word(u, r.key[n:])
		r.key = r.key[:n]
	}
	return true
}

func (r *Reader) word(u *union, key []byte) {
	p := postings{key: key}
	for k, v := r.index[0].Seek(key); p.owns(k); k, v = r.index[0].Next() {
		if !u.chunk(binary.BigEndian.Uint32(k[len(key):]), v) {
			return
		}
	}
}

// SharedDigits is how many of the first digits of a number some stored number begins with. A damaged page counts as all.
func (r *Reader) SharedDigits(number []byte) (n int) {
	defer func() {
		if e := recover(); e != nil {
			r.damaged(e)
			n = len(number)
		}
	}()
	r.asked = cut(digits(r.asked[:0], number), maxDigits)
	r.key = append(append(r.key[:0], kindNumber), r.asked...)
	c := r.index[0]
	// The number that shares most stands right before this place or right behind it.
	k, _ := c.Seek(r.key)
	n = sharedPrefix(k, r.key)
	k, _ = c.Prev()
	return max(0, max(n, sharedPrefix(k, r.key))-1)
}

func sharedPrefix(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
