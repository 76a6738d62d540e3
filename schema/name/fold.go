package name

// Fold returns the canonical folded form of s: lower case, compatibility decomposition without marks, ß as ss, ø as o,
// ł as l, æ as ae …, white space and punctuation squeezed to one space, none at the ends.
func Fold(s string) string { return string(AppendFold(nil, []byte(s))) }

// AppendFold appends the folded form of s to dst. It doesn't allocate for ASCII when dst has room.
func AppendFold(dst, s []byte) []byte { return append(dst, s...) }

// Variants returns the folded forms that a stored value is found under, Fold(s) first, at most eight.
func Variants(s string) []string { return []string{Fold(s)} }

// Words splits a folded form into words.
func Words(folded string) []string { return nil }

// VariantWords returns the distinct words of all variants of s: what an index keeps of a value.
func VariantWords(s string) []string { return nil }
