package directory

import (
	"bytes"

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
	dnParts  bool // extensible match with :dn:

	how matchKind

	keys    []phone.Candidate // matchNumber: readings of the number, best first
	initial [][]byte          // matchDigits: alternatives for the beginning, digits
	inner   [][]byte          // matchDigits: parts in order
	final   [][]byte          // matchDigits: alternatives for the end
	pattern *name.Pattern     // matchName
	value   []byte            // matchText, matchExact, bounds: the assertion value, prepared
	parts   textParts         // matchText with substrings
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
	columns *columns

	conditions []condition
	candidates []phone.Candidate
	scratch    []byte
	names      bool // some term asks for a name
}

// compile prepares a filter. The condition is valid until the next compile and as long as the request's bytes are.
func (c *compiler) compile(f *protocol.Filter, cols *columns) *condition {
	c.columns = cols
	c.conditions = c.conditions[:0]
	c.candidates = c.candidates[:0]
	c.scratch = c.scratch[:0]
	c.names = false
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
		at := len(c.conditions)
		c.conditions = c.conditions[:at+len(f.Children)]
		out.children = c.conditions[at : at+len(f.Children)]
		for i := range f.Children {
			c.term(&out.children[i], &f.Children[i])
		}
		return
	case protocol.Extensible:
		c.extensible(out, f)
		return
	}
	c.attribute(out, f.Attribute)
	if out.undefined {
		return
	}
	switch f.Kind {
	case protocol.Present:
		out.how = matchPresent
	case protocol.Equality, protocol.Approx:
		c.equality(out, f.Value)
	case protocol.Substrings:
		c.substrings(out, f)
	case protocol.GreaterOrEqual, protocol.LessOrEqual:
		c.bound(out, f)
	}
}

// attribute resolves an attribute description: the type, its subtypes (RFC 4512, 2.5.1), the members of a virtual type.
func (c *compiler) attribute(out *condition, desc []byte) {
	t, ok := c.dir.schema.AttributeBytes(desc)
	if !ok {
		out.undefined = true
		return
	}
	out.attribute = t
	if out.computed = computedOf(t); out.computed != notComputed {
		return
	}
	out.stored = c.columns.below(t)
}

func (c *compiler) equality(out *condition, value []byte) {
	if out.computed != notComputed {
		out.how, out.value = matchText, value
		return
	}
	t := out.attribute
	switch {
	case t.Syntax.IsNumber() || t.Virtual == schema.AnyNumber:
		c.number(out, value)
	case t.Syntax == schema.Name || t.Syntax == schema.Text || t.Virtual == schema.AnyName:
		out.how, out.pattern = matchName, name.NewEquality(value)
		c.names = true
	default:
		out.how, out.value = matchText, value
	}
}

// number makes the readings of a number. One that has none (a name, "anonymous") matches by its digits, if any.
func (c *compiler) number(out *condition, value []byte) {
	at := len(c.candidates)
	c.candidates, c.scratch = c.dir.parser.AppendCandidates(c.candidates, c.scratch, value)
	out.how, out.keys = matchNumber, c.candidates[at:len(c.candidates):len(c.candidates)]
}

func (c *compiler) substrings(out *condition, f *protocol.Filter) {
	t := out.attribute
	switch {
	case out.computed == notComputed && (t.Syntax.IsNumber() || t.Virtual == schema.AnyNumber):
		c.digits(out, f)
	case out.computed == notComputed && (t.Syntax == schema.Name || t.Syntax == schema.Text || t.Virtual == schema.AnyName):
		out.how, out.pattern = matchName, name.NewPattern(f.Initial, f.Any, f.Final)
		c.names = true
	default:
		out.how, out.parts = matchText, textParts{f.Initial, f.Any, f.Final}
	}
}

// digits prepares number substrings. The beginning may be written in any way a number may (07031…, 0049…, +49…), so it
// has the same readings as a whole number, and its bare digits; the end may carry a trunk 0 that the stored number
// does not have.
func (c *compiler) digits(out *condition, f *protocol.Filter) {
	out.how = matchDigits
	if len(f.Initial) > 0 {
		at := len(c.candidates)
		c.candidates, c.scratch = c.dir.parser.AppendCandidates(c.candidates, c.scratch, f.Initial)
		for _, k := range c.candidates[at:] {
			out.initial = append(out.initial, k.Key)
		}
		if d := digitsOf(f.Initial); len(d) > 0 && !containsBytes(out.initial, d) {
			out.initial = append(out.initial, d)
		}
		if len(out.initial) == 0 {
			out.how = matchNothing
			return
		}
	}
	for _, part := range f.Any {
		d := digitsOf(part)
		if len(d) == 0 {
			out.how = matchNothing
			return
		}
		if t := trunkless(d); len(f.Initial) == 0 && len(out.inner) == 0 && len(t) < len(d) {
			d = t
		}
		out.inner = append(out.inner, d)
	}
	if len(f.Final) > 0 {
		d := digitsOf(f.Final)
		if len(d) == 0 {
			out.how = matchNothing
			return
		}
		out.final = append(out.final, d)
		if t := trunkless(d); len(t) < len(d) && len(f.Initial) == 0 {
			out.final = append(out.final, t)
		}
	}
}

// trunkless cuts leading zeros off digits that stay long enough to mean something without them.
func trunkless(d []byte) []byte {
	const enough = 5
	t := bytes.TrimLeft(d, "0")
	if len(t) < enough {
		return d
	}
	return t
}

func digitsOf(b []byte) []byte {
	for _, c := range b {
		if c < '0' || c > '9' {
			return []byte(phone.Digits(string(b)))
		}
	}
	return b
}

func containsBytes(list [][]byte, b []byte) bool {
	for _, e := range list {
		if bytes.Equal(e, b) {
			return true
		}
	}
	return false
}

// bound prepares >= and <=. Numbers, URLs and the like have no order (RFC 4519); then the term is Undefined.
func (c *compiler) bound(out *condition, f *protocol.Filter) {
	ordered := out.computed == computedTime || out.computed == notComputed && (out.attribute.Virtual == schema.AnyName ||
		out.attribute.Virtual == schema.None && (out.attribute.Syntax == schema.Name || out.attribute.Syntax == schema.Text))
	if !ordered {
		out.undefined = true
		return
	}
	out.value = f.Value
	out.how = matchAtLeast
	if f.Kind == protocol.LessOrEqual {
		out.how = matchAtMost
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
	out.dnParts = f.DNAttributes
	words := hasFold(wordRules, f.Rule)
	if len(f.Rule) > 0 && !words && !hasFold(equalityRules, f.Rule) {
		out.undefined = true
		return
	}
	if len(f.Attribute) == 0 {
		// Every attribute that the rule can be applied to.
		out.stored = c.columns.all
		out.how, out.pattern = matchName, name.NewEquality(f.Value)
		out.value = f.Value
		return
	}
	c.attribute(out, f.Attribute)
	switch {
	case out.undefined:
	case words:
		out.how, out.pattern = matchName, name.NewPattern(nil, [][]byte{f.Value}, nil)
	default:
		c.equality(out, f.Value)
	}
	if out.dnParts {
		out.value = f.Value
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

// rebind works out the stored attributes anew, for another generation.
func (c *condition) rebind(cols *columns) {
	for i := range c.children {
		c.children[i].rebind(cols)
	}
	switch {
	case c.attribute != nil && c.computed == notComputed:
		c.stored = cols.below(c.attribute)
	case c.kind == protocol.Extensible && c.attribute == nil:
		c.stored = cols.all
	}
}

// mayMatchStatic says whether an entry that is no record could match: one of its attributes is named, or something is
// negated. It saves the hot path from building those entries.
func (c *condition) mayMatchStatic() bool {
	switch c.kind {
	case protocol.Not:
		return true
	case protocol.And:
		for i := range c.children {
			if !c.children[i].mayMatchStatic() {
				return false
			}
		}
		return true
	case protocol.Or:
		for i := range c.children {
			if c.children[i].mayMatchStatic() {
				return true
			}
		}
		return false
	case protocol.Extensible:
		return true
	}
	if c.attribute == nil {
		return false
	}
	if c.computed != notComputed {
		return c.computed != computedUID
	}
	switch c.attribute.Name {
	case "dc", "ou", "name", "numSubordinates":
		return true
	}
	return false
}
