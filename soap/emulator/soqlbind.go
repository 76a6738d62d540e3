package emulator

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Names that the messages end with, as the server words them.
const (
	adviceField  = " If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names."
	adviceObject = " If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names."
	adviceParent = " If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names."
)

// A fieldRef is a field path resolved against the org: AccountId → Account, then Name.
type fieldRef struct {
	hops   []hop
	object *object
	field  int
}

// A hop is one step from child to parent. Where a reference may point to several objects, the Id decides.
type hop struct {
	field  int // in the object that the hop starts from
	parent *object
	name   string // of the relationship, as describe spells it
}

func (r *fieldRef) def() *field { return r.object.fields[r.field] }

// A boundQuery is a query whose names are resolved.
type boundQuery struct {
	object  *object
	where   *test
	order   []boundOrder
	limit   int
	offset  int
	count   bool
	shape   *shape       // what a record shows
	columns []aggregate  // of a grouped query or one with aggregate functions
	groups  []boundGroup // fields to group by
}

type boundOrder struct {
	ref        *fieldRef
	descending bool
	nullsLast  bool
}

type binder struct {
	org *Org
	now time.Time
}

// bind resolves the names of a query.
func (b *binder) bind(q *soqlQuery) (*boundQuery, *queryError) {
	obj := b.object(q.from)
	if obj == nil {
		return nil, &queryError{code: "INVALID_TYPE", at: q.fromAt, excerpt: true, text: fmt.Sprintf("sObject type '%s' is not supported.", q.from) + adviceObject}
	}
	return b.bindTo(q, obj)
}

// object finds an object of the org or, with its records of now, one of setup.
func (b *binder) object(name string) *object {
	if obj := b.org.object(name); obj != nil {
		return obj
	}
	if s := b.org.setupNamed(name); s != nil {
		return s.filled(b.org)
	}
	return nil
}

func (b *binder) bindTo(q *soqlQuery, obj *object) (*boundQuery, *queryError) {
	out := &boundQuery{object: obj, limit: q.limit, offset: q.offset, count: q.count}
	alias := q.alias
	var err *queryError
	switch {
	case q.count:
		if len(q.orderBy) > 0 || len(q.groupBy) > 0 {
			return nil, malformed(q.fromAt, "Grouping and ordering cannot be used with COUNT()")
		}
	case q.aggregat || len(q.groupBy) > 0:
		if err = b.aggregates(out, q, obj); err != nil {
			return nil, err
		}
	default:
		if out.shape, err = b.selectList(q, obj); err != nil {
			return nil, err
		}
	}
	if q.where != nil {
		if out.where, err = b.condition(q.where, obj, alias); err != nil {
			return nil, err
		}
	}
	for _, o := range q.orderBy {
		ref, err := b.path(o.path, o.at, obj, alias)
		if err != nil {
			return nil, err
		}
		if f := ref.def(); !f.filterable() {
			return nil, &queryError{code: "INVALID_FIELD", at: o.at, excerpt: true, text: fmt.Sprintf("field '%s' can not be sorted in a query call", f.name)}
		}
		out.order = append(out.order, boundOrder{ref: ref, descending: o.descending, nullsLast: o.nullsLast})
	}
	return out, nil
}

// path resolves a field path; the first part may be the object's name or alias.
func (b *binder) path(path string, at int, obj *object, alias string) (*fieldRef, *queryError) {
	parts := strings.Split(path, ".")
	if len(parts) > 1 && (alias != "" && strings.EqualFold(parts[0], alias) || strings.EqualFold(parts[0], obj.name)) {
		if _, parent := obj.parents[strings.ToLower(parts[0])]; !parent || strings.EqualFold(parts[0], alias) {
			parts = parts[1:]
		}
	}
	ref := &fieldRef{object: obj}
	for _, p := range parts[:len(parts)-1] {
		n, ok := ref.object.parents[strings.ToLower(p)]
		var parent *object
		if ok && ref.object.fields[n].visible() {
			for _, target := range ref.object.fields[n].referenceTo {
				if parent = b.object(target); parent != nil {
					break
				}
			}
		}
		if parent == nil {
			return nil, &queryError{code: "INVALID_FIELD", at: at, excerpt: true, text: fmt.Sprintf("Didn't understand relationship '%s' in field path.", p) + adviceParent}
		}
		if len(ref.hops) == 5 {
			return nil, malformed(at, "a field path may have at most 5 relationships: %s", path)
		}
		ref.hops = append(ref.hops, hop{field: n, parent: parent, name: ref.object.fields[n].relationship})
		ref.object = parent
	}
	name := parts[len(parts)-1]
	n, ok := ref.object.lookup(name)
	if !ok {
		return nil, &queryError{code: "INVALID_FIELD", at: at, excerpt: true, text: fmt.Sprintf("No such column '%s' on entity '%s'.", name, ref.object.name) + adviceField}
	}
	ref.field = n
	return ref, nil
}

// condition compiles a WHERE clause.
func (b *binder) condition(c *condition, obj *object, alias string) (*test, *queryError) {
	t := &test{kind: c.kind, op: c.op}
	if c.kind != condCompare {
		for _, child := range c.children {
			ct, err := b.condition(child, obj, alias)
			if err != nil {
				return nil, err
			}
			if ct.kind == c.kind && c.kind != condNot {
				t.children = append(t.children, ct.children...)
				continue
			}
			t.children = append(t.children, ct)
		}
		return t, nil
	}
	ref, err := b.path(c.path, c.at, obj, alias)
	if err != nil {
		return nil, err
	}
	f := ref.def()
	if !f.filterable() {
		return nil, &queryError{code: "INVALID_FIELD", at: c.at, excerpt: true, text: fmt.Sprintf("field '%s' can not be filtered in a query call", f.name)}
	}
	t.ref, t.compare = ref, comparisonOf(f)
	if len(ref.hops) == 0 {
		switch ref.field {
		case obj.stamp:
			t.compare = compareStamp
		case obj.deleted:
			t.compare = compareDeleted
		}
	}
	if err := checkOperator(c, f); err != nil {
		return nil, err
	}
	for _, v := range c.values {
		w, err := b.value(v, f, c)
		if err != nil {
			return nil, err
		}
		t.values = append(t.values, w)
	}
	return t, nil
}

func checkOperator(c *condition, f *field) *queryError {
	invalid := func() *queryError {
		return &queryError{code: "INVALID_QUERY_FILTER_OPERATOR", at: c.at, excerpt: true, text: "invalid operator"}
	}
	switch c.op {
	case "LIKE":
		if f.numeric() || f.isID() || f.kind == "boolean" || f.kind == "date" || f.kind == "datetime" {
			return invalid()
		}
	case "INCLUDES", "EXCLUDES":
		if f.kind != "multipicklist" {
			return invalid()
		}
	case "<", "<=", ">", ">=":
		if f.kind == "boolean" {
			return invalid()
		}
	}
	return nil
}

// value converts a literal to the field's type.
func (b *binder) value(v operand, f *field, c *condition) (testValue, *queryError) {
	wrong := func(kind string, quoted bool) *queryError {
		tail := ""
		if quoted {
			tail = " and should not be enclosed in quotes"
		} else if kind == "string" {
			tail = " and should be enclosed in quotes"
		}
		return &queryError{code: "INVALID_FIELD", at: c.at, excerpt: true, text: fmt.Sprintf("value of filter criterion for field '%s' must be of type %s%s", f.name, kind, tail)}
	}
	if v.kind == operandNull {
		return testValue{null: true}, nil
	}
	switch {
	case f.kind == "boolean":
		if v.kind != operandBoolean {
			return testValue{}, wrong("boolean", v.kind == operandString)
		}
		return testValue{text: v.text}, nil
	case f.numeric():
		if v.kind != operandNumber {
			return testValue{}, wrong(f.kind, v.kind == operandString)
		}
		n, err := strconv.ParseFloat(v.text, 64)
		if err != nil {
			return testValue{}, malformed(v.at, "unexpected token: '%s'", v.text)
		}
		return testValue{number: n}, nil
	case f.kind == "datetime":
		switch v.kind {
		case operandDateTime:
			return testValue{text: v.text}.withStamp(), nil
		case operandLiteral:
			s, ok := dateLiteral(v.text, v.n, b.now)
			if !ok {
				return testValue{}, malformed(v.at, "unexpected token: '%s'", v.text)
			}
			return testValue{text: formatDateTime(s.from.Unix()), end: formatDateTime(s.to.Unix())}.withStamp(), nil
		}
		return testValue{}, wrong("dateTime", v.kind == operandString)
	case f.kind == "date":
		switch v.kind {
		case operandDate:
			return testValue{text: v.text}, nil
		case operandLiteral:
			s, ok := dateLiteral(v.text, v.n, b.now)
			if !ok {
				return testValue{}, malformed(v.at, "unexpected token: '%s'", v.text)
			}
			return testValue{text: s.from.Format(time.DateOnly), end: s.to.Format(time.DateOnly)}, nil
		}
		return testValue{}, wrong("date", v.kind == operandString)
	}
	if v.kind == operandLiteral {
		return testValue{}, malformed(v.at, "unexpected token: '%s'", v.text)
	}
	if v.kind != operandString {
		return testValue{}, wrong("string", false)
	}
	if f.isID() {
		if v.text == "" {
			return testValue{null: true}, nil
		}
		id, err := canonicalID(v.text)
		if err != nil {
			return testValue{}, &queryError{code: "INVALID_QUERY_FILTER_OPERATOR", at: c.at, excerpt: true, text: "invalid ID field: " + v.text}
		}
		return testValue{text: id}, nil
	}
	if c.op == "LIKE" {
		return testValue{pattern: []rune(strings.ToLower(v.like))}, nil
	}
	if v.text == "" {
		return testValue{null: true}, nil
	}
	return testValue{text: strings.ToLower(v.text), parts: strings.Split(strings.ToLower(v.text), ";")}, nil
}
