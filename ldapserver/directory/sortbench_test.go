package directory

import (
	"bytes"
	"context"
	"testing"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
)

// BenchmarkSorted holds sorted answers and windows against the plain one, without remembered answers.
func BenchmarkSorted(b *testing.B) {
	sizes := map[string]int{"entries=2k": 2000}
	if !testing.Short() {
		sizes["entries=30k"] = 30_000
	}
	for size, n := range sizes {
		d := crowd(b, n)
		d.answers = nil
		for filter, text := range map[string]string{"all": "(objectClass=person)", "prefix": "(|(cn=m*)(sn=m*))"} {
			for name, controls := range map[string][]protocol.Control{
				"none":     nil,
				"cn":       {sortControl("cn")},
				"sn":       {sortControl("sn")},
				"snGiven":  {sortControl("sn", "givenName")},
				"mail":     {sortControl("mail")},
				"vlv-sn":   {sortControl("sn"), windowControl(protocol.VLVRequest{Offset: n / 3, Count: n, After: 49})},
				"paged-50": {pagedControl(50, nil)},
			} {
				b.Run("filter="+filter+"/sort="+name+"/"+size, func(b *testing.B) {
					s := sessionOf(d)
					r := requestOf(b, "dc=ringdex", protocol.WholeSubtree, text, "cn", "sn", "telephoneNumber")
					if r.SizeLimit = 50; name == "paged-50" {
						r.SizeLimit = 0
					}
					var out bytes.Buffer
					for b.Loop() {
						out.Reset()
						w := ldapserver.NewResultWriter(&out, 7)
						if err := s.Search(context.Background(), r, controls, w); err != nil && err != errSizeLimit {
							b.Fatal(err)
						}
						if w.Entries() != 50 {
							b.Fatalf("%d entries", w.Entries())
						}
					}
				})
			}
		}
	}
}
