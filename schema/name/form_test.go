package name

import "testing"

func TestLegalForms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value, pattern string
		want           bool
	}{
		{"Müller & Söhne GmbH", "müller gmbh*", true},
		{"Müller Handels GesmbH", "müller ltd*", true},
		{"Müller Handels GesmbH", "ges*", false},
		{"Müller & Söhne GmbH", "söhne müller gmbh*", true},
		{"Müller & Söhne", "müller gmbh*", true},
		{"Müller & Söhne", "söhne gmbh & co. kg*", true},
		{"Müller & Söhne GmbH", "müller ltd*", true},
		{"Groß AG", "groß ag*", true},
		{"Groß AG", "ag groß*", true},
		{"Agnes Groß", "groß ag*", true},
		{"Anna Groß", "groß ag*", false}, // Agnes is being typed
		{"Anna Groß", "groß ag basel*", false},
		{"Groß Basel", "groß ag basel*", true},
		{"Groß Basel", "groß gmbh*", true},
		{"Groß", "gmbh*", false},
		{"Müller & Söhne GmbH", "gmbh*", true},
		// A legal form isn't found by its first letters: they would list half of the companies.
		{"Müller & Söhne GmbH", "g*", false},
		{"Müller & Söhne GmbH & Co. KG", "c*", false},
		{"Müller & Söhne GmbH & Co. KG", "co*", true},
		{"Müller & Söhne GmbH & Co. KG", "müller k*", false},
		{"Müller GmbH Stuttgart", "g*", false},
		{"Müller GmbH Stuttgart", "müller s*", true},
		{"Groß AG", "a*", false},
		{"Groß AG", "*a*", true}, // but literally
		// The same letters in names of people.
		{"Co Nguyen", "c*", true},
		{"Se Hoon Kim", "se*", true},
		{"Kim Se Hoon", "kim s*", true},
		{"Conrad Inc", "con*", true},
		{"SE Works", "s*", true},
	} {
		if got := patternOf(c.pattern).Match([]byte(c.value)); got != c.want {
			t.Errorf("(o=%s) on %q: got %t, want %t", c.pattern, c.value, got, c.want)
		}
	}
}
