package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// extendConfig FILE LDAP-KEYS [SECTIONS] adds keys to the ldap section, and sections, of what the config command wrote.
func extendConfig(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: extend FILE LDAP-KEYS [SECTIONS]")
	}
	path := ts.MkAbs(args[0])
	data, err := os.ReadFile(path)
	ts.Check(err)
	before, after, ok := strings.Cut(string(data), "ldap: { ")
	if !ok {
		ts.Fatalf("%s has no ldap section", args[0])
	}
	text := before + "ldap: { " + args[1] + ", " + after
	for _, section := range args[2:] {
		text += section + "\n"
	}
	ts.Check(os.WriteFile(path, []byte(text), 0o600))
}

// hangup sends this process SIGHUP: every serve in it reads its configuration anew.
func hangup(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: hangup")
	}
	p, err := os.FindProcess(os.Getpid())
	ts.Check(err)
	ts.Check(p.Signal(syscall.SIGHUP))
}

// waitFor FILE REGEXP waits until a file has a matching line.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waitfor FILE REGEXP")
	}
	want := regexp.MustCompile(args[1])
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if data, err := os.ReadFile(ts.MkAbs(args[0])); err == nil && want.Match(data) {
			return
		}
	}
	ts.Fatalf("%s has no line %s", args[0], args[1])
}

var metricsAddress = regexp.MustCompile(`address="?(127\.0\.0\.1:\d+)"? .*msg=metrics|msg=metrics address="?(127\.0\.0\.1:\d+)`)

// fetch LOG PATH prints the status and the body that the metrics port answers, whose address the log says.
func fetch(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: fetch LOG PATH")
	}
	data, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	m := metricsAddress.FindStringSubmatch(string(data))
	if m == nil {
		ts.Fatalf("%s names no address for metrics", args[0])
	}
	resp, err := http.Get("http://" + m[1] + m[2] + args[1])
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%s\n%s", resp.Status, body)
}
