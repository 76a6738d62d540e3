package directory

import (
	"bytes"
	"cmp"
	"slices"

	"ringdex/replicator/store"
	"ringdex/schema"
	"ringdex/schema/name"
)

// hit is an entry that a number search has found, with what its rank depends on.
//
// Best first is: the reading of the number that is likelier (schema/phone orders them). Then, where all who have it are of one
// company: with two or more people it is a switchboard, and the company comes before them, else the person before the company.
// Where they are of several companies, that doesn't count. Then the more specific attribute (mobile, office, home, other,
// assistant, fax); people before companies; the record changed last; list order. The rule has no chance in it: the same question
// gets the same answer until the data changes. A person or company with several records is shown once: the best of them.
type hit struct {
	ordinal uint32
	reading uint8 // index of the reading that matched
	weight  uint8 // of the attribute that matched, less is more specific
	company bool
	stamp   int64  // Unix milliseconds
	head    bool   // found by its head number, see head.go
	attr    int    // column that matched, for explanations
	account uint64 // hash of the company's folded name, 0 none
	named   uint64 // hash of the folded name and the company
}

// attributeWeight orders the number attributes by how surely they name the person.
func attributeWeight(t *schema.AttributeType) uint8 {
	if t == nil {
		return 9
	}
	switch t.Name {
	case "mobile":
		return 0
	case "telephoneNumber", "ipPhone":
		return 1
	case "homePhone":
		return 2
	case "otherMobile", "otherTelephone", "otherHomePhone":
		return 3
	case "telephoneAssistant":
		return 6
	}
	if t.Syntax == schema.Fax {
		return 7
	}
	return 4
}

// hitOf works out why an entry matched: the best reading in its most specific attribute.
func (s *Session) hitOf(c *condition, ord uint32, v *store.View) hit {
	h := hit{ordinal: ord, reading: 255, weight: 255, company: v.Object() == "Account", stamp: v.Stamp().UnixMilli(), attr: -1}
	h.account, h.named = s.namesOf(v, h.company)
	for it := v.Values(); it.Next(); {
		a := it.Attr().Index
		t := s.columns.typeOf(a)
		if t == nil || !t.Syntax.IsNumber() {
			continue
		}
		for i := range it.Keys() {
			h.better(c, a, attributeWeight(t), it.Key(i))
		}
	}
	return h
}

// namesOf are hashes of an entry's company and of its name with it.
func (s *Session) namesOf(v *store.View, company bool) (account, named uint64) {
	cn, its := v.First("cn"), v.First("o")
	if company && len(its) == 0 {
		its = cn
	}
	const basis, prime = 14695981039346656037, 1099511628211 // FNV-1a
	hash := func(seed uint64, text []byte) uint64 {
		s.value = name.AppendFold(s.value[:0], text)
		for _, c := range s.value {
			seed = (seed ^ uint64(c)) * prime
		}
		return seed
	}
	if account = hash(basis, its); len(s.value) == 0 {
		account = 0
	}
	return account, hash(account^basis, cn)
}

func (h *hit) better(c *condition, attr int, weight uint8, key []byte) {
	for i := range c.children {
		h.better(&c.children[i], attr, weight, key)
	}
	if c.how != matchNumber || !c.stored.has(attr) {
		return
	}
	for i := range c.keys {
		if i < 255 && (uint8(i) < h.reading || uint8(i) == h.reading && weight < h.weight) && bytes.Equal(c.keys[i].Key, key) {
			h.reading, h.weight, h.attr = uint8(i), weight, attr
		}
	}
}

// rank sorts hits, best first.
func rank(hits []hit) {
	if len(hits) < 2 {
		return
	}
	slices.SortFunc(hits, func(a, b hit) int { return cmp.Compare(a.reading, b.reading) })
	for at := 0; at < len(hits); {
		end := at + 1
		for end < len(hits) && hits[end].reading == hits[at].reading {
			end++
		}
		rankReading(hits[at:end])
		at = end
	}
}

// rankReading sorts the hits of one reading.
func rankReading(hits []hit) {
	people, several := 0, false
	for i := range hits {
		if !hits[i].company {
			people++
		}
		several = several || hits[i].account != hits[0].account
	}
	kind := func(a, b hit) int {
		if a.company == b.company {
			return 0
		}
		if a.company == (people > 1 && !several) {
			return -1
		}
		return 1
	}
	slices.SortFunc(hits, func(a, b hit) int {
		of := kind(a, b)
		if several {
			of = 0
		}
		return cmp.Or(of, cmp.Compare(a.weight, b.weight), kind(a, b), cmp.Compare(b.stamp, a.stamp), cmp.Compare(a.ordinal, b.ordinal))
	})
}

// sameMany is how many hits are held against each other without memory for it.
const sameMany = 32

// once takes out ranked hits that are further records of a person or company before them.
func once(hits []hit) []hit {
	kept := hits[:0]
	var seen map[uint64]bool
	if len(hits) > sameMany {
		seen = make(map[uint64]bool, len(hits))
	}
	for _, h := range hits {
		switch {
		case seen != nil:
			if seen[h.named] {
				continue
			}
			seen[h.named] = true
		case slices.ContainsFunc(kept, func(other hit) bool { return other.named == h.named }):
			continue
		}
		kept = append(kept, h)
	}
	return kept
}
