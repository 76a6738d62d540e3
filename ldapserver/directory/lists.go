package directory

import "sync"

const (
	// listOctets is the memory for lists that were worked out: 4,000,000 ordinals, or the heads of 10,000 lists.
	listOctets = 16 << 20
	// listCost is what a list takes beside its ordinals and what it is about.
	listCost = 160
)

// lists keeps the order of lists that were worked out, since a telephone that scrolls asks for one window of a list after
// the other, and many ask for the lists of the same few letters. A list counts for one state of the store.
type lists struct {
	mu     sync.Mutex
	epoch  uint64
	kept   map[string]*keptOrder // by what they are about
	recent keptOrder             // a ring: next is the one used last
	size   int                   // octets
}

type keptOrder struct {
	about      string
	ords       []uint32 // never changed
	total      int      // of the whole list, of which ords may be the head
	prev, next *keptOrder
}

func (k *keptOrder) cost() int { return 4*len(k.ords) + len(k.about) + listCost }

func (k *keptOrder) unlink() { k.prev.next, k.next.prev = k.next, k.prev }

// find returns a list that was put.
func (l *lists) find(epoch uint64, about []byte) (ords []uint32, total int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := l.kept[string(about)]
	if k == nil || l.epoch != epoch {
		return nil, 0, false
	}
	k.unlink()
	l.first(k)
	return k.ords, k.total, true
}

func (l *lists) first(k *keptOrder) {
	k.prev, k.next = &l.recent, l.recent.next
	k.prev.next, k.next.prev = k, k
}

// put keeps a list, or the head of one of so many entries, in the place of lists of older states and of those that were not used for
// long.
func (l *lists) put(epoch uint64, about []byte, ords []uint32, total int) {
	k := &keptOrder{about: string(about), ords: ords, total: total}
	if k.cost() > listOctets {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if epoch < l.epoch {
		return // the search has begun before a change
	}
	if l.kept == nil || epoch > l.epoch {
		l.epoch, l.kept, l.size = epoch, map[string]*keptOrder{}, 0
		l.recent.prev, l.recent.next = &l.recent, &l.recent
	}
	l.drop(l.kept[k.about])
	for l.size+k.cost() > listOctets {
		l.drop(l.recent.prev)
	}
	l.kept[k.about] = k
	l.first(k)
	l.size += k.cost()
}

func (l *lists) drop(k *keptOrder) {
	if k != nil {
		k.unlink()
		delete(l.kept, k.about)
		l.size -= k.cost()
	}
}
