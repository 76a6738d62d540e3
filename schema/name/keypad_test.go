package name

import (
	"bytes"
	"strings"
	"testing"
)

// keypadOf reads the value of a filter as patternOf does, and accepts keys.
func keypadOf(s string) (*Pattern, bool) {
	p := patternOf(s)
	return p, p.AcceptKeys(bytes.Split([]byte(s), []byte("*"))...)
}

func TestKeypad(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value, keys string
		want        bool
	}{
		{"Anna Müller", "685537", true},
		{"Anna Müller", "685537*", true},
		{"Anna Müller", "6855*", true},
		{"Anna Müller", "6835537*", true}, // Mueller
		{"Anna Müller", "*6855*", true},
		{"Anna Müller", "26620685*", true},
		{"Anna Müller", "68502662*", true},
		{"Anna Müller", "685*2662*", true}, // Linphone makes a star of a space
		{"Anna Müller", "68602662*", false},
		{"Anna Müller", "537*", false}, // not inside a word
		{"Anna Müller", "0685*", true},
		{"3M Deutschland", "36*", true},
		{"3M Deutschland", "3603388*", true},
		{"Haus 2000", "42870200*", true},
		{"Haus 2000", "2000*", true},
		{"Юлия", "4854*", true},
		{"Groß & Söhne", "47677*", true},
		{"Studio 1", "1*", true},
		{"Anna", "1*", false},
		{"Ærøskøbing", "2376*", true},  // ae r o
		{"Ærøskøbing", "276*", true},   // æ r ø
		{"Ærøskøbing", "27637*", true}, // æ r oe s
		{"Ærøskøbing", "2377*", false},
		{"Ærøskøbing", "27675*", true},
		{"Lars Cœur", "26387*", true},
		{"Lars Cœur", "2687*", true},
		{"Þór Œdipe", "867*", true},
		{"Þór Œdipe", "8467*", true},
		{"Þór Œdipe", "6347*", true},
		{"Þór Œdipe", "63347*", true},
		{"Þór Œdipe", "634708467*", true},
		{"Aero", "276*", false}, // two letters are on two keys
		{"Thor", "867*", false},
		{"Ðuro Łŧħ", "3876*", true},
		{"Ŋĸı", "654*", true},
		{"Anna", "0*", false},
	} {
		p, ok := keypadOf(c.keys)
		if !ok {
			t.Errorf("%s is no keys", c.keys)
		}
		if got := p.Match([]byte(c.value)); got != c.want {
			t.Errorf("keys %s on %q: got %t, want %t", c.keys, c.value, got, c.want)
		}
		if c.want && !proposesKeys(p.Clauses(), c.value) {
			t.Errorf("keys %s: no index proposes %q: %v", c.keys, c.value, p.Clauses())
		}
		if plain := patternOf(c.keys); c.want && !strings.ContainsAny(c.value, "0123456789") && plain.Match([]byte(c.value)) {
			t.Errorf("%s matches %q without keys", c.keys, c.value)
		}
	}
	for _, s := range []string{"müller*", "6855a*", "*", "+49*", "", "68-55*"} {
		if _, ok := keypadOf(s); ok {
			t.Errorf("%q is taken for keys", s)
		}
	}
}

// proposesKeys is proposes for terms of keys too.
func proposesKeys(clauses [][]Term, value string) bool {
	for _, c := range clauses {
		found := false
		for _, term := range c {
			if term.Kind != WordKeys {
				found = found || proposes([][]Term{{term}}, value)
				continue
			}
			for _, w := range VariantWords(value) {
				found = found || spells(w, term.Text)
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// spells says whether a word begins with what keys stand for.
func spells(w string, keys []byte) bool {
	if len(keys) == 0 {
		return true
	}
	for _, s := range Spellings(keys[0]) {
		if rest, ok := strings.CutPrefix(w, s); ok && spells(rest, keys[1:]) {
			return true
		}
	}
	return false
}

// Letters is T9 backwards.
func TestLetters(t *testing.T) {
	t.Parallel()
	n := 0
	for key := byte(0); key < 255; key++ {
		for _, c := range []byte(Letters(key)) {
			n++
			if got := T9(string(c)); got != string(key) {
				t.Errorf("%c is on %s, not on %c", c, got, key)
			}
		}
	}
	if n != 36 {
		t.Errorf("%d letters and digits", n)
	}
}

func TestSpread(t *testing.T) {
	entry := []string{"Müller", "Anna", "Müller & Söhne GmbH"}
	for pattern, want := range map[string]bool{
		"*anna*mül*":      true,
		"mül ann*":        true,
		"anna söhne*":     true,
		"anna gmbh söhn*": true,
		"anna meier*":     false,
		"anna x*":         false,
	} {
		p := patternOf(pattern)
		if !p.Spreads() {
			t.Errorf("%s doesn't spread", pattern)
		}
		p.Begin()
		for _, v := range entry {
			p.Collect([]byte(v))
		}
		if got := p.Complete(); got != want {
			t.Errorf("%s: got %t, want %t", pattern, got, want)
		}
		p.Begin()
		if p.Complete() {
			t.Errorf("%s: complete without a value", pattern)
		}
	}
	for _, pattern := range []string{"anna", "anna*", "*anna*", "anna müller", "*anna müller"} {
		if patternOf(pattern).Spreads() {
			t.Errorf("%s spreads", pattern)
		}
	}
	p := patternOf("anna mül*")
	p.Begin()
	if p.Collect([]byte("Peter")) || !p.Collect([]byte("Müller")) || p.Complete() {
		t.Error("one word of two is said to be none or all")
	}
	p.Collect([]byte("Anna-Maria Meier zu Example"))
	value := []byte("Anna Meier")
	if n := testing.AllocsPerRun(100, func() {
		p.Begin()
		p.Collect(value)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
