package directory

import (
	"fmt"
	"slices"
	"testing"

	"ringdex/ldapserver/protocol"
)

// TestMissedCallers asks as phones do, twice each with the same octets, of a directory that remembers answers.
func TestMissedCallers(t *testing.T) {
	t.Parallel()
	var told []string
	d := profiled(t, func(o *Options) {
		o.Answers = 1
		o.Missed = func(m Missed) {
			sign := ""
			if m.International {
				sign = "+"
			}
			part := ""
			if m.Typed {
				part = "*"
			}
			told = append(told, sign+string(m.Digits)+part)
		}
	})
	s := sessionOf(d)
	for _, c := range []struct {
		base, filter string
		want         string // "" for nothing
	}{
		{"dc=ringdex", fmt.Sprintf(callerFilter, "0304567456"), "+49304567456"},
		{"dc=ringdex", fmt.Sprintf(callerFilter, "000442079460123"), "+442079460123"},
		{"dc=ringdex", "(&(objectClass=person)(telephoneNumber=+442079460123))", "+442079460123"},
		{"ou=dialable,dc=ringdex", "(telephoneNumber=0304567456)", "+49304567456"},
		{"dc=ringdex", fmt.Sprintf(callerFilter, "07031123456"), ""},                     // Anna
		{"dc=ringdex", fmt.Sprintf(callerFilter, "07031123999"), ""},                     // the company behind the head number
		{"dc=ringdex", fmt.Sprintf(callerFilter, "110"), ""},                             // a service
		{"dc=ringdex", fmt.Sprintf(callerFilter, "anonymous"), ""},                       // withheld
		{"dc=ringdex", "(telephoneNumber=030456*)", ""},                                  // being typed
		{"dc=ringdex", "(!(telephoneNumber=0304567456))", ""},                            // no call
		{"ou=asked,dc=ringdex", "(|(cn=*0304567456*)(o=*0304567456*))", "+49304567456*"}, // Linphone
		{"ou=asked,dc=ringdex", "(|(cn=*07031123456*)(o=*07031123456*))", ""},            // Anna
		{"ou=asked,dc=ringdex", "(|(cn=*456*)(o=*456*))", ""},                            // typed
		{"ou=asked,dc=ringdex", "(cn=*110*)", ""},                                        // a service
		{"ou=asked,dc=ringdex", "(cn=*nobody*)", ""},                                     // a name
		{"ou=asked,dc=ringdex", "(telephoneNumber=0304567456*)", ""},                     // being typed
		{"dc=ringdex", "(|(cn=*0304567456*)(o=*0304567456*))", ""},                       // not a profile that asks so
		{"dc=ringdex", "(sn=nobody)", ""},                                                // a name
		{"ou=nobody,dc=ringdex", "(telephoneNumber=+493023125100)", ""},                  // held back by the profile
	} {
		told = nil
		for range 2 {
			if _, code := ask(t, s, withOctets(requestOf(t, c.base, protocol.WholeSubtree, c.filter, "cn"))); code != protocol.Success {
				t.Errorf("%s: %v", c.filter, code)
			}
		}
		var want []string
		if c.want != "" {
			want = []string{c.want, c.want}
		}
		if !slices.Equal(told, want) {
			t.Errorf("%s: told of %q, want %q", c.filter, told, want)
		}
	}
}
