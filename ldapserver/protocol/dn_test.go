package protocol

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

func TestParseDN(t *testing.T) {
	t.Parallel()
	avas := func(n int) string { return strings.TrimSuffix(strings.Repeat("a=b,", n), ",") }
	longest := "cn=" + strings.Repeat("x", maxDNLength-len("cn="))
	tests := []struct {
		name   string
		in     string
		text   string // DN.String; "!" where it is refused
		normal string // DN.Normal
	}{
		{"root", "", "", ""},
		{"root with spaces", "   ", "", ""},
		{"one", "dc=ringdex", "dc=ringdex", "dc=ringdex"},
		{"three", "uid=0035500000AbCdEAAV,ou=Contact,dc=ringdex", "uid=0035500000AbCdEAAV,ou=Contact,dc=ringdex", "uid=0035500000abcdeaav,ou=contact,dc=ringdex"},
		{"spaces around everything", "  UID = a b ,  OU = Contact , dc=ringdex  ", "UID=a b,OU=Contact,dc=ringdex", "uid=a b,ou=contact,dc=ringdex"},
		{"spaces squeezed", "cn=Anna   Example", "cn=Anna   Example", "cn=anna example"},
		{"semicolons", "cn=a;dc=b", "cn=a,dc=b", "cn=a,dc=b"},
		{"OID. prefix", "OID.2.5.4.3=a,oid.1.2=b", "2.5.4.3=a,1.2=b", "cn=a,1.2=b"},
		{"numeric type", "2.5.4.3=a", "2.5.4.3=a", "cn=a"},
		{"long names", "commonName=a,organizationalUnitName=b,domainComponent=c,userid=d,localityName=e", "commonName=a,organizationalUnitName=b,domainComponent=c,userid=d,localityName=e", "cn=a,ou=b,dc=c,uid=d,l=e"},
		{"more long names", "stateOrProvinceName=a,organizationName=b,countryName=c,streetAddress=d", "stateOrProvinceName=a,organizationName=b,countryName=c,streetAddress=d", "st=a,o=b,c=c,street=d"},
		{"multi-valued, sorted", "ou=Sales + CN=J. Smith,dc=b", "ou=Sales+CN=J. Smith,dc=b", "cn=j. smith+ou=sales,dc=b"},
		{"quoted", `cn="a,b+c; d",dc=x`, `cn=a\,b\+c\; d,dc=x`, `cn=a\2cb\2bc; d,dc=x`},
		{"quoted with escapes", `cn="a\"b\\c\2c"`, `cn=a\"b\\c\,`, `cn=a"b\5cc\2c`},
		{"quoted spaces", `cn="  a  " , dc=x`, `cn=\  a \ ,dc=x`, "cn=a,dc=x"},
		{"quoted empty", `cn=""`, "cn=", "cn="},
		{"escaped comma", `cn=Example\, Inc.,dc=x`, `cn=Example\, Inc.,dc=x`, `cn=example\2c inc.,dc=x`},
		{"escaped everything", `cn=\"\+\,\;\<\>\\\ \#\=`, `cn=\"\+\,\;\<\>\\ #=`, `cn="\2b\2c;<>\5c #=`},
		{"hex pairs", `cn=M\c3\bcller`, "cn=Müller", "cn=müller"},
		{"hex pair in upper case", `cn=\41\4F`, "cn=AO", "cn=ao"},
		{"escaped outer spaces", `cn=\ a\ ,dc=x`, `cn=\ a\ ,dc=x`, "cn=a,dc=x"},
		{"escaped trailing space and more spaces", `cn=a\   ,dc=x`, `cn=a\ ,dc=x`, "cn=a,dc=x"},
		{"escaped hash", `cn=\#04`, `cn=\#04`, `cn=\2304`},
		{"hash inside", "cn=a#b", "cn=a#b", "cn=a#b"},
		{"NUL", `cn=a\00b`, `cn=a\00b`, "cn=ab"},
		{"equals in value", "cn=a=b", "cn=a=b", "cn=a=b"},
		{"empty value", "cn=,dc=x", "cn=,dc=x", "cn=,dc=x"},
		{"only spaces as value", `cn=\ \ `, `cn=\ \ `, "cn="},
		{"umlauts, composed or not", "cn=Mu\u0308ller", "cn=Mu\u0308ller", "cn=müller"},
		{"sharp s", "cn=STRAẞE", "cn=STRAẞE", "cn=strasse"},
		{"no-break space", "cn=a\u00a0b", "cn=a\u00a0b", "cn=a b"},
		{"soft hyphen", "cn=a\u00adb", "cn=a\u00adb", "cn=ab"},
		{"full width", "cn=ＡＢ", "cn=ＡＢ", "cn=ab"},
		{"octets that are no UTF-8", `cn=\ff`, `cn=\ff`, `cn=\ff`},
		{"hex UTF8String", "cn=#0c0141", "cn=A", "cn=a"},
		{"hex OCTET STRING", "cn=#0402C3BC", "cn=ü", "cn=ü"},
		{"hex PrintableString with a comma", "cn=#1303612c62", `cn=a\,b`, `cn=a\2cb`},
		{"hex INTEGER", "cn=#020105", "cn=#020105", "cn=#020105"},
		{"hex in upper case", "cn=#02010A", "cn=#02010a", "cn=#02010a"},
		{"hex behind spaces", "cn= #020105 ,dc=x", "cn=#020105,dc=x", "cn=#020105,dc=x"},
		{"hex with trailing octets", "cn=#0401414142", "!", ""},
		{"hex with a length past the end", "cn=#040541", "!", ""},
		{"hex with half a pair", "cn=#04014", "!", ""},
		{"hex with an indefinite length", "cn=#24800000", "!", ""},
		{"hex of no octets", "cn=#", "!", ""},
		{"hex and text", "cn=#020105x", "!", ""},
		{"hex string of no UTF-8", "cn=#0401ff", "!", ""},
		{"comma only", ",", "!", ""},
		{"comma first", ",dc=x", "!", ""},
		{"comma last", "dc=x,", "!", ""},
		{"empty RDN", "cn=a,,dc=x", "!", ""},
		{"plus last", "cn=a+", "!", ""},
		{"plus only", "+", "!", ""},
		{"equals first", "=a", "!", ""},
		{"no equals", "phone", "!", ""},
		{"windows name", `EXAMPLE\phone`, "!", ""},
		{"mail address", "phone@example.org", "!", ""},
		{"space in type", "c n=a", "!", ""},
		{"options", "cn;lang-de=a", "!", ""},
		{"type begins with a digit", "1a=b", "!", ""},
		{"type begins with a hyphen", "-a=b", "!", ""},
		{"OID with two dots", "1..2=b", "!", ""},
		{"OID ends with a dot", "1.=b", "!", ""},
		{"dot in a name", "a.b=c", "!", ""},
		{"OID. alone", "OID.=b", "!", ""},
		{"unterminated quote", `cn="a`, "!", ""},
		{"text behind the quote", `cn="a"b`, "!", ""},
		{"quote inside", `cn=a"b`, "!", ""},
		{"angle bracket", "cn=a<b", "!", ""},
		{"escape cut off", `cn=a\`, "!", ""},
		{"hex pair cut off", `cn=a\4`, "!", ""},
		{"unknown escape", `cn=\x`, "!", ""},
		{"raw NUL", "cn=a\x00b", "!", ""},
		{"no UTF-8", "cn=\xff", "!", ""},
		{"parts at the limit", avas(64), avas(64), avas(64)},
		{"parts above the limit", avas(65), "!", ""},
		{"a hundred thousand parts", avas(100_000), "!", ""},
		{"length at the limit", longest, longest, longest},
		{"length above the limit", longest + "x", "!", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dn, err := ParseDN(tt.in)
			key, keyErr := NormalizeDN([]byte("before"), []byte(tt.in))
			if tt.text == "!" {
				var e *Error
				if !errors.As(err, &e) || e.Code != InvalidDNSyntax || keyErr == nil || string(key) != "before" {
					t.Fatalf("got %v, %v and %q, %v, want it refused", dn, err, key, keyErr)
				}
				return
			}
			if err != nil || keyErr != nil {
				t.Fatal(err, keyErr)
			}
			if got := dn.String(); got != tt.text {
				t.Errorf("String: got %s, want %s", got, tt.text)
			}
			if got := dn.Normal(); got != tt.normal {
				t.Errorf("Normal: got %s, want %s", got, tt.normal)
			}
			if string(key) != "before"+tt.normal {
				t.Errorf("NormalizeDN: got %s, want %s", key, tt.normal)
			}
			again, err := ParseDN([]byte(dn.String()))
			if err != nil || again.String() != dn.String() || !again.Equal(dn) {
				t.Errorf("parsed again: %v, %v", again, err)
			}
		})
	}
}

func TestDNRelations(t *testing.T) {
	t.Parallel()
	parse := func(s string) DN {
		dn, err := ParseDN(s)
		if err != nil {
			t.Fatal(err)
		}
		return dn
	}
	tests := []struct {
		a, b            string
		equal, ancestor bool // a equals b, a is above b
	}{
		{"dc=x", "DC = X", true, false},
		{"dc=x", "ou=a,dc=x", false, true},
		{"dc=x", "cn=b,ou=a, DC=X", false, true},
		{"ou=a,dc=x", "dc=x", false, false},
		{"", "dc=x", false, true},
		{"", "", true, false},
		{"dc=x", `cn=a\,dc=x`, false, false},
		{"dc=x", "cn=a,dc=xx", false, false},
		{"cn=a+ou=b,dc=x", "OU=B+CN=A,DC=X", true, false},
		{"cn=a", "ou=a", false, false},
		{`cn=a\,b`, `cn="a,b"`, true, false},
		{`cn=\#04`, "cn=#040104", false, false},
	}
	for _, tt := range tests {
		a, b := parse(tt.a), parse(tt.b)
		if got := a.Equal(b); got != tt.equal {
			t.Errorf("%s equal %s: got %v", tt.a, tt.b, got)
		}
		if got := a.AncestorOf(b); got != tt.ancestor {
			t.Errorf("%s above %s: got %v", tt.a, tt.b, got)
		}
		// What the comparison key promises.
		if got := len(a) > 0 && strings.HasSuffix(b.Normal(), ","+a.Normal()); got != (tt.ancestor && len(a) > 0) {
			t.Errorf("key of %s ends in the key of %s: got %v", tt.b, tt.a, got)
		}
	}
	if got := parse("cn=a,dc=x").Parent().String(); got != "dc=x" {
		t.Errorf("got %s", got)
	}
	if got := DN(nil).Parent(); got != nil {
		t.Errorf("got %v", got)
	}
	if got := parse("cn=a+ou=b,dc=x")[0].String(); got != "cn=a+ou=b" {
		t.Errorf("got %s", got)
	}
}

// TestEscapeValue escapes random values: they come back from ParseDN, and from go-ldap's.
func TestEscapeValue(t *testing.T) {
	t.Parallel()
	if got := EscapeValue("Anna Example"); got != "Anna Example" {
		t.Errorf("got %s", got)
	}
	r := rand.New(rand.NewPCG(3, 4))
	pieces := []string{" ", "#", "a", "B", ",", "+", "\"", "\\", "<", ">", ";", "=", "ü", "€", "\x00", "\n", "\x7f", "\xff", "𝔘"}
	for range 5000 {
		var value string
		for range r.IntN(6) {
			value += pieces[r.IntN(len(pieces))]
		}
		text := "cn=" + EscapeValue(value) + ",dc=x"
		dn, err := ParseDN(text)
		if err != nil || len(dn) != 2 || dn[0][0].Value != value {
			t.Fatalf("%q became %s: got %q, %v", value, text, dn, err)
		}
		if strings.ContainsAny(text, "\x00\n\x7f") {
			t.Fatalf("%q: control characters in %q", value, text)
		}
		theirs, err := ldap.ParseDN(text)
		if err != nil || theirs.RDNs[0].Attributes[0].Value != value {
			t.Fatalf("%q became %q: go-ldap got %v, %v", value, text, theirs, err)
		}
	}
}

// TestDNTimeIsLinear parses what makes careless parsers quadratic, at the largest length, often.
func TestDNTimeIsLinear(t *testing.T) {
	t.Parallel()
	start := time.Now()
	for _, unit := range []string{`\ `, " ", `\,`, `\41`, "ü", "x "} {
		in := []byte("cn=" + strings.Repeat(unit, (maxDNLength-len("cn="))/len(unit)))
		for range 12 {
			if _, err := NormalizeDN(nil, in); err != nil {
				t.Fatalf("%q: %v", unit, err)
			}
		}
	}
	// 72 DNs of 64 kB: some 50 ms; quadratic time would take minutes.
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestNormalizeDNAllocatesNothing(t *testing.T) {
	buf := make([]byte, 0, 256)
	for _, raw := range []string{"", "dc=ringdex", "uid=0035500000AbCdEAAV, ou=Contact, dc=ringdex", "domainComponent=ringdex"} {
		in := []byte(raw)
		if got := testing.AllocsPerRun(100, func() {
			if _, err := NormalizeDN(buf, in); err != nil {
				t.Fatal(err)
			}
		}); got != 0 {
			t.Errorf("%s: got %v allocations, want 0", raw, got)
		}
	}
}
