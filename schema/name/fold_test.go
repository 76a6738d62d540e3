package name

import (
	"bytes"
	"slices"
	"testing"
	"unicode/utf8"
)

func TestFold(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"empty", "", ""},
		{"upper case", "ANNA", "anna"},
		{"umlaut", "Müller", "muller"},
		{"umlaut in two characters, after ASCII", "Mu\u0308ller", "muller"},
		{"umlaut in two characters, after others", "Ölmu\u0308hle", "olmuhle"},
		{"umlaut in two characters, as a word of its own", "A u\u0308", "a u"},
		{"umlaut in ISO 8859-1", "M\xfcller", "muller"},
		{"sharp s", "Groß GROẞ", "gross gross"},
		{"French", "Élodie Citroën Œuvre", "elodie citroen oeuvre"},
		{"Nordic", "Søren Ångström Kjær Þór Guðrún", "soren angstrom kjaer thor gudrun"},
		{"Slavic", "Łukasz Đorđević Čapek Żółć", "lukasz dordevic capek zolc"},
		{"Turkish", "Işık İnönü Çelik Şahin Ağa", "isik inonu celik sahin aga"},
		{"Vietnamese", "Nguyễn Thị Hằng", "nguyen thi hang"},
		{"Greek with final sigma", "Γιώργος", "γιωργοσ"},
		{"Cyrillic", "Фёдор Достоевский", "федор достоевскии"},
		{"punctuation", "  Müller & Söhne, GmbH. ", "muller sohne gmbh"},
		{"plus", "Meier+Partner", "meier partner"},
		{"hyphen", "Anna-Lena", "anna lena"},
		{"apostrophe", "O'Brien O’Neill", "o brien o neill"},
		{"control characters", "Anna\x00\tMeier\r\n", "anna meier"},
		{"soft hyphen and zero width space", "An\u00adna\u200b", "anna"},
		{"no-break space", "Anna\u00a0Meier", "anna meier"},
		{"full width", "ＡＮＮＡ", "anna"},
		{"ligature", "ﬁsher", "fisher"},
		{"CJK", "山田 太郎", "山田 太郎"},
		{"kana keep their voicing", "ガ", "カ\u3099"},
		{"Hangul", "한", "\u1112\u1161\u11ab"},
		{"Arabic without vowels", "مُحَمَّد", "محمد"},
		{"punctuation only", "???", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := Fold(tt.in); got != tt.want {
				t.Errorf("Fold(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestAppendFoldKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"Anna": "x anna", "u\u0308": "x u", " Ü": "x u"} {
		if got := string(AppendFold([]byte("x "), []byte(in))); got != want {
			t.Errorf("AppendFold(%q, %q) = %q, want %q", "x ", in, got, want)
		}
	}
}

func TestVariants(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		want     []string
	}{
		{"plain", "Meier", []string{"meier"}},
		{"empty", "", []string{""}},
		{"umlaut", "Müller", []string{"muller", "mueller"}},
		{"digraph stays", "Mueller", []string{"mueller"}},
		{"diaeresis that isn't an umlaut", "Zoë", []string{"zoe"}},
		{"sharp s", "Groß", []string{"gross", "gros"}},
		{"Danish", "Søren Kjær", []string{"soren kjaer", "soeren kjaer"}},
		{"umlaut and sharp s", "Süß", []string{"suss", "suess", "sus", "sues"}},
		{"apostrophe", "O'Brien", []string{"o brien", "obrien"}},
		{"apostrophes as quotes", "'Hirsch'", []string{"hirsch"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := Variants(tt.in); !slices.Equal(got, tt.want) {
				t.Errorf("Variants(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		want     []string
	}{
		{"none", "", nil},
		{"folded", "muller sohne gmbh", []string{"muller", "sohne", "gmbh"}},
		{"not folded", "Anna-Lena O'Hara, c/o A&B e.K.", []string{"Anna", "Lena", "O", "Hara", "c", "o", "A", "B", "e", "K"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := Words(tt.in); !slices.Equal(got, tt.want) {
				t.Errorf("Words(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
	want := []string{"o", "brien", "suss", "suess", "sus", "sues", "obrien"}
	if got := VariantWords("O'Brien Süß"); !slices.Equal(got, want) {
		t.Errorf("VariantWords = %q, want %q", got, want)
	}
}

func TestT9(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"Müller", "685537"},
		{"Mu\u0308ller", "685537"},
		{"abc def ghi jkl mno pqrs tuv wxyz", "222033304440555066607777088809999"},
		{"abcàáâãäåæç", "22222222222"},
		{"defèéêëð", "33333333"},
		{"ghiìíîï", "4444444"},
		{"mnoñòóôõöø", "6666666666"},
		{"pqrsß", "77777"},
		{"tuvùúûüþ", "88888888"},
		{"wxyzýÿ", "999999"},
		{"Groß & Söhne", "4767076463"},
		{" Anna ", "2662"},
		{"Haus 3", "428703"},
		{"Žižek", "94935"},
		{"山田", ""},
		{"", ""},
	}
	for _, tt := range tests {
		if got := T9(tt.in); got != tt.want {
			t.Errorf("T9(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestCollation(t *testing.T) {
	t.Parallel()
	sorted := []string{
		"", "3C Handel", "Adam", "Ägidius", "Aigner", "Anna", "Anna B", "Annab", "Çelik", "Cello", "Mueller", "MULLER", "Muller", "Müller", "Mullers",
		"Ölz", "Omega", "Straße", "Strassen", "Zürn", "zz", "Γιάννης", "Ωμέγα", "Анна", "Ёлкин", "Яков", "山田",
	}
	for i := 1; i < len(sorted); i++ {
		a, b := sorted[i-1], sorted[i]
		if bytes.Compare(Dictionary.Key(a), Dictionary.Key(b)) >= 0 {
			t.Errorf("CollationKey(%q) isn't before CollationKey(%q)", a, b)
		}
		if Dictionary.Compare([]byte(a), []byte(b)) > 0 {
			t.Errorf("Compare(%q, %q) > 0", a, b)
		}
	}
	if got := Dictionary.Compare([]byte("MÜLLER"), []byte("Muller")); got != 0 {
		t.Errorf("Compare of names that fold alike = %d, want 0", got)
	}
}

func TestUpperBounds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		value, bound string
		want         bool
	}{
		{"Zürn", "zz", true},
		{"Ölz", "zz", true},
		{"Çelik", "zz", true},
		{"Иван", "zz", true},
		{"Иван", "z", false},
		{"Zürn", "z", false},
		{"Ryan", "RYAN", true},
		{"Ryan B", "Ryan", false},
	}
	for _, tt := range tests {
		if got := IsEnd([]byte(tt.bound)) || Dictionary.Compare([]byte(tt.value), []byte(tt.bound)) <= 0; got != tt.want {
			t.Errorf("%q <= %q: %t, want %t", tt.value, tt.bound, got, tt.want)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "Müller & Söhne", "u\u0308", "a \u0308", "O’Neill", "M\xfcller", "한글", "ガ", "½ ㎒ ǆ", "\u1f80\u0345", "각\u11a8"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		folded := Fold(s)
		if again := Fold(folded); again != folded {
			t.Errorf("Fold(%q) = %q, folded again %q", s, folded, again)
		}
		if !utf8.ValidString(folded) {
			t.Errorf("Fold(%q) = %q isn't UTF-8", s, folded)
		}
		variants := Variants(s)
		if variants[0] != folded || len(variants) > maxVariants {
			t.Errorf("Variants(%q) = %q, Fold gives %q", s, variants, folded)
		}
		T9(s)
		if Dictionary.Compare([]byte(s), []byte(folded)) != 0 {
			t.Errorf("Compare(%q, %q) != 0", s, folded)
		}
	})
}
