package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ringdex/ldapserver/protocol"
	"ringdex/schema"
	"ringdex/schema/phone"
)

// Explanation is a lookup for a person: what was asked, how it was read, what was found and why in that order.
type Explanation struct {
	Query      string
	Kind       string // "number" or "name"
	Profile    string // "" for none
	Location   phone.Location
	Candidates []ExplainedCandidate
	Hits       []ExplainedHit
	Cut        bool     // there are more hits than were asked for
	Notes      []string // what else has played a part: why there is no hit, or fewer
}

// ExplainedCandidate is one reading of the query: the digits or words that were looked for, and the rule that made them.
type ExplainedCandidate struct{ Key, Rule string }

// ExplainedHit is an entry as a phone would get it.
type ExplainedHit struct {
	DN         string
	Rank       int    // from 1
	Rule       string // why it is a hit
	Reason     string // why it is not before the one above it; "" for the first
	Name       string // what a phone shows: the name,
	Number     string // and the number, in the form of the profile; "" if there is none
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
	if strings.Contains(lower, "<sip:") || strings.Contains(lower, "<sips:") || strings.Contains(lower, "<tel:") {
		return true // a From header: "Anna" <sip:07031123456@pbx>
	}
	lower = strings.TrimPrefix(lower, "l0#")
	if strings.Trim(lower, "0123456789+-/().*#,; \u00a0") != "" {
		// "App. 12" and "ext 5" are parts of numbers, once most of it is digits.
		return len(phone.Digits(q)) >= 5 && len(phone.Digits(q))*2 >= len([]rune(q))
	}
	return phone.Digits(q) != ""
}

// ErrNoProfile is the root of the error for a profile that does not exist.
var ErrNoProfile = errors.New("directory: no such profile")

// ProfileNames are the names of the profiles, in the order of Options.
func (d *Directory) ProfileNames() []string {
	var out []string
	for i := range d.options.Profiles {
		out = append(out, d.options.Profiles[i].Name)
	}
	return out
}

// Lookup answers a number or a name as a search of a phone would be answered, with reasons. limit bounds the hits;
// 0 is 50. profile is the kind of phone that asks, "" the directory as it is; an unknown one is an ErrNoProfile.
func (d *Directory) Lookup(ctx context.Context, query, profile string, limit int) (Explanation, error) {
	s := d.session(true)
	if profile != "" {
		v := d.viewNamed(profile)
		if v == nil {
			return Explanation{}, fmt.Errorf("%w: %s", ErrNoProfile, profile)
		}
		s.use(v)
		s.named = true
	}
	if limit <= 0 {
		limit = 50
	}
	if s.view != nil && s.view.profile.Most > 0 {
		limit = min(limit, s.view.profile.Most)
	}
	r, err := s.snapshot()
	if err != nil {
		return Explanation{}, err
	}
	q := &search{s: s, r: r}
	defer q.release()
	e := Explanation{Query: query, Kind: "name", Location: s.location()}
	if s.view != nil {
		e.Profile = s.view.profile.Name
	}
	if IsNumber(query) {
		e.Kind = "number"
		err = q.explainNumber(&e, limit)
	} else {
		err = q.explainName(ctx, &e, limit)
	}
	return e, err
}

func (q *search) explainNumber(e *Explanation, limit int) error {
	f := protocol.Filter{Kind: protocol.Equality, Attribute: []byte("searchNumber"), Value: []byte(e.Query)}
	q.s.asked.find(q.s, &f)
	q.condition = q.s.compiler.compile(&f, q.s.columns)
	keys := q.condition.keys
	for _, k := range keys {
		e.Candidates = append(e.Candidates, ExplainedCandidate{string(k.Key), k.Rule})
	}
	p := q.s.plan(q.condition, q.r)
	hits, err := q.hits(&p, "")
	if err != nil {
		return err
	}
	q.explainNone(e, keys, len(hits))
	if q.refused {
		e.Notes = append(e.Notes, ReasonLocal)
	}
	if q.repeated > 0 {
		e.Notes = append(e.Notes, fmt.Sprintf("%d further records of the same people or companies are left out", q.repeated))
	}
	if people := peopleBehind(hits); people > 0 {
		e.Notes = append(e.Notes, fmt.Sprintf("%d people of one company have the number: the company comes first, then they", people))
	}
	for i := range hits {
		if len(e.Hits) == limit {
			e.Cut = true
			break
		}
		h := &hits[i]
		rule := "matched"
		if int(h.reading) < len(keys) {
			rule = keys[h.reading].Rule
		}
		if h.head {
			rule = RuleHead
		} else if t := q.s.columns.typeOf(h.attr); t != nil {
			rule = t.Name + ", " + rule
		}
		reason := ""
		if i > 0 {
			reason = behind(hits, i)
		}
		q.s.people = q.countOf(h)
		q.explain(e, h.ordinal, rule, reason)
		q.s.people = 0
	}
	return nil
}

// peopleBehind is how many people of the company that comes first have its number; 0 if no company comes before people.
func peopleBehind(hits []hit) (people int) {
	if len(hits) == 0 || !hits[0].company || hits[0].head {
		return 0
	}
	for i := range hits {
		if !hits[i].company && hits[i].reading == hits[0].reading && hits[i].account == hits[0].account {
			people++
		}
	}
	return people
}

// explainNone notes why a number has no hits, or why the profile holds some back.
func (q *search) explainNone(e *Explanation, keys []phone.Candidate, shown int) {
	switch {
	case len(keys) == 0:
		e.Notes = append(e.Notes, "there is no number in it, it is a withheld one, or it is too short")
		return
	case keys[0].Rule == phone.RuleShort:
		e.Notes = append(e.Notes, "a service number is only itself: no head number and no area code is tried")
	}
	if v := q.s.view; v != nil && shown == 0 {
		if v.profile.Hits == HitsNone && q.withheld > 1 {
			e.Notes = append(e.Notes, fmt.Sprintf("%d entries have the number, and the profile shows nobody then", q.withheld))
		}
		if v.noHeads() {
			e.Notes = append(e.Notes, "the profile shows no company for an unknown extension")
		}
	}
}

// behind says why hit i comes after the one before it, by the steps of rank.
func behind(hits []hit, i int) string {
	before, h := &hits[i-1], &hits[i]
	several := slices.ContainsFunc(hits, func(o hit) bool { return o.reading == h.reading && o.account != h.account })
	switch {
	case h.reading != before.reading:
		return "a less likely reading of the number"
	case !several && before.company && !h.company:
		return "one of several people, behind their company"
	case !several && h.company && !before.company:
		return "the company, behind the person"
	case h.weight != before.weight:
		return "a less specific attribute"
	case h.company != before.company:
		return "a company, behind people"
	case h.stamp != before.stamp:
		return "changed earlier"
	}
	return "in list order"
}

func (q *search) explainName(ctx context.Context, e *Explanation, limit int) error {
	const rule = "every word of the query begins a word of the name or company"
	f := protocol.Filter{Kind: protocol.Substrings, Attribute: []byte("searchContact"), Initial: []byte(e.Query)}
	q.condition = q.s.compiler.compile(&f, q.s.columns)
	if q.condition.pattern != nil {
		for _, clause := range q.condition.pattern.Clauses() {
			for _, t := range clause {
				e.Candidates = append(e.Candidates, ExplainedCandidate{string(t.Text), "word begins with"})
			}
		}
	}
	p := q.s.plan(q.condition, q.r)
	if p.scan {
		e.Notes = append(e.Notes, "there is no word in it")
		return nil
	}
	if q.sorts() {
		hits, err := q.inOrder(&p, "")
		for i := range hits {
			if len(e.Hits) == limit {
				e.Cut = true
				break
			}
			q.explain(e, hits[i].ordinal, rule, "in the order of the profile")
		}
		return err
	}
	for from, done := uint32(0), false; !done && ctx.Err() == nil; {
		var list []uint32
		var err error
		list, from, done, err = p.propose(q.s, q.r, q.s.ordinals[:0], from, limit+firstProposals)
		q.s.ordinals = list
		if err != nil {
			return err
		}
		for _, ord := range list {
			v, ok := q.r.View(ord)
			if !ok || q.s.evaluate(q.condition, &v) != isTrue || !q.s.shows(&v) {
				continue
			}
			if len(e.Hits) == limit {
				e.Cut = true
				return nil
			}
			q.explain(e, ord, rule, "in list order")
		}
	}
	return ctx.Err()
}

// explain adds an entry with all its attributes, as a phone gets it.
func (q *search) explain(e *Explanation, ord uint32, rule, reason string) {
	v, ok := q.r.View(ord)
	if !ok {
		return
	}
	h := ExplainedHit{DN: string(q.s.appendDN(nil, &v)), Rank: len(e.Hits) + 1, Rule: rule, Reason: reason, Attributes: map[string][]string{}}
	if h.Rank == 1 {
		h.Reason = ""
	}
	first, asked := "", ""
	number := func(t *schema.AttributeType, value string, is bool) {
		if t == nil || !t.Syntax.IsNumber() || t.Syntax == schema.Fax && !is {
			return
		}
		if first == "" {
			first = value
		}
		if is && asked == "" {
			asked = value
		}
	}
	if q.s.view == nil {
		for it := v.Values(); it.Next(); {
			name := it.Attr().Name
			h.Attributes[name] = append(h.Attributes[name], string(it.Text()))
			number(q.s.columns.typeOf(it.Attr().Index), string(it.Text()), q.condition.how == matchNumber && q.condition.matchesValue(&it))
		}
	} else {
		for _, a := range q.s.shownEntry(&v) {
			for _, value := range a.values {
				h.Attributes[a.name] = append(h.Attributes[a.name], string(value))
				number(a.attribute, string(value), q.s.asked.text != nil && q.s.asked.isText(value, q.s.view))
			}
		}
	}
	h.Attributes["uid"] = []string{string(v.ID())}
	for _, name := range []string{"displayName", "cn", "sn", "o"} {
		if values := h.Attributes[name]; len(values) > 0 && h.Name == "" {
			h.Name = values[0]
		}
	}
	if h.Number = asked; asked == "" {
		h.Number = first
	}
	e.Hits = append(e.Hits, h)
}
