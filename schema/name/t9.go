package name

// T9 returns the keys that spell s on a telephone: 0 for a space.
func T9(s string) string { return "" }
