package main

import (
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sirupsen/logrus"

	"ringdex/ldapserver"
	"ringdex/ldapserver/directory"
	"ringdex/ldapserver/protocol"
)

// TestAuditLines: the format that OPERATIONS.md describes.
func TestAuditLines(t *testing.T) {
	t.Parallel()
	conn := ldapserver.ConnInfo{Remote: netip.MustParseAddrPort("192.0.2.57:40000"), Listener: "192.0.2.10:3389"}
	records := []directory.BindRecord{
		{Method: directory.BindSimple, User: "phone", Named: true, Conn: conn, Code: protocol.Success},
		{Method: directory.BindSimple, Named: true, Conn: conn, Code: protocol.InvalidCredentials},
		{Method: directory.BindAnonymous, Conn: conn, Code: protocol.Success},
		{Method: "sasl DIGEST-MD5", Conn: conn, Code: protocol.AuthMethodNotSupported},
	}
	for format, want := range map[string][]string{
		"text": {
			`level=info msg=bind listener="192.0.2.10:3389" method=simple remote=192.0.2.57 result=success tls=false user=phone`,
			`level=info msg=bind listener="192.0.2.10:3389" method=simple remote=192.0.2.57 result=invalidCredentials tls=false user="(unknown)"`,
			`level=info msg=bind listener="192.0.2.10:3389" method=anonymous remote=192.0.2.57 result=success tls=false user="(none)"`,
			`level=info msg=bind listener="192.0.2.10:3389" method="sasl DIGEST-MD5" remote=192.0.2.58 result=authMethodNotSupported tls=false user="(none)"`,
		},
		"json": {
			`{"level":"info","listener":"192.0.2.10:3389","method":"simple","msg":"bind","remote":"192.0.2.57","result":"success","tls":false,"user":"phone"}`,
			`{"level":"info","listener":"192.0.2.10:3389","method":"simple","msg":"bind","remote":"192.0.2.57","result":"invalidCredentials","tls":false,"user":"(unknown)"}`,
			`{"level":"info","listener":"192.0.2.10:3389","method":"anonymous","msg":"bind","remote":"192.0.2.57","result":"success","tls":false,"user":"(none)"}`,
			`{"level":"info","listener":"192.0.2.10:3389","method":"sasl DIGEST-MD5","msg":"bind","remote":"192.0.2.58","result":"authMethodNotSupported","tls":false,"user":"(none)"}`,
		},
	} {
		path := filepath.Join(t.TempDir(), "audit.log")
		l := &lineLog{name: "audit"}
		l.bind(records[0], 0) // off: nothing
		if err := l.open(path, LogConfig{Format: format, Level: "error"}, logrus.New(), nil); err != nil {
			t.Fatal(err)
		}
		for i, r := range records {
			if i == 3 {
				r.Conn.Remote = netip.MustParseAddrPort("192.0.2.58:40001")
			}
			l.bind(r, 0)
		}
		l.close()
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got := regexp.MustCompile(`time="[^"]*" |,"time":"[^"]*"`).ReplaceAllString(strings.TrimSpace(string(text)), "")
		if got != strings.Join(want, "\n") {
			t.Errorf("%s: got\n%s\nwant\n%s", format, got, strings.Join(want, "\n"))
		}
	}
}
