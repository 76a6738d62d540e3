package store

import (
	"bytes"
	"errors"
	"hash/maphash"
	"sync"

	"ringdex/schema/name"
)

// gatherer collects the terms of entries that come in the order of their ordinals, and gives them back in the order of
// the index bucket, in bounded memory.
type gatherer struct {
	version int       // of the words: name.Version when the generation was made
	people  bool      // there are lists of names
	inside  *sorter   // keys of what is inside words of names; nil: they are not wanted
	numbers *sorter   // index keys of numbers, both ways
	tails   *sorter   // index keys of word tails
	words   *inverter // all other terms

	splits  []split // words of values that were split lately, by their hash
	names   []gatheredName
	folding []byte
	cleaned []byte
	grams   entryNumbers // whose grams are noted
	listed  entryNumbers // that are listed
}

// entryNumbers are the numbers of the entry at hand.
type entryNumbers struct {
	digits []byte // one number after the other
	ends   []int  // where each of them ends
}

func (l *entryNumbers) reset() { l.digits, l.ends = l.digits[:0], l.ends[:0] }

// add returns the digits of a number, none where it has none or has come before.
func (l *entryNumbers) add(key []byte) []byte {
	from := len(l.digits)
	l.digits = digits(l.digits, key)
	n := l.digits[from:]
	begin := 0
	for _, end := range l.ends {
		if bytes.Equal(l.digits[begin:end], n) {
			n = nil
			break
		}
		begin = end
	}
	if len(n) == 0 {
		l.digits = l.digits[:from]
		return nil
	}
	l.ends = append(l.ends, len(l.digits))
	return n
}

// split is a value with its words.
type split struct {
	text  []byte
	words []foundWord
	block int // that their numbers belong to
	used  bool
}

// foundWord is a name.Found by its number in the vocabulary of a block.
type foundWord struct {
	number uint32
	whole  bool
}

// gatheredName is a word of the names of the entry at hand.
type gatheredName struct {
	foundWord
	in NameSet
}

// splitCache bounds the values whose words are remembered: company names and first names repeat, full names don't.
const splitCache = 1 << 12

func newGatherer(path string) *gatherer {
	g := &gatherer{
		version: name.Version, people: true, inside: newSorter(path), numbers: newSorter(path), tails: newSorter(path), words: newInverter(path),
		splits: make([]split, splitCache),
	}
	g.numbers.head, g.numbers.covers = packTerm, 0
	return g
}

func (g *gatherer) close() error {
	err := errors.Join(g.numbers.close(), g.tails.close(), g.words.close())
	if g.inside != nil {
		err = errors.Join(err, g.inside.close())
	}
	return err
}

// add takes the terms of an entry. It returns errEncoding for one that can't be read.
func (g *gatherer) add(ord uint32, v *View) error {
	if err := g.addWords(ord, v); err != nil {
		return err
	}
	return g.addNumbers(ord, v)
}

// addWords takes all terms of an entry but its whole numbers.
func (g *gatherer) addWords(ord uint32, v *View) error {
	if err := g.words.entry(ord, v.object); err != nil {
		return err
	}
	g.grams.reset()
	g.names = g.names[:0]
	it := v.Values()
	for it.Next() {
		if it.attr.Words {
			in := NameSet(0)
			if g.people {
				in = NameSetOf(it.attr.Name)
			}
			for _, w := range g.split(Searched(it.text)) {
				g.words.word(w.number)
				if in != 0 {
					g.addName(w, in)
				}
			}
		}
		for i := range it.Keys() {
			if n := g.grams.add(it.Key(i)); n != nil {
				g.words.number(n)
			}
		}
	}
	if it.bad {
		return errEncoding
	}
	for i := range g.names {
		g.words.name(g.names[i].number, g.names[i].in, g.names[i].whole)
	}
	return nil
}

func (g *gatherer) addName(w foundWord, in NameSet) {
	for i := range g.names {
		if g.names[i].foundWord == w {
			g.names[i].in |= in
			return
		}
	}
	g.names = append(g.names, gatheredName{w, in})
}

// addNumbers takes the whole numbers of an entry, both ways. A goroutine may do so while another one calls addWords.
func (g *gatherer) addNumbers(ord uint32, v *View) error {
	g.listed.reset()
	for it := v.Values(); it.Next(); {
		for i := range it.Keys() {
			n := g.listed.add(it.Key(i))
			if n == nil {
				continue
			}
			var b [1 + maxDigits + 1 + 4]byte
			k := append(append(b[:0], kindNumber), cut(n, maxDigits)...)
			if err := g.numbers.add(appendOrdinal(append(k, termEnd), ord), nil); err != nil {
				return err
			}
			k = append(b[:0], kindEnd)
			for i := len(n) - 1; i >= 0 && len(k) <= maxDigits; i-- {
				k = append(k, n[i])
			}
			if err := g.numbers.add(appendOrdinal(append(k, termEnd), ord), nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// split returns the words of a value, valid until the next value.
func (g *gatherer) split(text []byte) []foundWord {
	s := &g.splits[maphash.Bytes(g.words.words.seed, text)%splitCache]
	if s.used && s.block == g.words.serial && bytes.Equal(s.text, text) {
		return s.words
	}
	s.text, s.words, s.block, s.used = append(s.text[:0], text...), s.words[:0], g.words.serial, true
	g.folding = name.EachFound(g.version, g.folding, text, func(word []byte, whole bool) {
		g.cleaned = clean(append(g.cleaned[:0], word...))
		s.words = append(s.words, foundWord{g.words.words.number(g.cleaned), whole})
	})
	return s.words
}

// each calls list for every term, without its end mark, with the parts of its list, and tail for every key without a list, all in
// the order of the index bucket, and of the buckets of names after it. What they get is valid during the call. It is called once, after the last add.
func (g *gatherer) each(list func(term []byte, parts []*postingList) error, tail func(key []byte) error) error {
	g.splits = nil
	var wg sync.WaitGroup
	var finished error
	wg.Go(func() { finished = safely(g.words.finish) })
	err := g.eachNumber(list)
	if wg.Wait(); err != nil || finished != nil {
		return errors.Join(err, finished)
	}
	done := false
	err = g.words.merge(func(term []byte, parts []*postingList) error {
		switch term[0] {
		case kindWord:
			if err := g.addTails(term[1:]); err != nil {
				return err
			}
		case kindLong, kindName, kindNamed:
			if done {
				break
			}
			done = true
			if err := eachKey(g.tails, tail); err != nil {
				return err
			}
		}
		if g.inside != nil && term[0] >= kindName {
			if err := eachInside(term[0], term[1:], func(key []byte) error { return g.inside.add(key, nil) }); err != nil {
				return err
			}
		}
		return list(term, parts)
	})
	if err == nil && !done {
		err = eachKey(g.tails, tail)
	}
	if err != nil || g.inside == nil {
		return err
	}
	return eachKey(g.inside, tail)
}

func (g *gatherer) addTails(word []byte) error {
	var err error
	eachTail(word, func(key []byte) {
		if err == nil {
			err = g.tails.add(key, nil)
		}
	})
	return err
}

// eachKey calls f with the keys of a sorter, in their order, and closes it.
func eachKey(s *sorter, f func(key []byte) error) error {
	records, err := s.sorted()
	if err != nil {
		return err
	}
	for {
		key, _, ok, err := records.next()
		if err != nil || !ok {
			return errors.Join(err, s.close())
		}
		if err := f(key); err != nil {
			return err
		}
	}
}

// eachNumber joins the sorted keys of one number to a list.
func (g *gatherer) eachNumber(f func(term []byte, parts []*postingList) error) error {
	records, err := g.numbers.sorted()
	if err != nil {
		return err
	}
	var term []byte
	var l postingList
	parts := []*postingList{&l}
	for {
		key, _, ok, err := records.next()
		if err != nil {
			return err
		}
		var t []byte
		var ord uint32
		if ok {
			t, ord, _ = splitKey(key)
			t = t[:len(t)-1]
		}
		if len(term) > 0 && bytes.Equal(t, term) {
			l.add(ord)
			continue
		}
		if len(term) > 0 {
			if err := f(term, parts); err != nil {
				return err
			}
		}
		if !ok {
			return g.numbers.close()
		}
		term = append(term[:0], t...)
		l = postingList{first: ord, last: ord, deltas: l.deltas[:0]}
	}
}
