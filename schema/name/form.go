package name

// Legal forms of companies: GmbH, AG, & Co. KG. People leave them out when they type, and hundreds of names have the same one,
// so that a word which is one neither has to be found nor is found by its first letter. The first word of a name never is.

// isForm knows the folded words that are legal forms, of Germany, Austria, Switzerland, France, Italy, the Benelux,
// Britain and America. ambiguous says that names of people are written alike, or begin so: Sebastian, Cornelia.
func isForm(w []byte) (form, ambiguous bool) {
	if len(w) < 2 || len(w) > len("gesmbh") {
		return false, false
	}
	switch string(w) {
	case "gmbh", "mbh", "ggmbh", "kg", "kgaa", "ohg", "gbr", "gesmbh", "ltd", "llc", "llp", "plc", "corp", "sarl", "srl", "bv", "nv", "bvba", "sprl":
		return true, false
	case "ag", "se", "sa", "co", "ug", "eg", "ek", "ev", "spa", "sas", "sagl", "inc":
		return true, true
	}
	return false, false
}

// mayBeginForm says whether a folded text may be the beginning of a legal form without being one. Of what has less than four bytes it
// says so without a look.
func mayBeginForm(text []byte) bool {
	if len(text) != 4 {
		return len(text) < 4
	}
	word := [5]byte(append(text[:4:4], 'a'))
	for ; word[4] <= 'z'; word[4]++ {
		if form, _ := isForm(word[:]); form {
			return true
		}
	}
	return false
}

// isOptional says whether a word of an assertion needn't be found: it is a legal form behind another word. One that may be
// the beginning of a name counts while it is being typed.
func isOptional(w []byte, first, typing bool) bool {
	form, ambiguous := isForm(w)
	return form && !first && !(ambiguous && typing)
}

// isTail says whether a word of a value is a legal form, given what follows it: an ambiguous one only where nothing but
// legal forms follows.
func isTail(w, rest []byte) bool {
	form, ambiguous := isForm(w)
	for form && ambiguous {
		var next []byte
		if next, rest = nextWord(rest); next == nil {
			return true
		}
		form, _ = isForm(next)
	}
	return form
}
