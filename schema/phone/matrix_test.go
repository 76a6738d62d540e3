package phone

import (
	"slices"
	"testing"
)

// office is the dialling location of most tests.
var office = Location{Country: "DE", Area: "7031", OutsideLine: "0", HeadNumber: "9876", InternalDigits: 3}

func newTestParser(t testing.TB, loc Location) *Parser {
	t.Helper()
	p, err := NewParser(loc)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// record is a stored field with its record's country.
type record struct{ who, field, region string }

// book indexes fields as the store does: by exact keys.
type book map[string][]string

func newBook(p *Parser, records []record) book {
	b := make(book)
	for _, r := range records {
		for _, n := range p.Parse(r.field, r.region) {
			for _, key := range n.Keys() {
				if !slices.Contains(b[key], r.who) {
					b[key] = append(b[key], r.who)
				}
			}
		}
	}
	return b
}

// find returns who has a number that asked may mean, best first.
func (b book) find(p *Parser, asked string) (who []string) {
	for _, c := range p.Candidates(asked) {
		for _, w := range b[string(c.Key)] {
			if !slices.Contains(who, w) {
				who = append(who, w)
			}
		}
	}
	return who
}

var directory = []record{
	{"company", "+49 7031 123-0", "DE"},
	{"anna", "+49 7031 123-456", "DE"},
	{"anna mobile", "0171/1234567", "DE"},
	{"anna home", "(07031) 99 88 77", "DE"},
	{"jörg", "+43 1 51234-56", "AT"},
	{"zoë", "044 668 18 00", "CH"},
	{"peter", "567", ""},
}

func TestMatrix(t *testing.T) {
	t.Parallel()
	german := newTestParser(t, office)
	swiss := newTestParser(t, Location{Country: "CH", Area: "44"})
	for _, test := range []struct {
		want   string
		asked  []string
		parser *Parser
	}{
		{"anna", []string{
			"+497031123456", "00497031123456", "000497031123456", "07031123456", "007031123456", "123456",
			"+49(0)7031123456", "+49 7031 123-456", "tel:+49-7031-123456", "sip:+497031123456@pbx;user=phone",
			"L0#07031123456", "L0#+49 7031/123456", "*31#+49 7031/123456", "497031123456", "+4907031123456", "7031123456", "<sip:07031123456@192.0.2.1>",
			"+49 (7031) 123 456", "**07031123456", "*31#07031123456", "tel:%2B497031123456", "sip:497031123456@pbx.example.org:5060",
			"\uff0b\uff14\uff19\uff17\uff10\uff13\uff11\uff11\uff12\uff13\uff14\uff15\uff16", "\u0660\u0667\u0660\u0663\u0661\u0661\u0662\u0663\u0664\u0665\u0666",
			"tel:123456;phone-context=+497031", "+49 7031 123 App. 456", "tel:+497031123;ext=456", "0123456",
		}, german},
		{"company", []string{"+497031 1230", "07031123-0", "0004970311230"}, german},
		{"anna mobile", []string{"01711234567", "00491711234567", "001711234567", "+491711234567", "0171 1234567", "0171/1234567"}, german},
		{"anna home", []string{"998877", "99 88 77", "07031998877", "0998877"}, german},
		{"jörg", []string{"+43151234 56", "0043 1 51234-56", "000 43 1 5123456", "tel:+43151234;ext=56"}, german},
		{"zoë", []string{"+41446681800", "0041446681800", "00041446681800", "+41 (0)44 668 18 00"}, german},
		{"zoë", []string{"0446681800", "6681800", "446681800"}, swiss},
		{"peter", []string{"567", "sip:567@pbx", "+4970319876567", "070319876567"}, german},
		{"", []string{
			"0304567456", "456", "3456", "00431 51234 99", "0446681800", "0567", "110", "112", "116117", "0110", "0112", "+49110",
			"anonymous", "Anonymous", "", "*", "**", "#", "+", " ", "restricted", "unknown", "sip:anonymous@anonymous.invalid",
			"sip:anna@example.org", "67", "7", "23456", "123", "07031123", "+4970311234567", "0703112345", "0171123456", "8877",
			"private", "\"Unknown\" <sip:unknown@pbx>", "0000000000", "1234567", "00000",
		}, german},
	} {
		b := newBook(test.parser, directory)
		for _, asked := range test.asked {
			got := b.find(test.parser, asked)
			if test.want == "" && len(got) > 0 || test.want != "" && (len(got) != 1 || got[0] != test.want) {
				t.Errorf("%q: got %v, want %q; candidates %v", asked, got, test.want, readable(test.parser.Candidates(asked)))
			}
		}
	}
}

func readable(candidates []Candidate) (list []string) {
	for _, c := range candidates {
		s := string(c.Key) + " (" + c.Rule + ")"
		if len(c.Extension) > 0 {
			s += " ext " + string(c.Extension)
		}
		list = append(list, s)
	}
	return list
}
