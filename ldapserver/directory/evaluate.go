package directory

import (
	"bytes"
	"slices"
	"unicode"
	"unicode/utf8"

	"ringdex/ldapserver/protocol"
	"ringdex/replicator/store"
)

// truth is the value of a filter (RFC 4511, 4.5.1.7).
type truth int8

const (
	isFalse truth = iota
	isUndefined
	isTrue
)

// evaluate holds an entry against a condition.
func (s *Session) evaluate(c *condition, v *store.View) truth {
	switch c.kind {
	case protocol.And:
		out := isTrue // (&) is true: RFC 4526
		for i := range c.children {
			if t := s.evaluate(&c.children[i], v); t < out {
				if out = t; out == isFalse {
					break
				}
			}
		}
		return out
	case protocol.Or:
		out := isFalse // (|) is false: RFC 4526
		for i := range c.children {
			if t := s.evaluate(&c.children[i], v); t > out {
				if out = t; out == isTrue {
					break
				}
			}
		}
		return out
	case protocol.Not:
		return isTrue - s.evaluate(&c.children[0], v)
	}
	switch {
	case c.undefined:
		return isUndefined
	case c.how == matchNothing || c.merged:
		return isFalse
	case s.assumed && c.how == matchNumber:
		return isTrue
	case c.matches(s, v):
		return isTrue
	}
	return isFalse
}

// matches says whether some value of the entry satisfies a leaf.
func (c *condition) matches(s *Session, v *store.View) bool {
	if c.dnParts && s.dnPartMatches(c, v) {
		return true
	}
	switch {
	case c.how == matchClass:
		return s.classMatches(c, v)
	case c.id != nil:
		return bytes.Equal(v.ID(), c.id)
	case c.computed != notComputed:
		found := false
		s.appendComputed(c.computed, v, func(value []byte) bool {
			found = c.matchesComputed(s, value)
			return !found
		})
		return found
	}
	if c.how == matchPresent && c.stored == (attributeSet{}) {
		return false
	}
	for it := v.Values(); it.NextIn((*store.AttributeSet)(&c.stored)); {
		if c.matchesValue(&it) {
			return true
		}
	}
	return c.spread != (attributeSet{}) && c.matchesSpread(v)
}

// matchesSpread says whether the words of the assertion are in several values of the entry, one of them at least in an
// attribute that was asked for: (sn=*anna*mül*) is Anna Müller, whose sn is Müller.
func (c *condition) matchesSpread(v *store.View) bool {
	c.pattern.Begin()
	some := false
	both := c.stored
	for i, bits := range c.spread {
		both[i] |= bits
	}
	for it := v.Values(); it.NextIn((*store.AttributeSet)(&both)); {
		some = c.pattern.Collect(store.Searched(it.Text())) && c.stored.has(it.Attr().Index) || some
	}
	return some && c.pattern.Complete()
}

// matchesValue holds one stored value against the assertion.
func (c *condition) matchesValue(it *store.ValueIter) bool {
	switch c.how {
	case matchPresent:
		return true
	case matchNumber:
		for i := range it.Keys() {
			key := it.Key(i)
			for j := range c.keys {
				if bytes.Equal(key, c.keys[j].Key) {
					return true
				}
			}
		}
		return false
	case matchDigits:
		for i := range it.Keys() {
			if c.digitsMatch(it.Key(i)) {
				return true
			}
		}
		return false
	case matchName:
		return c.pattern.Match(store.Searched(it.Text()))
	case matchText:
		return equalText(it.Text(), c.value)
	case matchParts:
		return c.parts.match(it.Text())
	case matchAtLeast:
		if c.numeric {
			return it.Keys() > 0 && bytes.Compare(it.Key(0), c.value) >= 0
		}
		return c.compare(it.Text()) >= 0
	case matchAtMost:
		if c.numeric {
			return it.Keys() > 0 && bytes.Compare(it.Key(0), c.value) <= 0
		}
		return c.end || c.compare(it.Text()) <= 0
	}
	return false
}

// compare orders a value and the bound.
func (c *condition) compare(value []byte) int {
	if c.folded == nil {
		return c.order.Compare(value, c.value)
	}
	return bytes.Compare(c.order.AppendFold(nil, value), c.folded)
}

// digitsMatch is substring matching on digits: a beginning, parts in order, an end.
func (c *condition) digitsMatch(key []byte) bool {
	if len(c.initial) == 0 {
		return c.digitsAfter(key)
	}
	for _, in := range c.initial {
		if bytes.HasPrefix(key, in) && c.digitsAfter(key[len(in):]) {
			return true
		}
	}
	return false
}

func (c *condition) digitsAfter(rest []byte) bool {
	for _, part := range c.inner {
		i := bytes.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	if len(c.final) == 0 {
		return true
	}
	for _, f := range c.final {
		if bytes.HasSuffix(rest, f) {
			return true
		}
	}
	return false
}

// matchesComputed holds a computed value against the assertion. Object classes match by name or OID (RFC 4512, 2.4).
func (c *condition) matchesComputed(s *Session, value []byte) bool {
	switch c.how {
	case matchPresent:
		return true
	case matchAtLeast, matchAtMost:
		got, ok1 := parseTime(value)
		want, ok2 := parseTime(c.value)
		if !ok1 || !ok2 {
			return false
		}
		if c.how == matchAtLeast {
			return !got.Before(want)
		}
		return !got.After(want)
	case matchParts:
		return c.parts.match(value)
	case matchClass:
		return string(value) == c.class
	case matchText:
		switch c.computed {
		case computedEntryDN:
			got, err := protocol.NormalizeDN(s.dn[:0], value)
			s.dn = got
			return err == nil && bytes.Equal(got, c.value)
		case computedTime:
			got, ok1 := parseTime(value)
			want, ok2 := parseTime(c.value)
			return ok1 && ok2 && got.Equal(want)
		}
		return equalText(value, c.value)
	}
	return false
}

// className is the canonical name of an object class that a filter names, by name, alias or OID (RFC 4517, 4.2.26); ""
// for one that no entry has.
func (d *Directory) className(b []byte) string {
	if class, ok := d.schema.ClassBytes(b); ok {
		return class.Name
	}
	if equalFold(b, "contact") { // Active Directory's word for people that are no users
		return "person"
	}
	return ""
}

// classMatches says whether an entry has the object class.
func (s *Session) classMatches(c *condition, v *store.View) bool {
	return s.dir.hasClass(c, v.Object())
}

func (d *Directory) hasClass(c *condition, object string) bool {
	if c.computed == computedStructuralClass {
		return c.class == structuralClass
	}
	return slices.Contains(d.schema.EntryClasses(object), c.class)
}

// dnPartMatches is the dnAttributes half of an extensible match: the attributes of the entry's DN take part.
func (s *Session) dnPartMatches(c *condition, v *store.View) bool {
	t := c.attribute
	if (t == nil || t.Name == "uid") && bytes.Equal(v.ID(), c.dnValue) {
		return true
	}
	if (t == nil || t.Name == "ou") && (equalFold(c.dnValue, v.Object()) || s.named && s.view != nil && equalFold(c.dnValue, s.view.profile.Name)) {
		return true
	}
	for _, part := range s.dir.baseParts {
		if (t == nil || t == part.attribute) && equalText([]byte(part.value), c.dnValue) {
			return true
		}
	}
	return false
}

// match is substring matching without regard to letter case, in time that grows with the value and not with its product with the
// parts: an assertion may be as long as a message, and a value is some 100 kB of what somebody has typed into a web form.
func (p *textParts) match(value []byte) bool {
	*p.folded = appendLower((*p.folded)[:0], value)
	rest, ok := bytes.CutPrefix(*p.folded, p.initial)
	if !ok {
		return false
	}
	for _, part := range p.any {
		i := bytes.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return bytes.HasSuffix(rest, p.final)
}

// appendLower appends a text in lower case, rune by rune, so that those that differ in case alone are equal octets.
func appendLower(dst, text []byte) []byte {
	for len(text) > 0 {
		if c := text[0]; c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst, text = append(dst, c), text[1:]
			continue
		}
		r, n := utf8.DecodeRune(text)
		dst, text = utf8.AppendRune(dst, unicode.ToLower(r)), text[n:]
	}
	return dst
}

// prefixFold says whether b begins with prefix, letter case ignored, and how many bytes of b that are.
func prefixFold(b, prefix []byte) (int, bool) {
	at := 0
	for len(prefix) > 0 {
		if at >= len(b) {
			return 0, false
		}
		r1, n1 := utf8.DecodeRune(b[at:])
		r2, n2 := utf8.DecodeRune(prefix)
		if r1 != r2 && unicode.ToLower(r1) != unicode.ToLower(r2) {
			return 0, false
		}
		at += n1
		prefix = prefix[n2:]
	}
	return at, true
}

func equalText(a, b []byte) bool {
	n, ok := prefixFold(a, b)
	return ok && n == len(a)
}
