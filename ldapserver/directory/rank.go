package directory

import (
	"bytes"
	"cmp"
	"slices"

	"ringdex/replicator/store"
	"ringdex/schema"
)

// hit is an entry that a number search has found, with what its rank depends on.
//
// Best first is: the reading of the number that is likelier (schema/phone orders them); then, where one number belongs
// to a company and to two or more people, the company, since that is a switchboard; else people before companies; then
// the more specific attribute (mobile, office, home, other, assistant, fax); then the record changed last; then list
// order. The rule has no chance in it: the same question gets the same answer until the data changes.
type hit struct {
	ordinal uint32
	reading uint8 // index of the reading that matched
	weight  uint8 // of the attribute that matched, less is more specific
	company bool
	stamp   int64 // Unix milliseconds
	head    bool  // found by its head number, see head.go
	attr    int   // column that matched, for explanations
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
	people := 0
	for i := range hits {
		if !hits[i].company {
			people++
		}
	}
	companyFirst := people > 1
	slices.SortFunc(hits, func(a, b hit) int {
		if a.company != b.company {
			if a.company == companyFirst {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.weight, b.weight), cmp.Compare(b.stamp, a.stamp), cmp.Compare(a.ordinal, b.ordinal))
	})
}
