package phone

// isVanityPrefix knows the prefixes behind which letters are read as digits, those of freephone and premium numbers.
// Everywhere else a letter behind a number is a remark ("030 23125 100 private").
func isVanityPrefix(digits []byte) bool {
	switch string(digits) {
	case "800", "888", "877", "866", "855", "844", "833", "900",
		"1800", "1888", "1877", "1866", "1855", "1844", "1833", "1900",
		"0800", "0808", "0900", "0700", "1300", "13", "49800", "49700", "44800", "64800":
		return true
	}
	return false
}

// beginsAsVanity says whether digits begin with such a prefix, but are no number yet: "800-555-GOLD".
func beginsAsVanity(digits []byte) bool {
	for n := len(digits) - 1; n >= 3; n-- {
		if isVanityPrefix(digits[:n]) {
			return true
		}
	}
	return false
}

// keypad is the digit of each letter (ITU-T E.161, 3.1).
const keypad = "22233344455566677778889999"

// vanity reads letters as digits: "1-800-FLOWERS". The result is the digits behind prefix, nil if text is a remark.
func vanity(prefix []byte, plus bool, text, region string) []byte {
	exact := isVanityPrefix(prefix)
	if !exact {
		if n, ok := normalise(prefix, plus, region); ok && n.valid || !beginsAsVanity(prefix) {
			return nil
		}
	}
	var digits []byte
	letters := 0
	for i := range len(text) {
		switch c := text[i]; {
		case isDigit(c):
			digits = append(digits, c)
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			digits = append(digits, keypad[c|0x20-'a'])
			letters++
		case c == ' ' || c == '-' || c == '.':
		default:
			return nil
		}
		if len(digits) > 12 {
			return nil
		}
	}
	if letters < 3 {
		return nil
	}
	for len(digits) >= 5 || !exact { // a phone dials as many as the number has: "1-800-FLOWERS-NOW"
		whole := append(append([]byte(nil), prefix...), digits...)
		n, ok := normalise(whole, plus, region)
		if ok && n.valid {
			return digits
		}
		if !ok || n.plan.code != nanpCode || !exact {
			return nil
		}
		digits = digits[:len(digits)-1]
	}
	return nil
}
