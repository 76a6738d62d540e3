package soap

import "testing"

func TestParseID(t *testing.T) {
	t.Parallel()
	cases := []struct{ in, want string }{
		{"a0BA0000000L2ZC", "a0BA0000000L2ZCMA0"},
		{"003i000000UPVtq", "003i000000UPVtqAAH"},
		{"003i000000UPVtqAAH", "003i000000UPVtqAAH"},
		{"003i000000UPVtqaah", "003i000000UPVtqAAH"},
		{"003i000000UPVTQAAH", ""},
		{"003i000000upvtqAAH", ""},
		{"003i000000UPVtqAA", ""},
		{"003i000000UPV q", ""},
		{"003i000000UPVtä", ""},
		{"", ""},
	}
	for _, c := range cases {
		got, err := ParseID(c.in)
		if string(got) != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q: got %q, %v; want %q", c.in, got, err, c.want)
		}
	}
	id, err := ParseID("003i000000UPVtq")
	if err != nil || id.Short() != "003i000000UPVtq" || id.KeyPrefix() != "003" || ID("").Short() != "" || ID("").KeyPrefix() != "" {
		t.Errorf("short %q, prefix %q", id.Short(), id.KeyPrefix())
	}
}
