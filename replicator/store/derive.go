package store

import (
	"bytes"
	"math/bits"
	"slices"
)

// derivation makes the lists of a block: those of the words, and as their unions those of beginnings and fragments.
type derivation struct {
	v    *invertBlock
	emit func(term []byte, l *postingList) error
	term []byte
	list postingList
	sets [endOfNameSets][]uint32 // words of names, by their sets
	// The union at hand is a set of ranks: a bit for each, and a bit for each word of bits that has some.
	set, some []uint64
}

// derive calls emit for every term of the block, in the order of the index bucket, with its list: valid during the call.
func (v *invertBlock) derive(emit func(term []byte, l *postingList) error) error {
	n := len(v.ords)/64 + 1
	d := &derivation{v: v, emit: emit, set: make([]uint64, n), some: make([]uint64, n/64+1)}
	for i := range v.grams {
		if l := &v.grams[i]; l.count > 0 {
			d.begin(kindGram, byte('0'+i/1000), byte('0'+i/100%10), byte('0'+i/10%10), byte('0'+i%10))
			if err := d.one(l); err != nil {
				return err
			}
		}
	}
	if err := d.objects(); err != nil {
		return err
	}
	order := v.words.sorted()
	if err := d.words(order); err != nil {
		return err
	}
	if err := d.prefixes(order); err != nil {
		return err
	}
	if err := d.inner(); err != nil {
		return err
	}
	if v.long.count > 0 {
		d.begin(kindLong)
		if err := d.one(&v.long); err != nil {
			return err
		}
	}
	order = v.names.sorted()
	if err := d.nameBeginnings(order); err != nil {
		return err
	}
	return d.longNames(order)
}

func (d *derivation) begin(kind byte, text ...byte) {
	d.term = append(append(d.term[:0], kind), text...)
}

// objects may differ in the case of their letters only.
func (d *derivation) objects() error {
	names := map[string][]int{}
	var order []string
	for i := range d.v.objects {
		name := string(appendLower(nil, []byte(d.v.objects[i].name)))
		if names[name] == nil {
			order = append(order, name)
		}
		names[name] = append(names[name], i)
	}
	slices.Sort(order)
	for _, name := range order {
		for _, i := range names[name] {
			d.add(&d.v.objects[i].list)
		}
		d.begin(kindObject, []byte(name)...)
		if err := d.union(); err != nil {
			return err
		}
	}
	return nil
}

// words writes the sorted words themselves. Those that are alike as far as they are kept have one list.
func (d *derivation) words(order []uint32) error {
	for i := 0; i < len(order); {
		text := cut(d.v.words.of(order[i]), maxWord)
		n := 1
		for len(text) == maxWord && i+n < len(order) && bytes.HasPrefix(d.v.words.of(order[i+n]), text) {
			n++
		}
		d.begin(kindWord, text...)
		if err := d.of(&d.v.words, order[i:i+n]); err != nil {
			return err
		}
		i += n
	}
	return nil
}

// prefixes writes the beginnings of the sorted words.
func (d *derivation) prefixes(order []uint32) error {
	var last []byte
	for i := range order {
		text := cut(d.v.words.of(order[i]), maxPrefix)
		same := commonLength(last, text)
		for n := same + 1; n <= len(text); n++ {
			end := i + 1
			for end < len(order) && bytes.HasPrefix(d.v.words.of(order[end]), text[:n]) {
				end++
			}
			d.begin(kindPrefix, text[:n]...)
			if err := d.of(&d.v.words, order[i:end]); err != nil {
				return err
			}
		}
		last = text
	}
	return nil
}

func commonLength(a, b []byte) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// inner writes the fragments of the words, those of one first byte at a time, for little memory.
func (d *derivation) inner() error {
	words := &d.v.words
	var first [256]bool
	for _, c := range words.text {
		first[c] = true
	}
	var found []uint64 // the rest of a fragment, 0 where it has no third byte, then the number of a word with it
	var ids []uint32
	for c := range first {
		if !first[c] {
			continue
		}
		found = found[:0]
		for n := range words.words {
			text := words.of(uint32(n))
			for i := 0; ; i++ {
				at := bytes.IndexByte(text[i:], byte(c))
				if i += at; at < 0 || i+1 >= len(text) {
					break
				}
				found = append(found, uint64(text[i+1])<<40|uint64(n))
				if i+2 < len(text) {
					found = append(found, uint64(text[i+1])<<40|uint64(text[i+2])<<32|uint64(n))
				}
			}
		}
		slices.Sort(found)
		for i := 0; i < len(found); {
			rest := uint16(found[i] >> 32)
			ids = ids[:0]
			for ; i < len(found) && uint16(found[i]>>32) == rest; i++ {
				if n := uint32(found[i]); len(ids) == 0 || ids[len(ids)-1] != n {
					ids = append(ids, n)
				}
			}
			d.begin(kindInner, byte(c), byte(rest>>8))
			if byte(rest) != 0 {
				d.term = append(d.term, byte(rest))
			}
			if err := d.of(words, ids); err != nil {
				return err
			}
		}
	}
	return nil
}

// nameText splits a word of a name from its mark.
func (d *derivation) nameText(n uint32) (text []byte, in NameSet, whole bool) {
	b := d.v.names.of(n)
	mark := b[len(b)-1]
	return b[:len(b)-1], NameSet(mark % endOfNameSets), mark >= endOfNameSets
}

// nameBeginnings writes the lists of the first bytes of the sorted words of names.
func (d *derivation) nameBeginnings(order []uint32) error {
	var last []byte
	for i := range order {
		text, _, _ := d.nameText(order[i])
		text = cut(text, maxPrefix)
		for n := commonLength(last, text) + 1; n <= len(text); n++ {
			for end := i; end < len(order); end++ {
				other, in, whole := d.nameText(order[end])
				if !bytes.HasPrefix(other, text[:n]) {
					break
				}
				if !whole || len(other) == n {
					d.sets[in] = append(d.sets[in], order[end])
				}
			}
			if err := d.nameSets(kindName, text[:n]); err != nil {
				return err
			}
		}
		last = text
	}
	return nil
}

// longNames writes the lists of those that are longer. Words that are alike as far as they are kept have one.
func (d *derivation) longNames(order []uint32) error {
	for i := 0; i < len(order); {
		text, _, _ := d.nameText(order[i])
		kept := cut(text, maxWord)
		for ; i < len(order); i++ {
			other, in, _ := d.nameText(order[i])
			if !bytes.Equal(cut(other, maxWord), kept) {
				break
			}
			d.sets[in] = append(d.sets[in], order[i])
		}
		if len(text) <= maxPrefix {
			for in := range d.sets {
				d.sets[in] = d.sets[in][:0]
			}
			continue
		}
		if err := d.nameSets(kindNamed, kept); err != nil {
			return err
		}
	}
	return nil
}

// nameSets emits the lists of the words in sets, and empties these.
func (d *derivation) nameSets(kind byte, text []byte) error {
	for in, words := range d.sets {
		if len(words) == 0 {
			continue
		}
		d.begin(kind, text...)
		d.term = append(d.term, byte(in))
		if err := d.of(&d.v.names, words); err != nil {
			return err
		}
		d.sets[in] = words[:0]
	}
	return nil
}

// of emits the union of the lists of some words.
func (d *derivation) of(v *vocabulary, words []uint32) error {
	if len(words) == 1 {
		return d.one(&v.words[words[0]].list)
	}
	for _, n := range words {
		d.add(&v.words[n].list)
	}
	return d.union()
}

// one emits a single list.
func (d *derivation) one(l *rankList) error {
	d.start(l.first)
	rank, n, shift := l.first, uint32(0), 0
	for r := d.v.chains.reader(&l.rest); ; {
		part := r.next()
		if part == nil {
			return d.emit(d.term, &d.list)
		}
		for _, b := range part {
			n |= uint32(b&0x7f) << shift
			if shift += 7; b < 0x80 {
				rank += n
				d.next(rank)
				n, shift = 0, 0
			}
		}
	}
}

// add takes a list into the union at hand.
func (d *derivation) add(l *rankList) {
	d.mark(l.first)
	rank, n, shift := l.first, uint32(0), 0
	for r := d.v.chains.reader(&l.rest); ; {
		part := r.next()
		if part == nil {
			return
		}
		for _, b := range part {
			n |= uint32(b&0x7f) << shift
			if shift += 7; b < 0x80 {
				rank += n
				d.mark(rank)
				n, shift = 0, 0
			}
		}
	}
}

func (d *derivation) mark(rank uint32) {
	d.set[rank/64] |= 1 << (rank % 64)
	d.some[rank/4096] |= 1 << (rank / 64 % 64)
}

// union emits the union at hand and empties it.
func (d *derivation) union() error {
	first := true
	for i, some := range d.some {
		if some == 0 {
			continue
		}
		d.some[i] = 0
		for ; some != 0; some &= some - 1 {
			at := i*64 + bits.TrailingZeros64(some)
			for set := d.set[at]; set != 0; set &= set - 1 {
				rank := uint32(at*64 + bits.TrailingZeros64(set))
				if first {
					d.start(rank)
					first = false
				} else {
					d.next(rank)
				}
			}
			d.set[at] = 0
		}
	}
	return d.emit(d.term, &d.list)
}

func (d *derivation) start(rank uint32) {
	ord := d.v.ords[rank]
	d.list.first, d.list.last, d.list.deltas = ord, ord, d.list.deltas[:0]
}

func (d *derivation) next(rank uint32) { d.list.add(d.v.ords[rank]) }
