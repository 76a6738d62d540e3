package phone

// E164 is a number in the international form of ITU-T E.164: "+" and 7 to 15 digits.
type E164 string

// Number is one telephone number out of a field.
type Number struct {
	E164      E164   // "" if the number can't be normalised
	Extension string // digits after an extension word, "" none
	Original  string // the trimmed part of the field
	Digits    string // the digits of Original, extension left out
	HyphenAt  int    // digits of E164 before the hyphen that marks an extension, 0 none
	Valid     bool   // the numbering plan of the country knows such a number
}

// Text is what an answer shows.
func (n Number) Text() string {
	if n.E164 == "" {
		return n.Original
	}
	return string(n.E164)
}

// Keys returns the digit strings under which the number is found, best first.
func (n Number) Keys() []string {
	if n.E164 == "" {
		return []string{n.Digits}
	}
	return []string{string(n.E164[1:])}
}
