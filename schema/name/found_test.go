package name

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestBeginningsAreTheMatches holds what a pattern says of the words of a value against the pattern.
func TestBeginningsAreTheMatches(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 9))
	pieces := []string{
		"Müller", "Mueller", "Muller", "Groß", "AG", "Ag", "Agnes", "GmbH", "& Co. KG", "Co", "Cornelia", "SE", "Sebastian", "O'Neill", "d’Arc", "Ærø", "Þór",
		"Юлия", "Γιώργος", "王小明", "김", "ß", "I\u0307z", "e-plus", "3M", "\xff\xfe", "½", "Łukasz", "gmbhx", "inc", "plc", "von",
	}
	asked, matched := 0, 0
	for range 20000 {
		var words []string
		for range 1 + r.IntN(4) {
			words = append(words, pieces[r.IntN(len(pieces))])
		}
		value := strings.Join(words, " ")
		begin := []rune(pieces[r.IntN(len(pieces))])
		text := []byte(string(begin[:1+r.IntN(len(begin))]))
		p := NewPattern(text, nil, nil)
		if whole := compile(substrings(text, nil, nil)); !slices.EqualFunc(p.Beginnings(), whole.Beginnings(), bytes.Equal) {
			t.Fatalf("%q: got %q, want %q", text, p.Beginnings(), whole.Beginnings())
		}
		if len(p.Beginnings()) == 0 {
			continue
		}
		asked++
		found := false
		for _, w := range FoundWords(Version, value) {
			for _, b := range p.Beginnings() {
				found = found || w.Begins && strings.HasPrefix(w.Text, string(b)) || w.Whole && w.Text == string(b)
			}
		}
		got := p.Match([]byte(value))
		if got {
			matched++
		}
		if got != found {
			t.Fatalf("%q of %q: the pattern says %v, the words %v", p.Beginnings(), value, got, found)
		}
	}
	if asked < 10000 || matched < 1000 {
		t.Errorf("%d asked, %d matched: the cases are not worth much", asked, matched)
	}
}

// TestInsidesAreTheMatches is TestBeginningsAreTheMatches for pieces inside words.
func TestInsidesAreTheMatches(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 9))
	pieces := []string{
		"Müllersen", "Mueller", "Mullermann", "Großmann", "AG", "Agnes", "GmbH", "gGmbH", "GesmbH", "ggmbhx", "& Co. KG", "Cornelia", "BVBA", "abvbas", "Sebastian", "O'Neillson", "d’Artagnan",
		"Ærøskøbing", "Þórbergur", "Юлияна", "Γιώργος", "王小明", "김정은", "ßßßß", "I\u0307zmir", "e-plusnet", "\xff\xfe\xfa\xf6", "½½½½", "Łukasz", "von",
	}
	asked, matched := 0, 0
	for range 40000 {
		var words []string
		for range 1 + r.IntN(4) {
			words = append(words, pieces[r.IntN(len(pieces))])
		}
		value := strings.Join(words, " ")
		piece := []rune(pieces[r.IntN(len(pieces))])
		at := r.IntN(len(piece))
		text := []byte(string(piece[at : at+1+r.IntN(len(piece)-at)]))
		p := NewPattern(nil, [][]byte{text}, nil)
		if len(p.Beginnings()) > 0 {
			t.Fatalf("%q inside: got beginnings %q, want none", text, p.Beginnings())
		}
		if len(p.Insides()) == 0 {
			continue
		}
		asked++
		found := false
		for _, w := range FoundWords(Version, value) {
			for _, inside := range p.Insides() {
				i := strings.Index(w.Text, string(inside))
				found = found || i > 0 || i == 0 && (w.Begins || w.Text == string(inside))
			}
		}
		got := p.Match([]byte(value))
		if got {
			matched++
		}
		if got != found {
			t.Fatalf("%q inside %q: the pattern says %v, the words %v", p.Insides(), value, got, found)
		}
		if clauses := compile(substrings(nil, [][]byte{text}, nil)).Clauses(); !slices.EqualFunc(p.Clauses(), clauses, func(a, b []Term) bool { return slices.EqualFunc(a, b, Term.equal) }) {
			t.Fatalf("%q inside: clauses %v, want %v", text, p.Clauses(), clauses)
		}
	}
	if asked < 6000 || matched < 600 {
		t.Errorf("%d asked, %d matched: the cases are not worth much", asked, matched)
	}
}

func TestInsidesOfMore(t *testing.T) {
	t.Parallel()
	inside := func(parts ...string) *Pattern {
		var any [][]byte
		for _, p := range parts {
			any = append(any, []byte(p))
		}
		return NewPattern(nil, any, nil)
	}
	for what, p := range map[string]*Pattern{
		"equality": NewEquality([]byte("müll")), "an end": NewPattern(nil, nil, []byte("müll")), "a beginning": NewPattern([]byte("müll"), nil, nil),
		"a beginning, too": NewPattern([]byte("m"), [][]byte{[]byte("üller")}, nil), "an end, too": NewPattern(nil, [][]byte{[]byte("müll")}, []byte("r")),
		"two words": inside("müll anna"), "two pieces": inside("müll", "anna"), "the edge of a word": inside("müll "), "another edge": inside("-müll"),
		"apostrophe": inside("o'neill"), "no letter": inside("++++"), "short": inside("mul"), "part of a legal form": inside("ggmb"), "nothing": inside(""),
	} {
		if got := p.Insides(); len(got) > 0 {
			t.Errorf("%s: got %q, want none", what, got)
		}
	}
	p := inside("2345")
	if len(p.Insides()) != 1 {
		t.Error("digits are inside a word too")
	}
	if p.AcceptKeys([]byte("2345")); len(p.Insides()) > 0 {
		t.Error("keys are more than what is inside")
	}
}

func TestBeginningsOfMore(t *testing.T) {
	t.Parallel()
	for what, p := range map[string]*Pattern{
		"equality": NewEquality([]byte("mül")), "an end": NewPattern(nil, nil, []byte("mül")), "inside": NewPattern(nil, [][]byte{[]byte("mül")}, nil),
		"two words": NewPattern([]byte("mül a"), nil, nil), "two parts": NewPattern([]byte("mül"), [][]byte{[]byte("a")}, nil),
		"apostrophe": NewPattern([]byte("o'n"), nil, nil), "no letter": NewPattern([]byte("+"), nil, nil), "nothing": NewPattern(nil, nil, nil),
	} {
		if got := p.Beginnings(); len(got) > 0 {
			t.Errorf("%s: got %q, want none", what, got)
		}
	}
	p := NewPattern([]byte("23"), nil, nil)
	if len(p.Beginnings()) != 1 {
		t.Error("digits are the beginning of a word too")
	}
	if p.AcceptKeys([]byte("23")); len(p.Beginnings()) > 0 {
		t.Error("keys are more than a beginning")
	}
}

func TestEachFound(t *testing.T) {
	var buf []byte
	for _, s := range []string{
		"", "Anna  Meier", "O'Brien Süß, Anna & Anna", "山田 太郎", "Ирина Müller-Lüdenscheidt", "c/o A-B'C", "M\xfcller\x00x",
		"Muster GmbH & Co. KG", "Cornelia Co", "Sebastian SE Süd SE", "GmbH",
	} {
		for version := 1; version <= Version; version++ {
			var got []Found
			buf = EachFound(version, buf, []byte(s), func(w []byte, whole bool) {
				at := slices.IndexFunc(got, func(f Found) bool { return f.Text == string(w) })
				if at < 0 {
					at = len(got)
					got = append(got, Found{Text: string(w)})
				}
				got[at].Begins, got[at].Whole = got[at].Begins || !whole, got[at].Whole || whole
			})
			if want := FoundWords(version, s); !slices.Equal(got, want) {
				t.Errorf("version %d of %q: got %v, want %v", version, s, got, want)
			}
		}
	}
	text := []byte("Anna Meier, Example Road 12 GmbH")
	if n := testing.AllocsPerRun(100, func() { buf = EachFound(Version, buf, text, func([]byte, bool) {}) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
