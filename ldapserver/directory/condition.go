package directory

import (
	"ringdex/ldapserver/protocol"
	"ringdex/schema"
	"ringdex/schema/name"
	"ringdex/schema/phone"
)

// condition is a compiled filter term: everything that does not depend on the entry is worked out once.
type condition struct {
	kind     protocol.FilterKind
	children []condition

	// undefined: the attribute or the rule is unknown, so the term is Undefined for every entry (RFC 4511, 4.5.1.7).
	undefined bool
	// attribute is the type that the term names; nil for an extensible match on every attribute.
	attribute *schema.AttributeType
	// stored says which of the store's attributes the term looks at, subtypes and virtual members included.
	stored attributeSet
	// computed is the attribute where the directory makes the values itself.
	computed computedAttribute
	dnParts  bool   // extensible match with :dn:
	dnValue  []byte // what the parts of the DN are held against

	how    matchKind
	source *condition // the first leaf of the filter with the same assertion: phones ask one number in many attributes
	merged bool       // an earlier leaf of the same Or looks at this one's attributes too

	keys    []phone.Candidate // matchNumber: readings of the number, best first
	initial [][]byte          // matchDigits: alternatives for the beginning, digits
	inner   [][]byte          // matchDigits: parts in order
	final   [][]byte          // matchDigits: alternatives for the end
	pattern *name.Pattern     // matchName; for mail addresses: what the word index is asked
	value   []byte            // matchText, bounds: the assertion value
	parts   textParts         // matchParts
	class   string            // matchClass: canonical name
	id      []byte            // matchText on uid: the Id in its own letter case, nil if the value is none
	order   name.Collation    // bounds of names
	folded  []byte            // bounds that are long or beyond ASCII: the value as the order has it, worked out once
	end     bool              // bounds: the end of every alphabet
	numeric bool              // bounds of numbers: the value is digits
	spread  attributeSet      // matchName of several words: where those may be that the attribute lacks
}

// matchKind says how a value is held against an assertion.
type matchKind uint8

const (
	matchNothing matchKind = iota // no value can match
	matchPresent
	matchNumber  // number equality: one of the readings
	matchDigits  // number substrings
	matchName    // equality and substrings of names and texts, by words and folding
	matchText    // letter case ignored, nothing else (mail, URL, UUID, DN)
	matchParts   // substrings of those
	matchClass   // object class: one of the entry's, superiors included
	matchAtLeast // ordering
	matchAtMost
)

// textParts are the parts of a substrings assertion, in lower case.
type textParts struct {
	initial []byte
	any     [][]byte
	final   []byte
	folded  *[]byte // scratch: a value in lower case
}

// attributeSet is a set of the store's attribute indexes.
type attributeSet [4]uint64

func (s *attributeSet) add(i int) {
	if i >= 0 && i < 256 {
		s[i>>6] |= 1 << (i & 63)
	}
}

func (s *attributeSet) has(i int) bool { return i >= 0 && i < 256 && s[i>>6]&(1<<(i&63)) != 0 }

// merge makes one leaf of an Or look at the attributes of all that assert the same, so that an entry's values are gone
// through once.
func (c *condition) merge() {
	for i := range c.children {
		first := &c.children[i]
		if first.source == nil || first.merged || first.dnParts || first.undefined {
			continue
		}
		for j := i + 1; j < len(c.children); j++ {
			other := &c.children[j]
			if other.source != first.source || other.merged || other.dnParts || other.undefined {
				continue
			}
			other.merged = true
			for k := range first.stored {
				first.stored[k] |= other.stored[k]
			}
		}
	}
}

func (c *condition) rebind(from *compiler) {
	for i := range c.children {
		c.children[i].rebind(from)
	}
	switch {
	case c.kind == protocol.Or:
		c.merge()
	case c.attribute != nil && c.computed == notComputed:
		c.stored, c.merged = from.below(c.attribute), false
		if c.spread != (attributeSet{}) {
			c.spread = from.people()
		}
	case c.kind == protocol.Extensible && c.attribute == nil:
		c.stored = from.everything()
	}
}

// mayMatchStatic says whether an entry that is no record could match: one of its attributes is named, or something is
// negated. It saves the hot path from building those entries.
func (d *Directory) mayMatchStatic(c *condition) bool {
	switch c.kind {
	case protocol.Not, protocol.Extensible:
		return true
	case protocol.And:
		for i := range c.children {
			if !d.mayMatchStatic(&c.children[i]) {
				return false
			}
		}
		return true
	case protocol.Or:
		for i := range c.children {
			if d.mayMatchStatic(&c.children[i]) {
				return true
			}
		}
		return false
	}
	return !c.undefined && d.staticTypes[c.attribute]
}
