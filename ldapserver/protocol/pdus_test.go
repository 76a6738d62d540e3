package protocol

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// shared finds a file of the reference folder that lies beside a checkout, and skips where there is none.
func shared(t *testing.T, name string) string {
	t.Helper()
	if root := os.Getenv("RINGDEX_SHARED"); root != "" {
		return filepath.Join(root, name)
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Skip("no go.mod above this directory")
		}
	}
	path := filepath.Join(filepath.Dir(dir), "shared", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no captured PDUs: neither RINGDEX_SHARED is set nor does ../shared lie beside the repository (%v)", err)
	}
	return path
}

// TestCapturedPDUs decodes what real clients and other implementations' test suites sent: requests are understood and the same for
// go-ldap, responses are refused as no requests and understood by the response side's oracle.
func TestCapturedPDUs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(shared(t, "reference/client-pdus.json"))
	if err != nil {
		t.Fatal(err)
	}
	var pdus []struct{ Name, Hex string }
	if err := json.Unmarshal(text, &pdus); err != nil {
		t.Fatal(err)
	}
	if len(pdus) < 20 {
		t.Fatalf("got %d PDUs", len(pdus))
	}
	filters := map[string]string{
		"CanReadSearchRequest":     "(objectclass=*)",
		"CanReadSearchRequest2":    "(objectclass=*)",
		"CanReadSnomSearchRequest": "(|(sn=mjam*)(l=mjam*))",
	}
	for _, c := range pdus {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			pdu, err := hex.DecodeString(c.Hex)
			if err != nil {
				t.Fatal(err)
			}
			var d Decoder
			m, err := d.Decode(pdu)
			if strings.Contains(c.Name, "Response") || strings.Contains(c.Name, "SearchRes") {
				if e := (*EnvelopeError)(nil); !errors.As(err, &e) {
					t.Fatalf("a response as request: got %v, want an envelope error", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			sameAsGoLDAP(t, pdu, m)
			if want, ok := filters[c.Name[strings.IndexByte(c.Name, '/')+1:]]; ok && m.Search.Filter.String() != want {
				t.Errorf("filter: got %s, want %s", m.Search.Filter, want)
			}
			if strings.HasSuffix(c.Name, "SnomSearchRequest") && m.Search.SizeLimit != 50 {
				t.Errorf("size limit: got %d, want 50", m.Search.SizeLimit)
			}
			if strings.HasSuffix(c.Name, "SearchRequest2") {
				p, err := DecodePagedResults(FindControl(m.Controls, OIDPagedResults).Value)
				if err != nil || p.Size != 100 || !m.Controls[0].Critical {
					t.Errorf("got %+v, %v", p, err)
				}
			}
		})
	}
}
