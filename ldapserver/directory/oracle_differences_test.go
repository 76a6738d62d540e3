package directory

import (
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"ringdex/ldapserver/protocol"
)

// oracleDifferences are requests that slapd answers otherwise, each with the reason. That the answers differ is tested
// too: a difference that has gone is to be deleted here.
var oracleDifferences = []struct{ filter, why string }{
	{"(sn>=m)", "names are ordered: Poly VVX asks for ranges; by RFC 4519 they are not, and slapd says Undefined"},
	{"(&(givenName>=an)(givenName<=zz))", "the same"},
	{"(telephoneNumber>=+1202)", "the same for numbers, by their digits"},
	{"(telephoneNumber=12025550123)", "numbers match by what they mean, not by their text: here without the +"},
	{"(telephoneNumber=00112025550123)", "the same: with the prefix of an international call"},
	{"(telephoneNumber=*0134)", "an end of fewer than six digits is a whole number, an extension: FreePBX asks so for callers"},
	{"(telephoneNumber=+12025550300)", "who has the number is shown once, however many records there are of that person"},
	{"(cn=annä*)", "names match folded: accents do not count"},
	{"(sn;lang-en=meier)", "values have no language tags; one that is asked for is let pass (RFC 3866 wants none found)"},
	{"(cn:caseExactMatch:=MEIER)", "names match without regard to letter case, whatever rule is asked for"},
	{"(!(objectClass=computer))", "an unknown class is one that no entry has, not Undefined: clients of Active Directory send such terms"},
	{"(anr=meier)", "a virtual attribute, known to Active Directory's clients"},
	{"(company=meier)", "another name of o, which telephones send"},
	{"(modifyTimestamp<=20260401000000Z)", "an entry was changed when its record was, not when it was loaded"},
	{"(subschemaSubentry=cn=subschema)", "slapd shows the attribute but does not search it"},
	{"(cn=a*anna*)", "several parts of a name are words in any order, each by itself: Linphone sends them as they were typed"},
}

// differences checks that the differences are still there.
func (o *oracle) differences() {
	o.t.Helper()
	for _, d := range oracleDifferences {
		r := &goldap.SearchRequest{BaseDN: "dc=ringdex", Scope: goldap.ScopeWholeSubtree, Filter: d.filter, Attributes: []string{"1.1"}}
		ours, _, _ := o.ask(o.ours, r)
		other, _, _ := o.ask(o.other, r)
		if strings.Join(shownAll(ours.Entries), "") == strings.Join(shownAll(other.Entries), "") {
			o.t.Errorf("%s: both give %d entries, though they should differ: %s", d.filter, len(ours.Entries), d.why)
		}
	}
}

// windowRequest is a virtual list view by offset for go-ldap, which has none.
func windowRequest(before, after, offset int) goldap.Control {
	return goldap.NewControlString(protocol.OIDVLVRequest, true, string(protocol.AppendVLVRequest(nil, protocol.VLVRequest{Before: before, After: after, Offset: offset})))
}

func windowOf(r *goldap.SearchResult) protocol.VLVResponse {
	for _, c := range r.Controls {
		if s, ok := c.(*goldap.ControlString); ok && s.ControlType == protocol.OIDVLVResponse {
			v, _ := protocol.DecodeVLVResponse([]byte(s.ControlValue))
			return v
		}
	}
	return protocol.VLVResponse{}
}
