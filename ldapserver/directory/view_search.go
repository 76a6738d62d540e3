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

// sorted sends what the plan proposes in the order of the profile. Every match is looked at before the first one is sent.
func (q *search) sorted(p *plan, object string) error {
	hits, err := q.inOrder(p, object)
	if err != nil {
		return err
	}
	return q.send(hits)
}

// inOrder are the matches in the order of the profile.
func (q *search) inOrder(p *plan, object string) ([]hit, error) {
	var list []sortedEntry
	look := func(ord uint32) error {
		v, ok := q.r.View(ord)
		if !ok || object != "" && v.Object() != object || q.s.evaluate(q.condition, &v) != isTrue || !q.s.shows(&v) {
			return q.rest(ord)
		}
		list = append(list, sortedEntry{ord, q.s.view.sortKey(q.s, &v)})
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

// sortKey is what entries are ordered by: the values that the view shows of its sort attributes, each by itself, what has
// none behind (RFC 2891, 1.1).
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
