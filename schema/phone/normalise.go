package phone

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// normal is what a plan makes of digits.
type normal struct {
	e164  string // "+" and digits
	code  int    // digits of the country calling code
	plan  *plan  // main plan of the calling code
	valid bool
}

// normalise reads digits in region as libphonenumber does; plus says that a "+" stood before them. ok is false where
// the library finds no number. Digits of plans with plain prefixes are read here, all others by the library.
func normalise(digits []byte, plus bool, region string) (n normal, ok bool) {
	if n, ok = normaliseLiteral(digits, plus, region); ok {
		return n, true
	}
	return normaliseLibrary(digits, plus, region)
}

// normaliseLiteral is the way without the library: equal to it wherever ok is true.
func normaliseLiteral(digits []byte, plus bool, region string) (n normal, ok bool) {
	if len(digits) < 4 || len(digits) > maxNational {
		return normal{}, false
	}
	world := plans()
	home := world.regions[region]
	if !plus {
		if home == nil || !home.plainIDD(digits) || !home.ready() {
			return normal{}, false
		}
		for _, idd := range home.idd {
			if !home.literalIDD {
				break // none of its prefixes: plainIDD
			}
			if rest, found := cutPrefix(digits, idd); found && len(rest) > 0 && rest[0] != '0' {
				digits, plus = rest, true
				break
			} else if found && len(rest) == 0 {
				return normal{}, false
			} else if found {
				break
			}
		}
	}
	if plus {
		among, width := world.ofCode(digits)
		if width == 0 || len(digits) < 4 {
			return normal{}, false
		}
		return national(among, digits[width:])
	}
	if rest, found := cutPrefix(digits, home.code); found {
		if !home.plainTrunk(rest) {
			return normal{}, false
		}
		rest = home.stripTrunk(rest)
		if (!home.general(digits) && home.general(rest)) || home.lengthOf(len(digits)) == lengthLong {
			among, _ := world.ofCode([]byte(home.code))
			return national(among, rest)
		}
	}
	among, _ := world.ofCode([]byte(home.code))
	return nationalOf(home, among, digits)
}

// national reads a national number behind the calling code that among shares.
func national(among []*plan, digits []byte) (normal, bool) {
	if len(among) == 0 {
		return normal{}, false
	}
	return nationalOf(among[0], among, digits)
}

func nationalOf(home *plan, among []*plan, digits []byte) (normal, bool) {
	if len(among) == 0 || !home.plainTrunk(digits) || !home.ready() {
		return normal{}, false
	}
	switch rest := home.stripTrunk(digits); home.lengthOf(len(rest)) {
	case lengthPossible, lengthLong:
		digits = rest
	}
	if len(digits) < 2 || len(digits) > maxNational {
		return normal{}, false
	}
	valid, ok := validFor(among, digits)
	if !ok {
		return normal{}, false
	}
	var b [1 + 3 + maxNational]byte
	e164 := append(b[:0], '+')
	e164 = append(e164, home.code...)
	e164 = append(e164, digits...)
	return normal{e164: string(e164), code: len(home.code), plan: among[0], valid: valid}, true
}

// normaliseLibrary asks libphonenumber.
func normaliseLibrary(digits []byte, plus bool, region string) (normal, bool) {
	text := string(digits)
	if plus {
		text = "+" + text
	}
	if plans().regions[region] == nil {
		if !plus {
			return normal{}, false
		}
		region = phonenumbers.UNKNOWN_REGION
	}
	number, err := phonenumbers.Parse(text, region)
	if err != nil {
		return normal{}, false
	}
	e164 := phonenumbers.Format(number, phonenumbers.E164)
	among, width := plans().ofCode([]byte(strings.TrimPrefix(e164, "+")))
	if width == 0 {
		return normal{}, false
	}
	return normal{e164: e164, code: width, plan: among[0], valid: phonenumbers.IsValidNumber(number)}, true
}

func cutPrefix(digits []byte, prefix string) ([]byte, bool) {
	if len(prefix) == 0 || len(digits) < len(prefix) || string(digits[:len(prefix)]) != prefix {
		return digits, false
	}
	return digits[len(prefix):], true
}
