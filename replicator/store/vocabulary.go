package store

import (
	"bytes"
	"hash/maphash"
	"slices"
)

// vocabulary numbers words from 0 in the order in which they come. It has no pointers inside, as chains.
type vocabulary struct {
	seed  maphash.Seed
	text  []byte
	words []word
	slots []uint32 // hash table: a word's number + 1
}

// word is a word of a vocabulary, with the entries that have it.
type word struct {
	hash   uint32
	at     uint32 // in the text
	length uint16
	list   rankList
}

// rankList is the ranks of the entries that have something: the first one, then the differences as uvarints.
type rankList struct {
	first, last, count uint32
	rest               chain
}

// Costs of a word in memory, with its share of the table, and of an entry.
const (
	wordCost = 64
	rankCost = 4
)

func newVocabulary() vocabulary {
	return vocabulary{seed: maphash.MakeSeed(), slots: make([]uint32, 1<<10)}
}

func (v *vocabulary) reset() {
	v.text, v.words = v.text[:0], v.words[:0]
	clear(v.slots)
}

// used is about how many bytes it takes.
func (v *vocabulary) used() int { return len(v.text) + len(v.words)*wordCost }

// of returns a word's text, valid until the next one comes.
func (v *vocabulary) of(n uint32) []byte {
	w := &v.words[n]
	return v.text[w.at : w.at+uint32(w.length)]
}

// number returns the number of a word of at most 64 KiB, a new one if it wasn't there.
func (v *vocabulary) number(text []byte) uint32 {
	hash := uint32(maphash.Bytes(v.seed, text))
	mask := uint32(len(v.slots) - 1)
	i := hash & mask
	for ; v.slots[i] != 0; i = (i + 1) & mask {
		n := v.slots[i] - 1
		if v.words[n].hash == hash && bytes.Equal(v.of(n), text) {
			return n
		}
	}
	n := uint32(len(v.words))
	v.words = append(v.words, word{hash: hash, at: uint32(len(v.text)), length: uint16(len(text))})
	v.text = append(v.text, text...)
	v.slots[i] = n + 1
	if len(v.words)*2 > len(v.slots) {
		v.slots = make([]uint32, 2*len(v.slots))
		mask = uint32(len(v.slots) - 1)
		for n := range v.words {
			i := v.words[n].hash & mask
			for v.slots[i] != 0 {
				i = (i + 1) & mask
			}
			v.slots[i] = uint32(n) + 1
		}
	}
	return n
}

// sorted returns the numbers of the words in the order of their text.
func (v *vocabulary) sorted() []uint32 {
	order := make([]uint32, len(v.words))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return bytes.Compare(v.of(a), v.of(b)) })
	return order
}
