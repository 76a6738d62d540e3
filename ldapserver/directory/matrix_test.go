package directory

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"ringdex/ldapserver"
	"ringdex/schema/phone"
)

// served starts a server with the directory on loopback and returns a client of another make.
func served(t testing.TB, d *Directory) *ldap.Conn {
	t.Helper()
	return dial(t, serve(t, d, ldapserver.Options{}, ldapserver.ListenerOptions{}))
}

// asked is an answer as the names in it, in its order.
func asked(t testing.TB, conn *ldap.Conn, base, filter string) string {
	t.Helper()
	r, err := conn.Search(ldap.NewSearchRequest(base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, filter, []string{"cn"}, nil))
	if err != nil {
		t.Errorf("%s: %v", filter, err)
		return ""
	}
	var names []string
	for _, e := range r.Entries {
		names = append(names, e.GetAttributeValue("cn"))
	}
	return strings.Join(names, ", ")
}

// numberShapes are the filters in which telephones ask for a caller; see ldap-clients in the recipes of HANDSETS.md.
var numberShapes = []string{
	"(|(telephoneNumber=%[1]s)(mobile=%[1]s)(homePhone=%[1]s))",
	"(|(telephoneNumber=%[1]s)(Mobile=%[1]s)(homeTelephoneNumber=%[1]s)(other=%[1]s))",
	"(&(objectClass=inetOrgPerson)(|(telephoneNumber=%[1]s)(mobile=%[1]s)(homePhone=%[1]s)))",
	"(|(telephoneNumber=%[1]s)(homePhone=%[1]s)(moblie=%[1]s)(nonsense=%[1]s))",
	"(&(searchNumber=%[1]s)(sn=*))",
	"(metaSearchNumber=%[1]s)",
}

// spellings are the ways in which a number of the country with code and area may be shown and dialled at the place of the
// tests.
func spellings(code, area, local string) (out []string) {
	national := area + local
	dialled := []string{
		"+" + code + national, "00" + code + national, "000" + code + national,
		"+" + code + "(0)" + national, "+" + code + " (0) " + area + " " + local, "+" + code + " " + area + " " + local,
		"+" + code + " " + area + "/" + local, "+" + code + "-" + area + "-" + local, "+" + code + "." + area + "." + local,
		"00" + code + " " + area + " " + local, "+" + code + "\u00a0" + area + "\u00a0" + local,
	}
	if code == "49" {
		dialled = append(dialled, "0"+national, "00"+national, "(0"+area+") "+local, "0"+area+"/"+local, "0"+area+"-"+local, "0 0"+area+" "+local)
		if area == here.Area {
			dialled = append(dialled, local, "0"+local)
		}
	}
	for _, s := range dialled {
		out = append(out, s, "L0#"+s)
		compact := strings.NewReplacer(" ", "", "\u00a0", "", "/", "", "(0)", "", "(", "", ")", "").Replace(s)
		out = append(out, "tel:"+compact, "sip:"+compact+"@pbx", "sip:"+compact+"@192.0.2.7:5060;user=phone", `"x" <sip:`+compact+`@pbx.example.org>`)
		wide := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' || r == '+' {
				return r - '!' + '！'
			}
			return r
		}, compact)
		out = append(out, wide)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestMatrixServed asks a running server for the number matrix in all spellings and filters, and the lookup of the
// command for the same.
func TestMatrixServed(t *testing.T) {
	t.Parallel()
	swiss := Profile{Name: "swiss", Location: phone.Location{Country: "CH", OutsideLine: "0"}}
	d := directoryOf(t, invented(t), func(o *Options) { o.Profiles = []Profile{swiss} })
	conn := served(t, d)
	const company = "Müller & Söhne GmbH"
	rows := []struct {
		profile, want string
		numbers       []string
	}{
		{"", "Anna Müller", spellings("49", "7031", "123456")},
		{"", "Anna Müller", []string{"+49 7031 123-456", "tel:+49-7031-123456", "tel:+497031123;ext=456", "+49 7031 123 App. 456"}},
		{"", "Anna Müller", spellings("49", "171", "1234567")},
		{"", "Anna Müller", spellings("49", "7031", "998877")},
		{"", company, []string{"+49703112377", "07031123999", "0004970311230", "+49 7031 123-0", "sip:07031123999@pbx", "123999", "+497031123"}},
		{"", "Jörg Groß", append(spellings("43", "1", "5123456"), "+43151234 56", "tel:+43151234;ext=56")},
		{"", "Zoë Çelik", spellings("41", "44", "6681800")},
		{"swiss", "Zoë Çelik", append(spellings("41", "44", "6681800"), "0446681800", "00446681800", "044 668 18 00")},
		{"", "Peter Intern", []string{"567", "sip:567@pbx", "tel:567", "+4970319876567", "070319876567", "0070319876567"}},
		{"", "", []string{
			"0304567456", "456", "3456", "00431 51234 99", "0446681800", "0567", "110", "112", "116117", "0110", "0112", "+49110", "sip:110@pbx",
			"anonymous", "Anonymous", "", "*", "restricted", "unknown", "sip:anonymous@anonymous.invalid", "private", "+", "#", "0", "00", "49", "030",
			"+4930123456789", "23456", "67", "7", "1234567890123456",
		}},
	}
	shapes, spelled := 0, 0
	for _, row := range rows {
		base := "dc=ringdex"
		if row.profile != "" {
			base = "ou=" + row.profile + ",dc=ringdex"
		}
		for i, n := range row.numbers {
			spelled++
			for j, shape := range numberShapes {
				if i > 0 && (i+j)%3 != 0 && row.want != "" {
					continue // every spelling in two shapes, the first one and nobody's in all
				}
				shapes++
				filter := fmt.Sprintf(shape, ldap.EscapeFilter(n))
				if got := asked(t, conn, base, filter); got != row.want {
					t.Errorf("%s: got %q, want %q", filter, got, row.want)
				}
			}
			if strings.TrimSpace(n) == "" {
				continue
			}
			x, err := d.Lookup(context.Background(), n, row.profile, 0)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, h := range x.Hits {
				names = append(names, h.Attributes["cn"][0])
			}
			if got := strings.Join(names, ", "); got != row.want {
				t.Errorf("lookup %q (%s): got %q, want %q", n, x.Kind, got, row.want)
			}
		}
	}
	t.Logf("%d spellings, %d searches", spelled, shapes)
	if spelled < 400 {
		t.Errorf("only %d spellings", spelled)
	}
}

// TestNumberAttributes asks for a number in each attribute by every name that telephones have for it: whole, by its
// beginning, its end and a part.
func TestNumberAttributes(t *testing.T) {
	t.Parallel()
	aliases := map[string][]string{
		"telephoneNumber":          {"telePhoneNumber", "tel", "telephonePrimary", "primaryPhone", "2.5.4.20"},
		"mobile":                   {"Mobile", "cell", "moblie", "mobilePhone", "mobileTelephoneNumber", "carPhone"},
		"homePhone":                {"homephone", "home", "homeTelephoneNumber"},
		"otherTelephone":           {"other", "otherPhone"},
		"ipPhone":                  {"extension"},
		"companyPhone":             {"companyphone"},
		"otherMobile":              nil,
		"otherHomePhone":           nil,
		"pager":                    nil,
		"telephoneAssistant":       {"assistantPhone"},
		"facsimileTelephoneNumber": {"fax", "facsimiletelephonenumber"},
	}
	var people []someone
	n := 0
	for attribute := range aliases {
		n++
		people = append(people, someone{name: attribute, numbers: []string{attribute, fmt.Sprintf("+49 30 23125 %d", 300+n)}})
	}
	conn := served(t, directoryOf(t, everybody(t, people...), nil))
	for _, who := range people {
		number := strings.NewReplacer("+49 30 ", "030", " ", "").Replace(who.numbers[1])
		names := append([]string{who.name, "searchNumber", "metaSearchNumber", "SEARCHNUMBER", who.name + ";x-work"}, aliases[who.name]...)
		for _, a := range names {
			for _, value := range []string{number, number + "*", "*" + number[3:], "*" + number[4:] + "*", number[:6] + "*" + number[8:], "+49 30 " + number[3:], "+4930" + number[3:] + "*", "0049" + number[1:] + "*"} {
				filter := "(" + a + "=" + value + ")"
				if got := asked(t, conn, "dc=ringdex", filter); got != who.name {
					t.Errorf("%s: got %q, want %q", filter, got, who.name)
				}
			}
		}
		for _, a := range aliases[who.name] {
			if a == "2.5.4.20" {
				continue
			}
			r, err := conn.Search(ldap.NewSearchRequest("dc=ringdex", ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, "("+a+"="+number+")", []string{a}, nil))
			if err != nil || len(r.Entries) != 1 || len(r.Entries[0].Attributes) != 1 || r.Entries[0].Attributes[0].Name != a {
				t.Errorf("%s isn't answered by that name: %v", a, err)
			}
		}
	}
}
