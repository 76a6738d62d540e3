package directory

import "ringdex/schema/phone"

// Missed is a number that a phone asked for as that of a caller, and that nobody has: neither a person nor the company of
// its head number. Digits are valid during the call.
type Missed struct {
	Digits        []byte // of the likeliest reading
	International bool   // they begin with a country code
}

// missed tells of the number that a search without a hit asked for. It says whether there was one to tell of: one number,
// asked for by equality, not a service number and not held back by a rule. What is typed digit by digit is asked for by
// its beginning, and is nobody's call.
func (q *search) missed() bool {
	c := &q.s.compiler
	asked := c.last[lastNumber].out
	if asked == nil || c.numbers != 1 || c.negated || q.withheld > 0 || q.refused || len(asked.keys) == 0 {
		return false
	}
	best := &asked.keys[0]
	if best.Rule == phone.RuleShort {
		return false
	}
	m := Missed{Digits: best.Key, International: best.Rule != phone.RuleDigits && best.Rule != phone.RuleInternal}
	q.s.dir.options.Missed(m)
	return true
}
