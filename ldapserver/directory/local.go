package directory

import "slices"

// ReasonLocal says why nobody is shown for a number that several have.
const ReasonLocal = "people of several companies have this extension or local number: which of them calls is not known"

// refuseLocal takes hits out that are only sure at our own place (own extensions, numbers without an area code), where they
// are of more than one company: one of them would be shown for the other. Entries without a company are of one.
func (q *search) refuseLocal(hits []hit) []hit {
	asked := q.s.compiler.last[lastNumber].out
	if asked == nil || q.s.compiler.numbers != 1 {
		return hits
	}
	local := func(h *hit) bool { return int(h.reading) < len(asked.keys) && asked.keys[h.reading].Local }
	several, first := false, -1
	for i := range hits {
		switch {
		case !local(&hits[i]):
		case first < 0:
			first = i
		default:
			several = several || hits[i].account != hits[first].account
		}
	}
	if !several {
		return hits
	}
	q.refused = true
	return slices.DeleteFunc(hits, func(h hit) bool { return local(&h) })
}
