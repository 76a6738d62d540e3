package emulator

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// An aggregate is one column of a grouped query: a function of a field, or a field that is grouped by.
type aggregate struct {
	name string // of the element: the alias, expr0 …, or the field's name
	fn   string // empty for a grouped field
	ref  *fieldRef
}

type boundGroup struct{ ref *fieldRef }

// aggregates resolves the SELECT list of a query with aggregate functions or GROUP BY.
func (b *binder) aggregates(out *boundQuery, q *soqlQuery, obj *object) *queryError {
	if len(q.orderBy) > 0 {
		return malformed(q.orderBy[0].at, "the emulator does not sort groups: leave ORDER BY out")
	}
	grouped := map[string]bool{}
	for _, g := range q.groupBy {
		ref, err := b.path(g.path, g.at, obj, q.alias)
		if err != nil {
			return err
		}
		f := ref.def()
		if !f.filterable() || f.numeric() || f.kind == "datetime" {
			return malformed(g.at, "field '%s' can not be grouped in a query call", f.name)
		}
		grouped[pathKey(ref)] = true
		out.groups = append(out.groups, boundGroup{ref})
	}
	unnamed := 0
	for _, item := range q.items {
		if item.sub != nil || item.fn == "FIELDS" || item.fn == "TOLABEL" {
			return malformed(item.at, "Only aggregate expressions and grouped fields can be selected here")
		}
		ref, err := b.path(item.path, item.at, obj, q.alias)
		if err != nil {
			return err
		}
		f := ref.def()
		a := aggregate{name: item.alias, fn: item.fn, ref: ref}
		switch item.fn {
		case "":
			if !grouped[pathKey(ref)] {
				return malformed(item.at, "Field must be grouped or aggregated: %s", item.path)
			}
			if a.name == "" {
				a.name = f.name
			}
		case "SUM", "AVG":
			if !f.numeric() {
				return malformed(item.at, "field %s does not support aggregate operator %s", f.name, item.fn)
			}
		case "MIN", "MAX":
			if f.kind == "boolean" || !f.filterable() {
				return malformed(item.at, "field %s does not support aggregate operator %s", f.name, item.fn)
			}
		}
		if a.name == "" {
			a.name = "expr" + strconv.Itoa(unnamed)
			unnamed++
		}
		if !validName(a.name) {
			return malformed(item.at, "unexpected token: '%s'", a.name)
		}
		out.columns = append(out.columns, a)
	}
	return nil
}

func pathKey(ref *fieldRef) string {
	key := ""
	for _, h := range ref.hops {
		key += strconv.Itoa(h.field) + "."
	}
	return key + ref.object.name + "." + ref.def().name
}

// A tally gathers one column of one group.
type tally struct {
	count    int
	distinct map[string]bool
	sum      float64
	key      sortKey
	text     string
	has      bool
}

// grouped computes the rows of an aggregate query, written out, and their number.
func (e *evaluation) grouped(q *boundQuery, slots []uint32) ([]byte, int) {
	groups := map[string][]tally{}
	var order []string
	if len(q.groups) == 0 {
		groups[""] = make([]tally, len(q.columns))
		order = []string{""}
	}
	t := q.object.table
	for _, slot := range slots {
		key := ""
		for _, g := range q.groups {
			value, ok := e.fetch(t, slot, g.ref)
			key += fmt.Sprintf("%t%q", ok, value)
		}
		row, ok := groups[key]
		if !ok {
			row = make([]tally, len(q.columns))
			groups[key] = row
			order = append(order, key)
		}
		for i := range row {
			e.tally(&row[i], &q.columns[i], t, slot)
		}
	}
	slices.Sort(order)
	limit := len(order)
	if q.limit >= 0 && len(q.groups) > 0 {
		limit = min(limit, q.limit)
	}
	var w xmlWriter
	for _, key := range order[:limit] {
		w.raw(`<records xsi:type="sf:sObject"><sf:type>AggregateResult</sf:type><sf:Id xsi:nil="true"/>`)
		for i, a := range q.columns {
			w.nillable("sf:"+a.name, groups[key][i].value(a))
		}
		w.raw("</records>")
	}
	return w.buf, limit
}

func (e *evaluation) tally(s *tally, a *aggregate, t *table, slot uint32) {
	value, ok := e.fetch(t, slot, a.ref)
	if !ok {
		return
	}
	s.count++
	switch a.fn {
	case "COUNT_DISTINCT":
		if s.distinct == nil {
			s.distinct = map[string]bool{}
		}
		s.distinct[string(value)] = true
	case "SUM", "AVG":
		n, err := strconv.ParseFloat(string(value), 64)
		if err == nil {
			s.sum += n
		}
	case "":
		s.text = string(value)
	case "MIN", "MAX":
		text := string(value)
		key := e.key(t, slot, a.ref)
		c := cmp.Or(cmp.Compare(key.number, s.key.number), cmp.Compare(key.text, s.key.text))
		if !s.has || c < 0 == (a.fn == "MIN") && c != 0 {
			s.key, s.text, s.has = key, text, true
		}
	}
}

func (s *tally) value(a aggregate) string {
	switch a.fn {
	case "COUNT":
		return strconv.Itoa(s.count)
	case "COUNT_DISTINCT":
		return strconv.Itoa(len(s.distinct))
	case "SUM":
		if s.count > 0 {
			return javaDouble(s.sum)
		}
	case "AVG":
		if s.count > 0 {
			return javaDouble(s.sum / float64(s.count))
		}
	default:
		return s.text
	}
	return ""
}
