package directory

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	goldap "github.com/go-ldap/ldap/v3"

	"ringdex/ldapserver"
	"ringdex/schema"
	"ringdex/schema/phone"
)

// The oracle is OpenLDAP: the same entries in slapd and in ringdex, the same requests to both, the same answers. Where ours
// differ on purpose is in oracleDifferences. It runs where slapd is installed (Debian: apt-get install slapd), with few
// requests under go test and with RINGDEX_ORACLE of them under make oracle.

// oracleRequests is how many requests a plain go test makes.
const oracleRequests = 300

// oracle asks both.
type oracle struct {
	t           *testing.T
	rnd         *rand.Rand
	entries     []schema.Entry
	ours, other *goldap.Conn
	address     string // of slapd
}

func TestOracle(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(20, 26))
	entries := oracleEntries(t, rnd, 300)
	other := startSlapd(t, oracleLDIF(entries))
	d := directoryOf(t, entries, func(o *Options) { o.Location = phone.Location{} })
	o := &oracle{t: t, rnd: rnd, entries: entries, ours: dial(t, serve(t, d, ldapserver.Options{}, ldapserver.ListenerOptions{})), other: dial(t, other), address: other}
	n := oracleRequests
	if more, err := strconv.Atoi(os.Getenv("RINGDEX_ORACLE")); err == nil {
		n = more
	}
	found := 0
	for i := range n {
		r := o.request()
		switch i % 4 {
		default:
			found += o.plain(r)
		case 1:
			o.sorted(r)
		case 2:
			o.paged(r)
		case 3:
			if i%8 == 3 {
				o.window(r)
			} else {
				o.compare()
			}
		}
		if t.Failed() {
			return
		}
	}
	if found == 0 {
		t.Error("nothing was ever found")
	}
	o.differences()
}

func (o *oracle) pick(list ...string) string { return list[o.rnd.IntN(len(list))] }

// leaf is a term on which both agree: see oracleDifferences for the others.
func (o *oracle) leaf() string {
	word := o.pick(oracleWords...)
	if o.rnd.IntN(4) == 0 {
		word = strings.ToUpper(word)
	}
	cut := func(s string) string {
		if len(s) < 2 {
			return s
		}
		at := o.rnd.IntN(len(s) - 1)
		return s[at : at+1+o.rnd.IntN(len(s)-at)]
	}
	name := o.pick("cn", "sn", "givenName", "o", "title", "l", "employeeType", "surname", "commonName", "gn", "2.5.4.3", "name", "mail", "SN")
	number := fmt.Sprintf("+1202555%04d", 100+o.rnd.IntN(110))
	phones := o.pick("telephoneNumber", "mobile", "mobileTelephoneNumber", "2.5.4.20")
	e := o.entries[o.rnd.IntN(len(o.entries))]
	switch o.rnd.IntN(14) {
	case 0, 1:
		if name == "mail" {
			word += "@" + o.pick(oracleWords...) + ".example.org"
		}
		return "(" + name + "=" + word + ")"
	case 2:
		return "(" + name + "=" + word[:1+o.rnd.IntN(len(word))] + "*)"
	case 3:
		return "(" + name + "=*" + cut(word) + "*)"
	case 4:
		return "(" + name + "=*" + word[o.rnd.IntN(len(word)):] + ")"
	case 5:
		return "(mail=" + word[:1] + "*" + cut(word) + "*" + o.pick("org", "example.org", "g") + ")"
	case 6:
		return "(" + o.pick("cn", "givenName", "o", "telephoneNumber", "mail", "objectClass", "uid", "ou", "dc", "nonsense", "jpegPhoto", "entryUUID") + "=*)"
	case 7, 8:
		return "(" + phones + "=" + o.pick(number, "+1 202 555 "+number[8:], "+1-202-555-"+number[8:]) + ")"
	case 9:
		return "(" + phones + "=" + o.pick(number[:2+o.rnd.IntN(9)]+"*", "*"+number[3+o.rnd.IntN(3):], "*"+number[4:8]+"*") + ")"
	case 10:
		return "(objectClass=" + o.pick("person", "inetOrgPerson", "ORGANIZATIONALUNIT", "domain", "top", "2.5.6.6", "organization") + ")"
	case 11:
		return o.pick("(uid="+e.ID+")", "(entryDN=uid="+e.ID+", OU=contact,dc=Ringdex)", "(ou=contact)", "(dc=RINGDEX)", "(hasSubordinates=TRUE)",
			"(structuralObjectClass=inetOrgPerson)", "(ou:dn:=account)", "(dc:dn:=ringdex)")
	case 12:
		return "(" + o.pick("cn", "sn") + ":" + o.pick("caseIgnoreMatch", "2.5.13.2", "unknownMatch") + ":=" + word + ")"
	}
	return o.pick("(&)", "(|)", "(nonsense="+word+")", "(nonsense>="+word+")", "(mail>="+word+")")
}

func (o *oracle) filter(depth int) string {
	if depth == 0 || o.rnd.IntN(3) == 0 {
		return o.leaf()
	}
	op := o.pick("&", "|", "!")
	n := 1
	if op != "!" {
		n += o.rnd.IntN(3)
	}
	out := "(" + op
	for range n {
		out += o.filter(depth - 1)
	}
	return out + ")"
}

func (o *oracle) request() *goldap.SearchRequest {
	e := o.entries[o.rnd.IntN(len(o.entries))]
	r := &goldap.SearchRequest{
		BaseDN: o.pick("dc=ringdex", "dc=ringdex", "dc=ringdex", "ou=Contact,dc=ringdex", "OU = account , DC=ringdex", "uid="+e.ID+",ou="+e.Object+",dc=ringdex",
			"uid=nobody,ou=Contact,dc=ringdex", "ou=nothing,dc=ringdex", "cn=x,ou=nothing,dc=ringdex"),
		Scope: o.rnd.IntN(3), DerefAliases: o.rnd.IntN(4), TypesOnly: o.rnd.IntN(6) == 0, Filter: o.filter(3),
	}
	attributes := []string{"*", "1.1", "cn", "sn", "surname", "SN", "telephoneNumber", "mail", "uid", "name", "@person", "entryDN", "hasSubordinates", "structuralObjectClass", "subschemaSubentry", "nonsense", "title", "2.5.4.3"}
	for range o.rnd.IntN(4) {
		r.Attributes = append(r.Attributes, attributes[o.rnd.IntN(len(attributes))])
	}
	if o.rnd.IntN(4) == 0 {
		r.SizeLimit = 1 + o.rnd.IntN(40)
	}
	return r
}

// oracleNames are the canonical names of those that were asked for.
var oracleNames = map[string]string{"surname": "sn", "commonname": "cn", "2.5.4.3": "cn", "gn": "givenname"}

// shown is an entry as both have to show it: our own object classes aside, which slapd does not know, and under the types'
// own names, since we answer under the name that was asked for.
func shown(e *goldap.Entry) string {
	var lines []string
	for _, a := range e.Attributes {
		name := strings.ToLower(a.Name)
		if canonical, ok := oracleNames[name]; ok {
			name = canonical
		}
		values := slices.DeleteFunc(slices.Clone(a.Values), func(v string) bool { return strings.HasPrefix(v, "ringdex") || v == "top" })
		slices.Sort(values)
		lines = append(lines, fmt.Sprintf("%s: %q", name, values))
	}
	slices.Sort(lines)
	return strings.ToLower(e.DN) + "\n  " + strings.Join(lines, "\n  ")
}

func shownAll(list []*goldap.Entry) []string {
	var out []string
	for _, e := range list {
		out = append(out, shown(e))
	}
	slices.Sort(out)
	return out
}

func describe(r *goldap.SearchRequest) string {
	return fmt.Sprintf("base %q, scope %d, limit %d, types only %v, attributes %q, filter %s", r.BaseDN, r.Scope, r.SizeLimit, r.TypesOnly, r.Attributes, r.Filter)
}

// ask sends a request. The result code and matchedDN are what an error is about.
func (o *oracle) ask(c *goldap.Conn, r *goldap.SearchRequest) (*goldap.SearchResult, uint16, string) {
	o.t.Helper()
	got, err := c.Search(r)
	var e *goldap.Error
	switch {
	case err == nil:
		return got, 0, ""
	case errors.As(err, &e):
		if got == nil {
			got = &goldap.SearchResult{}
		}
		return got, e.ResultCode, strings.ToLower(e.MatchedDN)
	}
	o.t.Fatalf("%s: %v", describe(r), err)
	return nil, 0, ""
}

// once asks slapd over a connection of its own: on one it keeps what it has sorted, until it is busy.
func (o *oracle) once(r *goldap.SearchRequest) (*goldap.SearchResult, uint16, string) {
	o.t.Helper()
	c, err := goldap.DialURL("ldap://" + o.address)
	if err != nil {
		o.t.Fatal(err)
	}
	defer c.Close()
	return o.ask(c, r)
}

// plain holds two answers against each other; those that were cut by the size limit only by their length.
func (o *oracle) plain(r *goldap.SearchRequest) (found int) {
	o.t.Helper()
	ours, code, matched := o.ask(o.ours, r)
	other, otherCode, otherMatched := o.ask(o.other, r)
	if code != otherCode || matched != otherMatched || len(ours.Entries) != len(other.Entries) {
		o.t.Fatalf("%s:\nwe give %d entries, code %d, matched %q; slapd %d, %d, %q\nterms: %q", describe(r),
			len(ours.Entries), code, matched, len(other.Entries), otherCode, otherMatched, o.leaves(r.Filter))
	}
	if a, b := shownAll(ours.Entries), shownAll(other.Entries); code == 0 && !slices.Equal(a, b) {
		o.t.Fatalf("%s:\nwe give\n%s\nslapd\n%s", describe(r), strings.Join(a, "\n"), strings.Join(b, "\n"))
	}
	return len(ours.Entries)
}

// oracleKey is the first value of an attribute, by which slapd's order and ours are compared: entries with equal ones may
// stand in any order.
func leastOf(e *goldap.Entry, attribute string) string {
	values := e.GetEqualFoldAttributeValues(attribute)
	if len(values) == 0 {
		return "\xff"
	}
	return slices.MinFunc(values, func(a, b string) int { return cmp.Compare(strings.ToLower(a), strings.ToLower(b)) })
}

func keysOf(list []*goldap.Entry, attribute string) (out []string) {
	for _, e := range list {
		out = append(out, leastOf(e, attribute))
	}
	return out
}

// ordered makes a request one whose order can be compared.
func (o *oracle) ordered(r *goldap.SearchRequest) (attribute string) {
	attribute = o.pick("cn", "sn", "givenName", "o", "title")
	r.TypesOnly, r.Attributes, r.SizeLimit = false, []string{attribute}, 0
	return attribute
}

// sorted names the rule, without which slapd does not sort by names.
func (o *oracle) sorted(r *goldap.SearchRequest) {
	o.t.Helper()
	attribute := o.ordered(r)
	reverse := o.rnd.IntN(2) == 0
	r.Controls = []goldap.Control{goldap.NewControlServerSideSortingWithSortKeys([]*goldap.SortKey{{AttributeType: attribute, MatchingRule: "2.5.13.3", Reverse: reverse}})}
	ours, code, _ := o.ask(o.ours, r)
	other, otherCode, _ := o.once(r)
	if a, b := keysOf(ours.Entries, attribute), keysOf(other.Entries, attribute); code != otherCode || !slices.Equal(a, b) {
		o.t.Fatalf("%s, sorted by %s, reverse %v: code %d and %d\nwe give %q\nslapd    %q\nterms: %q", describe(r), attribute, reverse, code, otherCode, a, b, o.leaves(r.Filter))
	}
}

func (o *oracle) paged(r *goldap.SearchRequest) {
	o.t.Helper()
	size := uint32(1 + o.rnd.IntN(50))
	r.SizeLimit = 0
	answers := [2][]string{}
	for i, c := range []*goldap.Conn{o.ours, o.other} {
		asked := *r
		got, err := c.SearchWithPaging(&asked, size)
		if err != nil {
			answers[i] = []string{err.Error()[:min(30, len(err.Error()))]}
			continue
		}
		answers[i] = shownAll(got.Entries)
	}
	if !slices.Equal(answers[0], answers[1]) {
		o.t.Fatalf("%s, pages of %d:\nwe give %d\nslapd    %d\nterms: %q", describe(r), size, len(answers[0]), len(answers[1]), o.leaves(r.Filter))
	}
}

// leaves is which terms of a filter the two answer differently by themselves, for the message of a failure.
func (o *oracle) leaves(filter string) (out []string) {
	for _, leaf := range regexp.MustCompile(`\([^()&|!][^()]*\)`).FindAllString(filter, -1) {
		for _, f := range []string{leaf, "(!" + leaf + ")"} {
			r := &goldap.SearchRequest{BaseDN: "dc=ringdex", Scope: goldap.ScopeWholeSubtree, Filter: f, Attributes: []string{"1.1"}}
			ours, _, _ := o.ask(o.ours, r)
			other, _, _ := o.ask(o.other, r)
			if !slices.Equal(shownAll(ours.Entries), shownAll(other.Entries)) {
				out = append(out, fmt.Sprintf("%s: %d and %d", f, len(ours.Entries), len(other.Entries)))
			}
		}
	}
	return out
}

func (o *oracle) window(r *goldap.SearchRequest) {
	o.t.Helper()
	attribute := o.ordered(r)
	plain, code, _ := o.ask(o.ours, r)
	if code != 0 || len(plain.Entries) == 0 {
		return // slapd fails on windows of nothing
	}
	n := len(plain.Entries)
	offset, before, after := 1+o.rnd.IntN(n), o.rnd.IntN(5), o.rnd.IntN(5)
	r.Controls = []goldap.Control{
		goldap.NewControlServerSideSortingWithSortKeys([]*goldap.SortKey{{AttributeType: attribute, MatchingRule: "2.5.13.3"}}),
		windowRequest(before, after, offset),
	}
	ours, code, _ := o.ask(o.ours, r)
	other, otherCode, _ := o.once(r)
	if a, b := keysOf(ours.Entries, attribute), keysOf(other.Entries, attribute); code != 0 || otherCode != 0 || !slices.Equal(a, b) {
		o.t.Fatalf("%s, window %d,%d at %d of %d by %s: code %d and %d\nwe give %q\nslapd    %q", describe(r), before, after, offset, n, attribute, code, otherCode, a, b)
	}
	for i, got := range []*goldap.SearchResult{ours, other} {
		if w := windowOf(got); w.Position != offset || w.Count != n {
			o.t.Fatalf("%s, window at %d of %d: answer %d is %+v", describe(r), offset, n, i, w)
		}
	}
}

func (o *oracle) compare() {
	o.t.Helper()
	e := o.entries[o.rnd.IntN(len(o.entries))]
	dn := o.pick("dc=ringdex", "ou=Contact,dc=ringdex", "uid="+e.ID+",ou="+e.Object+",dc=ringdex", "uid=nobody,ou=Contact,dc=ringdex")
	attribute := o.pick("cn", "sn", "o", "telephoneNumber", "objectClass", "dc", "nonsense", "uid")
	value := o.pick(oracleWords...)
	if a := e.Attributes[o.rnd.IntN(len(e.Attributes))]; o.rnd.IntN(2) == 0 {
		attribute, value = a.Name, a.Values[0].Text
	}
	switch attribute {
	case "objectClass":
		value = o.pick("person", "top", "2.5.6.6", "domain")
	case "nonsense":
		dn = "dc=ringdex" // of two reasons to refuse either may be told
	case "telephoneNumber":
		value = "+12025550123"
	}
	var codes [2]uint16
	for i, c := range []*goldap.Conn{o.ours, o.other} {
		ok, err := c.Compare(dn, attribute, value)
		var e *goldap.Error
		switch {
		case errors.As(err, &e):
			codes[i] = e.ResultCode
		case ok:
			codes[i] = goldap.LDAPResultCompareTrue
		default:
			codes[i] = goldap.LDAPResultCompareFalse
		}
	}
	if codes[0] != codes[1] {
		o.t.Fatalf("compare %s %s=%s: we give %d, slapd %d", dn, attribute, value, codes[0], codes[1])
	}
}
