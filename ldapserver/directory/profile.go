package directory

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"ringdex/schema"
	"ringdex/schema/name"
	"ringdex/schema/phone"
)

// Profile is how one kind of telephone wants the directory: where it stands, and the form of its answers. The entries are
// the store's; a profile is a view of them, made when a question is answered. The zero value shows what no profile shows.
//
// A client gets the profile whose place is the base of its request (ou=NAME below the directory's base), else that of the
// user it is bound as, else that of the listener it came through, else that of its network, the narrowest one first.
type Profile struct {
	Name  string // the ou of its place in the tree: letters, digits and hyphens
	About string // one line for people: which telephones

	Location phone.Location // where these telephones stand

	Numbers       NumberForm // how numbers are written
	SingleNumbers bool       // one number per attribute: the one that was asked for, else the first
	Attributes    []ProfileAttribute
	Show          []string // the only attributes that are shown and found; none: all
	ASCII         bool     // ä is sent as ae, é as e: for displays that know no UTF-8
	DN            DNForm

	Names  NameFilter  // what an equality filter on names means
	Digits NameDigits  // what digits in a filter on names mean
	Sort   []string    // attributes by which lists are ordered; none: the order of the display names
	Order  string      // name.Collation of lists and of ranges on names; "": that of the directory
	Cut    CutForm     // how a cut list ends
	Most   int         // entries that a search gets at most; 0: as many as the client and the directory allow
	Hits   SeveralHits // who is shown when several have a number
	Count  bool        // a company that comes before its people is shown with how many have the number: Example GmbH (7)

	HideCompanies bool // companies are neither listed nor found
	NoHeadNumber  bool // an unknown extension does not show the company behind its head number

	EmptyPassword bool // a bind with a name and without a password is answered as an anonymous one

	Users     []string       // who gets the profile: bind names, as configured
	Networks  []netip.Prefix // clients in these networks
	Listeners []string       // clients of these listeners: "address:port" or ":port"
}

// ProfileAttribute is an attribute made of others for a profile: renamed, merged or composed. Its templates name
// attributes of the entry. A value that stands in the text already is not repeated, and what a missing value leaves
// behind (empty brackets, separators at an end) is taken out: "{sn}, {givenName} ({o})" of a company is its name. A
// company's cn, sn and displayName are never composed where that would lose its name.
type ProfileAttribute struct {
	Name      string
	Templates []*schema.Template
}

// NumberForm is how a profile writes numbers.
type NumberForm string

// The forms, shown for +49 7031 123456 seen from area 7031 with outside line 0. What is no number in international form
// (an extension, a value that could not be normalised) stays as it is in all of them.
const (
	NumbersE164            NumberForm = "e164"             // +497031123456; the default
	NumbersAsAsked         NumberForm = "as_asked"         // as the filter wrote the number; others as E.164
	NumbersNational        NumberForm = "national"         // 07031 123456
	NumbersInternational   NumberForm = "international"    // +49 7031 123456
	NumbersInternational00 NumberForm = "international_00" // 00497031123456
	NumbersDialable        NumberForm = "dialable"         // 007031123456, the outside line included
	NumbersInternal        NumberForm = "internal"         // one of our own numbers by its extension, others as dialable
)

// NumberForms are all forms.
func NumberForms() []string {
	return []string{
		string(NumbersE164), string(NumbersAsAsked), string(NumbersNational), string(NumbersInternational),
		string(NumbersInternational00), string(NumbersDialable), string(NumbersInternal),
	}
}

// DNForm is how a profile names entries. Both are read again by a search with the DN as its base.
type DNForm string

const (
	DNByUID  DNForm = "uid" // uid=0035500000AbCdEAAV,ou=Contact,…; the default
	DNByName DNForm = "cn"  // cn=Anna Müller+uid=0035500000AbCdEAAV,ou=Contact,…: for telephones that show the DN
)

// DNForms are all forms.
func DNForms() []string { return []string{string(DNByUID), string(DNByName)} }

// NameFilter is what an equality filter on a name means. Numbers are never guessed at: (telephoneNumber=…) stays equality.
type NameFilter string

const (
	NamesAsSent   NameFilter = "as_sent"  // equality; the default
	NamesBegin    NameFilter = "begins"   // the beginning of words: for telephones that send what was typed without a star
	NamesContains NameFilter = "contains" // anywhere
)

// NameFilters are all meanings.
func NameFilters() []string {
	return []string{string(NamesAsSent), string(NamesBegin), string(NamesContains)}
}

// NameDigits is what a filter on a name means whose value is made of digits only.
type NameDigits string

const (
	DigitsWords   NameDigits = "words"   // a name with these digits, as everywhere; the default
	DigitsT9      NameDigits = "t9"      // also the keys that spell a word of the name: 685537 is Müller
	DigitsNumbers NameDigits = "numbers" // also a part of a number: for telephones that have one filter for all
)

// NameDigitForms are all meanings.
func NameDigitForms() []string {
	return []string{string(DigitsWords), string(DigitsT9), string(DigitsNumbers)}
}

// CutForm is how a list ends that has more entries than the size limit.
type CutForm string

const (
	CutError  CutForm = "error"  // sizeLimitExceeded behind the entries (RFC 4511, 4.5.1.4); the default
	CutSilent CutForm = "silent" // success: for clients that drop the entries otherwise
)

// CutForms are all forms.
func CutForms() []string { return []string{string(CutError), string(CutSilent)} }

// SeveralHits is who is shown when several have a number.
type SeveralHits string

const (
	HitsAll     SeveralHits = "all"     // all of them, best first; the default
	HitsPeople  SeveralHits = "people"  // only people, where there is one
	HitsCompany SeveralHits = "company" // two people or more of one company: the company alone, if it has the number too
	HitsNone    SeveralHits = "none"    // two people, or two companies: nobody. For exchanges that keep the answer
)

// SeveralHitsForms are all rules.
func SeveralHitsForms() []string {
	return []string{string(HitsAll), string(HitsPeople), string(HitsCompany), string(HitsNone)}
}

// maxProfileName bounds a profile's name: it stands in every DN that its telephones get.
const maxProfileName = 32

// CheckProfileName says what is wrong with a profile's name.
func CheckProfileName(name string) error {
	ok := name != "" && len(name) <= maxProfileName
	for i := range len(name) {
		c := name[i] | 0x20
		ok = ok && ('a' <= c && c <= 'z' || '0' <= name[i] && name[i] <= '9' || i > 0 && name[i] == '-')
	}
	if !ok {
		return fmt.Errorf("%q is no name for a profile: letters, digits and hyphens, %d characters at most", name, maxProfileName)
	}
	return nil
}

// check holds a profile against a schema and the forms.
func (p *Profile) check(s *schema.Schema) error {
	if err := CheckProfileName(p.Name); err != nil {
		return fmt.Errorf("directory: profile: %w", err)
	}
	fail := func(format string, args ...any) error {
		return fmt.Errorf("directory: profile %s: %s", p.Name, fmt.Sprintf(format, args...))
	}
	for _, c := range []struct {
		what, value string
		known       []string
	}{
		{"numbers", string(p.Numbers), NumberForms()},
		{"dn", string(p.DN), DNForms()},
		{"names", string(p.Names), NameFilters()},
		{"digits", string(p.Digits), NameDigitForms()},
		{"cut", string(p.Cut), CutForms()},
		{"hits", string(p.Hits), SeveralHitsForms()},
	} {
		if c.value == "" {
			continue
		}
		if !slices.Contains(c.known, c.value) {
			return fail("%s: %q is none of %s", c.what, c.value, strings.Join(c.known, ", "))
		}
	}
	if _, err := name.ParseCollation(p.Order); err != nil {
		return fail("%v", err)
	}
	if p.Most < 0 {
		return fail("size limit %d is negative", p.Most)
	}
	for _, a := range p.Attributes {
		t, ok := s.Attribute(a.Name)
		switch {
		case !ok:
			return fail("attribute %s is unknown", a.Name)
		case t.Operational || t.Virtual != schema.None || computedOf(t) != notComputed:
			return fail("%s is made by the directory", a.Name)
		case len(a.Templates) == 0:
			return fail("attribute %s has no template", a.Name)
		}
		for _, template := range a.Templates {
			for _, f := range template.Fields() {
				if source, ok := s.Attribute(f); !ok || source.Virtual != schema.None || computedOf(source) != notComputed {
					return fail("attribute %s: {%s} is no attribute of an entry", a.Name, f)
				}
			}
		}
	}
	for _, list := range [][]string{p.Show, p.Sort} {
		for _, n := range list {
			if t, ok := s.Attribute(n); !ok || t.Virtual != schema.None || t.Operational {
				return fail("%s is no attribute of an entry", n)
			}
		}
	}
	return nil
}
