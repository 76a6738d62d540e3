package directory

import (
	"context"
	"strings"
	"testing"
)

// TestLookupSaysWhy holds the reasons of the order against the steps of rank.
func TestLookupSaysWhy(t *testing.T) {
	t.Parallel()
	m := makerAt(t, here)
	const shared, mixed, pair = "+49 30 23125 700", "+49 30 23125 800", "+49 30 23125 900"
	person := func(n int, cn, o string) *record {
		return m.record("Contact", n).add("cn", cn).add("sn", cn).add("o", o)
	}
	company := func(n int, cn string) *record {
		return m.record("Account", n).add("cn", cn).add("sn", cn).add("o", cn)
	}
	d := directoryOf(t, entriesOf([]*record{
		company(1, "Works").add("telephoneNumber", shared),
		person(1, "A", "Works").add("telephoneNumber", shared), person(2, "B", "Works").add("telephoneNumber", shared),
		company(2, "Other").add("telephoneNumber", mixed), person(3, "C", "Works").add("homePhone", mixed),
		person(4, "D", "Third").add("mobile", mixed), person(5, "E", "Third").add("telephoneNumber", mixed),
		company(3, "Pair").add("telephoneNumber", pair), person(6, "F", "Pair").add("homePhone", pair),
	}), nil)
	for number, want := range map[string]string{
		shared: "Works; B: one of several people, behind their company; A: changed earlier",
		mixed:  "D; E: a less specific attribute; Other: a company, behind people; C: a less specific attribute",
		pair:   "F; Pair: the company, behind the person",
	} {
		x, err := d.Lookup(context.Background(), number, "", 0)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, h := range x.Hits {
			text := h.Name
			if h.Reason != "" {
				text += ": " + h.Reason
			}
			got = append(got, text)
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%s: got %q, want %q", number, strings.Join(got, "; "), want)
		}
	}
}
