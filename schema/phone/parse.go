package phone

import (
	"math/bits"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Lengths that decide whether digits are a number of the public network.
const (
	minNational  = 4  // shorter ones are extensions
	minReading   = 6  // shorter ones are not read under a country code
	maxE164      = 15 // ITU-T E.164, 6.1
	minE164      = 7
	localDigits  = 8 // in an open plan, so many digits without trunk prefix are a number without area
	maxDirect    = 5 // digits of an extension behind a hyphen
	nanpDigits   = 10
	nanpCode     = "1"
	nanpGaps     = 1<<3 | 1<<6
	nanpGapsMask = 1<<nanpDigits - 1
)

// Parse splits a field into its numbers and normalises each. region is the ISO 3166 code of the record's country;
// "" or an unknown one means the location's country. A field without digits has no numbers. At most MaxField bytes are
// read, and at most eight numbers.
func (p *Parser) Parse(field, region string) []Number {
	named := region != ""
	region = p.region(region)
	spelling := newSpelling(field)
	var room [maxNumbers]span
	spans := split(room[:0], spelling.text, region)
	if len(spans) == 0 {
		return nil
	}
	numbers := make([]Number, 0, len(spans))
	var last scanned
	for _, part := range spans {
		s, ok := scan(spelling.text[part.from:part.to], region)
		if !ok {
			continue
		}
		s.named = named
		if part.more && s.n < minLocal && !s.plus && last.n >= minLocal {
			s = last.otherEnd(&s, region)
		}
		last = s
		n := p.number(&s, region, spelling.original(part.from, part.to))
		if n.E164 == "" && s.n > maxE164 {
			if two := p.halves(&spelling, part, region, named); two != nil {
				for _, n := range two {
					numbers = appendNumber(numbers, n)
				}
				continue
			}
		}
		numbers = appendNumber(numbers, n)
	}
	return numbers
}

func appendNumber(numbers []Number, n Number) []Number {
	if contains(numbers, n) {
		return numbers
	}
	return append(numbers, n)
}

// otherEnd is the number s with another end: another extension where s has a hyphen before its own ("123-0/-456"), else
// other last digits ("1234567/68").
func (s *scanned) otherEnd(end *scanned, region string) scanned {
	other := *s
	other.ext, other.dash = end.ext, false
	at := s.n - end.n
	if hyphen := s.extensionAt(region); hyphen > 0 && (end.leads || hyphen >= at) {
		at = hyphen
	}
	other.n = at
	for _, d := range end.bytes() {
		other.add(d)
	}
	return other
}

// halves reads two numbers with nothing but a space or a dash between them, which together are none: both have to be
// numbers of the plan. nil if they aren't.
func (p *Parser) halves(spelling *spelling, part span, region string, named bool) []Number {
	text := spelling.text[part.from:part.to]
	for i := range len(text) {
		if !isSpace(text[i]) || i == 0 || !isDigit(text[i-1]) && text[i-1] != '-' {
			continue
		}
		var two [2]Number
		whole := true
		for j, side := range [...]span{{from: part.from, to: part.from + i}, {from: part.from + i, to: part.to}} {
			s, ok := scan(spelling.text[side.from:side.to], region)
			if !ok || s.n < minLocal+2 || j == 1 && !s.plus && !plans().startsNumber(s.bytes(), region) {
				whole = false
				break
			}
			s.named = named
			two[j] = p.number(&s, region, spelling.original(side.from, side.to))
			whole = whole && two[j].Valid
		}
		if whole {
			return two[:]
		}
	}
	return nil
}

// startsNumber says whether digits begin as whole numbers of the region do: with its trunk prefix, where it has one.
func (w *numbering) startsNumber(digits []byte, region string) bool {
	home := w.regions[region]
	return home == nil || home.trunk == "" || home.trunk == nanpCode || hasPrefix(digits, home.trunk)
}

func contains(numbers []Number, n Number) bool {
	for _, m := range numbers {
		if m.E164 == n.E164 && m.Extension == n.Extension && (n.E164 != "" || m.Digits == n.Digits) {
			return true
		}
	}
	return false
}

func (p *Parser) region(region string) string {
	if region == "" || region == p.loc.Country {
		return p.loc.Country
	}
	if plans().regions[region] != nil {
		return region
	}
	if upper := strings.ToUpper(strings.TrimSpace(region)); plans().regions[upper] != nil {
		return upper
	}
	return p.loc.Country
}

// number normalises one number.
func (p *Parser) number(s *scanned, region, original string) Number {
	n := Number{Original: original, Extension: s.ext}
	if len(original) == s.n && !s.plus && original == string(s.bytes()) {
		n.Digits = original
	} else {
		n.Digits = string(s.bytes())
	}
	read, used, ok := p.read(s, region)
	if !ok || s.odd {
		n.unfound = p.tooShort(s, region)
		if read.e164 != "" {
			n.readings[0] = read.e164[1:]
		}
		if other, found := s.american(s.bytes()); found {
			n.readings[1] = other.e164[1:]
		}
		return n
	}
	n.E164, n.Valid = E164(read.e164), read.valid
	national := read.e164[1+read.code:]
	if used == n.Digits && national == n.Digits && read.plan.trunk != "" {
		n.readings[0] = n.Digits // written without its trunk prefix: what it means is less sure
	}
	if !read.plan.directDial {
		return n
	}
	if s.ext != "" && len(read.e164)-1+len(s.ext) <= maxE164 {
		n.dialled = read.plan.fixed(append([]byte(national), s.ext...))
	}
	if s.ext == "" && read.plan.open {
		n.HyphenAt = s.hyphenAt(&read)
	}
	return n
}

// tooShort says whether digits that are no number are too few to be found by: a "49" or "030" that a form left behind, the
// extension of another company. Own extensions and service numbers are found.
func (p *Parser) tooShort(s *scanned, region string) bool {
	digits := s.bytes()
	if s.n >= minLocal || !s.plus && shortPlans()[region].isService(digits) {
		return false
	}
	if s.words && s.n < p.loc.InternalDigits {
		return true // "n/a 12" is no extension of ours, "Empfang 567" may be
	}
	return s.plus || region != p.loc.Country || !p.isInternal(digits)
}

// read finds the international form. If ok is false the number stays as it is, and n may have a reading of it that is
// less than sure. used is the digits without outside line.
func (p *Parser) read(s *scanned, region string) (n normal, used string, ok bool) {
	digits := s.bytes()
	if s.long {
		return normal{}, "", false
	}
	if s.plus {
		if rest, found := cutPrefix(digits, "00"); found {
			digits = rest
		}
		n, ok = s.readInternational(digits, region)
		return n, "", ok
	}
	home := plans().regions[region]
	if shortPlans()[region].isService(digits) || len(digits) < minNational ||
		region == p.loc.Country && len(digits) <= p.loc.InternalDigits {
		return normal{}, "", false
	}
	if rest, found := cutPrefix(digits, "00"); found && home == nil && len(rest) > 0 && rest[0] != '0' {
		n, ok = s.readInternational(rest, region)
		return n, "", ok
	}
	if s.zero >= 0 {
		if n, ok = normalise(s.withoutZero(digits), false, region); ok && n.valid {
			return n, "", true
		}
	}
	n, ok = normalise(digits, false, region)
	sure := ok && n.valid && !isLocal(home, &n, digits)
	if rest, found := p.withoutOutsideLine(s, digits, region, sure); found {
		if other, valid := normalise(rest, false, region); valid && other.valid {
			return other, string(rest), true
		}
	}
	if !ok {
		return normal{}, "", false
	}
	if !sure && home != nil {
		if rest, found := home.current(digits); found {
			return normal{e164: "+" + home.code + string(rest), code: len(home.code), plan: home, valid: true}, string(rest), true
		}
	}
	if sure && home.open && n.e164[1+n.code:] == string(digits) {
		// "415-901-7000" in a German record: there nobody leaves out the 0, so it is an American number.
		if other, found := s.american(digits); found {
			return other, "", false
		}
	}
	if sure {
		return n, string(digits), true
	}
	if found := home.international(digits); found && possible(n.e164) {
		return n, "", true
	}
	// A record that says its country, and a number with that country's trunk prefix and a length that it may have: that is
	// the number, even if the plan does not list it (yet): 07700 900123 in a British record.
	if s.named && ok && home.trunk != "" && len(n.e164)-1-n.code < len(digits) && home.lengthOf(len(n.e164)-1-n.code) == lengthPossible {
		return n, "", true
	}
	if len(n.e164)-1-n.code < minReading || len(n.e164)-1 > maxE164 {
		return normal{}, "", false
	}
	return n, "", false
}

// american reads digits that are grouped as only Americans do, "(415) 901-7000", as a number of their plan.
func (s *scanned) american(digits []byte) (normal, bool) {
	if s.plus || len(digits) != nanpDigits || s.gaps&nanpGapsMask != nanpGaps {
		return normal{}, false
	}
	var b [len(nanpCode) + nanpDigits]byte
	n, ok := normalise(append(append(b[:0], nanpCode...), digits...), true, "")
	return n, ok && n.valid
}

// readInternational reads the digits behind "+".
func (s *scanned) readInternational(digits []byte, region string) (n normal, ok bool) {
	if s.zero >= 0 {
		if n, ok = normalise(s.withoutZero(digits), true, region); ok && n.valid {
			return n, true
		}
	}
	n, ok = normalise(digits, true, region)
	if !ok || !n.valid && !possible(n.e164) {
		return normal{}, false
	}
	if !n.valid {
		if rest, found := n.plan.current([]byte(n.e164[1+n.code:])); found {
			n.e164, n.valid = n.e164[:1+n.code]+string(rest), true
		}
	}
	return n, true
}

// possible says whether E.164 admits the length. A number with "+" that the plan doesn't know is still that number:
// plans change before the library does.
func possible(e164 string) bool { return len(e164)-1 >= minE164 && len(e164)-1 <= maxE164 }

// withoutZero returns digits without the zero of "(0)". digits may have lost something at its beginning.
func (s *scanned) withoutZero(digits []byte) []byte {
	at := s.zero - (s.n - len(digits))
	if at < 0 {
		return digits
	}
	return append(append(make([]byte, 0, len(digits)), digits[:at]...), digits[at+1:]...)
}

// isLocal says whether digits lack the area: in an open plan eight digits without trunk prefix are as good a number
// of somebody else.
func isLocal(home *plan, n *normal, digits []byte) bool {
	return home.open && home.trunk != "" && len(digits) <= localDigits && n.e164[1+n.code:] == string(digits)
}

// withoutOutsideLine takes the outside line off a number of the location's own country: always if the number means
// nothing with it, and if a space stands behind it ("0 07031 123456").
func (p *Parser) withoutOutsideLine(s *scanned, digits []byte, region string, sure bool) ([]byte, bool) {
	if region != p.loc.Country || p.plan == nil {
		return nil, false
	}
	rest, found := cutPrefix(digits, p.loc.OutsideLine)
	if !found || len(rest) < minReading {
		return nil, false
	}
	gap := s.gaps&(1<<len(p.loc.OutsideLine)) != 0
	if sure && !gap {
		return nil, false
	}
	if _, trunk := cutPrefix(rest, p.plan.trunk); trunk || p.plan.international(rest) {
		return rest, true
	}
	return rest, gap && !sure
}

// international says whether digits begin with an international prefix and a country code.
func (pl *plan) international(digits []byte) bool {
	for _, idd := range pl.idd {
		if rest, found := cutPrefix(digits, idd); found && len(rest) > 0 && rest[0] != '0' {
			return true
		}
	}
	return false
}

// hyphenAt returns how many digits of the number stand before the hyphen of its extension (DIN 5008): the last hyphen,
// with up to five digits behind it and a subscriber number, not only an area code, before it. A number written in
// pairs ("12-34-56") has none.
func (s *scanned) hyphenAt(n *normal) int {
	national := n.e164[1+n.code:]
	start := s.n - len(national)
	if start < 0 || string(s.digits[start:s.n]) != national || !n.plan.fixed([]byte(national)) && !s.dash {
		return 0
	}
	hyphens := s.hyphen &^ (1<<(start+1) - 1)
	if hyphens == 0 {
		return 0
	}
	at := bits.Len64(hyphens) - 1
	if at == s.n && !s.dash || s.n-at > maxDirect || s.gaps>>(at+1) != 0 {
		return 0
	}
	area := at
	if between := (s.gaps | s.hyphen) &^ (1<<(start+1) - 1); between != 0 {
		area = bits.TrailingZeros64(between)
	}
	if area < at {
		if inner := hyphens &^ (1<<(area+1) - 1) &^ (1 << at); inner != 0 || at-area < 2 {
			return 0
		}
	} else if at-start-areaLength(n.e164) < 2 {
		return 0
	}
	return n.code + at - start
}

// areaLength asks the library how long the area code is.
func areaLength(e164 string) int {
	number, err := phonenumbers.Parse(e164, phonenumbers.UNKNOWN_REGION)
	if err != nil {
		return len(e164)
	}
	if n := phonenumbers.GetLengthOfGeographicalAreaCode(number); n > 0 {
		return n
	}
	return len(e164)
}
