package phone

// ExtensionOf is the extension that a spelling announces by a word, a sign or a parameter ("ext. 5", "App. 12", ";ext=7"),
// "" if it announces none. It says nothing of digits behind a hyphen.
func ExtensionOf(spelling string) string {
	text := newSpelling(spelling).text
	var room [maxNumbers]span
	spans := split(room[:0], text, "")
	if len(spans) == 0 {
		return ""
	}
	s, ok := scan(text[spans[0].from:spans[0].to], "")
	if !ok {
		return ""
	}
	return s.ext
}

// DirectDial says whether digits with a country code are a fixed-line number of a country where extensions are dialled
// directly behind a head number of any length, so that nothing but the spelling tells where it ends.
func DirectDial(digits string) bool {
	key := []byte(digits)
	among, width := plans().ofCode(key)
	return width > 0 && among[0].open && among[0].fixed(key[width:])
}
