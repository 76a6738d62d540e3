package directory

import (
	"sync/atomic"

	"ringdex/schema/phone"
)

// headMemo remembers what headLeast said: working out an area code takes twenty times as long as all the rest of a
// lookup. A numbering plan tells area codes by the beginning of a number and its length.
type headMemo [1 << 12]atomic.Uint64

const (
	// memoDigits is how much of a number is its beginning: a country code and six digits more, which is what the longest
	// patterns of phonenumbers look at.
	memoDigits = 9
	memoLeast  = 8 // bits for the answer and whether there is one
)

// least is headLeast.
func (m *headMemo) least(l phone.Location, k *phone.Candidate) (int, bool) {
	if len(k.Key) < memoDigits {
		return headLeast(l, k)
	}
	key := uint64(1) // never 0, which is an empty place
	for _, c := range k.Key[:memoDigits] {
		key = key*10 + uint64(c-'0')
	}
	local := k.Rule == phone.RuleArea || k.Rule == phone.RuleOutsideArea
	key = key<<7 | uint64(min(len(k.Key), 63))<<1
	if local {
		key |= 1
	}
	place := &m[key*0x9e3779b97f4a7c15>>52]
	if had := place.Load(); had>>memoLeast == key {
		return int(had >> 1 & 0x7f), had&1 == 1
	}
	least, ok := headLeast(l, k)
	entry := key<<memoLeast | uint64(least)<<1
	if ok {
		entry |= 1
	}
	place.Store(entry)
	return least, ok
}

// headLeast is headLeast where the telephone stands that asks.
func (s *Session) headLeast(k *phone.Candidate) (int, bool) {
	if s.view != nil {
		return s.view.heads.least(s.location(), k)
	}
	return s.dir.heads.least(s.location(), k)
}
