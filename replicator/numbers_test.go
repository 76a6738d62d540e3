package replicator

import (
	"fmt"
	"strings"
	"testing"

	"ringdex/replicator/store"
	"ringdex/soap/emulator"
)

func quoted(s string) string { return fmt.Sprintf("%q", s) }

func TestNumbersAreNormalised(t *testing.T) {
	t.Parallel()
	b := newBench(t, emulator.Options{})
	for _, test := range []struct {
		name, field, country string
		want                 []string
		problem              string
	}{
		{"own country", "030 23125-123", "", []string{`telephoneNumber: "+493023125123" "030 23125-123" ["493023125123"`}, ""},
		{"country of the record", "020 7946 0123", "United Kingdom", []string{`telephoneNumber: "+442079460123" "020 7946 0123" ["442079460123"`}, ""},
		{"international", "+442079460124", "Germany", []string{`telephoneNumber: "+442079460124" "" ["442079460124"`}, ""},
		{"two in one field", "+49 30 23125 101; +1 202 555 0123", "", []string{`"+493023125101"`, `"+12025550123"`}, ""},
		{"words only", "on request", "", []string{`telephoneNumber: "on request" "" []`}, "no number in it"},
		{"unreadable", "12", "GB", []string{`telephoneNumber: "12" "" []`}, "can't be read as a number of GB"},
	} {
		t.Run(test.name, func(t *testing.T) {
			id := b.upsert("Contact", emulator.Values{"LastName": "Muster", "Phone": test.field, "MailingCountry": test.country})
			result := b.mustRun(RunOptions{Objects: []string{"Contact"}})
			text := dump(t, b.store)[id]
			for _, want := range test.want {
				if !strings.Contains(text, want) {
					t.Errorf("want %s in\n%s", want, text)
				}
			}
			r, err := b.store.Reader()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Release()
			reason := ""
			if err := r.NumberProblems(func(p store.NumberProblem) bool {
				if p.ID == id {
					reason = p.Reason
				}
				return true
			}); err != nil {
				t.Fatal(err)
			}
			if reason != test.problem {
				t.Errorf("problem %q, want %q", reason, test.problem)
			}
			if test.problem != "" && result.Objects[0].Quarantined == 0 {
				t.Error("the problem was not counted")
			}
		})
	}
}
