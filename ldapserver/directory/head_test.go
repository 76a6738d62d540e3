package directory

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"ringdex/schema"
	"ringdex/schema/phone"
	"ringdex/soap/emulator"
)

// orgRecord is a generated record as the mapping's source.
type orgRecord struct {
	org        *emulator.Org
	object, id string
}

func (r orgRecord) Field(path string) string {
	if parent, rest, ok := strings.Cut(path, "."); ok {
		id, _ := r.org.Field(r.object, r.id, parent+"Id")
		if id == "" {
			return ""
		}
		v, _ := r.org.Field(parent, id, rest)
		return v
	}
	v, _ := r.org.Field(r.object, r.id, path)
	return v
}

// TestHeadNumberPrecision hides a part of a generated org's people, lets them and strangers call, and holds what is
// shown against the numbers that the org meant.
func TestHeadNumberPrecision(t *testing.T) {
	t.Parallel()
	server, err := emulator.Start(emulator.Options{Generate: &emulator.Generate{Accounts: 400, Contacts: 4000, Seed: 5}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	org := server.Org()
	s, err := schema.New()
	if err != nil {
		t.Fatal(err)
	}
	parser, err := phone.NewParser(phone.Location{Country: "DE"})
	if err != nil {
		t.Fatal(err)
	}
	entry := func(object, id string) schema.Entry {
		m, _ := schema.DefaultMapping(object)
		src := orgRecord{org, object, id}
		e := m.Entry(s, id, time.Unix(1, 0), src, "https://example.org")
		region, _ := phone.CountryOf(m.Country(src))
		for i, a := range e.Attributes {
			if at, ok := s.Attribute(a.Name); !ok || !at.Syntax.IsNumber() {
				continue
			}
			var values []schema.Value
			for _, v := range a.Values {
				for _, n := range parser.Parse(v.Text, region) {
					values = append(values, schema.Value{Text: n.Text(), Original: n.Original, Keys: n.Keys()})
				}
			}
			e.Attributes[i].Values = values
		}
		return e
	}
	type call struct{ number, company string }
	var entries []schema.Entry
	var calls []call
	known := map[string]string{}  // E.164 number → Ids of its people and companies
	owners := map[string]string{} // head number in E.164 → company
	for _, id := range org.IDs("Account") {
		e := entry("Account", id)
		entries = append(entries, e)
		n := org.Truth(id)["Phone"]
		if n != "" {
			known[n] += id
		}
		if strings.HasPrefix(n, "+49") || strings.HasPrefix(n, "+43") {
			owners[strings.TrimSuffix(n, "0")] = e.First("cn")
		}
	}
	// Companies that keep their number to themselves have a head number all the same: their people's numbers without the
	// extension, which is as long as everybody's.
	width := 0
	for round := range 2 {
		for _, id := range org.IDs("Contact") {
			src := orgRecord{org, "Contact", id}
			account, n := src.Field("AccountId"), org.Truth(id)["Phone"]
			if account == "" || !strings.HasPrefix(n, "+49") && !strings.HasPrefix(n, "+43") || known[n] != "" {
				continue
			}
			if head := strings.TrimSuffix(org.Truth(account)["Phone"], "0"); round == 0 && head != "" && strings.HasPrefix(n, head) {
				width = max(width, len(n)-len(head))
			}
			if round == 1 && len(n) > width {
				owners[n[:len(n)-width]] = src.Field("Account.Name")
			}
		}
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	for _, id := range org.IDs("Contact") {
		truth := org.Truth(id)
		if rnd.IntN(5) == 0 {
			src := orgRecord{org, "Contact", id}
			n := truth["Phone"]
			for head := range owners {
				if strings.HasPrefix(n, head) {
					calls = append(calls, call{n, src.Field("Account.Name")})
				}
			}
			continue
		}
		entries = append(entries, entry("Contact", id))
		for _, n := range truth {
			known[n] += id
		}
	}
	d := directoryOf(t, entries, func(o *Options) { o.Location = phone.Location{Country: "DE"} })
	session := sessionOf(d)
	right, silent := 0, 0
	for _, c := range calls {
		if known[c.number] != "" {
			continue // shared with somebody who is not hidden
		}
		switch got := caller(t, session, c.number); got {
		case c.company:
			right++
		case "":
			silent++
		default:
			t.Errorf("%s of %q shows %q", c.number, c.company, got)
		}
	}
	// Strangers: anywhere in the towns of the companies, and right beside their head numbers.
	towns := []string{"+4930", "+4969", "+4940", "+49221", "+4989", "+431", "+43316", "+43732", "+33199", "+4420", "+1202555", "+4144", "+49176"}
	var heads []string
	for h := range owners {
		heads = append(heads, h)
	}
	companies := map[string]bool{}
	for i := range entries {
		if entries[i].Object == "Account" {
			companies[entries[i].First("cn")] = true
		}
	}
	strangers, wrong, people, most := 0, 0, 0, 10_000
	if raceDetector {
		most = 2000
	}
	for strangers < most {
		var n string
		if strangers%2 == 0 {
			n = fmt.Sprintf("%s%d", towns[rnd.IntN(len(towns))], 1_000_000+rnd.IntN(99_000_000))
		} else {
			h := heads[rnd.IntN(len(heads))]
			n = fmt.Sprintf("%s%d%0*d", h[:len(h)-1], rnd.IntN(10), 1+rnd.IntN(3), rnd.IntN(10))
		}
		if known[n] != "" || len(n) < 9 {
			continue
		}
		owned := false
		for h := range owners {
			// Inside a head number it is that company's; a number that another one begins with cannot be dialled at all.
			owned = owned || strings.HasPrefix(n, h) || strings.HasPrefix(h, n)
		}
		if owned {
			continue
		}
		strangers++
		if got := caller(t, session, n); got != "" {
			if wrong++; wrong < 20 {
				t.Logf("stranger %s shows %q", n, got)
			}
			if !companies[got] {
				people++
				t.Errorf("stranger %s shows a person: %q", n, got)
			}
		}
	}
	recall := float64(right) / float64(right+silent)
	t.Logf("%d unknown extensions of %d companies: %d right, %d shown nothing: recall %.3f; %d strangers, %d shown a company, %d a person",
		right+silent, len(owners), right, silent, recall, strangers, wrong-people, people)
	if right+silent < 100 {
		t.Errorf("only %d calls: the test is not worth much", right+silent)
	}
	if recall < 0.8 {
		t.Errorf("recall %.3f", recall)
	}
	if wrong*1000 >= strangers {
		t.Errorf("%d of %d strangers are shown a company", wrong, strangers)
	}
}
