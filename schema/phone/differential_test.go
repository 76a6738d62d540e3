package phone

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// sharedFile opens a file of the test data, which lies beside the checkout: $RINGDEX_SHARED or ../shared from the root
// of the repository. Where it is absent the test is skipped.
func sharedFile(t *testing.T, name ...string) *os.File {
	t.Helper()
	shared := os.Getenv("RINGDEX_SHARED")
	if shared == "" {
		dir, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
				break
			}
			if parent := filepath.Dir(dir); parent == dir {
				t.Fatal("no go.mod above the package")
			} else {
				dir = parent
			}
		}
		shared = filepath.Join(filepath.Dir(dir), "shared")
	}
	f, err := os.Open(filepath.Join(append([]string{shared, "data"}, name...)...))
	if err != nil {
		t.Skipf("no shared test data (set RINGDEX_SHARED): %v", err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func sharedRows(t *testing.T, name string) [][]string {
	t.Helper()
	r := csv.NewReader(sharedFile(t, "phone", name))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// unescapeJava decodes the \uXXXX of libphonenumber's tests.
func unescapeJava(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if strings.HasPrefix(s[i:], `\u`) && i+6 <= len(s) {
			if n, err := strconv.ParseUint(s[i+2:i+6], 16, 16); err == nil {
				b.WriteRune(rune(n))
				i += 5
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return strings.ReplaceAll(b.String(), `\\`, `\`)
}

// ours writes what Parse makes of a field: "+49301234567 x12, 567".
func ours(numbers []Number) string {
	var list []string
	for _, n := range numbers {
		s := string(n.E164)
		if s == "" {
			s = "digits " + n.Digits
		}
		if n.Extension != "" {
			s += " x" + n.Extension
		}
		list = append(list, s)
	}
	return strings.Join(list, ", ")
}

func theirs(input, region string) string {
	n, err := phonenumbers.Parse(input, region)
	if err != nil {
		return ""
	}
	s := phonenumbers.Format(n, phonenumbers.E164)
	if n.GetExtension() != "" {
		s += " x" + n.GetExtension()
	}
	return s
}

// The reasons for which Parse differs from the library on the library's own cases.
const (
	notInPlan  = "the country's plan knows no such number: kept as digits, found by the library's reading too"
	tooFew     = "too few digits for a number of the public network: an extension or a service number"
	oneLetter  = "letters inside a number end it: only freephone words are read as digits"
	longVanity = "letters beyond the length of the number are not dialled"
	twoNumbers = "two numbers in one field, not a number with a long extension"
	noNumber   = "the library fails; the digits stay findable"
	tail       = "the library takes the extension as part of the number"
)

func TestDifferentialParseCases(t *testing.T) {
	t.Parallel()
	p := newTestParser(t, Location{})
	differences := map[[2]string]struct{ got, why string }{
		{"tel:253-0000;phone-context=www.google.com", "US"}:            {"digits 2530000", notInPlan},
		{"tel:253-0000;isub=12345;phone-context=www.google.com", "US"}: {"digits 2530000", notInPlan},
		{"tel:2530000;isub=12345;phone-context=1234.com", "US"}:        {"digits 2530000", notInPlan},
		{"301/23456", "DE"}:                                 {"digits 30123456", notInPlan + " (eight digits without 0 may lack the area)"},
		{"123-456-7890", "US"}:                              {"digits 1234567890", notInPlan},
		{"01 (449)978-0001", "MX"}:                          {"digits 014499780001", notInPlan + " (prefix abolished in 2019)"},
		{"044 (33) 1234-5678", "MX"}:                        {"digits 0443312345678", notInPlan + " (prefix abolished in 2019)"},
		{"045 33 1234-5678", "MX"}:                          {"digits 0453312345678", notInPlan + " (prefix abolished in 2019)"},
		{"812345", "BY"}:                                    {"digits 812345", notInPlan},
		{"8123456", "BY"}:                                   {"digits 8123456", notInPlan},
		{"0123456", "GB"}:                                   {"digits 0123456", notInPlan},
		{"(1800) 7493.5247", "US"}:                          {"digits 180074935247", notInPlan},
		{"(212)123-1234 x508/x1234", "US"}:                  {"digits 2121231234 x508", notInPlan},
		{"(212)123-1234 x508/ x1234", "US"}:                 {"digits 2121231234 x508", notInPlan},
		{`(212)123-1234 x508\x1234`, "US"}:                  {"digits 2121231234 x508", notInPlan},
		{"+81 *2345", "JP"}:                                 {"digits 812345", tooFew},
		{"12", "NZ"}:                                        {"digits 12", tooFew},
		{"8123", "BY"}:                                      {"digits 8123", tooFew},
		{"81234", "BY"}:                                     {"digits 81234", tooFew},
		{"011", "AU"}:                                       {"digits 011", tooFew},
		{"001", "AU"}:                                       {"digits 001", tooFew},
		{"000", "AU"}:                                       {"digits 000", tooFew},
		{"0000", "AU"}:                                      {"digits 0000", tooFew},
		{"0900 332 600a5", "NZ"}:                            {"+64900332600", oneLetter},
		{"0900 332 600A5", "NZ"}:                            {"+64900332600", oneLetter},
		{"0900 a332 600A5", "NZ"}:                           {"digits 0900", oneLetter},
		{"1800 six-flags", "US"}:                            {"+18007493524", longVanity},
		{"1800 SIX FLAGS", "US"}:                            {"+18007493524", longVanity},
		{"(800) 901-3355 ; 7246433", "US"}:                  {"+18009013355, digits 7246433", twoNumbers},
		{"(800) 901-3355;7246433", "US"}:                    {"+18009013355, digits 7246433", twoNumbers},
		{"(800) 901-3355 , 7246433", "US"}:                  {"+18009013355, digits 7246433", twoNumbers},
		{"+44 2034567890 x 456  ", "GB"}:                    {"+442034567890 x456", tail},
		{"1 Still not a number", "NZ"}:                      {"digits 1", noNumber},
		{"1 MICROSOFT", "NZ"}:                               {"digits 1", noNumber},
		{"12 MICROSOFT", "NZ"}:                              {"digits 12", noNumber},
		{"01495 72553301873 810104", "GB"}:                  {"digits 0149572553301873810104", noNumber},
		{"+*******91", "DE"}:                                {"digits 91", noNumber},
		{"+49 0", "DE"}:                                     {"digits 490", noNumber},
		{"+210 3456 56789", "NZ"}:                           {"digits 210345656789", noNumber},
		{"+ 00 210 3 331 6005", "NZ"}:                       {"digits 0021033316005", noNumber},
		{"123 456 7890", "ZZ"}:                              {"digits 1234567890", noNumber},
		{"0044------", "GB"}:                                {"digits 0044", noNumber},
		{"0044", "GB"}:                                      {"digits 0044", noNumber},
		{"011", "US"}:                                       {"digits 011", noNumber},
		{"0119", "US"}:                                      {"digits 0119", noNumber},
		{"tel:555-1234;phone-context=www.google.com", "ZZ"}: {"digits 5551234", noNumber},
		{"tel:555-1234;phone-context=1-331", "ZZ"}:          {"digits 5551234", noNumber},
	}
	rows := sharedRows(t, "libphonenumber-parse-cases.csv")
	same := 0
	for _, row := range rows {
		input, region := unescapeJava(row[0]), row[1]
		numbers := p.Parse(input, region)
		got, library := ours(numbers), theirs(input, region)
		want, differs := differences[[2]string{input, region}]
		delete(differences, [2]string{input, region})
		switch {
		case !differs && got != library:
			t.Errorf("%q in %s: got %q, library %q: not explained", input, region, got, library)
		case differs && got != want.got:
			t.Errorf("%q in %s: got %q, want %q (%s)", input, region, got, want.got, want.why)
		case differs && got == library:
			t.Errorf("%q in %s: explained, but no difference", input, region)
		case !differs:
			same++
		case strings.HasPrefix(want.why, notInPlan):
			digits, _, _ := strings.Cut(strings.TrimPrefix(library, "+"), " ")
			if keys := numbers[0].Keys(); !slices.Contains(keys, digits) {
				t.Errorf("%q in %s: keys %v lack the library's reading %s", input, region, keys, digits)
			}
		}
	}
	for key := range differences {
		t.Errorf("%q in %s: explained, but not among the cases", key[0], key[1])
	}
	t.Logf("%d of %d cases as the library reads them", same, len(rows))
}

// Every example number of every country comes out of its E.164 form and of its national form, and is found by both.
func TestDifferentialExamples(t *testing.T) {
	t.Parallel()
	anywhere := newTestParser(t, Location{})
	differences := map[string]struct{ got, why string }{
		"CO 03211234567": {"digits 03211234567", "mobile numbers have no trunk prefix; the library's number is not valid"},
		"IL 01599123456": {"digits 01599123456", "with the trunk prefix it begins with an international prefix; the library fails"},
		"IL 01919123456": {"digits 01919123456", "with the trunk prefix it begins with an international prefix; the library's number is not valid"},
	}
	rows := sharedRows(t, "libphonenumber-examples.csv")
	checked := 0
	for _, row := range rows {
		region, trunk, kind, national, e164 := row[0], row[2], row[3], row[4], row[5]
		p := newTestParser(t, Location{})
		if plans().regions[region] != nil {
			p = newTestParser(t, Location{Country: region})
		}
		for _, spelled := range []string{e164, "00" + e164[1:]} {
			numbers := anywhere.Parse(spelled, "")
			if len(numbers) != 1 || string(numbers[0].E164) != e164 {
				t.Errorf("%s %s: %q: got %q, want %s", region, kind, spelled, ours(numbers), e164)
			}
		}
		if !foundBy(p, e164, e164[1:]) {
			t.Errorf("%s %s: %q has no candidate %s", region, kind, e164, e164[1:])
		}
		if p.plan == nil {
			continue
		}
		numbers := p.Parse(trunk+national, "")
		library := theirs(trunk+national, region)
		want, differs := differences[region+" "+trunk+national]
		switch {
		case differs && ours(numbers) != want.got:
			t.Errorf("%s %s: %q: got %q, want %q (%s)", region, kind, trunk+national, ours(numbers), want.got, want.why)
		case !differs && ours(numbers) != library:
			t.Errorf("%s %s: %q: got %q, library %s: not explained", region, kind, trunk+national, ours(numbers), library)
		}
		if !foundBy(p, trunk+national, e164[1:]) {
			t.Errorf("%s %s: %q has no candidate %s: %v", region, kind, trunk+national, e164[1:], readable(p.Candidates(trunk+national)))
		}
		checked++
	}
	t.Logf("%d examples, %d with a national form", len(rows), checked)
}

func foundBy(p *Parser, asked, key string) bool {
	return slices.ContainsFunc(p.Candidates(asked), func(c Candidate) bool { return string(c.Key) == key })
}

// The numbers of a fresh Developer Edition org are found in the spelling stored and in E.164, whether the location is
// American or the org's data are foreign to it.
func TestDeveloperEdition(t *testing.T) {
	t.Parallel()
	var fields []string
	for _, name := range []string{"Contact.json", "Account.json"} {
		var records []struct{ Phone, MobilePhone string }
		if err := json.NewDecoder(sharedFile(t, "salesforce", "developer-edition", name)).Decode(&records); err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			fields = append(fields, r.Phone, r.MobilePhone)
		}
	}
	numbers := 0
	for _, loc := range []Location{{Country: "US", Area: "212", OutsideLine: "9", InternalDigits: 4}, office} {
		p := newTestParser(t, loc)
		for _, field := range fields {
			if field == "" {
				continue
			}
			found := p.Parse(field, "")
			if len(found) != 1 {
				t.Fatalf("%q: %d numbers", field, len(found))
			}
			e164 := field
			if field[0] != '+' {
				e164 = "+1" + Digits(field)
			}
			for _, asked := range []string{field, Digits(field), e164} {
				if strings.HasPrefix(field, "(014)") && asked == e164 && loc.Country != "US" {
					continue // no American number, and no other country is known
				}
				if !slices.ContainsFunc(p.Candidates(asked), func(c Candidate) bool { return slices.Contains(found[0].Keys(), string(c.Key)) }) {
					t.Errorf("%s: %q isn't found by %q: keys %v, candidates %q", loc.Country, field, asked, found[0].Keys(), readable(p.Candidates(asked)))
				}
			}
			numbers++
		}
	}
	if numbers == 0 {
		t.Error("no numbers in the data")
	}
}
