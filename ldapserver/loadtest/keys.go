package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// keysPerMix bounds the number of different requests in one mix.
const keysPerMix = 20_000

// suffixDigits is how many digits the suffix mix asks for.
const suffixDigits = 7

// numberAttributes are the attributes of the caller filter.
var numberAttributes = []string{"telephoneNumber", "mobile", "homePhone", "ipPhone"}

// keys pulls the whole directory and writes it as LDIF for a peer, with one file of keys per mix. It pulls it twice: first it
// chooses the keys, then it counts what they find. So it needs no memory for the entries.
func keys(args []string) error {
	fs := flags("keys")
	addr := fs.String("addr", "127.0.0.1:3389", "the server to read")
	base := fs.String("base", "dc=ringdex", "search base")
	out := fs.String("out", ".", "folder for entries.ldif and the *.keys files")
	seed := fs.Uint64("seed", 1, "seed of the choice of keys")
	_ = fs.Parse(args)
	if err := loopback(*addr); err != nil {
		return err
	}
	rnd := rand.New(rand.NewPCG(*seed, 0))
	numbers, names := sample{rnd: rnd}, sample{rnd: rnd}
	w, err := newLDIF(filepath.Join(*out, "entries.ldif"))
	if err != nil {
		return err
	}
	err = pull(*addr, *base, func(p *person) error {
		if v := p.first("telephoneNumber"); strings.HasPrefix(v, "+") && len(v) >= 11 {
			numbers.offer(v)
		}
		if sn := strings.ToLower(p.first("sn")); utf8.RuneCountInString(sn) >= 6 && !strings.ContainsAny(sn, ` '-\*()`) {
			names.offer(sn)
		}
		return w.add(p)
	})
	if err := w.close(err); err != nil {
		return err
	}
	if w.entries == 0 {
		return fmt.Errorf("%s holds no person below %s", *addr, *base)
	}
	numbers.shuffle()
	names.shuffle()
	found := countsOf(numbers.kept, rnd)
	entries := 0
	if err := pull(*addr, *base, func(p *person) error { entries++; found.add(p); return nil }); err != nil {
		return err
	}
	if entries != w.entries {
		return fmt.Errorf("%d entries, and a moment later %d: a directory that changes can't be measured", w.entries, entries)
	}
	for mix, list := range mixKeys(numbers.kept, names.kept, found, entries) {
		if err := os.WriteFile(filepath.Join(*out, mix+".keys"), []byte(strings.Join(list, "\n")+"\n"), 0o644); err != nil {
			return err
		}
	}
	fmt.Printf("%d entries\n", entries)
	return nil
}

// mixKeys are the lines of the keys files: a key, and behind a tab how many entries it finds, where that is counted.
func mixKeys(numbers, names []string, found *numberCounts, entries int) map[string][]string {
	mixes := map[string][]string{"all": {fmt.Sprintf("everybody\t%d", entries)}}
	add := func(mix, key string) { mixes[mix] = append(mixes[mix], key) }
	for _, v := range numbers {
		end := v[len(v)-suffixDigits:]
		add("exact", fmt.Sprintf("%s\t%d", v, found.office[v]))
		add("caller", fmt.Sprintf("%s\t%d", v, found.any[v]))
		add("suffix", fmt.Sprintf("%s\t%d", end, found.ends[end]))
	}
	for _, miss := range found.strangers {
		if found.any[miss] == 0 {
			add("miss", miss)
		}
	}
	for _, sn := range names {
		r := []rune(sn)
		add("typeahead", string(r[:3]))
		add("prefix2", string(r[:2]))
		add("substr", string(r[1:6]))
	}
	return mixes
}

// sample keeps keysPerMix of all that it is offered, each with the same chance.
type sample struct {
	rnd  *rand.Rand
	seen int
	kept []string
}

func (s *sample) offer(v string) {
	s.seen++
	if len(s.kept) < keysPerMix {
		s.kept = append(s.kept, v)
	} else if i := s.rnd.IntN(s.seen); i < keysPerMix {
		s.kept[i] = v
	}
}

// shuffle takes out the order in which they came.
func (s *sample) shuffle() {
	s.rnd.Shuffle(len(s.kept), func(i, j int) { s.kept[i], s.kept[j] = s.kept[j], s.kept[i] })
}

// numberCounts is how many entries have one of the numbers that are asked for: as telephoneNumber, in any of the attributes
// of the caller filter, and, by its last digits, as telephoneNumber or mobile. Others are not counted.
type numberCounts struct {
	office, any, ends map[string]int
	strangers         []string // numbers that nobody is to have
	counted           []string // scratch: what the entry at hand was counted for
}

// countsOf makes the counters of numbers and of as many strangers. Those are of a country that no record is in: an unknown
// extension of a known company is no miss.
func countsOf(numbers []string, rnd *rand.Rand) *numberCounts {
	n := &numberCounts{office: map[string]int{}, any: map[string]int{}, ends: map[string]int{}}
	for _, v := range numbers {
		n.office[v], n.any[v], n.ends[v[len(v)-suffixDigits:]] = 0, 0, 0
		miss := fmt.Sprintf("+4533%06d", rnd.IntN(1_000_000))
		if _, known := n.any[miss]; !known {
			n.any[miss] = 0
			n.strangers = append(n.strangers, miss)
		}
	}
	return n
}

func (n *numberCounts) add(p *person) {
	n.counted = n.counted[:0]
	for _, a := range numberAttributes {
		for _, value := range p.values(a) {
			v := string(value)
			if _, asked := n.office[v]; asked && a == "telephoneNumber" {
				n.office[v]++
			}
			n.once(n.any, v)
			if (a == "telephoneNumber" || a == "mobile") && len(v) >= suffixDigits {
				n.once(n.ends, v[len(v)-suffixDigits:])
			}
		}
	}
}

// once counts an entry for a key, whichever of its attributes have it. Numbers are longer than endings.
func (n *numberCounts) once(counts map[string]int, key string) {
	if _, asked := counts[key]; !asked {
		return
	}
	for _, k := range n.counted {
		if k == key {
			return
		}
	}
	n.counted = append(n.counted, key)
	counts[key]++
}

// ldif writes entries below dc=ringdex with base64 values, which every loader reads.
type ldif struct {
	file    *os.File
	w       *bufio.Writer
	entries int
	text    []byte
}

func newLDIF(path string) (*ldif, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	l := &ldif{file: f, w: bufio.NewWriterSize(f, 1<<20)}
	fmt.Fprint(l.w, "dn: dc=ringdex\nobjectClass: dcObject\nobjectClass: organization\ndc: ringdex\no: ringdex\n\n")
	return l, nil
}

func (l *ldif) add(p *person) error {
	l.text = fmt.Appendf(l.text[:0], "dn: uid=e%[1]d,dc=ringdex\nobjectClass: inetOrgPerson\nobjectClass: extensibleObject\nuid: e%[1]d\n", l.entries)
	for i := range p.attributes {
		for _, v := range p.attributes[i].values {
			l.text = append(append(l.text, p.attributes[i].name...), ":: "...)
			l.text = append(base64.StdEncoding.AppendEncode(l.text, v), '\n')
		}
	}
	l.entries++
	_, err := l.w.Write(append(l.text, '\n'))
	return err
}

// close completes the file. err is what went wrong before.
func (l *ldif) close(err error) error {
	if err == nil {
		err = l.w.Flush()
	}
	if closed := l.file.Close(); err == nil {
		err = closed
	}
	return err
}
