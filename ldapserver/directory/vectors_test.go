package directory

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
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

// expectedNames is who must be in the answer to a vector on the invented directory, where that is plain; "" is nobody.
var expectedNames = map[string]string{
	"snom-01":        "",
	"snom-02":        "",
	"snom-07":        "Anna Müller",
	"snom-08":        "Anna Müller",
	"snom-10":        "Anna Müller",
	"yealink-10":     "Anna Müller",
	"grandstream-01": "Anna Müller",
	"konftel-01":     "Müller & Söhne GmbH",
	"gigaset-04":     "Anna Müller",
	"poly-01":        "",
	"cisco-01":       "Anna Müller",
	"inno-05":        "",
	"nethvoice-01":   "",
	"linphone-01":    "Anna Müller",
	"linphone-02":    "Anna Müller",
	"jitsi-02":       "Anna Müller",
	"evolution-01":   "",
	"gigaset-02":     "",
	"tool-paged":     "",
	"snom-04":        "Anna Müller",
	"snom-05":        "Anna Müller",
	"yealink-01":     "Müller & Söhne GmbH",
	"yealink-02":     "Anna Müller",
	"yealink-04":     "Peter Intern",
	"yealink-05":     "Ryan O'Neill",
	"yealink-07":     "Anna Müller",
	"yealink-08":     "Anna Müller",
	"htek-01":        "Müller & Söhne GmbH",
	"htek-02":        "Anna Müller",
	"sangoma-01":     "Anna Müller",
	"grandstream-02": "Anna Müller",
	"grandstream-04": "Anna Müller",
	"vtech-01":       "Anna Müller",
	"vtech-02":       "Anna Müller",
	"escene-01":      "Anna Müller",
	"akuvox-01":      "Anna Müller",
	"gigaset-01":     "Müller & Söhne GmbH",
	"poly-02":        "Anna Müller",
	"cisco-02":       "Anna Müller",
	"inno-01":        "Anna Müller",
	"inno-02":        "Anna Müller",
	"inno-04":        "Anna Müller",
	"fpbx-01":        "Anna Müller",
	"linphone-04":    "",
	"jitsi-01":       "Anna Müller",
	"outlook-01":     "Anna Müller",
	"outlook-02":     "Anna Müller",
	"bria-01":        "Anna Müller",
	"jabber-01":      "Anna Müller",
	"printer-01":     "Anna Müller",
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
	s := sessionOf(directoryOf(t, invented(t), nil))
	seen := map[string]bool{}
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
			r.Attributes, r.SizeLimit = nil, 0
			list2, _ := ask(t, s, r)
			if v.ID == "tool-rootdse" || v.ID == "tool-schema" {
				if len(list) != 1 {
					t.Errorf("%d entries, want one", len(list))
				}
				return
			}
			want, ok := expectedNames[v.ID]
			if !ok {
				t.Fatalf("no answer is expected: say which")
			}
			found := len(list2) == 0 && want == ""
			for i := range list2 {
				found = found || list2[i].first("cn") == want
			}
			if !found {
				t.Errorf("%s: got %q, want %q among them", filter, namesOf(list2), want)
			}
		})
	}
	for id := range expectedNames {
		if !seen[id] {
			t.Errorf("there is no vector %s", id)
		}
	}
}
