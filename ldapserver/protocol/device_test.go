package protocol

import (
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the expected parts of testdata")

// readHex reads commented hex: everything behind a # is a comment, white space doesn't count. Requests are separated by a line "next".
func readHex(t testing.TB, text string) [][]byte {
	t.Helper()
	var pdus [][]byte
	for part := range strings.SplitSeq(text, "\nnext\n") {
		var digits strings.Builder
		for line := range strings.Lines(part) {
			line, _, _ = strings.Cut(line, "#")
			for _, field := range strings.Fields(line) {
				digits.WriteString(field)
			}
		}
		pdu, err := hex.DecodeString(digits.String())
		if err != nil {
			t.Fatal(err)
		}
		pdus = append(pdus, pdu)
	}
	return pdus
}

// TestDevices decodes the requests in testdata/device: commented hex, "----", and what they mean. The bytes are written after what is
// known of each device; each is what go-ldap reads too.
func TestDevices(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/device/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no devices: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			requests, want, _ := strings.Cut(string(text), "\n----\n")
			var d Decoder
			var got strings.Builder
			for i, pdu := range readHex(t, requests) {
				m, err := d.Decode(pdu)
				if err != nil {
					t.Fatal(err)
				}
				if i > 0 {
					got.WriteString("\n")
				}
				got.WriteString(describe(m))
				sameAsGoLDAP(t, pdu, m)
			}
			if *update {
				if err := os.WriteFile(file, []byte(requests+"\n----\n"+got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got.String() != want {
				t.Errorf("got:\n%s\nwant:\n%s", got.String(), want)
			}
		})
	}
}
