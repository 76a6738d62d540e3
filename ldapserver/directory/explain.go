package directory

import (
	"context"
	"fmt"
	"strings"

	"ringdex/ldapserver/protocol"
	"ringdex/schema/phone"
)

// Explanation is a lookup for a person: what was asked, how it was read, what was found and why in that order.
type Explanation struct {
	Query      string
	Kind       string // "number" or "name"
	Candidates []ExplainedCandidate
	Hits       []ExplainedHit
	Cut        bool // there are more hits than were asked for
}

// ExplainedCandidate is one reading of the query: the digits or words that were looked for, and the rule that made them.
type ExplainedCandidate struct{ Key, Rule string }

// ExplainedHit is an entry as a phone would get it.
type ExplainedHit struct {
	DN         string
	Rank       int // from 1
	Rule       string
	Attributes map[string][]string
}

// IsNumber says whether a query is a telephone number rather than a name: it has a digit, and beside digits only what
// people write into numbers. A URI of the schemes sip, sips and tel counts.
func IsNumber(q string) bool {
	q = strings.TrimSpace(q)
	lower := strings.ToLower(q)
	for _, scheme := range []string{"sip:", "sips:", "tel:"} {
		if strings.HasPrefix(lower, scheme) {
			return true
		}
	}
	lower = strings.TrimPrefix(lower, "l0#")
	if strings.Trim(lower, "0123456789+-/().*#,; \u00a0") != "" {
		// "App. 12" and "ext 5" are parts of numbers, once most of it is digits.
		return len(phone.Digits(q)) >= 5 && len(phone.Digits(q))*2 >= len([]rune(q))
	}
	return phone.Digits(q) != ""
}

// Lookup answers a number or a name as a search of a phone would be answered, with reasons. limit bounds the hits;
// 0 is 50. profile is reserved for kinds of phones; "" is the default.
func (d *Directory) Lookup(ctx context.Context, query, profile string, limit int) (Explanation, error) {
	if profile != "" {
		return Explanation{}, fmt.Errorf("directory: profile %q is not configured", profile)
	}
	if limit <= 0 {
		limit = 50
	}
	s := d.session(true)
	r, err := s.snapshot()
	if err != nil {
		return Explanation{}, err
	}
	q := &search{s: s, r: r}
	defer q.release()
	if IsNumber(query) {
		return q.explainNumber(ctx, query, limit)
	}
	return q.explainName(ctx, query, limit)
}

func (q *search) explainNumber(_ context.Context, query string, limit int) (Explanation, error) {
	e := Explanation{Query: query, Kind: "number"}
	f := protocol.Filter{Kind: protocol.Equality, Attribute: []byte("searchNumber"), Value: []byte(query)}
	q.condition = q.s.compiler.compile(&f, q.s.columns)
	for _, k := range q.condition.keys {
		e.Candidates = append(e.Candidates, ExplainedCandidate{string(k.Key), k.Rule})
	}
	p := q.s.plan(q.condition, q.r)
	hits, err := q.hits(&p, "")
	if err != nil {
		return e, err
	}
	for i := range hits {
		if len(e.Hits) == limit {
			e.Cut = true
			break
		}
		h := &hits[i]
		rule := "matched"
		if int(h.reading) < len(q.condition.keys) {
			rule = q.condition.keys[h.reading].Rule
		}
		if h.head {
			rule = RuleHead
		} else if t := q.s.columns.typeOf(h.attr); t != nil {
			rule = t.Name + ", " + rule
		}
		q.explain(&e, h.ordinal, rule)
	}
	return e, nil
}

func (q *search) explainName(_ context.Context, query string, limit int) (Explanation, error) {
	e := Explanation{Query: query, Kind: "name"}
	f := protocol.Filter{Kind: protocol.Substrings, Attribute: []byte("searchContact"), Initial: []byte(query)}
	q.condition = q.s.compiler.compile(&f, q.s.columns)
	for _, clause := range q.condition.pattern.Clauses() {
		for _, t := range clause {
			e.Candidates = append(e.Candidates, ExplainedCandidate{string(t.Text), "word begins with"})
		}
	}
	p := q.s.plan(q.condition, q.r)
	if p.scan {
		return e, nil // nothing was asked: no word in the query
	}
	for from, done := uint32(0), false; !done; {
		var list []uint32
		var err error
		list, from, done, err = p.propose(q.s, q.r, q.s.ordinals[:0], from, limit+firstProposals)
		q.s.ordinals = list
		if err != nil {
			return e, err
		}
		for _, ord := range list {
			v, ok := q.r.View(ord)
			if !ok || q.s.evaluate(q.condition, &v) != isTrue {
				continue
			}
			if len(e.Hits) == limit {
				e.Cut = true
				return e, nil
			}
			q.explain(&e, ord, "every word of the query begins a word of the name or company; in list order")
		}
	}
	return e, nil
}

// explain adds an entry with all its attributes.
func (q *search) explain(e *Explanation, ord uint32, rule string) {
	v, ok := q.r.View(ord)
	if !ok {
		return
	}
	h := ExplainedHit{DN: string(q.s.dir.appendDN(nil, &v)), Rank: len(e.Hits) + 1, Rule: rule, Attributes: map[string][]string{}}
	for it := v.Values(); it.Next(); {
		name := it.Attr().Name
		h.Attributes[name] = append(h.Attributes[name], string(it.Text()))
	}
	h.Attributes["uid"] = []string{string(v.ID())}
	e.Hits = append(e.Hits, h)
}
