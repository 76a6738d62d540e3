package store

// QueryKind says what a query's text is.
type QueryKind uint8

// The kinds of queries. Number queries ask for digits in any key of a value; anything else in their text is skipped. Word
// queries ask for folded text in one word of an attribute with words. An empty text is in every entry.
const (
	NumberIs QueryKind = iota
	NumberStarts
	NumberEnds
	NumberContains
	WordIs
	WordStarts
	WordContains
	ObjectIs   // an sObject name, in any letter case
	NameStarts // a word of a name in one of the attributes Names: for FindNames and VisitNames only
	NameInside // ditto, a fragment of it: only where NamesInside says so
)

// Query asks an index for candidates.
type Query struct {
	Kind QueryKind
	Text []byte
	From uint32 // only ordinals from here on: to go on after a cut answer

	Names NameSet // of NameStarts and NameInside
}

// access is how a query is answered.
type access uint8

const (
	accessAll    access = iota // every entry: the index knows nothing
	accessList                 // one list
	accessRange                // the lists of all terms that begin so
	accessGrams                // what several lists have in common
	accessInside               // words with a fragment inside, then their lists; or, if they are many, as accessGrams
	accessThree                // three digits: the grams that begin with them, and the numbers that end so
)

// plan says how q is answered and leaves the term in r.asked.
func (r *Reader) plan(q *Query) (how access, kind byte) {
	switch q.Kind {
	case NumberIs, NumberStarts, NumberEnds, NumberContains:
		r.asked = digits(r.asked[:0], q.Text)
	case ObjectIs:
		r.asked = clean(appendLower(r.asked[:0], q.Text))
	default:
		r.asked = clean(append(r.asked[:0], q.Text...))
	}
	n := len(r.asked)
	if n == 0 {
		return accessAll, 0
	}
	switch q.Kind {
	case NumberIs:
		r.asked = cut(r.asked, maxDigits)
		return accessList, kindNumber
	case NumberStarts:
		r.asked = cut(r.asked, maxDigits)
		return accessRange, kindNumber
	case NumberEnds:
		reverse(r.asked)
		r.asked = cut(r.asked, maxDigits)
		return accessRange, kindEnd
	case NumberContains:
		switch {
		case n >= gramLength:
			return accessGrams, kindGram
		case n == gramLength-1:
			return accessThree, kindGram
		}
		return accessAll, 0 // one or two digits are in nearly every number
	case ObjectIs:
		return accessList, kindObject
	case WordIs:
		r.asked = cut(r.asked, maxWord)
		return accessList, kindWord
	case WordStarts:
		if n <= maxPrefix {
			return accessList, kindPrefix
		}
		r.asked = cut(r.asked, maxWord)
		return accessRange, kindWord
	case WordContains:
		switch {
		case n == 1:
			return accessAll, 0
		case n <= maxInner:
			return accessList, kindInner
		}
		return accessInside, kindWord
	}
	return accessAll, 0
}

// appendLower lowers ASCII letters: sObject names have no others.
func appendLower(dst, b []byte) []byte {
	for _, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

// Estimate guesses how many candidates there are, rather too many than too few. It costs a few page reads.
func (r *Reader) Estimate(q Query) (n int) {
	total := r.sn.total
	switch q.Kind {
	case NameStarts:
		q.Kind = WordStarts
	case NameInside:
		q.Kind = WordContains
	}
	defer func() {
		if e := recover(); e != nil {
			r.damaged(e)
			n = total
		}
	}()
	switch how, kind := r.plan(&q); how {
	case accessList:
		return min(total, r.listLength(kind, r.asked))
	case accessRange:
		return min(total, r.rangeLength(kind, r.asked))
	case accessGrams:
		least := total
		for i := 0; i+gramLength <= len(r.asked); i++ {
			least = min(least, r.listLength(kindGram, r.asked[i:i+gramLength]))
		}
		return least
	case accessThree:
		n := r.rangeLength(kindGram, r.asked)
		reverse(r.asked)
		return min(total, n+r.rangeLength(kindEnd, r.asked))
	case accessInside:
		// A word has all three bytes in a row that the fragment has.
		least := total
		for i := 0; i+maxInner <= len(r.asked); i++ {
			least = min(least, r.listLength(kindInner, r.asked[i:i+maxInner]))
		}
		return min(total, least+r.listLength(kindLong, nil))
	}
	return total
}

// estimateChunks is how much of a list Estimate reads before it concludes from its density.
const estimateChunks = 4

// listLength guesses the length of a list: a chunk has no more ordinals than bytes, and one.
func (r *Reader) listLength(kind byte, term []byte) int {
	p := postings{key: appendTerm(r.key[:0], kind, term)}
	r.key = p.key
	n, first, chunks := 0, uint32(0), 0
	for k, v := r.index[0].Seek(p.key); p.owns(k); k, v = r.index[0].Next() {
		_, ord, _ := splitKey(k)
		if chunks == 0 {
			first = ord
		}
		if chunks == estimateChunks {
			// So many ordinals lay before this one: as many lie in every stretch of that length.
			last := r.lastOrdinal()
			return n + int(float64(n)*float64(last-first)/float64(ord-first)) + 1
		}
		chunks++
		n += 1 + len(v)
	}
	return n
}

// estimateTerms is how many terms of a range Estimate looks at.
const estimateTerms = 64

func (r *Reader) rangeLength(kind byte, begin []byte) int {
	r.key = append(append(r.key[:0], kind), begin...)
	n, terms := 0, 0
	for k, v := r.index[0].Seek(r.key); hasPrefix(k, r.key); k, v = r.index[0].Next() {
		if terms++; terms > estimateTerms {
			return r.sn.total
		}
		n += 1 + len(v)
	}
	return n
}

func (r *Reader) lastOrdinal() uint32 {
	k, _ := r.entries.Last()
	if len(k) != 4 {
		return 0
	}
	return uint32(k[0])<<24 | uint32(k[1])<<16 | uint32(k[2])<<8 | uint32(k[3])
}

func hasPrefix(b, prefix []byte) bool {
	return len(b) >= len(prefix) && string(b[:len(prefix)]) == string(prefix)
}
