package emulator

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestHTTPS asks an org with a certificate, and under another name than the address that it listens on.
func TestHTTPS(t *testing.T) {
	t.Parallel()
	pair := httptest.NewTLSServer(nil)
	defer pair.Close()
	s, err := Start(Options{TLS: pair.TLS, URL: "https://example.com"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if !strings.HasPrefix(s.URL(), "https://127.0.0.1:") {
		t.Errorf("it listens on %s", s.URL())
	}
	resp, err := pair.Client().Get(s.URL() + "/_emulator/")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if want := `"url": "https://example.com"`; err != nil || !strings.Contains(string(text), want) {
		t.Errorf("got %s, %v, want %s in it", text, err, want)
	}
}
