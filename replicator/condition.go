package replicator

import (
	"fmt"
	"slices"
	"strings"

	"ringdex/schema"
	"ringdex/soap"
)

// A condition (where) says which records are copied. When the org no longer shows a field that it needs, nobody can say
// which records those are: neither may all come, nor may any be dropped, and a record that is served may since have
// been marked as one not to copy. So the whole object stays as it is until the field is back.

const conditionBucket = "condition" // fields that a condition needed and that were there, by object

// condition checks that a condition stays one when it stands in parentheses. The one that all live records fulfil is
// left out.
func condition(where string) (string, error) {
	where = strings.TrimSpace(where)
	depth, quoted := 0, false
	for i := 0; i < len(where); i++ {
		switch c := where[i]; {
		case quoted && c == '\\':
			i++
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth < 0 {
				return "", fmt.Errorf("a parenthesis closes at column %d that was not opened", i+1)
			}
		}
	}
	switch {
	case quoted:
		return "", fmt.Errorf("a quotation mark is not closed")
	case depth > 0:
		return "", fmt.Errorf("a parenthesis is not closed")
	case strings.EqualFold(strings.Join(strings.Fields(where), " "), "IsDeleted = false"):
		return "", nil
	}
	return where, nil
}

// conditionFields holds the fields of a mapping's condition against the description. One that was there before and is
// gone freezes the object. One that was never there is left to the org, which says what is wrong with it.
func (r *run) conditionFields(c catalog, o *soap.ObjectDescription, m *schema.Mapping, frozen []Frozen) error {
	var seen []string
	if _, err := readJSON(r.o.Store, conditionBucket, o.Name, &seen); err != nil {
		return err
	}
	var there []string
	for _, path := range fieldsOf(m.Where, o.Name) {
		spelled, _, err := c.resolve(o, path)
		if err == nil {
			there = append(there, spelled)
			continue
		}
		i := slices.IndexFunc(seen, func(s string) bool { return strings.EqualFold(s, path) })
		if i < 0 {
			continue
		}
		f := Frozen{Object: o.Name, Field: seen[i], Since: r.started.UTC(), Why: frozenCondition}
		f.since(frozen)
		return &frozenError{f, fmt.Errorf("replicator: where %q: %w", m.Where, err)}
	}
	if r.ro.DryRun || slices.Equal(seen, there) {
		return nil
	}
	return putJSON(r.o.Store, conditionBucket, o.Name, there)
}

// conditionPaths are the paths of a mapping and of its condition.
func conditionPaths(m *schema.Mapping) []string {
	return append(slices.Clone(m.Fields()), fieldsOf(m.Where, m.Object)...)
}

// fieldsOf lists the field paths of a SOQL condition: what stands before an operator, or in a function. Semi-joins are
// left out, they speak of other objects. Paths that begin with the object's own name lose it.
func fieldsOf(where, object string) []string {
	tokens := soqlTokens(where)
	at := func(i int) string {
		if i < len(tokens) {
			return strings.ToUpper(tokens[i])
		}
		return ""
	}
	var fields []string
	functions := 0 // parentheses of functions that are open
	var open []bool
	for i := 0; i < len(tokens); i++ {
		switch t := tokens[i]; {
		case t == "(" && at(i+1) == "SELECT":
			i = closing(tokens, i)
		case t == "(":
			function := i > 0 && isName(tokens[i-1]) && !slices.Contains(soqlWords, at(i-1))
			open = append(open, function)
			if function {
				functions++
			}
		case t == ")" && len(open) > 0:
			if open[len(open)-1] {
				functions--
			}
			open = open[:len(open)-1]
		case !isName(t) || slices.Contains(soqlWords, strings.ToUpper(t)) || at(i+1) == "(":
		case functions > 0 || slices.Contains(soqlOperators, at(i+1)) || at(i+1) == "NOT" && at(i+2) == "IN":
			if head, rest, ok := strings.Cut(t, "."); ok && strings.EqualFold(head, object) {
				t = rest
			}
			if !slices.ContainsFunc(fields, func(f string) bool { return strings.EqualFold(f, t) }) {
				fields = append(fields, t)
			}
		}
	}
	return fields
}

var (
	soqlOperators = []string{"=", "!=", "<>", "<", ">", "<=", ">=", "LIKE", "IN", "INCLUDES", "EXCLUDES"}
	soqlWords     = []string{"AND", "OR", "NOT", "LIKE", "IN", "INCLUDES", "EXCLUDES", "TRUE", "FALSE", "NULL"}
)

func isName(t string) bool {
	return t != "" && (t[0] == '_' || t[0]|0x20 >= 'a' && t[0]|0x20 <= 'z')
}

// closing is the place of the parenthesis that closes the one at i.
func closing(tokens []string, i int) int {
	depth := 0
	for ; i < len(tokens); i++ {
		switch tokens[i] {
		case "(":
			depth++
		case ")":
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return i
}

// soqlTokens splits a condition into names with their dots, operators and parentheses. Texts, numbers and dates are left
// as they are, since no name begins like them.
func soqlTokens(where string) []string {
	var tokens []string
	for i := 0; i < len(where); {
		start, c := i, where[i]
		switch {
		case c == '\'':
			for i++; i < len(where) && where[i] != '\''; i++ {
				if where[i] == '\\' {
					i++
				}
			}
			i = min(i+1, len(where))
		case strings.IndexByte("<>=!", c) >= 0:
			for i < len(where) && strings.IndexByte("<>=!", where[i]) >= 0 {
				i++
			}
		case wordByte(c):
			for i < len(where) && (wordByte(where[i]) || strings.IndexByte(".:+-", where[i]) >= 0) {
				i++
			}
		default: // a parenthesis, a comma, a space
			if i++; c == ' ' || c == '\t' || c == '\n' || c == '\r' {
				continue
			}
		}
		tokens = append(tokens, where[start:i])
	}
	return tokens
}

func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
}
