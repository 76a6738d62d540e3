//go:build linux || darwin || freebsd || netbsd || openbsd

package main

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestWizardInTerminal goes from an empty folder to a replicated store, with a wrong password first.
func TestWizardInTerminal(t *testing.T) {
	t.Parallel()
	org := wizardOrg(t)
	dir := t.TempDir()
	x := startTerminal(t, dir, "dumb", "wizard")
	x.answer(`Where do you log in[\s\S]*Number \[`, "3")
	x.answer(`address in your browser.*: `, org.URL())
	x.answer(`not one of Salesforce's hosts.*\[y/N\]: `, "y")
	x.answer(`How does ringdex log in[\s\S]*Number \[1\]: `, "")
	x.answer(`User name.*: `, "integration@example.com")
	x.answer(`Password \(not shown\): `, "wrong-horse")
	x.answer(`Where shall it lie[\s\S]*Number \[1\]: `, "1")
	x.answer(`Each new password makes[\s\S]*Security token \(not shown\): `, "SecurityToken24")
	x.answer(`Where shall it lie[\s\S]*Number \[1\]: `, "1")
	x.expect(`does not know this combination of user name, password and security token`)
	x.expect(`What to do: .*security token`)

	x.answer(`What do you want to change[\s\S]*Number \[1\]: `, "")
	x.answer(`User name.*\[integration@example.com\]: `, "")
	x.answer(`Password, Enter keeps.*\(not shown\): `, "correct-horse")
	x.answer(`Security token, Enter keeps.*\(not shown\): `, "")
	x.expect(`logged in to .* as Integration User`)

	x.answer(`\[x\]  1  \S+ +Account +10 records[\s\S]*\[x\]  2  \S+ +Contact +60 records[\s\S]*Number, word, or Enter: `, "lead")
	x.answer(`\[ \]  1  Leads? [\s\S]*Enter: `, "")
	x.answer(`Number, word, or Enter: `, "")
	for _, object := range []string{"Contact", "Account"} {
		x.answer(object+`.*which fields do phones get[\s\S]*\[x\].*Name +string.*→ cn[\s\S]*Enter: `, "Owner.e")
		x.answer(`Owner\.Username +string +100%[\s\S]*Enter: `, "")
		x.answer(`\[x\][\s\S]*Enter: `, "")
		x.answer(object+`: addresses of the record[\s\S]*Address 1.*: `, "")
		x.expect(`for example http://127\.0\.0\.1:\d+/lightning/r/` + object + `/00\w{16}/view`)
		x.answer(`Address 2.*: `, "")
		x.answer(object+`: shall records be left out[\s\S]*Only records where.*: `, "")
		x.answer(`single records to leave out.*: `, "")
		x.expect(`\d+ records of ` + object + ` will be copied`)
	}
	x.answer(`Country.*: `, "de")
	x.answer(`Area code.*: `, "30")
	x.answer(`outside line.*: `, "0")
	x.answer(`main number.*: `, "23125")
	x.answer(`longest extension.*: `, "3")
	x.expect(`stored ".*" +read as \+\d+ +dialled as \d+`)
	x.answer(`Is that right\? \[Y/n\]: `, "")
	x.answer(`LDAP base \[dc=ringdex\]: `, "")
	x.answer(`Addresses to listen on.*: `, "127.0.0.1:0")
	x.answer(`May phones ask encrypted[\s\S]*Number \[1\]: `, "")
	x.answer(`Who may look up[\s\S]*Number \[2\]: `, "1")
	x.answer(`Add a user.*\[Y/n\]: `, "y")
	x.answer(`User name \[phone\]: `, "")
	x.answer(`Password of phone \(not shown\): `, "phone-secret")
	x.answer(`again \(not shown\): `, "phone-secret")
	x.answer(`Add another.*: `, "n")
	x.answer(`Which telephones[\s\S]*yealink[\s\S]*Number, word, or Enter: `, "yealink")
	x.answer(`Number, word, or Enter: `, "1")
	x.answer(`\[x\][\s\S]*Number, word, or Enter: `, "")
	x.answer(`\[x\][\s\S]*Number, word, or Enter: `, "")
	x.answer(`Changes.*\[5m\]: `, "sometimes")
	x.answer(`Changes.*\[5m\]: `, "")
	x.answer(`anew.*\[02:30\]: `, "never")
	x.expect(`So a phone shows them \(\d+ of 70 records in the sample have a problem\)`)
	x.answer(`file of the local copy.*: `, "")
	x.answer(`Write ringdex.yaml\? \[Y/n\]: `, "y")
	x.expect(`written: ringdex.yaml`)
	x.answer(`Replicate now\? \[Y/n\]: `, "y")
	x.expect(`Contact: 60 records copied`)
	x.expect(`Account: 10 records copied`)
	x.expect(`next:[\s\S]*ringdex check[\s\S]*ringdex serve[\s\S]*ringdex phones yealink`)
	if code := x.wait(); code != exitOK {
		t.Fatalf("exit code %d:\n%s", code, x.text())
	}
	for _, secret := range []string{"wrong-horse", "correct-horse", "SecurityToken24", "phone-secret"} {
		if strings.Contains(x.text(), secret) {
			t.Errorf("the screen shows a secret:\n%s", x.text())
		}
	}
	for _, name := range []string{"ringdex.yaml", "password", "security-token"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %04o", name, info.Mode().Perm())
		}
	}

	// What was written reads back: check finds nothing wrong, and a second run leaves the file as it is.
	before, err := os.ReadFile(filepath.Join(dir, "ringdex.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"check"}, {"wizard", "--yes"}} {
		again := startTerminal(t, dir, "dumb", args...)
		if code := again.wait(); code != exitOK {
			t.Errorf("ringdex %s: exit code %d:\n%s", args[0], code, again.text())
		}
	}
	after, err := os.ReadFile(filepath.Join(dir, "ringdex.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Errorf("the second run changed the file:\n%s", after)
	}
	if os.Getenv("RINGDEX_SCREENS") != "" {
		t.Log(x.text())
	}
}

// TestWizardBrokenOff presses Ctrl-C at a question and at a password: nothing is left, and the terminal echoes again.
func TestWizardBrokenOff(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"question", "password"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			org := wizardOrg(t)
			dir := t.TempDir()
			x := startTerminal(t, dir, "xterm", "wizard")
			x.answer(`Where do you log in[\s\S]*Number \[`, "3")
			x.expect(`address in your browser.*: `)
			if at == "password" {
				x.send(org.URL() + "\n")
				x.answer(`not one of Salesforce's hosts.*\[y/N\]: `, "y")
				x.answer(`How does ringdex log in[\s\S]*Number \[1\]: `, "")
				x.answer(`User name.*: `, "integration@example.com")
				x.expect(`Password \(not shown\): `)
			}
			x.send("\x03")
			x.expect(`broken off; nothing was written`)
			if code := x.wait(); code != exitFailed {
				t.Errorf("exit code %d", code)
			}
			if !x.echoes() {
				t.Error("the terminal does not echo any more")
			}
			left, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			if len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// TestWizardInBrowser gets a refresh token by the web server flow, and replicates with it while the org exchanges the
// token at each use.
func TestWizardInBrowser(t *testing.T) {
	t.Parallel()
	org := wizardOrg(t)
	app := org.Org().OAuth()
	app.Rotate = true
	if err := org.Org().ConfigureOAuth(app); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	callback := l.Addr().String()
	l.Close()
	dir := t.TempDir()
	x := startTerminal(t, dir, "dumb", "wizard", "--callback", callback, "--allow-host", "127.0.0.1", "--url", org.URL(), "--login", "refresh_token",
		"--client-id", app.ClientID, "--object", "Contact", "--listen", "127.0.0.1:0", "--country", "DE")
	x.answer(`Where do you log in[\s\S]*Number \[3\]: `, "")
	x.answer(`address in your browser.*: `, "")
	x.answer(`How does ringdex log in[\s\S]*Number \[4\]: `, "")
	x.answer(`Consumer Key.*: `, "")
	x.answer(`Consumer Secret.*\(not shown\): `, app.ClientSecret)
	x.answer(`Where shall it lie[\s\S]*Number \[1\]: `, "1")
	x.expect(`this callback URL: http://` + regexp.QuoteMeta(callback) + `/callback`)
	address := x.capture(`(http://127\.0\.0\.1:\d+/services/oauth2/authorize\?\S+)\s`)

	// A stranger's redirect is not taken for the answer; the person's is.
	resp, err := http.Get("http://" + callback + "/callback?code=stolen&state=guessed")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("a redirect with a wrong state: %s", resp.Status)
	}
	if resp, err = http.Get(address); err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || !strings.Contains(string(page), "You may close this page") {
		t.Fatalf("the browser shows %q, %v", page, err)
	}
	x.expect(`logged in to .* as Integration User`)
	for range 4 { // objects, fields, one address
		x.answer(`(Enter|for none\)[^:]*): `, "")
	}
	x.answer(`Only records where.*: `, "")
	x.answer(`single records to leave out.*: `, "")
	for range 5 {
		x.answer(`(Country|Area|outside line|main number|longest extension).*: `, "")
	}
	x.answer(`Is that right\? .*: `, "")
	for _, q := range []string{`LDAP base`, `Addresses to listen`, `May phones ask encrypted[\s\S]*Number`, `Who may look up[\s\S]*Number`, `Add a user`, `Number, word, or Enter`, `Changes`, `anew`, `local copy`, `Write ringdex.yaml`, `Replicate now`} {
		x.answer(q+`.*: `, "")
	}
	x.expect(`Contact: 60 records copied`)
	if code := x.wait(); code != exitOK {
		t.Fatalf("exit code %d:\n%s", code, x.text())
	}
	if strings.Contains(x.text(), app.ClientSecret) || strings.Contains(x.text(), "5Aep861") {
		t.Errorf("a secret is on the screen:\n%s", x.text())
	}

	// Each further run uses the token once, and finds the new one in the file.
	path := filepath.Join(dir, "refresh-token")
	token := readFile(t, path)
	for range 2 {
		again := startTerminal(t, dir, "dumb", "replicate", "--full")
		if code := again.wait(); code != exitOK {
			t.Fatalf("replicate: exit code %d:\n%s", code, again.text())
		}
		now := readFile(t, path)
		if now == token {
			t.Error("the exchanged token is not in the file")
		}
		token = now
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("refresh-token: %v, %v", info.Mode(), err)
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
