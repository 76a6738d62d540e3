package directory

import (
	"crypto/tls"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
)

// TestNamesWithoutPasswordsAreNotBound: a name that a profile lets pass for none has the message limit of who has not bound.
func TestNamesWithoutPasswordsAreNotBound(t *testing.T) {
	t.Parallel()
	hash, err := HashPassword("not-a-secret")
	if err != nil {
		t.Fatal(err)
	}
	d := directoryOf(t, invented(t), func(o *Options) {
		o.Users = map[string]User{"phone": {Hash: hash}}
		o.Profiles = []Profile{{Name: "desk", EmptyPassword: true, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}}
	})
	address := listening(t, d, ldapserver.Options{MaxAnonymousMessage: 1000, MaxMessage: 3000}, ldapserver.ListenerOptions{})
	long := searchRequest(t, 2, &protocol.SearchRequest{Base: []byte("dc=ringdex"), Scope: protocol.WholeSubtree}, "(cn="+strings.Repeat("x", 1500)+")")
	for _, b := range []struct {
		name, password string
		bound          bool
	}{{"anybody", "", false}, {"", "", false}, {"phone", "", false}, {"phone", "not-a-secret", true}} {
		c := dialWire(t, address)
		if _, end := c.ask(bindRequest(1, 3, b.name, b.password)); end.code != protocol.Success {
			t.Fatalf("%q: %v", b.name, end.code)
		}
		if _, end := c.ask(long); (end.id == 2) != b.bound {
			t.Errorf("%q %q: a long message is answered by message %d, %v", b.name, b.password, end.id, end.code)
		}
	}
}

// TestEveryBindIsTold binds in every way there is, over the wire: the audit is told of each, refused ones included, and of no
// name and no mechanism that might be something else.
func TestEveryBindIsTold(t *testing.T) {
	t.Parallel()
	hash, err := HashPassword("not-a-secret")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var told []string
	d := directoryOf(t, invented(t), func(o *Options) {
		o.Users = map[string]User{"phone": {Hash: hash}}
		o.Guessing = BindLimits{Delay: 1}
		o.Binds = func(r BindRecord) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, fmt.Sprintf("%s user=%s named=%t tls=%t %v", r.Method, r.User, r.Named, r.Conn.TLS, r.Code))
		}
	})
	config, _ := selfSigned(t)
	address := listening(t, d, ldapserver.Options{}, ldapserver.ListenerOptions{Mode: ldapserver.StartTLSRequired, TLS: config})
	clear := dialWire(t, address)
	if _, end := clear.ask(bindRequest(1, 3, "phone", "not-a-secret")); end.code != protocol.ConfidentialityRequired {
		t.Fatalf("in the clear: got %v", end.code)
	}
	if _, end := clear.ask(request(2, protocol.OpExtendedRequest, append([]byte{0x80, byte(len(protocol.OIDStartTLS))}, protocol.OIDStartTLS...))); end.code != protocol.Success {
		t.Fatalf("StartTLS: got %v", end.code)
	}
	c := newWire(t, tls.Client(clear.Conn, &tls.Config{InsecureSkipVerify: true}))
	unknown := protocol.Control{OID: []byte("1.2.3"), Critical: true}
	want := []string{"simple user=phone named=true tls=false confidentialityRequired"}
	for i, b := range []struct {
		pdu  []byte
		code protocol.ResultCode
		want string
	}{
		{bindRequest(3, 3, "", ""), protocol.Success, "anonymous user= named=false"},
		{bindRequest(4, 3, "phone", "not-a-secret"), protocol.Success, "simple user=phone named=true"},
		{bindRequest(5, 3, "PHONE", "wrong"), protocol.InvalidCredentials, "simple user=phone named=true"},
		{bindRequest(6, 3, "my-secret-typed-as-a-name", "x"), protocol.InvalidCredentials, "simple user= named=true"},
		{bindRequest(7, 3, "phone", ""), protocol.UnwillingToPerform, "unauthenticated user=phone named=true"},
		{bindRequest(8, 3, "", "x"), protocol.InvalidCredentials, "simple user= named=false"},
		{bindRequest(9, 2, "phone", "not-a-secret"), protocol.Success, "simple user=phone named=true"},
		{bindRequest(10, 4, "phone", "not-a-secret"), protocol.ProtocolError, "simple user=phone named=true"},
		{bindRequest(11, 3, "phone", "not-a-secret", unknown), protocol.UnavailableCriticalExtension, "simple user=phone named=true"},
		{bindRequest(12, 2, "", "", unknown), protocol.ProtocolError, "anonymous user= named=false"},
		{saslRequest(13, "EXTERNAL"), protocol.AuthMethodNotSupported, "sasl EXTERNAL user= named=false"},
		{saslRequest(14, "DIGEST-MD5"), protocol.AuthMethodNotSupported, "sasl DIGEST-MD5 user= named=false"},
		{saslRequest(15, ""), protocol.AuthMethodNotSupported, "sasl user= named=false"},
		{saslRequest(16, "a\nmsg=bind user=admin"), protocol.AuthMethodNotSupported, "sasl user= named=false"},
		{saslRequest(17, "ABCDEFGHIJKLMNOPQRSTU"), protocol.AuthMethodNotSupported, "sasl user= named=false"},
		{request(18, protocol.OpBindRequest, []byte{2, 1, 3, 4, 0, 0x81, 1, 'x'}), protocol.AuthMethodNotSupported, "other user= named=false"},
		{request(19, protocol.OpBindRequest, []byte{4, 0}), protocol.ProtocolError, "other user= named=true"},
	} {
		if _, end := c.ask(b.pdu); end.code != b.code || end.op != protocol.OpBindResponse || end.id != int64(i+3) {
			t.Errorf("%d: got message %d, %v %q, want %v", i+3, end.id, end.code, end.text, b.code)
		}
		want = append(want, fmt.Sprintf("%s tls=true %v", b.want, b.code))
	}
	mu.Lock()
	defer mu.Unlock()
	if !slices.Equal(told, want) {
		t.Errorf("the audit has\n%q\nwant\n%q", told, want)
	}
}
