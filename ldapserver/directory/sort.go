package directory

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
	"ringdex/replicator/store"
	"ringdex/schema"
	"ringdex/schema/name"
)

// ordering is the order of an answer: that of a sort control (RFC 2891), else the list's.
type ordering struct {
	fields []sortField // none: list order
	by     name.Collation
	result protocol.SortResponse
}

// sortField is one sort key.
type sortField struct {
	attribute *schema.AttributeType
	computed  computedAttribute
	columns   attributeSet
	number    bool // integers, which are ordered by value
	made      bool // the view makes it of other attributes
	alone     bool // columns is the attribute's own one: it has no subtypes there, and it is seen
	reverse   bool
}

// Places of a composite key: every field ends with a zero, which no value's key contains, so that bytes.Compare orders
// entries by all fields. A reverse field has all its octets inverted.
const fieldEnd = 0

// orderingRules are the rules that a sort key may name (RFC 4517, 4.2), and for which syntaxes. All text is ordered as
// the lists are: letter case counts no more in caseExactOrderingMatch than elsewhere.
var orderingRules = []struct {
	names  []string
	serves func(schema.Syntax) bool
}{
	{[]string{"caseIgnoreOrderingMatch", "2.5.13.3", "caseExactOrderingMatch", "2.5.13.6"}, isText},
	{[]string{"integerOrderingMatch", "2.5.13.15"}, func(s schema.Syntax) bool { return s == schema.Integer }},
	{[]string{"generalizedTimeOrderingMatch", "2.5.13.28"}, func(s schema.Syntax) bool { return s == schema.Time }},
	{[]string{"UUIDOrderingMatch", "1.3.6.1.1.16.3"}, func(s schema.Syntax) bool { return s == schema.UUID }},
	{[]string{"numericStringOrderingMatch", "2.5.13.9"}, schema.Syntax.IsNumber},
}

// isText says whether values of a syntax are put in the order of their text where nothing else is asked. More are than
// have an ordering rule in the schema: tables in browsers are sorted by any column.
func isText(s schema.Syntax) bool {
	switch s {
	case schema.Name, schema.Text, schema.Phone, schema.Fax, schema.Mail, schema.URL, schema.DN, schema.OID:
		return true
	}
	return false
}

// profileOrdering is the order of an answer that is asked for in no other.
func (q *search) profileOrdering() *ordering {
	o := &ordering{}
	if q.sorts() {
		for _, t := range q.s.view.sort {
			o.fields = append(o.fields, q.fieldOf(t))
		}
		o.rebind(q.s)
	}
	return o
}

// ordering works out what a sort control asks for. What can't be sorted by leaves result with the reason.
func (q *search) ordering(c *controls) *ordering {
	o := &ordering{}
	for i := range c.sort {
		k := &c.sort[i]
		f, code := q.sortField(k)
		if code != protocol.Success {
			o = q.profileOrdering()
			o.result = protocol.SortResponse{Code: code, Attribute: string(k.Attribute)}
			return o
		}
		o.fields = append(o.fields, f)
	}
	o.rebind(q.s)
	return o
}

func (q *search) sortField(k *protocol.SortKey) (f sortField, code protocol.ResultCode) {
	t, ok := q.s.dir.attribute(k.Attribute)
	if v := q.s.view; !ok || !q.s.rights.finds(t) || v != nil && computedOf(t) == notComputed && !v.shows(t) {
		return f, protocol.NoSuchAttribute
	}
	if t.Virtual != schema.None || t.Syntax == schema.Octets || t.Syntax == schema.Boolean {
		return f, protocol.InappropriateMatching
	}
	if len(k.Rule) > 0 && !slices.ContainsFunc(orderingRules, func(r struct {
		names  []string
		serves func(schema.Syntax) bool
	},
	) bool {
		return hasFold(r.names, k.Rule) && r.serves(t.Syntax)
	}) {
		return f, protocol.InappropriateMatching
	}
	f = q.fieldOf(t)
	f.reverse = k.Reverse
	return f, protocol.Success
}

func (q *search) fieldOf(t *schema.AttributeType) sortField {
	f := sortField{attribute: t, computed: computedOf(t), number: t.Syntax == schema.Integer}
	if v := q.s.view; v != nil {
		f.made = slices.ContainsFunc(v.made, func(m madeAttribute) bool { return m.attribute == t })
	}
	return f
}

// rebind works out the columns of the session's generation.
func (o *ordering) rebind(s *Session) {
	o.by = s.compiler.collation()
	for i := range o.fields {
		if f := &o.fields[i]; f.computed == notComputed {
			f.columns = s.compiler.below(f.attribute)
			own := s.columns.own(f.attribute)
			f.alone = own != (attributeSet{}) && f.columns == own
		}
	}
}

// natural says whether the order is the list's.
func (o *ordering) natural(r *store.Reader) bool {
	if len(o.fields) == 0 {
		return true
	}
	index, ok := o.index(r)
	return ok && index.Natural() && len(o.fields) == 1 && !o.fields[0].reverse
}

// index is the store's order of the first field, if it has one.
func (o *ordering) index(r *store.Reader) (*store.Order, bool) {
	if len(o.fields) == 0 {
		return r.Order("")
	}
	f := &o.fields[0]
	if !f.indexed(o, r) {
		return nil, false
	}
	return r.Order(f.attribute.Name)
}

// indexed says whether a field's order may be one of the store's.
func (f *sortField) indexed(o *ordering, r *store.Reader) bool {
	return f.computed == notComputed && !f.number && !f.made && f.alone && o.by == r.Collation()
}

// appendKey appends an entry's composite key.
func (o *ordering) appendKey(s *Session, dst []byte, v *store.View) []byte {
	for i := range o.fields {
		f := &o.fields[i]
		at := len(dst)
		k := fieldKey{f: f, dst: dst, at: at, by: o.by}
		switch {
		case f.computed != notComputed:
			s.appendComputed(f.computed, v, k.value)
		case f.made:
			for _, a := range s.shownEntry(v) {
				if a.attribute == f.attribute {
					for _, value := range a.values {
						k.value(value)
					}
				}
			}
		default:
			for it := v.Values(); it.Next(); {
				if f.columns.has(it.Attr().Index) {
					k.value(it.Text())
				}
			}
		}
		dst = k.end()
	}
	return dst
}

// appendStaticKey is appendKey for an entry that is no record.
func (o *ordering) appendStaticKey(s *Session, dst []byte, e *staticEntry) []byte {
	for i := range o.fields {
		f := &o.fields[i]
		k := fieldKey{f: f, dst: dst, at: len(dst), by: o.by}
		for _, a := range e.attributes {
			if t, ok := s.dir.schema.Attribute(a.name); !ok || !s.dir.isBelow(t, f.attribute) {
				continue
			}
			for _, v := range a.values {
				k.value([]byte(v))
			}
		}
		dst = k.end()
	}
	return dst
}

// fieldKey makes the key of one field: that of the least value (RFC 2891, 2.2).
type fieldKey struct {
	f   *sortField
	dst []byte
	at  int
	has bool
	by  name.Collation
}

func (k *fieldKey) value(text []byte) bool {
	end := len(k.dst)
	k.dst = k.f.appendValue(k.by, k.dst, text)
	switch {
	case !k.has:
		k.has = true
	case bytes.Compare(k.dst[end:], k.dst[k.at:end]) < 0:
		k.dst = append(k.dst[:k.at], k.dst[end:]...)
	default:
		k.dst = k.dst[:end]
	}
	return true
}

func (k *fieldKey) end() []byte {
	if !k.has {
		k.dst = append(k.dst, store.OrderMissing)
	}
	return k.f.seal(k.dst, k.at)
}

// appendValue appends the key of one value.
func (f *sortField) appendValue(by name.Collation, dst, text []byte) []byte {
	if f.number && f.takes(text) {
		n, _ := strconv.ParseInt(string(text), 10, 64)
		return fmt.Appendf(dst, "%020d", uint64(n)^1<<63)
	}
	return store.AppendOrderKeyBy(by, dst, text)
}

// takes says whether the field has a place for a value.
func (f *sortField) takes(text []byte) bool {
	if !f.number {
		return true
	}
	_, err := strconv.ParseInt(string(text), 10, 64)
	return err == nil
}

// seal ends the key of a field that begins at an offset.
func (f *sortField) seal(dst []byte, at int) []byte {
	dst = append(dst, fieldEnd)
	if f.reverse {
		for i := at; i < len(dst); i++ {
			dst[i] = ^dst[i]
		}
	}
	return dst
}

// firstKey is the key of the first field in a composite key, as the store's order has it.
func (o *ordering) firstKey(dst, key []byte) []byte {
	for _, c := range key {
		if o.fields[0].reverse {
			c = ^c
		}
		if c == fieldEnd {
			break
		}
		dst = append(dst, c)
	}
	return dst
}

// addSortResponse tells what became of a sort control (RFC 2891, 1.2).
func addSortResponse(w *ldapserver.ResultWriter, r protocol.SortResponse) {
	w.AddControl(protocol.NewControl(protocol.OIDSortResponse, protocol.AppendSortResponse(nil, r)))
}

// errSortRefused is RFC 2891, 2, case 3: a critical sort control that can't be honoured.
var errSortRefused = &protocol.Error{Code: protocol.UnavailableCriticalExtension, Message: "the result can't be sorted so"}
