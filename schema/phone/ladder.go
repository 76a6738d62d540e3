package phone

// ladder collects candidates.
type ladder struct {
	p       *Parser
	found   []Candidate
	first   int // index in found of the first own candidate
	scratch []byte
	ext     string
	open    bool // more digits may follow: nothing is too short
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
		l.bare(digits)
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
		if !l.open {
			l.bare(digits)
			return
		}
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
	l.bare(digits)
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
	if now, found := pl.current(rest); found {
		l.number(RulePlan, pl.code, now)
	}
	switch {
	case !pl.plainTrunk(rest):
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
	if pl == nil {
		return
	}
	if now, found := pl.current(digits); found {
		l.number(RulePlan, pl.code, now)
	}
	if pl.trunk != "" || pl.lengthOf(len(digits)) != lengthPossible {
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
	if pl == nil || l.p.loc.Area == "" || digits[0] == '0' || len(digits) < 3 || !l.open && len(digits) < minLocal {
		return
	}
	if n := len(l.p.loc.Area) + len(digits); pl.lengthOf(n) != lengthPossible || len(pl.code)+n > maxE164 {
		return
	}
	var b [16]byte
	prefix := append(append(b[:0], pl.code...), l.p.loc.Area...)
	l.numberBytes(rule, prefix, digits)
}

// bare adds the digits as they are, unless they are too few for a number and no own extension.
func (l *ladder) bare(digits []byte) {
	switch {
	case l.p.isInternal(digits):
		l.add(RuleInternal, "", digits)
	case l.open || len(digits) >= minLocal:
		l.add(RuleDigits, "", digits)
	}
}

// isInternal says whether digits may be one of our own extensions: not longer than these are, not what is dialled before a
// number, and not our own country code, which forms leave behind.
func (p *Parser) isInternal(digits []byte) bool {
	n := len(digits)
	if n == 0 || n > p.loc.InternalDigits || n < min(minInternal, p.loc.InternalDigits) {
		return false
	}
	return digits[0] != '0' && !hasPrefix(digits, p.loc.OutsideLine) && (p.plan == nil || string(digits) != p.plan.code)
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
	local := false
	switch rule {
	case RuleShort, RuleHead:
	case RuleInternal, RuleArea, RuleOutsideArea:
		local = true
	case RuleDigits:
		local = len(key) <= localDigits && key[0] != '0'
	default:
		if !l.open && len(key) < minReading {
			l.scratch = l.scratch[:start]
			return
		}
	}
	for i := l.first; i < len(l.found); i++ {
		if string(l.found[i].Key) == string(key) {
			l.scratch = l.scratch[:start]
			return
		}
	}
	c := Candidate{Key: key, Rule: rule, Local: local}
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
