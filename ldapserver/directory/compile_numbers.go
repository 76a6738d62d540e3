package directory

import (
	"bytes"

	"ringdex/ldapserver/protocol"
	"ringdex/schema"
	"ringdex/schema/phone"
)

func isNumber(t *schema.AttributeType) bool {
	return t.Syntax.IsNumber() || t.Virtual == schema.AnyNumber
}

// number makes the readings of a number. What has none ("anonymous") matches nothing.
func (c *compiler) number(out *condition, f *protocol.Filter) {
	if out.how = matchNumber; c.repeats(lastNumber, out, f) {
		return
	}
	at := len(c.candidates)
	c.candidates, c.scratch = c.parser.AppendCandidates(c.candidates, c.scratch, f.Value)
	out.keys = c.candidates[at:len(c.candidates):len(c.candidates)]
}

// numberBound prepares a bound of numbers, held against the digits of numbers in international form. Of its readings as
// the beginning of a number (0703 is +49 703…) it takes the one that leaves out least: what begins so lies in the range. All
// numbers lie between what has no digits, such as "+", and what has a letter: Poly closes its ranges with zz.
func (c *compiler) numberBound(out *condition) {
	atLeast := out.how == matchAtLeast
	digits, ok := digitsOf(out.value)
	switch {
	case ok && len(digits) > 0:
		at := len(c.candidates)
		c.candidates, c.scratch = c.parser.AppendBeginnings(c.candidates, c.scratch, out.value)
		for i, k := range c.candidates[at:] {
			// The digits themselves are no reading of what begins with a trunk prefix or an outside line.
			if i == 0 && digits[0] == '0' || k.Rule != phone.RuleDigits && bytes.Compare(k.Key, digits) < 0 == atLeast {
				digits = k.Key
			}
		}
		out.value, out.numeric = digits, true
	case ok == atLeast:
		out.how = matchPresent
	default:
		out.how = matchNothing
	}
}
