package phone

import (
	"errors"
	"testing"
)

func TestNewParser(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		loc  Location
		want Location
		ok   bool
	}{
		{"zero", Location{}, Location{}, true},
		{"as documented", office, office, true},
		{"with signs", Location{Country: " de ", Area: "(07031)", OutsideLine: "0", HeadNumber: "98-76"}, Location{Country: "DE", Area: "7031", OutsideLine: "0", HeadNumber: "9876"}, true},
		{"Italian area keeps its zero", Location{Country: "IT", Area: "02"}, Location{Country: "IT", Area: "02"}, true},
		{"unknown country", Location{Country: "XX"}, Location{}, false},
		{"country name", Location{Country: "Germany"}, Location{}, false},
		{"area without digits", Location{Country: "DE", Area: "abc"}, Location{}, false},
		{"area without country", Location{Area: "30"}, Location{}, false},
		{"head number without country", Location{HeadNumber: "23125"}, Location{}, false},
		{"too long", Location{Country: "DE", HeadNumber: "1234567890123"}, Location{}, false},
		{"negative length", Location{Country: "DE", InternalDigits: -1}, Location{}, false},
		{"long extensions", Location{Country: "DE", InternalDigits: 10}, Location{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, err := NewParser(c.loc)
			if !c.ok {
				if !errors.Is(err, ErrLocation) {
					t.Errorf("got %v, want an ErrLocation", err)
				}
				return
			}
			if err != nil || p.Location() != c.want {
				t.Errorf("got %+v, %v, want %+v", p.Location(), err, c.want)
			}
		})
	}
}
