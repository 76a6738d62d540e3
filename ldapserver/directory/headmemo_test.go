package directory

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"ringdex/schema/phone"
)

// TestHeadMemoSaysTheSame asks about numbers of the open plans, the second one of a beginning from memory.
func TestHeadMemoSaysTheSame(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(6, 6))
	n := 20_000
	if testing.Short() || raceDetector {
		n = 2000
	}
	memo, known := new(headMemo), 0
	rules := []string{phone.RuleInternational, phone.RuleArea, phone.RuleCountry}
	for range n {
		beginning := []string{"49", "43", "352", "44"}[rnd.IntN(4)] + fmt.Sprint(1+rnd.IntN(9)) + fmt.Sprintf("%05d", rnd.IntN(100_000))
		length := 2 + rnd.IntN(7)
		for range 2 {
			tail := make([]string, length)
			for i := range tail {
				tail[i] = fmt.Sprint(rnd.IntN(10))
			}
			k := &phone.Candidate{Key: []byte(beginning + strings.Join(tail, "")), Rule: rules[rnd.IntN(len(rules))]}
			want, wantOK := headLeast(here, k)
			if got, ok := memo.least(here, k); got != want || ok != wantOK {
				t.Fatalf("%s by %s: got %d %v, want %d %v", k.Key, k.Rule, got, ok, want, wantOK)
			}
			if wantOK {
				known++
			}
		}
	}
	if known == 0 {
		t.Error("no number had an area code")
	}
}
