package phone

import "testing"

func TestFormat(t *testing.T) {
	t.Parallel()
	american := Location{Country: "US", OutsideLine: "9"}
	for _, c := range []struct {
		name   string
		number E164
		loc    Location
		want   [5]string // by style
	}{
		{"own country", "+497031123456", office, [5]string{"+497031123456", "07031 123456", "+49 7031 123456", "007031123456", "007031123456"}},
		{"own number", "+4970319876456", office, [5]string{"+4970319876456", "07031 9876456", "+49 7031 9876456", "0070319876456", "456"}},
		{"own number, extension too long", "+49703198764567", office, [5]string{"+49703198764567", "07031 98764567", "+49 7031 98764567", "00703198764567", "00703198764567"}},
		{"other country", "+442079460123", office, [5]string{"+442079460123", "+44 20 7946 0123", "+44 20 7946 0123", "000442079460123", "000442079460123"}},
		{"American at home", "+12025550123", american, [5]string{"+12025550123", "(202) 555-0123", "+1 202-555-0123", "912025550123", "912025550123"}},
		{"German from America", "+493023125100", american, [5]string{"+493023125100", "+49 30 23125100", "+49 30 23125100", "9011493023125100", "9011493023125100"}},
		{"Canadian from America", "+16045550123", american, [5]string{"+16045550123", "(604) 555-0123", "+1 604-555-0123", "916045550123", "916045550123"}},
		{"Italian at home", "+390236618300", Location{Country: "IT"}, [5]string{"+390236618300", "02 3661 8300", "+39 02 3661 8300", "0236618300", "0236618300"}},
		{"Argentine mobile at home", "+5491123456789", Location{Country: "AR"}, [5]string{"+5491123456789", "011 15-2345-6789", "+54 9 11 2345-6789", "0111523456789", "0111523456789"}},
		{"no location", "+493023125100", Location{}, [5]string{"+493023125100", "+49 30 23125100", "+49 30 23125100", "00493023125100", "00493023125100"}},
		{"no number", "anna", office, [5]string{"anna", "anna", "anna", "anna", "anna"}},
		{"no plus", "4930", office, [5]string{"4930", "4930", "4930", "4930", "4930"}},
		{"plus only", "+", office, [5]string{"+", "+", "+", "+", "+"}},
		{"no country", "+2101234567", office, [5]string{"+2101234567", "+2101234567", "+2101234567", "+2101234567", "+2101234567"}},
		{"nothing", "", office, [5]string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for style, want := range c.want {
				if got := Format(c.number, Style(style), c.loc); got != want {
					t.Errorf("%s: got %q, want %q", Style(style), got, want)
				}
			}
		})
	}
}
