package directory

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"ringdex/ldapserver/protocol"
	"ringdex/schema"
)

// TestNumberRanges: Poly VVX sends a range with the beginning of a number if numbers are searchable.
func TestNumberRanges(t *testing.T) {
	t.Parallel()
	s := sessionOf(directoryOf(t, invented(t), nil))
	for filter, want := range map[string]string{
		"(&(objectclass=person)(telephoneNumber>=070311)(telephoneNumber<=zz)(telephoneNumber=070311*))": "Anna Müller, Müller & Söhne GmbH",
		"(&(objectclass=person)(telephoneNumber>=070)(telephoneNumber<=zz)(telephoneNumber=070*))":       "Anna Müller, Müller & Söhne GmbH",
		"(&(mobile>=0171)(mobile<=zz))":                           "Anna Müller, Łukasz Zürn",
		"(&(telephoneNumber>=+43)(telephoneNumber<=+44))":         "Jörg Groß",
		"(&(telephoneNumber>=+49703)(telephoneNumber<=+4970312))": "Anna Müller, Müller & Söhne GmbH",
		"(telephoneNumber>=zz)":                                   "",
		"(telephoneNumber<=+)":                                    "",
		"(&(mobile>=+)(sn=m*))":                                   "Anna Müller",
		"(facsimileTelephoneNumber>=030)":                         "Ryan O'Neill",
		"(&(searchNumber>=+49171)(searchNumber<=+49172))":         "Anna Müller",
	} {
		list, code := ask(t, s, requestOf(t, "dc=ringdex", protocol.WholeSubtree, filter, "cn"))
		if got := namesOf(list); got != want || code != protocol.Success {
			t.Errorf("%s: got %q %v, want %q", filter, got, code, want)
		}
	}
}

// someone is a person of a company with numbers: attribute, spelling, attribute, spelling …
type someone struct {
	object, name, company, region string
	numbers                       []string
}

func everybody(t testing.TB, list ...someone) []schema.Entry {
	t.Helper()
	m := makerAt(t, here)
	var entries []schema.Entry
	for i, who := range list {
		object := who.object
		if object == "" {
			object = "Contact"
		}
		r := m.record(object, i+1).add("cn", who.name).add("sn", who.name).add("o", who.company)
		r.region = who.region
		for j := 0; j+1 < len(who.numbers); j += 2 {
			r.add(who.numbers[j], who.numbers[j+1])
		}
		entries = append(entries, r.entry)
	}
	return entries
}

// TestLocalNumbers: an own extension or a number without its area is nobody's where people of several companies have it,
// and what forms leave behind in a field is nobody's at all.
func TestLocalNumbers(t *testing.T) {
	t.Parallel()
	d := directoryOf(t, everybody(t,
		someone{name: "Peter", numbers: []string{"telephoneNumber", "567"}},
		someone{name: "Berta", company: "Example Works", numbers: []string{"telephoneNumber", "568"}},
		someone{name: "Carla", company: "Other Works", numbers: []string{"telephoneNumber", "568"}},
		someone{name: "Dora", company: "Example Works", numbers: []string{"telephoneNumber", "569"}},
		someone{name: "Emil", company: "EXAMPLE WORKS", numbers: []string{"telephoneNumber", "569"}},
		someone{name: "Frida", company: "Example Works", numbers: []string{"telephoneNumber", "445566"}},
		someone{name: "Georg", company: "Other Works", numbers: []string{"telephoneNumber", "445566"}},
		someone{name: "Hanna", company: "Other Works", numbers: []string{"telephoneNumber", "445577"}},
		someone{name: "Ida", company: "Example Works", numbers: []string{"homePhone", "07031 998877"}},
		someone{name: "Jens", company: "Other Works", numbers: []string{"homePhone", "07031 998877"}},
		someone{name: "Klara", numbers: []string{"telephoneNumber", "07031 3456"}},
		someone{name: "Left over", numbers: []string{"telephoneNumber", "49", "mobile", "030", "homePhone", "+49", "otherTelephone", "4567"}},
		someone{name: "Left over", numbers: []string{"telephoneNumber", "0", "mobile", "07031", "homePhone", "12345"}},
	), nil)
	s := sessionOf(d)
	for number, want := range map[string]string{
		"567":              "Peter",
		"4970319876567":    "Peter",
		"568":              "", // of two companies
		"569":              "Emil, Dora",
		"445566":           "", // of two companies, in unknown towns
		"445577":           "Hanna",
		"998877":           "",          // of two companies, without the area
		"07031998877":      "Jens, Ida", // with it, it is one line
		"+497031998877":    "Jens, Ida",
		"3456":             "",
		"070313456":        "Klara",
		"49":               "",
		"+49":              "",
		"030":              "",
		"0":                "",
		"4567":             "",
		"12345":            "",
		"07031":            "",
		"112":              "",
		"0112":             "",
		"0000":             "",
		"sip:568@pbx":      "",
		"sip:567@pbx":      "Peter",
		"tel:567;ext=1":    "Peter",
		"49 7031 998877":   "Jens, Ida",
		"0 0049 7031 3456": "Klara",
	} {
		if got := caller(t, s, number); got != want {
			t.Errorf("%s: got %q, want %q", number, got, want)
		}
		x, err := d.Lookup(context.Background(), number, "", 0)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, h := range x.Hits {
			names = append(names, h.Attributes["cn"][0])
		}
		if got := strings.Join(names, ", "); got != want {
			t.Errorf("lookup %s: got %q, want %q", number, got, want)
		}
		if refused := number == "568" || number == "445566" || number == "998877" || number == "sip:568@pbx"; refused != slices.Contains(x.Notes, ReasonLocal) {
			t.Errorf("lookup %s: notes %q", number, x.Notes)
		}
	}
	// What was left over is still shown, and found as the beginning of what is typed.
	list, _ := ask(t, s, requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(cn=left over)", "telephoneNumber"))
	if got := fmt.Sprint(list[0].values("telephoneNumber"), list[1].values("telephoneNumber")); got != "[49] [0]" {
		t.Errorf("left over: %s", got)
	}
}

// TestPartsOfNumbers: who calls by a service number or an extension isn't whoever has its digits in a number, however a
// telephone asks: FreePBX by the end, Snom by the beginning, Linphone by a part.
func TestPartsOfNumbers(t *testing.T) {
	t.Parallel()
	s := sessionOf(directoryOf(t, everybody(t,
		someone{name: "Emma", numbers: []string{"telephoneNumber", "+49 7031 112110"}},
		someone{name: "Ella", numbers: []string{"telephoneNumber", "+49 30 116117"}},
		someone{name: "Otto", numbers: []string{"telephoneNumber", "110"}},
		someone{name: "Anna", numbers: []string{"telephoneNumber", "+49 7031 123-456"}},
		someone{name: "Peter", numbers: []string{"telephoneNumber", "456"}},
	), nil))
	for filter, want := range map[string]string{
		"(telephoneNumber=*112)":         "",
		"(telephoneNumber=*112*)":        "",
		"(telephoneNumber=112*)":         "",
		"(telephoneNumber=*0112)":        "",
		"(telephoneNumber=*110)":         "Otto",
		"(telephoneNumber=*110*)":        "Otto",
		"(telephoneNumber=*116117)":      "",
		"(telephoneNumber=*116117*)":     "",
		"(searchNumber=*112*)":           "",
		"(telephoneNumber=*456)":         "Peter",
		"(telephoneNumber=*56)":          "",
		"(telephoneNumber=*23456)":       "",
		"(telephoneNumber=*123456)":      "Anna",
		"(telephoneNumber=*7031123456)":  "Anna",
		"(telephoneNumber=*112110)":      "Emma",
		"(telephoneNumber=*1121*)":       "Emma", // typed
		"(telephoneNumber=*456*)":        "Anna, Peter",
		"(telephoneNumber=+4970311*456)": "Anna", // several parts are what they say
	} {
		list, _ := ask(t, s, requestOf(t, "dc=ringdex", protocol.WholeSubtree, filter, "cn"))
		if got := namesOf(list); got != want {
			t.Errorf("%s: got %q, want %q", filter, got, want)
		}
	}
}
