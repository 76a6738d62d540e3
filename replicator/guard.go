package replicator

import "fmt"

// Guard says which changes of an object are held: more deletions, or more entries that lose an attribute, than the larger
// of both bounds; and always zero records where there were some.
type Guard struct {
	Records int     // default 50
	Share   float64 // of the object's records, default 0.05
}

// The defaults of Guard.
const (
	GuardRecords = 50
	GuardShare   = 0.05
)

func (g Guard) withDefaults() Guard {
	if g.Records == 0 {
		g.Records = GuardRecords
	}
	if g.Share == 0 {
		g.Share = GuardShare
	}
	return g
}

// many says whether n of before records are more than may change unseen.
func (g Guard) many(before, n int) bool {
	return float64(n) > max(float64(g.Records), g.Share*float64(before))
}

// deletions says why so many deletions are held, "" if they aren't.
func (g Guard) deletions(before, deleted int) string {
	switch {
	case deleted <= 0:
		return ""
	case deleted >= before:
		return fmt.Sprintf("all %d records would be gone", before)
	case g.many(before, deleted):
		return fmt.Sprintf("%d of %d records would be deleted (%.1f %%)", deleted, before, 100*float64(deleted)/float64(before))
	}
	return ""
}
