package protocol

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	asn1 "github.com/go-asn1-ber/asn1-ber"
)

func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/device/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		requests, _, _ := strings.Cut(string(text), "\n----\n")
		for _, pdu := range readHex(f, requests) {
			f.Add(pdu)
		}
	}
	f.Add(callerSearch())
	f.Add(searchMessage(elem(0xa0, elem(0xa1), elem(0xa2, present("cn")))))
	f.Add(message(2, searchOp(present("cn")), elem(0xa0, control("1.2.3", boolean(true), str("v")))))
	f.Add([]byte("\x30\x84\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, pdu []byte) {
		var d Decoder
		before := bytes.Clone(pdu)
		m, err := d.Decode(pdu)
		if !bytes.Equal(pdu, before) {
			t.Fatal("the PDU was changed")
		}
		var envelope *EnvelopeError
		var answer *Error
		switch {
		case errors.As(err, &envelope):
			if m != nil {
				t.Fatal("a message in spite of an envelope error")
			}
			return
		case errors.As(err, &answer):
			if m == nil || m.ID <= 0 {
				t.Fatal("nothing to answer to")
			}
			return
		case err != nil:
			t.Fatalf("unclassified: %v", err)
		}
		id, octets, ok := PeekSearch(pdu)
		if ok != (m.Search != nil) || ok && (id != m.ID || !bytes.Equal(octets, m.Search.Octets)) {
			t.Fatalf("peek: %d, % x, %v", id, octets, ok)
		}
		if m.Search != nil {
			checkFilter(t, m.Search.Filter, 1)
		}
		// asn1-ber also looks into components that we only step over, and refuses what is wrong there.
		if _, err := asn1.DecodePacketErr(pdu); err == nil && !longInteger(pdu) && (m.Search == nil || writable(m.Search.Filter)) {
			sameAsGoLDAP(t, pdu, m)
		}
	})
}

// longInteger says whether an INTEGER or ENUMERATED of more than eight octets may be in pdu: asn1-ber reads padded ones as 0.
func longInteger(pdu []byte) bool {
	for i := 0; i+1 < len(pdu); i++ {
		if (pdu[i] == 0x02 || pdu[i] == 0x0a) && pdu[i+1] > 8 {
			return true
		}
	}
	return false
}

// writable says whether every attribute and rule of f is a description, so that go-ldap reads the filter's text as it was meant.
func writable(f *Filter) bool {
	for _, c := range slices.Concat(f.Attribute, f.Rule) {
		if !isTypeOctet(c) && c != ';' {
			return false
		}
	}
	for i := range f.Children {
		if !writable(&f.Children[i]) {
			return false
		}
	}
	return len(f.Attribute)+len(f.Rule)+len(f.Children) > 0 || f.Kind == And || f.Kind == Or
}

// checkFilter holds a filter against what the type promises.
func checkFilter(t *testing.T, f *Filter, depth int) {
	t.Helper()
	if depth > DefaultMaxDepth {
		t.Fatal("too deep")
	}
	switch f.Kind {
	case And, Or:
	case Not:
		if len(f.Children) != 1 {
			t.Fatalf("not of %d", len(f.Children))
		}
	case Substrings:
		if f.Initial == nil && f.Any == nil && f.Final == nil {
			t.Fatal("substrings without parts")
		}
		for _, part := range append([][]byte{f.Initial, f.Final}, f.Any...) {
			if part != nil && len(part) == 0 {
				t.Fatal("an empty part")
			}
		}
	case Extensible:
		if len(f.Attribute) == 0 && len(f.Rule) == 0 {
			t.Fatal("extensible match of nothing")
		}
	case Equality, GreaterOrEqual, LessOrEqual, Approx, Present:
	default:
		t.Fatalf("kind %d", f.Kind)
	}
	if text := f.String(); strings.ContainsAny(text, "\x00\n\r\x1b") {
		t.Fatalf("control characters in %q", text)
	}
	for i := range f.Children {
		checkFilter(t, &f.Children[i], depth+1)
	}
}

func FuzzDN(f *testing.F) {
	for _, seed := range []string{
		"", "dc=ringdex", "uid=0035500000AbCdEAAV,ou=Contact,dc=ringdex", ` CN = "a,b" ; OID.2.5.4.3=\c3\bc + x=#0401ff `, `cn=\`, `cn="`, "=", ",",
		"cn=#040141", "cn=#0401414142", `a=\ \ ,b=\#`, "cn=Mu\u0308ller", "cn=a+cn=b+cn=c", "1.2=x", "cn=İıſß",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		dn, err := ParseDN(in)
		key, keyErr := NormalizeDN(nil, []byte(in))
		if (err == nil) != (keyErr == nil) {
			t.Fatalf("ParseDN %v, NormalizeDN %v", err, keyErr)
		}
		var e *Error
		if err != nil {
			if !errors.As(err, &e) || e.Code != InvalidDNSyntax {
				t.Fatalf("got %v", err)
			}
			return
		}
		if string(key) != dn.Normal() {
			t.Fatalf("NormalizeDN %q, Normal %q", key, dn.Normal())
		}
		text := dn.String()
		if len(text) > maxDNLength {
			return // escapes made it too long to be read again
		}
		again, err := ParseDN(text)
		if err != nil || again.String() != text || again.Normal() != dn.Normal() {
			t.Fatalf("%q became %q, then %q, %v", in, text, again.String(), err)
		}
		if len(dn) > 0 && (!dn.Parent().AncestorOf(dn) || dn.AncestorOf(dn)) {
			t.Fatalf("%q: relations", in)
		}
		if len(dn) > 1 && !strings.HasSuffix(dn.Normal(), ","+dn.Parent().Normal()) {
			t.Fatalf("%q: the key %q doesn't end in its parent's", in, dn.Normal())
		}
	})
}

func FuzzControls(f *testing.F) {
	f.Add(AppendPagedResults(nil, PagedResults{Size: 100, Cookie: []byte("next")}))
	f.Add(AppendSortRequest(nil, []SortKey{{Attribute: []byte("sn"), Rule: []byte("2.5.13.3"), Reverse: true}}))
	f.Add(AppendSortResponse(nil, SortResponse{Code: NoSuchAttribute, Attribute: "x"}))
	f.Add(AppendVLVRequest(nil, VLVRequest{Before: 1, After: 2, Offset: 3, Count: 4}))
	f.Add(AppendVLVRequest(nil, VLVRequest{ByValue: true, Value: []byte("a"), ContextID: []byte("c")}))
	f.Add(AppendVLVResponse(nil, VLVResponse{Position: 1, Count: 2, ContextID: []byte("c")}))
	f.Add(AppendSubentries(nil, true))
	f.Add(AppendCancel(nil, 5))
	f.Add(equality("cn", "a"))
	f.Add([]byte("\x30\x84\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, value []byte) {
		// What is read and written again must be read as the same.
		same := func(what string, err error, write func() []byte, read func([]byte) (any, error), got any) {
			if err != nil {
				if e := (*Error)(nil); !errors.As(err, &e) {
					t.Fatalf("%s: unclassified: %v", what, err)
				}
				return
			}
			again, err := read(write())
			if err != nil || fmt.Sprintf("%+v", again) != fmt.Sprintf("%+v", got) {
				t.Fatalf("%s: got %+v, then %+v, %v", what, got, again, err)
			}
		}
		p, err := DecodePagedResults(value)
		same("paged", err, func() []byte { return AppendPagedResults(nil, p) }, func(b []byte) (any, error) { return DecodePagedResults(b) }, p)
		k, err := DecodeSortRequest(nil, value, 5)
		same("sort", err, func() []byte { return AppendSortRequest(nil, k) }, func(b []byte) (any, error) { return DecodeSortRequest(nil, b, 5) }, k)
		r, err := DecodeSortResponse(value)
		same("sort response", err, func() []byte { return AppendSortResponse(nil, r) }, func(b []byte) (any, error) { return DecodeSortResponse(b) }, r)
		v, err := DecodeVLVRequest(value)
		same("vlv", err, func() []byte { return AppendVLVRequest(nil, v) }, func(b []byte) (any, error) { return DecodeVLVRequest(b) }, v)
		w, err := DecodeVLVResponse(value)
		same("vlv response", err, func() []byte { return AppendVLVResponse(nil, w) }, func(b []byte) (any, error) { return DecodeVLVResponse(b) }, w)
		s, err := DecodeSubentries(value)
		same("subentries", err, func() []byte { return AppendSubentries(nil, s) }, func(b []byte) (any, error) { return DecodeSubentries(b) }, s)
		c, err := DecodeCancel(value)
		same("cancel", err, func() []byte { return AppendCancel(nil, c) }, func(b []byte) (any, error) { return DecodeCancel(b) }, c)
		if filter, err := DecodeFilter(value, Limits{}); err == nil {
			checkFilter(t, filter, 1)
		} else if e := (*Error)(nil); !errors.As(err, &e) {
			t.Fatalf("filter: unclassified: %v", err)
		}
	})
}
