package protocol

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	asn1 "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

func TestResults(t *testing.T) {
	t.Parallel()
	ops := []Op{
		OpBindResponse, OpSearchResultDone, OpModifyResponse, OpAddResponse, OpDelResponse, OpModifyDNResponse, OpCompareResponse, OpExtendedResponse,
	}
	for _, op := range ops {
		for _, id := range []int32{1, 127, 128, 70000, 1<<31 - 1} {
			for _, n := range []int{0, 1, 100, 120, 128, 300, 70000} {
				text := strings.Repeat("x", n)
				p := parse(t, AppendResult(nil, id, op, NoSuchObject, "dc=org", text, []Control{NewControl(OIDPagedResults, []byte(text))}))
				err := ldap.GetLDAPError(p)
				e, ok := err.(*ldap.Error)
				if !ok || e.ResultCode != ldap.LDAPResultNoSuchObject || e.MatchedDN != "dc=org" || e.Err.Error() != text {
					t.Fatalf("%v, id %d, %d octets: got %v", op, id, n, err)
				}
				if p.Children[0].Value != int64(id) || byte(p.Children[1].Tag) != byte(op)&0x1f {
					t.Fatalf("%v, id %d: got %v and %v", op, id, p.Children[0].Value, p.Children[1].Tag)
				}
				if c := p.Children[2].Children; len(c) != 1 || c[0].Children[0].Value != OIDPagedResults || len(c[0].Children) != 2 {
					t.Fatalf("controls: got %v", c)
				}
			}
		}
	}
}

func TestResponseBytes(t *testing.T) {
	t.Parallel()
	const oid = "1.3.6.1.4.1.1466.20037"
	tests := []struct {
		name string
		got  []byte
		want string
	}{
		{"bind", AppendBindResponse(nil, 1, Success, "", "", nil), "300c02010161070a010004000400"},
		{"bind with credentials", AppendBindResponse(nil, 1, SASLBindInProgress, "", "", []byte("x")), "300f020101610a0a010e04000400870178"},
		{"bind with empty credentials", AppendBindResponse(nil, 1, Success, "", "", []byte{}), "300e02010161090a0100040004008700"},
		{"search done", AppendResult(nil, 1, OpSearchResultDone, Success, "", "", nil), "300c02010165070a010004000400"},
		{"compare true", AppendResult(nil, 2, OpCompareResponse, CompareTrue, "", "", nil), "300c0201026f070a010604000400"},
		{"canceled", AppendResult(nil, 2, OpSearchResultDone, Canceled, "", "", nil), "300c02010265070a017604000400"},
		{"start TLS", AppendExtendedResponse(nil, 1, Success, "", oid, nil), "3024020101781f0a0100040004008a16" + fmt.Sprintf("%x", oid)},
		{"extended with value", AppendExtendedResponse(nil, 1, Success, "", "", []byte("v")), "300f020101780a0a0100040004008b0176"},
		{"notice of disconnection", AppendNoticeOfDisconnection(nil, Unavailable, ""), "3024020100781f0a0134040004008a16" + fmt.Sprintf("%x", OIDNoticeOfDisconnection)},
		{"reference", AppendReference(nil, 3, "ldap://a", "ldap://b"), "30190201037314" + "0408" + fmt.Sprintf("%x", "ldap://a") + "0408" + fmt.Sprintf("%x", "ldap://b")},
		{"referral", AppendReferral(nil, 3, OpDelResponse, "", "", "ldap://a"), "30180201036b130a010a04000400a30a0408" + fmt.Sprintf("%x", "ldap://a")},
		{"intermediate", AppendIntermediateResponse(nil, 4, "1.2", []byte("v"), nil), "300d02010479088003312e328101" + "76"},
		{"intermediate without anything", AppendIntermediateResponse(nil, 4, "", nil, nil), "30050201047900"},
		{"critical control", AppendResult(nil, 1, OpSearchResultDone, Success, "", "", []Control{{OID: []byte("1.2"), Critical: true, Value: []byte("v"), HasValue: true}}), "301b02010165070a010004000400a00d300b0403312e320101ff040176"},
		{"control without value", AppendResult(nil, 1, OpSearchResultDone, Success, "", "", []Control{NewControl("1.2", nil)}), "301502010165070a010004000400a00730050403312e32"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := fmt.Sprintf("%x", tt.got); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			parse(t, tt.got)
		})
	}
}

// entryWith encodes an entry of one attribute in each way there is; all must be the same.
func entryWith(t *testing.T, id int32, dn, name string, value []byte, controls []Control) []byte {
	t.Helper()
	var e EntryEncoder
	prefix := []byte("what was there before")
	var first []byte
	for i, add := range []func(){
		func() { e.BeginAttribute(name); e.AppendValue(value); e.EndAttribute() },
		func() { e.BeginAttribute(name); e.AppendValueString(string(value)); e.EndAttribute() },
		func() { e.AppendAttribute(name, value) },
		func() { e.AppendEncoded(AppendPartialAttribute(nil, name, value)) },
	} {
		e.BeginEntry(bytes.Clone(prefix), id, []byte(dn))
		add()
		if e.Attributes() != 1 {
			t.Errorf("got %d attributes", e.Attributes())
		}
		got, ok := bytes.CutPrefix(e.EndEntry(controls), prefix)
		if !ok {
			t.Fatal("what was there before is gone")
		}
		if i == 0 {
			first = got
		} else if !bytes.Equal(got, first) {
			t.Fatalf("way %d: got\n%x, want\n%x", i, got, first)
		}
	}
	return first
}

// TestEntryLengths goes over every border of every length in an entry.
func TestEntryLengths(t *testing.T) {
	t.Parallel()
	sizes := []int{0, 1, 65530, 1 << 24}
	for n := 80; n < 300; n++ {
		sizes = append(sizes, n)
	}
	for n := 65450; n < 65540; n += 3 {
		sizes = append(sizes, n)
	}
	for _, n := range sizes {
		value := bytes.Repeat([]byte{'v'}, n)
		for _, controls := range [][]Control{nil, {NewControl("1.2.3", value[:min(n, 300)])}} {
			b := entryWith(t, 1+int32(n), "uid=a,dc=org", "cn", value, controls)
			p := parse(t, b)
			op := p.Children[1]
			if op.Children[0].Value != "uid=a,dc=org" || p.Children[0].Value != int64(1+n) {
				t.Fatalf("%d: got %v %v", n, p.Children[0].Value, op.Children[0].Value)
			}
			attribute := op.Children[1].Children[0]
			if attribute.Children[0].Value != "cn" || len(attribute.Children[1].Children[0].ByteValue) != n {
				t.Fatalf("%d: got %v and %d octets", n, attribute.Children[0].Value, len(attribute.Children[1].Children[0].ByteValue))
			}
			if len(p.Children) != 2+len(controls) {
				t.Fatalf("%d: got %d components", n, len(p.Children))
			}
		}
	}
	// A whole entry is the same, whatever it has.
	rnd := rand.New(rand.NewPCG(1, 4))
	for range 3000 {
		id, dn := rnd.Int32(), bytes.Repeat([]byte("d"), rnd.IntN(140))
		var e EntryEncoder
		e.BeginEntry([]byte("before"), id, dn)
		var values []EntryValue
		for i := range rnd.IntN(5) {
			name := strings.Repeat("a", rnd.IntN(20))
			e.BeginAttribute(name)
			for range 1 + rnd.IntN(3) {
				text := bytes.Repeat([]byte("v"), rnd.IntN([]int{5, 150, 70000}[rnd.IntN(3)]))
				e.AppendValue(text)
				values = append(values, EntryValue{Attribute: i, Name: AppendAttributeName(nil, name), Text: text})
			}
			e.EndAttribute()
		}
		if got, want := AppendEntry([]byte("before"), id, dn, values), e.EndEntry(nil); !bytes.Equal(got, want) {
			t.Fatalf("got\n%x, want\n%x", got, want)
		}
	}
	for _, n := range []int{0, 100, 127, 128, 255, 256, 4000} {
		parse(t, entryWith(t, 1, strings.Repeat("d", n), strings.Repeat("a", n), []byte("v"), nil))
	}
}

// TestEntryLikeGoLDAP compares a whole entry with the packets that a go-ldap client would take apart.
func TestEntryLikeGoLDAP(t *testing.T) {
	t.Parallel()
	var e EntryEncoder
	e.BeginEntry(nil, 9, []byte("uid=0035500000AbCdEAAV,ou=Contact,dc=ringdex"))
	e.BeginAttribute("objectClass")
	e.AppendValue([]byte("top"))
	e.AppendValueString("person")
	e.EndAttribute()
	e.AppendAttribute("cn", []byte("Anna Müller"))
	e.BeginAttribute("mail")
	e.CancelAttribute()
	e.BeginAttribute("o")
	e.EndAttribute()
	if e.Attributes() != 3 {
		t.Errorf("got %d attributes, want 3", e.Attributes())
	}
	got := e.EndEntry(nil)

	attribute := func(name string, values ...string) *asn1.Packet {
		a := asn1.NewSequence("")
		a.AppendChild(asn1.NewString(asn1.ClassUniversal, asn1.TypePrimitive, asn1.TagOctetString, name, ""))
		set := asn1.Encode(asn1.ClassUniversal, asn1.TypeConstructed, asn1.TagSet, nil, "")
		for _, v := range values {
			set.AppendChild(asn1.NewString(asn1.ClassUniversal, asn1.TypePrimitive, asn1.TagOctetString, v, ""))
		}
		a.AppendChild(set)
		return a
	}
	list := asn1.NewSequence("")
	list.AppendChild(attribute("objectClass", "top", "person"))
	list.AppendChild(attribute("cn", "Anna Müller"))
	list.AppendChild(attribute("o"))
	op := asn1.Encode(asn1.ClassApplication, asn1.TypeConstructed, ldap.ApplicationSearchResultEntry, nil, "")
	op.AppendChild(asn1.NewString(asn1.ClassUniversal, asn1.TypePrimitive, asn1.TagOctetString, "uid=0035500000AbCdEAAV,ou=Contact,dc=ringdex", ""))
	op.AppendChild(list)
	want := asn1.NewSequence("")
	want.AppendChild(asn1.NewInteger(asn1.ClassUniversal, asn1.TypePrimitive, asn1.TagInteger, 9, ""))
	want.AppendChild(op)
	if !bytes.Equal(got, want.Bytes()) {
		t.Errorf("got\n%x, want\n%x", got, want.Bytes())
	}
}

func TestCancelEntry(t *testing.T) {
	t.Parallel()
	var e EntryEncoder
	e.BeginEntry([]byte("before"), 1, []byte("dc=org"))
	e.AppendAttribute("cn", []byte("x"))
	if e.Len() <= len("before") {
		t.Errorf("got length %d", e.Len())
	}
	if got := e.CancelEntry(); string(got) != "before" {
		t.Errorf("got %q", got)
	}
	e.BeginEntry(nil, 2, nil)
	parse(t, e.EndEntry(nil))
}

func TestEncodeAllocatesNothing(t *testing.T) {
	buf := make([]byte, 0, 4096)
	var e EntryEncoder
	cookie := NewControl(OIDPagedResults, []byte("x"))
	controls := []Control{cookie}
	if got := testing.AllocsPerRun(100, func() {
		b := encodeTen(&e, buf)
		b = AppendResult(b, 7, OpSearchResultDone, Success, "", "", controls)
		b = AppendBindResponse(b, 7, InvalidCredentials, "", "no", nil)
		b = AppendExtendedResponse(b, 7, Success, "", OIDWhoAmI, []byte("dn:"))
		b = AppendReference(b, 7, "ldap://a")
		AppendNoticeOfDisconnection(b, Unavailable, "bye")
	}); got != 0 {
		t.Errorf("got %v allocations, want 0", got)
	}
}

func TestOpNames(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ request, response Op }{
		{OpBindRequest, OpBindResponse},
		{OpSearchRequest, OpSearchResultDone},
		{OpModifyRequest, OpModifyResponse},
		{OpAddRequest, OpAddResponse},
		{OpDelRequest, OpDelResponse},
		{OpModifyDNRequest, OpModifyDNResponse},
		{OpCompareRequest, OpCompareResponse},
		{OpExtendedRequest, OpExtendedResponse},
		{OpUnbindRequest, 0},
		{OpAbandonRequest, 0},
		{OpSearchResultEntry, 0},
	} {
		if got := tt.request.Response(); got != tt.response {
			t.Errorf("%v: got %v, want %v", tt.request, got, tt.response)
		}
	}
	for tag := range 256 {
		if name := Op(tag).String(); (name == "unknown operation") != (ldap.ApplicationMap[uint8(tag&0x1f)] == "" || !isOp(byte(tag))) {
			t.Errorf("%#x: got %s", tag, name)
		}
	}
	if got := ResultCode(9).String(); got != "9" {
		t.Errorf("got %s", got)
	}
	// Reserved in RFC 4511, appendix A: 9, 35 and 70. The codes above 80 are other RFCs'.
	for code, name := range ldap.LDAPResultCodeMap {
		reserved := code == 9 || code == 35 || code == 70
		if _, err := strconv.Atoi(ResultCode(code).String()); code <= 80 && (err == nil) != reserved {
			t.Errorf("%d: got %v, go-ldap has %s", code, ResultCode(code), name)
		}
	}
}

// isOp says whether the tag's class and form are those of the operation with that number.
func isOp(tag byte) bool {
	n := tag & 0x1f
	if tag&0xc0 != 0x40 {
		return false
	}
	primitive := n == 2 || n == 10 || n == 16
	return primitive == (tag&0x20 == 0)
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&Error{Code: NoSuchObject}, "ldap: noSuchObject"},
		{&Error{Code: Busy, Message: "later"}, "ldap: busy: later"},
		{&EnvelopeError{errMessageID}, "ldap: message id is not between 1 and 2147483647"},
	} {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
	if got := printable([]byte("a\n\x1b" + strings.Repeat("x", 100))); strings.ContainsAny(got, "\n\x1b") || len(got) > 80 {
		t.Errorf("got %q", got)
	}
}
