package name

import "bytes"

// Match says whether a value satisfies the assertion. It takes time linear in the length of the value and doesn't
// allocate for ASCII.
func (p *Pattern) Match(value []byte) bool {
	p.expand()
	if len(p.literals) > 0 && !p.matchLiterals(value) {
		return false
	}
	if len(p.readings) == 0 {
		return true
	}
	clear(p.found)
	seen := limited(p.fold(value, 0) &^ p.unread)
	if p.matchVariant() {
		return true
	}
	for r := next(0, seen); r != 0; r = next(r, seen) {
		p.fold(value, r)
		if p.matchVariant() {
			return true
		}
	}
	return false
}

// fold puts a variant of the value, with a space before and after it, into the pattern's buffer.
func (p *Pattern) fold(value []byte, r reading) (seen reading) {
	f := folder{dst: append(p.buffer[:0], ' '), start: 1, reading: r}
	f.fold(value)
	p.buffer = append(f.dst, ' ')
	return f.seen
}

// matchVariant tries the variant in the buffer.
func (p *Pattern) matchVariant() bool {
	for _, a := range p.readings {
		if p.equality {
			if sameWords(p.buffer, a[0].text) {
				return true
			}
		} else if a.in(p.buffer) {
			return true
		}
	}
	return p.findWords()
}

// findWords notes which words of the sets occur in the variant in the buffer, beside those that were noted before: in other
// variants or in other values. It says whether a set is complete.
func (p *Pattern) findWords() bool {
	for i, set := range p.words {
		p.found[i] = findWords(p.buffer, set, p.found[i])
		if p.found[i] == 1<<len(set)-1 {
			return true
		}
	}
	return false
}

// Spreads says whether the words of the assertion may be found in several values of an entry: there are two or more, in any
// order.
func (p *Pattern) Spreads() bool {
	if len(p.literals) > 0 {
		return false
	}
	for _, set := range p.words {
		if len(set) > 1 {
			return true
		}
	}
	return false
}

// Begin forgets the values that were collected.
func (p *Pattern) Begin() {
	p.expand()
	clear(p.found)
}

// Collect notes the words of the assertion that a value has. It says whether there is one.
func (p *Pattern) Collect(value []byte) (some bool) {
	p.expand()
	seen := limited(p.fold(value, 0) &^ p.unread)
	for r := reading(0); ; {
		for i, set := range p.words {
			found := findWords(p.buffer, set, 0)
			some = some || found != 0
			p.found[i] |= found
		}
		if r = next(r, seen); r == 0 {
			return some
		}
		p.fold(value, r)
	}
}

// Complete says whether the values that were collected since Begin have all words of the assertion.
func (p *Pattern) Complete() bool {
	for i, set := range p.words {
		if p.found[i] == 1<<len(set)-1 {
			return true
		}
	}
	return false
}

// in says whether the parts occur in text in their order. The leftmost place of each part is the best one, so nothing
// is tried twice. Two parts may share the space between them.
func (a assertion) in(text []byte) bool {
	for _, p := range a {
		switch p.at {
		case initial:
			if !bytes.HasPrefix(text, p.text) {
				return false
			}
			text = text[p.span():]
		case inner:
			i := bytes.Index(text, p.text)
			if i < 0 {
				return false
			}
			text = text[i+p.span():]
		case final:
			return bytes.HasSuffix(text, p.text)
		case whole:
			return bytes.Equal(text, p.text)
		}
	}
	return true
}

// span is how much of the value a part uses up: a space at its end is left to the next part.
func (p part) span() int {
	n := len(p.text)
	if p.text[n-1] == ' ' {
		n--
	}
	return n
}

// findWords sets the bit of each word of the set that begins a word of text, or is one. A legal form is found as a whole only.
func findWords(text []byte, set []word, found uint64) uint64 {
	first := true
	for w, rest := nextWord(text); w != nil; w, rest = nextWord(rest) {
		tail := !first && isTail(w, rest)
		first = false
		for i := range set {
			if found&(1<<i) == 0 && set[i].begins(w, tail) {
				found |= 1 << i
			}
		}
	}
	return found
}

// begins says whether w begins with the word; if it has to be the whole of w, whether it is.
func (v *word) begins(w []byte, whole bool) bool {
	whole = whole || v.whole
	for _, r := range v.readings {
		switch {
		case whole && len(w) != len(r):
		case v.keys && onKeys(w, r), !v.keys && bytes.HasPrefix(w, r):
			return true
		}
	}
	return false
}

// nextWord returns the first word of text and what follows it; nil if there is none.
func nextWord(text []byte) (w, rest []byte) {
	for len(text) > 0 && text[0] == ' ' {
		text = text[1:]
	}
	if len(text) == 0 {
		return nil, nil
	}
	if i := bytes.IndexByte(text, ' '); i >= 0 {
		return text[:i], text[i:]
	}
	return text, nil
}

// sameWords says whether two texts, each with a space at both ends, have the same words, each as often.
func sameWords(a, b []byte) bool {
	if len(a) != len(b) {
		return false
	}
	if bytes.Equal(a, b) {
		return true
	}
	var used uint64
	for w, rest := nextWord(a); w != nil; w, rest = nextWord(rest) {
		i, fits := 0, false
		for v, others := nextWord(b); v != nil && i < maxWords; v, others = nextWord(others) {
			if used&(1<<i) == 0 && bytes.Equal(v, w) {
				used |= 1 << i
				fits = true
				break
			}
			i++
		}
		if !fits {
			return false
		}
	}
	return true
}

// matchLiterals says whether the parts without a letter or digit occur in the value as they are.
func (p *Pattern) matchLiterals(value []byte) bool {
	value = bytes.TrimSpace(value)
	for _, l := range p.literals {
		ok := false
		switch l.at {
		case initial:
			ok = bytes.HasPrefix(value, l.text)
		case inner:
			ok = bytes.Contains(value, l.text)
		case final:
			ok = bytes.HasSuffix(value, l.text)
		case whole:
			ok = bytes.Equal(value, l.text)
		}
		if !ok {
			return false
		}
	}
	return true
}
