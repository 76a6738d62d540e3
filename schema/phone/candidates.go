package phone

import "strings"

// The rules by which a candidate came about, in the words that `lookup` prints.
const (
	RuleInternational  = "as dialled"                         // +49 7031 123456
	RuleShort          = "service number"                     // 110, 116117
	RuleInternal       = "internal extension"                 // our own head number and an extension → the extension
	RuleOwnIDD         = "00 is +, own country"               // 0049 7031 123456
	RuleOutsideIDD     = "outside line removed, 00 is +"      // 0 0049 7031 123456
	RuleOutsideOwn     = "outside line removed, own country"  // 0 07031 123456
	RuleIDD            = "00 is +"                            // 0044 20 7946 0123
	RuleCountry        = "own country"                        // 07031 123456
	RuleHead           = "own head number"                    // 456
	RuleArea           = "own area"                           // 123456
	RuleOutsideArea    = "outside line removed, own area"     // 0 123456
	RuleNoPlus         = "+ left out"                         // 49 7031 123456
	RuleCountryNoTrunk = "own country, trunk prefix left out" // 7031 123456
	RuleExtension      = "extension appended"                 // +49 7031 123 ext 456
	RulePlan           = "numbering plan of the country"      // +54 11 15… is +54 9 11…
	RuleDigits         = "digits"                             // as it is
)

const (
	// minLocal is how many digits a number without an area code has at least, to be one: shorter ones are extensions, of
	// whom nobody knows.
	minLocal = 6
	// minInternal is how many digits an own extension has at least, if it may have so many: one digit is a service of the
	// exchange.
	minInternal = 2
)

// minSubscriber is how many digits a number needs to be read under a country code without a trunk prefix.
const minSubscriber = 7

// Candidate is one reading of a dialled or shown number. Key compares with Number.Keys.
//
// Key and Extension alias the scratch buffer of AppendCandidates: they are valid until that buffer is used again.
type Candidate struct {
	Key       []byte // digits
	Rule      string // why, one of the Rule constants
	Local     bool   // only sure at our own place: an own extension, or a number without its area code
	Extension []byte // digits of an extension that was asked for and is not in Key; nil none
}

// Candidates returns the readings of asked, best first, without duplicates; see AppendCandidates. The result owns its
// memory.
func (p *Parser) Candidates(asked string) []Candidate {
	found, _ := p.AppendCandidates(nil, nil, []byte(asked))
	return found
}

// AppendCandidates appends the readings of asked to dst, best first and without duplicates, and returns it with the
// scratch buffer that holds their bytes. A caller keeps both and passes dst[:0] and scratch[:0] the next time; then
// digits, with or without "+", allocate nothing (except in the few countries whose plan rewrites numbers, such as
// Argentina). asked is not kept.
//
// Withheld numbers (anonymous, restricted, "", "*") have no candidates. A service number has only itself. The order is
// that of the Rule constants: with an outside line, 007031123456 is first 0 + 07031 123456, then +7 031123456.
//
// What is too short for a number has no candidates, unless it may be an own extension: many records have a "49" or a
// "030" in their fields.
func (p *Parser) AppendCandidates(dst []Candidate, scratch, asked []byte) ([]Candidate, []byte) {
	return p.append(ladder{p: p, found: dst, first: len(dst), scratch: scratch}, asked)
}

// AppendBeginnings is AppendCandidates for the first digits of a number, which may be as short as they like.
func (p *Parser) AppendBeginnings(dst []Candidate, scratch, asked []byte) ([]Candidate, []byte) {
	return p.append(ladder{p: p, found: dst, first: len(dst), scratch: scratch, open: true}, asked)
}

func (p *Parser) append(l ladder, asked []byte) ([]Candidate, []byte) {
	digits, plus := asked, false
	if len(digits) > 0 && digits[0] == '+' {
		digits, plus = digits[1:], true
	}
	if !allDigits(digits) || len(digits) > maxDigits {
		return p.appendSpelled(l, string(asked))
	}
	l.climb(digits, plus)
	return l.found, l.scratch
}

func allDigits(s []byte) bool {
	for _, c := range s {
		if !isDigit(c) {
			return false
		}
	}
	return true
}

// appendSpelled is the way of all other spellings: URIs, signs and spaces, feature prefixes, extensions.
func (p *Parser) appendSpelled(l ladder, asked string) ([]Candidate, []byte) {
	spelling := newSpelling(asked)
	if isWithheld(spelling.text) {
		return l.found, l.scratch
	}
	var room [maxNumbers]span
	spans := split(room[:0], spelling.text, p.loc.Country)
	if len(spans) == 0 {
		return l.found, l.scratch
	}
	s, ok := scan(spelling.text[spans[0].from:spans[0].to], p.loc.Country)
	if !ok || s.long {
		return l.found, l.scratch
	}
	l.ext = s.ext
	if s.zero >= 0 {
		l.climb(s.withoutZero(s.bytes()), s.plus)
	}
	l.climb(s.bytes(), s.plus)
	return l.found, l.scratch
}

// isWithheld recognises what exchanges and gateways show in the place of a number (RFC 3323, 4.1; the words of Cisco,
// Asterisk and AVM).
func isWithheld(text string) bool {
	if _, rest, ok := cutScheme(text); ok {
		text = rest
	}
	text, _, _ = strings.Cut(text, "@")
	if countDigits(text) > 0 {
		return false
	}
	text = strings.ToLower(strings.Trim(text, " \"<>"))
	for _, w := range [...]string{"anonym", "restricted", "unknown", "unavailable", "withheld", "private", "privat", "unbekannt", "blocked", "invalid"} {
		if strings.HasPrefix(text, w) {
			return true
		}
	}
	return false
}
