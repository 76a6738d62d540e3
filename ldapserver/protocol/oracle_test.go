package protocol

import (
	"bytes"
	"slices"
	"testing"

	asn1 "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// sameAsGoLDAP holds a decoded message against what asn1-ber and go-ldap make of the same bytes.
func sameAsGoLDAP(t testing.TB, pdu []byte, m *Message) {
	t.Helper()
	p, err := asn1.DecodePacketErr(pdu)
	if err != nil {
		t.Fatalf("asn1-ber refuses what we accept: %v: %x", err, pdu)
	}
	if got := p.Children[0].Value; got != int64(m.ID) {
		t.Errorf("id: got %d, asn1-ber %v", m.ID, got)
	}
	op := p.Children[1]
	if got := Op(byte(op.ClassType) | byte(op.TagType) | byte(op.Tag)); got != m.Op {
		t.Errorf("op: got %v, asn1-ber %v", m.Op, got)
	}
	octets := func(what string, got []byte, p *asn1.Packet) {
		t.Helper()
		if want := p.Data.Bytes(); !bytes.Equal(got, want) {
			t.Errorf("%s: got %q, asn1-ber %q", what, got, want)
		}
	}
	number := func(what string, got int, p *asn1.Packet) {
		t.Helper()
		if p.Value != int64(got) {
			t.Errorf("%s: got %d, asn1-ber %v", what, got, p.Value)
		}
	}
	switch m.Op {
	case OpBindRequest:
		number("version", m.Bind.Version, op.Children[0])
		octets("name", m.Bind.Name, op.Children[1])
		if !m.Bind.SASL && !m.Bind.OtherMethod {
			octets("password", m.Bind.Simple, op.Children[2])
		}
	case OpSearchRequest:
		s, c := m.Search, op.Children
		octets("base", s.Base, c[0])
		number("scope", int(s.Scope), c[1])
		number("deref", int(s.Deref), c[2])
		number("size limit", s.SizeLimit, c[3])
		number("time limit", s.TimeLimit, c[4])
		if c[5].Value != s.TypesOnly {
			t.Errorf("types only: got %v, asn1-ber %v", s.TypesOnly, c[5].Value)
		}
		sameFilter(t, s.Filter, c[6])
		if len(s.Attributes) != len(c[7].Children) {
			t.Fatalf("attributes: got %d, asn1-ber %d", len(s.Attributes), len(c[7].Children))
		}
		for i, a := range s.Attributes {
			octets("attribute", a, c[7].Children[i])
		}
	case OpCompareRequest:
		octets("entry", m.Compare.DN, op.Children[0])
		octets("attribute", m.Compare.Attribute, op.Children[1].Children[0])
		octets("value", m.Compare.Value, op.Children[1].Children[1])
	case OpExtendedRequest:
		octets("name", m.Extended.OID, op.Children[0])
		if m.Extended.HasValue {
			octets("value", m.Extended.Value, op.Children[1])
		}
	case OpAddRequest, OpModifyRequest, OpModifyDNRequest:
		octets("entry", m.Write.DN, op.Children[0])
	case OpDelRequest:
		octets("entry", m.Write.DN, op)
	}
}

// sameFilter compares by way of the filter's bytes: go-ldap's text of the packet, compiled again, and our text, compiled, must be the
// same. Where go-ldap can't write or read a filter, nothing is compared: its text form has no way for everything the wire allows.
func sameFilter(t testing.TB, f *Filter, p *asn1.Packet) {
	t.Helper()
	if withoutParts(p) {
		return // go-ldap writes it like the equality of an empty value
	}
	theirs, err := ldap.DecompileFilter(p)
	if err != nil {
		return
	}
	want, err := ldap.CompileFilter(theirs)
	if err != nil {
		return
	}
	got, err := ldap.CompileFilter(f.String())
	if err != nil {
		t.Errorf("go-ldap doesn't compile our %s: %v (its own: %s)", f, err, theirs)
		return
	}
	if !bytes.Equal(got.Bytes(), want.Bytes()) {
		// An empty part of a substring filter is dropped by us, and a filter of nothing else is a presence.
		if again, err := DecodeFilter(want.Bytes(), Limits{MaxTerms: 1 << 20, MaxSubstrings: 1 << 20, MaxDepth: 100}); err == nil && again.String() == f.String() {
			return
		}
		t.Errorf("filter: got %s, go-ldap %s", f, theirs)
	}
}

// withoutParts says whether a substring filter in p has no parts at all.
func withoutParts(p *asn1.Packet) bool {
	if p.ClassType == asn1.ClassContext && p.Tag == ldap.FilterSubstrings && len(p.Children) == 2 && len(p.Children[1].Children) == 0 {
		return true
	}
	return slices.ContainsFunc(p.Children, withoutParts)
}

// parse reads one response with go-ldap's packet reader.
func parse(t testing.TB, b []byte) *asn1.Packet {
	t.Helper()
	p, err := asn1.ReadPacket(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("asn1-ber: %v: %x", err, b)
	}
	if got := p.Bytes(); !bytes.Equal(got, b) {
		t.Fatalf("asn1-ber would have written\n%x, we wrote\n%x", got, b)
	}
	return p
}
