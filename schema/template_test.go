package schema

import (
	"slices"
	"strings"
	"testing"
)

// record is a Source.
type record map[string]string

func (r record) Field(path string) string {
	for k, v := range r {
		if strings.EqualFold(k, path) {
			return v
		}
	}
	return ""
}

func TestTemplate(t *testing.T) {
	t.Parallel()
	source := record{"Name": "Anna Müller", "Account.Name": "A&B", "Phone": "", "Blank": " ", "@org_url": "https://x.example.org", "@object": "Contact"}
	tests := []struct {
		name, template, want string
		fields               []string
	}{
		{"literal", "x", "x", nil},
		{"empty", "", "", nil},
		{"field", "{Name}", "Anna Müller", []string{"Name"}},
		{"any letter case and spaces", "{ name }", "Anna Müller", []string{"name"}},
		{"parent", "{Name} ({Account.Name})", "Anna Müller (A&B)", []string{"Name", "Account.Name"}},
		{"alternatives", "{Phone|Blank|Name}", "Anna Müller", []string{"Phone", "Blank", "Name"}},
		{"all fields empty", "Tel. {Phone}", "", []string{"Phone"}},
		{"one field empty", "{Name}, {Phone}", "Anna Müller, ", []string{"Name", "Phone"}},
		{"doubled field", "{Name} {NAME}", "Anna Müller Anna Müller", []string{"Name"}},
		{"braces", "{{{Name}}}", "{Anna Müller}", []string{"Name"}},
		{"org URL and object", "{@org_url}/{@object}", "https://x.example.org/Contact", nil},
		{"org URL doesn't make up for fields", "{@org_url}/{Phone}", "", []string{"Phone"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tmpl, err := ParseTemplate(tt.template)
			if err != nil {
				t.Fatal(err)
			}
			if got := tmpl.Expand(source.Field, nil); got != tt.want {
				t.Errorf("Expand = %q, want %q", got, tt.want)
			}
			if got := tmpl.Fields(); !slices.Equal(got, tt.fields) {
				t.Errorf("Fields = %q, want %q", got, tt.fields)
			}
			if tmpl.String() != tt.template {
				t.Errorf("String = %q, want %q", tmpl, tt.template)
			}
		})
	}
}

func TestTemplateEscapesFieldsOnly(t *testing.T) {
	t.Parallel()
	tmpl, err := ParseTemplate("{@org_url}/x?n={Name}")
	if err != nil {
		t.Fatal(err)
	}
	source := record{"Name": "Müller & Söhne/1", "@org_url": "https://x.example.org"}
	want := "https://x.example.org/x?n=M%C3%BCller%20%26%20S%C3%B6hne%2F1"
	if got := tmpl.Expand(source.Field, percentEncode); got != want {
		t.Errorf("Expand = %q, want %q", got, want)
	}
}

func TestParseTemplateRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, template, want string }{
		{"an open brace", "ü {Name", "schema: template column 3: { without }; write {{ for a brace"},
		{"a closing brace", "Name}", "schema: template column 5: } without {; write }} for a brace"},
		{"nothing between braces", "{}", "schema: template column 2: no field name"},
		{"an empty alternative", "{A|}", "schema: template column 4: no field name"},
		{"a space in a name", "{First Name}", `schema: template column 2: "First Name" isn't a field name`},
		{"a doubled dot", "{A..B}", `schema: template column 2: "A..B" isn't a field name`},
		{"a brace in a name", "{A{B}", `schema: template column 2: "A{B" isn't a field name`},
		{"too many parents", "{A.B.C.D.E.F.G}", "schema: template column 2: A.B.C.D.E.F.G goes over 6 parents; SOQL follows 5"},
		{"a misspelt name of ours", "{@orgurl}", "schema: template column 2: unknown @orgurl; did you mean @org_url?"},
		{"an unknown name of ours", "{@something}", "schema: template column 2: unknown @something; there are @org_url and @object"},
		{"bytes that aren't UTF-8", "\xff", "schema: template isn't UTF-8"},
		{"an endless one", strings.Repeat("x", MaxTemplate+1), "schema: template of 4097 bytes; 4096 are the most"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := ParseTemplate(tt.template); err == nil || err.Error() != tt.want {
				t.Errorf("ParseTemplate(%q) = %v, want %s", tt.template, err, tt.want)
			}
		})
	}
}

func FuzzParseTemplate(f *testing.F) {
	for _, s := range []string{"", "{Name}", "{A|B.C}", "{{x}}", "{@org_url}/{Id}", "{", "}", "{@object|", "{{{Name}}}", "ü{A}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		tmpl, err := ParseTemplate(s)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "schema: template ") {
				t.Errorf("ParseTemplate(%q) = %v", s, err)
			}
			return
		}
		again, err := ParseTemplate(tmpl.String())
		if err != nil || !slices.Equal(again.Fields(), tmpl.Fields()) {
			t.Errorf("ParseTemplate(%q) twice: %v", s, err)
		}
		for _, field := range tmpl.Fields() {
			if checkName(field) != nil || field[0] == '@' {
				t.Errorf("ParseTemplate(%q) has the field %q", s, field)
			}
		}
		if got := tmpl.Expand(func(string) string { return "" }, nil); got != "" && len(tmpl.Fields()) > 0 {
			t.Errorf("%q without any value = %q", s, got)
		}
	})
}
