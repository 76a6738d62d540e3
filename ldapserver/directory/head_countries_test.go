package directory

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"ringdex/schema/phone"
)

// numberingShape is how numbers of a country are made up and written. In the spellings, {a} is the area code, {b}
// the same without its zero, {s} the beginning of a company's subscriber numbers, {x} the digits of the line behind it and {e} an
// extension; the trunk prefix is written out.
type numberingShape struct {
	region, code string
	areas        []string // without trunk prefix
	stem, line   int      // digits of {s} and of {x}
	spellings    []string
	extension    []string // further spellings, with an extension that is dialled after the number answered
	place        phone.Location
}

var numberingShapes = []numberingShape{
	{
		"FR", "33",
		[]string{"1", "4"},
		6, 2,
		[]string{"+33 {a} {s} {x}", "+33 (0){a} {s}{x}", "0{a}{s}{x}", "0{a}.{s}.{x}", "0{a} {s} {x}"},
		[]string{"0{a} {s}{x} poste {e}", "+33 {a} {s}{x} p. {e}"},
		phone.Location{Country: "FR", OutsideLine: "0", InternalDigits: 4},
	},
	{
		"IT", "39",
		[]string{"02", "06", "011"},
		5, 3,
		[]string{"+39 {a} {s}{x}", "{a} {s} {x}", "{a}/{s}{x}", "{a}.{s}{x}", "+39 (0){b} {s}{x}"},
		[]string{"{a} {s}{x} int. {e}", "{a} {s}{x} interno {e}"},
		phone.Location{Country: "IT", Area: "02", OutsideLine: "0", InternalDigits: 3},
	},
	{
		"GB", "44",
		[]string{"20", "121", "161"},
		4, 0, // {x} fills up to ten digits
		[]string{"+44 {a} {s} {x}", "0{a} {s} {x}", "+44 (0){a} {s}{x}", "(0{a}) {s} {x}", "0{a}{s}{x}"},
		[]string{"0{a} {s} {x} ext {e}", "0{a} {s}{x} x{e}"},
		phone.Location{Country: "GB", Area: "20", OutsideLine: "9", InternalDigits: 4},
	},
	{
		"US", "1",
		[]string{"202", "415", "312"},
		5, 2,
		[]string{"({a}) {s}-{x}", "{a}-{s}-{x}", "{a}.{s}.{x}", "+1 {a} {s} {x}", "1-{a}-{s}{x}"},
		[]string{"({a}) {s}{x} x {e}", "{a}-{s}{x} ext. {e}", "({a}) {s}{x} #{e}"},
		phone.Location{Country: "US", Area: "202", OutsideLine: "9", InternalDigits: 4},
	},
	{
		"CH", "41",
		[]string{"44", "31", "61"},
		5, 2,
		[]string{"0{a} {s} {x}", "+41 {a} {s} {x}", "+41 (0){a} {s}{x}", "0{a}/{s}{x}", "0041 {a} {s}{x}"},
		[]string{"0{a} {s}{x} int. {e}", "0{a} {s}{x} Durchwahl {e}"},
		phone.Location{Country: "CH", Area: "44", OutsideLine: "0", InternalDigits: 3},
	},
	{
		"AT", "43",
		[]string{"1", "316", "732"},
		5, 2,
		[]string{"+43 {a} {s}-{x}", "0{a} {s} DW {x}", "0{a}/{s}/{x}", "0{a} {s} Kl. {x}", "+43 (0){a} {s}-{x}", "0{a}{s}{x}"},
		nil,
		phone.Location{Country: "AT", Area: "1", OutsideLine: "0", InternalDigits: 3},
	},
	{
		"DE", "49",
		[]string{"30", "7031", "89"},
		5, 3,
		[]string{"+49 {a} {s}-{x}", "0{a}/{s}-{x}", "(0{a}) {s}{x}", "0{a} {s}{x}", "+49 (0){a} {s} {x}", "0{a} {s} App. {x}"},
		nil,
		here,
	},
}

func (n numberingShape) write(spelling, area, stem, line, extension string) string {
	return strings.NewReplacer("{a}", area, "{b}", strings.TrimPrefix(area, "0"), "{s}", stem, "{x}", line, "{e}", extension).Replace(spelling)
}

// blocks are what the tests' companies and their neighbours have of each country: companies with people in a block of
// numbers each, and beside each block one that nobody of the directory has.
type blocks struct {
	list  []someone
	known map[string][]string // number in E.164 form → who may be shown for it
	own   map[string]string   // beginning of the numbers of a company → company
	asked []string            // numbers that nobody has: of colleagues and of strangers
}

func blocksOf(rnd *rand.Rand) blocks {
	b := blocks{known: map[string][]string{}, own: map[string]string{}}
	add := func(who someone, numbers ...string) {
		b.list = append(b.list, who)
		for _, e164 := range numbers {
			b.known[e164] = append(b.known[e164], who.name)
		}
	}
	for _, shape := range numberingShapes {
		for n := range 20 {
			area := shape.areas[n%len(shape.areas)]
			line := shape.line
			if line == 0 {
				line = 10 - len(area) - shape.stem
			}
			stem := fmt.Sprint(pow10(shape.stem-1)*(2+n%7) + 13*n + rnd.IntN(5))[:shape.stem]
			company := fmt.Sprintf("%s Works %c", shape.region, 'A'+n)
			prefix := "+" + shape.code + area + stem
			b.own[prefix] = company
			number := func(x int) string { return fmt.Sprintf("%0*d", line, x) }
			spell := func(x string) string {
				return shape.write(shape.spellings[rnd.IntN(len(shape.spellings))], area, stem, x, "")
			}
			if n%3 > 0 { // some keep theirs to themselves
				main := number(0)
				if shape.extension == nil {
					main = "0" // extensions are dialled directly: 512-0
				}
				add(someone{object: "Account", name: company, company: company, region: shape.region, numbers: []string{"telephoneNumber", spell(main)}}, prefix+main)
			}
			for i := range 3 + n%4 {
				x := number(11 + 7*i)
				who := someone{name: fmt.Sprintf("%s Person %d of %c", shape.region, i, 'A'+n), company: company, region: shape.region, numbers: []string{"telephoneNumber", spell(x)}}
				if shape.extension != nil && i == 2 { // behind the company's own number
					x = number(0)
					who.numbers[1] = shape.write(shape.extension[rnd.IntN(len(shape.extension))], area, stem, x, fmt.Sprint(30+n))
				}
				add(who, prefix+x)
			}
			colleague, beside := number(13), fmt.Sprint(atoi(stem)+1)
			b.asked = append(b.asked, prefix+colleague, prefix+number(12), // people of the company that aren't in the directory
				"+"+shape.code+area+beside+number(0), "+"+shape.code+area+beside+colleague, "+"+shape.code+area+beside+number(11), // the next block
				prefix+number(11)[:line-1], prefix+number(11)+"1", prefix+number(0)+"42", // a digit less, digits more
				"+"+shape.code+shape.areas[(n+1)%len(shape.areas)]+stem+number(11)) // the same number in another town
		}
	}
	return b
}

func pow10(n int) int {
	p := 1
	for range n {
		p *= 10
	}
	return p
}

func atoi(s string) (n int) {
	for _, c := range s {
		n = 10*n + int(c-'0')
	}
	return n
}

// TestNoFalsePersonAnywhere lets people of seven countries call, seen from each of them, in each way in which their numbers
// are shown: who has the number is found, and nobody else ever. Colleagues of theirs who aren't in the directory, the next
// block of numbers, the same number in another town, a digit more or less show a company where extensions are dialled
// behind its head number, and else nothing.
func TestNoFalsePersonAnywhere(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(7, 5))
	b := blocksOf(rnd)
	var total struct{ found, missed, asked, people, falseCompanies, rightCompanies, colleagues int }
	for _, shape := range numberingShapes {
		place := shape.place
		m := makerAt(t, place)
		var records []*record
		for i, who := range b.list {
			object := who.object
			if object == "" {
				object = "Contact"
			}
			r := m.record(object, i+1).add("cn", who.name).add("sn", who.name).add("o", who.company)
			r.region = who.region
			records = append(records, r.add(who.numbers[0], who.numbers[1]))
		}
		s := sessionOf(directoryOf(t, entriesOf(records), func(o *Options) { o.Location = place }))
		shown := func(e164 string) []string {
			ways := []string{e164, phone.Format(phone.E164(e164), phone.Dialable, m.parser.Location()), phone.Format(phone.E164(e164), phone.National, m.parser.Location())}
			if local, found := strings.CutPrefix(e164, "+"+shape.code+place.Area); found && place.Area != "" && local[0] != '0' {
				ways = append(ways, local)
			}
			return append(ways, "sip:"+e164+"@pbx.example.org", "tel:"+e164)
		}
		// From its own country a number is asked in any case, from elsewhere now and then.
		leftOut := func(e164 string) bool { return !strings.HasPrefix(e164, "+"+shape.code) && rnd.IntN(2) > 0 }
		for _, e164 := range slices.Sorted(maps.Keys(b.known)) {
			if leftOut(e164) {
				continue
			}
			who := b.known[e164]
			for _, asked := range shown(e164) {
				got := caller(t, s, asked)
				if got == "" {
					total.missed++
					t.Errorf("from %s, %s: nobody, want %v", place.Country, asked, who)
					continue
				}
				total.found++
				for name := range strings.SplitSeq(got, ", ") {
					if !slices.Contains(who, name) {
						t.Errorf("from %s, %s: got %q, want %v", place.Country, asked, got, who)
					}
				}
			}
		}
		for _, e164 := range b.asked {
			if b.known[e164] != nil || leftOut(e164) {
				continue
			}
			owner := ""
			for prefix, company := range b.own {
				if strings.HasPrefix(e164, prefix) {
					owner = company
				}
			}
			for _, asked := range shown(e164) {
				total.asked++
				got := caller(t, s, asked)
				switch {
				case strings.Contains(got, "Person"):
					total.people++
					t.Errorf("from %s, %s shows a person: %q", place.Country, asked, got)
				case got != "" && got == owner:
					total.rightCompanies++
				case got != "":
					total.falseCompanies++
					t.Errorf("from %s, %s shows %q, of %q", place.Country, asked, got, owner)
				}
				if owner != "" && (strings.HasPrefix(e164, "+43") || strings.HasPrefix(e164, "+49")) {
					total.colleagues++
				}
			}
		}
	}
	t.Logf("%d searches for known numbers, %d found; %d for numbers that nobody has: %d shown a person, %d a false company, %d of %d under a German or Austrian company's numbers that company",
		total.found+total.missed, total.found, total.asked, total.people, total.falseCompanies, total.rightCompanies, total.colleagues)
	if total.asked < 20_000 || total.found < 10_000 || total.rightCompanies < 1000 {
		t.Errorf("the searches are not worth much: %+v", total)
	}
}
