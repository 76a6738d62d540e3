package name

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// patternOf reads the value of a filter: "*" separates the parts of a substrings assertion.
func patternOf(s string) *Pattern {
	parts := bytes.Split([]byte(s), []byte("*"))
	if len(parts) == 1 {
		return NewEquality(parts[0])
	}
	last := len(parts) - 1
	return NewPattern(parts[0], parts[1:last], parts[last])
}

func TestMatch(t *testing.T) {
	t.Parallel()
	tests := []struct {
		value, pattern string
		want           bool
	}{
		// Equality.
		{"Müller", "Müller", true},
		{"Müller", "müller", true},
		{"Müller", "muller", true},
		{"Müller", "mueller", true},
		{"Müller", "MU\u0308LLER", true},
		{"Müller", "M\xfcller", true},
		{"Müller", "mul", false},
		{"Müllers", "müller", false},
		{"Mueller", "müller", true},
		{"Mueller", "muller", false},
		{"Muller", "müller", true},
		{"Muller", "mueller", false},
		{"Bauer", "baur", false},
		{"Baur", "bauer", false},
		{"Groß", "gross", true},
		{"Groß", "gros", true},
		{"Gross", "groß", true},
		{"Gros", "groß", true},
		{"Anna Meier", "meier anna", true},
		{"Anna Meier", "Meier, Anna", true},
		{"Anna Meier", "anna", false},
		{"Anna Anna Meier", "anna meier meier", false},
		{"O'Brien", "obrien", true},
		{"OBrien", "O’Brien", true},
		{"O'Brien", "o brien", true},
		{"Zoë", "zoe", true},
		{"???", "???", true},
		{"???", "!!", false},
		{"Anna", "???", false},
		{"???", "anna", false},

		// Presence by substrings.
		{"Anna", "**", true},
		{"Anna", "* *", true},
		{"???", "***", true},

		// Substrings as they are.
		{"Müller", "mül*", true},
		{"Müller", "muel*", true},
		{"Müller", "mul*", true},
		{"Mueller", "mül*", true},
		{"Müller", "mue*", true},
		{"Rüti AG", "*rüti*", true},
		{"Grüti", "*rueti*", true},
		{"Johanna Müller", "*anna mül*", true},
		{"Johanna Müller", "*anna", false},
		{"Müller Johanna", "*anna", true},
		{"Müller Johanna", "m*anna", true},
		{"Müller Johanna", "j*anna", false},
		{"Anna", "anna*anna", false},
		{"Anna Anna", "anna*anna", true},
		{"Anna Meier", "anna * meier", true},
		{"Hans Peter Meier", "h*p*m*r", true},
		{"Hans Peter Meier", "h*m*p*r", false},
		{"Müllerdörfer", "muellerdoer*", true},
		{"Muellerdörfer", "müllerdö*", true},

		// Thunderbird and Linphone.
		{"Anna Müller", "*anna**", true},
		{"Anna Müller", "*anna*mül*", true},
		{"Anna Müller", "*mül*anna*", true},
		{"Johanna Müller", "*mül*anna*", false},

		// Words typed so far, in any order.
		{"Peter Meier", "mei p*", true},
		{"Peter Meier", "mei x*", false},
		{"Peter Meier", "eier p*", false},
		{"Jörg Süß", "suess jo*", true},
		{"Mueller Südtirol", "sud müll*", true},
		{"Muller Suedtirol", "Südtirol Müller*", true},
		{"Kaesegroßhandel Süd", "süd käsegross*", true},
		{"Sean O'Brien", "obr*", true},
		{"Sean O'Brien", "o'br*", true},
		{"Sean OBrien", "o'br*", true},
		{"Sean O'Brien", "obr se*", true},
		{"Peter Meier", "mei*r", false},
		{"Peter Meier", "mei*r*", false},
		{"Peter Meier", "mei*pe*", true},
		{"Anna-Lena Krüger", "lena kr*", true},
		{"Müller & Söhne GmbH", "söhne*", true},
		{"Müller & Söhne GmbH", "müller & s*", true},
		{"Müller & Söhne GmbH", "sohne mueller*", true},

		// Parts of punctuation only.
		{"Müller & Söhne", "*&*", true},
		{"Müller Söhne", "*&*", false},
		{"(Anna)", "(*", true},
		{"Anna (Büro)", "(*", false},
		{"Anna (Büro)", "*)", true},
		{"Müller & Söhne", "*&*söhne*", true},

		// Other scripts.
		{"Достоевский Фёдор", "федор дост*", true},
		{"Γιώργος Παπαδόπουλος", "παπ*", true},
		{"山田太郎", "*太*", true},
		{"한국", "하*", true},
	}
	for _, tt := range tests {
		t.Run(tt.value+"/"+tt.pattern, func(t *testing.T) {
			t.Parallel()
			p := patternOf(tt.pattern)
			for range 2 { // the buffers are used again
				if got := p.Match([]byte(tt.value)); got != tt.want {
					t.Errorf("(name=%s) matches %q: %t, want %t", tt.pattern, tt.value, got, tt.want)
				}
			}
		})
	}
}

func TestPatternKeepsNoArgument(t *testing.T) {
	t.Parallel()
	first, inner, last := []byte("an"), []byte("&"), []byte("er")
	p := NewPattern(first, [][]byte{inner}, last)
	for _, b := range [][]byte{first, inner, last} {
		clear(b)
	}
	if !p.Match([]byte("Anna & Meier")) {
		t.Error("no match after the request's buffer was used again")
	}
}

func TestManyWordsStillMatchAsTheyStand(t *testing.T) {
	t.Parallel()
	value := strings.Repeat("ab ", 200)
	for _, pattern := range []string{value, value + "*", "*" + value} {
		if !patternOf(pattern).Match([]byte(value)) {
			t.Errorf("a text of 200 words doesn't match itself in the form %.5q…", pattern)
		}
	}
}

func TestClauses(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, pattern, want string }{
		{"equality", "Müller Groß", "(is muller|is mueller)(is gross|is gros)"},
		{"prefix", "mül*", "(starts mul|starts muel)"},
		{"prefix of two words", "mei p*", "(starts mei)(starts p)"},
		{"inside", "*anna*", "(contains anna)"},
		{"inside, two words", "*anna mül*", "(contains anna)(starts mul|starts muel)"},
		{"inside, at the edge of a word", "* anna*", "(starts anna)"},
		{"end", "*meier", "(contains meier)"},
		{"end of two words", "*na meier", "(contains na)(is meier)"},
		{"closed", "anna*meier", "(starts anna)(contains meier)"},
		{"closed, whole word", "*anna m*r", "(contains anna)(starts m)(contains r)"},
		{"closed, with a beginning: in any order", "anna m*r", "(starts anna)(starts m)(contains r)"},
		{"a reading covers another", "groß*", "(starts gros)"},
		{"apostrophe", "o'br*", "(starts br|starts obr)"},
		{"doubled", "*anna*anna*", "(contains anna)"},
		{"presence", "**", ""},
		{"punctuation only", "*&*", ""},
		{"nothing", "", ""},
	}
	names := map[TermKind]string{WordStarts: "starts", WordIs: "is", WordContains: "contains"}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got strings.Builder
			for _, c := range patternOf(tt.pattern).Clauses() {
				var terms []string
				for _, term := range c {
					terms = append(terms, fmt.Sprintf("%s %s", names[term.Kind], term.Text))
				}
				fmt.Fprintf(&got, "(%s)", strings.Join(terms, "|"))
			}
			if got.String() != tt.want {
				t.Errorf("clauses of %q = %s, want %s", tt.pattern, got.String(), tt.want)
			}
		})
	}
}

// proposes says whether an index of the words of value finds it by the clauses.
func proposes(clauses [][]Term, value string) bool {
	words := VariantWords(value)
	for _, c := range clauses {
		if !slices.ContainsFunc(c, func(term Term) bool {
			return slices.ContainsFunc(words, func(w string) bool {
				switch text := string(term.Text); term.Kind {
				case WordStarts:
					return strings.HasPrefix(w, text)
				case WordIs:
					return w == text
				default:
					return strings.Contains(w, text)
				}
			})
		}) {
			return false
		}
	}
	return true
}

// matchesByWords is the rule for words in any order, without regard to cost.
func matchesByWords(parts []string, value string) bool {
	last := len(parts) - 1
	if last == 0 || strings.TrimSpace(parts[last]) != "" {
		return false
	}
	if slices.ContainsFunc(parts, func(s string) bool { return strings.TrimSpace(s) != "" && Fold(s) == "" }) {
		return false // compared as it is
	}
	for _, p := range variants(strings.Join(parts, ","), all&^syllables) {
		words := Words(p)
		unmatched := slices.ContainsFunc(words, func(w string) bool {
			return !slices.ContainsFunc(VariantWords(value), func(v string) bool { return strings.HasPrefix(v, w) })
		})
		if len(words) > 0 && !unmatched {
			return true
		}
	}
	return false
}

// alphabet is small, so that random values and patterns meet, and full of the characters that fold in two ways.
var alphabet = []string{"a", "b", "u", "e", "s", "ü", "Ü", "u\u0308", "ä", "ß", "ue", "ss", "ø", "o", "'", "’", " ", "-", "&", "ë", "한", "я", "ь", "υ", "王"}

func randomText(r *rand.Rand, most int) string {
	var b strings.Builder
	for range r.IntN(most + 1) {
		b.WriteString(alphabet[r.IntN(len(alphabet))])
	}
	return b.String()
}

func TestIndexProposesWhatMatches(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	matches := 0
	for range 25000 {
		value := randomText(r, 8)
		parts := make([]string, 1+r.IntN(4))
		for i := range parts {
			parts[i] = randomText(r, 3)
		}
		pattern := strings.Join(parts, "*")
		p := patternOf(pattern)
		got := p.Match([]byte(value))
		if !got && matchesByWords(parts, value) {
			t.Fatalf("(name=%s) doesn't match %q by its words", pattern, value)
		}
		if !got {
			continue
		}
		matches++
		if !proposes(p.Clauses(), value) {
			t.Fatalf("(name=%s) matches %q, but an index with the words %q isn't asked for it: %q", pattern, value, VariantWords(value), p.Clauses())
		}
	}
	if matches < 1000 {
		t.Errorf("%d matches among 25000 pairs; the test says little", matches)
	}
}

func TestEveryVariantFindsItsValue(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 8000 {
		value := randomText(r, 8)
		for _, v := range Variants(value) {
			if v == "" {
				continue
			}
			runes := []rune(v)
			cut := 1 + r.IntN(len(runes))
			from := r.IntN(cut)
			for _, pattern := range []string{v, v + "*", "*" + v, "*" + v + "*", string(runes[:cut]) + "*", "*" + string(runes[from:cut]) + "*", "*" + string(runes[from:])} {
				if strings.Trim(pattern, "* ") != "" && !patternOf(pattern).Match([]byte(value)) {
					t.Fatalf("(name=%s) doesn't match %q, whose variant is %q", pattern, value, v)
				}
			}
			if Fold(value) == v && !patternOf(value).Match([]byte(v)) {
				t.Fatalf("(name=%s) doesn't match its folded form %q", value, v)
			}
		}
	}
}

func TestMatchIsLinear(t *testing.T) {
	t.Parallel()
	value := bytes.Repeat([]byte("a"), 4000)
	p := patternOf("*" + strings.Repeat("a*", 64) + "b*")
	if p.Match(value) {
		t.Error("matched without a b")
	}
	if got := patternOf("*" + strings.Repeat("a*", 64)).Match(value); !got {
		t.Error("64 parts of a don't match 4000 of them")
	}
}

func TestMatchDoesNotAllocate(t *testing.T) {
	value := []byte("Anna-Lena Meier (Einkauf) at Example Trading, Building 7")
	for _, pattern := range []string{"xyz", "mei*", "*zzz*", "müll anna*", "*a*b*c*d*", "o'brien*"} {
		p := patternOf(pattern)
		p.Match(value)
		if n := testing.AllocsPerRun(100, func() { p.Match(value) }); n != 0 {
			t.Errorf("(name=%s): %v allocations a match, want 0", pattern, n)
		}
	}
	other := []byte("Anna Meyer")
	if n := testing.AllocsPerRun(100, func() { Dictionary.Compare(value, other); IsEnd(other) }); n != 0 {
		t.Errorf("Compare: %v allocations, want 0", n)
	}
	room := make([]byte, 0, 100)
	if n := testing.AllocsPerRun(100, func() { AppendFold(room, value) }); n != 0 {
		t.Errorf("AppendFold: %v allocations, want 0", n)
	}
}

func FuzzPattern(f *testing.F) {
	f.Add("mül*", "Müller")
	f.Add("*anna*mül*", "Anna Müller")
	f.Add("o'br*", "OBrien")
	f.Add("*&*", "Müller & Söhne")
	f.Fuzz(func(t *testing.T, pattern, value string) {
		p := patternOf(pattern)
		got := p.Match([]byte(value))
		if got && !proposes(p.Clauses(), value) {
			t.Errorf("(name=%s) matches %q, but no index would propose it: %q", pattern, value, p.Clauses())
		}
		if p.Match([]byte(value)) != got {
			t.Errorf("(name=%s) on %q: not the same answer twice", pattern, value)
		}
		if folded := Fold(value); folded != "" && !NewEquality([]byte(value)).Match([]byte(value)) {
			t.Errorf("%q doesn't match itself", value)
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	values := map[string][]byte{"ascii": []byte("Annegret Brinkmann"), "umlaut": []byte("Jörg Süßmüller")}
	for name, value := range values {
		for _, pattern := range []string{"müller", "mei*", "*mei*", "anna mei*", "*a*b*c*d*"} {
			b.Run("value="+name+"/filter="+pattern, func(b *testing.B) {
				p := patternOf(pattern)
				b.ReportAllocs()
				for b.Loop() {
					p.Match(value)
				}
			})
		}
	}
}
