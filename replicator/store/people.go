package store

import (
	"bytes"
	"encoding/binary"

	"ringdex/schema/name"
)

// The words of names have lists of their own, beside those of all words: an entry is in the list of a word's beginning and
// of the attributes that have the word. So the entries with a word that begins so in some of the attributes are the union of a
// few lists, without the people whose company or street begins so, and a filter that asks for nothing else holds of all of them.

// ListsVersion is raised when a load makes lists that loads did not make before. It is 3 since what is inside words leads to
// the lists of names.
const ListsVersion = 3

// NameSet is a set of the attributes that name people.
type NameSet uint8

// nameAttributes are the attributes with lists of their own, bit 0 first.
var nameAttributes = [...]string{"cn", "sn", "givenName", "displayName"}

// endOfNameSets is greater than every NameSet and smaller than every octet of a word.
const endOfNameSets = 1 << len(nameAttributes)

// NameSetOf is the set of one attribute, by its canonical name; 0 for those without lists of names.
func NameSetOf(attribute string) NameSet {
	for i, n := range nameAttributes {
		if n == attribute {
			return 1 << i
		}
	}
	return 0
}

// nameWord is a word of an entry's names.
type nameWord struct {
	text  string
	in    NameSet
	whole bool // a legal form behind a name, which is found by the whole of it only
}

// addName adds a word of a value of an attribute.
func (t *terms) addName(w *name.Found, in NameSet) {
	for _, how := range [...]struct{ is, whole bool }{{w.Begins, false}, {w.Whole, true}} {
		if !how.is {
			continue
		}
		known := false
		for i := range t.names {
			if n := &t.names[i]; n.whole == how.whole && n.text == w.Text {
				n.in |= in
				known = true
			}
		}
		if !known {
			t.names = append(t.names, nameWord{w.Text, in, how.whole})
		}
	}
}

// each calls f with the terms of the word. The set of attributes stands behind the text; no word has such an octet.
func (w *nameWord) each(f func(kind byte, term []byte)) {
	var room [maxWord + 1]byte
	n := len(w.text)
	least := 1
	if w.whole {
		least = n
	}
	for n := least; n <= min(maxPrefix, len(w.text)); n++ {
		f(kindName, append(append(room[:0], w.text[:n]...), byte(w.in)))
	}
	if n > maxPrefix {
		f(kindNamed, append(append(room[:0], w.text[:min(n, maxWord)]...), byte(w.in)))
	}
}

// nameRuns is where FindNames puts lists together.
type nameRuns struct{ all, list, spare []uint32 }

// HasNames says whether there are lists of names: not in files of versions without them, nor where such a version has written
// since, until the next load.
func (r *Reader) HasNames() bool { return r.people != nil }

// NamesExact says whether FindNames finds by a text all entries with a word that begins so, and no others.
func NamesExact(text []byte) bool {
	return len(text) > 0 && len(text) <= maxWord && bytes.IndexByte(text, termEnd) < 0
}

// FindNames is Find for several queries at once, all of kinds NameStarts and NameInside. The ordinals are those of the matches.
func (r *Reader) FindNames(dst []uint32, queries []Query, from uint32, most int) (ords []uint32, complete bool, err error) {
	defer func() {
		if e := recover(); e != nil {
			r.damaged(e)
			ords, complete, err = dst, false, r.sn.store.Damage()
		}
	}()
	m := &r.runs
	m.all = m.all[:0]
	complete = true
	read := func(c cursor, k, v []byte) {
		bound := ^uint32(0)
		if most > 0 && len(m.all) == most {
			bound = m.all[most-1]
		}
		var all bool
		if m.list, all = readList(m.list[:0], c, k, v, from, bound, most); !all {
			complete = false
		}
		complete = m.merge(most) && complete
	}
	for i := range queries {
		q := &queries[i]
		if q.Kind == NameInside {
			r.insideLists(q, from, read)
		}
		if len(q.Text) <= maxPrefix {
			r.nameLists(q, from, read)
			continue
		}
		var all bool
		if m.list, all = r.namedWords(m.list[:0], q, from, most); !all {
			complete = false
		}
		complete = m.merge(most) && complete
	}
	return append(dst, m.all...), complete, nil
}

// merge takes list in. It returns false if something is left out.
func (m *nameRuns) merge(most int) bool {
	switch {
	case len(m.list) == 0:
		return true
	case len(m.all) == 0:
		m.all, m.list = m.list, m.all
	default:
		m.spare = mergeDistinct(m.spare[:0], m.all, m.list)
		m.all, m.spare = m.spare, m.all
	}
	if most > 0 && len(m.all) > most {
		m.all = m.all[:most]
		return false
	}
	return true
}

// mergeDistinct appends the members of two ascending lists, each once.
func mergeDistinct(dst, a, b []uint32) []uint32 {
	for len(a) > 0 && len(b) > 0 {
		x, y := a[0], b[0]
		if x <= y {
			dst = append(dst, x)
			a = a[1:]
			if x == y {
				b = b[1:]
			}
			continue
		}
		dst = append(dst, y)
		b = b[1:]
	}
	return append(append(dst, a...), b...)
}

// VisitNames calls visit with the ordinals of the matches of queries of kinds NameStarts and NameInside, piece by piece: ascending in each, some
// of them in several.
func (r *Reader) VisitNames(queries []Query, visit func(ords []uint32)) (err error) {
	defer func() {
		if e := recover(); e != nil {
			r.damaged(e)
			err = r.sn.store.Damage()
		}
	}()
	m := &r.runs
	read := func(c cursor, k, v []byte) {
		for term := k[:len(k)-4]; hasPrefix(k, term); k, v = c.Next() {
			m.list = appendChunk(m.list[:0], chunkFirst(k), v)
			visit(m.list)
		}
	}
	for i := range queries {
		q := &queries[i]
		if q.Kind == NameInside {
			r.insideLists(q, 0, read)
		}
		if len(q.Text) <= maxPrefix {
			r.nameLists(q, 0, read)
			continue
		}
		m.list, _ = r.namedWords(m.list[:0], q, 0, 0)
		visit(m.list)
	}
	return nil
}

// nameLists calls f with the chunk of each list of a beginning of maxPrefix bytes at most in which the first ordinal from from
// on is, or a later one.
func (r *Reader) nameLists(q *Query, from uint32, f func(c cursor, k, v []byte)) {
	c := r.people
	r.key = append(append(r.key[:0], kindName), q.Text...)
	n := len(r.key)
	for in := byte(1); in < endOfNameSets; in++ {
		r.key = append(r.key[:n], in)
		k, v := c.Seek(r.key)
		if len(k) != n+6 || !hasPrefix(k, r.key[:n]) || k[n] >= endOfNameSets {
			return
		}
		if in = k[n]; NameSet(in)&q.Names == 0 {
			continue
		}
		r.key = append(r.key[:n], in, termEnd)
		k, v = r.nameChunk(k, v, from)
		f(c, k, v)
	}
}

// nameChunk returns the chunk in which the first ordinal from from on is, or a later one, of the list whose first chunk is at hand. Its
// term is r.key.
func (r *Reader) nameChunk(k, v []byte, from uint32) (key, value []byte) {
	if from <= chunkFirst(k) {
		return k, v
	}
	n := len(r.key)
	r.key = appendOrdinal(r.key, from)
	if k, v = r.people.Seek(r.key); !hasPrefix(k, r.key[:n]) || chunkFirst(k) != from {
		k, v = r.people.Prev() // it may reach beyond; there is one, since the list begins before from
	}
	return k, v
}

// namedWords appends the ordinals of the words that begin so, as Find does.
func (r *Reader) namedWords(dst []uint32, q *Query, from uint32, most int) (ords []uint32, complete bool) {
	c, u := r.people, &r.union
	u.reset(dst, from, most, false)
	r.key = append(append(r.key[:0], kindNamed), q.Text...)
	n := len(r.key)
	for k, v := c.Seek(r.key); hasPrefix(k, r.key[:n]); {
		term, ord, ok := splitKey(k)
		if !ok || len(term) < 3 {
			panic("malformed index key")
		}
		if NameSet(term[len(term)-2])&q.Names != 0 && u.chunk(ord, v) {
			k, v = c.Next()
			continue
		}
		// The rest of this list isn't wanted. Most lists have one chunk: look before the leap.
		next, value := c.Next()
		if hasPrefix(next, term) {
			r.key = append(r.key[:n], term[n:]...)
			r.key[len(r.key)-1] = termEnd + 1
			next, value = c.Seek(r.key)
		}
		k, v = next, value
	}
	return u.finish()
}

func chunkFirst(k []byte) uint32 { return binary.BigEndian.Uint32(k[len(k)-4:]) }

// readList appends the ordinals of a list that are not smaller than from and not greater than bound, most of them at most (0: all),
// from a chunk on. It returns false if the list has more.
func readList(dst []uint32, c cursor, k, v []byte, from, bound uint32, most int) ([]uint32, bool) {
	for term := k[:len(k)-4]; hasPrefix(k, term); k, v = c.Next() {
		ord := chunkFirst(k)
		for {
			if ord >= from {
				if ord > bound || most > 0 && len(dst) == most {
					return dst, false
				}
				dst = append(dst, ord)
			}
			if len(v) == 0 {
				break
			}
			d, n := nextDelta(v)
			if n == 0 {
				panic("malformed posting list")
			}
			ord += d
			v = v[n:]
		}
	}
	return dst, true
}

// appendChunk appends the ordinals of a chunk.
func appendChunk(dst []uint32, ord uint32, v []byte) []uint32 {
	dst = append(dst, ord)
	for i := 0; i < len(v); {
		if v[i] < 0x80 && v[i] != 0 {
			ord += uint32(v[i])
			i++
		} else if i+1 < len(v) && v[i+1] < 0x80 && v[i+1] != 0 {
			ord += uint32(v[i]&0x7f) | uint32(v[i+1])<<7
			i += 2
		} else {
			d, n := nextDelta(v[i:])
			if n == 0 {
				panic("malformed posting list")
			}
			ord += d
			i += n
		}
		dst = append(dst, ord)
	}
	return dst
}
