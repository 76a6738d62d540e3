package schema

// table finds things by name in any letter case, without an allocation: names in requests come as bytes in the
// spelling of the client. Open addressing, at most half full.
type table[T any] struct {
	slots []slot[T]
	used  int
}

type slot[T any] struct {
	key   string // lower case
	value *T
}

// add says whether the name was free.
func (t *table[T]) add(name string, value *T) bool {
	if 2*(t.used+1) > len(t.slots) {
		old := t.slots
		t.slots = make([]slot[T], max(64, 4*len(old)))
		t.used = 0
		for _, s := range old {
			if s.value != nil {
				t.add(s.key, s.value)
			}
		}
	}
	i := probe(t, name, len(name))
	if t.slots[i].value != nil {
		return false
	}
	key := []byte(name)
	for i, c := range key {
		key[i] = lowerASCII(c)
	}
	t.slots[i] = slot[T]{string(key), value}
	t.used++
	return true
}

// find looks up a name; options of an attribute description (RFC 4512, 2.5) are cut off.
func find[T any, S string | []byte](t *table[T], name S) (*T, bool) {
	n := len(name)
	for i := range n {
		if name[i] == ';' {
			n = i
			break
		}
	}
	v := t.slots[probe(t, name, n)].value
	return v, v != nil
}

// probe returns the slot that holds the first n bytes of name or would hold them.
func probe[T any, S string | []byte](t *table[T], name S, n int) int {
	hash := uint32(2166136261) // FNV-1a
	for i := range n {
		hash = (hash ^ uint32(lowerASCII(name[i]))) * 16777619
	}
	mask := len(t.slots) - 1
	for at := int(hash) & mask; ; at = (at + 1) & mask {
		if s := &t.slots[at]; s.value == nil || sameName(s.key, name, n) {
			return at
		}
	}
}

func sameName[S string | []byte](key string, name S, n int) bool {
	if len(key) != n {
		return false
	}
	for i := range n {
		if key[i] != lowerASCII(name[i]) {
			return false
		}
	}
	return true
}

func lowerASCII(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
