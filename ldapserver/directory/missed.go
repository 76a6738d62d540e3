package directory

import (
	"bytes"

	"ringdex/schema/phone"
)

// Missed is a number that a phone asked for as that of a caller, and that nobody has: neither a person nor the company of
// its head number. Digits are valid during the call.
type Missed struct {
	Digits        []byte // of the likeliest reading
	International bool   // they begin with a country code
	Typed         bool   // asked for as a part: a number that is typed, digit by digit, looks the same as a caller's
}

// missed tells of the number that a search without a hit asked for. It says whether there was one to tell of: one number,
// asked for by equality, not a service number and not held back by a rule. What is typed digit by digit is asked for by
// its beginning, and is nobody's call. Linphone asks for both as a part, (cn=*04012345678*): then the number must be one with
// a country code.
func (q *search) missed() bool {
	c := &q.s.compiler
	if c.negated || q.withheld > 0 || q.refused {
		return false
	}
	if asked := c.last[lastNumber].out; asked != nil && c.numbers == 1 && len(asked.keys) > 0 {
		return q.tell(&asked.keys[0], false)
	}
	part := c.last[lastDigits].term
	if part == nil || c.numbers > 0 || !q.s.view.oneFilter() || len(part.Any) != 1 || len(part.Initial)+len(part.Final) > 0 ||
		len(q.s.asked.keys) == 0 || !bytes.Equal(q.s.asked.text, part.Any[0]) {
		return false
	}
	best := &q.s.asked.keys[0]
	return international(best) && q.tell(best, true)
}

func (q *search) tell(best *phone.Candidate, typed bool) bool {
	if best.Rule == phone.RuleShort {
		return false
	}
	q.s.dir.options.Missed(Missed{Digits: best.Key, International: international(best), Typed: typed})
	return true
}

// international says whether a reading of a number begins with a country code.
func international(k *phone.Candidate) bool {
	return k.Rule != phone.RuleDigits && k.Rule != phone.RuleInternal && k.Rule != phone.RuleShort
}
