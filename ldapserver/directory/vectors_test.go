package directory

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ringdex/ldapserver/protocol"
)

// sharedFolder is where the reference data lies: RINGDEX_SHARED, or "shared" beside the checkout.
func sharedFolder(t testing.TB) string {
	if dir := os.Getenv("RINGDEX_SHARED"); dir != "" {
		return dir
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(filepath.Dir(dir), "shared")
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Skip("no checkout: set RINGDEX_SHARED to run this")
		}
		dir = up
	}
}

// expectedNames is the whole answer to each vector on the invented directory, in its order. Entries without a name are the
// tree's own.
func expectedNames() map[string]string {
	const (
		muls       = "Ana Müllner, Anna Müller, Müller & Söhne GmbH"
		everybody  = "Ana Müllner, Anna Müller, Beatrice Baur, Example Works, Jörg Groß, Łukasz Zürn, Müller & Söhne GmbH, Peter Intern, Ryan O'Neill, Zoë Çelik"
		containers = ", , , " // the base and the two objects' nodes, which have no cn that begins so
	)
	return map[string]string{
		"snom-01":        "",
		"snom-02":        "",
		"snom-04":        "Anna Müller, Müller & Söhne GmbH",
		"snom-05":        "Anna Müller",
		"snom-07":        "Ana Müllner, Anna Müller",
		"snom-08":        muls,
		"snom-10":        everybody,
		"yealink-01":     muls,
		"yealink-02":     muls,
		"yealink-04":     "Peter Intern",
		"yealink-05":     containers + "Beatrice Baur, Example Works, Jörg Groß, Łukasz Zürn, Peter Intern, Ryan O'Neill, Zoë Çelik",
		"yealink-07":     "Anna Müller",
		"yealink-08":     muls,
		"yealink-10":     muls,
		"htek-01":        muls,
		"htek-02":        "Anna Müller",
		"sangoma-01":     muls,
		"grandstream-01": muls,
		"grandstream-02": "Anna Müller, Müller & Söhne GmbH",
		"grandstream-04": "Anna Müller",
		"vtech-01":       "Anna Müller",
		"vtech-02":       muls,
		"escene-01":      muls,
		"akuvox-01":      muls,
		"konftel-01":     muls,
		"gigaset-01":     muls,
		"gigaset-02":     "Anna Müller",
		"gigaset-04":     muls,
		"poly-01":        "",
		"poly-02":        muls,
		"cisco-01":       muls,
		"cisco-02":       "Anna Müller",
		"inno-01":        "Anna Müller",
		"inno-02":        muls,
		"inno-04":        "Anna Müller",
		"inno-05":        "",
		"fpbx-01":        "Anna Müller",
		"nethvoice-01":   "",
		"linphone-01":    muls,
		"linphone-02":    "Anna Müller",
		"linphone-04":    "",
		"jitsi-01":       "Anna Müller",
		"jitsi-02":       "Anna Müller",
		"outlook-01":     "Anna Müller",
		"outlook-02":     "Anna Müller",
		"evolution-01":   "",
		"bria-01":        everybody,
		"jabber-01":      "Anna Müller",
		"printer-01":     "Anna Müller",
		"tool-paged":     ", ",
	}
}

// profileOf is the ready profile of a vector's client, "" for one that has none.
func profileOf(id string) string {
	client, _, _ := strings.Cut(id, "-")
	switch client {
	case "inno":
		return "innovaphone"
	case "fpbx":
		return "freepbx"
	case "nethvoice", "tool":
		return ""
	}
	return client
}

// profiledNames are the answers that a client's own profile makes others than the plain base.
var profiledNames = map[string]string{
	"snom-02": "Ana Müllner, Anna Müller, Müller & Söhne GmbH", // a name without a star is its beginning
	"poly-02": "Anna Müller, Müller & Söhne GmbH, Ana Müllner", // by last name
}

// TestClientSearches runs the searches that real clients send, in the reference folder beside the checkout. Each has to
// be answered with success or, for bases of other directories, with noSuchObject.
func TestClientSearches(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(filepath.Join(sharedFolder(t), "reference", "client-searches.json"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the reference folder is not there: set RINGDEX_SHARED to run this")
	}
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		ID         string   `json:"id"`
		Filter     string   `json:"filter_example"`
		Attributes any      `json:"attributes"`
		Scope      string   `json:"scope"`
		Base       *string  `json:"base"`
		SizeLimit  *float64 `json:"sizelimit"`
	}
	if err := json.Unmarshal(b, &vectors); err != nil {
		t.Fatal(err)
	}
	d := directoryOf(t, invented(t), func(o *Options) {
		for _, b := range BuiltinProfiles() {
			b.Location = o.Location
			o.Profiles = append(o.Profiles, b.Profile)
		}
	})
	s := sessionOf(d)
	expected, seen := expectedNames(), map[string]bool{}
	for _, v := range vectors {
		seen[v.ID] = true
		t.Run(v.ID, func(t *testing.T) {
			filter := v.Filter
			if filter[0] != '(' {
				filter = "(" + filter + ")"
			}
			scope := map[string]protocol.Scope{"base": protocol.BaseObject, "one": protocol.SingleLevel}[v.Scope]
			if v.Scope == "sub" {
				scope = protocol.WholeSubtree
			}
			base := "dc=ringdex"
			if v.ID == "tool-rootdse" || v.ID == "tool-schema" {
				base = *v.Base
			}
			if v.ID == "gigaset-02" { // reads what was picked
				base = dnOf(t, s, base)
			}
			r := requestOf(t, base, scope, filter)
			if list, ok := v.Attributes.([]any); ok {
				for _, a := range list {
					if name, ok := a.(string); ok {
						r.Attributes = append(r.Attributes, []byte(name))
					}
				}
			}
			if v.SizeLimit != nil {
				r.SizeLimit = int(*v.SizeLimit)
			}
			list, code := ask(t, s, r)
			if code != protocol.Success && code != protocol.SizeLimitExceeded {
				t.Errorf("result %v", code)
			}
			attributes := r.Attributes
			r.Attributes, r.SizeLimit = nil, 0
			whole, _ := ask(t, s, r)
			if v.ID == "tool-rootdse" || v.ID == "tool-schema" {
				if len(list) != 1 {
					t.Errorf("%d entries, want one", len(list))
				}
				return
			}
			want, ok := expected[v.ID]
			if !ok {
				t.Fatalf("no answer is expected: say which")
			}
			if got := namesOf(whole); got != want {
				t.Errorf("%s: got %q, want %q", filter, got, want)
			}
			// What was asked for comes under the name that it was asked by, and nothing else.
			for i := range list {
				for _, a := range list[i].attributes {
					if !slices.ContainsFunc(attributes, func(asked []byte) bool { return string(asked) == a.name }) && len(attributes) > 0 {
						t.Errorf("%s: %s answered unasked", list[i].dn, a.name)
					}
				}
			}
			profile := profileOf(v.ID)
			if profile == "" {
				return
			}
			if other, found := profiledNames[v.ID]; found {
				want = other
			}
			if base = "ou=" + profile + ",dc=ringdex"; v.ID == "gigaset-02" {
				base = dnOf(t, s, base)
			}
			r.Base = []byte(base)
			list, code = ask(t, s, r)
			if got := namesOf(list); got != want || code != protocol.Success {
				t.Errorf("%s under the profile %s: got %q (%v), want %q", filter, profile, got, code, want)
			}
		})
	}
	for id := range expected {
		if !seen[id] {
			t.Errorf("there is no vector %s", id)
		}
	}
}

// dnOf is Anna's DN below a base.
func dnOf(t *testing.T, s *Session, base string) string {
	t.Helper()
	list, _ := ask(t, s, requestOf(t, base, protocol.WholeSubtree, "(cn=Anna Müller)", "1.1"))
	if len(list) != 1 {
		t.Fatalf("%d entries", len(list))
	}
	return list[0].dn
}
