package directory

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ringdex/ldapserver/protocol"
)

// hostileAttributes have every syntax and everything that is computed, and are no attributes at all.
var hostileAttributes = []string{
	"cn", "description", "name", "telephoneNumber", "facsimileTelephoneNumber", "mail", "labeledURI", "uid", "ou", "entryDN", "entryUUID", "modifyTimestamp",
	"objectClass", "structuralObjectClass", "hasSubordinates", "subschemaSubentry", "objectCategory", "searchNumber", "anr", "jpegPhoto", "nonsense", "", "@x", "cn;",
	";", "cn;lang-\xff", "2.5.4.3", "1..2", "userCertificate", strings.Repeat("x", 5000),
}

var hostileRules = []string{
	"", "caseIgnoreMatch", "wordMatch", "2.5.13.1", "generalizedTimeMatch", "certificateExactMatch", "2.5.13.34", "certificateMatch", "2.5.13.35",
	"certificateListExactMatch", "1.3.6.1.4.1.4203.666.11.10.2", "\x00", strings.Repeat("1.", 2000) + "1",
}

// hostileValues are assertion values that parsers trip over.
func hostileValues() [][]byte {
	var out [][]byte
	for _, s := range []string{
		"", " ", "*", "a", "0", "+", "-1", "\x00", "a\x00b", "\xff\xfe", "M\xc3", "\\", `\0`, `\zz`, "(", ")(cn=*", "#04", "#0401414142", ",", "=", "=a", `cn="`, `cn=\`,
		"cn=a+", "uid=x,,dc=ringdex", strings.Repeat("a=b,", 100) + "dc=ringdex", "99999999999999Z", "20260231000000Z", "20260101000000+9999", "{serialNumber 1, issuer \"\"}",
		"é\u0301\u0301\u0301", "\u202e", "\n\x1b[2J", "+49 7031 123-456",
	} {
		out = append(out, []byte(s))
	}
	return out
}

// hostileFilters are terms of every kind about a value.
func hostileFilters(attribute string, v []byte) (out []protocol.Filter) {
	a := []byte(attribute)
	for _, kind := range []protocol.FilterKind{protocol.Equality, protocol.Approx, protocol.GreaterOrEqual, protocol.LessOrEqual} {
		out = append(out, protocol.Filter{Kind: kind, Attribute: a, Value: v})
	}
	if len(v) > 0 {
		out = append(out,
			protocol.Filter{Kind: protocol.Substrings, Attribute: a, Initial: v},
			protocol.Filter{Kind: protocol.Substrings, Attribute: a, Final: v},
			protocol.Filter{Kind: protocol.Substrings, Attribute: a, Initial: v, Any: slices.Repeat([][]byte{v}, 60), Final: v},
		)
	}
	return out
}

func extensibleFilters(attribute string, v []byte) (out []protocol.Filter) {
	for i, rule := range hostileRules {
		if rule != "" || attribute != "" { // else the decoder refuses it
			out = append(out, protocol.Filter{Kind: protocol.Extensible, Attribute: []byte(attribute), Rule: []byte(rule), Value: v, DNAttributes: i%2 == 1})
		}
	}
	return out
}

// hostileDirectory has, beside the invented entries, one with long values of the same letter.
func hostileDirectory(t *testing.T) *Directory {
	entries := invented(t)
	m := makerAt(t, here)
	long := strings.Repeat("a", longValue)
	e := m.record("Contact", 99).add("cn", "Long").add("sn", "Long").add("description", long).add("labeledURI", long).add("mail", long)
	return directoryOf(t, append(entries, e.entry), func(o *Options) { o.Answers = -1 })
}

const longValue = 100_000

// TestHostileAssertions: whatever is asserted of whatever, the answer is success, a term and its negation are never both true,
// and no search takes long.
func TestHostileAssertions(t *testing.T) {
	t.Parallel()
	s := sessionOf(hostileDirectory(t))
	ask := func(f protocol.Filter) []string {
		r := &protocol.SearchRequest{Base: []byte("dc=ringdex"), Scope: protocol.WholeSubtree, Filter: &f, Attributes: [][]byte{[]byte("1.1")}}
		begin := time.Now()
		answer := askWith(t, s, r)
		if took := time.Since(begin); took > 10*time.Second {
			t.Errorf("%.200s: took %v", f.String(), took)
		}
		if answer.code != protocol.Success {
			t.Fatalf("%.200s: %v", f.String(), answer.code)
		}
		return answer.dns
	}
	searches := 0
	for i, attribute := range hostileAttributes {
		for j, v := range hostileValues() {
			if (i+j)%4 > 0 {
				continue
			}
			filters := hostileFilters(attribute, v)
			if searches%5 == 0 {
				filters = append(filters, extensibleFilters(attribute, v)...)
			}
			for _, f := range filters {
				searches++
				yes, no := ask(f), ask(protocol.Filter{Kind: protocol.Not, Children: []protocol.Filter{f}})
				if at := slices.IndexFunc(yes, func(dn string) bool { return slices.Contains(no, dn) }); at >= 0 {
					t.Errorf("%.200q: %s satisfies the term and its negation", f.String(), yes[at])
				}
			}
		}
	}
	// As long as a message of who has not bound may be.
	for _, unit := range []string{"a", "1", "a ", "é", "\xff", "a,", "cn=a,", `\`} {
		for _, attribute := range []string{"cn", "description", "telephoneNumber", "labeledURI", "mail", "entryDN", "modifyTimestamp", "objectClass", "searchNumber", "objectCategory"} {
			for _, f := range hostileFilters(attribute, bytes.Repeat([]byte(unit), 60<<10/len(unit)))[:6] {
				ask(f)
			}
		}
	}
}

// TestCertificatesAreNotParsed: the rules on certificates are unknown, so that a term is Undefined, whatever it asserts.
func TestCertificatesAreNotParsed(t *testing.T) {
	t.Parallel()
	s := sessionOf(directoryOf(t, invented(t), nil))
	for _, rule := range []string{"certificateExactMatch", "2.5.13.34", "certificateMatch", "2.5.13.35", "certificateListExactMatch", "2.5.13.38", "attributeCertificateExactMatch"} {
		for _, attribute := range []string{"", "cn", "userCertificate"} {
			f := protocol.Filter{Kind: protocol.Extensible, Rule: []byte(rule), Attribute: []byte(attribute), Value: []byte(`{ serialNumber 1, issuer rdnSequence:"" }`)}
			for _, f := range []protocol.Filter{f, {Kind: protocol.Not, Children: []protocol.Filter{f}}} {
				r := &protocol.SearchRequest{Base: []byte("dc=ringdex"), Scope: protocol.WholeSubtree, Filter: &f}
				if got := askWith(t, s, r); got.code != protocol.Success || len(got.dns) > 0 {
					t.Errorf("%s: %v, %q", f.String(), got.code, got.dns)
				}
			}
		}
	}
}

// TestSubstringsTakeLinearTime: parts that nearly match, everywhere in a long value, are what makes a careless matcher quadratic.
func TestSubstringsTakeLinearTime(t *testing.T) {
	t.Parallel()
	s := sessionOf(hostileDirectory(t))
	half := bytes.Repeat([]byte("a"), longValue/2)
	almost := append(bytes.Clone(half), 'b')
	quarter := slices.Repeat([][]byte{bytes.Repeat([]byte("a"), longValue/64), []byte("b")}, 32)
	begin := time.Now()
	for _, attribute := range []string{"description", "labeledURI", "mail", "cn", "entryDN"} {
		for name, f := range map[string]protocol.Filter{
			"inner":          {Any: [][]byte{almost}},
			"several":        {Any: [][]byte{half[:longValue/4], almost}},
			"many":           {Any: quarter},
			"end":            {Any: [][]byte{half}, Final: almost},
			"beginning":      {Initial: half, Any: [][]byte{almost}},
			"upper and more": {Any: [][]byte{bytes.ToUpper(almost)}, Final: half},
		} {
			f.Kind, f.Attribute = protocol.Substrings, []byte(attribute)
			r := &protocol.SearchRequest{Base: []byte("dc=ringdex"), Scope: protocol.WholeSubtree, Filter: &f}
			if got := askWith(t, s, r); got.code != protocol.Success || len(got.dns) > 0 {
				t.Errorf("%s, %s: %v, %d entries", attribute, name, got.code, len(got.dns))
			}
		}
	}
	// 30 searches: some 50 ms; the product of the lengths, 5·10⁹ for each, would take minutes.
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
}

// TestLongBoundsTakeLinearTime: a bound as long as a message is not worked out again for each value.
func TestLongBoundsTakeLinearTime(t *testing.T) {
	t.Parallel()
	s := sessionOf(crowd(t, 500))
	begin := time.Now()
	for _, unit := range []string{"\xff", "é", "z", "ж", "z\x00"} {
		for _, kind := range []protocol.FilterKind{protocol.LessOrEqual, protocol.GreaterOrEqual} {
			f := protocol.Filter{Kind: kind, Attribute: []byte("name"), Value: bytes.Repeat([]byte(unit), 1<<20/len(unit))}
			r := &protocol.SearchRequest{Base: []byte("dc=ringdex"), Scope: protocol.WholeSubtree, Filter: &f, Attributes: [][]byte{[]byte("1.1")}}
			if got := askWith(t, s, r); got.code != protocol.Success {
				t.Errorf("%v of %q: %v", kind, unit, got.code)
			}
		}
	}
	// 2,000 values and ten bounds: less than a second; a bound for each value would take minutes.
	if took := time.Since(begin); took > time.Minute {
		t.Errorf("took %v", took)
	}
}

// TestSubstringsOfText: parts in order, in any letter case, of values that are no names.
func TestSubstringsOfText(t *testing.T) {
	t.Parallel()
	m := makerAt(t, here)
	entries := entriesOf([]*record{m.record("Contact", 1).add("cn", "A").add("sn", "A").add("labeledURI", "https://EXAMPLE.org/Ärzte/aab/İx", "\xffz")})
	s := sessionOf(directoryOf(t, entries, nil))
	for filter, want := range map[string]int{
		"(labeledURI=https://example.org/*)": 1, "(labeledURI=*ärzte*)": 1, "(labeledURI=*ÄRZTE*AAB*)": 1, "(labeledURI=*aab*ärzte*)": 0, "(labeledURI=*a*a*b*/*x)": 1,
		"(labeledURI=*aab*b*)": 0, "(labeledURI=https*x)": 1, "(labeledURI=https*y)": 0, "(labeledURI=https://*https://*)": 0, "(labeledURI=*/ix)": 1, "(labeledURI=*/x)": 0, "(labeledURI=*/İx)": 1,
		`(labeledURI=\ff*)`: 1, "(labeledURI=*Z)": 1, "(labeledURI=HTTPS://EXAMPLE.ORG/ärzte/AAB/İX)": 1,
	} {
		if got := askWith(t, s, requestOf(t, "dc=ringdex", protocol.WholeSubtree, filter, "1.1")); got.code != protocol.Success || len(got.list) != want {
			t.Errorf("%s: %v, %d entries, want %d", filter, got.code, len(got.list), want)
		}
	}
}

// TestHostileSelections: lists of attributes that no client should send.
func TestHostileSelections(t *testing.T) {
	t.Parallel()
	s := sessionOf(directoryOf(t, invented(t), nil))
	dn := mustFind(t, s, "(cn=anna*)").dn
	var many []string
	for i := range 100_000 {
		many = append(many, []string{"cn", "sn;lang-x", "nonsense", "@person", "1.1", "2.5.4.3"}[i%6]+[]string{"", fmt.Sprint(i)}[i%2])
	}
	for _, c := range []struct {
		name string
		list []string
		want string // the attributes that come, sorted
	}{
		{"twice", []string{"cn", "cn", "CN", "commonName", "2.5.4.3"}, "cn"},
		{"the first name of several", []string{"commonName", "cn"}, "commonName"},
		{"nothing and something", []string{"1.1", "cn"}, "cn"},
		{"nothing twice", []string{"1.1", "1.1"}, ""},
		{"an empty name", []string{""}, ""},
		{"empty names and one", []string{"", "cn", ""}, "cn"},
		{"an at sign", []string{"@"}, ""},
		{"two at signs", []string{"@person@inetOrgPerson"}, ""},
		{"at signs alone", []string{"@@", "@a@b"}, ""},
		{"a class that is none", []string{"@nonsense", "sn"}, "sn"},
		{"a class with an option", []string{"@person;x-y"}, "cn objectClass sn telephoneNumber"},
		{"a class by its OID", []string{"@2.5.6.6"}, "cn objectClass sn telephoneNumber"},
		{"an option that is none", []string{"cn;", "cn;;", "cn;lang-\x00", "sn;\xff"}, ""},
		{"binary", []string{"cn;binary", "sn"}, "sn"},
		{"a star among others", []string{"*", "cn"}, "cn displayName givenName homePhone l labeledURI mail mobile o objectClass sn telephoneNumber uid"},
		{"stars and pluses", []string{"**", "++", "*+", "+*", "sn"}, "sn"},
		{"NUL, newline, escape", []string{"cn\x00", "cn\n", "\x1b[2J", "sn"}, "sn"},
		{"a hundred thousand", many, ""},
	} {
		r := requestOf(t, dn, protocol.BaseObject, "(objectClass=*)", c.list...)
		begin := time.Now()
		got := askWith(t, s, r)
		if took := time.Since(begin); took > 10*time.Second {
			t.Errorf("%s: took %v", c.name, took)
		}
		if got.code != protocol.Success || len(got.list) != 1 {
			t.Errorf("%s: %v, %d entries", c.name, got.code, len(got.list))
			continue
		}
		var names []string
		for _, a := range got.list[0].attributes {
			names = append(names, a.name)
		}
		slices.Sort(names)
		if c.name == "a hundred thousand" {
			if len(names) == 0 || len(slices.Compact(slices.Clone(names))) != len(names) {
				t.Errorf("%s: got %q", c.name, names)
			}
			continue
		}
		if text := strings.Join(names, " "); text != c.want {
			t.Errorf("%s: got %q, want %q", c.name, text, c.want)
		}
	}
}
