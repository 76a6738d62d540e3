package directory

import (
	"runtime"
	"slices"
	"testing"

	"ringdex/ldapserver"
	"ringdex/ldapserver/ber"
	"ringdex/ldapserver/protocol"
)

// TestMatchedDN: noSuchObject tells the deepest entry above what is missing, every other outcome none (RFC 4511, 4.1.9), and nobody
// is told who may not read.
func TestMatchedDN(t *testing.T) {
	t.Parallel()
	d := directoryOf(t, invented(t), nil)
	open := listening(t, d, ldapserver.Options{}, ldapserver.ListenerOptions{})
	closed := listening(t, directoryOf(t, invented(t), func(o *Options) { o.Anonymous = Access{} }), ldapserver.Options{}, ldapserver.ListenerOptions{})
	compare := func(dn, attribute string) []byte {
		ava := ber.AppendString(ber.AppendString(nil, ber.OctetString, attribute), ber.OctetString, "x")
		return request(1, protocol.OpCompareRequest, ber.AppendBytes(ber.AppendString(nil, ber.OctetString, dn), ber.Sequence, ava))
	}
	search := func(base string, limit int, controls ...protocol.Control) []byte {
		return searchRequest(t, 1, &protocol.SearchRequest{Base: []byte(base), Scope: protocol.WholeSubtree, SizeLimit: limit}, "(cn=*)", controls...)
	}
	anna := mustFind(t, sessionOf(d), "(cn=anna*)").dn
	for name, c := range map[string]struct {
		address string
		pdu     []byte
		code    protocol.ResultCode
		matched string
	}{
		"a missing container":       {open, search("ou=nothing,dc=ringdex", 0), protocol.NoSuchObject, "dc=ringdex"},
		"two that are missing":      {open, search("cn=x,ou=nothing,dc=ringdex", 0), protocol.NoSuchObject, "dc=ringdex"},
		"a missing entry":           {open, search("uid=x,ou=Contact,dc=ringdex", 0), protocol.NoSuchObject, "ou=Contact,dc=ringdex"},
		"below an entry":            {open, search("cn=x,"+anna, 0), protocol.NoSuchObject, "ou=Contact,dc=ringdex"},
		"another tree":              {open, search("dc=elsewhere", 0), protocol.NoSuchObject, ""},
		"no DN":                     {open, search("no dn", 0), protocol.InvalidDNSyntax, ""},
		"the size limit":            {open, search("dc=ringdex", 1), protocol.SizeLimitExceeded, ""},
		"a critical control":        {open, search("dc=ringdex", 0, critical(protocol.Control{OID: []byte("1.2.3")})), protocol.UnavailableCriticalExtension, ""},
		"an assertion":              {open, search("dc=ringdex", 0, critical(protocol.NewControl(protocol.OIDAssertion, filterBytes(t, "(cn=x)")))), protocol.AssertionFailed, ""},
		"compare, false":            {open, compare(anna, "cn"), protocol.CompareFalse, ""},
		"compare, missing entry":    {open, compare("uid=x,ou=Contact,dc=ringdex", "cn"), protocol.NoSuchObject, "ou=Contact,dc=ringdex"},
		"compare, no attribute":     {open, compare(anna, "jpegPhoto"), protocol.NoSuchAttribute, ""},
		"compare, unknown":          {open, compare(anna, "nonsense"), protocol.UndefinedAttributeType, ""},
		"a wrong password":          {open, bindRequest(1, 3, anna, "wrong"), protocol.InvalidCredentials, ""},
		"a delete":                  {open, request(1, protocol.OpDelRequest, []byte("uid=x,ou=Contact,dc=ringdex")), protocol.UnwillingToPerform, ""},
		"an unknown extension":      {open, request(1, protocol.OpExtendedRequest, ber.AppendString(nil, ber.Tag(0x80), "1.2.3")), protocol.ProtocolError, ""},
		"closed, an entry":          {closed, search(anna, 0), protocol.InsufficientAccessRights, ""},
		"closed, a missing entry":   {closed, search("uid=x,ou=Contact,dc=ringdex", 0), protocol.InsufficientAccessRights, ""},
		"closed, compare":           {closed, compare(anna, "cn"), protocol.InsufficientAccessRights, ""},
		"closed, compare of no one": {closed, compare("uid=x,ou=Contact,dc=ringdex", "cn"), protocol.InsufficientAccessRights, ""},
	} {
		_, end := dialWire(t, c.address).ask(c.pdu)
		if end.code != c.code || end.matched != c.matched {
			t.Errorf("%s: got %v, matched %q, want %v, %q", name, end.code, end.matched, c.code, c.matched)
		}
	}
}

// TestCookiesKeepNothing: first pages that nobody goes on from, asked for by many, leave nothing behind. It is not parallel:
// others' memory would count.
func TestCookiesKeepNothing(t *testing.T) {
	d := crowd(t, 100)
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC() // what pools keep for one more cycle
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	page := func(n int) {
		for range n {
			s := sessionOf(d)
			if got := askWith(t, s, everything(t), pagedControl(2, nil)); len(got.list) != 2 || len(got.paged(t).Cookie) == 0 {
				t.Fatalf("got %v, %d entries", got.code, len(got.list))
			}
			s.Close()
		}
	}
	page(1000)
	before := heap()
	const many = 20_000
	page(many)
	if after := heap(); after > before+1<<20 {
		t.Errorf("%d cookies keep %d octets", many, after-before)
	}
}

// TestBaseCountsWhatIsSeen: a browser is told of the containers that its user sees.
func TestBaseCountsWhatIsSeen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		objects []string
		want    []string
	}{{nil, []string{"TRUE", "2"}}, {[]string{"Contact"}, []string{"TRUE", "1"}}, {[]string{"Lead"}, []string{"FALSE", "0"}}} {
		s := sessionOf(directoryOf(t, invented(t), func(o *Options) { o.Guests = Rights{Objects: c.objects} }))
		list, code := ask(t, s, requestOf(t, "dc=ringdex", protocol.BaseObject, "(objectClass=*)", "hasSubordinates", "numSubordinates"))
		if code != protocol.Success || len(list) != 1 {
			t.Fatalf("%q: %v", c.objects, code)
		}
		if got := []string{list[0].first("hasSubordinates"), list[0].first("numSubordinates")}; !slices.Equal(got, c.want) {
			t.Errorf("%q: got %q, want %q", c.objects, got, c.want)
		}
	}
}

// TestContainersAreCutWithAFlag: what the size limit leaves out of the entries that are no records is told, as for records.
func TestContainersAreCutWithAFlag(t *testing.T) {
	t.Parallel()
	s := sessionOf(directoryOf(t, invented(t), nil))
	for _, scope := range []protocol.Scope{protocol.SingleLevel, protocol.WholeSubtree} {
		all, code := ask(t, s, requestOf(t, "dc=ringdex", scope, "(objectClass=organizationalUnit)"))
		if len(all) < 2 || code != protocol.Success {
			t.Fatalf("scope %d: %d containers, %v", scope, len(all), code)
		}
		for limit := 1; limit <= len(all)+1; limit++ {
			req := requestOf(t, "dc=ringdex", scope, "(objectClass=organizationalUnit)")
			req.SizeLimit = limit
			list, code := ask(t, s, req)
			if cut := limit < len(all); len(list) != min(limit, len(all)) || (code == protocol.SizeLimitExceeded) != cut || !cut && code != protocol.Success {
				t.Errorf("scope %d, limit %d of %d: %d entries, %v", scope, limit, len(all), len(list), code)
			}
		}
	}
}
