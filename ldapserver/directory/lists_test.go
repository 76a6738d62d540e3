package directory

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
	"ringdex/schema"
	"ringdex/schema/name"
)

// listProfiles look at names in every way there is.
func listProfiles(t *testing.T) []Profile {
	t.Helper()
	made, err := schema.ParseTemplate("{sn}, {givenName}")
	if err != nil {
		t.Fatal(err)
	}
	return []Profile{
		{Name: "plain"},
		{Name: "sorted", Sort: []string{"sn", "givenName"}},
		{Name: "one", Sort: []string{"sn"}},
		{Name: "firm", Sort: []string{"o", "cn"}},
		{Name: "same", Order: "din5007-1"},
		{Name: "book", Order: "din5007-2"},
		{Name: "booksn", Order: "din5007-2", Sort: []string{"sn"}},
		{Name: "people", HideCompanies: true, Sort: []string{"givenName"}},
		{Name: "few", Show: []string{"cn", "telephoneNumber"}, Sort: []string{"sn"}},
		{Name: "made", Attributes: []ProfileAttribute{{Name: "cn", Templates: []*schema.Template{made}}}, Sort: []string{"cn"}},
		{Name: "mail", Sort: []string{"mail"}},
		{Name: "keys", Digits: DigitsT9},
	}
}

// TestListsUnderProfilesAndRights holds lists, their order and the count of a window against a look at every entry, under profiles and
// rights and with deltas between.
func TestListsUnderProfilesAndRights(t *testing.T) {
	t.Parallel()
	rounds := 400
	if testing.Short() || raceDetector {
		rounds = 120
	}
	for i, guests := range []Rights{{}, {Attributes: []string{"cn", "telephoneNumber"}}, {Objects: []string{"Contact"}}, {Attributes: []string{"sn", "givenName", "o"}, Objects: []string{"Account"}}} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(uint64(i), 21))
			entries := randomEntries(t, rnd, 400)
			profiles := listProfiles(t)
			d := directoryIn(t, entries, []name.Collation{name.Dictionary, name.PhoneBook}[i%2], func(o *Options) { o.Guests, o.Profiles = guests, profiles })
			s := sessionOf(d)
			matched := 0
			for n := range rounds {
				if n%50 == 49 {
					shuffleNames(t, rnd, d, entries, "Contact")
					shuffleNames(t, rnd, d, entries, "Account")
				}
				req := &protocol.SearchRequest{
					Base: []byte("ou=" + profiles[rnd.IntN(len(profiles))].Name + ",dc=ringdex"), Scope: protocol.WholeSubtree,
					Filter: listFilter(rnd, entries), Attributes: [][]byte{[]byte("1.1")},
				}
				want := everyMatch(t, s, req)
				matched += len(want)
				if rnd.IntN(2) == 0 {
					req.SizeLimit = 1 + rnd.IntN(len(want)+1)
				}
				list, code := ask(t, s, req)
				cut := len(want)
				if req.SizeLimit > 0 {
					cut = min(cut, req.SizeLimit)
				}
				if got := dnsOf(list); !slices.Equal(got, want[:cut]) || (code == protocol.SizeLimitExceeded) != (cut < len(want)) {
					t.Fatalf("%s %s, at most %d: %v\n got %q\nwant %q", req.Base, req.Filter, req.SizeLimit, code, got, want[:cut])
				}
				req.SizeLimit = 0
				window := askWith(t, s, req, sortControl("cn"), windowControl(protocol.VLVRequest{Offset: 1, After: 5}))
				if c := protocol.FindControl(window.controls, protocol.OIDVLVResponse); c != nil {
					if got := window.window(t); got.Code == protocol.Success && got.Count != len(want) {
						t.Fatalf("%s %s: a window of %d entries, want %d", req.Base, req.Filter, got.Count, len(want))
					}
				}
			}
			if matched < rounds {
				t.Errorf("only %d matches: the filters are not worth much", matched)
			}
		})
	}
}

// everyMatch is what a search finds, by a look at every entry, in the order that it is to have.
func everyMatch(t *testing.T, s *Session, req *protocol.SearchRequest) (dns []string) {
	t.Helper()
	s.refresh()
	q, err := s.begin(req, 0, ldapserver.NewResultWriter(io.Discard, 1))
	if err != nil {
		t.Fatal(err)
	}
	defer q.release()
	return q.everyMatch(q.profileOrdering())
}

func (q *search) everyMatch(o *ordering) (dns []string) {
	s := q.s
	type found struct {
		dn  string
		key []byte
	}
	var list []found
	for ord, ok := q.r.Next(0); ok; ord, ok = q.r.Next(ord + 1) {
		if v, _ := q.r.View(ord); s.evaluate(q.condition, &v) == isTrue && s.shows(&v) {
			list = append(list, found{string(s.appendDN(nil, &v)), o.appendKey(s, nil, &v)})
		}
	}
	slices.SortStableFunc(list, func(a, b found) int { return bytes.Compare(a.key, b.key) })
	for _, f := range list {
		dns = append(dns, f.dn)
	}
	return dns
}
