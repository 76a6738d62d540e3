package name

// CollationKey returns a key whose bytes.Compare order is the order of lists (DIN 5007-1).
func CollationKey(s string) []byte { return []byte(s) }

// Compare orders two names for >= and <= : 0 when they fold alike. It doesn't allocate for ASCII.
func Compare(a, b []byte) int { return 0 }

// AtMost says whether value <= bound. A bound of z only, two or more, is the end of every alphabet (Poly VVX).
func AtMost(value, bound []byte) bool { return false }
