package directory

import (
	"ringdex/ldapserver/protocol"
	"ringdex/schema/name"
)

// equalityRules are the matching rules that an extensible match may name: RFC 4517, 4.2. On each attribute they mean
// what equality means there.
var equalityRules = []string{
	"caseIgnoreMatch", "2.5.13.2", "caseExactMatch", "2.5.13.5", "caseIgnoreIA5Match", "1.3.6.1.4.1.1466.109.114.2",
	"caseExactIA5Match", "1.3.6.1.4.1.1466.109.114.1", "telephoneNumberMatch", "2.5.13.20", "distinguishedNameMatch", "2.5.13.1",
	"objectIdentifierMatch", "2.5.13.0", "numericStringMatch", "2.5.13.8", "UUIDMatch", "1.3.6.1.1.16.2",
	"generalizedTimeMatch", "2.5.13.27", "integerMatch", "2.5.13.14", "booleanMatch", "2.5.13.13", "caseIgnoreListMatch", "2.5.13.11",
}

// wordRules find a value by words: RFC 4517, 4.2.32 and X.520's approximate rule.
var wordRules = []string{"wordMatch", "2.5.13.32", "keywordMatch", "2.5.13.33"}

// extensible prepares an extensible match (RFC 4511, 4.5.1.7.7). An unknown rule is Undefined.
func (c *compiler) extensible(out *condition, f *protocol.Filter) {
	out.dnParts, out.dnValue = f.DNAttributes, f.Value
	words := hasFold(wordRules, f.Rule)
	if len(f.Rule) > 0 && !words && !hasFold(equalityRules, f.Rule) {
		out.undefined = true
		return
	}
	if len(f.Attribute) == 0 {
		// Every attribute that the rule can be applied to.
		out.stored = c.everything()
		out.how, out.pattern = matchName, name.NewEquality(f.Value)
		return
	}
	c.attribute(out, f.Attribute)
	switch {
	case out.undefined:
	case words && out.computed == notComputed && isName(out.attribute):
		out.how, out.pattern = matchName, name.NewPattern(nil, [][]byte{f.Value}, nil)
	default:
		c.equality(out, f)
	}
}

func hasFold(list []string, b []byte) bool {
	for _, s := range list {
		if len(s) == len(b) && equalFold(b, s) {
			return true
		}
	}
	return false
}

// equalFold compares ASCII letters without case.
func equalFold(b []byte, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i := range b {
		x, y := b[i], s[i]
		if 'A' <= x && x <= 'Z' {
			x += 'a' - 'A'
		}
		if 'A' <= y && y <= 'Z' {
			y += 'a' - 'A'
		}
		if x != y {
			return false
		}
	}
	return true
}
