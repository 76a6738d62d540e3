package name

import (
	"bytes"
	"testing"
)

func TestCollations(t *testing.T) {
	t.Parallel()
	for c, sorted := range map[Collation][]string{
		Dictionary: {"Goethe", "Gösch", "Gotha", "Muck", "Mueller", "Mufti", "Mull", "Müller", "Mullers", "Öl", "Ozon", "Strasse", "Straße", "Straßen", "zz"},
		PhoneBook:  {"Gösch", "Goethe", "Gotha", "Muck", "Mueller", "Müller", "Mufti", "Mull", "Mullers", "Öl", "Ozon", "Strasse", "Straße", "Straßen", "zz"},
	} {
		for i := 1; i < len(sorted); i++ {
			a, b := sorted[i-1], sorted[i]
			if bytes.Compare(c.Key(a), c.Key(b)) >= 0 {
				t.Errorf("%v: %q isn't before %q", c, a, b)
			}
			if c.Compare([]byte(a), []byte(b)) > 0 {
				t.Errorf("%v: Compare(%q, %q) > 0", c, a, b)
			}
		}
	}
	for _, tt := range []struct {
		a, b             string
		book, dictionary int // signs of Compare
	}{
		{"Müller", "Mull", -1, 1},
		{"Müller", "Mueller", 0, 1},
		{"Müller", "Muller", -1, 0},
		{"Gösch", "Goethe", -1, 1},
		{"Göthe", "Goethe", 0, 1},
		{"Groß", "Gross", 0, 0},
		{"Çelik", "Cello", -1, -1},
	} {
		for c, want := range map[Collation]int{PhoneBook: tt.book, Dictionary: tt.dictionary} {
			got := c.Compare([]byte(tt.a), []byte(tt.b))
			if got < 0 && want >= 0 || got > 0 && want <= 0 || got == 0 && want != 0 {
				t.Errorf("%v: Compare(%q, %q) = %d, want %d", c, tt.a, tt.b, got, want)
			}
			if key := bytes.Compare(c.Key(tt.a), c.Key(tt.b)); want != 0 && key != want {
				t.Errorf("%v: keys of %q and %q compare as %d, want %d", c, tt.a, tt.b, key, want)
			}
		}
	}
}

func TestParseCollation(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Collation{"": Dictionary, "din5007-1": Dictionary, "DIN5007-2": PhoneBook} {
		if got, err := ParseCollation(text); err != nil || got != want {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
	if c, err := ParseCollation("din5008"); err == nil {
		t.Errorf("din5008 is %v", c)
	}
}
