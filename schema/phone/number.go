package phone

import "slices"

// E164 is a number in the international form of ITU-T E.164: "+" and up to 15 digits.
type E164 string

// Number is one telephone number out of a field.
type Number struct {
	E164      E164   // "" if the number can't be normalised
	Extension string // digits behind an extension word or a pause, "" none; not part of E164
	Original  string // the trimmed part of the field
	Digits    string // the digits of Original, extension left out
	HyphenAt  int    // digits of E164 before the hyphen that marks an extension ("+49 7031 123-456": 9), 0 none
	Valid     bool   // the numbering plan of the country knows such a number

	dialled  bool      // Extension is dialled directly behind E164
	readings [2]string // further keys
	unfound  bool      // its digits are too few to be found by
}

// Text is what an answer shows by default: E.164, with the extension appended where the country's plan dials it
// directly; the original spelling if the number can't be normalised.
func (n Number) Text() string {
	switch {
	case n.E164 == "":
		return n.Original
	case n.dialled:
		return string(n.E164) + n.Extension
	}
	return string(n.E164)
}

// Keys returns the digit strings under which the number is found, best first: the digits of Text. A number whose
// extension is dialled directly is not found under its head number, just as "+49 7031 123-456" is not under
// +49 7031 123: who calls with the head number is the company. A number that can't be normalised has its own digits,
// and where they are long enough the reading under the country code of its region; one grouped as in "(202) 555-0123" the
// American reading too. Digits too few for a number that are no own extension have no key: too many records have them.
func (n Number) Keys() []string {
	keys := make([]string, 0, 3)
	switch {
	case n.E164 == "" && n.unfound:
	case n.E164 == "":
		keys = append(keys, n.Digits)
	case n.dialled:
		keys = append(keys, string(n.E164[1:])+n.Extension)
	default:
		keys = append(keys, string(n.E164[1:]))
	}
	for _, reading := range n.readings {
		if reading != "" && !slices.Contains(keys, reading) {
			keys = append(keys, reading)
		}
	}
	return keys
}

// Head returns the digits of the head number: what stands before the hyphen of an extension, or before an extension
// that is dialled directly. "" if the spelling doesn't tell.
func (n Number) Head() string {
	switch {
	case n.HyphenAt > 0 && n.HyphenAt < len(n.E164):
		return string(n.E164[1 : 1+n.HyphenAt])
	case n.dialled:
		return string(n.E164[1:])
	}
	return ""
}
