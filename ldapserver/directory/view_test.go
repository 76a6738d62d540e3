package directory

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
	"ringdex/schema"
	"ringdex/schema/phone"
)

// made builds an attribute of a profile.
func made(t testing.TB, name string, templates ...string) ProfileAttribute {
	t.Helper()
	a := ProfileAttribute{Name: name}
	for _, text := range templates {
		parsed, err := schema.ParseTemplate(text)
		if err != nil {
			t.Fatal(err)
		}
		a.Templates = append(a.Templates, parsed)
	}
	return a
}

// profiled is the invented directory with a profile for everything that one can set.
func profiled(t testing.TB, fix func(*Options)) *Directory {
	swiss := phone.Location{Country: "CH"}
	profiles := []Profile{
		{Name: "plain", About: "nothing special"},
		{Name: "named", DN: DNByName, ASCII: true},
		{Name: "asked", Numbers: NumbersAsAsked, Digits: DigitsNumbers},
		{Name: "national", Numbers: NumbersNational},
		{Name: "international", Numbers: NumbersInternational},
		{Name: "zeros", Numbers: NumbersInternational00},
		{Name: "dialable", Numbers: NumbersDialable},
		{Name: "internal", Numbers: NumbersInternal},
		{Name: "display", Numbers: NumbersDialable, Attributes: []ProfileAttribute{
			made(t, "cn", "{sn}, {givenName} ({o})"), made(t, "displayName", "{sn}, {givenName} ({o})"),
			made(t, "telephoneNumber", "{mobile|telephoneNumber}", "{homePhone}"),
		}},
		{Name: "narrow", Show: []string{"cn", "sn", "telephoneNumber"}},
		{Name: "single", SingleNumbers: true, Attributes: []ProfileAttribute{made(t, "telephoneNumber", "{telephoneNumber}", "{mobile}")}},
		{Name: "begins", Names: NamesBegin, Cut: CutSilent},
		{Name: "holds", Names: NamesContains},
		{Name: "people", HideCompanies: true},
		{Name: "nohead", NoHeadNumber: true},
		{Name: "onlypeople", Hits: HitsPeople},
		{Name: "company", Hits: HitsCompany},
		{Name: "nobody", Hits: HitsNone},
		{Name: "counted", Count: true},
		{Name: "switchboard", Count: true, Hits: HitsCompany, SingleNumbers: true},
		{Name: "few", Most: 2},
		{Name: "sorted", Sort: []string{"sn", "givenName"}},
		{Name: "book", Order: "din5007-2", Sort: []string{"sn"}},
		{Name: "t9", Digits: DigitsT9},
		{Name: "swiss", Location: swiss, Numbers: NumbersNational},
	}
	return directoryOf(t, invented(t), func(o *Options) {
		for _, p := range profiles {
			if p.Location == (phone.Location{}) {
				p.Location = here
			}
			o.Profiles = append(o.Profiles, p)
		}
		if fix != nil {
			fix(o)
		}
	})
}

// TestProfileText runs testdata/profile/*.txt as TestSearchText does its files.
func TestProfileText(t *testing.T) {
	t.Parallel()
	runText(t, "testdata/profile/*.txt", profiled(t, nil))
}

// TestProfileIsTheDirectory holds a profile that changes nothing against the directory as it is: the same entries with the
// same attributes, but for their DNs.
func TestProfileIsTheDirectory(t *testing.T) {
	t.Parallel()
	d := profiled(t, nil)
	s := sessionOf(d)
	for _, filter := range []string{
		"(objectClass=*)", "(sn=m*)", "(cn=*n*)", "(telephoneNumber=07031123456)", "(telephoneNumber=07031123999)", "(searchNumber=*123*)",
		"(searchContact=works)", "(!(sn=m*))", "(modifyTimestamp>=20200101000000Z)", "(sn>=m)", "(description=*)", "(telephoneNumber=+493023125100)",
	} {
		for _, base := range []string{"", "ou=Contact,", "ou=Account,"} {
			for _, scope := range []protocol.Scope{protocol.BaseObject, protocol.SingleLevel, protocol.WholeSubtree} {
				r := requestOf(t, base+"dc=ringdex", scope, filter)
				want, code := ask(t, s, r)
				r.Base = []byte(base + "ou=plain,dc=ringdex")
				got, gotCode := ask(t, s, r)
				text := strings.ReplaceAll(ldif(got), ",ou=plain,dc=ringdex", ",dc=ringdex")
				if base == "" && scope != protocol.SingleLevel {
					// The tops of the two trees are what they are.
					text, want = ldif(withoutTop(got)), withoutTop(want)
					text = strings.ReplaceAll(text, ",ou=plain,dc=ringdex", ",dc=ringdex")
				}
				if text != ldif(want) || gotCode != code {
					t.Errorf("%s below %q, scope %d: got %v\n%s, want %v\n%s", filter, base, scope, gotCode, text, code, ldif(want))
				}
			}
		}
	}
}

func withoutTop(list []answered) []answered {
	var out []answered
	for _, e := range list {
		if e.dn != "dc=ringdex" && e.dn != "ou=plain,dc=ringdex" {
			out = append(out, e)
		}
	}
	return out
}

// TestReturnedDNIsReadAgain reads every entry of every view by the DN that was returned: Gigaset does so.
func TestReturnedDNIsReadAgain(t *testing.T) {
	t.Parallel()
	d := profiled(t, nil)
	s := sessionOf(d)
	read := 0
	for i := range d.options.Profiles {
		base := "ou=" + d.options.Profiles[i].Name + ",dc=ringdex"
		list, _ := ask(t, s, requestOf(t, base, protocol.WholeSubtree, "(objectClass=*)", "*", "entryDN"))
		for _, e := range list {
			for _, dn := range []string{e.dn, strings.ToUpper(e.dn), strings.ReplaceAll(e.dn, ",", " , ")} {
				if strings.Contains(dn, "UID=") {
					dn = strings.ReplaceAll(dn, strings.ToUpper(e.first("uid")), e.first("uid"))
				}
				again, code := ask(t, s, requestOf(t, dn, protocol.BaseObject, "(objectClass=*)", "*", "entryDN"))
				if code != protocol.Success || len(again) != 1 || ldif(again) != ldif([]answered{e}) {
					t.Fatalf("%s: got %v\n%s, want\n%s", dn, code, ldif(again), ldif([]answered{e}))
				}
				if e.first("entryDN") != e.dn {
					t.Errorf("%s says that it is %s", e.dn, e.first("entryDN"))
				}
				read++
			}
		}
	}
	if read < 200 {
		t.Errorf("only %d DNs were read again", read)
	}
}

func TestChoiceOfProfile(t *testing.T) {
	t.Parallel()
	hash, err := HashPassword("not-a-secret")
	if err != nil {
		t.Fatal(err)
	}
	d := profiled(t, func(o *Options) {
		o.Users = map[string]User{"desk": {Hash: hash}, "cn=hall,dc=ringdex": {Hash: hash}}
		for i := range o.Profiles {
			switch p := &o.Profiles[i]; p.Name {
			case "national":
				p.Networks = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
			case "zeros":
				p.Networks = []netip.Prefix{netip.MustParsePrefix("192.0.2.64/26")}
				p.EmptyPassword = true
			case "dialable":
				p.Listeners = []string{":3390", "192.0.2.1:3391"}
			case "international":
				p.Users = []string{"Desk", "cn=Hall, dc=ringdex"}
			}
		}
	})
	const e164, national, zeros, dialable, international = "+491711234567", "0171 1234567", "00491711234567", "001711234567", "+49 171 1234567"
	for _, c := range []struct{ remote, local, user, base, want string }{
		{"198.51.100.7:1", "192.0.2.1:3389", "", "dc=ringdex", e164},
		{"192.0.2.7:1", "192.0.2.1:3389", "", "dc=ringdex", national},
		{"[::ffff:192.0.2.7]:1", "192.0.2.1:3389", "", "ou=Contact,dc=ringdex", national},
		{"192.0.2.70:1", "192.0.2.1:3389", "", "dc=ringdex", zeros},
		{"192.0.2.70:1", "192.0.2.1:3390", "", "dc=ringdex", dialable},
		{"198.51.100.7:1", "192.0.2.1:3391", "", "dc=ringdex", dialable},
		{"198.51.100.7:1", "192.0.2.2:3391", "", "dc=ringdex", e164},
		{"192.0.2.70:1", "192.0.2.1:3390", "desk", "dc=ringdex", international},
		{"192.0.2.70:1", "192.0.2.1:3390", "cn=hall,dc=ringdex", "dc=ringdex", international},
		{"192.0.2.70:1", "192.0.2.1:3390", "desk", "ou=plain,dc=ringdex", e164},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			s := d.NewSession(context.Background(), ldapserver.ConnInfo{
				Remote: netip.MustParseAddrPort(c.remote), Local: netip.MustParseAddrPort(c.local),
			}).(*Session)
			if c.user != "" {
				if err := s.Bind(context.Background(), &protocol.BindRequest{Version: 3, Name: []byte(c.user), Simple: []byte("not-a-secret")}); err != nil {
					t.Fatal(err)
				}
			}
			list, _ := ask(t, s, requestOf(t, c.base, protocol.WholeSubtree, "(mobile=01711234567)", "mobile"))
			if len(list) != 1 || list[0].first("mobile") != c.want || !strings.HasSuffix(list[0].dn, ",ou=Contact,"+strings.TrimPrefix(c.base, "ou=Contact,")) {
				t.Errorf("got %v, want %s below %s", list, c.want, c.base)
			}
			if c.user == "" {
				return
			}
			// Bound anew without a name, the connection has the profile of its place again.
			if err := s.Bind(context.Background(), &protocol.BindRequest{Version: 3}); err != nil {
				t.Fatal(err)
			}
			if list, _ := ask(t, s, requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(mobile=01711234567)", "mobile")); list[0].first("mobile") != dialable {
				t.Errorf("after a new bind: %v", list)
			}
		})
	}
	t.Run("bind without a password", func(t *testing.T) {
		for remote, want := range map[string]protocol.ResultCode{"192.0.2.70:1": protocol.Success, "192.0.2.7:1": protocol.UnwillingToPerform} {
			s := d.NewSession(context.Background(), ldapserver.ConnInfo{Remote: netip.MustParseAddrPort(remote)}).(*Session)
			err := s.Bind(context.Background(), &protocol.BindRequest{Version: 3, Name: []byte("desk")})
			code := protocol.Success
			if pe, ok := err.(*protocol.Error); ok {
				code = pe.Code
			}
			if code != want || len(s.whoAmI()) > 0 {
				t.Errorf("%s: %v as %q, want %v as nobody", remote, err, s.whoAmI(), want)
			}
		}
	})
}

func TestProfileFaults(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]Profile{
		"is no name":                 {Name: "a b"},
		"numbers: \"e16\" is none":   {Name: "a", Numbers: "e16"},
		"attribute colour is":        {Name: "a", Attributes: []ProfileAttribute{made(t, "colour", "{cn}")}},
		"entryUUID is made":          {Name: "a", Attributes: []ProfileAttribute{made(t, "entryUUID", "{cn}")}},
		"{colour} is no attribute":   {Name: "a", Attributes: []ProfileAttribute{made(t, "cn", "{colour}")}},
		"searchNumber is no":         {Name: "a", Show: []string{"searchNumber"}},
		"no numbering plan":          {Name: "a", Location: phone.Location{Country: "XX"}},
		"size limit -1 is negative":  {Name: "a", Most: -1},
		"profile PLAIN stands twice": {Name: "PLAIN"},
		"there is no user x":         {Name: "a", Users: []string{"x"}},
	} {
		var st *Options
		profiled(t, func(o *Options) { st = o })
		o := *st
		o.Profiles = append(o.Profiles[:len(o.Profiles):len(o.Profiles)], p)
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want %q", p, err, want)
		}
	}
}

func TestTidy(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Müller, Anna (Works)": "Müller, Anna (Works)",
		"Müller, Anna ()":      "Müller, Anna",
		"Müller,  (Works)":     "Müller (Works)",
		", Anna ()":            "Anna",
		"Works - ":             "Works",
		"A | | B":              "A | B",
		"Müller-Lüdenscheidt":  "Müller-Lüdenscheidt",
		"()":                   "",
	} {
		if got := tidy(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestASCII(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Müller & Söhne": "Mueller & Soehne", "Zoë Çelik": "Zoe Celik", "Łukasz Groß": "Lukasz Gross", "Søren Ångström": "Soeren Aangstroem",
		"plain": "plain", "“x” – y": `"x" - y`, "Юлия": "Юлия", "é": "e", "ﬁ": "fi",
	} {
		if got := string(appendASCII(nil, []byte(in))); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// TestViewedSearchIsFullScan holds searches under views that change what is found against a full scan, as
// TestIndexedSearchIsFullScan does without one.
func TestViewedSearchIsFullScan(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(5, 17))
	entries := randomEntries(t, rnd, 120)
	var profiles []Profile
	profiled(t, func(o *Options) { profiles = o.Profiles })
	d := directoryOf(t, entries, func(o *Options) { o.Profiles = profiles })
	s := sessionOf(d)
	matched := 0
	for round := range 1200 {
		f := randomFilter(rnd, entries, 2)
		if rnd.IntN(4) == 0 {
			keys := strconv.Itoa(2 + rnd.IntN(8000))
			f = &protocol.Filter{Kind: protocol.Substrings, Attribute: []byte("cn"), Initial: []byte(keys)}
		}
		name := []string{"begins", "holds", "t9", "asked", "display", "narrow", "people", "single"}[round%8]
		r, err := s.snapshot()
		if err != nil {
			t.Fatal(err)
		}
		s.use(d.viewNamed(name))
		s.named = true
		c := s.compiler.compile(f, s.columns)
		var want []string
		for ord, ok := r.Next(0); ok; ord, ok = r.Next(ord + 1) {
			if v, _ := r.View(ord); s.evaluate(c, &v) == isTrue && s.shows(&v) {
				want = append(want, string(s.appendDN(nil, &v)))
			}
		}
		r.Release()
		list, code := ask(t, s, &protocol.SearchRequest{Base: []byte("ou=" + name + ",dc=ringdex"), Scope: protocol.WholeSubtree, Filter: f, Attributes: [][]byte{[]byte("1.1")}})
		var got []string
		for i := range list {
			if strings.HasPrefix(list[i].dn, "uid=") {
				got = append(got, list[i].dn)
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		want = withoutLeftOut(s, got, want)
		if code != protocol.Success || !slices.Equal(got, want) && len(want) > 0 {
			t.Fatalf("%s under %s: got %v %v, want %v", f, name, code, got, want)
		}
		matched += len(want)
	}
	if matched < 1200 {
		t.Errorf("only %d entries matched", matched)
	}
}

func TestBuiltinProfiles(t *testing.T) {
	t.Parallel()
	var all []Profile
	for _, b := range BuiltinProfiles() {
		if b.About == "" || len(b.Quirks) == 0 {
			t.Errorf("%s says nothing about itself", b.Name)
		}
		for _, q := range b.Quirks {
			if q.What == "" || q.Source == "" {
				t.Errorf("%s: a quirk without a source: %+v", b.Name, q)
			}
		}
		b.Location = here
		all = append(all, b.Profile)
	}
	d := directoryOf(t, invented(t), func(o *Options) { o.Profiles = all })
	s := sessionOf(d)
	for _, p := range all {
		list, code := ask(t, s, requestOf(t, "ou="+strings.ToUpper(p.Name)+",dc=ringdex", protocol.WholeSubtree, "(telephoneNumber=007031123456)", "cn", "telephoneNumber"))
		if code != protocol.Success || len(list) != 1 || !strings.HasPrefix(list[0].first("cn"), "Anna M") {
			t.Errorf("%s: got %v %v", p.Name, code, list)
		}
	}
	if _, ok := BuiltinNamed("SNOM"); !ok {
		t.Error("there is no profile SNOM")
	}
}

// TestRememberedAnswerIsOfTheProfile asks the same octets under two profiles of a directory that remembers answers.
func TestRememberedAnswerIsOfTheProfile(t *testing.T) {
	t.Parallel()
	d := profiled(t, func(o *Options) {
		o.Answers = 1
		o.Profiles[3].Networks = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	})
	for range 3 {
		for remote, want := range map[string]string{"198.51.100.7:1": "+491711234567", "192.0.2.7:1": "0171 1234567"} {
			s := d.NewSession(context.Background(), ldapserver.ConnInfo{Remote: netip.MustParseAddrPort(remote)}).(*Session)
			list, _ := ask(t, s, withOctets(requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(mobile=01711234567)", "mobile")))
			if len(list) != 1 || list[0].first("mobile") != want {
				t.Errorf("%s: got %v, want %s", remote, list, want)
			}
		}
	}
}
