package phone

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// sharedRows reads a CSV file of the test data, which lies beside the checkout: $RINGDEX_SHARED or ../shared from the
// root of the repository. CI sets it; elsewhere the test is skipped.
func sharedRows(t *testing.T, name string) [][]string {
	t.Helper()
	shared := os.Getenv("RINGDEX_SHARED")
	if shared == "" {
		dir, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
				break
			}
			if parent := filepath.Dir(dir); parent == dir {
				t.Fatal("no go.mod above the package")
			} else {
				dir = parent
			}
		}
		shared = filepath.Join(filepath.Dir(dir), "shared")
	}
	f, err := os.Open(filepath.Join(shared, "data", "phone", name))
	if err != nil {
		t.Skipf("no shared test data (set RINGDEX_SHARED): %v", err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// unescapeJava decodes the \uXXXX of libphonenumber's tests.
func unescapeJava(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if strings.HasPrefix(s[i:], `\u`) && i+6 <= len(s) {
			if n, err := strconv.ParseUint(s[i+2:i+6], 16, 16); err == nil {
				b.WriteRune(rune(n))
				i += 5
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return strings.ReplaceAll(b.String(), `\\`, `\`)
}

// ours writes what Parse makes of a field: "+49301234567 x12, 567".
func ours(numbers []Number) string {
	var list []string
	for _, n := range numbers {
		s := string(n.E164)
		if s == "" {
			s = "digits " + n.Digits
		}
		if n.Extension != "" {
			s += " x" + n.Extension
		}
		list = append(list, s)
	}
	return strings.Join(list, ", ")
}

func theirs(input, region string) string {
	n, err := phonenumbers.Parse(input, region)
	if err != nil {
		return ""
	}
	s := phonenumbers.Format(n, phonenumbers.E164)
	if n.GetExtension() != "" {
		s += " x" + n.GetExtension()
	}
	return s
}

func TestDifferentialParseCases(t *testing.T) {
	t.Parallel()
	p := newTestParser(t, Location{})
	seen := make(map[string]bool)
	for _, row := range sharedRows(t, "libphonenumber-parse-cases.csv") {
		input, region := unescapeJava(row[0]), row[1]
		got, library := ours(p.Parse(input, region)), theirs(input, region)
		if got == library {
			continue
		}
		t.Logf("{%q, %q, %q, %q, %q},", input, region, library, got, "")
		seen[input] = true
	}
}
