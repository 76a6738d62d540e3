package directory

import (
	"testing"

	"ringdex/ldapserver/protocol"
)

// TestCompareControls: an assertion decides whether the comparison is made at all (RFC 4528, 3); what means something to
// searches only is passed over.
func TestCompareControls(t *testing.T) {
	t.Parallel()
	s := sessionOf(directoryOf(t, invented(t), func(o *Options) {
		o.Guests = Rights{Attributes: []string{"cn", "telephoneNumber"}}
	}))
	anna := mustFind(t, s, "(cn=anna*)").dn
	assertion := func(filter string) protocol.Control {
		return protocol.NewControl(protocol.OIDAssertion, filterBytes(t, filter))
	}
	for name, c := range map[string]struct {
		dn, attribute, value string
		controls             []protocol.Control
		want                 protocol.ResultCode
	}{
		"true":                              {anna, "cn", "Anna Müller", nil, protocol.CompareTrue},
		"false":                             {anna, "cn", "Ben", nil, protocol.CompareFalse},
		"asserted, true":                    {anna, "cn", "Anna Müller", []protocol.Control{assertion("(telephoneNumber=07031123456)")}, protocol.CompareTrue},
		"asserted, false":                   {anna, "cn", "Ben", []protocol.Control{assertion("(cn=anna*)")}, protocol.CompareFalse},
		"asserted in vain":                  {anna, "cn", "Anna Müller", []protocol.Control{assertion("(cn=ben*)")}, protocol.AssertionFailed},
		"asserted of what is hidden":        {anna, "cn", "Anna Müller", []protocol.Control{assertion("(mobile=*)")}, protocol.AssertionFailed},
		"the contrary of what is hidden":    {anna, "cn", "Anna Müller", []protocol.Control{assertion("(!(mobile=*))")}, protocol.AssertionFailed},
		"asserted of the base":              {"dc=ringdex", "objectClass", "domain", []protocol.Control{critical(assertion("(objectClass=domain)"))}, protocol.CompareTrue},
		"asserted of the root DSE, in vain": {"", "objectClass", "top", []protocol.Control{critical(assertion("(cn=*)"))}, protocol.AssertionFailed},
		"asserted of what is not":           {"uid=x,ou=Contact,dc=ringdex", "cn", "x", []protocol.Control{assertion("(cn=*)")}, protocol.NoSuchObject},
		"garbage":                           {anna, "cn", "x", []protocol.Control{protocol.NewControl(protocol.OIDAssertion, []byte{0xa3, 1})}, protocol.ProtocolError},
		"twice":                             {anna, "cn", "x", []protocol.Control{assertion("(cn=*)"), assertion("(cn=*)")}, protocol.ProtocolError},
		"ManageDsaIT":                       {anna, "cn", "Ben", []protocol.Control{critical(protocol.Control{OID: []byte(protocol.OIDManageDsaIT)})}, protocol.CompareFalse},
		"ManageDsaIT with a value":          {anna, "cn", "Ben", []protocol.Control{protocol.NewControl(protocol.OIDManageDsaIT, []byte("x"))}, protocol.ProtocolError},
		"pages, not critical":               {anna, "cn", "Ben", []protocol.Control{pagedControl(3, nil)}, protocol.CompareFalse},
		"pages of garbage, not critical":    {anna, "cn", "Ben", []protocol.Control{protocol.NewControl(protocol.OIDPagedResults, []byte("x"))}, protocol.CompareFalse},
	} {
		ok, err := s.Compare(t.Context(), &protocol.CompareRequest{DN: []byte(c.dn), Attribute: []byte(c.attribute), Value: []byte(c.value)}, c.controls)
		got := protocol.CompareFalse
		if ok {
			got = protocol.CompareTrue
		}
		if err != nil {
			got = codeOf(t, err)
		}
		if got != c.want {
			t.Errorf("%s: got %v, %v, want %v", name, got, err, c.want)
		}
	}
}
