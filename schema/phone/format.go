package phone

// Style of a formatted number.
type Style uint8

// The styles of Format.
const (
	E164Style     Style = iota // +497031123456
	National                   // 07031 123456
	International              // +49 7031 123456, legible
	Dialable                   // 0 07031123456 without the space: what the phone must dial, outside line included
	Internal                   // 456 where the number is our own, else Dialable
)

// Format writes e in a style, as seen from loc.
func Format(e E164, style Style, loc Location) string { return string(e) }
