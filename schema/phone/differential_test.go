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

// reason is why Parse is meant to differ from the library on one of the library's own cases, and what has to hold for that:
// a reason that doesn't apply is no explanation.
type reason struct {
	why   string
	holds func(c parseCase) bool
}

// parseCase is one of the library's cases with what both make of it. symbol is the number that the library's test asserts
// under its own test plans, as it is named there.
type parseCase struct {
	input, region, symbol string
	numbers               []Number
	ours, library         string
}

// digits are those of the library's number.
func (c parseCase) digits() string {
	digits, _, _ := strings.Cut(strings.TrimPrefix(c.library, "+"), " ")
	return digits
}

func (c parseCase) keys() (keys []string) {
	for _, n := range c.numbers {
		keys = append(keys, n.Keys()...)
	}
	return keys
}

// valid says whether the library itself knows its number to be of the country's plan.
func (c parseCase) valid() bool {
	n, err := phonenumbers.Parse(c.input, c.region)
	return err == nil && phonenumbers.IsValidNumber(n)
}

func (c parseCase) unsure() bool { return len(c.numbers) == 1 && c.numbers[0].E164 == "" }

var (
	notInPlan = reason{"the country's plan knows no such number: shown as written, found by the digits and by the library's reading", func(c parseCase) bool {
		return !c.valid() && c.unsure() && slices.Contains(c.keys(), c.digits()) && slices.Contains(c.keys(), c.numbers[0].Digits)
	}}
	noTrunk = reason{"in an open plan eight digits without 0 may lack the area code: found by both readings", func(c parseCase) bool {
		return c.valid() && c.unsure() && len(c.numbers[0].Digits) <= localDigits && slices.Contains(c.keys(), c.digits()) && slices.Contains(c.keys(), c.numbers[0].Digits)
	}}
	tooFew = reason{"too few digits for a number of the public network: an extension or a service number of somebody, nobody's number", func(c parseCase) bool {
		n := c.numbers[0]
		return !c.valid() && c.unsure() && (len(n.Digits) < minLocal && (len(c.keys()) == 0 || IsShort(n.Digits, c.region)) || len(c.digits()) < minE164)
	}}
	slip = reason{"a letter among the digits is a slip: shown as written and reported, found by the digits and by the library's reading", func(c parseCase) bool {
		return c.unsure() && c.numbers[0].Digits == Digits(c.input) && slices.Contains(c.keys(), c.digits())
	}}
	longVanity = reason{"a phone dials as many letters as the number has", func(c parseCase) bool {
		return !c.valid() && c.numbers[0].Valid && strings.HasPrefix(c.library, c.ours)
	}}
	twoNumbers = reason{"seven digits behind a comma or semicolon are another number, not an extension", func(c parseCase) bool {
		_, extension, _ := strings.Cut(c.library, " x")
		return len(c.numbers) == 2 && string(c.numbers[0].E164) == "+"+c.digits() && c.numbers[1].Digits == extension && len(extension) >= minSubscriber
	}}
	abolished2019 = reason{"Mexico dropped these prefixes in 2019; the number behind them is the same line", func(c parseCase) bool {
		return !c.valid() && len(c.numbers) == 1 && c.numbers[0].Valid && len(c.ours) == len("+52")+nanpDigits && strings.HasSuffix(c.library, c.ours[len("+52"):])
	}}
	portsSlip = reason{"the Go library takes the extension as part of the number where spaces follow it; the original does not, nor do we", func(c parseCase) bool {
		return theirs(strings.TrimSpace(c.input), c.region) == c.ours
	}}
	noNumber = reason{"the library refuses it, and so is it no E.164 number here; the digits stay findable if they are as many as a number has", func(c parseCase) bool {
		digits := c.numbers[0].Digits
		return c.library == "" && c.symbol == "PARSE_FAILS" && c.unsure() && slices.Contains(c.keys(), digits) == (len(digits) >= minLocal)
	}}
)

// asserted are the numbers behind the library's symbols, where a symbol is one number.
var asserted = map[string]string{
	"ALPHA_NUMERIC_NUMBER": "+180074935247", "AR_MOBILE": "+5491187654321", "AR_NUMBER": "+541187654321", "DE_NUMBER": "+4930123456",
	"INTERNATIONAL_TOLL_FREE": "+80012345678", "IT_MOBILE": "+39345678901", "IT_NUMBER": "+390236618300", "JP_STAR_NUMBER": "+812345",
	"NZ_NUMBER": "+6433316005", "US_LOCAL_NUMBER": "+12530000", "US_NUMBER": "+16502530000", "PARSE_FAILS": "",
	"usWithTwoExtensionsNumber": "+12121231234 x508", "ruWithExtension": "+74232022511 x100", "extnNumber": "+180074935247 x1234",
}

func TestDifferentialParseCases(t *testing.T) {
	t.Parallel()
	p := newTestParser(t, Location{})
	differences := map[[2]string]struct {
		got    string
		reason reason
	}{
		{"tel:253-0000;phone-context=www.google.com", "US"}:            {"digits 2530000", notInPlan},
		{"tel:253-0000;isub=12345;phone-context=www.google.com", "US"}: {"digits 2530000", notInPlan},
		{"tel:2530000;isub=12345;phone-context=1234.com", "US"}:        {"digits 2530000", notInPlan},
		{"123-456-7890", "US"}:                              {"digits 1234567890", notInPlan},
		{"812345", "BY"}:                                    {"digits 812345", notInPlan},
		{"8123456", "BY"}:                                   {"digits 8123456", notInPlan},
		{"0123456", "GB"}:                                   {"digits 0123456", notInPlan},
		{"(1800) 7493.5247", "US"}:                          {"digits 180074935247", notInPlan},
		{"(212)123-1234 x508/x1234", "US"}:                  {"digits 2121231234 x508", notInPlan},
		{"(212)123-1234 x508/ x1234", "US"}:                 {"digits 2121231234 x508", notInPlan},
		{`(212)123-1234 x508\x1234`, "US"}:                  {"digits 2121231234 x508", notInPlan},
		{"301/23456", "DE"}:                                 {"digits 30123456", noTrunk},
		{"+81 *2345", "JP"}:                                 {"digits 812345", tooFew},
		{"12", "NZ"}:                                        {"digits 12", tooFew},
		{"8123", "BY"}:                                      {"digits 8123", tooFew},
		{"81234", "BY"}:                                     {"digits 81234", tooFew},
		{"011", "AU"}:                                       {"digits 011", tooFew},
		{"001", "AU"}:                                       {"digits 001", tooFew},
		{"000", "AU"}:                                       {"digits 000", tooFew},
		{"0000", "AU"}:                                      {"digits 0000", tooFew},
		{"0900 332 600a5", "NZ"}:                            {"digits 09003326005", slip},
		{"0900 332 600A5", "NZ"}:                            {"digits 09003326005", slip},
		{"0900 a332 600A5", "NZ"}:                           {"digits 09003326005", slip},
		{"1800 six-flags", "US"}:                            {"+18007493524", longVanity},
		{"1800 SIX FLAGS", "US"}:                            {"+18007493524", longVanity},
		{"(800) 901-3355 ; 7246433", "US"}:                  {"+18009013355, digits 7246433", twoNumbers},
		{"(800) 901-3355;7246433", "US"}:                    {"+18009013355, digits 7246433", twoNumbers},
		{"(800) 901-3355 , 7246433", "US"}:                  {"+18009013355, digits 7246433", twoNumbers},
		{"01 (449)978-0001", "MX"}:                          {"+524499780001", abolished2019},
		{"+52 1 33 1234-5678", "MX"}:                        {"+523312345678", abolished2019},
		{"044 (33) 1234-5678", "MX"}:                        {"+523312345678", abolished2019},
		{"045 33 1234-5678", "MX"}:                          {"+523312345678", abolished2019},
		{"+44 2034567890 x 456  ", "GB"}:                    {"+442034567890 x456", portsSlip},
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
	same, asAsserted := 0, 0
	for _, row := range rows {
		c := parseCase{input: unescapeJava(row[0]), region: row[1], symbol: row[2]}
		c.numbers = p.Parse(c.input, c.region)
		c.ours, c.library = ours(c.numbers), theirs(c.input, c.region)
		want, differs := differences[[2]string{c.input, c.region}]
		delete(differences, [2]string{c.input, c.region})
		switch {
		case !differs && c.ours != c.library:
			t.Errorf("%q in %s: got %q, library %q: not explained", c.input, c.region, c.ours, c.library)
		case differs && c.ours != want.got:
			t.Errorf("%q in %s: got %q, want %q (%s)", c.input, c.region, c.ours, want.got, want.reason.why)
		case differs && c.ours == c.library:
			t.Errorf("%q in %s: explained, but no difference", c.input, c.region)
		case differs && !want.reason.holds(c):
			t.Errorf("%q in %s: the reason doesn't apply: %s (keys %v, library %q)", c.input, c.region, want.reason.why, c.keys(), c.library)
		case !differs:
			same++
		}
		if number, known := asserted[c.symbol]; known {
			asAsserted++
			if c.ours != number && c.library != number {
				t.Errorf("%q in %s: got %q, library %q, its test asserts %s", c.input, c.region, c.ours, c.library, number)
			}
		}
	}
	for key := range differences {
		t.Errorf("%q in %s: explained, but not among the cases", key[0], key[1])
	}
	t.Logf("%d of %d cases as the library reads them; %d held against what the library's test asserts", same, len(rows), asAsserted)
	if len(rows) < 157 || asAsserted < 60 {
		t.Errorf("only %d cases, %d with an asserted number", len(rows), asAsserted)
	}
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
