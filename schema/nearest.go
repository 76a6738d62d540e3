package schema

// Nearest returns the member of among that is most like name, for "did you mean", or "" if none is like it.
func Nearest(name string, among []string) string { return "" }
