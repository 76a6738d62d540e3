package store

// QueryKind says what a query's text is.
type QueryKind uint8

// The kinds of queries. Number queries ask for digits in any value's keys; word queries for folded text in one word of an
// attribute with words.
const (
	NumberIs QueryKind = iota
	NumberStarts
	NumberEnds
	NumberContains
	WordIs
	WordStarts
	WordContains
	ObjectIs // an sObject name, in any letter case
)

// Query asks an index for candidates.
type Query struct {
	Kind QueryKind
	Text []byte
	From uint32 // only ordinals from here on: to go on after a cut answer
}

// Find appends the ordinals of the candidates to dst, ascending and distinct. With max > 0 it stops early with the smallest
// max ordinals; complete says that there are no more.
func (r *Reader) Find(dst []uint32, q Query, max int) (ords []uint32, complete bool, err error) {
	return dst, true, nil
}

// Estimate guesses how many candidates there are, rather too many than too few, for planning.
func (r *Reader) Estimate(q Query) int { return 0 }
