package phone

import (
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	t.Parallel()
	p := newTestParser(t, office)
	for _, c := range []struct {
		name, field, region, want string
	}{
		{"E.164", "+493023125100", "", "+493023125100"},
		{"DIN 5008 with extension", "+49 30 23125-100", "", "+493023125100"},
		{"trunk prefix in parentheses", "+49 (0)30 23125100", "", "+493023125100"},
		{"trunk prefix in parentheses, close", "+49(0)30/23125100", "", "+493023125100"},
		{"trunk prefix in parentheses with spaces", "0049 ( 0 ) 30 23125100", "", "+493023125100"},
		{"trunk prefix behind the code", "+49030 23125100", "", "+493023125100"},
		{"00 for plus", "0049-30-23125-100", "", "+493023125100"},
		{"plus and 00", "+0049 30 23125100", "", "+493023125100"},
		{"national", "030 23125100", "", "+493023125100"},
		{"area in parentheses", "(030) 23125100", "", "+493023125100"},
		{"slash behind the area", "030/23125100", "", "+493023125100"},
		{"slash behind a mobile prefix", "0171/1234567", "", "+491711234567"},
		{"slash with spaces", "0171 / 1234567", "", "+491711234567"},
		{"two slashes", "0049/30/23125100", "", "+493023125100"},
		{"dots", "030.231.25.100", "", "+493023125100"},
		{"outside line with a space", "0 030 23125100", "", "+493023125100"},
		{"outside line and 00", "000493023125100", "", "+493023125100"},
		{"outside line, not Russia", "0 07031 1234567", "", "+4970311234567"},
		{"00 with a space, not Russia", "00 7031 123456", "", "+497031123456"},
		{"Russia in full", "007 495 123-45-67", "", "+74951234567"},
		{"outside line, not America", "001711234567", "", "+491711234567"},
		{"America in full", "001 202 555 0123", "", "+12025550123"},
		{"App.", "+49 7031 1234 App. 12", "", "+4970311234 x12"},
		{"DW", "07031 1234 DW 12", "", "+4970311234 x12"},
		{"Dw. close", "07031 1234 Dw.12", "", "+4970311234 x12"},
		{"Durchwahl with colon", "07031 1234, Durchwahl: 12", "", "+4970311234 x12"},
		{"NSt.", "07031/1234 NSt. 12", "", "+4970311234 x12"},
		{"Nebenstelle in parentheses", "07031 1234 (Nebenstelle 12)", "", "+4970311234 x12"},
		{"Klappe", "+43 1 51234 Kl. 56", "", "+43151234 x56"},
		{"ext.", "+44 20 7946 0123 ext. 5", "", "+442079460123 x5"},
		{"extn", "020 7946 0123 extn 5", "GB", "+442079460123 x5"},
		{"x close", "(202) 555-0123x5", "US", "+12025550123 x5"},
		{"number sign", "202.555.0123 #5", "US", "+12025550123 x5"},
		{"poste", "01 44 27 44 27 poste 12", "FR", "+33144274427 x12"},
		{"int.", "+39 02 3661 8300 int. 5", "", "+390236618300 x5"},
		{"interno", "02 3661 8300 interno 5", "IT", "+390236618300 x5"},
		{"pauses", "(202)555-0123,,,001#", "US", "+12025550123 x001"},
		{"one pause", "+1 202 555 0123,5", "", "+12025550123 x5"},
		{"p for a pause", "+12025550123p5", "", "+12025550123 x5"},
		{"tel URI", "tel:+49-30-23125-100", "", "+493023125100"},
		{"tel URI with extension", "tel:+49-7031-123;ext=456", "", "+497031123 x456"},
		{"tel URI with context", "tel:23125100;phone-context=+49-30", "", "+493023125100"},
		{"tel URI with escapes", "tel:%2B49%2030%2023125100", "", "+493023125100"},
		{"sip URI", "sip:+493023125100@pbx.example.org;user=phone", "", "+493023125100"},
		{"sip URI with a name", "\"Anna\" <sip:+493023125100@192.0.2.1:5060>", "", "+493023125100"},
		{"sip URI of somebody", "sip:anna7@example.org", "", ""},
		{"line prefix", "L0#04012345678", "", "+494012345678"},
		{"feature code", "*31#030 23125100", "", "+493023125100"},
		{"stars", "**030 23125100", "", "+493023125100"},
		{"full width", "\uff0b\uff14\uff19\u3000\uff13\uff10\u3000\uff12\uff13\uff11\uff12\uff15\uff11\uff10\uff10", "", "+493023125100"},
		{"Arabic-Indic digits", "\u0660\u0663\u0660 \u0662\u0663\u0661\u0662\u0665\u0661\u0660\u0660", "", "+493023125100"},
		{"en dash and no-break spaces", "+49\u00a030\u00a023125\u2013100", "", "+493023125100"},
		{"direction marks", "\u202a+49 30 23125100\u202c", "", "+493023125100"},
		{"label", "Tel.: 030 23125100", "", "+493023125100"},
		{"numbered label", "Tel. 2: 030 23125100", "", "+493023125100"},
		{"remark in parentheses", "030 23125100 (Sekretariat)", "", "+493023125100"},
		{"remark", "030 23125100 private", "", "+493023125100"},
		{"remark with a number", "030 23125100 ab 17 Uhr", "", "+493023125100"},
		{"hour before it", "ab 17 Uhr 030 23125100", "", "+493023125100"},
		{"vanity", "1-800-FLOWERS", "US", "+18003569377"},
		{"vanity too long", "1-800-FLOWERS-NOW", "US", "+18003569377"},
		{"vanity elsewhere is a remark", "030 FLOWERS", "", "digits 030"},
		{"two at a slash", "030 23125100 / 0171 1234567", "", "+493023125100, +491711234567"},
		{"two at a slash, close", "030 23125100/0171 1234567", "", "+493023125100, +491711234567"},
		{"two at a slash with slashes inside", "030/23125100 / 0171/1234567", "", "+493023125100, +491711234567"},
		{"two at a semicolon", "030/23125100; 0171/1234567", "", "+493023125100, +491711234567"},
		{"two at a comma", "030 23125100, 0171 1234567", "", "+493023125100, +491711234567"},
		{"two at a bar", "030 23125100|0171 1234567", "", "+493023125100, +491711234567"},
		{"two lines", "030 23125100\r\n0171 1234567", "", "+493023125100, +491711234567"},
		{"oder", "030 23125100 oder 0171 1234567", "", "+493023125100, +491711234567"},
		{"or", "202-555-0123 or 202-555-0145", "US", "+12025550123, +12025550145"},
		{"ou", "01 44 27 44 27 ou 01 44 27 44 28", "FR", "+33144274427, +33144274428"},
		{"und", "030 23125100 und 0171 1234567", "", "+493023125100, +491711234567"},
		{"second plus", "+49 30 23125100 +49 171 1234567", "", "+493023125100, +491711234567"},
		{"labels", "Tel. 030 23125100 Fax 030 23125101", "", "+493023125100, +493023125101"},
		{"two American at a slash", "202-555-0123 / 202-555-0145", "US", "+12025550123, +12025550145"},
		{"second without area", "07031 123456/987654", "", "+497031123456, digits 987654"},
		{"pair with another end", "030 23125100/01", "", "+493023125100, +493023125101"},
		{"the same twice", "030 23125100; +49 30 23125100", "", "+493023125100"},
		{"extension behind a semicolon", "030 23125100; App. 5", "", "+493023125100 x5"},
		{"enumeration", "1) 030 23125100 2) 0171 1234567", "", "+493023125100, +491711234567"},
		{"French number in an American record", "(014) 427-4427", "US", "digits 0144274427"},
		{"American number in a German record", "415-901-7000", "DE", "digits 4159017000"},
		{"region wins over location", "044 668 18 00", "CH", "+41446681800"},
		{"unknown region", "030 23125100", "XX", "+493023125100"},
		{"lower-case region", "044 668 18 00", "ch", "+41446681800"},
		{"Italian zero is kept", "+39 (0)2 3661 8300", "", "+390236618300"},
		{"Argentine mobile", "011 15-2345-6789", "AR", "+5491123456789"},
		{"Ivory Coast, ten digits", "+225 07 12 34 56 78", "", "+2250712345678"},
		{"no trunk prefix", "612345678", "NL", "+31612345678"},
		{"no plus", "31612345678", "NL", "+31612345678"},
		{"no plus, German", "497031730090", "", "+497031730090"},
		{"no code of a country", "+210 3456 56789", "", "digits 210345656789"},
		{"not in the plan, but with plus", "+1 212 123 4567", "", "+12121234567"},
		{"local number", "998877", "", "digits 998877"},
		{"own extension", "567", "", "digits 567"},
		{"extension word only", "App. 567", "", "digits 567"},
		{"emergency", "110", "", "digits 110"},
		{"emergency abroad", "911", "US", "digits 911"},
		{"service", "116117", "", "digits 116117"},
		{"directory enquiries", "11833", "", "digits 11833"},
		{"emergency is no national number", "+49 110", "", "digits 49110"},
		{"nothing", "", "", ""},
		{"no digit", "n/a", "", ""},
		{"plus only", "+", "", ""},
		{"signs only", " -/;,() ", "", ""},
		{"too many digits", strings.Repeat("12345", 20), "", "digits " + strings.Repeat("12345", 8)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := ours(p.Parse(c.field, c.region)); got != c.want {
				t.Errorf("Parse(%q, %q) = %s, want %s", c.field, c.region, got, c.want)
			}
		})
	}
}

// One line in all the spellings of products that document theirs.
func TestParseSameLine(t *testing.T) {
	t.Parallel()
	for region, spellings := range map[string][]string{
		"DE": {"+49(89)123456-78", "0049-89-123456-78", "+49(0)89 123456-78", "089/12345678", "089.123456.78", "498912345678"},
		"NL": {"0612345678", "+31612345678", "612345678", "06 12345678", "31612345678", "+31 6 12345678", "06-12345678"},
	} {
		p := newTestParser(t, Location{Country: region})
		want := p.Parse(spellings[0], "")[0]
		for _, s := range spellings {
			numbers := p.Parse(s, "")
			if len(numbers) != 1 || numbers[0].E164 != want.E164 || !numbers[0].Valid || numbers[0].Original != s {
				t.Errorf("%q: got %+v, want one %s", s, numbers, want.E164)
			}
			if !foundBy(p, s, want.Keys()[0]) {
				t.Errorf("%q: no candidate %s", s, want.Keys()[0])
			}
		}
	}
}

func TestNumberTextKeysHead(t *testing.T) {
	t.Parallel()
	p := newTestParser(t, office)
	for _, c := range []struct {
		name, field, region, text string
		keys                      []string
		head                      string
	}{
		{"plain", "030 23125100", "", "+493023125100", []string{"493023125100"}, ""},
		{"hyphen", "+49 7031 123-456", "", "+497031123456", []string{"497031123456"}, "497031123"},
		{"hyphen zero", "+49 7031 123-0", "", "+4970311230", []string{"4970311230"}, "497031123"},
		{"trailing hyphen", "+49 7031 123-", "", "+497031123", []string{"497031123"}, "497031123"},
		{"hyphen behind four digits", "+49 7031 1234-567", "", "+4970311234567", []string{"4970311234567"}, "4970311234"},
		{"hyphen, grouped number", "+49 30 231 25-100", "", "+493023125100", []string{"493023125100"}, "493023125"},
		{"hyphen without a gap at the area", "03023125-100", "", "+493023125100", []string{"493023125100"}, "493023125"},
		{"hyphens everywhere", "0049-89-123456-78", "", "+498912345678", []string{"498912345678"}, "4989123456"},
		{"documented stem", "+49 (8151) 36856-177", "", "+49815136856177", []string{"49815136856177"}, "49815136856"},
		{"hyphen behind the area", "030-23125", "", "+493023125", []string{"493023125"}, ""},
		{"pairs", "030-23-12-51", "", "+4930231251", []string{"4930231251"}, ""},
		{"mobile", "0171-1234-567", "", "+491711234567", []string{"491711234567"}, ""},
		{"Austrian", "+43 1 51234-56", "", "+4315123456", []string{"4315123456"}, "43151234"},
		{"American hyphens", "202-555-0123", "US", "+12025550123", []string{"12025550123", "2025550123"}, ""},
		{"extension dialled directly", "07031 123 App. 456", "", "+497031123456", []string{"497031123456"}, "497031123"},
		{"extension of a switchboard", "+1 202 555 0123 ext. 5", "", "+12025550123", []string{"12025550123"}, ""},
		{"extension in a closed plan", "044 668 18 00 int. 12", "CH", "+41446681800", []string{"41446681800"}, ""},
		{"British extension", "020 7946 0123 ext 5", "GB", "+442079460123", []string{"442079460123"}, ""},
		{"French number in an American record", "(014) 427-4427", "US", "(014) 427-4427", []string{"0144274427", "10144274427"}, ""},
		{"American number in a German record", "415-901-7000", "DE", "415-901-7000", []string{"4159017000", "14159017000"}, ""},
		{"American number, not valid at home", "(415) 555-0123", "CH", "(415) 555-0123", []string{"4155550123", "414155550123", "14155550123"}, ""},
		{"without trunk prefix", "612345678", "NL", "+31612345678", []string{"31612345678", "612345678"}, ""},
		{"local number", "99 88 77", "", "99 88 77", []string{"998877", "49998877"}, ""},
		{"own extension", "567", "", "567", []string{"567"}, ""},
		{"service number", "116117", "", "116117", []string{"116117"}, ""},
		{"American without exchange", "(555)555-5555,,,001#", "US", "(555)555-5555,,,001#", []string{"5555555555", "15555555555"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			numbers := p.Parse(c.field, c.region)
			if len(numbers) != 1 {
				t.Fatalf("got %d numbers", len(numbers))
			}
			n := numbers[0]
			if n.Text() != c.text || !slices.Equal(n.Keys(), c.keys) || n.Head() != c.head {
				t.Errorf("got %s %v head %q, want %s %v head %q", n.Text(), n.Keys(), n.Head(), c.text, c.keys, c.head)
			}
			if n.Original != c.field {
				t.Errorf("original %q, want %q", n.Original, c.field)
			}
			if c.head != "" && n.HyphenAt > 0 && string(n.E164[1:1+n.HyphenAt]) != c.head {
				t.Errorf("HyphenAt %d doesn't end the head number", n.HyphenAt)
			}
		})
	}
}

func TestParseBoundsItsInput(t *testing.T) {
	t.Parallel()
	p := newTestParser(t, office)
	long := strings.Repeat("030 23125100;", 1000)
	if got := len(p.Parse(long, "")); got != 1 {
		t.Errorf("one number repeated: got %d", got)
	}
	var many strings.Builder
	for i := range 100 {
		many.WriteString("030 231251" + string(rune('0'+i/10)) + string(rune('0'+i%10)) + "\n")
	}
	if got := len(p.Parse(many.String(), "")); got != maxNumbers {
		t.Errorf("got %d numbers, want %d", got, maxNumbers)
	}
	if got := p.Parse(strings.Repeat("ü", 2*MaxField), ""); got != nil {
		t.Errorf("letters: got %v", got)
	}
}

func TestParseKeepsTheSpelling(t *testing.T) {
	t.Parallel()
	p := newTestParser(t, office)
	numbers := p.Parse("  Büro\u00a0030 23125100 ; mobil：\uff10\uff11\uff17\uff11 1234567 ", "")
	if len(numbers) != 2 || numbers[0].Original != "Büro\u00a0030 23125100" || numbers[1].Original != "mobil：\uff10\uff11\uff17\uff11 1234567" {
		t.Errorf("got %+v", numbers)
	}
}

func TestDigits(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "+49 (0)30": "49030", "٠١٢٣٤٥٦٧٨٩": "0123456789", "０９": "09", "०१२": "012", "abc": "", "\xff1": "1",
	} {
		if got := Digits(in); got != want {
			t.Errorf("Digits(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"+49 7031 123-456", "030 23125100 / 0171 1234567; App. 5", "tel:1;phone-context=+49;ext=2", "L0#0", "*31#", "1-800-FLOWERS",
		"(0xx) 118", "\uff0b\uff11", "sip:%2B4@x", "1) 2) 3)", "+++", "(((0)", ",,,#", "0/0/0/0", "x1x2x3", "<sip:", "\xff\xfe",
	} {
		f.Add(s, "DE")
	}
	p := newTestParser(f, office)
	f.Fuzz(func(t *testing.T, field, region string) {
		numbers := p.Parse(field, region)
		if len(numbers) > maxNumbers {
			t.Fatalf("%d numbers", len(numbers))
		}
		for _, n := range numbers {
			if n.Digits == "" || n.Digits != Digits(n.Digits) || len(n.Digits) > maxDigits {
				t.Fatalf("digits %q of %q", n.Digits, field)
			}
			if n.E164 != "" && (n.E164[0] != '+' || string(n.E164[1:]) != Digits(string(n.E164)) || len(n.E164) < 5) {
				t.Fatalf("E164 %q of %q", n.E164, field)
			}
			if n.HyphenAt < 0 || n.HyphenAt > len(n.E164) || n.Text() == "" || !strings.Contains(field, n.Original) {
				t.Fatalf("%+v of %q", n, field)
			}
			for _, key := range n.Keys() {
				if key == "" || key != Digits(key) {
					t.Fatalf("key %q of %q", key, field)
				}
			}
			// What is stored in E.164 comes out the same, and is found by itself.
			if n.E164 == "" || !n.Valid {
				continue
			}
			again := p.Parse(string(n.E164), "")
			if len(again) != 1 || again[0].E164 != n.E164 {
				t.Fatalf("%s of %q: again %+v", n.E164, field, again)
			}
			if !foundBy(p, string(n.E164), string(n.E164[1:])) {
				t.Fatalf("%s of %q: not found by itself", n.E164, field)
			}
		}
	})
}
