package schema

import "strings"

// Nearest returns the member of among that is most like name, for "did you mean", or "" if none is like it: at most a
// third of its letters may be missing, wrong, too many or exchanged with their neighbours, two in a short one. Letter case
// and the suffix of custom fields don't count. The first of equals wins.
func Nearest(name string, among []string) string {
	best, least := "", 0
	want := likeness(name)
	most := max(2, len(want)/3)
	for _, candidate := range among {
		have := likeness(candidate)
		if len(have)-len(want) > most || len(want)-len(have) > most {
			continue
		}
		d := distance(want, have)
		if d > most || d >= max(len(want), len(have)) {
			continue
		}
		if best == "" || d < least {
			best, least = candidate, d
		}
	}
	return best
}

// likeness drops what people get wrong most.
func likeness(name string) []rune {
	return []rune(strings.TrimSuffix(strings.ToLower(name), "__c"))
}

// distance is the optimal string alignment distance: insertions, deletions, substitutions, exchanges of neighbours.
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
