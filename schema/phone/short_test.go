package phone

import (
	"slices"
	"testing"
)

// What forms leave behind in a field is no key, own extensions and service numbers are.
func TestShortKeys(t *testing.T) {
	t.Parallel()
	german := newTestParser(t, office)
	for _, c := range []struct {
		name, field, region string
		want                []string
	}{
		{"own country code", "49", "", nil},
		{"own country code with plus", "+49", "", nil},
		{"an area code", "030", "", nil},
		{"our area code", "07031", "", nil},
		{"zero", "0", "", nil},
		{"one digit", "5", "", nil},
		{"four digits", "4567", "", nil},
		{"five digits", "12345", "DE", nil},
		{"own extension", "567", "", []string{"567"}},
		{"own extension, two digits", "56", "DE", []string{"56"}},
		{"extension of somebody abroad", "56", "FR", nil},
		{"extension word", "App. 567", "", []string{"567"}},
		{"service number", "110", "", []string{"110"}},
		{"service number of another country", "144", "CH", []string{"144"}},
		{"six digits, unknown area", "998877", "", []string{"998877", "49998877"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, n := range german.Parse(c.field, c.region) {
				got = append(got, n.Keys()...)
				if n.Original == "" || n.Text() == "" {
					t.Errorf("nothing to show: %+v", n)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q: got %q, want %q", c.field, got, c.want)
			}
		})
	}
}

// A candidate that is only sure at our own place says so; beginnings may be short.
func TestLocalCandidates(t *testing.T) {
	t.Parallel()
	p := newTestParser(t, office)
	for asked, want := range map[string][]bool{
		"998877": {true, true}, "567": {false, true}, "07031998877": {false, false}, "+497031998877": {false}, "0998877": {false, true, false},
	} {
		var got []bool
		for _, c := range p.Candidates(asked) {
			got = append(got, c.Local)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v: %q", asked, got, want, readable(p.Candidates(asked)))
		}
	}
	for asked, want := range map[string]string{"49": "49", "0703": "49703", "998": "497031998", "1": "1", "+497": "497"} {
		found, _ := p.AppendBeginnings(nil, nil, []byte(asked))
		if !slices.ContainsFunc(found, func(c Candidate) bool { return string(c.Key) == want }) {
			t.Errorf("a number that begins with %s isn't looked for at %s: %q", asked, want, readable(found))
		}
	}
}
