package phone

import (
	"slices"
	"strings"
	"testing"
)

// TestOtherEnds: what follows a number in its field is another extension of its head number, the other end of a pair or
// an extension of its own number; never an extension of our own, and never digits behind digits that belong to two people.
func TestOtherEnds(t *testing.T) {
	t.Parallel()
	p := newTestParser(t, office)
	for _, c := range []struct{ field, region, want string }{
		{"07031 123-0/-200", "", "4970311230, 497031123200"},
		{"+49 7031 123-0 / -456", "", "4970311230, 497031123456"},
		{"+49 7031 123-0/-10/-20", "", "4970311230, 49703112310, 49703112320"},
		{"0 07031 123-0/-456", "", "4970311230, 497031123456"},
		{"07031 123-0, -456", "", "4970311230, 497031123456"},
		{"07031/123-0 oder -456", "", "4970311230, 497031123456"},
		{"07031 123-456 u. -57", "", "497031123456, 49703112357"},
		{"07031 123-456 / DW 457", "", "497031123456, 497031123457"},
		{"07031 123-456, DW 457", "", "497031123456, 497031123457"},
		{"07031 123-456; 457", "", "497031123456, 497031123457"},
		{"07031 123-0/20", "", "4970311230, 49703112320"},
		{"07031 123-10/12", "", "49703112310, 49703112312"},
		{"07031 123-100/01", "", "497031123100, 497031123101"},
		{"+43 1 51234-56 oder -57", "", "4315123456, 4315123457"},
		// A hyphen behind the area is none of an extension.
		{"+49-7031-1234, App. 12", "", "497031123412"},
		{"+49-7031-1234 / App. 12", "", "497031123412"},
		{"+49-7031-1234 / -12", "", "497031123412"},
		// Without a hyphen, other last digits.
		{"030 23125100/01", "", "493023125100, 493023125101"},
		{"07031 123 456 u. 457", "", "497031123456, 497031123457"},
		{"202-555-0123 or 0145", "US", "12025550123 2025550123, 12025550145 2025550145"},
		{"(202) 555-0123/0145", "US", "12025550123 2025550123, 12025550145 2025550145"},
		{"01 44 27 44 27/28", "FR", "33144274427, 33144274428"},
		// In Austria an extension stands behind a slash too; in an open plan so do three digits or more.
		{"+43 1 51234/56", "", "4315123456"},
		{"01/51234/56", "AT", "4315123456"},
		{"0043 1 51234/56", "", "4315123456"},
		{"01 58801/18801", "AT", "4315880118801"},
		{"030 1234567/456", "", "49301234567456"},
		// An extension of its own number.
		{"(202) 555-0123 / x5", "US", "12025550123 2025550123"},
		{"8 (423) 202-25-11, доб. 100", "RU", "74232022511"},
	} {
		if got := keysOf(p.Parse(c.field, c.region)); got != c.want {
			t.Errorf("%q in %q: got %s, want %s", c.field, c.region, got, c.want)
		}
	}
}

// TestNumbersApartBySpaces: two numbers with nothing between them but a space or a dash are two, if each is one.
func TestNumbersApartBySpaces(t *testing.T) {
	t.Parallel()
	p := newTestParser(t, office)
	for _, c := range []struct{ field, region, want string }{
		{"030 1234567 0171 1234567", "", "49301234567, 491711234567"},
		{"07031 123456 - 0171 1234567", "", "497031123456, 491711234567"},
		{"01 44 27 44 27 06 12 34 56 78", "FR", "33144274427, 33612345678"},
		{"02 36618300 - 347 1234567", "IT", "390236618300, 393471234567"},
		{"01495 725533 01873 810104", "GB", "441495725533, 441873810104"},
		{"202-555-0123 202-555-0145", "US", "12025550123 2025550123, 12025550145 2025550145"},
		{"01495 72553301873 810104", "GB", "0149572553301873810104"}, // no place to part it
		{"+49 7031 123 45 67 89 01 23", "", "4970311234567890123"},   // one of them would be none
	} {
		if got := keysOf(p.Parse(c.field, c.region)); got != c.want {
			t.Errorf("%q in %q: got %s, want %s", c.field, c.region, got, c.want)
		}
	}
}

// TestSlips: a letter among the digits is no remark; what is meant is unsure, so it is no E.164 number but stays findable.
func TestSlips(t *testing.T) {
	t.Parallel()
	p := newTestParser(t, office)
	for _, c := range []struct{ field, want string }{
		{"0171-l234567", "01711234567 491711234567"},
		{"0171 12345O7", "01711234507 491711234507"},
		{"07031 12b3456", "07031123456 497031123456"},
		{"n/a 12", ""}, // no extension of ours
		{"2. OG", ""},  // one digit isn't either
		{"Empfang 567", "567"},
		{"App. 12", "12"},
		{"Tel. 12", "12"},
		{"O711 123456", "49711123456 711123456"},      // behind a letter a whole number stands
		{"07031 123456 a 12", "497031123456"},         // a remark
		{"07031 123456 Zimmer 12", "497031123456"},    // a remark
		{"0800 1234567 kostenlos", "498001234567"},    // not vanity
		{"07031 123456 (b) 2. OG", "497031123456"},    // a remark
		{"+49 7031 123456p12", "49703112345612"},      // a pause
		{"07031 1234 App.-Nr. 12", "497031123412"},    // an extension
		{"07031 1234 Hausruf 12", "497031123412"},     // an extension
		{"07031 1234 ext. no. 12", "497031123412"},    // an extension
		{"07031 1234 Durchwahl: -12", "497031123412"}, // an extension
	} {
		numbers := p.Parse(c.field, "")
		if got := keysOf(numbers); got != c.want {
			t.Errorf("%q: got %s, want %s", c.field, got, c.want)
		}
		if slip := strings.Contains(c.want, " 4"); slip && numbers[0].E164 != "" {
			t.Errorf("%q is taken for %s", c.field, numbers[0].E164)
		}
	}
}

func TestVanity(t *testing.T) {
	t.Parallel()
	p := newTestParser(t, Location{Country: "US"})
	for field, want := range map[string]string{
		"1-800-FLOWERS":         "18003569377",
		"800-555-GOLD":          "18005554653 8005554653",
		"1 800 GO FEDEX":        "18004633339",
		"800-555-0199 office":   "18005550199 8005550199",
		"202-555-GOLD":          "202555 1202555", // no freephone number: a remark
		"1-800-555-0199 GOLDEN": "18005550199",
	} {
		if got := keysOf(p.Parse(field, "")); got != want {
			t.Errorf("%q: got %s, want %s", field, got, want)
		}
	}
}

// TestAbolishedPrefixes: Mexican numbers as they were written and dialled until 2019 are those of today.
func TestAbolishedPrefixes(t *testing.T) {
	t.Parallel()
	mexico, abroad := newTestParser(t, Location{Country: "MX"}), newTestParser(t, office)
	const today = "523312345678"
	for _, written := range []string{"+52 1 33 1234 5678", "+52 33 1234 5678", "044 33 1234 5678", "045 33 1234-5678", "01 (33) 1234-5678", "33 1234 5678"} {
		numbers := mexico.Parse(written, "")
		if len(numbers) != 1 || numbers[0].E164 != "+"+today || !numbers[0].Valid {
			t.Errorf("%q: got %s", written, ours(numbers))
		}
		if !foundBy(mexico, written, today) {
			t.Errorf("%q has no candidate %s: %q", written, today, readable(mexico.Candidates(written)))
		}
	}
	for _, asked := range []string{"+5213312345678", "00523312345678", "0005213312345678"} {
		if !foundBy(abroad, asked, today) {
			t.Errorf("%q has no candidate %s: %q", asked, today, readable(abroad.Candidates(asked)))
		}
	}
	if got := ours(mexico.Parse("+1 212 123 4567", "")); got != "+12121234567" {
		t.Errorf("an American number: got %s", got)
	}
}

func keysOf(numbers []Number) string {
	var list []string
	for _, n := range numbers {
		list = append(list, strings.Join(n.Keys(), " "))
	}
	return strings.Join(slices.Compact(list), ", ")
}
