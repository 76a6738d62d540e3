package phone

import "testing"

func BenchmarkCandidates(b *testing.B) {
	p := newTestParser(b, office)
	for _, asked := range []string{"+497031123456", "07031123456", "007031123456", "000497031123456", "497031123456", "456", "110", "+49 7031 123-456"} {
		b.Run(asked, func(b *testing.B) {
			b.ReportAllocs()
			var found []Candidate
			var scratch []byte
			question := []byte(asked)
			for b.Loop() {
				found, scratch = p.AppendCandidates(found[:0], scratch[:0], question)
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	p := newTestParser(b, office)
	for _, c := range []struct{ name, field, region string }{
		{"e164", "+497031123456", ""},
		{"din5008", "+49 7031 123-456", "DE"},
		{"national", "07031/123456", "DE"},
		{"zero", "+49 (0)7031 123456", "DE"},
		{"american", "(202) 555-0123", "US"},
		{"british", "+44 20 7946 0123", "GB"},
		{"french", "01 44 27 44 27", "FR"},
		{"extension", "+1 202 555 0123 x12", "US"},
		{"two", "030 23125100 / 0171 1234567", "DE"},
		{"argentine", "011 15-2345-6789", "AR"},
		{"none", "", "DE"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, n := range p.Parse(c.field, c.region) {
					n.Keys()
				}
			}
		})
	}
}
