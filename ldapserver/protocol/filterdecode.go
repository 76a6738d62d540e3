package protocol

import "ringdex/ldapserver/ber"

// Tags of filters (RFC 4511, 4.5.1): the number is the FilterKind.
const (
	tagAnd            = ber.Tag(0xa0)
	tagOr             = ber.Tag(0xa1)
	tagNot            = ber.Tag(0xa2)
	tagEquality       = ber.Tag(0xa3)
	tagSubstrings     = ber.Tag(0xa4)
	tagGreaterOrEqual = ber.Tag(0xa5)
	tagLessOrEqual    = ber.Tag(0xa6)
	tagPresent        = ber.Tag(0x87)
	tagApprox         = ber.Tag(0xa8)
	tagExtensible     = ber.Tag(0xa9)

	tagInitial = ber.Tag(0x80)
	tagAny     = ber.Tag(0x81)
	tagFinal   = ber.Tag(0x82)

	tagRule         = ber.Tag(0x81)
	tagType         = ber.Tag(0x82)
	tagMatchValue   = ber.Tag(0x83)
	tagDNAttributes = ber.Tag(0x84)
)

// filterArena is the memory of one message's filter. Filters that were handed out never move: where the room ends, a new piece is
// begun and the old one lives as long as something points into it.
type filterArena struct {
	filters []Filter
	parts   [][]byte
	terms   int // left of Limits.MaxTerms
	limits  Limits
}

func (a *filterArena) reset() {
	if cap(a.filters) > keep {
		a.filters = nil
	}
	if cap(a.parts) > keep {
		a.parts = nil
	}
	a.filters, a.parts = a.filters[:0], a.parts[:0]
}

// alloc gives n zero filters in a row.
func (a *filterArena) alloc(n int) []Filter {
	used := len(a.filters)
	if used+n > cap(a.filters) {
		a.filters = make([]Filter, 0, max(n, 2*cap(a.filters), 8))
		used = 0
	}
	a.filters = a.filters[:used+n]
	f := a.filters[used : used+n : used+n]
	clear(f)
	return f
}

// decode takes the next element of r as a filter.
func (a *filterArena) decode(r *ber.Reader, l Limits) (*Filter, error) {
	a.limits, a.terms = l, l.terms()-1
	if a.terms < 0 {
		return nil, limitError("filter: too many terms")
	}
	root := a.alloc(1)
	if err := a.term(&root[0], r, l.depth()-1); err != nil {
		return nil, err
	}
	return &root[0], nil
}

// term takes the next element of r as f, which is zero. depth is how many levels may lie below it.
func (a *filterArena) term(f *Filter, r *ber.Reader, depth int) error {
	tag, content, err := r.Next()
	if err != nil {
		return err
	}
	if depth < 0 {
		return limitError("filter: nested too deeply")
	}
	switch tag {
	case tagEquality, tagGreaterOrEqual, tagLessOrEqual, tagApprox:
		f.Kind = FilterKind(tag & 0x1f)
		return f.assertion(ber.NewReader(content, 0))
	case tagPresent:
		f.Kind, f.Attribute = Present, content
		return nil
	case tagSubstrings:
		f.Kind = Substrings
		return a.substrings(f, ber.NewReader(content, 1))
	case tagAnd, tagOr, tagNot:
		f.Kind = FilterKind(tag & 0x1f)
		return a.children(f, content, depth)
	case tagExtensible:
		f.Kind = Extensible
		return f.extensible(ber.NewReader(content, 0))
	}
	return protocolError("filter: unknown choice")
}

// children decodes the terms of an And, Or or Not. They are counted first, so that they lie in a row; a count reads headers only.
func (a *filterArena) children(f *Filter, content []byte, depth int) error {
	n := 0
	for r := ber.NewReader(content, 0); !r.Empty(); n++ {
		if n >= a.terms {
			return limitError("filter: too many terms")
		}
		if _, _, err := r.Next(); err != nil {
			return err
		}
	}
	if f.Kind == Not && n != 1 {
		return protocolError("filter: not has other than one term")
	}
	a.terms -= n
	if n == 0 {
		return nil // RFC 4526, 2: absolute true and false
	}
	f.Children = a.alloc(n)
	r := ber.NewReader(content, 0)
	for i := range f.Children {
		if err := a.term(&f.Children[i], &r, depth-1); err != nil {
			return err
		}
	}
	return nil
}

// assertion reads an AttributeValueAssertion (RFC 4511, 4.1.6).
func (f *Filter) assertion(r ber.Reader) (err error) {
	if f.Attribute, err = r.Content(ber.OctetString); err != nil {
		return err
	}
	if f.Value, err = r.Content(ber.OctetString); err != nil {
		return err
	}
	if r.Empty() {
		return nil
	}
	return r.Skip()
}

// substrings reads a SubstringFilter (RFC 4511, 4.5.1.7.2): initial first, final last, each at most once. Empty parts match everything
// and are dropped; where no other is left, the filter says no more than that the attribute is there.
func (a *filterArena) substrings(f *Filter, r ber.Reader) (err error) {
	if f.Attribute, err = r.Content(ber.OctetString); err != nil {
		return err
	}
	list, err := r.Enter(ber.Sequence)
	if err != nil {
		return err
	}
	first := len(a.parts)
	final := false
	for n := 0; !list.Empty(); n++ {
		if n >= a.limits.substrings() {
			return limitError("filter: too many substrings")
		}
		tag, part, err := list.Next()
		if err != nil {
			return err
		}
		if final {
			return protocolError("filter: substring behind the final one")
		}
		switch tag {
		case tagInitial:
			if n > 0 {
				return protocolError("filter: initial substring is not the first")
			}
			if len(part) > 0 {
				f.Initial = part
			}
		case tagAny:
			if len(part) > 0 {
				a.parts = append(a.parts, part)
			}
		case tagFinal:
			final = true
			if len(part) > 0 {
				f.Final = part
			}
		default:
			return protocolError("filter: unknown kind of substring")
		}
	}
	if end := len(a.parts); end > first {
		f.Any = a.parts[first:end:end]
	}
	if f.Initial == nil && f.Any == nil && f.Final == nil {
		f.Kind = Present
	}
	return r.Skip()
}

// extensible reads a MatchingRuleAssertion (RFC 4511, 4.5.1.7.7). Without a rule there must be a type.
func (f *Filter) extensible(r ber.Reader) (err error) {
	if r.Peek() == tagRule {
		if f.Rule, err = r.Content(tagRule); err != nil {
			return err
		}
	}
	if r.Peek() == tagType {
		if f.Attribute, err = r.Content(tagType); err != nil {
			return err
		}
	}
	if f.Value, err = r.Content(tagMatchValue); err != nil {
		return err
	}
	if r.Peek() == tagDNAttributes {
		if f.DNAttributes, err = r.Bool(tagDNAttributes); err != nil {
			return err
		}
	}
	if len(f.Rule) == 0 && len(f.Attribute) == 0 {
		return protocolError("filter: extensible match without rule and type")
	}
	return r.Skip()
}

// DecodeFilter reads an encoded Filter, the value of an assertion control (RFC 4528, 3), into memory of its own; the filter's slices
// are parts of value. The error is an *Error.
func DecodeFilter(value []byte, l Limits) (*Filter, error) {
	var a filterArena
	r := ber.NewReader(value, 0)
	f, err := a.decode(&r, l)
	if err == nil {
		err = r.End()
	}
	if err != nil {
		return nil, valueError("filter", err)
	}
	return f, nil
}
