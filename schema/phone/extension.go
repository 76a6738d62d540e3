package phone

import "strings"

// maxExtension is the longest extension (RFC 3966 has no bound; libphonenumber takes 20 digits).
const maxExtension = 20

// isExtensionWord knows the words that announce an extension, in German, English, French, Italian, Spanish and Russian.
func isExtensionWord(w string) bool {
	if len(w) > 16 {
		return false
	}
	switch strings.ToLower(w) {
	case "x", "ext", "extn", "xtn", "xt", "extension", "extensión", "extensao", "anexo", "interne",
		"app", "apparat", "dw", "durchwahl", "durchw", "nst", "nebenst", "nebenstelle", "hausruf", "kl", "klappe", "hausapparat",
		"poste", "pst", "int", "interno", "interna", "intern", "доб", "добавочный":
		return true
	}
	return false
}

// extensionSigns may stand between an extension word and its digits.
const extensionSigns = " \t\n\r\v\f.:=-#~"

// isLabelWord says that another number follows, of another kind: "Tel. 030 … Fax 030 …".
func isLabelWord(w string) bool {
	if len(w) > 16 {
		return false
	}
	switch strings.ToLower(w) {
	case "tel", "telefon", "telephone", "phone", "fon", "fax", "telefax", "mobil", "mobile", "mob", "handy", "cell",
		"gsm", "natel", "portable", "cellulare", "privat", "private", "priv", "home", "work", "office", "dienstlich":
		return true
	}
	return false
}

// isConjunction says that the word stands between two numbers.
func isConjunction(w string) bool {
	if len(w) > 6 {
		return false
	}
	switch strings.ToLower(w) {
	case "or", "oder", "ou", "o", "od", "und", "and", "u", "et", "e", "y", "bzw", "resp":
		return true
	}
	return false
}

// announcesExtension says whether s begins with an extension word or sign and digits, spaces before it left aside.
func announcesExtension(s string) bool {
	s = strings.TrimLeft(s, " \t,;")
	if s == "" {
		return false
	}
	if s[0] == '#' || s[0] == '~' {
		_, _, ok := extensionDigits(s[1:])
		return ok
	}
	w := word(s)
	if w == "" || !isExtensionWord(w) {
		return false
	}
	_, _, ok := extensionDigits(s[len(w):])
	return ok
}

// extensionDigits reads the digits behind an extension word: "App. 12", "ext: 5-6" → 5, "#12#". ok is false if none
// come, or too many.
func extensionDigits(s string) (digits, rest string, ok bool) {
	s = strings.TrimLeft(s, extensionSigns)
	switch w := word(s); strings.ToLower(w) { // "App.-Nr. 12"
	case "nr", "no", "nummer", "number":
		s = strings.TrimLeft(s[len(w):], extensionSigns)
	}
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	if n == 0 || n > maxExtension {
		return "", s, false
	}
	return s[:n], s[n:], true
}
