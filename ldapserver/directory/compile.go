package directory

import (
	"bytes"
	"slices"

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

// textParts are the parts of a substrings assertion.
type textParts struct {
	initial []byte
	any     [][]byte
	final   []byte
}

// attributeSet is a set of the store's attribute indexes.
type attributeSet [4]uint64

func (s *attributeSet) add(i int) {
	if i >= 0 && i < 256 {
		s[i>>6] |= 1 << (i & 63)
	}
}

func (s *attributeSet) has(i int) bool { return i >= 0 && i < 256 && s[i>>6]&(1<<(i&63)) != 0 }

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
}

// nameOptions is how one kind of phone compares names. The zero value is the default.
type nameOptions struct {
	collation *name.Collation // of ranges; nil: that of the list order
}

// collation is the order that ranges of names go by.
func (c *compiler) collation() name.Collation {
	if c.names.collation != nil {
		return *c.names.collation
	}
	return c.columns.collation
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

// peopleNames are the attributes that name a person or a company together.
var peopleNames = [...]string{"cn", "sn", "givenName", "displayName", "o"}

// people is where the words of a name may be spread over.
func (c *compiler) people() (set attributeSet) {
	for _, n := range peopleNames {
		if t, ok := c.dir.schema.Attribute(n); ok {
			for i, bits := range c.below(t) {
				set[i] |= bits & c.columns.words[i]
			}
		}
	}
	return set
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
	case out.computed == computedObjectClass || out.computed == computedStructuralClass:
		out.how, out.class = matchClass, c.dir.className(f.Value)
	case out.computed == computedUID:
		out.how, out.value = matchText, f.Value
		at := len(c.scratch)
		var ok bool
		if c.scratch, ok = appendID(c.scratch, f.Value); ok {
			out.id = c.scratch[at:len(c.scratch):len(c.scratch)]
		}
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

func isNumber(t *schema.AttributeType) bool {
	return t.Syntax.IsNumber() || t.Virtual == schema.AnyNumber
}

func isName(t *schema.AttributeType) bool {
	return t.Syntax == schema.Name || t.Syntax == schema.Text || t.Virtual == schema.AnyName
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

// number makes the readings of a number. What has none ("anonymous") matches nothing.
func (c *compiler) number(out *condition, f *protocol.Filter) {
	if out.how = matchNumber; c.repeats(lastNumber, out, f) {
		return
	}
	at := len(c.candidates)
	c.candidates, c.scratch = c.parser.AppendCandidates(c.candidates, c.scratch, f.Value)
	out.keys = c.candidates[at:len(c.candidates):len(c.candidates)]
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
		out.how, out.parts = matchParts, textParts{f.Initial, f.Any, f.Final}
		if out.computed == notComputed && t.Syntax == schema.Mail && isASCII(f.Initial) && isASCII(f.Final) && !slices.ContainsFunc(f.Any, func(b []byte) bool { return !isASCII(b) }) {
			out.pattern = name.NewPattern(f.Initial, f.Any, f.Final)
		}
	}
}

// bound prepares >= and <=. Names have an order, and numbers the one of their digits, as Poly VVX asks for both; neither has one
// by RFC 4519. URLs and the like have none: then the term is Undefined.
func (c *compiler) bound(out *condition, f *protocol.Filter) {
	t := out.attribute
	number := out.computed == notComputed && isNumber(t)
	ordered := out.computed == computedTime || number || out.computed == notComputed && (t.Virtual == schema.AnyName ||
		t.Virtual == schema.None && (t.Syntax == schema.Name || t.Syntax == schema.Text))
	if !ordered {
		out.undefined = true
		return
	}
	out.value, out.order = f.Value, c.collation()
	out.how = matchAtLeast
	if f.Kind == protocol.LessOrEqual {
		out.how = matchAtMost
	}
	if number {
		c.numberBound(out)
	}
}

// numberBound prepares a bound of numbers, held against the digits of numbers in international form. Of its readings as
// the beginning of a number (0703 is +49 703…) it takes the one that leaves out least: what begins so lies in the range. All
// numbers lie between what has no digits, such as "+", and what has a letter: Poly closes its ranges with zz.
func (c *compiler) numberBound(out *condition) {
	atLeast := out.how == matchAtLeast
	digits, ok := digitsOf(out.value)
	switch {
	case ok && len(digits) > 0:
		at := len(c.candidates)
		c.candidates, c.scratch = c.parser.AppendBeginnings(c.candidates, c.scratch, out.value)
		for i, k := range c.candidates[at:] {
			// The digits themselves are no reading of what begins with a trunk prefix or an outside line.
			if i == 0 && digits[0] == '0' || k.Rule != phone.RuleDigits && bytes.Compare(k.Key, digits) < 0 == atLeast {
				digits = k.Key
			}
		}
		out.value, out.numeric = digits, true
	case ok == atLeast:
		out.how = matchPresent
	default:
		out.how = matchNothing
	}
}

// equalityRules are the matching rules that an extensible match may name: RFC 4517, 4.2. On each attribute they mean
// what equality means there.
var equalityRules = []string{
	"caseIgnoreMatch", "2.5.13.2", "caseExactMatch", "2.5.13.5", "caseIgnoreIA5Match", "1.3.6.1.4.1.1466.109.114.2",
	"caseExactIA5Match", "1.3.6.1.4.1.1466.109.114.1", "telephoneNumberMatch", "2.5.13.20", "distinguishedNameMatch", "2.5.13.1",
	"objectIdentifierMatch", "2.5.13.0", "numericStringMatch", "2.5.13.8", "UUIDMatch", "1.3.6.1.1.16.2",
}

// wordRules find a value by words: RFC 4517, 4.2.32 and X.520's approximate rule.
var wordRules = []string{"wordMatch", "2.5.13.32", "keywordMatch", "2.5.13.33"}

// extensible prepares an extensible match (RFC 4511, 4.5.1.7.7). An unknown rule is Undefined.
func (c *compiler) extensible(out *condition, f *protocol.Filter) {
	out.dnParts, out.dnValue = f.DNAttributes, f.Value
	words := hasFold(wordRules, f.Rule)
	if len(f.Rule) > 0 && !words && !hasFold(equalityRules, f.Rule) {
		out.undefined = true
		return
	}
	if len(f.Attribute) == 0 {
		// Every attribute that the rule can be applied to.
		out.stored = c.everything()
		out.how, out.pattern = matchName, name.NewEquality(f.Value)
		return
	}
	c.attribute(out, f.Attribute)
	switch {
	case out.undefined:
	case words && out.computed == notComputed && isName(out.attribute):
		out.how, out.pattern = matchName, name.NewPattern(nil, [][]byte{f.Value}, nil)
	default:
		c.equality(out, f)
	}
}

func hasFold(list []string, b []byte) bool {
	for _, s := range list {
		if len(s) == len(b) && equalFold(b, s) {
			return true
		}
	}
	return false
}

// equalFold compares ASCII letters without case.
func equalFold(b []byte, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i := range b {
		x, y := b[i], s[i]
		if 'A' <= x && x <= 'Z' {
			x += 'a' - 'A'
		}
		if 'A' <= y && y <= 'Z' {
			y += 'a' - 'A'
		}
		if x != y {
			return false
		}
	}
	return true
}

// rebind works out the stored attributes of a condition anew, for another generation.
func (c *compiler) rebind(out *condition, cols *columns) {
	c.columns = cols
	out.rebind(c)
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
