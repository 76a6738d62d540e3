package directory

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"ringdex/ldapserver/protocol"
	"ringdex/schema"
)

// longFirm has a word that is longer than the index's.
const longFirm = "Rindfleischetikettierungsueberwachungsaufgabenuebertragungsgesetzgebung AG"

// randomEntries invents a directory: umlauts, several numbers, extensions, shared numbers, empty fields.
func randomEntries(t testing.TB, rnd *rand.Rand, n int) []schema.Entry {
	m := makerAt(t, here)
	given := []string{"Anna", "Jörg", "Zoë", "Łukasz", "Ana María", "Peter", "Ça", "Юлия", "", "Ryan", "Søren", "ǅeny", "a.b", "Γιώργος", "小明"}
	family := []string{"Müller", "Mueller", "Muller", "Groß", "Gross", "O'Neill", "ONeill", "Çelik", "von der Aue", "Baur", "Bauer", "Maier-Öz", "ẞtraße", "I\u0307z", "z", "王", "Παππάς", "김"}
	firms := []string{"Müller & Söhne GmbH", "Example Works", "Groß AG", "", "e-plus", "3M", "北京 Trading Co. KG", longFirm}
	numbers := []string{"+49 7031 123-%d", "(07031) 12%d", "0171/12345%d", "+1 (202) 555-01%02d", "030 23125 1%02d", "+43 1 51234-%d", "044 668 18 %02d", "56%d", "App. %d", "020 7946 0%03d; 0171 12345%d", "ext. 4%d", "n/a", ""}
	number := func() string {
		if rnd.IntN(4) == 0 { // nobody else's
			return fmt.Sprintf("+49 89 %07d", rnd.IntN(10_000_000))
		}
		f := numbers[rnd.IntN(len(numbers))]
		return strings.ReplaceAll(fmt.Sprintf(f, slices.Repeat([]any{rnd.IntN(30)}, strings.Count(f, "%"))...), "%!(EXTRA", "")
	}
	var out []schema.Entry
	for i := range n {
		object := "Contact"
		if rnd.IntN(5) == 0 {
			object = "Account"
		}
		r := m.record(object, i)
		r.region = []string{"", "DE", "CH", "US", "GB"}[rnd.IntN(5)]
		g, f, o := given[rnd.IntN(len(given))], family[rnd.IntN(len(family))], firms[rnd.IntN(len(firms))]
		if object == "Account" {
			g, f = "", o
		}
		if f == "" {
			f = "x"
		}
		r.add("cn", strings.TrimSpace(g+" "+f)).add("sn", f).add("givenName", g).add("displayName", f+", "+g).add("o", o)
		r.add("telephoneNumber", number(), number()).add("mobile", number()).add("homePhone", number()).add("facsimileTelephoneNumber", number())
		if rnd.IntN(2) == 0 {
			r.add("mail", strings.ToLower(name26(f))+"@example.org").add("title", "Ärztin "+g).add("l", "Böblingen")
			r.add("street", fmt.Sprintf("Bahnhofstraße %d", rnd.IntN(40))).add("postalCode", fmt.Sprint(71000+rnd.IntN(30)))
			r.add("description", strings.Repeat("Kundin seit langem; ", rnd.IntN(80))+"Ende")
			r.add("labeledURI", "https://example.org/"+r.entry.ID+" Contact")
		}
		out = append(out, r.entry)
	}
	return out
}

// name26 is what of a name may stand in a mail address.
func name26(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 && r > ' ' {
			return r
		}
		return -1
	}, s)
}

// randomFilter invents a filter out of what the entries hold, so that a good part of them matches something.
func randomFilter(rnd *rand.Rand, entries []schema.Entry, depth int) *protocol.Filter {
	if depth > 0 && rnd.IntN(3) > 0 {
		f := &protocol.Filter{Kind: protocol.FilterKind(rnd.IntN(3))}
		n := 1
		if f.Kind != protocol.Not {
			n = rnd.IntN(4)
		}
		for range n {
			f.Children = append(f.Children, *randomFilter(rnd, entries, depth-1))
		}
		return f
	}
	attributes := []string{
		"cn", "sn", "givenName", "name", "o", "telephoneNumber", "mobile", "Mobile", "homePhone", "facsimileTelephoneNumber", "searchNumber",
		"searchContact", "anr", "mail", "title", "l", "labeledURI", "objectClass", "uid", "entryDN", "modifyTimestamp", "ou", "dc", "jpegPhoto",
		"hasSubordinates", "nonsense", "moblie", "cn;lang-de", "cn;binary", "2.5.4.3", "street", "postalCode", "description", "other", "ipPhone", "structuralObjectClass",
	}
	f := &protocol.Filter{Kind: []protocol.FilterKind{
		protocol.Equality, protocol.Equality, protocol.Substrings, protocol.Substrings, protocol.Substrings,
		protocol.GreaterOrEqual, protocol.LessOrEqual, protocol.Present, protocol.Approx, protocol.Extensible,
	}[rnd.IntN(10)]}
	f.Attribute = []byte(attributes[rnd.IntN(len(attributes))])
	e := &entries[rnd.IntN(len(entries))]
	value := "x"
	switch a := e.Attributes[rnd.IntN(len(e.Attributes))]; rnd.IntN(8) {
	case 0:
		value = []string{"", " ", "*", "person", "inetOrgPerson", "organization", "user", "Account", "ringdex", "20260304050700Z", "zz", "+", "\xff\xfe", "012"}[rnd.IntN(14)]
	case 1:
		value = e.ID
		if rnd.IntN(2) == 0 {
			value = strings.ToLower(value)
		}
	default:
		v := a.Values[rnd.IntN(len(a.Values))]
		value = v.Text
		switch {
		case v.Original != "" && rnd.IntN(2) == 0:
			value = v.Original
		case len(v.Keys) > 0 && rnd.IntN(2) == 0:
			value = v.Keys[rnd.IntN(len(v.Keys))]
		}
		if rnd.IntN(4) > 0 {
			f.Attribute = []byte(a.Name)
		}
	}
	cut := func(s string) []byte {
		if len(s) == 0 {
			return nil
		}
		at := rnd.IntN(len(s))
		if part := s[at : at+1+rnd.IntN(len(s)-at)]; rnd.IntN(3) > 0 {
			return []byte(part)
		}
		return nil
	}
	switch f.Kind {
	case protocol.Present:
	case protocol.Substrings:
		if rnd.IntN(2) == 0 && value != "" {
			f.Initial = []byte(value[:1+rnd.IntN(len(value))])
		}
		for range rnd.IntN(3) {
			if part := cut(value); part != nil {
				f.Any = append(f.Any, part)
			}
		}
		if rnd.IntN(3) == 0 && value != "" {
			f.Final = []byte(value[rnd.IntN(len(value)):])
		}
		if f.Initial == nil && f.Any == nil && f.Final == nil {
			f.Initial = []byte("m")
		}
	case protocol.Extensible:
		f.Value, f.DNAttributes = []byte(value), rnd.IntN(2) == 0
		f.Rule = []byte([]string{"", "caseIgnoreMatch", "2.5.13.20", "wordMatch", "noSuchRule"}[rnd.IntN(5)])
		if rnd.IntN(3) == 0 {
			f.Attribute = nil
		}
	default:
		f.Value = []byte(value)
	}
	return f
}

// listFilter invents what a telephone asks while a name is typed.
func listFilter(rnd *rand.Rand, entries []schema.Entry) *protocol.Filter {
	or := protocol.Filter{Kind: protocol.Or}
	typed := func() []byte {
		e := &entries[rnd.IntN(len(entries))]
		a := e.Attributes[rnd.IntN(min(5, len(e.Attributes)))]
		words := []rune(pickWord(rnd, a.Values[0].Text))
		return []byte(string(words[:1+rnd.IntN(min(7, len(words)))]))
	}
	value := typed()
	for _, attribute := range []string{"cn", "sn", "givenName", "displayName", "o", "mobile", "nonsense"} {
		if most := map[string]int{"o": 6, "mobile": 6, "nonsense": 12}[attribute]; rnd.IntN(max(2, most)) > 0 {
			continue
		}
		if rnd.IntN(8) == 0 {
			value = typed()
		}
		term := protocol.Filter{Kind: protocol.Substrings, Attribute: []byte(attribute), Initial: value}
		if letters := []rune(string(value)); len(letters) >= 4 && rnd.IntN(3) == 0 {
			term.Initial, term.Any = nil, [][]byte{[]byte(string(letters[rnd.IntN(len(letters)-3):]))}
		}
		or.Children = append(or.Children, term)
	}
	if len(or.Children) == 1 && rnd.IntN(2) == 0 {
		return &or.Children[0]
	}
	switch rnd.IntN(6) {
	case 0:
		return &protocol.Filter{Kind: protocol.And, Children: []protocol.Filter{{Kind: protocol.Present, Attribute: []byte("objectClass")}, or}}
	case 1:
		return &protocol.Filter{Kind: protocol.And, Children: []protocol.Filter{or, {Kind: protocol.Present, Attribute: []byte("mobile")}}}
	case 2:
		class := []string{"inetOrgPerson", "person", "organization"}[rnd.IntN(3)]
		return &protocol.Filter{Kind: protocol.And, Children: []protocol.Filter{{Kind: protocol.Equality, Attribute: []byte("objectClass"), Value: []byte(class)}, or}}
	}
	return &or
}

func pickWord(rnd *rand.Rand, text string) string {
	words := strings.Fields(text)
	if len(words) == 0 {
		return "m"
	}
	return words[rnd.IntN(len(words))]
}

// withoutLeftOut is what of the matches of a number, all sorted, is to be answered: without further records of the same people
// and without those who are refused locally. answer decides which.
func withoutLeftOut(s *Session, answer, matches []string) []string {
	out := slices.DeleteFunc(slices.Clone(matches), func(dn string) bool {
		_, ok := slices.BinarySearch(answer, dn)
		return !ok
	})
	if missing := len(matches) - len(out); missing == s.search.repeated || missing > 0 && s.search.refused {
		return out
	}
	return matches
}

// TestIndexedSearchIsFullScan holds what the indexes propose and the filter decides against the filter alone.
func TestIndexedSearchIsFullScan(t *testing.T) {
	t.Parallel()
	rounds := 1500
	if testing.Short() || raceDetector {
		rounds = 300
	}
	planned, matched, exact := 0, 0, 0
	for seed := range uint64(3) {
		rnd := rand.New(rand.NewPCG(seed, 17))
		entries := randomEntries(t, rnd, 150)
		s := sessionOf(directoryOf(t, entries, nil))
		for range rounds {
			f := randomFilter(rnd, entries, 3)
			if rnd.IntN(4) == 0 {
				f = listFilter(rnd, entries)
			}
			object := []string{"", "", "Contact"}[rnd.IntN(3)]
			r, err := s.snapshot()
			if err != nil {
				t.Fatal(err)
			}
			fail := func(format string, args ...any) { // a reader that is held would keep the store from being closed
				t.Helper()
				r.Release()
				t.Fatalf(format, args...)
			}
			c := s.compiler.compile(f, s.columns)
			var want []uint32
			for ord, ok := r.Next(0); ok; ord, ok = r.Next(ord + 1) {
				if v, _ := r.View(ord); s.evaluate(c, &v) == isTrue && (object == "" || v.Object() == object) {
					want = append(want, ord)
				}
			}
			p := s.plan(c, r)
			var got []uint32
			max := 1 + rnd.IntN(40)
			for from, done := uint32(0), p.scan; !done; {
				var list []uint32
				list, from, done, err = p.propose(s, r, nil, from, max)
				if err != nil {
					fail("%v", err)
				}
				got = append(got, list...)
			}
			if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
				fail("%s: proposals out of order or twice: %v", f, got)
			}
			for _, ord := range want {
				if !p.scan && !slices.Contains(got, ord) {
					v, _ := r.View(ord)
					fail("seed %d, %s: entry is not proposed: %+v", seed, f, v.Entry())
				}
			}
			if !p.scan {
				planned++
			}
			if p.exact && object == "" {
				if exact++; !slices.Equal(got, want) {
					fail("seed %d, %s: an exact plan proposes %v for %v", seed, f, got, want)
				}
			}
			base := "dc=ringdex"
			if object != "" {
				base = "ou=Contact,dc=ringdex"
			}
			var dns []string
			for _, ord := range want {
				v, _ := r.View(ord)
				dns = append(dns, string(s.dir.appendDN(nil, &v)))
			}
			r.Release()
			limit := rnd.IntN(2) * (1 + rnd.IntN(30))
			list, code := ask(t, s, &protocol.SearchRequest{Base: []byte(base), Scope: protocol.WholeSubtree, Filter: f, SizeLimit: limit, Attributes: [][]byte{[]byte("1.1")}})
			var answer []string
			static := 0
			for i := range list {
				if strings.HasPrefix(list[i].dn, "uid=") {
					answer = append(answer, list[i].dn)
				} else {
					static++
				}
			}
			matched += len(want)
			if len(want) == 0 && p.number && len(answer) > 0 {
				continue // the ladder
			}
			if p.number {
				slices.Sort(answer)
				slices.Sort(dns)
				dns = withoutLeftOut(s, answer, dns)
			}
			switch {
			case limit == 0 || len(dns)+static <= limit && code == protocol.Success:
				if code != protocol.Success || !slices.Equal(answer, dns) {
					t.Fatalf("seed %d, %s: got %v %v, want %v", seed, f, code, answer, dns)
				}
			case code != protocol.SizeLimitExceeded || len(list) != limit:
				t.Fatalf("seed %d, %s: limit %d, %d matches: got %v and %d entries", seed, f, limit, len(want), code, len(list))
			case !p.number && !slices.Equal(answer, dns[:len(answer)]):
				t.Fatalf("seed %d, %s: limit %d: got %v, want the first of %v", seed, f, limit, answer, dns)
			}
		}
	}
	t.Logf("%d searches planned, %d exactly, %d entries matched", planned, exact, matched)
	if planned < rounds/4 || exact < rounds/25 || matched < rounds {
		t.Errorf("only %d searches were planned, %d exactly, and %d entries matched: the filters are not worth much", planned, exact, matched)
	}
}
