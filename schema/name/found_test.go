package name

import (
	"math/rand/v2"
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
		p := NewPattern([]byte(string(begin[:1+r.IntN(len(begin))])), nil, nil)
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
