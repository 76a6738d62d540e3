package emulator

import (
	"fmt"
	"slices"
	"strconv"
)

// Times of invented records, Unix seconds.
const (
	inventedStart = 1_388_563_200 // 2014-01-01T08:00:00Z
	inventedEnd   = 1_703_980_800 // 2023-12-31T00:00:00Z
	bulkUpdates   = 16            // moments at which thousands of records got the same SystemModstamp
	maxInvented   = 20_000_000
	generatedSpan = "G0" // in the Ids
)

// A layout is what all invented records share: who belongs where, and how long numbers are.
type layout struct {
	seed               uint64
	accounts, contacts uint32
	companies          uint32
	numbers            int    // of each contact, 0 as people have them
	perAccount         uint32 // contacts of an account, at most
	headWidth          int    // digits that tell companies in one block apart
	extWidth           int    // digits of extensions
	countries          [countries]country
	users              []string
}

// shareTable gives the country of each account in turn.
func shareTable() [20]uint8 {
	return [20]uint8{
		german, austrian, german, swiss, german, british, german, french, german, american,
		german, swiss, german, austrian, german, british, swiss, french, german, american,
	}
}

// An invented table computes the accounts or contacts of a layout.
type invented struct {
	*layout
	prefix   string
	n        uint32
	contact  bool
	columns  []column
	names    []string // of the fields, by number
	shares   [20]uint8
	accounts *invented // of contacts
}

// generate fills the org with invented accounts and contacts.
func (o *Org) generate(g Generate) error {
	if g.Accounts < 0 || g.Contacts < 0 || g.Accounts > maxInvented || g.Contacts > maxInvented {
		return fmt.Errorf("emulator: generate: want 0 to %d accounts and contacts", maxInvented)
	}
	if g.Numbers < 0 || g.Numbers > MaxNumbers {
		return fmt.Errorf("emulator: generate: want 1 to %d numbers for each contact", MaxNumbers)
	}
	l := &layout{seed: mix(uint64(g.Seed) + 1), numbers: g.Numbers, accounts: uint32(g.Accounts), contacts: uint32(g.Contacts), countries: countryTable()}
	companies := max(l.accounts, 1)
	if l.accounts == 0 {
		companies = max(l.contacts, 1)
	}
	l.companies = companies
	l.perAccount = max((l.contacts+companies-1)/companies, 1)
	for l.headWidth = 3; l.headWidth < 5 && power10(l.headWidth) < (companies*9/20)/5+2; {
		l.headWidth++
	}
	for l.extWidth = 2; l.extWidth < 6-l.headWidth && 9*power10(l.extWidth-1) < l.perAccount; {
		l.extWidth++
	}
	l.extWidth = min(l.extWidth, 6-l.headWidth)
	for i := range 4 {
		l.users = append(l.users, string(appendMadeID(nil, "005", "E0", uint32(i+2))))
	}
	accounts := newInvented(l, o.objects["Account"], l.accounts, false)
	contacts := newInvented(l, o.objects["Contact"], l.contacts, true)
	contacts.accounts = accounts
	o.objects["Account"].table.generate(accounts)
	o.objects["Contact"].table.generate(contacts)
	return nil
}

func power10(n int) uint32 {
	p := uint32(1)
	for range n {
		p *= 10
	}
	return p
}

func newInvented(l *layout, obj *object, n uint32, contact bool) *invented {
	g := &invented{layout: l, prefix: obj.prefix, n: n, contact: contact, shares: shareTable()}
	for _, f := range obj.fields {
		c := columnOf(f.name, contact)
		if c == columnNone && f.kind == "boolean" {
			c = columnFalse
		}
		g.columns = append(g.columns, c)
		g.names = append(g.names, f.name)
	}
	return g
}

// mix scatters a number (splitmix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// roll gives the chance of a record for one purpose.
func (g *invented) roll(n uint32, purpose column) uint64 {
	kind := uint64(1)
	if g.contact {
		kind = 2
	}
	return mix(g.seed ^ uint64(n)<<16 ^ uint64(purpose)<<8 ^ kind)
}

func pick(list []string, roll uint64) string { return list[roll%uint64(len(list))] }

func (g *invented) count() uint32 { return g.n }

func (g *invented) appendID(dst []byte, n uint32) []byte {
	return appendMadeID(dst, g.prefix, generatedSpan, n+1)
}

func (g *invented) number(id string) (uint32, bool) {
	n, ok := madeNumber(id, g.prefix, generatedSpan)
	return n - 1, ok && n >= 1 && n <= g.n
}

func (g *invented) created(n uint32) int64 {
	return inventedStart + int64(uint64(n)*uint64(inventedEnd-inventedStart)*9/10/uint64(max(g.n, 1)))
}

// stamp spreads changes over the years; a tenth of the records carry the stamp of a bulk update.
func (g *invented) stamp(n uint32) int64 {
	created := g.created(n)
	roll := g.roll(n, columnStamp)
	switch roll % 10 {
	case 0, 1, 2:
		return created
	case 3:
		if bulk := int64(inventedStart + (roll>>8%bulkUpdates+1)*(inventedEnd-inventedStart)/(bulkUpdates+1)); bulk > created {
			return bulk
		}
		return created
	}
	return created + int64(roll>>8%uint64(inventedEnd-created))
}

// company gives the number of the company that a contact works for, and the contact's place in it.
func (g *invented) company(n uint32) (company, place uint32) {
	switch {
	case !g.contact:
		return n, 0
	case g.layout.accounts == 0:
		return n, 0
	}
	return n % g.layout.accounts, n / g.layout.accounts
}

// freelance tells whether a contact has no account.
func (g *invented) freelance(n uint32) bool {
	return g.contact && (g.layout.accounts == 0 || g.roll(n, columnAccount)%33 == 0)
}

// country gives the country of a company and its place among those of that country.
func (g *invented) country(company uint32) (c *country, seq uint32) {
	i := company % 20
	kind := g.shares[i]
	var before, all uint32
	for k, s := range g.shares {
		if s == kind {
			all++
			if uint32(k) < i {
				before++
			}
		}
	}
	return &g.countries[kind], company/20*all + before
}

// switchboard gives a company's main number.
func (g *invented) switchboard(company uint32) (phoneNumber, bool) {
	c, seq := g.country(company)
	p := phoneNumber{plan: c.dial}
	if !c.dial.ddi {
		seq *= g.perAccount + 1
	}
	area, block, digits, n, ok := c.dial.head(seq, g.headWidth)
	p.area = area
	p.setSub(block, digits, n)
	if c.dial.ddi {
		p.ext[0], p.extLen = '0', 1
	}
	return p, ok
}

// direct gives a contact's own number at the desk; false where the company has run out of numbers.
func (g *invented) direct(n uint32) (phoneNumber, bool) {
	company, place := g.company(n)
	c, seq := g.country(company)
	p, ok := g.switchboard(company)
	if c.dial.ddi {
		first := power10(g.extWidth - 1)
		if !ok || place >= 9*first {
			return p, false
		}
		p.extLen = pad(p.ext[:], g.extWidth, first+place)
		return p, true
	}
	area, block, digits, k, ok := c.dial.head(seq*(g.perAccount+1)+1+place, g.headWidth)
	p.area = area
	p.setSub(block, digits, k)
	if roll := g.roll(n, columnPhone) >> 32; c.dial.code == "+1" && roll%6 == 0 {
		p.private = uint32(roll>>4%900) + 100
	}
	return p, ok
}

func (g *invented) mobile(n uint32) (phoneNumber, bool) {
	company, place := g.company(n)
	c, seq := g.country(company)
	return g.mobileAt(c, seq*g.perAccount+place)
}

func (g *invented) mobileAt(c *country, seq uint32) (phoneNumber, bool) {
	area, block, digits, k, ok := c.dial.mobile(seq, g.headWidth)
	p := phoneNumber{plan: c.dial, area: area, mobile: true}
	p.setSub(block, digits, k)
	return p, ok
}

// phone gives the number in a phone field. invalid is a text that is no number.
func (g *invented) phone(n uint32, field column) (p phoneNumber, ok bool, invalid string) {
	company, _ := g.company(n)
	roll := g.roll(n, field)
	chance := roll % 100
	if g.contact && g.numbers > 0 {
		p, ok = g.counted(n, field)
		return p, ok, ""
	}
	if chance == 99 {
		return p, false, pick(invalidNumbers(), roll>>8)
	}
	if !g.contact {
		if field != columnPhone || chance < 5 {
			return p, false, ""
		}
		p, ok = g.switchboard(company)
		return p, ok, ""
	}
	switch field {
	case columnPhone:
		switch {
		case g.freelance(n), chance < 8:
		case chance < 20:
			p, ok = g.switchboard(company)
		default:
			if p, ok = g.direct(n); !ok {
				p, ok = g.switchboard(company)
			}
		}
	case columnMobile:
		if chance < 65 || g.freelance(n) {
			p, ok = g.mobile(n)
		}
	case columnHome:
		if chance < 5 {
			p, ok = g.mobile(n)
		}
	case columnOther, columnAssistant:
		if chance < 4 && !g.freelance(n) {
			p, ok = g.switchboard(company)
		}
	}
	return p, ok, ""
}

// countedFields get the numbers of a contact that has a given number of them.
var countedFields = [...]column{columnPhone, columnMobile, columnHome, columnOther}

// counted gives the number in a phone field of a contact that has a given number of them. They differ from each other.
func (g *invented) counted(n uint32, field column) (phoneNumber, bool) {
	company, place := g.company(n)
	at := slices.Index(countedFields[:g.numbers], field)
	switch at {
	case -1:
		return phoneNumber{}, false
	case 0:
		if p, ok := g.direct(n); ok {
			return p, true
		}
		return g.switchboard(company)
	}
	c, seq := g.country(company)
	share := uint32(0)
	for _, s := range g.shares {
		if s == g.shares[company%20] {
			share++
		}
	}
	own, all := seq*g.perAccount+place, (g.companies/20+1)*share*g.perAccount
	if p, ok := g.mobileAt(c, own+uint32(at-1)*all); ok {
		return p, true
	}
	// Where a country's numbers are used up, it is a neighbour's.
	return g.mobileAt(c, own^uint32(at-1))
}

func invalidNumbers() []string {
	return []string{"n/a", "unbekannt", "-", "siehe Zentrale", "030", "123", "+49", "???", "call assistant", "k.A."}
}

// appendPhone appends a phone field as somebody typed it.
func (g *invented) appendPhone(dst []byte, n uint32, field column) ([]byte, bool) {
	p, ok, invalid := g.phone(n, field)
	if !ok {
		return append(dst, invalid...), invalid != ""
	}
	roll := g.roll(n, field) >> 40
	plan := p.plan
	formats := plan.international
	// Without the country nobody knows what a national spelling means.
	national := roll&3 != 0 && g.hasCountry(n)
	roll >>= 2
	switch {
	case p.mobile && national:
		formats = plan.mobileNational
	case p.mobile:
		formats = plan.mobileInternational
	case national:
		formats = plan.national
	}
	dst = p.append(dst, pick(formats, roll))
	if p.private != 0 {
		if roll&1 == 0 {
			return p.append(dst, " x%r"), true
		}
		return p.append(dst, " ext. %r"), true
	}
	return dst, true
}

// truth gives the numbers that were meant.
func (g *invented) truth(n uint32) map[string]string {
	out := map[string]string{}
	for i, c := range g.columns {
		switch c {
		case columnPhone, columnMobile, columnHome, columnOther, columnAssistant:
			if p, ok, _ := g.phone(n, c); ok {
				out[g.names[i]] = string(p.appendE164(nil))
			}
		}
	}
	return out
}

func (g *invented) hasCountry(n uint32) bool { return g.roll(n, columnCountry)%20 != 0 }

func appendInt(dst []byte, n int64) []byte { return strconv.AppendInt(dst, n, 10) }
