package phone

import (
	"math/bits"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// plan is the numbering plan of one country, compiled from libphonenumber's metadata.
type plan struct {
	region   string // ISO 3166 alpha-2; "001" for codes without a country
	code     string // country calling code, "49"
	trunk    string // national prefix people dial, "0"; "" none
	prefixes []string
	idd      []string // literal international prefixes, "00"
	// literalTrunk says that prefixes is all that parsing a national number strips, literalIDD the same of idd.
	literalTrunk, literalIDD bool
	possible                 uint32 // bit n: a national significant number may have n digits
	local                    uint32 // bit n: n digits are possible without the area only
	directDial               bool   // an extension is dialled behind the number
	open                     bool   // directDial, and numbers have many lengths: nothing else tells where they end

	meta  *phonenumbers.PhoneMetadata
	build sync.Once
	auto  *automaton
	// trunks and idds say where a prefix that is not literal begins a number; then the library decides. They are nil
	// if that can't be told.
	trunks, idds *automaton
	byLen        [maxNational + 1]uint16 // per length: patterns that may have it
	lead         bool                    // the plan's leading digits tell it from others with its code
}

// The bits of a plan's automaton; the types of numbers follow.
const (
	bitGeneral = 1 << iota
	bitLead
	bitFixed
	bitFirstType = bitFixed
)

// Lengths as libphonenumber tells them apart.
type length uint8

const (
	lengthPossible length = iota
	lengthLocal
	lengthShort
	lengthLong
	lengthInvalid
)

// numbering is every plan. It is immutable but for the automata, which each plan builds once.
type numbering struct {
	regions map[string]*plan
	codes   [1000][]*plan // by country calling code; the main country first
}

// plans returns the numbering plans of the world, compiled at the first use (about 3 ms).
var plans = sync.OnceValue(func() *numbering {
	world := &numbering{regions: make(map[string]*plan)}
	collection, err := phonenumbers.MetadataCollection()
	if err != nil { // the library itself panics at its start if its embedded data can't be read
		return world
	}
	nonGeographic := make(map[int]*plan)
	for _, meta := range collection.GetMetadata() {
		pl := newPlan(meta)
		if meta.GetId() == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY {
			nonGeographic[int(meta.GetCountryCode())] = pl
			continue
		}
		world.regions[meta.GetId()] = pl
	}
	for code := range world.codes {
		for _, region := range phonenumbers.GetRegionCodesForCountryCode(code) {
			if pl := world.regions[region]; pl != nil {
				world.codes[code] = append(world.codes[code], pl)
			} else if pl := nonGeographic[code]; pl != nil {
				world.codes[code] = append(world.codes[code], pl)
			}
		}
	}
	return world
})

func newPlan(meta *phonenumbers.PhoneMetadata) *plan {
	pl := &plan{
		region: meta.GetId(),
		code:   strconv.Itoa(int(meta.GetCountryCode())),
		trunk:  Digits(meta.GetNationalPrefix()),
		lead:   meta.GetLeadingDigits() != "",
		meta:   meta,
	}
	pl.prefixes, pl.literalTrunk = literals(meta.GetNationalPrefixForParsing())
	pl.literalTrunk = pl.literalTrunk && meta.GetNationalPrefixTransformRule() == ""
	pl.idd, pl.literalIDD = literals(meta.GetInternationalPrefix())
	if !pl.literalIDD {
		if preferred := Digits(meta.GetPreferredInternationalPrefix()); preferred != "" {
			pl.idd = []string{preferred}
		}
	}
	pl.possible = lengthMask(meta.GetGeneralDesc().PossibleLength)
	pl.local = lengthMask(meta.GetGeneralDesc().PossibleLengthLocalOnly)
	switch pl.region {
	case "DE", "AT", "LU", "CH", "LI":
		pl.directDial = true
	}
	pl.open = pl.directDial && bits.OnesCount32(pl.possible) > 4
	return pl
}

var digitAlternatives = regexp.MustCompile(`^\d+(\|\d+)*$`)

// literals splits a pattern that is only alternatives of digits. ok is false if it is more than that.
func literals(pattern string) (alternatives []string, ok bool) {
	if pattern == "" {
		return nil, true
	}
	if !digitAlternatives.MatchString(pattern) {
		return nil, false
	}
	return strings.Split(pattern, "|"), true
}

func lengthMask(lengths []int32) (mask uint32) {
	for _, n := range lengths {
		if n >= 0 && n < 32 {
			mask |= 1 << n
		}
	}
	return mask
}

// compile builds the automaton. pl.auto stays nil if a pattern can't be expressed; then the library decides.
func (pl *plan) compile() {
	m := pl.meta
	patterns := []string{
		m.GetGeneralDesc().GetNationalNumberPattern(),
		"(?:" + m.GetLeadingDigits() + `)[0-9]*`,
	}
	descs := []*phonenumbers.PhoneNumberDesc{
		m.GetFixedLine(), m.GetPremiumRate(), m.GetTollFree(), m.GetSharedCost(), m.GetVoip(),
		m.GetPersonalNumber(), m.GetPager(), m.GetUan(), m.GetVoicemail(),
	}
	if !m.GetSameMobileAndFixedLinePattern() {
		descs = append(descs, m.GetMobile())
	}
	for n := range pl.byLen {
		pl.byLen[n] |= bitLead
		if lengthFits(m.GetGeneralDesc(), n) {
			pl.byLen[n] |= bitGeneral
		}
	}
	for i, desc := range descs {
		patterns = append(patterns, desc.GetNationalNumberPattern())
		for n := range pl.byLen {
			if lengthFits(desc, n) {
				pl.byLen[n] |= bitFirstType << i
			}
		}
	}
	if !pl.literalTrunk {
		pl.trunks = beginning(m.GetNationalPrefixForParsing())
	}
	if !pl.literalIDD {
		pl.idds = beginning(m.GetInternationalPrefix())
	}
	if auto, err := newAutomaton(patterns); err == nil {
		pl.auto = auto
	}
}

// beginning compiles what digits begin with; nil if the pattern can't be expressed.
func beginning(pattern string) *automaton {
	auto, err := newAutomaton([]string{"(?:" + pattern + ")[0-9]*"})
	if err != nil {
		return nil
	}
	return auto
}

// lengthFits says whether desc admits n digits; a description without lengths admits all.
func lengthFits(desc *phonenumbers.PhoneNumberDesc, n int) bool {
	return desc == nil || len(desc.PossibleLength) == 0 || slices.Contains(desc.PossibleLength, int32(n))
}

// ready builds the automaton at the first call and says whether there is one.
func (pl *plan) ready() bool {
	pl.build.Do(pl.compile)
	return pl.auto != nil
}

// general says whether the digits match the plan's general pattern.
func (pl *plan) general(digits []byte) bool { return pl.auto.match(digits)&bitGeneral != 0 }

// valid says whether the digits are a national significant number of some type.
func (pl *plan) valid(digits []byte) bool {
	if len(digits) > maxNational {
		return false
	}
	hit := pl.auto.match(digits) & pl.byLen[len(digits)]
	return hit&bitGeneral != 0 && hit >= bitFirstType
}

// fixed says whether the digits are a fixed line.
func (pl *plan) fixed(digits []byte) bool {
	const both = bitGeneral | bitFixed
	return pl.ready() && len(digits) <= maxNational && pl.auto.match(digits)&pl.byLen[len(digits)]&both == both
}

// leads says whether the digits begin with the plan's leading digits.
func (pl *plan) leads(digits []byte) bool { return pl.auto.match(digits)&bitLead != 0 }

// lengthOf judges a number of digits as the library's testNumberLength does.
func (pl *plan) lengthOf(n int) length {
	switch {
	case pl.possible == 0:
		return lengthInvalid
	case n < 32 && pl.local&(1<<n) != 0:
		return lengthLocal
	case n < 32 && pl.possible&(1<<n) != 0:
		return lengthPossible
	case n >= 32 || pl.possible < 1<<n:
		return lengthLong
	case pl.possible&(1<<n-1) == 0:
		return lengthShort
	}
	return lengthInvalid
}

// abolished are prefixes before the ten digits of a Mexican number that the plan dropped in August 2019 (01 for national calls,
// 044 and 045 for mobile telephones, 1 behind the country code): records and networks keep them.
var abolished = [...]string{"01", "044", "045", "1"}

// current takes an abolished prefix off; found is false if digits have none before a number of the plan.
func (pl *plan) current(digits []byte) (rest []byte, found bool) {
	if pl.region != "MX" {
		return digits, false
	}
	for _, prefix := range abolished {
		if rest, found := cutPrefix(digits, prefix); found && pl.ready() && pl.valid(rest) {
			return rest, true
		}
	}
	return digits, false
}

// plainTrunk says whether stripTrunk knows what parsing digits as a national number strips.
func (pl *plan) plainTrunk(digits []byte) bool {
	return pl.literalTrunk || pl.ready() && pl.trunks != nil && pl.trunks.match(digits) == 0
}

// plainIDD says whether pl.idd tells whether digits begin with an international prefix.
func (pl *plan) plainIDD(digits []byte) bool {
	return pl.literalIDD || pl.ready() && pl.idds != nil && pl.idds.match(digits) == 0
}

// stripTrunk takes the national prefix off, unless the number is one with it and none without it. Only where
// plainTrunk holds.
func (pl *plan) stripTrunk(digits []byte) []byte {
	for _, prefix := range pl.prefixes {
		if len(digits) < len(prefix) || string(digits[:len(prefix)]) != prefix {
			continue
		}
		rest := digits[len(prefix):]
		if pl.general(digits) && !pl.general(rest) {
			return digits
		}
		return rest
	}
	return digits
}

// ofCode finds the plans of the country calling code with which digits begin.
func (w *numbering) ofCode(digits []byte) (found []*plan, code int) {
	if len(digits) == 0 || digits[0] == '0' {
		return nil, 0
	}
	for i := 0; i < 3 && i < len(digits); i++ {
		code = code*10 + int(digits[i]-'0')
		if found = w.codes[code]; len(found) > 0 {
			return found, i + 1
		}
	}
	return nil, 0
}

// validFor decides between the countries of one calling code. ok is false if the library has to.
func validFor(among []*plan, national []byte) (valid, ok bool) {
	for _, pl := range among {
		if !pl.ready() {
			return false, false
		}
		if len(among) == 1 {
			return pl.valid(national), true
		}
		if pl.lead {
			if pl.leads(national) {
				return pl.valid(national), true
			}
		} else if pl.valid(national) {
			return true, true
		}
	}
	return false, true
}
