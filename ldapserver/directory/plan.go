package directory

import (
	"bytes"
	"slices"

	"ringdex/ldapserver/protocol"
	"ringdex/replicator/store"
	"ringdex/schema/name"
)

// plan is what the indexes are asked for a condition: the entries that may match are among the answers to the
// queries, taken together. Without usable indexes everything is looked at.
type plan struct {
	queries []store.Query
	cost    int  // entries that the indexes will about propose
	scan    bool // look at every entry, in list order
	number  bool // every query asks for a whole number: the hits are ranked
	names   bool // every query asks the lists of names
	exact   bool // and what they propose is what matches
}

// recordID is the kind of a query for the entry with an Id, which the store answers by its primary key.
const recordID store.QueryKind = 255

// plan works a plan out. It belongs to the session until the next one.
func (s *Session) plan(c *condition, r *store.Reader) plan {
	s.queries, s.scope, s.inexact = s.queries[:0], 0, false
	cost, ok := s.planTerm(c, r)
	if !ok {
		return plan{scan: true}
	}
	p := plan{queries: s.queries, cost: cost, number: len(s.queries) > 0, names: len(s.queries) > 0}
	for i := range p.queries {
		p.number = p.number && p.queries[i].Kind == store.NumberIs
		p.names = p.names && ofNames(p.queries[i].Kind)
	}
	p.exact = p.names && !s.inexact
	return p
}

// planTerm appends the queries whose answers together hold every match of the condition. ok is false where no index
// helps; then nothing was appended. Where they hold more than the matches, it sets inexact.
func (s *Session) planTerm(c *condition, r *store.Reader) (cost int, ok bool) {
	at := len(s.queries)
	switch c.kind {
	case protocol.Or:
		for i := range c.children {
			n, ok := s.planTerm(&c.children[i], r)
			if !ok {
				s.queries = s.queries[:at]
				return 0, false
			}
			cost += n
		}
		return cost, true
	case protocol.And:
		return s.planAnd(c, r)
	case protocol.Not:
		return 0, false
	}
	switch {
	case c.undefined || c.how == matchNothing || c.merged:
		return 0, true // never true, or proposed by the leaf that it is merged into
	case c.dnParts:
		return 0, false
	case c.how == matchClass:
		s.inexact = true
		return s.planClass(c, r)
	case c.id != nil:
		return s.ask(r, store.Query{Kind: recordID, Text: c.id}), true
	case c.computed != notComputed:
		return 0, false
	case c.stored == (attributeSet{}):
		return 0, true // no entry has the attribute
	}
	if from := len(s.queries); s.planNames(c, r) {
		return s.namesCost(from, r), true
	}
	s.inexact = true
	switch c.how {
	case matchNumber:
		for _, k := range c.keys {
			cost += s.ask(r, store.Query{Kind: store.NumberIs, Text: k.Key})
		}
		return cost, true
	case matchDigits:
		return s.planDigits(c, r)
	case matchName:
		return s.planName(c, r)
	case matchText, matchParts:
		if c.pattern != nil {
			return s.planName(c, r)
		}
	}
	return 0, false
}

// planClass proposes the objects whose entries have the class.
func (s *Session) planClass(c *condition, r *store.Reader) (cost int, ok bool) {
	some, all := false, true
	for _, object := range s.columns.objects {
		has := s.dir.hasClass(c, object)
		some, all = some || has, all && has
	}
	if all || !some {
		return 0, !some
	}
	for _, object := range s.columns.objectNames {
		if s.dir.hasClass(c, string(object)) {
			cost += s.ask(r, store.Query{Kind: store.ObjectIs, Text: object})
		}
	}
	return cost, true
}

// always says whether every record satisfies a condition, as far as that can be told from its terms.
func (s *Session) always(c *condition) bool {
	switch {
	case c.kind == protocol.And:
		for i := range c.children {
			if !s.always(&c.children[i]) {
				return false
			}
		}
		return true
	case c.kind == protocol.Or:
		for i := range c.children {
			if s.always(&c.children[i]) {
				return true
			}
		}
		return false
	case c.kind == protocol.Not, c.undefined, c.dnParts:
		return false
	case c.how == matchPresent:
		return c.computed != notComputed
	case c.how == matchClass:
		for _, object := range s.columns.objects {
			if !s.dir.hasClass(c, object) {
				return false
			}
		}
		return true
	}
	return false
}

// planAnd takes the child that proposes least.
func (s *Session) planAnd(c *condition, r *store.Reader) (int, bool) {
	at, outer := len(s.queries), s.scope
	s.choosing++
	defer func() { s.scope = outer; s.choosing-- }()
	best, found, exact := 0, false, false
	inexact, others := s.inexact, 0 // others: children that decide more than the one whose queries are taken
	for i := range c.children {
		from := len(s.queries)
		s.scope, s.inexact = from, false
		cost, ok := s.planTerm(&c.children[i], r)
		if !s.always(&c.children[i]) {
			others++
		}
		switch {
		case !ok:
		case found && cost >= best:
			s.queries = s.queries[:from]
		default:
			s.queries = append(s.queries[:at], s.queries[from:]...)
			best, found = cost, true
			exact = !s.inexact
		}
	}
	s.inexact = inexact || !exact || others > 1
	return best, found
}

func (s *Session) planDigits(c *condition, r *store.Reader) (cost int, ok bool) {
	switch {
	case len(c.initial) > 0:
		for _, d := range c.initial {
			cost += s.ask(r, store.Query{Kind: store.NumberStarts, Text: d})
		}
		return cost, true
	case len(c.final) > 0:
		for _, d := range c.final {
			cost += s.ask(r, store.Query{Kind: store.NumberEnds, Text: d})
		}
		return cost, true
	}
	longest := slices.MaxFunc(c.inner, func(a, b []byte) int { return len(a) - len(b) })
	return s.ask(r, store.Query{Kind: store.NumberContains, Text: longest}), true
}

// planName takes the clause of the pattern that proposes least. The word index covers every attribute with words, so
// an attribute without them cannot be planned.
func (s *Session) planName(c *condition, r *store.Reader) (int, bool) {
	for i, set := range c.stored {
		if set&^s.columns.words[i] != 0 {
			return 0, false
		}
	}
	at, outer := len(s.queries), s.scope
	clauses := c.pattern.Clauses()
	if len(clauses) > 1 {
		s.choosing++
		defer func() { s.choosing-- }()
	}
	defer func() { s.scope = outer }()
	best, found := 0, false
	for _, clause := range clauses {
		from := len(s.queries)
		s.scope = from
		cost := 0
		for _, t := range clause {
			if t.Kind == name.WordKeys {
				cost += s.planKeys(t.Text, r)
				continue
			}
			cost += s.ask(r, store.Query{Kind: wordKind(t.Kind), Text: t.Text})
		}
		if found && cost >= best {
			s.queries = s.queries[:from]
			continue
		}
		s.queries = append(s.queries[:at], s.queries[from:]...)
		best, found = cost, true
	}
	return best, found
}

// planNames asks the lists of names for a leaf that is the beginning of a word in them, or a piece of one: they hold all of its
// matches and no other entry.
func (s *Session) planNames(c *condition, r *store.Reader) bool {
	if c.how != matchName || !r.HasNames() {
		return false
	}
	texts, kind := c.pattern.Beginnings(), store.NameStarts
	if len(texts) == 0 {
		texts, kind = c.pattern.Insides(), store.NameInside
	}
	in, ok := s.columns.namesIn(c.stored)
	if !ok || len(texts) == 0 {
		return false
	}
	for _, text := range texts {
		if !store.NamesExact(text) || kind == store.NameInside && !r.NamesInside(text, in) {
			return false
		}
	}
	for _, text := range texts {
		s.queries = append(s.queries, store.Query{Kind: kind, Text: text, Names: in})
	}
	return true
}

// namesCost is what planNames has asked for, about: the queries from one on.
func (s *Session) namesCost(from int, r *store.Reader) (cost int) {
	if s.choosing == 0 {
		return 0 // as in ask
	}
	for _, q := range s.queries[from:] {
		cost += r.Estimate(q)
	}
	return cost
}

// ofNames says whether queries of a kind are for the lists of names.
func ofNames(k store.QueryKind) bool { return k == store.NameStarts || k == store.NameInside }

const (
	// maxKeys is how many keys of a telephone an index is asked for: what is left of a directory then is few.
	maxKeys = 12
	// maxBeginnings is how many beginnings of words they may spell; with more, fewer keys are asked for.
	maxBeginnings = 64
)

// planKeys asks for every beginning of a word in the index that the keys spell.
func (s *Session) planKeys(keys []byte, r *store.Reader) (cost int) {
	var choices [maxKeys][]string
	for i, key := range keys[:min(len(keys), maxKeys)] {
		choices[i] = name.Spellings(key)
	}
	for _, begin := range r.Beginnings(nil, choices[:min(len(keys), maxKeys)], maxBeginnings) {
		cost += s.ask(r, store.Query{Kind: store.WordStarts, Text: begin})
	}
	return cost
}

func wordKind(k name.TermKind) store.QueryKind {
	switch k {
	case name.WordIs:
		return store.WordIs
	case name.WordStarts:
		return store.WordStarts
	}
	return store.WordContains
}

// ask appends a query unless the same one stands there already: phones ask for one number in four attributes. Only
// queries of the present scope count: those before it are alternatives of an And, one of which will be dropped.
func (s *Session) ask(r *store.Reader, q store.Query) (cost int) {
	for i := s.scope; i < len(s.queries); i++ {
		if s.queries[i].Kind == q.Kind && bytes.Equal(s.queries[i].Text, q.Text) {
			return 0
		}
	}
	s.queries = append(s.queries, q)
	switch {
	case s.choosing == 0:
		return 0 // there is no alternative that it could be compared with
	case q.Kind == recordID:
		return 1
	}
	return r.Estimate(q)
}

// propose appends to dst the proposed ordinals from from on, ascending and distinct: at least max of them if there are
// that many (max 0: all). next is the ordinal from which further proposals go on; done says that there are none.
func (p *plan) propose(s *Session, r *store.Reader, dst []uint32, from uint32, max int) (out []uint32, next uint32, done bool, err error) {
	start := len(dst)
	if p.names {
		dst, done, err = r.FindNames(dst, p.queries, from, max)
		if err != nil || done || len(dst) == start {
			return dst, ^uint32(0), done || err == nil, err
		}
		return dst, dst[len(dst)-1] + 1, false, nil
	}
	bound, cut := ^uint32(0), false // beyond bound some query was cut off, so that other queries' answers have gaps
	for i := range p.queries {
		q := p.queries[i]
		q.From = from
		at := len(dst)
		var complete bool
		if q.Kind == recordID {
			if ord, ok := r.OrdinalBytes(q.Text); ok && ord >= from {
				dst = append(dst, ord)
			}
			continue
		}
		if ofNames(q.Kind) {
			dst, complete, err = r.FindNames(dst, p.queries[i:i+1], from, max)
		} else {
			dst, complete, err = r.Find(dst, q, max)
		}
		if err != nil {
			return dst, 0, false, err
		}
		if !complete && len(dst) > at {
			bound, cut = min(bound, dst[len(dst)-1]), true
		}
	}
	list := dst[start:]
	if len(p.queries) > 1 {
		slices.Sort(list)
		list = slices.Compact(list)
	}
	if cut {
		n, _ := slices.BinarySearch(list, bound)
		if n < len(list) {
			n++ // bound itself is sure
		}
		list = list[:n]
	}
	return dst[:start+len(list)], bound + 1, !cut, nil
}
