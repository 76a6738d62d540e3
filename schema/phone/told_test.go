package phone

import "testing"

func TestExtensionOf(t *testing.T) {
	t.Parallel()
	for spelling, want := range map[string]string{
		"+1 202 555 0123 ext. 5": "5", "030 23125 App. 12": "12", "tel:+12025550123;ext=7": "7", "+1 202 555 0123 x44": "44",
		"+49 7031 123-456": "", "567": "", "": "", "n/a": "",
	} {
		if got := ExtensionOf(spelling); got != want {
			t.Errorf("%q: got %q, want %q", spelling, got, want)
		}
	}
}

func TestDirectDial(t *testing.T) {
	t.Parallel()
	for digits, want := range map[string]bool{
		"497031123456": true, "4315123456": true, "491711234567": false, "12025550123": false, "442079460123": false, "": false, "567": false,
	} {
		if got := DirectDial(digits); got != want {
			t.Errorf("%q: got %v, want %v", digits, got, want)
		}
	}
}
