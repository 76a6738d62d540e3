package directory

import (
	"testing"

	"github.com/go-ldap/ldap/v3"

	"ringdex/ldapserver/protocol"
)

// TestRightsUnderControls: what is hidden orders nothing, asserts nothing and is not counted.
func TestRightsUnderControls(t *testing.T) {
	t.Parallel()
	hash, err := HashPassword("not-a-secret")
	if err != nil {
		t.Fatal(err)
	}
	d := directoryOf(t, invented(t), func(o *Options) {
		o.Guests = Rights{Attributes: []string{"cn", "displayName", "telephoneNumber"}, Objects: []string{"Contact"}}
		o.Users = map[string]User{"all": {Hash: hash}}
	})
	s := sessionOf(d)
	people := func() *protocol.SearchRequest { return requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(cn=*)") }
	for _, hidden := range []string{"mail", "mobile", "sn", "o"} {
		if got := askWith(t, s, people(), sortControl(hidden)); got.sorted(t).Code != protocol.NoSuchAttribute {
			t.Errorf("sorted by %s: got %+v", hidden, got.sorted(t))
		}
		if got := askWith(t, s, people(), critical(sortControl(hidden))); got.code != protocol.UnavailableCriticalExtension || len(got.list) > 0 {
			t.Errorf("sorted by %s, critical: got %v and %d entries", hidden, got.code, len(got.list))
		}
	}
	sorted := askWith(t, s, people(), sortControl("cn"))
	if sorted.sorted(t).Code != protocol.Success || len(sorted.list) != 8 {
		t.Errorf("sorted by what is seen: got %+v and %d entries", sorted.sorted(t), len(sorted.list))
	}
	for filter, want := range map[string]protocol.ResultCode{
		"(telephoneNumber=+497031123456)": protocol.Success, "(mobile=01711234567)": protocol.AssertionFailed, "(!(mobile=01711234567))": protocol.AssertionFailed,
	} {
		anna := requestOf(t, mustFind(t, s, "(cn=anna*)").dn, protocol.BaseObject, "(objectClass=*)")
		p, err := ldap.CompileFilter(filter)
		if err != nil {
			t.Fatal(err)
		}
		assertion := protocol.NewControl(protocol.OIDAssertion, p.Bytes())
		if got := askWith(t, s, anna, assertion); got.code != want {
			t.Errorf("assertion of %s: got %v, want %v", filter, got.code, want)
		}
	}
	page := askWith(t, s, people(), pagedControl(3, nil))
	if got := page.paged(t); got.Size != 0 || len(page.list) != 3 {
		t.Errorf("a page says that there are %d entries, and has %d", got.Size, len(page.list))
	}
	window := askWith(t, s, people(), sortControl("cn"), windowControl(protocol.VLVRequest{Offset: 1, After: 100}))
	if got := window.window(t); got.Count != 8 || len(window.list) != 8 {
		t.Errorf("a window says that there are %d entries, and has %d", got.Count, len(window.list))
	}
	// Somebody else's page is nobody's: a cookie belongs to who sees the same.
	other := sessionOf(d)
	if err := other.Bind(t.Context(), &protocol.BindRequest{Version: 3, Name: []byte("all"), Simple: []byte("not-a-secret")}); err != nil {
		t.Fatal(err)
	}
	if got := askWith(t, other, people(), pagedControl(3, page.paged(t).Cookie)); got.code != protocol.UnwillingToPerform {
		t.Errorf("another's cookie: got %v", got.code)
	}
}
