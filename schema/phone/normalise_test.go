package phone

import (
	"math/rand/v2"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// library is the oracle: what libphonenumber itself says.
func library(digits string, plus bool, region string) (e164 string, valid, ok bool) {
	if plus {
		digits = "+" + digits
	}
	n, err := phonenumbers.Parse(digits, region)
	if err != nil {
		return "", false, false
	}
	return phonenumbers.Format(n, phonenumbers.E164), phonenumbers.IsValidNumber(n), true
}

func compareLiteral(t *testing.T, digits string, plus bool, region string) (taken bool) {
	t.Helper()
	got, ok := normaliseLiteral([]byte(digits), plus, region)
	if !ok {
		return false
	}
	e164, valid, found := library(digits, plus, region)
	if !found || got.e164 != e164 || got.valid != valid {
		t.Errorf("%q plus=%v in %s: got %s valid=%v, library %s valid=%v found=%v",
			digits, plus, region, got.e164, got.valid, e164, valid, found)
	}
	return true
}

// The property behind the fast way: wherever it answers, the library answers the same.
func TestLiteralEqualsLibrary(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(7, 31))
	common := []string{"DE", "AT", "CH", "FR", "GB", "US", "IT", "NL", "ES", "PL", "HU", "RU", "LI", "CI", "JM", "KZ", "GG", "VA", "FI", "BE", "LU", "SE", "NO", "DK", "BR", "AU", "MX", "AR", "SM", "MC", "KR", "SG"}
	taken, asked := 0, 0
	one := func(digits, region string, plus bool) {
		asked++
		if compareLiteral(t, digits, plus, region) {
			taken++
		}
	}
	for _, region := range common {
		pl := plans().regions[region]
		for range 400 {
			var digits []byte
			switch rnd.IntN(6) {
			case 0:
				digits = append(digits, pl.trunk...)
			case 1:
				digits = append(digits, "00"+pl.code...)
			case 2:
				digits = append(digits, pl.code...)
			case 3:
				digits = append(digits, pl.code+pl.trunk...)
			case 4:
				digits = append(digits, "00"...)
			}
			if example := phonenumbers.GetExampleNumber(region); example != nil && rnd.IntN(2) == 0 {
				nsn := phonenumbers.GetNationalSignificantNumber(example)
				digits = append(digits, nsn[:rnd.IntN(len(nsn))+1]...)
			}
			for range rnd.IntN(12) {
				digits = append(digits, byte('0'+rnd.IntN(10)))
			}
			one(string(digits), region, rnd.IntN(4) == 0)
		}
	}
	if taken < asked/2 {
		t.Errorf("the fast way answered only %d of %d", taken, asked)
	}
	t.Logf("%d of %d answered without the library", taken, asked)
}

func TestLiteralEqualsLibraryEveryRegion(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(4, 5))
	for region, pl := range plans().regions {
		for _, kind := range []phonenumbers.PhoneNumberType{phonenumbers.FIXED_LINE, phonenumbers.MOBILE, phonenumbers.TOLL_FREE} {
			example := phonenumbers.GetExampleNumberForType(region, kind)
			if example == nil {
				continue
			}
			nsn := []byte(phonenumbers.GetNationalSignificantNumber(example))
			for i := range 3 {
				if i > 0 {
					nsn[rnd.IntN(len(nsn))] = byte('0' + rnd.IntN(10))
				}
				compareLiteral(t, pl.code+string(nsn), true, region)
				compareLiteral(t, pl.trunk+string(nsn), false, region)
				compareLiteral(t, string(nsn), false, region)
			}
		}
	}
}

func TestEveryPlanHasAnAutomaton(t *testing.T) {
	t.Parallel()
	for region, pl := range plans().regions {
		if !pl.ready() {
			t.Errorf("%s: patterns don't compile", region)
		}
	}
	for region, sp := range shortPlans() {
		sp.kinds([]byte("112"))
		if sp.auto == nil {
			t.Errorf("%s: patterns of short numbers don't compile", region)
		}
	}
}

func FuzzNormalise(f *testing.F) {
	f.Add("7031123456", true, "DE")
	f.Add("00497031123456", false, "DE")
	f.Add("18002530000", false, "US")
	f.Fuzz(func(t *testing.T, digits string, plus bool, region string) {
		if digits != Digits(digits) || len(digits) > 40 {
			return
		}
		compareLiteral(t, digits, plus, region)
	})
}

func BenchmarkNormalise(b *testing.B) {
	plans().regions["DE"].ready()
	for _, c := range []struct {
		name, digits string
		plus         bool
	}{{"e164", "497031123456", true}, {"national", "07031123456", false}} {
		b.Run("own/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				normaliseLiteral([]byte(c.digits), c.plus, "DE")
			}
		})
		b.Run("library/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				library(c.digits, c.plus, "DE")
			}
		})
	}
}
