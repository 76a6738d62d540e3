package directory

import (
	"bytes"
	"slices"
	"strings"

	"ringdex/replicator/store"
	"ringdex/schema/name"
	"ringdex/schema/phone"
)

// RuleHead is the rule of a hit that is the company behind an unknown direct dial, not the owner of the number.
const RuleHead = "head number"

const (
	// headSubscriber is how many digits a head number has at least behind its area code: shorter ones are those of
	// authorities and of whole districts.
	headSubscriber = 3
	// headFurther is how many digits follow a head number at most.
	headFurther = 5
	// headLocal is how many digits a number without an area code has at least, for its head number to count.
	headLocal = 6
	// headShortest is the least that headLeast says: two digits of a country, one of an area, headSubscriber more.
	headShortest = 6
	// headBlock is how many entries under a head number are held against it.
	headBlock = 64
	// headStem is how many people with a hyphen at the same place show a head number by themselves.
	headStem = 2
)

// openPlan is a country where extensions are dialled directly behind a head number of any length, so that no assigned
// number begins with another one unless it is its extension. Elsewhere numbers have one length, and neighbours in a
// range are strangers.
type openPlan struct {
	code   string
	mobile []string // beginnings of numbers that are nobody's extension
}

var openPlans = [...]openPlan{
	{"49", []string{"15", "16", "17"}},
	{"43", []string{"64", "65", "66", "67", "68", "69"}},
	{"352", []string{"6"}},
}

// headRules are the readings whose head number counts: those that are surely whole numbers.
var headRules = [...]string{
	phone.RuleInternational, phone.RuleOwnIDD, phone.RuleOutsideIDD, phone.RuleOutsideOwn, phone.RuleIDD, phone.RuleCountry,
	phone.RuleArea, phone.RuleOutsideArea, phone.RuleNoPlus,
}

// headHits answers a number that nobody has: the company whose head number it begins with. It applies to filters that
// ask one number by equality, whatever else they ask, and negate nothing; it never finds a person. Every other term of
// the filter has to hold for the company.
func (q *search) headHits(object string) ([]hit, error) {
	c := &q.s.compiler
	asked := c.last[lastNumber].out
	if asked == nil || c.numbers != 1 || c.negated || q.s.view != nil && q.s.view.noHeads() {
		return nil, nil
	}
	columns := numberColumns(q.condition)
	for i := range asked.keys {
		k := &asked.keys[i]
		if !slices.Contains(headRules[:], k.Rule) {
			continue
		}
		// Without a number that begins so there is no head number of that length.
		shared := q.r.SharedDigits(k.Key)
		if shared < headShortest {
			continue
		}
		least, ok := q.s.headLeast(k)
		if !ok {
			continue
		}
		for n := len(k.Key) - shared; n <= headFurther && len(k.Key)-n >= least; n++ {
			e, err := q.headEvidence(k.Key[:len(k.Key)-n], n, columns)
			if err != nil || e.refused {
				return nil, err
			}
			if len(e.accounts) > 0 {
				return q.headCompany(e.accounts, uint8(min(i, 254)), object), nil
			}
		}
	}
	return nil, nil
}

// numberColumns are the columns that the number terms of a filter look at.
func numberColumns(c *condition) (set attributeSet) {
	if c.how == matchNumber {
		return c.stored
	}
	for i := range c.children {
		for j, bits := range numberColumns(&c.children[i]) {
			set[j] |= bits
		}
	}
	return set
}

// headLeast is how many digits of a reading a head number has at least: country code, area code and headSubscriber more.
func headLeast(l phone.Location, k *phone.Candidate) (int, bool) {
	plan := -1
	for i := range openPlans {
		if bytes.HasPrefix(k.Key, []byte(openPlans[i].code)) {
			plan = i
		}
	}
	if plan < 0 {
		return 0, false
	}
	code := openPlans[plan].code
	for _, m := range openPlans[plan].mobile {
		if bytes.HasPrefix(k.Key[len(code):], []byte(m)) {
			return 0, false
		}
	}
	groups := strings.Fields(phone.Format(phone.E164("+"+string(k.Key)), phone.International, l))
	if len(groups) < 2 || groups[0] != "+"+code {
		return 0, false
	}
	area := 0
	if code != "352" { // Luxembourg has no area codes
		if len(groups) < 3 {
			return 0, false
		}
		area = len(phone.Digits(groups[1]))
	}
	if local := len(k.Key) - len(code) - area; local < headLocal && (k.Rule == phone.RuleArea || k.Rule == phone.RuleOutsideArea) {
		return 0, false
	}
	return len(code) + area + headSubscriber, true
}

// evidence is what the entries say about a supposed head number.
type evidence struct {
	accounts []uint32 // companies that have it, all of one name
	refused  bool     // it is a head number, but whose is in doubt
}

// headEvidence looks at the entries with numbers that begin with head. further is how many digits follow it in the
// number asked.
//
// A company proves it by having head itself as its number, or a number with a hyphen behind head; it shows it by having
// head and a 0, if more than one digit was dialled. Two people or more of one company with a hyphen there show it too.
// Whoever else has a number under it refutes it.
func (q *search) headEvidence(head []byte, further int, columns attributeSet) (evidence, error) {
	var e evidence
	zero := append(append(q.s.head[:0], head...), '0')
	q.s.head = zero
	list := q.s.ordinals[:0]
	var err error
	for _, query := range []store.Query{
		{Kind: store.NumberIs, Text: head}, {Kind: store.NumberIs, Text: zero}, {Kind: store.NumberStarts, Text: head},
	} {
		if list, _, err = q.r.Find(list, query, headBlock); err != nil {
			return e, err
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	q.s.ordinals = list
	company, stems := "", 0
	visible := q.s.rights.restrict(q.s.columns.all, q.s.columns)
	for _, ord := range list {
		v, ok := q.r.View(ord)
		if !ok || !q.s.rights.hasEntry(&v) {
			continue
		}
		under, owns, hyphen := headIn(&v, head, zero, further, columns, visible)
		if !under {
			continue
		}
		account := v.Object() == "Account"
		its := v.First("o")
		if account && len(its) == 0 {
			its = v.First("cn")
		}
		folded := name.Fold(string(its))
		switch {
		case folded == "":
			continue // somebody of nowhere says nothing
		case company == "":
			company = folded
		case company != folded:
			// Two companies under one number: it is no head number, or it is in doubt.
			return evidence{refused: len(e.accounts) > 0 || owns || stems > 0}, nil
		}
		switch {
		case account && owns:
			e.accounts = append(e.accounts, ord)
		case !account && hyphen:
			stems++
		}
	}
	if len(e.accounts) == 0 && stems >= headStem {
		e.accounts, err = q.accountsNamed(company)
	}
	return e, err
}

// headIn says what an entry's numbers have to do with a head number: whether one lies under it, whether it makes an
// account its owner, and whether its spelling has the hyphen there.
func headIn(v *store.View, head, zero []byte, further int, columns, visible attributeSet) (under, owns, hyphen bool) {
	for it := v.Values(); it.Next(); {
		if !visible.has(it.Attr().Index) {
			continue
		}
		for i := range it.Keys() {
			key := it.Key(i)
			if !bytes.HasPrefix(key, head) {
				continue
			}
			under = true
			at := hyphenAt(it.Original(), key) == len(head)
			hyphen = hyphen || at
			if columns.has(it.Attr().Index) && (at || len(key) == len(head) || further > 1 && bytes.Equal(key, zero)) {
				owns = true
			}
		}
	}
	return under, owns, hyphen
}

// hyphenAt is how many digits of a number stand before the hyphen that marks its extension, as DIN 5008 writes it; 0
// where the spelling has no such hyphen.
func hyphenAt(original, key []byte) int {
	before, tail, ok := bytes.Cut(original, []byte("-"))
	if !ok || bytes.ContainsRune(tail, '-') || len(phone.Digits(string(before))) < headSubscriber {
		return 0
	}
	digits := 0
	for _, c := range bytes.TrimSpace(tail) {
		if c < '0' || c > '9' {
			return 0
		}
		digits++
	}
	if digits > headFurther || digits >= len(key) {
		return 0
	}
	return len(key) - digits
}

// accountsNamed finds the companies of a folded name.
func (q *search) accountsNamed(folded string) ([]uint32, error) {
	words := name.Words(folded)
	if len(words) == 0 {
		return nil, nil
	}
	longest := slices.MaxFunc(words, func(a, b string) int { return len(a) - len(b) })
	list, _, err := q.r.Find(nil, store.Query{Kind: store.WordIs, Text: []byte(longest)}, 16*headBlock)
	return slices.DeleteFunc(list, func(ord uint32) bool {
		v, ok := q.r.View(ord)
		if !ok || v.Object() != "Account" {
			return true
		}
		own := v.First("o")
		if len(own) == 0 {
			own = v.First("cn")
		}
		return name.Fold(string(own)) != folded
	}), err
}

// headCompany makes hits of the companies that satisfy the rest of the filter, the one changed last first.
func (q *search) headCompany(accounts []uint32, reading uint8, object string) []hit {
	q.s.assumed = true
	defer func() { q.s.assumed = false }()
	hits := q.s.hits[:0]
	for _, ord := range accounts {
		v, ok := q.r.View(ord)
		if !ok || object != "" && v.Object() != object || q.s.evaluate(q.condition, &v) != isTrue || !q.s.shows(&v) {
			continue
		}
		h := hit{ordinal: ord, reading: reading, weight: 255, company: true, head: true, stamp: v.Stamp().UnixMilli(), attr: -1}
		h.account, h.named = q.s.namesOf(&v, true)
		hits = append(hits, h)
	}
	q.s.hits = hits
	rank(hits)
	return once(hits)
}
