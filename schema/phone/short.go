package phone

import (
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// shortPlan is the short numbers of one country. Its automaton is built at the first use.
type shortPlan struct {
	meta  *phonenumbers.PhoneMetadata
	build sync.Once
	auto  *automaton // nil if a pattern can't be expressed
	byLen [8]uint16
}

// The bits of a short plan's automaton.
const (
	bitShort = 1 << iota
	bitEmergency
	bitFree
)

// shortPlans returns the short numbers of the world: emergency calls, harmonised services of social value (116xxx),
// directory enquiries and the like, from libphonenumber's table.
var shortPlans = sync.OnceValue(func() map[string]*shortPlan {
	world := make(map[string]*shortPlan)
	collection, err := phonenumbers.ShortNumberMetadataCollection()
	if err != nil { // the library itself panics at its start if its embedded data can't be read
		return world
	}
	for _, meta := range collection.GetMetadata() {
		world[meta.GetId()] = &shortPlan{meta: meta}
	}
	return world
})

func (sp *shortPlan) compile() {
	descs := [...]*phonenumbers.PhoneNumberDesc{sp.meta.GetShortCode(), sp.meta.GetEmergency(), sp.meta.GetTollFree()}
	var patterns []string
	for i, desc := range descs {
		pattern := desc.GetNationalNumberPattern()
		if pattern == "" {
			pattern = "NA"
		}
		patterns = append(patterns, pattern)
		for n := range sp.byLen {
			if lengthFits(desc, n) && lengthFits(sp.meta.GetGeneralDesc(), n) {
				sp.byLen[n] |= 1 << i
			}
		}
	}
	if auto, err := newAutomaton(patterns); err == nil {
		sp.auto = auto
	}
}

// kinds returns the bits of digits.
func (sp *shortPlan) kinds(digits []byte) uint16 {
	if sp == nil || len(digits) >= len(sp.byLen) {
		return 0
	}
	sp.build.Do(sp.compile)
	if sp.auto == nil {
		return 0
	}
	return sp.auto.match(digits) & sp.byLen[len(digits)]
}

// isService says whether digits are a service number of the country and never part of a longer one: an emergency
// number, one that is free of charge, or one of the harmonised range that begins with 1. The short codes of text
// message services are left out; they look like extensions.
func (sp *shortPlan) isService(digits []byte) bool {
	hit := sp.kinds(digits)
	return hit&(bitEmergency|bitFree) != 0 || hit&bitShort != 0 && (len(digits) == 3 || digits[0] == '1')
}

func (sp *shortPlan) isEmergency(digits []byte) bool { return sp.kinds(digits)&bitEmergency != 0 }

// IsShort says whether number is a service or emergency number of the country (110, 112, 116117, 911), which has no
// international form.
func IsShort(number, region string) bool {
	return shortPlans()[strings.ToUpper(region)].isService([]byte(number))
}
