package emulator

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

type comparison uint8

const (
	compareText    comparison = iota // without regard to letter case
	compareExact                     // Ids, dates, dateTimes, booleans: text in canonical spelling
	compareNumber                    // as numbers
	compareStamp                     // the record's own SystemModstamp
	compareDeleted                   // the record's own IsDeleted
)

func comparisonOf(f *field) comparison {
	switch {
	case f.numeric():
		return compareNumber
	case f.isID(), f.kind == "date", f.kind == "datetime", f.kind == "boolean":
		return compareExact
	}
	return compareText
}

// A test is a compiled condition.
type test struct {
	kind     conditionKind
	children []*test
	ref      *fieldRef
	op       string
	compare  comparison
	values   []testValue
}

// A testValue is a literal in the field's type. A date literal is the span from text to end, end excluded.
type testValue struct {
	null               bool
	text, end          string
	stamp, stampEnd    int64
	number             float64
	pattern            []rune   // of LIKE, lower case, with \% and \_ escaped
	parts              []string // of INCLUDES: values that must all be there
	hasStamp, hasRange bool
}

func (v testValue) withStamp() testValue {
	if t, ok := parseDateTime(v.text); ok {
		v.stamp, v.stampEnd, v.hasStamp = t.Unix(), t.Unix(), true
	}
	if t, ok := parseDateTime(v.end); ok {
		v.stampEnd, v.hasRange = t.Unix(), true
	}
	return v
}

// An evaluation reads records. It is not safe for concurrent use; the org is locked for reading while it runs.
type evaluation struct {
	org     *Org
	buf, id []byte
}

// fetch gives a field's value at a record, following parents; false means nil. The bytes are valid until the next call.
func (e *evaluation) fetch(t *table, slot uint32, ref *fieldRef) ([]byte, bool) {
	field := ref.field
	for _, h := range ref.hops {
		id, ok := t.appendValue(e.id[:0], slot, h.field)
		e.id = id
		if !ok {
			return nil, false
		}
		if t, slot, ok = e.org.parent(id, h.parent); !ok {
			return nil, false
		}
		if t.object != h.parent {
			return nil, false
		}
	}
	out, ok := t.appendValue(e.buf[:0], slot, field)
	e.buf = out
	return out, ok
}

// match tells whether a record meets a test.
func (e *evaluation) match(t *table, slot uint32, c *test) bool {
	switch c.kind {
	case condAnd:
		for _, child := range c.children {
			if !e.match(t, slot, child) {
				return false
			}
		}
		return true
	case condOr:
		for _, child := range c.children {
			if e.match(t, slot, child) {
				return true
			}
		}
		return false
	case condNot:
		return !e.match(t, slot, c.children[0])
	}
	switch c.compare {
	case compareStamp:
		stamp := t.stampOf(slot)
		return c.any(func(v *testValue) int {
			if v.null {
				return 2
			}
			return position(cmp.Compare(stamp, v.stamp), v.hasRange, cmp.Compare(stamp, v.stampEnd))
		})
	case compareDeleted:
		deleted := strconv.FormatBool(t.isDeleted(slot))
		return c.any(func(v *testValue) int { return outcome(deleted == v.text && !v.null) })
	}
	value, ok := e.fetch(t, slot, c.ref)
	if !ok {
		value = nil
	}
	switch c.op {
	case "LIKE":
		return ok && !c.values[0].null && like(value, c.values[0].pattern)
	case "INCLUDES", "EXCLUDES":
		return ok && c.includes(value) == (c.op == "INCLUDES")
	}
	var number float64
	if ok && c.compare == compareNumber {
		n, err := strconv.ParseFloat(string(value), 64)
		ok = err == nil
		number = n
	}
	return c.any(func(v *testValue) int {
		switch {
		case v.null || !ok:
			return outcome(v.null && !ok)
		case c.compare == compareNumber:
			return cmp.Compare(number, v.number)
		case c.compare == compareExact:
			return position(compareBytes(value, v.text), v.end != "", compareBytes(value, v.end))
		}
		return compareFold(value, v.text)
	})
}

// outcome gives 0 for equal and 2 for not comparable: neither equal nor less nor greater.
func outcome(equal bool) int {
	if equal {
		return 0
	}
	return 2
}

// position gives the place of a value relative to a literal: below −1, at or inside 0, above 1.
func position(start int, ranged bool, end int) int {
	switch {
	case start < 0 || !ranged:
		return start
	case end < 0:
		return 0
	}
	return 1
}

// any applies the operator to the literals; place compares the record's value with one.
func (c *test) any(place func(*testValue) int) bool {
	switch c.op {
	case "IN", "NOT IN":
		for i := range c.values {
			if place(&c.values[i]) == 0 {
				return c.op == "IN"
			}
		}
		return c.op == "NOT IN"
	}
	p := place(&c.values[0])
	switch c.op {
	case "=":
		return p == 0
	case "!=":
		return p != 0
	case "<":
		return p == -1
	case "<=":
		return p == -1 || p == 0
	case ">":
		return p == 1
	}
	return p == 1 || p == 0 // >=
}

func (c *test) includes(value []byte) bool {
	have := strings.Split(strings.ToLower(string(value)), ";")
	for _, v := range c.values {
		all := len(v.parts) > 0
		for _, p := range v.parts {
			all = all && slices.Contains(have, p)
		}
		if all {
			return true
		}
	}
	return false
}

func compareBytes(a []byte, b string) int { return cmp.Compare(string(a), b) }

// compareFold compares with a text that is lower case already.
func compareFold(a []byte, lower string) int {
	for i := 0; ; i++ {
		switch {
		case i == len(a) && i == len(lower):
			return 0
		case i == len(a):
			return -1
		case i == len(lower):
			return 1
		}
		c := a[i]
		if c >= utf8.RuneSelf || lower[i] >= utf8.RuneSelf {
			return cmp.Compare(string(bytes.ToLower(a[i:])), lower[i:])
		}
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return cmp.Compare(c, lower[i])
		}
	}
}

// like matches a value with a lower-case pattern: % is any text, _ is one character, \% and \_ are themselves.
func like(value []byte, pattern []rune) bool {
	i, p := 0, 0
	back, backPattern := -1, -1
	for i < len(value) {
		r, size := utf8.DecodeRune(value[i:])
		if p < len(pattern) {
			switch pattern[p] {
			case '%':
				back, backPattern = i, p+1
				p++
				continue
			case '_':
				i, p = i+size, p+1
				continue
			}
			n := 1
			want := pattern[p]
			if want == '\\' && p+1 < len(pattern) {
				n, want = 2, pattern[p+1]
			}
			if unicode.ToLower(r) == want {
				i, p = i+size, p+n
				continue
			}
		}
		if back < 0 {
			return false
		}
		_, size = utf8.DecodeRune(value[back:])
		back += size
		i, p = back, backPattern
	}
	for p < len(pattern) && pattern[p] == '%' {
		p++
	}
	return p == len(pattern)
}
