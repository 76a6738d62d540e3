package store

import "bytes"

// What is inside the words of names leads to their lists: an entry with a fragment in a name is in the list of a word that has it, or
// of the beginning of five bytes in which it is.

const (
	// minInside is how many bytes a fragment has at least: shorter ones are in too many words.
	minInside = maxInner + 1
	// maxInsideLists bounds the lists that a fragment leads to. Each is a seek; what is in more of them is in so many entries that a
	// look at candidates soon finds some.
	maxInsideLists = 200
)

// NamesInside says whether a query of kind NameInside finds all entries with a text inside a word of a name in the attributes, and no
// others.
func (r *Reader) NamesInside(text []byte, in NameSet) (exact bool) {
	if r.inside == nil || len(text) < minInside || !NamesExact(text) || r.sn.long {
		return false
	}
	defer func() {
		if e := recover(); e != nil {
			exact = r.damaged(e)
		}
	}()
	n := 0
	r.eachInside(text, in, func([]byte) bool {
		n++
		return n <= maxInsideLists
	})
	return n <= maxInsideLists
}

// insideLists calls f as nameLists does, for the lists of terms in which the text begins behind their first byte or later.
func (r *Reader) insideLists(q *Query, from uint32, f func(c cursor, k, v []byte)) {
	r.eachInside(q.Text, q.Names, func(key []byte) bool {
		end := bytes.IndexByte(key, termEnd)
		rest, begin, in := key[1:end], key[end+1:len(key)-1], key[len(key)-1]
		kind := kindNamed
		if len(begin)+len(rest) == maxPrefix {
			kind = kindName
		}
		r.key = append(append(append(r.key[:0], kind), begin...), rest...)
		r.key = append(r.key, in, termEnd)
		if k, v := r.people.Seek(r.key); hasPrefix(k, r.key) {
			k, v = r.nameChunk(k, v, from)
			f(r.people, k, v)
		}
		return true
	})
}

// eachInside calls f with the keys that lead from a text to lists of the attributes, until it says that it is enough.
func (r *Reader) eachInside(text []byte, in NameSet, f func(key []byte) bool) {
	r.leading = append(append(r.leading[:0], kindInside), text...)
	n := len(r.leading)
	for k, _ := r.inside.Seek(r.leading); hasPrefix(k, r.leading); k, _ = r.inside.Next() {
		end := bytes.IndexByte(k[n:], termEnd)
		if end < 0 || n+end+2 >= len(k) {
			panic("malformed key of a fragment")
		}
		// What lies within the first five bytes of a longer word is in their list.
		covered := len(text) == maxPrefix-1 && len(k) == n+end+3 && end > 0
		if NameSet(k[len(k)-1])&in != 0 && !covered && !f(k) {
			return
		}
	}
}
