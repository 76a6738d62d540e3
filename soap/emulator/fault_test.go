package emulator

import (
	"os"
	"strings"
	"testing"
)

// TestFaultsAsRecorded compares faults with bodies of the real service, byte by byte.
func TestFaultsAsRecorded(t *testing.T) {
	t.Parallel()
	s := start(t, Options{DailyLimit: 100})
	c := login(t, s)
	for _, tt := range []struct {
		file   string
		answer func() answer
	}{
		{"recorded/excerpts/fault-INVALID_FIELD.xml", func() answer { return c.query("select adfId, Name, Account.Name from Contact") }},
		{"recorded/excerpts/fault-INVALID_QUERY_LOCATOR.xml", func() answer { return c.more("01g000000000000AAA-500") }},
		{"constructed/fault-INVALID_OPERATION-login-v65.xml", func() answer {
			return post(t, s, "65.0", loginBody("integration@example.com", "emulatorTOKEN"), nil)
		}},
		{"constructed/fault-LOGIN_MUST_USE_SECURITY_TOKEN.xml", func() answer {
			return post(t, s, "58.0", loginBody("integration@example.com", "emulator"), nil)
		}},
		{"constructed/fault-REQUEST_LIMIT_EXCEEDED-total.xml", func() answer {
			settings := s.org.Settings()
			settings.DailyLimit = 1
			if err := s.org.Configure(settings); err != nil {
				t.Fatal(err)
			}
			return c.call("<urn:getUserInfo/>")
		}},
		{"recorded/ejholmes-metaforce/invalid_session.xml", func() answer {
			s.org.KillSessions()
			return c.call("<urn:getUserInfo/>")
		}},
		{"recorded/ejholmes-metaforce/login_failure.xml", func() answer {
			return post(t, s, "58.0", loginBody("integration@example.com", "wrong"), nil)
		}},
	} {
		data, err := os.ReadFile(shared(t, "salesforce", tt.file))
		if err != nil {
			t.Fatal(err)
		}
		// Some recordings were indented by those who kept them.
		want := string(data)
		if strings.Contains(want, ">\n  <") {
			var b strings.Builder
			for line := range strings.Lines(want) {
				b.WriteString(strings.TrimSpace(line))
			}
			want = b.String()
		}
		if got := tt.answer(); got.body != strings.TrimSpace(want) || got.reason != "500 Server Error" {
			t.Errorf("%s: got %s %s\nwant %s", tt.file, got.reason, got.body, want)
		}
	}
}
