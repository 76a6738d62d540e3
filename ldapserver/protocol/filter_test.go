package protocol

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

func TestFilterDecoding(t *testing.T) {
	t.Parallel()
	substrings := func(parts ...[]byte) []byte { return elem(0xa4, str("cn"), elem(0x30, parts...)) }
	nots := func(levels int) []byte {
		f := present("cn")
		for range levels - 1 {
			f = elem(0xa2, f)
		}
		return f
	}
	terms := func(n int) []byte { return elem(0xa1, bytes.Repeat(present("c"), n-1)) }
	tests := []struct {
		name   string
		filter []byte
		want   string // the filter's text, or the outcome in brackets
	}{
		{"equality", equality("cn", "a"), "(cn=a)"},
		{"equality of nothing", equality("cn", ""), "(cn=)"},
		{"equality without value", elem(0xa3, str("cn")), "[close]"},
		{"equality with a third component", elem(0xa3, str("cn"), str("a"), ctx(7, "")), "(cn=a)"},
		{"equality with garbage behind", elem(0xa3, str("cn"), str("a"), raw("\x04\x05")), "[close]"},
		{"equality, primitive", raw("\x83\x06\x04\x01a\x04\x01b"), "[protocolError]"},
		{"equality of an INTEGER", elem(0xa3, str("cn"), num(1)), "[protocolError]"},
		{"equality of a constructed string", elem(0xa3, str("cn"), elem(0x24, str("a"))), "[protocolError]"},
		{"greater", elem(0xa5, str("cn"), str("a")), "(cn>=a)"},
		{"less", elem(0xa6, str("cn"), str("zz")), "(cn<=zz)"},
		{"approximate", elem(0xa8, str("cn"), str("a")), "(cn~=a)"},
		{"present", present("cn"), "(cn=*)"},
		{"present, constructed", elem(0xa7, str("cn")), "[protocolError]"},
		{"present of nothing", present(""), "(=*)"},
		{"options", present("cn;lang-de"), "(cn;lang-de=*)"},
		{"absolute true", elem(0xa0), "(&)"},
		{"absolute false", elem(0xa1), "(|)"},
		{"and of one", elem(0xa0, present("cn")), "(&(cn=*))"},
		{"or of or", elem(0xa1, elem(0xa1, present("cn"), present("sn")), present("o")), "(|(|(cn=*)(sn=*))(o=*))"},
		{"not", elem(0xa2, present("cn")), "(!(cn=*))"},
		{"not of nothing", elem(0xa2), "[protocolError]"},
		{"not of two", elem(0xa2, present("cn"), present("cn")), "[protocolError]"},
		{"not of not", elem(0xa2, elem(0xa2, present("cn"))), "(!(!(cn=*)))"},
		{"initial", substrings(ctx(0, "a")), "(cn=a*)"},
		{"any", substrings(ctx(1, "a")), "(cn=*a*)"},
		{"final", substrings(ctx(2, "a")), "(cn=*a)"},
		{"all parts", substrings(ctx(0, "a"), ctx(1, "b"), ctx(1, "c"), ctx(2, "d")), "(cn=a*b*c*d)"},
		{"an empty part in the middle", substrings(ctx(0, "a"), ctx(1, ""), ctx(2, "d")), "(cn=a*d)"},
		{"Thunderbird's empty part", substrings(ctx(1, "anna"), ctx(1, "")), "(cn=*anna*)"},
		{"empty initial and final", substrings(ctx(0, ""), ctx(1, "b"), ctx(2, "")), "(cn=*b*)"},
		{"nothing but empty parts", substrings(ctx(0, ""), ctx(1, ""), ctx(2, "")), "(cn=*)"},
		{"no parts", substrings(), "(cn=*)"},
		{"two initials", substrings(ctx(0, "a"), ctx(0, "b")), "[protocolError]"},
		{"initial not first", substrings(ctx(1, "a"), ctx(0, "b")), "[protocolError]"},
		{"two finals", substrings(ctx(2, "a"), ctx(2, "b")), "[protocolError]"},
		{"any behind final", substrings(ctx(2, "a"), ctx(1, "b")), "[protocolError]"},
		{"unknown part", substrings(ctx(3, "a")), "[protocolError]"},
		{"part as OCTET STRING", substrings(str("a")), "[protocolError]"},
		{"parts missing", elem(0xa4, str("cn")), "[close]"},
		{"parts at the limit", substrings(bytes.Repeat(ctx(1, "a"), 64)), "(cn=*" + strings.Repeat("a*", 64) + ")"},
		{"parts above the limit", substrings(bytes.Repeat(ctx(1, "a"), 65)), "[adminLimitExceeded]"},
		{"empty parts above the limit", substrings(bytes.Repeat(ctx(1, ""), 65)), "[adminLimitExceeded]"},
		{"rule and type", elem(0xa9, ctx(1, "2.5.13.2"), ctx(2, "cn"), ctx(3, "a")), "(cn:2.5.13.2:=a)"},
		{"type only", elem(0xa9, ctx(2, "cn"), ctx(3, "a")), "(cn:=a)"},
		{"rule only", elem(0xa9, ctx(1, "2.5.13.2"), ctx(3, "a")), "(:2.5.13.2:=a)"},
		{"with dn", elem(0xa9, ctx(1, "2.5.13.2"), ctx(2, "cn"), ctx(3, "a"), raw("\x84\x01\x01")), "(cn:dn:2.5.13.2:=a)"},
		{"dn FALSE", elem(0xa9, ctx(2, "cn"), ctx(3, "a"), raw("\x84\x01\x00")), "(cn:=a)"},
		{"rule only with dn", elem(0xa9, ctx(1, "2.5.13.2"), ctx(3, "a"), raw("\x84\x01\xff")), "(:dn:2.5.13.2:=a)"},
		{"dn of two octets", elem(0xa9, ctx(2, "cn"), ctx(3, "a"), raw("\x84\x02\xff\xff")), "[protocolError]"},
		{"neither rule nor type", elem(0xa9, ctx(3, "a")), "[protocolError]"},
		{"empty rule and type", elem(0xa9, ctx(1, ""), ctx(2, ""), ctx(3, "a")), "[protocolError]"},
		{"extensible without value", elem(0xa9, ctx(2, "cn")), "[close]"},
		{"type before rule", elem(0xa9, ctx(2, "cn"), ctx(1, "2.5.13.2"), ctx(3, "a")), "[protocolError]"},
		{"unknown choice", elem(0xaa), "[protocolError]"},
		{"universal tag", str("(cn=a)"), "[protocolError]"},
		{"depth at the limit", nots(32), strings.Repeat("(!", 31) + "(cn=*)" + strings.Repeat(")", 31)},
		{"depth above the limit", nots(33), "[adminLimitExceeded]"},
		{"terms at the limit", terms(256), "(|" + strings.Repeat("(c=*)", 255) + ")"},
		{"terms above the limit", terms(257), "[adminLimitExceeded]"},
		{"escapes", equality("cn", "*()\\\x00\n\x7f"), `(cn=\2a\28\29\5c\00\0a\7f)`},
		{"umlaut", equality("cn", "Müller"), "(cn=Müller)"},
		{"no UTF-8", equality("cn", "M\xfcller"), `(cn=M\fcller)`},
		{"UTF-8 cut off", equality("cn", "M\xc3"), `(cn=M\c3)`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var d Decoder
			got, m, err := outcome(&d, searchMessage(tt.filter))
			if got == "ok" {
				got = m.Search.Filter.String()
			} else {
				got = "[" + got + "]"
			}
			if got != tt.want {
				t.Fatalf("got %s (%v), want %s", got, err, tt.want)
			}
			// An assertion control's value goes the same way, but a broken one breaks no envelope.
			f, err := DecodeFilter(tt.filter, Limits{})
			switch {
			case err == nil && f.String() != tt.want:
				t.Errorf("DecodeFilter: got %s, want %s", f, tt.want)
			case err != nil && tt.want == "[close]" && err.(*Error).Code != ProtocolError:
				t.Errorf("DecodeFilter: got %v, want a protocol error", err)
			case (err == nil) != (tt.want[0] == '('):
				t.Errorf("DecodeFilter: got %v, want %s", err, tt.want)
			}
		})
	}
	if _, err := DecodeFilter(append(present("cn"), 0), Limits{}); err == nil {
		t.Error("an octet behind the filter: got no error")
	}
}

func TestConfiguredLimits(t *testing.T) {
	t.Parallel()
	d := Decoder{Limits: Limits{MaxDepth: 2, MaxTerms: 3, MaxAttributes: 1, MaxControls: 1, MaxDN: 17, MaxSubstrings: 2}}
	tests := []struct {
		name string
		pdu  []byte
		want string
	}{
		{"all at the limit", message(2, searchOp(elem(0xa0, present("a"), elem(0xa4, str("b"), elem(0x30, ctx(0, "x"), ctx(1, "y"))))), elem(0xa0, control("1"))), "ok"},
		{"depth", searchMessage(elem(0xa0, elem(0xa0, present("a")))), "adminLimitExceeded"},
		{"terms", searchMessage(elem(0xa0, present("a"), present("b"), present("c"))), "adminLimitExceeded"},
		{"controls", message(2, searchOp(present("a")), elem(0xa0, control("1"), control("2"))), "adminLimitExceeded"},
		{"substrings", searchMessage(elem(0xa4, str("b"), elem(0x30, ctx(0, "x"), ctx(1, "y"), ctx(2, "z")))), "adminLimitExceeded"},
		{"name", message(2, elem(0x60, num(3), str("cn=123456789012345"), ctx(0, ""))), "adminLimitExceeded"},
	}
	for _, tt := range tests {
		if got, _, err := outcome(&d, tt.pdu); got != tt.want {
			t.Errorf("%s: got %s (%v), want %s", tt.name, got, err, tt.want)
		}
	}
}

// randomFilter writes a filter in RFC 4515 form, with everything that go-ldap compiles.
func randomFilter(r *rand.Rand, depth int) string {
	attribute := []string{"cn", "sn", "telephoneNumber", "o;lang-de", "2.5.4.3"}[r.IntN(5)]
	value := func() string {
		var b strings.Builder
		for range 1 + r.IntN(6) {
			b.WriteString([]string{"a", "Z", "9", " ", "ü", "ß", "€", `\2a`, `\28`, `\29`, `\5c`, `\00`, `\ff`, "=", "<", "~", ",", "&"}[r.IntN(18)])
		}
		return b.String()
	}
	kinds := 8
	if depth > 0 {
		kinds = 11
	}
	switch r.IntN(kinds) {
	case 0:
		return fmt.Sprintf("(%s=%s)", attribute, value())
	case 1:
		return fmt.Sprintf("(%s>=%s)", attribute, value())
	case 2:
		return fmt.Sprintf("(%s<=%s)", attribute, value())
	case 3:
		return fmt.Sprintf("(%s~=%s)", attribute, value())
	case 4:
		return fmt.Sprintf("(%s=*)", attribute)
	case 5, 6:
		s := "(" + attribute + "="
		if r.IntN(2) == 0 {
			s += value()
		}
		s += "*"
		for range r.IntN(4) {
			s += value() + "*"
		}
		return s + value() + ")"
	case 7:
		return "(" + attribute + []string{"", ":dn"}[r.IntN(2)] + []string{"", ":2.5.13.2"}[r.IntN(2)] + ":=" + value() + ")"
	case 8:
		return "(!" + randomFilter(r, depth-1) + ")"
	}
	s := "(" + []string{"&", "|"}[r.IntN(2)]
	for range r.IntN(4) {
		s += randomFilter(r, depth-1)
	}
	return s + ")"
}

// TestFilterRoundTrip compiles random filters with go-ldap, decodes them, writes them as text and compiles that: the same bytes.
func TestFilterRoundTrip(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		text := randomFilter(r, 4)
		p, err := ldap.CompileFilter(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		f, err := DecodeFilter(p.Bytes(), Limits{})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		again, err := ldap.CompileFilter(f.String())
		if err != nil {
			t.Fatalf("%s became %s: %v", text, f, err)
		}
		if !bytes.Equal(again.Bytes(), p.Bytes()) {
			t.Fatalf("%s became %s", text, f)
		}
		var d Decoder
		pdu := searchMessage(p.Bytes())
		m, err := d.Decode(pdu)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		sameAsGoLDAP(t, pdu, m)
	}
}
