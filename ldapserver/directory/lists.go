package directory

import (
	"slices"
	"sync"
)

const (
	// listsMax is how many lists are kept, listOrdinals how many entries they have together: 16 MB.
	listsMax     = 32
	listOrdinals = 4 << 20
)

// lists keeps the order of lists that were worked out, since a telephone that scrolls asks for one window of a list after
// the other. A list counts for one state of the store, and for one search.
type lists struct {
	mu   sync.Mutex
	kept []keptOrder // the one used last at the end
	size int
}

type keptOrder struct {
	epoch uint64
	about string
	ords  []uint32 // never changed
}

// find returns a list that was put.
func (l *lists) find(epoch uint64, about []byte) ([]uint32, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := len(l.kept) - 1; i >= 0; i-- {
		if k := l.kept[i]; k.epoch == epoch && k.about == string(about) {
			l.kept = append(slices.Delete(l.kept, i, i+1), k)
			return k.ords, true
		}
	}
	return nil, false
}

// put keeps a list, in the place of lists of other states and of those that were not used for long.
func (l *lists) put(epoch uint64, about []byte, ords []uint32) {
	if len(ords) > listOrdinals {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept = slices.DeleteFunc(l.kept, func(k keptOrder) bool {
		if k.epoch == epoch && k.about != string(about) {
			return false
		}
		l.size -= len(k.ords)
		return true
	})
	for len(l.kept) >= listsMax || l.size+len(ords) > listOrdinals {
		l.size -= len(l.kept[0].ords)
		l.kept = slices.Delete(l.kept, 0, 1)
	}
	l.kept = append(l.kept, keptOrder{epoch, string(about), ords})
	l.size += len(ords)
}
