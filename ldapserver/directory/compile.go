package directory

import (
	"bytes"
	"slices"

	"ringdex/ldapserver/protocol"
	"ringdex/schema"
	"ringdex/schema/name"
	"ringdex/schema/phone"
)

// compiler turns filters into conditions, in memory that it reuses from request to request.
type compiler struct {
	dir     *Directory
	rights  *rights
	columns *columns
	parser  *phone.Parser // of the profile, or the directory's
	view    *view         // of the profile; nil: none

	names nameOptions // of this client

	*compilerMemory
	last    [3]leaf // the latest number, digits and name leaf
	numbers int     // different numbers that are asked by equality
	negated bool    // there is a Not
}

// compilerMemory is where conditions lie until the next compile.
type compilerMemory struct {
	conditions []condition
	candidates []phone.Candidate
	scratch    []byte
	parts      [][]byte
	folded     []byte // of textParts
}

// leaf is a compiled leaf with its term.
type leaf struct {
	term *protocol.Filter
	out  *condition
}

const (
	lastNumber = iota
	lastDigits
	lastName
)

// compile prepares a filter. The condition is valid until the next compile and as long as the request's bytes are.
func (c *compiler) compile(f *protocol.Filter, cols *columns) *condition {
	c.columns = cols
	c.conditions = c.conditions[:0]
	c.candidates = c.candidates[:0]
	c.scratch = c.scratch[:0]
	c.parts = c.parts[:0]
	c.last = [3]leaf{}
	c.numbers, c.negated = 0, false
	// The tree is laid out breadth-first into one slice that must not move: count first.
	n := countTerms(f)
	if cap(c.conditions) < n {
		c.conditions = make([]condition, 0, n)
	}
	c.conditions = c.conditions[:1]
	c.term(&c.conditions[0], f)
	return &c.conditions[0]
}

func countTerms(f *protocol.Filter) int {
	n := 1
	for i := range f.Children {
		n += countTerms(&f.Children[i])
	}
	return n
}

func (c *compiler) term(out *condition, f *protocol.Filter) {
	*out = condition{kind: f.Kind}
	switch f.Kind {
	case protocol.And, protocol.Or, protocol.Not:
		c.negated = c.negated || f.Kind == protocol.Not
		at := len(c.conditions)
		c.conditions = c.conditions[:at+len(f.Children)]
		out.children = c.conditions[at : at+len(f.Children)]
		for i := range f.Children {
			c.term(&out.children[i], &f.Children[i])
		}
		if f.Kind == protocol.Or {
			out.merge()
		}
		return
	case protocol.Extensible:
		c.extensible(out, f)
		return
	}
	if equalFold(f.Attribute, "objectCategory") && f.Kind == protocol.Equality {
		c.category(out, f.Value)
		return
	}
	c.attribute(out, f.Attribute)
	if out.undefined {
		return
	}
	if c.view == nil || !c.view.compile(c, out, f) {
		c.assert(out, f)
	}
	if out.how == matchName && out.pattern.Spreads() {
		out.spread = c.people()
	}
}

// assert prepares the assertion of a leaf whose attribute is resolved.
func (c *compiler) assert(out *condition, f *protocol.Filter) {
	switch f.Kind {
	case protocol.Present:
		out.how = matchPresent
	case protocol.Equality, protocol.Approx:
		c.equality(out, f)
	case protocol.Substrings:
		c.substrings(out, f)
	case protocol.GreaterOrEqual, protocol.LessOrEqual:
		c.bound(out, f)
	}
}

// category makes (objectCategory=person), which Active Directory's clients send (Cisco Jabber, Outlook), a term on the
// object class; the value may be the DN of the class in AD's schema.
func (c *compiler) category(out *condition, value []byte) {
	c.attribute(out, []byte("objectClass"))
	if dn, err := protocol.ParseDN(string(value)); err == nil && len(dn) > 1 && len(dn[0]) == 1 {
		value = []byte(dn[0][0].Value)
	}
	out.how, out.class = matchClass, c.dir.className(value)
}

// attribute resolves an attribute description: the type, its subtypes (RFC 4512, 2.5.1), the members of a virtual type.
func (c *compiler) attribute(out *condition, desc []byte) {
	t, ok := c.dir.attribute(desc)
	if !ok || !c.rights.finds(t) {
		out.undefined = true
		return
	}
	out.attribute = t
	if out.computed = computedOf(t); out.computed != notComputed {
		return
	}
	out.stored = c.below(t)
}

func (c *compiler) equality(out *condition, f *protocol.Filter) {
	switch t := out.attribute; {
	case t.Syntax == schema.Time:
		c.time(out, f, matchText)
	case out.computed == computedObjectClass || out.computed == computedStructuralClass:
		out.how, out.class = matchClass, c.dir.className(f.Value)
	case out.computed == computedUID:
		out.how, out.value = matchText, f.Value
		at := len(c.scratch)
		var ok bool
		if c.scratch, ok = appendID(c.scratch, f.Value); ok {
			out.id = c.scratch[at:len(c.scratch):len(c.scratch)]
		}
	case out.computed == computedEntryDN:
		c.name(out, f)
	case out.computed != notComputed:
		out.how, out.value = matchText, f.Value
	case isNumber(t):
		c.number(out, f)
	case isName(t):
		if out.how = matchName; t.Virtual == schema.AnyName {
			out.pattern = name.NewPattern(f.Value, nil, nil) // anr and searchContact ask for what begins so
		} else if !c.repeats(lastName, out, f) {
			out.pattern = name.NewEquality(f.Value)
		}
	default:
		out.how, out.value = matchText, f.Value
		if t.Syntax == schema.Mail && isASCII(f.Value) {
			out.pattern = name.NewEquality(f.Value)
		}
	}
}

// name prepares a comparison of DNs. What is none is Undefined (RFC 4511, 4.5.1.7).
func (c *compiler) name(out *condition, f *protocol.Filter) {
	at := len(c.scratch)
	norm, err := protocol.NormalizeDN(c.scratch, f.Value)
	if err != nil {
		out.undefined = true
		return
	}
	c.scratch = norm
	out.how, out.value = matchText, norm[at:len(norm):len(norm)]
}

// time prepares a comparison of times. What is none is Undefined (RFC 4511, 4.5.1.7); stored ones are all in the form that
// the assertion is put into.
func (c *compiler) time(out *condition, f *protocol.Filter, how matchKind) {
	t, ok := parseTime(f.Value)
	if !ok {
		out.undefined = true
		return
	}
	at := len(c.scratch)
	c.scratch = t.UTC().AppendFormat(c.scratch, generalizedTime)
	out.how, out.value = how, c.scratch[at:len(c.scratch):len(c.scratch)]
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// repeats takes over what the latest leaf of its sort was prepared with, if its assertion is the same.
func (c *compiler) repeats(sort int, out *condition, f *protocol.Filter) bool {
	last := &c.last[sort]
	if l := last.term; l != nil && sameAssertion(l, f) {
		out.source = last.out
		out.how, out.keys, out.pattern = last.out.how, last.out.keys, last.out.pattern
		out.initial, out.inner, out.final = last.out.initial, last.out.inner, last.out.final
		return true
	}
	if sort == lastNumber {
		c.numbers++
	}
	*last = leaf{f, out}
	out.source = out
	return false
}

func sameAssertion(a, b *protocol.Filter) bool {
	if a.Kind != b.Kind || !bytes.Equal(a.Value, b.Value) || !bytes.Equal(a.Rule, b.Rule) ||
		!bytes.Equal(a.Initial, b.Initial) || !bytes.Equal(a.Final, b.Final) || len(a.Any) != len(b.Any) {
		return false
	}
	for i := range a.Any {
		if !bytes.Equal(a.Any[i], b.Any[i]) {
			return false
		}
	}
	return true
}

func (c *compiler) substrings(out *condition, f *protocol.Filter) {
	t := out.attribute
	switch {
	case out.computed == notComputed && isNumber(t):
		if out.how = matchDigits; !c.repeats(lastDigits, out, f) {
			c.digits(out, f)
		}
	case out.computed == notComputed && isName(t):
		if out.how = matchName; !c.repeats(lastName, out, f) {
			out.pattern = name.NewPattern(f.Initial, f.Any, f.Final)
		}
	default:
		out.how, out.parts = matchParts, textParts{c.lower(f.Initial), c.lowerAll(f.Any), c.lower(f.Final), &c.folded}
		if out.computed == notComputed && t.Syntax == schema.Mail && isASCII(f.Initial) && isASCII(f.Final) && !slices.ContainsFunc(f.Any, func(b []byte) bool { return !isASCII(b) }) {
			out.pattern = name.NewPattern(f.Initial, f.Any, f.Final)
		}
	}
}

// lower is a text in lower case, in the compiler's memory.
func (c *compiler) lower(text []byte) []byte {
	at := len(c.scratch)
	c.scratch = appendLower(c.scratch, text)
	return c.scratch[at:len(c.scratch):len(c.scratch)]
}

func (c *compiler) lowerAll(texts [][]byte) [][]byte {
	at := len(c.parts)
	for _, text := range texts {
		c.parts = append(c.parts, c.lower(text))
	}
	return c.parts[at:len(c.parts):len(c.parts)]
}

// longBound is how long a bound is compared as it is: looking at each of its octets for each value costs little.
const longBound = 64

// bound prepares >= and <=. Names have an order, and numbers the one of their digits, as Poly VVX asks for both; neither has one
// by RFC 4519. URLs and the like have none: then the term is Undefined.
func (c *compiler) bound(out *condition, f *protocol.Filter) {
	t := out.attribute
	number := out.computed == notComputed && isNumber(t)
	if t.Syntax == schema.Time {
		if c.time(out, f, matchAtLeast); f.Kind == protocol.LessOrEqual {
			out.how = matchAtMost
		}
		out.order = c.collation()
		return
	}
	ordered := number || out.computed == notComputed && (t.Virtual == schema.AnyName ||
		t.Virtual == schema.None && (t.Syntax == schema.Name || t.Syntax == schema.Text))
	if !ordered {
		out.undefined = true
		return
	}
	out.value, out.order = f.Value, c.collation()
	out.how = matchAtLeast
	if f.Kind == protocol.LessOrEqual {
		out.how, out.end = matchAtMost, name.IsEnd(f.Value)
	}
	if !number && (len(f.Value) > longBound || !isASCII(f.Value)) {
		out.folded = out.order.AppendFold([]byte{}, f.Value)
	}
	if number {
		c.numberBound(out)
	}
}

// rebind works out the stored attributes of a condition anew, for another generation.
func (c *compiler) rebind(out *condition, cols *columns) {
	c.columns = cols
	out.rebind(c)
}
