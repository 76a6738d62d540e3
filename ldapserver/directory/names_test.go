package directory

import (
	"slices"
	"testing"

	"ringdex/ldapserver/protocol"
	"ringdex/schema"
	"ringdex/schema/name"
)

// people is a directory of names that are hard to find.
func people(t testing.TB) []schema.Entry {
	m := makerAt(t, here)
	var entries []schema.Entry
	for i, n := range []struct{ given, sn, o string }{
		{"Anna", "Müller", "Müller & Söhne GmbH"},
		{"Peter", "Meier", "Groß AG"},
		{"Agnes", "Groß", "Beispiel & Co. KG"},
		{"Юлия", "Щербакова", "Пример"},
		{"Χρήστος", "Παπαδόπουλος", ""},
		{"小明", "王", "北京大学"},
		{"Ümit", "Çelik", "3M"},
	} {
		r := m.record("Contact", i+1).add("cn", n.given+" "+n.sn).add("sn", n.sn).add("givenName", n.given).add("o", n.o)
		entries = append(entries, r.entry)
	}
	return entries
}

func TestNames(t *testing.T) {
	t.Parallel()
	const (
		anna   = "Anna Müller"
		peter  = "Peter Meier"
		agnes  = "Agnes Groß"
		yulia  = "Юлия Щербакова"
		greek  = "Χρήστος Παπαδόπουλος"
		wang   = "小明 王"
		umit   = "Ümit Çelik"
		nobody = ""
	)
	d := directoryOf(t, people(t), func(o *Options) {
		o.Profiles = []Profile{{Name: "keys", Digits: DigitsT9, Location: here}, {Name: "plain", Location: here}}
	})
	s := sessionOf(d)
	for _, c := range []struct{ filter, want string }{
		// The words of a name may lie in different attributes, in any order, one of them in the attribute asked for.
		{"(sn=*anna*mül*)", anna},
		{"(|(cn=*anna*mül*)(sn=*anna*mül*))", anna},
		{"(givenName=mül anna*)", anna},
		{"(sn=mei p*)", peter},
		{"(cn=meier gro*)", peter}, // of Groß AG
		{"(o=anna söhne*)", anna},
		{"(sn=anna söhne*)", nobody},
		{"(&(sn=*mül*)(cn=*ann*))", anna},
		{"(displayName=mül*anna)", nobody}, // nobody has one
		{"(cn=mül*anna)", anna},
		{"(cn=mül*ann)", nobody},
		{"(|(cn=*anna*mül-*)(mail=*anna mül*)(givenName=*anna*)(sn=*anna mül*))", anna},
		{"(anr=müller anna)", anna},
		{"(searchContact=peter groß*)", peter},
		{"(metaSearchText=mei*)", peter},
		{"(name=mül ann*)", anna},
		// Legal forms.
		{"(o=müller söhne ltd*)", anna},
		{"(o=söhne gmbh*)", anna},
		{"(o=g*)", peter},
		{"(cn=groß ag*)", agnes},
		// Other scripts.
		{"(sn=щерб*)", yulia},
		{"(cn=shcherbakova iul*)", yulia},
		{"(o=primer)", yulia},
		{"(|(cn=papad*)(sn=papad*))", greek},
		{"(givenName=christos)", greek},
		{"(sn=παπ*)", greek},
		{"(cn=wang*)", wang},
		{"(cn=xiaoming wang*)", wang},
		{"(sn=王*)", wang},
		{"(o=beijing*)", wang},
		{"(sn=celik)", umit},
		{"(givenName=uem*)", umit},
	} {
		list, code := ask(t, s, requestOf(t, "dc=ringdex", protocol.WholeSubtree, c.filter, "cn"))
		if got := namesOf(list); got != c.want || code != protocol.Success {
			t.Errorf("%s: got %q %v, want %q", c.filter, got, code, c.want)
		}
	}
	for _, c := range []struct{ filter, want string }{
		{"(sn=685537)", anna},
		{"(sn=6855*)", anna},
		{"(sn=*6855*)", anna},
		{"(cn=2662068*)", anna},
		{"(sn=26620685*)", anna}, // over two attributes
		{"(|(cn=634*)(sn=634*))", peter},
		{"(sn=727*)", greek},
		{"(o=36*)", umit},
		{"(anr=634)", peter},
		{"(cn=926*)", wang},
		{"(sn=mül*)", anna},
		{"(sn=999*)", nobody},
		{"(sn=0*)", nobody},
	} {
		list, code := ask(t, s, requestOf(t, "ou=keys,dc=ringdex", protocol.WholeSubtree, c.filter, "cn"))
		if got := namesOf(list); got != c.want || code != protocol.Success {
			t.Errorf("keys, %s: got %q %v, want %q", c.filter, got, code, c.want)
		}
	}
	for _, f := range []string{"(sn=685537)", "(sn=6855*)"} {
		if list, _ := ask(t, s, requestOf(t, "ou=plain,dc=ringdex", protocol.WholeSubtree, f, "cn")); len(list) > 0 {
			t.Errorf("%s without keys: got %q", f, namesOf(list))
		}
	}
}

// Ranges, lists and their default order go by one collation.
func TestNameRanges(t *testing.T) {
	t.Parallel()
	m := makerAt(t, here)
	var entries []schema.Entry
	for i, sn := range []string{"Mull", "Müller", "Mufti", "Zürn", "Özil", "Ryan", "Яков"} {
		entries = append(entries, m.record("Contact", i+1).add("cn", sn).add("sn", sn).entry)
	}
	for collation, want := range map[name.Collation][2]string{
		name.Dictionary: {"Mufti, Mull, Müller, Özil, Ryan, Zürn, Яков", "Mull, Müller, Özil, Ryan, Zürn, Яков"},
		name.PhoneBook:  {"Müller, Mufti, Mull, Özil, Ryan, Zürn, Яков", "Mull, Özil, Ryan, Zürn, Яков"},
	} {
		session := sessionOf(directoryIn(t, entries, collation, nil))
		for i, filter := range []string{"(sn=*)", "(&(sn>=mull)(sn<=zz))"} {
			list, _ := ask(t, session, requestOf(t, "dc=ringdex", protocol.WholeSubtree, filter, "cn"))
			if got := namesOf(list); got != want[i] {
				t.Errorf("%v, %s: got %q, want %q", collation, filter, got, want[i])
			}
		}
	}
}

// TestKeysOfLetters: a letter that is folded to two is found by the keys of both and by the one that telephones have it on, through the
// index as by a look at every entry.
func TestKeysOfLetters(t *testing.T) {
	t.Parallel()
	m := makerAt(t, here)
	names := []string{"Ærøskøbing", "Œdipe", "Cœur", "Þórður", "Ðuro", "Łŧħ", "Ŋĸı", "Groß", "Ångström", "Aero", "Thordur", "Coeur", "Jørgen", "Müller"}
	var entries []schema.Entry
	for i, n := range names {
		entries = append(entries, m.record("Contact", i).add("cn", "Kim "+n).add("sn", n).entry)
	}
	s := sessionOf(directoryOf(t, entries, func(o *Options) { o.Profiles = []Profile{{Name: "keys", Digits: DigitsT9, Location: here}} }))
	for _, n := range names {
		for _, keys := range []string{name.T9(n), name.T9(name.Fold(n))} {
			for cut := 2; cut <= len(keys); cut++ {
				req := requestOf(t, "ou=keys,dc=ringdex", protocol.WholeSubtree, "(|(cn="+keys[:cut]+"*)(sn="+keys[:cut]+"*))", "sn")
				want := everyMatch(t, s, req)
				list, code := ask(t, s, req)
				if got := dnsOf(list); code != protocol.Success || !slices.Equal(got, want) {
					t.Errorf("%s by %s: got %q and %v, want %q", n, keys[:cut], got, code, want)
				}
				if !slices.ContainsFunc(list, func(e answered) bool { return e.first("sn") == n }) {
					t.Errorf("%s isn't found by %s", n, keys[:cut])
				}
			}
		}
	}
}
