package emulator

import (
	"fmt"
	"strings"
)

// A shape is what a query shows of a record, with the tags written out once: a page is then only copying.
type shape struct {
	object *object
	head   []byte // <sf:type>Contact</sf:type>
	id     bool   // Id is selected: it comes first and again at its place
	items  []shapeItem
	long   int // selected custom long text fields: two of them make pages short
}

// A shapeItem is one element of a record: a field, a parent, an address or a list of children.
type shapeItem struct {
	open, close, null []byte
	field             int
	parent            *shape
	parentObject      *object
	parts             []int // of an address: latitude, longitude, city … by number of the field, -1 for none
	children          *childQuery
}

// addressParts are the elements of an address in the order of the schema.
func addressParts() []string {
	return []string{"Latitude", "Longitude", "City", "Country", "CountryCode", "GeocodeAccuracy", "PostalCode", "State", "StateCode", "Street"}
}

func newShape(obj *object) *shape {
	return &shape{object: obj, head: []byte("<sf:type>" + obj.name + "</sf:type>")}
}

// add puts a field at the end of the shape, inside its parents.
func (s *shape) add(ref *fieldRef) bool {
	for _, h := range ref.hops {
		s = s.parent(h)
	}
	f := ref.def()
	for _, it := range s.items {
		if it.parent == nil && it.children == nil && it.field == ref.field {
			return false
		}
	}
	it := shapeItem{field: ref.field}
	it.tags(f.name, "")
	switch {
	case ref.field == ref.object.id:
		s.id = true
	case f.kind == "address":
		it.tags(f.name, ` xsi:type="address"`)
		for _, part := range addressParts() {
			n, ok := ref.object.find(strings.TrimSuffix(f.name, "Address") + part)
			if !ok {
				n = -1
			}
			it.parts = append(it.parts, n)
		}
	case f.custom && f.kind == "textarea" && f.length > 255:
		s.long++
	}
	s.items = append(s.items, it)
	return true
}

func (it *shapeItem) tags(name, attributes string) {
	it.open = []byte("<sf:" + name + attributes + ">")
	it.close = []byte("</sf:" + name + ">")
	it.null = []byte("<sf:" + name + ` xsi:nil="true"/>`)
}

// parent gives the shape of a parent; its fields come together where the first of them stood.
func (s *shape) parent(h hop) *shape {
	for _, it := range s.items {
		if it.parent != nil && it.field == h.field {
			return it.parent
		}
	}
	it := shapeItem{field: h.field, parent: newShape(h.parent), parentObject: h.parent}
	it.tags(h.name, ` xsi:type="sf:sObject"`)
	s.items = append(s.items, it)
	return it.parent
}

// selectList resolves the SELECT list of a plain query.
func (b *binder) selectList(q *soqlQuery, obj *object) (*shape, *queryError) {
	s := newShape(obj)
	for _, item := range q.items {
		switch {
		case item.sub != nil:
			c, err := b.childQuery(item, obj)
			if err != nil {
				return nil, err
			}
			it := shapeItem{children: c}
			it.tags(c.name, ` xsi:type="QueryResult"`)
			s.items = append(s.items, it)
			continue
		case item.fn == "FIELDS":
			if err := b.allFields(s, q, item, obj); err != nil {
				return nil, err
			}
			continue
		}
		ref, err := b.path(item.path, item.at, obj, q.alias)
		if err != nil {
			return nil, err
		}
		if !s.add(ref) {
			return nil, malformed(item.at, "duplicate field selected: %s", item.path)
		}
	}
	return s, nil
}

// allFields resolves FIELDS(ALL), FIELDS(STANDARD) and FIELDS(CUSTOM).
func (b *binder) allFields(s *shape, q *soqlQuery, item selectItem, obj *object) *queryError {
	kind := strings.ToUpper(item.path)
	switch kind {
	case "ALL", "CUSTOM":
		if q.limit < 0 || q.limit > 200 {
			return malformed(item.at, "The SOQL FIELDS function must have a LIMIT of at most 200")
		}
	case "STANDARD":
	default:
		return malformed(item.at, "unexpected token: '%s'", item.path)
	}
	for n, f := range obj.fields {
		if !f.visible() || kind == "CUSTOM" && !f.custom || kind == "STANDARD" && f.custom {
			continue
		}
		if !s.add(&fieldRef{object: obj, field: n}) {
			return malformed(item.at, "duplicate field selected: %s", f.name)
		}
	}
	return nil
}

// A childQuery is a sub-query over the children of a record.
type childQuery struct {
	name    string // of the relationship
	field   int    // of the child that points to the parent
	query   *boundQuery
	perID   map[string][]uint32 // filled once for a query
	forPage selection
}

func (b *binder) childQuery(item selectItem, obj *object) (*childQuery, *queryError) {
	q := item.sub
	for _, name := range b.org.names {
		child := b.org.objects[name]
		for n, f := range child.fields {
			if !f.visible() || !strings.EqualFold(f.childRelationship, q.from) || len(f.referenceTo) == 0 || f.referenceTo[0] != obj.name {
				continue
			}
			bound, err := b.bindTo(q, child)
			if err != nil {
				return nil, err
			}
			if bound.shape == nil {
				return nil, malformed(item.at, "a sub-query cannot have aggregate functions")
			}
			return &childQuery{name: f.childRelationship, field: n, query: bound}, nil
		}
	}
	return nil, &queryError{code: "INVALID_TYPE", at: q.fromAt, excerpt: true, text: fmt.Sprintf("Didn't understand relationship '%s' in FROM part of query call.", q.from) + adviceParent}
}

// fill finds the children of all records once; limits count per record.
func (c *childQuery) fill(e *evaluation, sel selection) {
	if c.perID != nil {
		return
	}
	c.perID = map[string][]uint32{}
	q := *c.query
	q.limit, q.offset = -1, 0
	t := q.object.table
	for _, slot := range e.records(&q, sel) {
		value, ok := t.appendValue(e.buf[:0], slot, c.field)
		e.buf = value
		if ok {
			id := string(value)
			c.perID[id] = append(c.perID[id], slot)
		}
	}
	for id, list := range c.perID {
		list = list[min(c.query.offset, len(list)):]
		if c.query.limit >= 0 {
			list = list[:min(c.query.limit, len(list))]
		}
		c.perID[id] = list
	}
}

// appendRecord appends the children of a <records> or parent element.
func (e *evaluation) appendRecord(dst []byte, t *table, slot uint32, s *shape) []byte {
	dst = append(dst, s.head...)
	if s.id {
		dst = append(dst, "<sf:Id>"...)
		dst = t.appendID(dst, slot)
		dst = append(dst, "</sf:Id>"...)
	} else {
		dst = append(dst, `<sf:Id xsi:nil="true"/>`...)
	}
	for i := range s.items {
		it := &s.items[i]
		switch {
		case it.parent != nil:
			dst = e.appendParent(dst, t, slot, it)
		case it.children != nil:
			dst = e.appendChildren(dst, t, slot, it)
		case it.parts != nil:
			dst = e.appendAddress(dst, t, slot, it)
		default:
			start := len(dst)
			dst = append(dst, it.open...)
			n := len(dst)
			out, ok := t.appendValue(dst, slot, it.field)
			if !ok {
				dst = append(out[:start], it.null...)
				continue
			}
			dst = append(escapeFrom(out, n), it.close...)
		}
	}
	return dst
}

func (e *evaluation) appendParent(dst []byte, t *table, slot uint32, it *shapeItem) []byte {
	id, ok := t.appendValue(e.id[:0], slot, it.field)
	e.id = id
	if ok {
		var parent *table
		if parent, slot, ok = e.org.parent(id, it.parentObject); ok && parent.object == it.parentObject {
			dst = append(dst, it.open...)
			dst = e.appendRecord(dst, parent, slot, it.parent)
			return append(dst, it.close...)
		}
	}
	return append(dst, it.null...)
}

func (e *evaluation) appendAddress(dst []byte, t *table, slot uint32, it *shapeItem) []byte {
	start := len(dst)
	dst = append(dst, it.open...)
	empty := true
	for i, part := range addressParts() {
		name := strings.ToLower(part[:1]) + part[1:]
		var value []byte
		ok := false
		if n := it.parts[i]; n >= 0 {
			value, ok = t.appendValue(e.buf[:0], slot, n)
			e.buf = value
		}
		w := xmlWriter{dst}
		if ok {
			empty = false
			w.text(name, string(value))
		} else {
			w.null(name)
		}
		dst = w.buf
	}
	if empty {
		return append(dst[:start], it.null...)
	}
	return append(dst, it.close...)
}

func (e *evaluation) appendChildren(dst []byte, t *table, slot uint32, it *shapeItem) []byte {
	c := it.children
	c.fill(e, c.forPage)
	id := t.appendID(e.id[:0], slot)
	e.id = id
	list := c.perID[string(id)]
	if len(list) == 0 {
		return append(dst, it.null...)
	}
	dst = append(dst, it.open...)
	dst = append(dst, `<done>true</done><queryLocator xsi:nil="true"/>`...)
	for _, child := range list {
		dst = append(dst, `<records xsi:type="sf:sObject">`...)
		dst = e.appendRecord(dst, c.query.object.table, child, c.query.shape)
		dst = append(dst, "</records>"...)
	}
	w := xmlWriter{dst}
	w.number("size", len(list))
	return append(w.buf, it.close...)
}
