package directory

import (
	"bytes"
	"slices"

	"ringdex/replicator/store"
	"ringdex/schema/name"
)

// choose applies the profile's rule for several hits of a number, which are ranked already.
func (q *search) choose(hits []hit) []hit {
	if len(hits) < 2 {
		return hits
	}
	q.withheld = len(hits)
	switch q.s.view.profile.Hits {
	case HitsPeople:
		if slices.ContainsFunc(hits, func(h hit) bool { return !h.company }) {
			return slices.DeleteFunc(hits, func(h hit) bool { return h.company })
		}
	case HitsCompany:
		if company := q.companyOf(hits); company >= 0 {
			hits[0] = hits[company]
			return hits[:1]
		}
	case HitsNone:
		people := 0
		for _, h := range hits {
			if !h.company {
				people++
			}
		}
		// One person and her company is one answer: the person, who stands first.
		if people == 1 && len(hits) == 2 && q.companyOf(hits) >= 0 {
			return hits[:1]
		}
		return hits[:0]
	}
	return hits
}

// countOf is how many people of a company have its number, where the profile shows that and the company comes before them.
func (q *search) countOf(h *hit) int {
	if !h.company {
		return 0
	}
	return q.people
}

// companyOf is the one company among the hits whose people the others are; -1 if they are not of one company.
func (q *search) companyOf(hits []hit) int {
	company, at := "", -1
	for i := range hits {
		v, ok := q.r.View(hits[i].ordinal)
		if !ok {
			return -1
		}
		its := v.First("o")
		if len(its) == 0 && hits[i].company {
			its = v.First("cn")
		}
		folded := name.Fold(string(its))
		if folded == "" || company != "" && company != folded || hits[i].company && at >= 0 {
			return -1
		}
		if company = folded; hits[i].company {
			at = i
		}
	}
	return at
}

// noHeads says whether unknown extensions show nobody.
func (v *view) noHeads() bool { return v.profile.NoHeadNumber || v.profile.HideCompanies }

// sortedEntry is a match with its place in the profile's order.
type sortedEntry struct {
	ordinal uint32
	key     []byte
}

// sorted sends the matches in the order of the profile, as a search with controls does: by one of the store's orders, where one fits.
func (q *search) sorted(p *plan, object string) error {
	if !q.s.view.profile.ASCII {
		defer q.freeSlot()
		w := q.walk(extent{entries: true, object: object}, q.profileOrdering())
		if err := w.answer(&cookie{sent: q.sent}, 0); err != errSortMax {
			return err // else nothing was sent yet
		}
	}
	hits, err := q.inOrder(p, object)
	if err != nil {
		return err
	}
	return q.send(hits)
}

// inOrder are the matches in the order of the profile. Every one is looked at.
func (q *search) inOrder(p *plan, object string) ([]hit, error) {
	var list []sortedEntry
	key := q.s.view.sortKey
	if o := q.profileOrdering(); !q.s.view.profile.ASCII {
		key = func(s *Session, e *store.View) []byte { return o.appendKey(s, nil, e) }
	}
	look := func(ord uint32) error {
		v, ok := q.r.View(ord)
		if !ok || object != "" && v.Object() != object || q.s.evaluate(q.condition, &v) != isTrue || !q.s.shows(&v) {
			return q.rest(ord)
		}
		list = append(list, sortedEntry{ord, key(q.s, &v)})
		return q.rest(ord)
	}
	if p.scan {
		for ord, ok := q.r.Next(0); ok; ord, ok = q.r.Next(ord + 1) {
			if err := look(ord); err != nil {
				return nil, err
			}
		}
	} else {
		proposed, _, _, err := p.propose(q.s, q.r, q.s.ordinals[:0], 0, 0)
		q.s.ordinals = proposed
		if err != nil {
			return nil, err
		}
		for _, ord := range proposed {
			if err := look(ord); err != nil {
				return nil, err
			}
		}
	}
	slices.SortStableFunc(list, func(a, b sortedEntry) int { return bytes.Compare(a.key, b.key) })
	hits := q.s.hits[:0]
	for _, e := range list {
		hits = append(hits, hit{ordinal: e.ordinal, attr: -1})
	}
	q.s.hits = hits
	return hits, nil
}

// sortKey is what entries are ordered by whose values are shown in ASCII: by what is shown of the sort attributes, each by itself,
// what has none behind (RFC 2891, 1.1).
func (v *view) sortKey(s *Session, e *store.View) []byte {
	shown := s.shownEntry(e)
	var key []byte
	for _, t := range v.sort {
		var value []byte
		for i := range shown {
			if shown[i].attribute == t && len(shown[i].values) > 0 {
				value = shown[i].values[0]
				break
			}
		}
		if value == nil {
			key = append(key, 0xff, 0)
			continue
		}
		key = append(s.compiler.collation().AppendFold(key, value), 0)
	}
	return key
}
