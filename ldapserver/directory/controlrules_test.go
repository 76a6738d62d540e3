package directory

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"ringdex/ldapserver/protocol"
	"ringdex/replicator/store"
	"ringdex/schema"
)

func everything(t testing.TB) *protocol.SearchRequest {
	return requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(objectClass=person)", "cn", "sn")
}

// The six cases of RFC 2891, 2. The first two, of a server that does not know the control, are the server's.
func TestSortCases(t *testing.T) {
	t.Parallel()
	d := directoryOf(t, invented(t), nil)
	s := sessionOf(d)
	plain := askWith(t, s, everything(t))
	for _, c := range []struct {
		name, key string
		code      protocol.ResultCode
	}{
		{"unknown attribute", "nonsense", protocol.NoSuchAttribute},
		{"unknown rule", "sn:wordMatch", protocol.InappropriateMatching},
		{"rule of another syntax", "sn:integerOrderingMatch", protocol.InappropriateMatching},
		{"no order", "jpegPhoto", protocol.InappropriateMatching},
		{"no values", "searchContact", protocol.InappropriateMatching},
		{"second key unknown", "sn nonsense", protocol.NoSuchAttribute},
	} {
		keys := []string{c.key}
		if c.key == "sn nonsense" {
			keys = []string{"sn", "nonsense"}
		}
		must := askWith(t, s, everything(t), critical(sortControl(keys...)))
		if must.code != protocol.UnavailableCriticalExtension || len(must.list) > 0 || must.sorted(t).Code != c.code {
			t.Errorf("%s, critical: %v, %d entries, %+v", c.name, must.code, len(must.list), must.controls)
		}
		may := askWith(t, s, everything(t), sortControl(keys...))
		if may.code != protocol.Success || !slices.Equal(may.dns, plain.dns) || may.sorted(t).Code != c.code {
			t.Errorf("%s, not critical: %v, %d entries, %+v", c.name, may.code, len(may.list), may.sorted(t))
		}
		if got, _, _ := strings.Cut(keys[len(keys)-1], ":"); got != may.sorted(t).Attribute {
			t.Errorf("%s: attribute %q", c.name, got)
		}
	}
	good := askWith(t, s, everything(t), critical(sortControl("sn")))
	if good.code != protocol.Success || good.sorted(t) != (protocol.SortResponse{}) || slices.Equal(good.dns, plain.dns) {
		t.Errorf("sorted: %v, %+v", good.code, good.sorted(t))
	}
	failed := askWith(t, s, requestOf(t, "ou=nothing,dc=ringdex", protocol.WholeSubtree, "(sn=*)"), critical(sortControl("sn")))
	if failed.code != protocol.NoSuchObject || len(failed.controls) > 0 {
		t.Errorf("a search that fails: %v, %+v", failed.code, failed.controls)
	}
}

func TestSortByAnUnorderedAttributeHasALimit(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 4))
	d := directoryOf(t, randomEntries(t, rnd, 2*sortFree), nil)
	d.sortMost = sortFree + 10
	s := sessionOf(d)
	r := requestOf(t, "ou=Contact,dc=ringdex", protocol.SingleLevel, "(telephoneNumber=*)", "1.1")
	r.SizeLimit = 5
	if must := askWith(t, s, r, critical(sortControl("mail"))); must.code != protocol.UnavailableCriticalExtension || must.sorted(t).Code != protocol.AdminLimitExceeded {
		t.Errorf("critical: %v, %+v", must.code, must.controls)
	}
	if may := askWith(t, s, r, sortControl("mail")); may.code != protocol.SizeLimitExceeded || len(may.list) != 5 || may.sorted(t).Code != protocol.AdminLimitExceeded {
		t.Errorf("not critical: %v, %d entries, %+v", may.code, len(may.list), may.controls)
	}
	if len(d.sorting) > 0 {
		t.Error("a slot was not given back")
	}
}

func TestPagedRules(t *testing.T) {
	t.Parallel()
	hash, err := HashPassword("secret")
	if err != nil {
		t.Fatal(err)
	}
	d := directoryOf(t, invented(t), func(o *Options) { o.Users = map[string]User{"phone": {Hash: hash}} })
	s := sessionOf(d)
	first := askWith(t, s, everything(t), critical(pagedControl(3, nil)))
	cookie := first.paged(t).Cookie
	if first.code != protocol.Success || len(first.list) != 3 || len(cookie) == 0 || first.paged(t).Size < 3 {
		t.Fatalf("first page: %v, %d entries, %+v", first.code, len(first.list), first.paged(t))
	}
	again := askWith(t, s, everything(t), pagedControl(3, nil))
	if string(again.paged(t).Cookie) == string(cookie) {
		t.Error("two cookies are the same")
	}
	if size := askWith(t, s, everything(t), pagedControl(0, nil)); size.code != protocol.Success || len(size.list) > 0 || size.paged(t).Size != len(invented(t)) {
		t.Errorf("size 0: %v, %d entries, %+v", size.code, len(size.list), size.paged(t))
	}
	if given := askWith(t, s, everything(t), pagedControl(0, cookie)); given.code != protocol.Success || len(given.list) > 0 || len(given.paged(t).Cookie) > 0 {
		t.Errorf("cookie given back: %v, %+v", given.code, given.paged(t))
	}
	second := askWith(t, sessionOf(d), everything(t), pagedControl(4, cookie))
	if second.code != protocol.Success || len(second.list) != 4 || second.dns[0] == first.dns[2] {
		t.Errorf("second page, of another size, on another connection: %v, %q", second.code, second.dns)
	}
	last := askWith(t, s, everything(t), pagedControl(1000, second.paged(t).Cookie))
	if last.code != protocol.Success || len(last.paged(t).Cookie) > 0 || last.paged(t).Size != len(invented(t)) {
		t.Errorf("last page: %v, %+v", last.code, last.paged(t))
	}

	bound := sessionOf(d)
	if err := bound.Bind(context.Background(), &protocol.BindRequest{Version: 3, Name: []byte("phone"), Simple: []byte("secret")}); err != nil {
		t.Fatal(err)
	}
	bad := slices.Clone(cookie)
	bad[len(bad)/2] ^= 1
	other, err := New(d.options)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		s      *Session
		r      *protocol.SearchRequest
		cookie []byte
		more   []protocol.Control
	}{
		{"changed cookie", s, everything(t), bad, nil},
		{"short cookie", s, everything(t), cookie[:5], nil},
		{"made-up cookie", s, everything(t), []byte("page 2, please, of the list that I saw yesterday"), nil},
		{"another filter", s, requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(sn=*)"), cookie, nil},
		{"another base", s, requestOf(t, "ou=Contact,dc=ringdex", protocol.WholeSubtree, "(objectClass=person)"), cookie, nil},
		{"another order", s, everything(t), cookie, []protocol.Control{sortControl("sn")}},
		{"another user", bound, everything(t), cookie, nil},
		{"after a restart", sessionOf(other), everything(t), cookie, nil},
	} {
		answer := askWith(t, c.s, c.r, append(c.more, pagedControl(3, c.cookie))...)
		if answer.code != protocol.UnwillingToPerform || len(answer.list) > 0 {
			t.Errorf("%s: %v, %d entries", c.name, answer.code, len(answer.list))
		}
	}

	r := everything(t)
	r.SizeLimit = 5
	if whole := askWith(t, s, r, pagedControl(5, nil)); whole.code != protocol.SizeLimitExceeded || len(whole.list) != 5 || len(whole.controls) > 0 {
		t.Errorf("a page as long as the size limit: %v, %d entries, %+v", whole.code, len(whole.list), whole.controls)
	}
	one := askWith(t, s, r, pagedControl(3, nil))
	two := askWith(t, s, r, pagedControl(3, one.paged(t).Cookie))
	if two.code != protocol.SizeLimitExceeded || len(one.list)+len(two.list) != 5 || len(two.paged(t).Cookie) > 0 {
		t.Errorf("the size limit is for all pages: %v, %d and %d entries", two.code, len(one.list), len(two.list))
	}
	capped := directoryOf(t, invented(t), func(o *Options) { o.SizeLimit = 4 })
	one = askWith(t, sessionOf(capped), everything(t), pagedControl(3, nil))
	two = askWith(t, sessionOf(capped), everything(t), pagedControl(3, one.paged(t).Cookie))
	if two.code != protocol.SizeLimitExceeded || len(two.list) != 1 {
		t.Errorf("our own limit is for all pages: %v, %d entries", two.code, len(two.list))
	}
	root := askWith(t, s, requestOf(t, "", protocol.BaseObject, "(objectClass=*)", "supportedControl"), critical(pagedControl(3, nil)))
	if root.code != protocol.Success || len(root.list) != 1 || len(root.paged(t).Cookie) > 0 {
		t.Errorf("root DSE: %v, %d entries", root.code, len(root.list))
	}
	for _, oid := range d.Controls() {
		if !slices.Contains(root.list[0].values("supportedControl"), oid) {
			t.Errorf("root DSE lacks control %s", oid)
		}
	}
	stranger := sessionOf(d)
	stranger.anonymousOK = false
	if no := askWith(t, stranger, everything(t), pagedControl(3, cookie)); no.code != protocol.InsufficientAccessRights || len(no.list) > 0 {
		t.Errorf("without access: %v", no.code)
	}
}

// However the directory changes between two pages: what has not changed comes exactly once.
func TestPagesSurviveReplication(t *testing.T) {
	t.Parallel()
	for seed := range 4 {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(uint64(seed), 3))
			entries := randomEntries(t, rnd, 150)
			d := directoryOf(t, entries, nil)
			s := sessionOf(d)
			touched := map[string]bool{}
			fresh := len(entries)
			change := func(page int) {
				if page > 10 {
					return
				}
				var batch []schema.Entry
				for range 1 + rnd.IntN(12) {
					// New names crowd beside old ones, others move through the list.
					n := rnd.IntN(len(entries))
					e := entries[n]
					e.Stamp = e.Stamp.Add(time.Hour)
					e.Attributes = slices.Clone(e.Attributes)
					if rnd.IntN(2) == 0 {
						e.ID = newRecord(t, d.schema, d.parser, e.Object, fresh).entry.ID
						fresh++
						entries = append(entries, e)
					} else {
						e.Attributes = slices.Clone(entries[rnd.IntN(len(entries))].Attributes)
						entries[n] = e
					}
					touched[e.ID] = true
					batch = append(batch, e)
				}
				if rnd.IntN(5) == 0 {
					load(t, d.options.Store, entries)
					return
				}
				for _, object := range []string{"Contact", "Account"} {
					b := store.Batch{Object: object}
					for _, e := range batch {
						if e.Object == object {
							b.Upserts = append(b.Upserts, e)
						}
					}
					if _, err := d.options.Store.Apply(b); err != nil {
						t.Fatal(err)
					}
				}
			}
			for range 4 {
				clear(touched)
				before := slices.Clone(entries)
				var more []protocol.Control
				if keys := [][]string{nil, {"cn"}, {"sn"}, {"-o", "sn"}, {"mail"}}[rnd.IntN(5)]; keys != nil {
					more = append(more, sortControl(keys...))
				}
				list, _ := allPages(t, s, requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(objectClass=person)", "uid"), 5+rnd.IntN(25), change, more...)
				times := map[string]int{}
				for _, e := range list {
					times[e.first("uid")]++
				}
				for _, e := range before {
					if n := times[e.ID]; n != 1 && !touched[e.ID] {
						t.Errorf("%s came %d times, though it has not changed (controls %v)", e.ID, n, more)
					}
				}
			}
		})
	}
}

func TestWindowRules(t *testing.T) {
	t.Parallel()
	d := directoryOf(t, invented(t), nil)
	s := sessionOf(d)
	first := protocol.VLVRequest{Offset: 1, After: 2}
	fails := func(name string, code protocol.ResultCode, controls ...protocol.Control) {
		t.Helper()
		answer := askWith(t, s, everything(t), controls...)
		if answer.code != protocol.VirtualListViewError || len(answer.list) > 0 || answer.window(t).Code != code {
			t.Errorf("%s: %v, %d entries, %+v", name, answer.code, len(answer.list), answer.controls)
		}
	}
	fails("no sort control", protocol.SortControlMissing, windowControl(first))
	fails("no sort control, critical", protocol.SortControlMissing, critical(windowControl(first)))
	fails("offset 0", protocol.OffsetRangeError, sortControl("sn"), windowControl(protocol.VLVRequest{}))
	fails("offset behind the end", protocol.OffsetRangeError, sortControl("sn"), windowControl(protocol.VLVRequest{Offset: 5000}))
	fails("offset behind the client's end", protocol.OffsetRangeError, sortControl("sn"), windowControl(protocol.VLVRequest{Offset: 6, Count: 5}))
	fails("a value that can't be sorted in", protocol.InappropriateMatching, sortControl("nonsense"), windowControl(protocol.VLVRequest{ByValue: true, Value: []byte("m")}))
	fails("no number", protocol.InappropriateMatching, sortControl("numSubordinates"), windowControl(protocol.VLVRequest{ByValue: true, Value: []byte("m")}))
	if both := askWith(t, s, everything(t), sortControl("sn"), windowControl(first), pagedControl(3, nil)); both.code != protocol.UnwillingToPerform {
		t.Errorf("with pages: %v", both.code)
	}
	n := len(invented(t))
	for _, c := range []struct {
		offset, count, position int
	}{{1, 0, 1}, {n, 0, n}, {1, 1000, 1}, {1000, 1000, n}, {500, 1000, n / 2}, {3, n, 3}, {1, 1, 1}, {2, 1 << 30, 1}} {
		answer := askWith(t, s, everything(t), sortControl("sn"), windowControl(protocol.VLVRequest{Offset: c.offset, Count: c.count}))
		if got := answer.window(t); answer.code != protocol.Success || got.Position != c.position || got.Count != n || len(answer.list) != 1 {
			t.Errorf("offset %d of %d: %v, %+v, %d entries", c.offset, c.count, answer.code, got, len(answer.list))
		}
	}
	none := askWith(t, s, requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(sn=nobody)"), sortControl("sn"), windowControl(first))
	if got := none.window(t); none.code != protocol.Success || got.Position != 0 || got.Count != 0 || got.Code != protocol.Success {
		t.Errorf("no hits: %v, %+v", none.code, got)
	}
	// A window in the list's order, where the order that was asked for is impossible.
	unsorted := askWith(t, s, everything(t), sortControl("nonsense"), windowControl(first))
	if plain := askWith(t, s, everything(t)); unsorted.code != protocol.Success || !slices.Equal(unsorted.dns, plain.dns[:3]) || unsorted.sorted(t).Code != protocol.NoSuchAttribute {
		t.Errorf("unsorted: %v, %q", unsorted.code, unsorted.dns)
	}
	huge := askWith(t, s, everything(t), sortControl("sn"), windowControl(protocol.VLVRequest{Offset: 1, Before: 1<<31 - 1, After: 1<<31 - 1}))
	if huge.code != protocol.Success || len(huge.list) != n {
		t.Errorf("a huge window: %v, %d entries", huge.code, len(huge.list))
	}
	r := everything(t)
	r.SizeLimit = 2
	if cut := askWith(t, s, r, sortControl("sn"), windowControl(first)); cut.code != protocol.SizeLimitExceeded || len(cut.list) != 2 {
		t.Errorf("a window beyond the size limit: %v, %d entries", cut.code, len(cut.list))
	}
}

// Poly VVX with dir.corp.vlv.allow asks for windows of its page size by its sort order.
func TestPolyWindow(t *testing.T) {
	t.Parallel()
	s := sessionOf(directoryOf(t, invented(t), nil))
	r := requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(&(objectclass=person)(sn>=m)(sn<=zz))", "sn", "givenName", "telephoneNumber")
	sorts := critical(sortControl("sn", "givenName", "telephoneNumber"))
	answer := askWith(t, s, r, sorts, windowControl(protocol.VLVRequest{Offset: 1, After: 31}))
	var names []string
	for _, e := range answer.list {
		names = append(names, e.first("sn"))
	}
	if want := []string{"Müller", "Müller & Söhne GmbH", "Müllner", "O'Neill", "Zürn"}; !slices.Equal(names, want) || answer.window(t).Count != len(want) {
		t.Errorf("%q of %d", names, answer.window(t).Count)
	}
	jump := askWith(t, s, r, sorts, windowControl(protocol.VLVRequest{ByValue: true, Value: []byte("mulln"), Before: 1}))
	if jump.window(t).Position != 3 || len(jump.list) != 2 || jump.list[1].first("sn") != "Müllner" {
		t.Errorf("%+v, %q", jump.window(t), jump.dns)
	}
}

func TestAssertion(t *testing.T) {
	t.Parallel()
	s := sessionOf(directoryOf(t, invented(t), nil))
	assertion := func(filter string) protocol.Control {
		p := filterBytes(t, filter)
		return protocol.NewControl(protocol.OIDAssertion, p)
	}
	for _, c := range []struct {
		base, filter string
		code         protocol.ResultCode
	}{
		{"dc=ringdex", "(dc=ringdex)", protocol.Success},
		{"dc=ringdex", "(dc=elsewhere)", protocol.AssertionFailed},
		{"dc=ringdex", "(nonsense=x)", protocol.AssertionFailed},
		{"ou=Contact,dc=ringdex", "(hasSubordinates=TRUE)", protocol.Success},
		{"ou=nothing,dc=ringdex", "(objectClass=*)", protocol.NoSuchObject},
		{"cn=Subschema", "(objectClass=subschema)", protocol.Success},
	} {
		answer := askWith(t, s, requestOf(t, c.base, protocol.BaseObject, "(objectClass=*)", "1.1"), critical(assertion(c.filter)))
		if answer.code != c.code || (len(answer.list) == 1) != (c.code == protocol.Success) {
			t.Errorf("%s at %s: %v, %d entries", c.filter, c.base, answer.code, len(answer.list))
		}
	}
	if root := askWith(t, s, requestOf(t, "", protocol.BaseObject, "(objectClass=*)"), assertion("(vendorName=ringdex)")); root.code != protocol.Success || len(root.list) != 1 {
		t.Errorf("root DSE: %v", root.code)
	}
	if root := askWith(t, s, requestOf(t, "", protocol.BaseObject, "(objectClass=*)"), assertion("(vendorName=other)")); root.code != protocol.AssertionFailed {
		t.Errorf("root DSE: %v", root.code)
	}
	stranger := sessionOf(s.dir)
	stranger.anonymousOK = false
	if no := askWith(t, stranger, everything(t), assertion("(dc=ringdex)")); no.code != protocol.InsufficientAccessRights {
		t.Errorf("without access: %v", no.code)
	}
}

func TestSubentries(t *testing.T) {
	t.Parallel()
	s := sessionOf(directoryOf(t, invented(t), nil))
	shown := func(visible bool) protocol.Control {
		return critical(protocol.NewControl(protocol.OIDSubentries, protocol.AppendSubentries(nil, visible)))
	}
	for _, c := range []struct {
		name, base string
		scope      protocol.Scope
		visible    bool
		want       []string
	}{
		{"all below the root, visible", "", protocol.WholeSubtree, true, []string{"cn=Subschema"}},
		{"one level below the root, visible", "", protocol.SingleLevel, true, []string{"cn=Subschema"}},
		{"one level below the root, hidden", "", protocol.SingleLevel, false, []string{"dc=ringdex"}},
		{"the base, visible", "dc=ringdex", protocol.WholeSubtree, true, nil},
		{"base scope shows what it names", "dc=ringdex", protocol.BaseObject, true, []string{"dc=ringdex"}},
		{"itself", "cn=subschema", protocol.BaseObject, false, []string{"cn=Subschema"}},
		{"itself and below", "cn=subschema", protocol.WholeSubtree, true, []string{"cn=Subschema"}},
	} {
		answer := askWith(t, s, requestOf(t, c.base, c.scope, "(objectClass=*)", "1.1"), shown(c.visible))
		if answer.code != protocol.Success || !slices.Equal(answer.dns, c.want) {
			t.Errorf("%s: %v, %q", c.name, answer.code, answer.dns)
		}
	}
	all := askWith(t, s, requestOf(t, "", protocol.WholeSubtree, "(objectClass=*)", "1.1"), shown(false))
	if slices.Contains(all.dns, "cn=Subschema") || len(all.dns) < 5 {
		t.Errorf("hidden: %q", all.dns)
	}
}

func TestUnsoundControls(t *testing.T) {
	t.Parallel()
	s := sessionOf(directoryOf(t, invented(t), nil))
	for name, list := range map[string][]protocol.Control{
		"twice":                 {sortControl("sn"), sortControl("cn")},
		"no value":              {{OID: []byte(protocol.OIDPagedResults)}},
		"garbage":               {protocol.NewControl(protocol.OIDVLVRequest, []byte{0x30, 3, 2, 1})},
		"ManageDsaIT value":     {protocol.NewControl(protocol.OIDManageDsaIT, []byte("x"))},
		"assertion is a string": {protocol.NewControl(protocol.OIDAssertion, []byte("(cn=*)"))},
		"no keys":               {protocol.NewControl(protocol.OIDSortRequest, []byte{0x30, 0})},
	} {
		if answer := askWith(t, s, everything(t), list...); answer.code != protocol.ProtocolError || len(answer.list) > 0 {
			t.Errorf("%s: %v", name, answer.code)
		}
	}
	many := make([]string, sortKeysMax+1)
	for i := range many {
		many[i] = "sn"
	}
	if answer := askWith(t, s, everything(t), sortControl(many...)); answer.code != protocol.AdminLimitExceeded {
		t.Errorf("many keys: %v", answer.code)
	}
	if answer := askWith(t, s, everything(t), protocol.NewControl(protocol.OIDManageDsaIT, nil)); answer.code != protocol.Success || len(answer.list) == 0 {
		t.Errorf("ManageDsaIT: %v", answer.code)
	}
}
