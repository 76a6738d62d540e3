package schema

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// MaxTemplate is how many bytes a template may have; it comes from a configuration file.
const MaxTemplate = 4096

// maxParents is how far SOQL follows child-to-parent relationships.
const maxParents = 5

// The names that stand for what isn't a field.
const (
	orgURLName = "@org_url"
	objectName = "@object"
)

// Template of an attribute's value: "{Field}", "{Parent.Field}", "{A|B}" for the first that isn't empty, "{@org_url}"
// and "{@object}", with literal text between; "{{" and "}}" are braces. It is immutable.
type Template struct {
	source string
	parts  []templatePart
	fields []string
}

// templatePart is literal text, or the alternatives of a placeholder.
type templatePart struct {
	literal string
	names   []string
}

// ParseTemplate parses a template. Errors name the column, counted in characters from 1.
func ParseTemplate(s string) (*Template, error) {
	fail := func(at int, format string, args ...any) (*Template, error) {
		return nil, fmt.Errorf("schema: template column %d: %s", utf8.RuneCountInString(s[:at])+1, fmt.Sprintf(format, args...))
	}
	if len(s) > MaxTemplate {
		return nil, fmt.Errorf("schema: template of %d bytes; %d are the most", len(s), MaxTemplate)
	}
	if !utf8.ValidString(s) {
		return nil, fmt.Errorf("schema: template isn't UTF-8")
	}
	t := &Template{source: s}
	var literal strings.Builder
	flush := func() {
		if literal.Len() > 0 {
			t.parts = append(t.parts, templatePart{literal: literal.String()})
			literal.Reset()
		}
	}
	for i := 0; i < len(s); {
		switch {
		case strings.HasPrefix(s[i:], "{{"), strings.HasPrefix(s[i:], "}}"):
			literal.WriteByte(s[i])
			i += 2
		case s[i] == '}':
			return fail(i, "} without {; write }} for a brace")
		case s[i] == '{':
			end := strings.IndexByte(s[i:], '}')
			if end < 0 {
				return fail(i, "{ without }; write {{ for a brace")
			}
			flush()
			var part templatePart
			at := i + 1
			for name := range strings.SplitSeq(s[at:i+end], "|") {
				trimmed := strings.TrimSpace(name)
				if err := checkName(trimmed); err != nil {
					return fail(at, "%v", err)
				}
				part.names = append(part.names, trimmed)
				t.use(trimmed)
				at += len(name) + 1
			}
			t.parts = append(t.parts, part)
			i += end + 1
		default:
			literal.WriteByte(s[i])
			i++
		}
	}
	flush()
	return t, nil
}

// use notes a name among the fields.
func (t *Template) use(name string) {
	if name[0] != '@' && !slices.ContainsFunc(t.fields, func(f string) bool { return strings.EqualFold(f, name) }) {
		t.fields = append(t.fields, name)
	}
}

// checkName says what is wrong with a name between braces.
func checkName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("no field name")
	case name == orgURLName || name == objectName:
		return nil
	case name[0] == '@':
		if near := Nearest(name, []string{orgURLName, objectName}); near != "" {
			return fmt.Errorf("unknown %s; did you mean %s?", name, near)
		}
		return fmt.Errorf("unknown %s; there are %s and %s", name, orgURLName, objectName)
	}
	steps := strings.Split(name, ".")
	if len(steps) > maxParents+1 {
		return fmt.Errorf("%s goes over %d parents; SOQL follows %d", name, len(steps)-1, maxParents)
	}
	for _, step := range steps {
		for i := range len(step) {
			if c := lowerASCII(step[i]); !('a' <= c && c <= 'z' || i > 0 && ('0' <= c && c <= '9' || c == '_')) {
				return fmt.Errorf("%q isn't a field name", name)
			}
		}
		if step == "" {
			return fmt.Errorf("%q isn't a field name", name)
		}
	}
	return nil
}

// String returns the source of the template.
func (t *Template) String() string { return t.source }

// Fields returns the SOQL paths in use, in order, without duplicates and without "@…" names. The slice is shared.
func (t *Template) Fields() []string { return t.fields }

// Alone returns the alternatives of a template that is one placeholder and nothing else, nil for any other.
func (t *Template) Alone() []string {
	if len(t.parts) == 1 {
		return t.parts[0].names
	}
	return nil
}

// uses says whether a name stands in the template.
func (t *Template) uses(name string) bool {
	return slices.ContainsFunc(t.parts, func(p templatePart) bool { return slices.Contains(p.names, name) })
}

// Expand fills the template. lookup gives the value of a path or of an "@…" name, "" when there is none; escape, if
// not nil, is applied to the value of every field, but not to those of "@…" names. A template that names fields, all
// of them empty, gives "". A value of white space only counts as empty. What one placeholder alone gives is the value itself, not
// a copy.
func (t *Template) Expand(lookup func(field string) string, escape func(string) string) string {
	if len(t.parts) == 1 && escape == nil {
		return t.parts[0].value(lookup)
	}
	var b strings.Builder
	b.Grow(len(t.source) + expandRoom)
	found := len(t.fields) == 0
	for _, p := range t.parts {
		b.WriteString(p.literal)
		for _, name := range p.names {
			value := lookup(name)
			if strings.TrimSpace(value) == "" {
				continue
			}
			if name[0] != '@' {
				found = true
				if escape != nil {
					value = escape(value)
				}
			}
			b.WriteString(value)
			break
		}
	}
	if !found {
		return ""
	}
	return b.String()
}

// expandRoom is how much longer than its source a filled template mostly is, at the most.
const expandRoom = 64

// value is the text of a part that stands alone.
func (p *templatePart) value(lookup func(field string) string) string {
	for _, name := range p.names {
		if value := lookup(name); strings.TrimSpace(value) != "" {
			return value
		}
	}
	return p.literal
}
