package phone

import (
	"slices"
	"strings"
	"testing"
)

func TestCandidatesOrder(t *testing.T) {
	t.Parallel()
	american := Location{Country: "US", Area: "202", OutsideLine: "9", InternalDigits: 4}
	italian := Location{Country: "IT", Area: "02", OutsideLine: "0"}
	british := Location{Country: "GB", Area: "20"}
	for _, c := range []struct {
		name  string
		loc   Location
		asked string
		want  []string
	}{
		{"E.164", office, "+497031123456", []string{"497031123456 (as dialled)"}},
		{"trunk prefix behind the code", office, "+4907031123456", []string{"497031123456 (as dialled)", "4907031123456 (digits)"}},
		{"outside line and area of home, or Russia", office, "007031123456", []string{"497031123456 (outside line removed, own country)", "7031123456 (00 is +)", "007031123456 (digits)"}},
		{"outside line and mobile, or America", office, "001711234567", []string{"491711234567 (outside line removed, own country)", "1711234567 (00 is +)", "001711234567 (digits)"}},
		{"00 and own country", office, "00497031123456", []string{"497031123456 (00 is +, own country)", "49497031123456 (outside line removed, own country)", "00497031123456 (digits)"}},
		{"outside line and 00", office, "000442079460123", []string{"442079460123 (outside line removed, 00 is +)", "000442079460123 (digits)"}},
		{"national", office, "07031123456", []string{"497031123456 (own country)", "07031123456 (digits)"}},
		{"outside line and own area", office, "0123456", []string{"49123456 (own country)", "497031123456 (outside line removed, own area)", "0123456 (digits)"}},
		{"own area", office, "123456", []string{"497031123456 (own area)", "123456 (digits)"}},
		{"own extension", office, "456", []string{"4970319876456 (own head number)", "456 (internal extension)"}},
		{"own number from outside", office, "+4970319876456", []string{"4970319876456 (as dialled)", "456 (internal extension)"}},
		{"own head number", office, "+4970319876", []string{"4970319876 (as dialled)"}},
		{"longer than an extension, shorter than a number", office, "4567", nil},
		{"five digits", office, "45678", nil},
		{"own country code", office, "49", []string{"497031987649 (own head number)"}},
		{"own country code with plus", office, "+49", nil},
		{"an area code", office, "030", []string{"4970319876030 (own head number)"}},
		{"our area code", office, "07031", []string{"497031 (own country)"}},
		{"one digit", office, "7", []string{"49703198767 (own head number)"}},
		{"extension without a country", Location{InternalDigits: 3}, "567", []string{"567 (internal extension)"}},
		{"no extension without a country", Location{}, "567", nil},
		{"plus left out", office, "497031123456", []string{"497031123456 (+ left out)", "49497031123456 (own country, trunk prefix left out)"}},
		{"trunk prefix left out", office, "7031123456", []string{"497031123456 (own country, trunk prefix left out)", "7031123456 (digits)"}},
		{"extension dialled directly", office, "tel:+497031123;ext=456", []string{"497031123456 (extension appended)", "497031123 (as dialled) ext 456"}},
		{"extension of a switchboard", office, "tel:+12025550123;ext=5", []string{"12025550123 (as dialled) ext 5"}},
		{"emergency", office, "112", []string{"112 (service number)"}},
		{"emergency behind the outside line", office, "0112", []string{"112 (service number)"}},
		{"service number", office, "116117", []string{"116117 (service number)"}},
		{"directory enquiries", office, "11833", []string{"11833 (service number)"}},
		{"American, ten digits", american, "2025550123", []string{"12025550123 (own country, trunk prefix left out)", "2025550123 (digits)"}},
		{"American, eleven digits", american, "12025550123", []string{"12025550123 (own country)"}},
		{"American outside line", american, "912025550123", []string{"12025550123 (outside line removed, own country)", "912025550123 (digits)"}},
		{"American own area", american, "5550123", []string{"12025550123 (own area)", "5550123 (digits)"}},
		{"American 011", american, "011442079460123", []string{"442079460123 (00 is +)", "011442079460123 (digits)"}},
		{"American outside line and 011", american, "9011442079460123", []string{"442079460123 (outside line removed, 00 is +)", "9011442079460123 (digits)"}},
		{"American emergency", american, "911", []string{"911 (service number)"}},
		{"American emergency behind the outside line", american, "9911", []string{"911 (service number)"}},
		{"American extension", american, "1234", []string{"1234 (internal extension)"}},
		{"Italian zero", italian, "0236618300", []string{"390236618300 (own country)", "39236618300 (outside line removed, own country)", "3902236618300 (outside line removed, own area)", "0236618300 (digits)"}},
		{"British", british, "02079460123", []string{"442079460123 (own country)", "02079460123 (digits)"}},
		{"British own area", british, "79460123", []string{"442079460123 (own area)", "79460123 (digits)"}},
		{"Argentine mobile", Location{Country: "AR"}, "0111523456789", []string{"5491123456789 (numbering plan of the country)", "54111523456789 (own country)", "0111523456789 (digits)"}},
		{"no location", Location{}, "00497031123456", []string{"497031123456 (00 is +)", "00497031123456 (digits)"}},
		{"no location, digits", Location{}, "07031123456", []string{"07031123456 (digits)"}},
		{"signs and spaces", office, "+49 (0)7031 / 123-456", []string{"497031123456 (as dialled)", "4907031123456 (digits)"}},
		{"nothing", office, "", nil},
		{"star", office, "*", nil},
		{"anonymous", office, "anonymous", nil},
		{"anonymous with a host", office, "sip:anonymous@192.0.2.1", nil},
		{"name with a host", office, "\"unknown\" <sip:unknown@192.0.2.1:5060>", nil},
		{"too many digits", office, strings.Repeat("1", 41), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newTestParser(t, c.loc)
			if got := readable(p.Candidates(c.asked)); !slices.Equal(got, c.want) {
				t.Errorf("%q:\n got %q\nwant %q", c.asked, got, c.want)
			}
		})
	}
}

func TestAppendCandidatesKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	p := newTestParser(t, office)
	first, scratch := p.AppendCandidates(nil, nil, []byte("+493023125100"))
	both, _ := p.AppendCandidates(first, scratch, []byte("+493023125100"))
	if len(both) != 2 || string(both[0].Key) != "493023125100" || string(both[1].Key) != "493023125100" {
		t.Errorf("got %v", readable(both))
	}
}

func TestAppendCandidatesAllocatesNothing(t *testing.T) {
	p := newTestParser(t, office)
	var found []Candidate
	var scratch []byte
	for _, asked := range []string{"+497031123456", "007031123456", "000497031123456", "456", "110", "0446681800"} {
		question := []byte(asked)
		run := func() { found, scratch = p.AppendCandidates(found[:0], scratch[:0], question) }
		run()
		if n := testing.AllocsPerRun(100, run); n != 0 {
			t.Errorf("%s: %v allocations", asked, n)
		}
	}
}

func TestIsShort(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		number, region string
		want           bool
	}{
		{"110", "DE", true},
		{"112", "DE", true},
		{"116117", "DE", true},
		{"11833", "DE", true},
		{"115", "de", true},
		{"911", "US", true},
		{"112", "US", true},
		{"411", "US", true},
		{"999", "GB", true},
		{"112", "AT", true},
		{"144", "CH", true},
		{"118", "IT", true},
		{"000", "AU", true},
		{"15", "FR", true},
		{"119", "JP", true},
		{"911", "DE", false},
		{"567", "DE", false},
		{"1234", "US", false},
		{"20123", "US", false},
		{"07031", "DE", false},
		{"", "DE", false},
		{"110", "", false},
		{"497031123456", "DE", false},
	} {
		if got := IsShort(c.number, c.region); got != c.want {
			t.Errorf("IsShort(%s, %s) = %v, want %v", c.number, c.region, got, c.want)
		}
	}
}

// A stored number is found in each way in which it can be dialled at the location.
func TestDialableIsFound(t *testing.T) {
	t.Parallel()
	locations := []Location{
		office,
		{Country: "DE", Area: "30"},
		{Country: "AT", Area: "1", OutsideLine: "0"},
		{Country: "CH", OutsideLine: "0"},
		{Country: "US", Area: "202", OutsideLine: "9"},
		{Country: "GB", Area: "20", OutsideLine: "9"},
		{Country: "FR", OutsideLine: "0"},
		{Country: "IT", Area: "02", OutsideLine: "0"},
		{Country: "AU", OutsideLine: "0"},
		{Country: "HU", Area: "1"},
		{Country: "RU", OutsideLine: "9"},
		{Country: "AR", Area: "11"},
	}
	numbers := []E164{
		"+493023125100", "+497031123456", "+491711234567", "+43151234567", "+41446681800", "+12025550123", "+442079460123",
		"+33144274427", "+390236618300", "+393471234567", "+61291234567", "+3611234567", "+74951234567", "+541143211234", "+5491123456789",
	}
	for _, loc := range locations {
		p := newTestParser(t, loc)
		for _, e := range numbers {
			for style := E164Style; style <= Internal; style++ {
				asked := Format(e, style, p.Location())
				if !foundBy(p, asked, string(e[1:])) {
					t.Errorf("%s in %s: %s as %q isn't found: %q", e, loc.Country, style, asked, readable(p.Candidates(asked)))
				}
			}
		}
	}
}

func FuzzCandidates(f *testing.F) {
	for _, s := range []string{
		"+497031123456", "007031123456", "000", "0", "110", "456", "*", "anonymous", "sip:1@2", "tel:%2", "+49 (0)7031", "L0#1", "+00",
		"999999999999999999999999999999", "\uff11", "01115", "+54911", "00x1", "1;ext=22",
	} {
		f.Add(s)
	}
	parsers := []*Parser{
		newTestParser(f, office), newTestParser(f, Location{}), newTestParser(f, Location{Country: "US", Area: "202", OutsideLine: "9", InternalDigits: 4}),
		newTestParser(f, Location{Country: "IT", Area: "02", OutsideLine: "0"}), newTestParser(f, Location{Country: "AR", Area: "11"}),
	}
	f.Fuzz(func(t *testing.T, asked string) {
		for _, p := range parsers {
			candidates := p.Candidates(asked)
			if len(candidates) > 16 {
				t.Fatalf("%q: %d candidates", asked, len(candidates))
			}
			seen := make(map[string]bool)
			for _, c := range candidates {
				key := string(c.Key)
				if key == "" || key != Digits(key) || seen[key] || c.Rule == "" {
					t.Fatalf("%q: %v", asked, readable(candidates))
				}
				seen[key] = true
			}
			if service := Digits(asked); service == asked && p.short.isEmergency([]byte(asked)) && (len(candidates) != 1 || !seen[asked]) {
				t.Fatalf("emergency number %q: %v", asked, readable(candidates))
			}
		}
	})
}
