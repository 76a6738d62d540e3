package store

import (
	"errors"

	"ringdex/schema/name"
)

// gatherer collects the terms of entries that come in the order of their ordinals, and gives them back in the order of
// the index bucket, in bounded memory.
type gatherer struct {
	numbers *sorter   // index keys of numbers, both ways
	tails   *sorter   // index keys of word tails
	words   *inverter // all other terms
	terms   terms
}

func newGatherer(path string) *gatherer {
	return &gatherer{numbers: newSorter(path), tails: newSorter(path), words: newInverter(path), terms: terms{version: name.Version, people: true}}
}

func (g *gatherer) close() error {
	return errors.Join(g.numbers.close(), g.tails.close(), g.words.close())
}

// add takes the terms of an entry. It returns errEncoding for one that can't be read.
func (g *gatherer) add(ord uint32, v *View) error {
	if !g.terms.read(v) {
		return errEncoding
	}
	var key [1 + maxDigits + 1 + 4]byte
	for _, n := range g.terms.numbers {
		k := append(append(key[:0], kindNumber), n[:min(len(n), maxDigits)]...)
		if err := g.numbers.add(appendOrdinal(append(k, termEnd), ord), nil); err != nil {
			return err
		}
		k = append(key[:0], kindEnd)
		for i := len(n) - 1; i >= 0 && len(k) <= maxDigits; i-- {
			k = append(k, n[i])
		}
		if err := g.numbers.add(appendOrdinal(append(k, termEnd), ord), nil); err != nil {
			return err
		}
	}
	return g.words.add(ord, v.object, &g.terms)
}

// each calls list for every term, without its end mark, with the parts of its list, and tail for every tail key, all in
// the order of the index bucket. It is called once, after the last add.
func (g *gatherer) each(list func(term []byte, parts []*postingList) error, tail func(key []byte) error) error {
	if err := g.eachNumber(list); err != nil {
		return err
	}
	done := false
	err := g.words.merge(func(term []byte, parts []*postingList) error {
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
			if err := g.eachTail(tail); err != nil {
				return err
			}
		}
		return list(term, parts)
	})
	if err != nil || done {
		return err
	}
	return g.eachTail(tail)
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

func (g *gatherer) eachTail(f func(key []byte) error) error {
	records, err := g.tails.sorted()
	if err != nil {
		return err
	}
	for {
		key, _, ok, err := records.next()
		if err != nil || !ok {
			return errors.Join(err, g.tails.close())
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
	flush := func() error {
		if !l.used {
			return nil
		}
		err := f(term, []*postingList{&l})
		l = postingList{deltas: l.deltas[:0]}
		return err
	}
	for {
		key, _, ok, err := records.next()
		if err != nil {
			return err
		}
		if !ok {
			return errors.Join(flush(), g.numbers.close())
		}
		t, ord, _ := splitKey(key)
		if t = t[:len(t)-1]; string(t) != string(term) {
			if err := flush(); err != nil {
				return err
			}
			term = append(term[:0], t...)
		}
		l.add(ord)
	}
}
