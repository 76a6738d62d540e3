package directory

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"ringdex/ldapserver/protocol"
)

const callerFilter = "(|(telephoneNumber=%[1]s)(mobile=%[1]s)(homePhone=%[1]s)(ipPhone=%[1]s))"

// namesOf are the common names of an answer, in its order.
func namesOf(list []answered) string {
	var out []string
	for i := range list {
		out = append(out, list[i].first("cn"))
	}
	return strings.Join(out, ", ")
}

func caller(t testing.TB, s *Session, number string) string {
	t.Helper()
	esc := strings.NewReplacer("(", `\28`, ")", `\29`, "*", `\2a`).Replace(number)
	list, code := ask(t, s, requestOf(t, "dc=ringdex", protocol.WholeSubtree, fmt.Sprintf(callerFilter, esc), "cn"))
	if code != protocol.Success {
		t.Errorf("%q: result %v", number, code)
	}
	return namesOf(list)
}

func TestNumberMatrix(t *testing.T) {
	t.Parallel()
	entries := invented(t)
	d := directoryOf(t, entries, nil)
	s := sessionOf(d)
	company := "Müller & Söhne GmbH"
	for want, numbers := range map[string][]string{
		"Anna Müller": {
			"+497031123456", "00497031123456", "000497031123456", "07031123456", "007031123456", "123456", "+49(0)7031123456", "+49 7031 123-456",
			"tel:+49-7031-123456", "sip:+497031123456@pbx;user=phone", "L0#07031123456", "01711234567", "00491711234567", "001711234567", "998877",
		},
		company:        {"+49703112377", "07031123999", "0004970311230", "+497031123"},
		"Jörg Groß":    {"+43151234 56", "00431512345 6"},
		"Zoë Çelik":    {"+41446681800", "0041446681800", "00041446681800"},
		"Peter Intern": {"567"},
		"": {
			"0304567456", "456", "3456", "00431 51234 99", "0446681800", "0567", "110", "112", "116117", "anonymous", "", "*", "restricted", "999",
			"+4970311", "+49703112", "+4970311234567890", "+4970311245",
		},
	} {
		for _, n := range numbers {
			t.Run(fmt.Sprintf("%q", n), func(t *testing.T) {
				if got := caller(t, s, n); got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			})
		}
	}
	t.Run("seen from Switzerland", func(t *testing.T) {
		swiss := directoryOf(t, entries, func(o *Options) { o.Location.Country, o.Location.Area, o.Location.OutsideLine = "CH", "", "" })
		if got := caller(t, sessionOf(swiss), "0446681800"); got != "Zoë Çelik" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("company within its object only", func(t *testing.T) {
		f := fmt.Sprintf(callerFilter, "07031123999")
		for base, want := range map[string]string{"ou=Account,dc=ringdex": company, "ou=Contact,dc=ringdex": ""} {
			list, _ := ask(t, s, requestOf(t, base, protocol.WholeSubtree, f, "cn"))
			if got := namesOf(list); got != want {
				t.Errorf("%s: got %q, want %q", base, got, want)
			}
		}
	})
	t.Run("the rest of the filter holds", func(t *testing.T) {
		for f, want := range map[string]string{
			"(&(objectClass=inetorgperson)(telephoneNumber=07031123999))": company,
			"(&(objectClass=person)(searchNumber=07031123999))":           company,
			"(&(telephoneNumber=07031123999)(sn=x*))":                     "",
			"(mobile=07031123999)":                                        "", // the company has no such mobile number
			"(telephoneNumber=07031123999*)":                              "",
			"(&(telephoneNumber=07031123999)(!(cn=x*)))":                  "",
			"(|(telephoneNumber=07031123999)(mobile=07031123998))":        "",
		} {
			list, _ := ask(t, s, requestOf(t, "dc=ringdex", protocol.WholeSubtree, f, "cn"))
			if got := namesOf(list); got != want {
				t.Errorf("%s: got %q, want %q", f, got, want)
			}
		}
	})
	t.Run("lookup says why", func(t *testing.T) {
		x, err := d.Lookup(context.Background(), "07031123999", "", 0)
		if err != nil || len(x.Hits) != 1 || x.Hits[0].Rule != RuleHead || x.Hits[0].Attributes["cn"][0] != company {
			t.Errorf("got %+v, %v", x, err)
		}
		if len(x.Candidates) == 0 {
			t.Error("no candidates")
		}
	})
}

func TestRanking(t *testing.T) {
	t.Parallel()
	s := sessionOf(profiled(t, nil))
	// A switchboard of two people and their company: the company first, then the people, the one changed last first.
	const number = "(telephoneNumber=+493023125100)"
	for _, c := range []struct {
		base, filter string
		limit        int
		want         string
		code         protocol.ResultCode
	}{
		{"dc=ringdex", number, 0, "Example Works, Ana Müllner, Łukasz Zürn", protocol.Success},
		{"dc=ringdex", number, 2, "Example Works, Ana Müllner", protocol.SizeLimitExceeded},
		// With the count of its people, where the profile wants that.
		{"ou=counted,dc=ringdex", number, 0, "Example Works (2), Ana Müllner, Łukasz Zürn", protocol.Success},
		{"ou=switchboard,dc=ringdex", number, 0, "Example Works (2)", protocol.Success},
		{"ou=counted,dc=ringdex", "(cn=Example Works)", 0, "Example Works", protocol.Success},
		{"ou=counted,dc=ringdex", "(telephoneNumber=07031123999)", 0, "Müller & Söhne GmbH", protocol.Success},
		{"ou=Account,ou=counted,dc=ringdex", number, 0, "Example Works", protocol.Success},
		{"ou=Contact,dc=ringdex", number, 0, "Ana Müllner, Łukasz Zürn", protocol.Success},
		{"ou=Account,dc=ringdex", number, 1, "Example Works", protocol.Success},
		{"dc=ringdex", "(|(dc=ringdex)(telephoneNumber=07031123456))", 1, "", protocol.SizeLimitExceeded},
		{"dc=ringdex", "(|(dc=ringdex)(telephoneNumber=07031123456))", 2, ", Anna Müller", protocol.Success},
	} {
		r := requestOf(t, c.base, protocol.WholeSubtree, c.filter, "cn")
		r.SizeLimit = c.limit
		list, code := ask(t, s, r)
		if got := namesOf(list); got != c.want || code != c.code {
			t.Errorf("%s %s, limit %d: got %q %v, want %q %v", c.base, c.filter, c.limit, got, code, c.want, c.code)
		}
	}
}
