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

// minSubscriber is how many digits a number needs to be read under a country code without a trunk prefix.
const minSubscriber = 7

// Candidate is one reading of a dialled or shown number. Key compares with Number.Keys.
//
// Key and Extension alias the scratch buffer of AppendCandidates: they are valid until that buffer is used again.
type Candidate struct {
	Key       []byte // digits
	Rule      string // why, one of the Rule constants
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
func (p *Parser) AppendCandidates(dst []Candidate, scratch, asked []byte) ([]Candidate, []byte) {
	l := ladder{p: p, found: dst, first: len(dst), scratch: scratch}
	digits, plus := asked, false
	if len(digits) > 0 && digits[0] == '+' {
		digits, plus = digits[1:], true
	}
	if !allDigits(digits) || len(digits) > maxDigits {
		return p.appendSpelled(dst, scratch, string(asked))
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
func (p *Parser) appendSpelled(dst []Candidate, scratch []byte, asked string) ([]Candidate, []byte) {
	spelling := newSpelling(asked)
	if isWithheld(spelling.text) {
		return dst, scratch
	}
	var room [maxNumbers]span
	spans := split(room[:0], spelling.text, p.loc.Country)
	if len(spans) == 0 {
		return dst, scratch
	}
	s, ok := scan(spelling.text[spans[0].from:spans[0].to], p.loc.Country)
	if !ok || s.long {
		return dst, scratch
	}
	l := ladder{p: p, found: dst, first: len(dst), scratch: scratch, ext: s.ext}
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

// ladder collects candidates.
type ladder struct {
	p       *Parser
	found   []Candidate
	first   int // index in found of the first own candidate
	scratch []byte
	ext     string
}

// climb adds the readings of digits, best first.
func (l *ladder) climb(digits []byte, plus bool) {
	p := l.p
	if len(digits) == 0 {
		return
	}
	if plus {
		if rest, found := cutPrefix(digits, "00"); found && len(rest) > 0 {
			digits = rest
		}
		l.international(RuleInternational, digits)
		l.add(RuleDigits, "", digits)
		return
	}
	outside, dialled := cutPrefix(digits, p.loc.OutsideLine)
	switch {
	case p.isService(digits):
		l.add(RuleShort, "", digits)
		return
	case dialled && p.isService(outside):
		l.add(RuleShort, "", outside)
		return
	}
	if len(digits) <= p.loc.InternalDigits {
		if p.head != "" {
			l.add(RuleHead, p.head, digits)
		}
		l.area(RuleArea, digits)
		l.add(RuleDigits, "", digits)
		return
	}
	if p.plan != nil {
		if rest, found := p.cutIDD(digits); found && hasPrefix(rest, p.plan.code) {
			l.international(RuleOwnIDD, rest)
		}
	}
	if dialled {
		if rest, found := p.cutIDD(outside); found {
			l.international(RuleOutsideIDD, rest)
		}
		l.trunk(RuleOutsideOwn, outside)
	}
	if rest, found := p.cutIDD(digits); found {
		l.international(RuleIDD, rest)
	}
	l.trunk(RuleCountry, digits)
	l.trunkless(RuleCountry, digits)
	l.area(RuleArea, digits)
	if dialled && len(outside) > 0 {
		l.trunkless(RuleOutsideOwn, outside)
		l.area(RuleOutsideArea, outside)
	}
	if p.plan != nil && hasPrefix(digits, p.plan.code) && len(digits) >= len(p.plan.code)+minReading {
		l.international(RuleNoPlus, digits)
	}
	l.withoutTrunk(digits)
	l.add(RuleDigits, "", digits)
}

// isService says whether digits are a service number. Emergency numbers always are; another one may be an extension
// of our own, if ours are so long.
func (p *Parser) isService(digits []byte) bool {
	if p.short.isEmergency(digits) {
		return true
	}
	return len(digits) > p.loc.InternalDigits && p.short.isService(digits)
}

// cutIDD takes off what stands for "+". No country code begins with 0.
func (p *Parser) cutIDD(digits []byte) ([]byte, bool) {
	for _, idd := range p.idd {
		if rest, found := cutPrefix(digits, idd); found && len(rest) > 0 && rest[0] != '0' {
			return rest, true
		}
	}
	return digits, false
}

// international adds country code and number, without a trunk prefix behind the code ("+49 07031 …").
func (l *ladder) international(rule string, digits []byte) {
	among, width := plans().ofCode(digits)
	if width == 0 || len(digits) > maxNational+3 {
		return
	}
	pl, rest := among[0], digits[width:]
	switch {
	case !pl.literalTrunk:
		if n, ok := normalise(digits, true, pl.region); ok && n.valid {
			l.number(RulePlan, "", []byte(n.e164[1:]))
		}
	case pl.trunk != "" && hasPrefix(rest, pl.trunk) && pl.ready():
		if short := pl.stripTrunk(rest); len(short) < len(rest) {
			l.number(rule, pl.code, short)
			return
		}
	}
	l.number(rule, "", digits)
}

// trunk adds a national number that begins with the trunk prefix.
func (l *ladder) trunk(rule string, digits []byte) {
	pl := l.p.plan
	if pl == nil {
		return
	}
	rest, found := cutPrefix(digits, pl.trunk)
	if found && len(rest) >= 2 && (rest[0] != '0' || pl.trunk[0] != '0') {
		l.national(rule, rest)
	}
}

// trunkless adds a national number of a country that has no trunk prefix.
func (l *ladder) trunkless(rule string, digits []byte) {
	pl := l.p.plan
	if pl == nil || pl.trunk != "" || pl.lengthOf(len(digits)) != lengthPossible {
		return
	}
	if len(digits) >= minReading || pl.ready() && pl.valid(digits) { // small islands have four and five digits
		l.national(rule, digits)
	}
}

// national adds the own country code before a national significant number.
func (l *ladder) national(rule string, digits []byte) {
	pl := l.p.plan
	if !pl.literalTrunk && len(digits) >= minReading {
		if n, ok := normalise(append([]byte(pl.trunk), digits...), false, pl.region); ok && n.valid {
			l.number(RulePlan, "", []byte(n.e164[1:]))
		}
	}
	if len(pl.code)+len(digits) <= maxE164 {
		l.number(rule, pl.code, digits)
	}
}

// area adds own country code and area before a subscriber number, if the plan has numbers of that length.
func (l *ladder) area(rule string, digits []byte) {
	pl := l.p.plan
	if pl == nil || l.p.loc.Area == "" || digits[0] == '0' || len(digits) < 3 {
		return
	}
	if n := len(l.p.loc.Area) + len(digits); pl.lengthOf(n) != lengthPossible || len(pl.code)+n > maxE164 {
		return
	}
	var b [16]byte
	prefix := append(append(b[:0], pl.code...), l.p.loc.Area...)
	l.numberBytes(rule, prefix, digits)
}

// withoutTrunk adds a national number that lost its trunk prefix; carriers deliver such caller numbers.
func (l *ladder) withoutTrunk(digits []byte) {
	pl := l.p.plan
	if pl == nil || pl.trunk == "" || len(digits) < minSubscriber || digits[0] == '0' || pl.lengthOf(len(digits)) != lengthPossible {
		return
	}
	l.national(RuleCountryNoTrunk, digits)
}

// number adds prefix and digits, with the extension that was asked for where it is dialled directly, and the internal
// extension if the number is our own.
func (l *ladder) number(rule, prefix string, digits []byte) {
	var b [16]byte
	l.numberBytes(rule, append(b[:0], prefix...), digits)
}

func (l *ladder) numberBytes(rule string, prefix, digits []byte) {
	if l.ext != "" {
		l.extended(prefix, digits)
	}
	start := len(l.scratch)
	l.scratch = append(append(l.scratch, prefix...), digits...)
	key := l.scratch[start:len(l.scratch):len(l.scratch)]
	l.keep(rule, key, start)
	if l.p.head == "" || l.p.loc.InternalDigits == 0 {
		return
	}
	if rest, found := cutPrefix(key, l.p.head); found && len(rest) > 0 && len(rest) <= l.p.loc.InternalDigits {
		l.add(RuleInternal, "", rest)
	}
}

// extended adds number and extension where the plan dials extensions directly.
func (l *ladder) extended(prefix, digits []byte) {
	start := len(l.scratch)
	l.scratch = append(append(append(l.scratch, prefix...), digits...), l.ext...)
	key := l.scratch[start:len(l.scratch):len(l.scratch)]
	among, width := plans().ofCode(key)
	if width == 0 || !among[0].directDial || len(key) > maxE164 || !among[0].fixed(key[width:]) {
		l.scratch = l.scratch[:start]
		return
	}
	l.keep(RuleExtension, key, start)
}

func (l *ladder) add(rule, prefix string, digits []byte) {
	start := len(l.scratch)
	l.scratch = append(append(l.scratch, prefix...), digits...)
	l.keep(rule, l.scratch[start:len(l.scratch):len(l.scratch)], start)
}

// keep adds key, which lies in scratch from start on, unless it is there already.
func (l *ladder) keep(rule string, key []byte, start int) {
	for i := l.first; i < len(l.found); i++ {
		if string(l.found[i].Key) == string(key) {
			l.scratch = l.scratch[:start]
			return
		}
	}
	c := Candidate{Key: key, Rule: rule}
	if l.ext != "" && rule != RuleExtension {
		at := len(l.scratch)
		l.scratch = append(l.scratch, l.ext...)
		c.Extension = l.scratch[at:len(l.scratch):len(l.scratch)]
	}
	l.found = append(l.found, c)
}

func hasPrefix(digits []byte, prefix string) bool {
	_, found := cutPrefix(digits, prefix)
	return found
}
