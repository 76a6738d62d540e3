package phone

// CountryOf returns the ISO 3166 alpha-2 code of a country named in one of several languages or by a code.
func CountryOf(name string) (region string, ok bool) { return "", false }
