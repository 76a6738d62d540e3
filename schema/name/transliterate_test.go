package name

import (
	"slices"
	"strings"
	"testing"
)

func TestTransliteration(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value string
		found []string // by these
		not   []string
	}{
		{"Юлия Соловьёва", []string{"юлия*", "ЮЛИЯ*", "соловьева*", "iuliia*", "Solovev*", "solo iul*"}, []string{"julia*", "solovya*"}},
		{"Дмитрий Щербаков", []string{"dmitrii*", "Shcherbakov*", "щерб*", "*erbak*"}, nil},
		{"Γιώργος Παπαδόπουλος", []string{"γιωργος*", "ΠΑΠΑ*", "papadopoulos*", "giorgos*", "Papad*"}, []string{"georgos*"}},
		{"Χρήστος Ευαγγέλου", []string{"christos*", "evangelou*", "χρηστ*"}, nil},
		{"Ευτυχία Αυγέρη", []string{"eftychia*", "avgeri*"}, nil},
		{"Παύλος", []string{"pavlos"}, nil},
		{"王小明", []string{"王小明", "王*", "wang*", "wang xiaoming", "xiaoming wang", "wangxiaoming", "xiao*", "ming wang*"}, []string{"汪小明"}},
		{"北京大学", []string{"beijing*", "bei jing*", "北京*"}, nil},
		{"김철수", []string{"김철수", "김*", "gim*"}, nil},
		{"タナカ", []string{"タナカ", "tanaka"}, nil},
		{"がくせい", []string{"gakusei"}, nil},
		{"Müller 北京", []string{"mueller bei*", "muller beijing"}, nil},
		// The other way round: who types Cyrillic or Greek finds the name in Latin letters.
		{"Papadopoulos", []string{"Παπαδόπουλος", "παπ*"}, nil},
		{"Dmitrii", []string{"Дмитрий"}, nil},
		{"Wang", nil, []string{"王"}}, // not for ideographs: hundreds sound alike
	} {
		for i, list := range [][]string{c.found, c.not} {
			for _, pattern := range list {
				p := patternOf(pattern)
				if got := p.Match([]byte(c.value)); got != (i == 0) {
					t.Errorf("(cn=%s) on %q: got %t", pattern, c.value, got)
				}
				if i == 0 && !proposes(p.Clauses(), c.value) {
					t.Errorf("(cn=%s): no index proposes %q", pattern, c.value)
				}
			}
		}
	}
}

// What an index keeps of a name in another script stays small.
func TestTransliterationIsSmall(t *testing.T) {
	t.Parallel()
	for value, most := range map[string]int{
		"Юлия Соловьёва": 4, "Γιώργος Παπαδόπουλος": 4, "王小明": 6, "김철수": 6, "Anna Müller": 3,
		"Jürgen Weiß O'Neill Юлия Παππάς 王小明": 40,
	} {
		if words := VariantWords(value); len(words) > most {
			t.Errorf("%q has %d words: %q", value, len(words), words)
		}
		if v := Variants(value); len(v) > maxVariants {
			t.Errorf("%q has %d variants", value, len(v))
		}
	}
	long := strings.Repeat("王小明", 300)
	if n := len(strings.Join(VariantWords(long), "")); n > 8*len(long) {
		t.Errorf("%d bytes of words for %d bytes", n, len(long))
	}
}

// An index that an earlier version made has the words of that version.
func TestVariantWordsOfVersion1(t *testing.T) {
	t.Parallel()
	if got, want := VariantWordsOf(1, "Юлия Müller"), []string{"юлия", "muller", "mueller"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := VariantWords("Юлия"); !slices.Equal(got, []string{"юлия", "iuliia"}) {
		t.Errorf("now: %q", got)
	}
}
