package ldapserver

import (
	"bytes"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"ringdex/ldapserver/ber"
	"ringdex/ldapserver/protocol"
)

// nopConn is a connection that is never used.
type nopConn struct{ net.Conn }

func (nopConn) RemoteAddr() net.Addr { return &net.TCPAddr{} }
func (nopConn) LocalAddr() net.Addr  { return &net.TCPAddr{} }

func code(err error) int {
	var e *goldap.Error
	if errors.As(err, &e) {
		return int(e.ResultCode)
	}
	if err != nil {
		return -1
	}
	return 0
}

func whoAmI(t *testing.T, c *rawClient, id int64) string {
	t.Helper()
	c.send(extendedPDU(id, protocol.OIDWhoAmI, nil))
	a := c.want(id, protocol.OpExtendedResponse, protocol.Success)
	if _, who, ok := strings.Cut(string(a.raw), "dn:"); ok {
		return who
	}
	return ""
}

func TestBind(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{}, ListenerOptions{})
	for name, c := range map[string]struct {
		pdu  []byte
		code protocol.ResultCode
		who  string
	}{
		"anonymous":           {bindPDU(2, 3, "", ""), protocol.Success, ""},
		"version 3":           {bindPDU(2, 3, memoryUser, memoryPassword), protocol.Success, memoryUser},
		"version 1":           {bindPDU(2, 1, memoryUser, memoryPassword), protocol.ProtocolError, ""},
		"version 4":           {bindPDU(2, 4, memoryUser, memoryPassword), protocol.ProtocolError, ""},
		"version 0":           {bindPDU(2, 0, memoryUser, memoryPassword), protocol.ProtocolError, ""},
		"wrong password":      {bindPDU(2, 3, memoryUser, "wrong"), protocol.InvalidCredentials, ""},
		"unauthenticated":     {bindPDU(2, 3, memoryUser, ""), protocol.UnwillingToPerform, ""},
		"SASL":                {saslPDU(2, "DIGEST-MD5"), protocol.AuthMethodNotSupported, ""},
		"SASL, no mechanism":  {saslPDU(2, ""), protocol.AuthMethodNotSupported, ""},
		"unknown critical":    {bindPDU(2, 3, memoryUser, memoryPassword, protocol.Control{OID: []byte("1.2.3"), Critical: true}), protocol.UnavailableCriticalExtension, ""},
		"unknown control":     {bindPDU(2, 3, memoryUser, memoryPassword, protocol.Control{OID: []byte("1.2.3")}), protocol.Success, memoryUser},
		"Kerberos of LDAPv2":  {envelope(2, protocol.OpBindRequest, []byte{2, 1, 3, 4, 0, 0x81, 1, 'x'}), protocol.AuthMethodNotSupported, ""},
		"no version":          {envelope(2, protocol.OpBindRequest, []byte{4, 0}), protocol.ProtocolError, ""},
		"empty controls":      {appended(bindPDU(2, 3, memoryUser, memoryPassword), 0xa0, 0), protocol.Success, memoryUser},
		"version 2, controls": {bindPDU(2, 2, memoryUser, memoryPassword, protocol.Control{OID: []byte("1.2.3")}), protocol.ProtocolError, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// What was bound before is gone, whatever comes of the bind (RFC 4511, 4.2.1).
			cl := h.raw(t)
			cl.send(bindPDU(1, 3, memoryUser, memoryPassword))
			cl.want(1, protocol.OpBindResponse, protocol.Success)
			cl.send(c.pdu)
			cl.want(2, protocol.OpBindResponse, c.code)
			if got := whoAmI(t, cl, 3); got != c.who {
				t.Errorf("got identity %q, want %q", got, c.who)
			}
		})
	}
}

func TestVersion2(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{}, ListenerOptions{})
	c := h.raw(t)
	c.send(bindPDU(1, 2, memoryUser, memoryPassword))
	c.want(1, protocol.OpBindResponse, protocol.Success)
	c.wantService()
	c.send(extendedPDU(2, protocol.OIDWhoAmI, nil))
	c.want(2, protocol.OpExtendedResponse, protocol.ProtocolError)
	c.send(searchPDU(3, "o=one", protocol.Control{OID: []byte("1.2.3")}))
	c.want(3, protocol.OpSearchResultDone, protocol.ProtocolError)
	c.send([]byte{0x30, 0x00})
	c.wantEnd() // no unsolicited notification in LDAPv2
}

func TestOperations(t *testing.T) {
	t.Parallel()
	known := "1.2.840.113556.1.4.319"
	h := serve(t, Options{SupportedControls: []string{known, protocol.OIDAssertion}}, ListenerOptions{})
	control := func(oid string, critical bool) protocol.Control {
		return protocol.Control{OID: []byte(oid), Critical: critical}
	}
	compare := func(dn, value string, controls ...protocol.Control) []byte {
		c := append([]byte{4, byte(len(dn))}, dn...)
		c = append(c, 0x30, byte(6+len(value)), 4, 2, 'c', 'n', 4, byte(len(value)))
		return envelope(1, protocol.OpCompareRequest, append(c, value...), controls...)
	}
	critical := func(op protocol.Op, content []byte, oid string) []byte {
		return envelope(1, op, content, control(oid, true))
	}
	whoAmI := append([]byte{0x80, byte(len(protocol.OIDWhoAmI))}, protocol.OIDWhoAmI...)
	for name, c := range map[string]struct {
		pdu  []byte
		op   protocol.Op
		code protocol.ResultCode
	}{
		"compare true":               {compare("o=one", "yes"), protocol.OpCompareResponse, protocol.CompareTrue},
		"compare false":              {compare("o=one", "no"), protocol.OpCompareResponse, protocol.CompareFalse},
		"compare, error of ours":     {compare("o=fail", "no"), protocol.OpCompareResponse, protocol.Other},
		"add":                        {envelope(1, protocol.OpAddRequest, []byte{4, 1, 'x', 0x30, 0}), protocol.OpAddResponse, protocol.UnwillingToPerform},
		"modify":                     {envelope(1, protocol.OpModifyRequest, []byte{4, 1, 'x', 0x30, 0}), protocol.OpModifyResponse, protocol.UnwillingToPerform},
		"delete":                     {envelope(1, protocol.OpDelRequest, []byte("x")), protocol.OpDelResponse, protocol.UnwillingToPerform},
		"modifyDN":                   {envelope(1, protocol.OpModifyDNRequest, []byte{4, 1, 'x', 4, 1, 'y', 1, 1, 0}), protocol.OpModifyDNResponse, protocol.UnwillingToPerform},
		"WhoAmI":                     {extendedPDU(1, protocol.OIDWhoAmI, nil), protocol.OpExtendedResponse, protocol.Success},
		"PasswordModify":             {extendedPDU(1, protocol.OIDPasswordModify, nil), protocol.OpExtendedResponse, protocol.ProtocolError},
		"unknown extended operation": {extendedPDU(1, "1.2.3.4", nil), protocol.OpExtendedResponse, protocol.ProtocolError},
		"StartTLS, not configured":   {extendedPDU(1, protocol.OIDStartTLS, nil), protocol.OpExtendedResponse, protocol.ProtocolError},
		"cancel of an unknown":       {cancelPDU(1, 12), protocol.OpExtendedResponse, protocol.NoSuchOperation},
		"cancel of itself":           {cancelPDU(1, 1), protocol.OpExtendedResponse, protocol.NoSuchOperation},
		"cancel without an id":       {extendedPDU(1, protocol.OIDCancel, nil), protocol.OpExtendedResponse, protocol.ProtocolError},
		"search of what is not":      {searchPDU(1, "o=absent"), protocol.OpSearchResultDone, protocol.NoSuchObject},
		"search, error of ours":      {searchPDU(1, "o=fail"), protocol.OpSearchResultDone, protocol.Other},
		"unknown critical control":   {searchPDU(1, "o=none", control("1.2.3", true)), protocol.OpSearchResultDone, protocol.UnavailableCriticalExtension},
		"unknown control":            {searchPDU(1, "o=none", control("1.2.3", false)), protocol.OpSearchResultDone, protocol.Success},
		"known critical control":     {searchPDU(1, "o=controls", control(known, true)), protocol.OpSearchResultDone, protocol.Success},
		"compare, critical unknown":  {compare("o=one", "yes", control("1.2.3", true)), protocol.OpCompareResponse, protocol.UnavailableCriticalExtension},
		"compare, of searches only":  {compare("o=one", "yes", control(known, true)), protocol.OpCompareResponse, protocol.UnavailableCriticalExtension},
		"compare, not critical":      {compare("o=one", "yes", control(known, false)), protocol.OpCompareResponse, protocol.CompareTrue},
		"compare, assertion":         {compare("o=one", "yes", control(protocol.OIDAssertion, true)), protocol.OpCompareResponse, protocol.CompareTrue},
		"compare, ManageDsaIT":       {compare("o=one", "yes", control(protocol.OIDManageDsaIT, true)), protocol.OpCompareResponse, protocol.CompareTrue},
		"delete, critical unknown":   {critical(protocol.OpDelRequest, []byte("x"), "1.2.3"), protocol.OpDelResponse, protocol.UnavailableCriticalExtension},
		"delete, ManageDsaIT":        {critical(protocol.OpDelRequest, []byte("x"), protocol.OIDManageDsaIT), protocol.OpDelResponse, protocol.UnwillingToPerform},
		"delete, assertion":          {critical(protocol.OpDelRequest, []byte("x"), protocol.OIDAssertion), protocol.OpDelResponse, protocol.UnwillingToPerform},
		"modify, post-read":          {critical(protocol.OpModifyRequest, []byte{4, 1, 'x', 0x30, 0}, "1.3.6.1.1.13.2"), protocol.OpModifyResponse, protocol.UnavailableCriticalExtension},
		"WhoAmI, proxied":            {critical(protocol.OpExtendedRequest, whoAmI, "2.16.840.1.113730.3.4.18"), protocol.OpExtendedResponse, protocol.UnavailableCriticalExtension},
		"bind, ManageDsaIT (JNDI)":   {bindPDU(1, 3, memoryUser, memoryPassword, control(protocol.OIDManageDsaIT, true)), protocol.OpBindResponse, protocol.Success},
		"bind, assertion":            {bindPDU(1, 3, memoryUser, memoryPassword, control(protocol.OIDAssertion, true)), protocol.OpBindResponse, protocol.UnavailableCriticalExtension},
		"WhoAmI, ManageDsaIT":        {critical(protocol.OpExtendedRequest, whoAmI, protocol.OIDManageDsaIT), protocol.OpExtendedResponse, protocol.Success},
		"ManageDsaIT":                {searchPDU(1, "o=none", control(protocol.OIDManageDsaIT, true)), protocol.OpSearchResultDone, protocol.Success},
		"the same control twice":     {searchPDU(1, "o=none", control("1.2.3", false), control("1.2.3", false)), protocol.OpSearchResultDone, protocol.ProtocolError},
		"criticality of two octets":  {appended(searchPDU(1, "o=none"), 0xa0, 13, 0x30, 11, 4, 5, '1', '.', '2', '.', '3', 1, 2, 0xff, 0xff), protocol.OpSearchResultDone, protocol.ProtocolError},
		"criticality 1":              {appended(searchPDU(1, "o=none"), 0xa0, 12, 0x30, 10, 4, 5, '1', '.', '2', '.', '3', 1, 1, 1), protocol.OpSearchResultDone, protocol.UnavailableCriticalExtension},
		"scope 3":                    {searchHead(3, 0, 0, 0, 0), protocol.OpSearchResultDone, protocol.ProtocolError},
		"scope 255":                  {searchHead(255, 0, 0, 0, 0), protocol.OpSearchResultDone, protocol.ProtocolError},
		"scope -1":                   {searchHead(-1, 0, 0, 0, 0), protocol.OpSearchResultDone, protocol.ProtocolError},
		"scope one":                  {searchHead(1, 0, 0, 0, 0), protocol.OpSearchResultDone, protocol.Success},
		"deref in searching":         {searchHead(2, 1, 0, 0, 0), protocol.OpSearchResultDone, protocol.Success},
		"deref finding the base":     {searchHead(2, 2, 0, 0, 0), protocol.OpSearchResultDone, protocol.Success},
		"deref always":               {searchHead(2, 3, 0, 0, 0), protocol.OpSearchResultDone, protocol.Success},
		"deref 4":                    {searchHead(2, 4, 0, 0, 0), protocol.OpSearchResultDone, protocol.ProtocolError},
		"size limit -1":              {searchHead(2, 0, -1, 0, 0), protocol.OpSearchResultDone, protocol.ProtocolError},
		"size limit, the largest":    {searchHead(2, 0, 1<<31-1, 0, 0), protocol.OpSearchResultDone, protocol.Success},
		"size limit, one more":       {searchHead(2, 0, 1<<31, 0, 0), protocol.OpSearchResultDone, protocol.ProtocolError},
		"time limit -1":              {searchHead(2, 0, 0, -1, 0), protocol.OpSearchResultDone, protocol.ProtocolError},
		"time limit, the largest":    {searchHead(2, 0, 0, 1<<31-1, 0), protocol.OpSearchResultDone, protocol.Success},
		"typesOnly as 1":             {searchHead(2, 0, 0, 0, 1), protocol.OpSearchResultDone, protocol.Success},
		"matched values, critical":   {searchPDU(1, "o=none", control(protocol.OIDMatchedValues, true)), protocol.OpSearchResultDone, protocol.UnavailableCriticalExtension},
		"syncrepl, critical":         {searchPDU(1, "o=none", control(protocol.OIDSyncRequest, true)), protocol.OpSearchResultDone, protocol.UnavailableCriticalExtension},
		"proxied, critical":          {searchPDU(1, "o=none", control(protocol.OIDProxiedAuthz, true)), protocol.OpSearchResultDone, protocol.UnavailableCriticalExtension},
		"deref control, critical":    {searchPDU(1, "o=none", control("1.3.6.1.4.1.4203.666.5.16", true)), protocol.OpSearchResultDone, protocol.UnavailableCriticalExtension},
		"DirSync, critical":          {searchPDU(1, "o=none", control("1.2.840.113556.1.4.841", true)), protocol.OpSearchResultDone, protocol.UnavailableCriticalExtension},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cl := h.raw(t)
			cl.send(c.pdu)
			a := cl.want(1, c.op, c.code)
			if name == "known critical control" && !strings.Contains(string(a.raw), known) {
				t.Error("the backend's response control is missing")
			}
			if strings.Contains(string(a.raw), "disk") {
				t.Error("the client is told our own error")
			}
			cl.wantService()
		})
	}
}

// appended is a short message with more components behind its operation.
func appended(pdu []byte, more ...byte) []byte {
	return ber.AppendBytes(nil, ber.Sequence, append(bytes.Clone(pdu[2:]), more...))
}

// searchHead is a search of o=none with these fields.
func searchHead(scope, deref, sizeLimit, timeLimit int64, typesOnly byte) []byte {
	b := ber.AppendString(nil, ber.OctetString, "o=none")
	for _, n := range []int64{scope, deref} {
		b = ber.AppendInt(b, ber.Enumerated, n)
	}
	for _, n := range []int64{sizeLimit, timeLimit} {
		b = ber.AppendInt(b, ber.Integer, n)
	}
	b = append(b, 1, 1, typesOnly)
	b = ber.AppendString(b, ber.Tag(0x87), "cn")
	return envelope(1, protocol.OpSearchRequest, ber.AppendBytes(b, ber.Sequence, nil))
}

// TestAbandonAndCancelOfWhatIsNoSearch: an Abandon or a Cancel of itself, of something unknown, of a bind or of another of their
// kind changes nothing, whether it comes alone or behind what it means (CVE-2020-36227).
func TestAbandonAndCancelOfWhatIsNoSearch(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{}, ListenerOptions{})
	c := h.raw(t)
	c.send(abandonPDU(1, 1), abandonPDU(2, 99), abandonPDU(3, 1), abandonPDU(4, 0), abandonPDU(5, -1), abandonPDU(6, 1<<40))
	c.wantService()
	c.send(bindPDU(10, 3, memoryUser, memoryPassword), abandonPDU(11, 10), cancelPDU(12, 10), cancelPDU(13, 12), cancelPDU(14, 14), cancelPDU(15, 11), cancelPDU(16, 0))
	c.want(10, protocol.OpBindResponse, protocol.Success)
	for id := int64(12); id <= 16; id++ {
		c.want(id, protocol.OpExtendedResponse, protocol.NoSuchOperation)
	}
	if got := whoAmI(t, c, 17); got != memoryUser {
		t.Errorf("an abandoned bind: got identity %q", got)
	}
	c.wantService()
}

// TestSameMessageID: ids that come again while they are in flight are answered in order, and an Abandon ends all that have come
// before it under its id.
func TestSameMessageID(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{SearchTimeout: time.Minute}, ListenerOptions{})
	c := h.raw(t)
	c.send(searchPDU(1, "o=work"))
	receive(t, "the search's start", h.backend.started)
	c.send(searchPDU(1, "o=one"), bindPDU(1, 3, memoryUser, memoryPassword))
	close(h.backend.work)
	c.want(1, protocol.OpSearchResultDone, protocol.Success)
	c.want(1, protocol.OpSearchResultEntry, 0)
	c.want(1, protocol.OpSearchResultDone, protocol.Success)
	c.want(1, protocol.OpBindResponse, protocol.Success)
	c.send(searchPDU(2, "o=endless"))
	receive(t, "the search's start", h.backend.started)
	c.send(searchPDU(2, "o=endless"), abandonPDU(2, 2), searchPDU(3, "o=none"))
	c.check(c.skipEntries(), 3, protocol.OpSearchResultDone, protocol.Success)
	c.wantService()
}

func TestControlsOfAbandonAndUnbindAreIgnored(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{}, ListenerOptions{})
	critical := protocol.Control{OID: []byte("1.2.3"), Critical: true}
	c := h.raw(t)
	c.send(envelope(1, protocol.OpAbandonRequest, []byte{9}, critical))
	c.wantService()
	c.send(envelope(2, protocol.OpUnbindRequest, nil, critical))
	c.wantEnd()
}

func TestPanicCostsOneConnection(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{}, ListenerOptions{})
	good, bad := h.raw(t), h.raw(t)
	good.wantService()
	bad.send(searchPDU(1, "o=none"), searchPDU(2, "o=panic"))
	bad.want(1, protocol.OpSearchResultDone, protocol.Success)
	bad.wantNotice(protocol.Other)
	good.wantService()
	if got := h.Stats().Panics; got != 1 {
		t.Errorf("got %d panics, want 1", got)
	}
	eventually(t, "the panic is logged", func() bool { return h.log.count("panic while serving") == 1 })
	if text := h.log.String(); !strings.Contains(text, "backend_test.go") || strings.Contains(text, "493023125000") {
		t.Errorf("the log lacks the stack or holds what was searched for: %s", text)
	}
}

func TestLogHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{}, ListenerOptions{})
	c := h.raw(t)
	c.send(bindPDU(1, 3, memoryUser, "fake-password-1"), searchPDU(2, "o=fail"), envelope(3, protocol.OpBindRequest, []byte{4, 0}), []byte{0x31, 0})
	for {
		if _, err := c.next(); err != nil {
			break
		}
	}
	eventually(t, "the connection is logged", func() bool { return h.log.count("connection ended") == 1 })
	for _, secret := range []string{"fake-password-1", "493023125000", memoryUser} {
		if strings.Contains(h.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

func TestFailuresAreLoggedNowAndThen(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{}, ListenerOptions{})
	c := h.raw(t)
	for i := range int64(20) {
		c.send(searchPDU(i+1, "o=fail"))
		c.want(i+1, protocol.OpSearchResultDone, protocol.Other)
	}
	if got := h.log.count("request failed"); got != 1 {
		t.Errorf("got %d lines for 20 failures, want 1", got)
	}
	var lines throttle
	start := time.Unix(0, 0)
	for _, s := range []struct {
		at   time.Duration
		held int
		ok   bool
	}{{0, 0, true}, {1, 0, false}, {warnEvery - 1, 0, false}, {warnEvery, 2, true}, {2*warnEvery - 1, 0, false}, {2 * warnEvery, 1, true}} {
		if held, ok := lines.pass(start.Add(s.at)); held != s.held || ok != s.ok {
			t.Errorf("after %v: got %d %v, want %d %v", s.at, held, ok, s.held, s.ok)
		}
	}
}

func TestGoLDAPClient(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{}, ListenerOptions{})
	c := h.dial(t)
	if err := c.Bind(memoryUser, memoryPassword); err != nil {
		t.Fatal(err)
	}
	got, err := c.WhoAmI(nil)
	if err != nil || got.AuthzID != "dn:"+memoryUser {
		t.Errorf("got %+v %v, want %s", got, err, memoryUser)
	}
	res, err := c.Search(goldap.NewSearchRequest("o=many", goldap.ScopeWholeSubtree, goldap.NeverDerefAliases, 3000, 0, false, "(cn=*)", nil, nil))
	if err != nil || len(res.Entries) != 3000 {
		t.Fatalf("got %v, want 3000 entries", err)
	}
	if res.Entries[0].DN != "o=many" || res.Entries[2999].GetAttributeValue("cn") != string(memoryValue) {
		t.Errorf("got entry %v", res.Entries[2999])
	}
	if err := c.Bind(memoryUser, "wrong"); code(err) != goldap.LDAPResultInvalidCredentials {
		t.Errorf("got %v, want invalidCredentials", err)
	}
}
