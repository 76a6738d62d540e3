package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/rogpeppe/go-internal/testscript"
)

// patience bounds every wait of the scripts: far more than a slow, shared machine needs.
const patience = 60 * time.Second

func TestMain(m *testing.M) {
	// For the commands that a script runs in this process.
	os.Setenv("RINGDEX_PASSWORD", "emulator")
	os.Setenv("RINGDEX_SECURITY_TOKEN", "TOKEN")
	testscript.Main(m, map[string]func(){
		"ringdex": main,
	})
}

// TestScripts runs the commands as a person types them: testdata/script/*.txt.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("RINGDEX_PASSWORD", "emulator")
			e.Setenv("RINGDEX_SECURITY_TOKEN", "TOKEN")
			e.Setenv("SHARED", sharedData(t))
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if cond == "shared" {
				return sharedData(t) != "", nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"background": background,
			"search":     search,
			"config":     writeConfig,
			"extend":     extendConfig,
			"hangup":     hangup,
			"waitfor":    waitFor,
			"fetch":      fetch,
			"manage":     manage,
			"rsakey":     rsaKey,
		},
	})
}

// sharedData is the folder of recorded data beside the checkout, "" where there is none.
func sharedData(t testing.TB) string {
	dir := os.Getenv("RINGDEX_SHARED")
	if dir == "" {
		dir = filepath.Join(filepath.Dir(repositoryRoot(t)), "shared")
	}
	if _, err := os.Stat(filepath.Join(dir, "data")); err != nil {
		return ""
	}
	return dir
}

// background NAME REGEXP ARGS… runs ringdex until the script ends, and waits for a line of its output that matches. The
// expression's first group becomes the variable NAME; all output goes to the file NAME.log.
func background(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: background NAME REGEXP ARGS…")
	}
	name, want := args[0], regexp.MustCompile(args[1])
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	log, err := os.Create(ts.MkAbs(name + ".log"))
	ts.Check(err)
	found := make(chan string, 1)
	done := make(chan int, 1)
	var reading sync.WaitGroup
	reading.Go(func() {
		sc := bufio.NewScanner(r)
		for sc.Scan() {
			fmt.Fprintln(log, sc.Text())
			if m := want.FindStringSubmatch(sc.Text()); m != nil {
				select {
				case found <- m[len(m)-1]:
				default:
				}
			}
		}
	})
	// The process's environment is the test's; the script's secrets are the same in every script.
	line := append([]string{"ringdex"}, args[2:]...)
	for i, a := range line {
		if a == "--config" || a == "--data" {
			line[i+1] = ts.MkAbs(line[i+1])
		}
	}
	go func() {
		code := Run(ctx, line, Stdio{In: strings.NewReader(""), Out: w, Err: w})
		w.Close()
		done <- code
	}()
	ts.Defer(func() {
		cancel()
		<-done
		reading.Wait()
		log.Close()
	})
	select {
	case value := <-found:
		ts.Setenv(name, value)
	case code := <-done:
		done <- code
		reading.Wait()
		text, _ := os.ReadFile(log.Name())
		ts.Fatalf("%s ended with %d:\n%s", name, code, text)
	case <-time.After(patience):
		ts.Fatalf("%s did not say %q", name, args[1])
	}
}

// search ADDRESS FILTER ATTR… makes a subtree search below dc=ringdex and prints the entries as LDIF to the script's
// standard output (matched with stdout). Negated, it must find nothing.
func search(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: search ADDRESS FILTER ATTR…")
	}
	conn, err := ldap.DialURL("ldap://"+args[0], ldap.DialWithDialer(&net.Dialer{Timeout: patience}))
	ts.Check(err)
	defer conn.Close()
	res, err := conn.Search(ldap.NewSearchRequest("dc=ringdex", ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, args[1], args[2:], nil))
	ts.Check(err)
	if neg != (len(res.Entries) == 0) {
		ts.Fatalf("%s: %d entries", args[1], len(res.Entries))
	}
	for _, e := range res.Entries {
		fmt.Fprintln(ts.Stdout(), "dn:", e.DN)
		for _, a := range e.Attributes {
			for _, v := range a.Values {
				fmt.Fprintf(ts.Stdout(), "%s: %s\n", a.Name, v)
			}
		}
		fmt.Fprintln(ts.Stdout())
	}
}

// writeConfig FILE URL COUNTRY [WHERE [FIELD]] writes a configuration for the emulator, with a free LDAP port, and perhaps with a
// condition for contacts and with another field that says their country.
func writeConfig(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 || len(args) > 5 {
		ts.Fatalf("usage: config FILE URL COUNTRY [WHERE [FIELD]]")
	}
	args = append(args, "", "")
	if args[4] != "" {
		args[4] = ", country_fields: [" + args[4] + "]"
	}
	text := fmt.Sprintf(`salesforce:
  url: %s
  username: integration@example.com
  password: env:RINGDEX_PASSWORD
  security_token: env:RINGDEX_SECURITY_TOKEN
  allowed_hosts: ["127.0.0.1"]
objects:
  Contact: { where: %q%s }
  Account: {}
dialling: { country: %s }
ldap: { listen: ["127.0.0.1:0"] }
schedule: { delta: never, full: never, reconcile: never }
`, args[1], args[3], args[4], args[2])
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}
