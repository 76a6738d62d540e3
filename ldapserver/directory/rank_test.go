package directory

import (
	"context"
	"strings"
	"testing"

	"ringdex/ldapserver/protocol"
)

// TestSharedNumbers: who is shown, in which order, where several have a number. Entries are invented in the order of their
// change, the last one is the newest.
func TestSharedNumbers(t *testing.T) {
	t.Parallel()
	const n, own = "+49 30 23125 100", "+49 30 23125 200"
	office := func(name, company string) someone {
		return someone{name: name, company: company, numbers: []string{"telephoneNumber", n}}
	}
	account := func(name string) someone {
		return someone{object: "Account", name: name, company: name, numbers: []string{"telephoneNumber", n}}
	}
	with := func(attribute string, who someone) someone {
		who.numbers = []string{"telephoneNumber", own, attribute, n}
		return who
	}
	for _, c := range []struct {
		name    string
		entries []someone
		want    string
		note    string
	}{
		{"one person and her company", []someone{account("A Works"), office("Anna", "A Works")}, "Anna, A Works", ""},
		{"two people and their company", []someone{office("Anna", "A Works"), office("Bert", "a works"), account("A Works")}, "A Works, Bert, Anna", "2 people of one company"},
		{"people of one company without its record", []someone{office("Anna", "A Works"), office("Bert", "A Works")}, "Bert, Anna", ""},
		{"people of one company, the more specific attribute first", []someone{with("mobile", office("Anna", "A Works")), office("Bert", "A Works"), account("A Works")}, "A Works, Anna, Bert", "2 people of one company"},
		{"two companies: the more specific attribute", []someone{with("mobile", office("Anna", "A Works")), office("Bert", "B Works"), account("B Works")}, "Anna, Bert, B Works", ""},
		{"two companies: the newest", []someone{office("Anna", "A Works"), office("Bert", "B Works")}, "Bert, Anna", ""},
		{"two companies: no switchboard", []someone{account("A Works"), office("Anna", "A Works"), office("Bert", "A Works"), office("Carl", "B Works")}, "Carl, Bert, Anna, A Works", ""},
		{"assistant and fax come last", []someone{with("homePhone", office("Anna", "A Works")), with("telephoneAssistant", office("Bert", "B Works")), with("facsimileTelephoneNumber", office("Carl", "C Works"))}, "Anna, Bert, Carl", ""},
		{"a person with two records", []someone{office("Anna Maier", "A Works"), with("mobile", office("Anna Maier", "A Works")), office("Bert", "A Works")}, "Anna Maier, Bert", "1 further records"},
		{"two people of one name in two companies", []someone{office("Anna Maier", "A Works"), office("Anna Maier", "B Works")}, "Anna Maier, Anna Maier", ""},
		{"a company with two records", []someone{account("A Works"), account("A WORKS")}, "A WORKS", "1 further records"},
		{"nobody of a company", []someone{office("Anna", ""), office("Bert", "")}, "Bert, Anna", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := directoryOf(t, everybody(t, c.entries...), nil)
			s := sessionOf(d)
			list, _ := ask(t, s, requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(searchNumber=+493023125100)", "cn"))
			if got := namesOf(list); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			x, err := d.Lookup(context.Background(), n, "", 0)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, h := range x.Hits {
				names = append(names, h.Attributes["cn"][0])
			}
			if got := strings.Join(names, ", "); got != c.want {
				t.Errorf("lookup: got %q, want %q", got, c.want)
			}
			if notes := strings.Join(x.Notes, "; "); c.note == "" && notes != "" || !strings.Contains(notes, c.note) {
				t.Errorf("lookup: notes %q, want %q", notes, c.note)
			}
		})
	}
}

// TestManySharedNumber: a number that hundreds have is answered, each person once.
func TestManySharedNumber(t *testing.T) {
	t.Parallel()
	var list []someone
	for i := range 80 {
		list = append(list, someone{name: string(rune('A'+i%40)) + "nna", company: "A Works", numbers: []string{"telephoneNumber", "+49 30 23125 100"}})
	}
	s := sessionOf(directoryOf(t, everybody(t, list...), nil))
	got := strings.Split(caller(t, s, "+493023125100"), ", ")
	// 40 characters, of which Latin letters in both cases and signs between words fold alike.
	seen := map[string]bool{}
	for _, name := range got {
		if seen[name] {
			t.Errorf("%s twice", name)
		}
		seen[name] = true
	}
	if len(got) < 26 || len(got) > 40 {
		t.Errorf("%d people", len(got))
	}
}
