package main

import (
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"ringdex/ldapserver"
	"ringdex/ldapserver/directory"
	"ringdex/ldapserver/protocol"
)

// TestAuditOfAPhoneFarm: telephones that bind for every lookup have a line each in ten minutes, with how often they have; who is
// refused has a line each time.
func TestAuditOfAPhoneFarm(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "audit.log")
	l := &lineLog{name: "audit"}
	a := newBindAudit(l)
	now := time.Date(2026, 11, 25, 18, 30, 0, 0, time.UTC)
	a.now = func() time.Time { return now }
	open := func() {
		t.Helper()
		a.flush()
		if err := l.open(path, LogConfig{Format: "text"}, logrus.New(), nil); err != nil {
			t.Fatal(err)
		}
	}
	lines := func() []string {
		t.Helper()
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for line := range strings.Lines(string(text)) {
			field := func(name string) string {
				return regexp.MustCompile(name + `=("[^"]*"|\S+)`).FindString(line)
			}
			out = append(out, strings.TrimSpace(strings.Join([]string{field("remote"), field("user"), field("result"), field("more")}, " ")))
		}
		return out
	}
	bind := func(remote, user string, code protocol.ResultCode) {
		a.bind(directory.BindRecord{
			Method: directory.BindSimple, User: user, Named: true, Code: code, Conn: ldapserver.ConnInfo{Remote: netip.MustParseAddrPort(remote + ":40000"), Listener: "a"},
		})
	}
	bind("192.0.2.1", "phone", protocol.Success) // the log is off
	open()
	for range 100 {
		bind("192.0.2.1", "phone", protocol.Success)
		bind("192.0.2.2", "phone", protocol.Success)
	}
	bind("192.0.2.1", "phone", protocol.InvalidCredentials)
	bind("192.0.2.1", "phone", protocol.InvalidCredentials)
	bind("192.0.2.1", "pbx", protocol.Success)
	now = now.Add(bindsFor - 1)
	bind("192.0.2.1", "phone", protocol.Success)
	now = now.Add(1)
	bind("192.0.2.1", "phone", protocol.Success)
	bind("192.0.2.1", "phone", protocol.Success)
	want := []string{
		"remote=192.0.2.1 user=phone result=success", "remote=192.0.2.2 user=phone result=success",
		"remote=192.0.2.1 user=phone result=invalidCredentials", "remote=192.0.2.1 user=phone result=invalidCredentials",
		"remote=192.0.2.1 user=pbx result=success", "remote=192.0.2.1 user=phone result=success more=100",
	}
	if got := lines(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// A log that is begun anew has what was counted before it, and then a first line again.
	open()
	got := strings.Join(lines()[len(want):], "\n")
	for _, told := range []string{"remote=192.0.2.2 user=phone result=success more=99", "remote=192.0.2.1 user=phone result=success more=1"} {
		if !strings.Contains(got, told) {
			t.Errorf("no %q in\n%s", told, got)
		}
	}
	bind("192.0.2.1", "phone", protocol.Success)
	if all := lines(); len(all) != len(want)+3 {
		t.Errorf("got %d lines, want %d", len(all), len(want)+3)
	}
	// What is remembered is bounded, and nothing is lost.
	const many = bindsMax * 3 / 2
	for i := range many {
		remote := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}).String()
		bind(remote, "phone", protocol.Success)
		bind(remote, "phone", protocol.Success)
		if len(a.seen) > bindsMax {
			t.Fatalf("%d addresses are remembered", len(a.seen))
		}
	}
	a.flush()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), " more=1 "); n < many {
		t.Errorf("%d of %d counts are told", n, many)
	}
	l.close()
}
