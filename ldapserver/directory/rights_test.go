package directory

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
	"ringdex/schema"
)

// guest is a session from an address.
func guest(d *Directory, addr string) *Session {
	return d.NewSession(context.Background(), ldapserver.ConnInfo{Remote: netip.MustParseAddrPort(addr)}).(*Session)
}

func codeOf(t testing.TB, err error) protocol.ResultCode {
	t.Helper()
	var e *protocol.Error
	switch {
	case err == nil:
		return protocol.Success
	case errors.As(err, &e):
		return e.Code
	}
	t.Fatal(err)
	return 0
}

// TestRestrictedIsAsIfTheRestWereNotThere holds the answers under an allow-list against those of a directory that never had
// the rest: on random entries and filters, where a term on a hidden attribute is one on an attribute that nobody knows.
func TestRestrictedIsAsIfTheRestWereNotThere(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(11, 12))
	seen := []string{"cn", "displayName", "sn", "o", "telephoneNumber", "mail"}
	base, err := schema.New()
	if err != nil {
		t.Fatal(err)
	}
	shown := func(name string) bool {
		a, ok := base.Attribute(name)
		return ok && slices.ContainsFunc(seen, func(s string) bool { b, _ := base.Attribute(s); return a == b })
	}
	entries := randomEntries(t, rnd, 120)
	var rest []schema.Entry
	for _, e := range entries {
		if e.Object != "Contact" {
			continue
		}
		e.Attributes = slices.DeleteFunc(slices.Clone(e.Attributes), func(a schema.Attribute) bool { return !shown(a.Name) })
		rest = append(rest, e)
	}
	whole := sessionOf(directoryOf(t, entries, func(o *Options) { o.Guests = Rights{Attributes: seen, Objects: []string{"contact"}} }))
	part := sessionOf(directoryOf(t, rest, func(o *Options) { o.Guests = Rights{Objects: []string{"Contact"}} }))
	var hide func(f protocol.Filter) protocol.Filter
	hide = func(f protocol.Filter) protocol.Filter {
		f.Children = slices.Clone(f.Children)
		for i := range f.Children {
			f.Children[i] = hide(f.Children[i])
		}
		d := whole.dir
		if a, ok := d.attribute(f.Attribute); ok && len(f.Attribute) > 0 && !whole.rights.finds(a) {
			f.Attribute = []byte("nonsense")
		}
		return f
	}
	set := func(s *Session, f *protocol.Filter) string {
		list, code := ask(t, s, &protocol.SearchRequest{Base: []byte("dc=ringdex"), Scope: protocol.WholeSubtree, Filter: f, Attributes: [][]byte{[]byte("*")}})
		var out []string
		for i := range list {
			out = append(out, ldif(list[i:i+1]))
		}
		slices.Sort(out)
		return fmt.Sprint(code, out)
	}
	found := 0
	for range 600 {
		f := randomFilter(rnd, entries, 2)
		hidden := hide(*f)
		got, want := set(whole, f), set(part, &hidden)
		if got != want {
			t.Fatalf("%+v\n got %s\nwant %s", f, got, want)
		}
		if strings.Contains(got, "dn:") {
			found++
		}
	}
	if found < 60 {
		t.Errorf("only %d filters found anything: this shows little", found)
	}
}

// TestRightsOnEveryPath asks for what is hidden in every way there is.
func TestRightsOnEveryPath(t *testing.T) {
	t.Parallel()
	hash, err := HashPassword("not-a-secret")
	if err != nil {
		t.Fatal(err)
	}
	full := Rights{}
	d := directoryOf(t, invented(t), func(o *Options) {
		o.Guests = Rights{Attributes: []string{"cn", "telephoneNumber"}, Objects: []string{"Contact"}, SizeLimit: 2}
		o.Users = map[string]User{"all": {Hash: hash, Rights: full}}
		o.SizeLimit = 5
		o.Profiles = []Profile{{Name: "desk", DN: DNByName, Attributes: nil}}
	})
	s := sessionOf(d)
	anna := mustFind(t, s, "(cn=anna*)")
	if got := anna.first("cn"); got != "Anna Müller" || anna.first("telephoneNumber") == "" {
		t.Fatalf("got %+v", anna)
	}
	for _, hidden := range []string{"mobile", "mail", "o", "sn", "displayName"} {
		if len(anna.values(hidden)) > 0 {
			t.Errorf("%s is sent", hidden)
		}
		if list, _ := ask(t, s, requestOf(t, anna.dn, protocol.BaseObject, "(objectClass=*)", hidden, "@inetOrgPerson", "name")); len(list) != 1 || len(list[0].values(hidden)) > 0 {
			t.Errorf("%s is sent when asked for: %v", hidden, list)
		}
		_, err := s.Compare(t.Context(), &protocol.CompareRequest{DN: []byte(anna.dn), Attribute: []byte(hidden), Value: []byte("x")}, nil)
		if got := codeOf(t, err); got != protocol.UndefinedAttributeType {
			t.Errorf("compare of %s: got %v", hidden, got)
		}
	}
	for filter, want := range map[string]int{
		"(mobile=01711234567)": 0, "(searchNumber=01711234567)": 0, "(searchNumber=+497031123456)": 1, "(!(mobile=01711234567))": 0,
		"(anr=Söhne)": 0, "(searchContact=Anna)": 1, "(name=Anna Müller)": 1, "(|(mail=*)(cn=Anna*))": 1, "(:caseIgnoreMatch:=Müller & Söhne GmbH)": 0,
		"(mail=*)": 0, "(telephoneNumber=+49703112377)": 0, // the company behind it is hidden
	} {
		if list, code := ask(t, s, requestOf(t, "dc=ringdex", protocol.WholeSubtree, filter)); len(list) != want || code != protocol.Success {
			t.Errorf("%s: got %d entries and %v, want %d", filter, len(list), code, want)
		}
	}
	if _, code := ask(t, s, requestOf(t, "ou=Account,dc=ringdex", protocol.WholeSubtree, "(objectClass=*)")); code != protocol.NoSuchObject {
		t.Errorf("the hidden object's container: got %v", code)
	}
	if list, _ := ask(t, s, requestOf(t, "dc=ringdex", protocol.SingleLevel, "(objectClass=*)")); len(list) != 1 {
		t.Errorf("got %d containers", len(list))
	}
	if list, code := ask(t, s, requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(cn=*)")); len(list) != 2 || code != protocol.SizeLimitExceeded {
		t.Errorf("got %d entries and %v, want 2 and the limit", len(list), code)
	}
	// A view names entries by what they are called; not to who does not see the company or the name behind it.
	if list, _ := ask(t, s, requestOf(t, "ou=desk,dc=ringdex", protocol.WholeSubtree, "(cn=anna*)")); len(list) != 1 || strings.Contains(list[0].dn, "Anna") {
		t.Errorf("the view gives %+v", list)
	}
	// The same connection, bound, sees everything; and after that not any more.
	bind := func(name, password string) {
		if err := s.Bind(t.Context(), &protocol.BindRequest{Version: 3, Name: []byte(name), Simple: []byte(password)}); err != nil {
			t.Fatal(err)
		}
	}
	count := func() int {
		list, _ := ask(t, s, requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(mobile=01711234567)"))
		return len(list)
	}
	bind("all", "not-a-secret")
	if count() != 1 {
		t.Error("who may see everything does not")
	}
	if list, code := ask(t, s, requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(cn=*)")); len(list) != 5 || code != protocol.SizeLimitExceeded {
		t.Errorf("got %d entries and %v, want 5 and the limit", len(list), code)
	}
	bind("", "")
	if count() != 0 {
		t.Error("rights outlive the bind")
	}
}

func mustFind(t testing.TB, s *Session, filter string) answered {
	t.Helper()
	list, code := ask(t, s, requestOf(t, "dc=ringdex", protocol.WholeSubtree, filter))
	if len(list) == 0 || code != protocol.Success {
		t.Fatalf("%s: got %v", filter, code)
	}
	return list[0]
}

// TestReload changes users, rights and limits under sessions that stay.
func TestReload(t *testing.T) {
	t.Parallel()
	one, err := HashPassword("one")
	if err != nil {
		t.Fatal(err)
	}
	two, err := HashPassword("two")
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Users: map[string]User{"a": {Hash: one}, "b": {Hash: one}, "c": {Hash: one}}}
	d := directoryOf(t, invented(t), func(all *Options) { all.Users, all.Anonymous = o.Users, o.Anonymous })
	request := requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(sn=baur)")
	sessions := map[string]*Session{"": sessionOf(d)}
	for name := range o.Users {
		s := sessionOf(d)
		if err := s.Bind(t.Context(), &protocol.BindRequest{Version: 3, Name: []byte(name), Simple: []byte("one")}); err != nil {
			t.Fatal(err)
		}
		sessions[name] = s
	}
	sees := func(name string) (string, protocol.ResultCode) {
		list, code := ask(t, sessions[name], request)
		if len(list) == 0 {
			return "", code
		}
		return list[0].first("title"), code
	}
	for name, s := range sessions {
		want := protocol.Success
		if name == "" {
			want = protocol.InsufficientAccessRights
		}
		if _, code := sees(name); code != want || s.User() != name {
			t.Fatalf("%q: got %v as %q", name, code, s.User())
		}
	}
	// A bad one changes nothing.
	for _, bad := range []Options{
		{Users: map[string]User{"a": {Hash: "nonsense"}}},
		{Guests: Rights{Attributes: []string{"nonsense"}}},
		{Guests: Rights{SizeLimit: -1}},
		{Users: map[string]User{"a": {WithoutPassword: true}}},
		{Users: map[string]User{"a": {Hash: one}, "A": {Hash: one}}},
	} {
		if err := d.Reload(bad); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
	if title, code := sees("a"); code != protocol.Success || title == "" {
		t.Errorf("after a refused change: got %q, %v", title, code)
	}
	// a sees less, b has another password, c is gone, and anybody may read from here.
	if err := d.Reload(Options{
		Users: map[string]User{"a": {Hash: one, Rights: Rights{Attributes: []string{"cn", "sn"}}}, "b": {Hash: two}}, Anonymous: Access{Loopback: true},
		Guests: Rights{Attributes: []string{"sn"}},
	}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct{ user, cn, title string }{
		"a": {"a", "Beatrice Baur", ""}, "b": {"", "", ""}, "c": {"", "", ""}, "": {"", "", ""},
	} {
		list, code := ask(t, sessions[name], request)
		if code != protocol.Success || len(list) != 1 {
			t.Errorf("%q: got %v", name, code)
			continue
		}
		if got := sessions[name].User(); got != want.user || list[0].first("cn") != want.cn || list[0].first("title") != want.title {
			t.Errorf("%q: got %q, %q, %q", name, got, list[0].first("cn"), list[0].first("title"))
		}
	}
}

// TestQuotas goes to each bound and one beyond, and comes back when time has passed.
func TestQuotas(t *testing.T) {
	t.Parallel()
	hash, err := HashPassword("not-a-secret")
	if err != nil {
		t.Fatal(err)
	}
	now := stamp
	d := directoryOf(t, invented(t), func(o *Options) {
		o.Clock = func() time.Time { return now }
		o.Guests = Rights{SearchesPerSecond: 3}
		o.Users = map[string]User{"pull": {Hash: hash, Rights: Rights{EntriesPerHour: 12}}}
	})
	request := requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(sn=baur)")
	code := func(s *Session) protocol.ResultCode { _, c := ask(t, s, request); return c }
	near, far := guest(d, "192.0.2.1:1"), guest(d, "192.0.2.2:1")
	same := guest(d, "192.0.2.1:2")
	for range 3 {
		if got := code(near); got != protocol.Success {
			t.Fatalf("within the bound: %v", got)
		}
	}
	if a, b, c := code(near), code(same), code(far); a != protocol.Busy || b != protocol.Busy || c != protocol.Success {
		t.Errorf("one more: got %v, its other connection %v, another address %v", a, b, c)
	}
	now = now.Add(334 * time.Millisecond)
	if a, b := code(near), code(near); a != protocol.Success || b != protocol.Busy {
		t.Errorf("a third of a second later: got %v, %v", a, b)
	}
	// Entries: each connection of the user pays from the same account.
	all := requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(cn=*)")
	var users []*Session
	for i := range 2 {
		s := guest(d, fmt.Sprintf("192.0.2.%d:9", i))
		if err := s.Bind(t.Context(), &protocol.BindRequest{Version: 3, Name: []byte("pull"), Simple: []byte("not-a-secret")}); err != nil {
			t.Fatal(err)
		}
		users = append(users, s)
	}
	if list, c := ask(t, users[0], all); len(list) != 10 || c != protocol.Success {
		t.Fatalf("got %d entries, %v", len(list), c)
	}
	if list, c := ask(t, users[1], all); len(list) != 2 || c != protocol.SizeLimitExceeded {
		t.Errorf("what is left: got %d entries, %v", len(list), c)
	}
	if list, c := ask(t, users[0], all); len(list) != 0 || c != protocol.AdminLimitExceeded {
		t.Errorf("one more: got %d entries, %v", len(list), c)
	}
	now = now.Add(5 * time.Minute)
	if list, c := ask(t, users[0], all); len(list) != 1 || c != protocol.SizeLimitExceeded {
		t.Errorf("a twelfth of an hour later: got %d entries, %v", len(list), c)
	}
}

func TestQuotasForget(t *testing.T) {
	t.Parallel()
	now := stamp
	q := newQuotas(2, time.Second, func() time.Time { return now })
	addr := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}) }
	for i := range 2 * quotasTooBig {
		q.take(addr(i), 1)
		if i == quotasTooBig {
			now = now.Add(time.Minute)
		}
	}
	if n := len(q.buckets); n > quotasTooBig+1 {
		t.Errorf("%d addresses are remembered", n)
	}
}
