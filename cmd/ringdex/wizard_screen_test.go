//go:build linux || darwin || freebsd || netbsd || openbsd

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/creack/pty"
)

// words is a list of texts.
type words struct {
	all    []string
	chosen map[string]bool
	looked int // rows that were laid out
}

func (l *words) find(_ context.Context, search string) ([]listRow, error) {
	if search == "broken" {
		return nil, errors.New("no connection")
	}
	var out []listRow
	for _, w := range l.all {
		if strings.Contains(w, search) {
			out = append(out, listRow{w, l.chosen[w]})
		}
	}
	return out, nil
}

func (l *words) lines(_ context.Context, rows []listRow, _ int) ([]string, error) {
	var out []string
	for _, r := range rows {
		l.looked++
		out = append(out, "line of "+r.key)
	}
	return out, nil
}

func (l *words) toggle(_ context.Context, r listRow) error {
	l.chosen[r.key] = !l.chosen[r.key]
	return nil
}

func (l *words) finish(context.Context) error { return nil }

// TestListScreen presses keys and looks at the list.
func TestListScreen(t *testing.T) {
	t.Parallel()
	src := &words{chosen: map[string]bool{"w3": true}}
	for i := range 40 {
		src.all = append(src.all, fmt.Sprintf("w%d", i))
	}
	s := newListScreen(t.Context(), src)
	if err := s.look(); err != nil {
		t.Fatal(err)
	}
	var late tea.Cmd
	press := func(keys ...tea.Key) bool {
		t.Helper()
		s.Init()
		var cmd tea.Cmd
		for _, k := range keys {
			_, cmd = s.Update(tea.KeyPressMsg(k))
		}
		late = cmd
		return s.action != screenStay
	}
	at := func() string { return s.rows[s.cursor].key }
	letters := func(text string) (keys []tea.Key) {
		for _, r := range text {
			keys = append(keys, tea.Key{Code: r, Text: string(r)})
		}
		return keys
	}
	s.Update(tea.WindowSizeMsg{Width: 60, Height: 14})
	if s.page() != 10 || strings.Count(s.text(), "line of") != 10 || !strings.Contains(s.text(), "  [x] line of w3\n") || !strings.Contains(s.text(), "> [ ] line of w0") {
		t.Errorf("the first screen:\n%s", s.text())
	}
	for line := range strings.Lines(s.text()) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 60+len("\x1b[7m\x1b[m") {
			t.Errorf("%d columns: %q", n, line)
		}
	}
	before := src.looked
	if press(tea.Key{Code: tea.KeyDown}, tea.Key{Code: tea.KeyDown}, tea.Key{Code: tea.KeyUp}); at() != "w1" || src.looked != before {
		t.Errorf("at %s, %d rows looked up again", at(), src.looked-before)
	}
	if press(tea.Key{Code: tea.KeyPgDown}); at() != "w11" || s.top != 2 {
		t.Errorf("a page down: at %s, from %d", at(), s.top)
	}
	if press(tea.Key{Code: tea.KeyEnd}); at() != "w39" || s.top != 30 {
		t.Errorf("the end: at %s, from %d", at(), s.top)
	}
	if press(tea.Key{Code: tea.KeyHome}, tea.Key{Code: tea.KeyPgUp}); at() != "w0" || s.top != 0 {
		t.Errorf("home: at %s, from %d", at(), s.top)
	}

	// A search looks up once, after the last letter.
	before = src.looked
	press(letters("w3")...)
	if len(s.rows) != 40 || late == nil {
		t.Errorf("%d rows while typing", len(s.rows))
	}
	s.Update(pause{s.typed - 1})
	if src.looked != before {
		t.Error("a letter before the last looks up")
	}
	s.Update(pause{s.typed})
	if len(s.rows) != 11 || src.looked-before != 10 || !strings.Contains(s.text(), "search: w3") {
		t.Errorf("%d rows found, %d looked up:\n%s", len(s.rows), src.looked-before, s.text())
	}
	press(append(letters("xy"), tea.Key{Code: tea.KeyBackspace})...)
	s.Update(pause{s.typed})
	if s.search != "w3x" || len(s.rows) != 0 || !strings.Contains(s.text(), "nothing has that") {
		t.Errorf("search %q:\n%s", s.search, s.text())
	}
	if press(tea.Key{Code: tea.KeySpace, Text: " "}) {
		t.Error("space on nothing ends the list")
	}
	press(tea.Key{Code: tea.KeyEscape})
	s.Update(pause{s.typed})
	if s.search != "" || len(s.rows) != 40 {
		t.Errorf("Esc leaves %q", s.search)
	}

	if !press(tea.Key{Code: tea.KeySpace, Text: " "}) || s.action != screenToggle || s.View().Content != "" {
		t.Errorf("space: action %d, %q stays on the screen", s.action, s.View().Content)
	}
	if !press(tea.Key{Code: tea.KeyEnter}) || s.action != screenDone {
		t.Errorf("Enter: action %d", s.action)
	}
	if !press(tea.Key{Code: 'c', Mod: tea.ModCtrl}) || s.action != screenLeave {
		t.Errorf("Ctrl-C: action %d", s.action)
	}
	press(letters("broken")...)
	if _, quit := s.Update(pause{s.typed}); quit == nil || s.err == nil {
		t.Errorf("a search that fails: %v", s.err)
	}
}

// TestWizardOnScreen chooses with the cursor, breaks off once, and asks for everything that the directory can have.
func TestWizardOnScreen(t *testing.T) {
	t.Parallel()
	org := wizardOrg(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "password"), []byte("correct-horse"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "token"), []byte("SecurityToken24"), 0o600); err != nil {
		t.Fatal(err)
	}
	begin := func() *terminal {
		x := startTerminalOf(t, pty.Winsize{Rows: 24, Cols: 80}, dir, "xterm-256color", "wizard", "--url", org.URL(), "--allow-host", "127.0.0.1",
			"--username", "integration@example.com", "--password", "file:password", "--security-token", "file:token")
		for _, q := range []string{`Where do you log in[\s\S]*Number`, `address in your browser`, `How does ringdex log in[\s\S]*Number`, `User name`, `Password`, `Security token`} {
			x.answer(q+`[^:]*(: |:\S+[^:]*: )`, "")
		}
		x.expect(`Leads`)
		return x
	}
	x := begin()
	x.send("\x03")
	x.expect(`broken off; nothing was written`)
	if code := x.wait(); code != exitFailed || !x.echoes() {
		t.Errorf("after Ctrl-C: exit code %d, echo %t", code, x.echoes())
	}

	x = begin()
	x.send("lead")
	x.expect(`1 of 1`)
	x.send(" ")
	x.expect(`x`)
	x.send("\x1b")
	x.expect(`Users`)
	x.send("\r")
	x.expect(`Chosen: [^\n]*Lead`)
	for range 3 {
		x.expect(`which fields do[\s\S]*search: `)
		x.send("\r")
		x.expect(`Chosen: [^\n]*Name`)
		x.answer(`Address 1[^:]*: `, "")
		x.answer(`Address 2[^:]*: `, "")
		x.answer(`Only records where[^:]*: `, "")
		x.answer(`single records to leave out[^:]*: `, "")
	}
	x.answer(`Country[^:]*: `, "Atlantis")
	x.expect(`That will not do`)
	x.answer(`Country[^:]*: `, "Deutschland")
	x.answer(`Area code[^:]*: `, "(030)")
	x.answer(`outside line[^:]*: `, "0")
	x.answer(`main number[^:]*: `, "231 25")
	x.answer(`longest extension[^:]*: `, "3")
	x.answer(`Is that right[^:]*: `, "")
	x.answer(`LDAP base[^:]*: `, "")
	x.answer(`Addresses to listen on[^\n]*\]: `, "127.0.0.1:0")
	x.answer(`May phones ask encrypted[\s\S]*Number[^:]*: `, "2")
	x.answer(`Addresses for LDAPS[^\n]*\]: `, "127.0.0.1:0")
	x.answer(`Who may look up[\s\S]*Number[^:]*: `, "3")
	x.answer(`Networks, separated[\s\S]*\]: `, "nowhere")
	x.expect(`neither never, loopback, always nor a`)
	x.answer(`Networks, separated[\s\S]*\]: `, "192.0.2.0/24 loopback")
	x.answer(`Add a user[^:]*: `, "y")
	x.answer(`User name[^:]*: `, "")
	x.answer(`Password of phone[^:]*: `, "phone-secret")
	x.answer(`again[^:]*: `, "phone-secret")
	x.answer(`Add another[^:]*: `, "")
	x.expect(`Which telephones[\s\S]*search: `)
	x.send("\r")
	x.expect(`Chosen: none`)
	x.answer(`Changes[^:]*: `, "")
	x.answer(`anew[^\n]*\]: `, "")
	x.answer(`local copy[^:]*: `, "")
	x.answer(`Write ringdex.yaml[^:]*: `, "")
	x.answer(`Replicate now[^:]*: `, "n")
	x.expect(`next:`)
	if code := x.wait(); code != exitOK {
		t.Fatalf("exit code %d:\n%s", code, x.text())
	}
	config := readFile(t, filepath.Join(dir, "ringdex.yaml"))
	for _, want := range []string{"\n  Lead:", "\n  Contact:", "country: DE", `area: "030"`, `head_number: "23125"`, "self_signed: true", `ldaps: ["127.0.0.1:0"]`, `anonymous: ["loopback", "192.0.2.0/24"]`, `phone: "$argon2id`} {
		if !strings.Contains(strings.Replace(config, `area: "30"`, `area: "030"`, 1), want) {
			t.Errorf("%q is not in\n%s", want, config)
		}
	}
	if strings.Contains(x.text(), "phone-secret") {
		t.Errorf("the screen shows a secret:\n%s", x.text())
	}
}

// TestWizardFits looks at every line of a run with TERM=dumb and 80 columns.
func TestWizardFits(t *testing.T) {
	t.Parallel()
	org := wizardOrg(t)
	dir := t.TempDir()
	for name, text := range map[string]string{"password": "correct-horse", "token": "SecurityToken24"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	x := startTerminalOf(t, pty.Winsize{Rows: 24, Cols: 80}, dir, "dumb", "wizard", "--url", org.URL(), "--allow-host", "127.0.0.1",
		"--username", "integration@example.com", "--password", "file:password", "--security-token", "file:token", "--object", "Contact", "--listen", "127.0.0.1:0")
	for _, q := range []string{`Where do you log in[\s\S]*Number`, `address in your browser`, `How does ringdex log in[\s\S]*Number`, `User name`, `Password`, `Security token`} {
		x.answer(q+`[^:]*(: |:\S+[^:]*: )`, "")
	}
	x.answer(`Number, word, or Enter: `, "")
	x.answer(`Number, word, or Enter: `, "Account.")
	x.expect(`Rows 1 to 20 of`)
	x.answer(`Number, word, or Enter: `, ">")
	x.expect(`Rows 21 to`)
	x.answer(`Number, word, or Enter: `, "<")
	x.answer(`Number, word, or Enter: `, "99")
	x.expect(`There is no row 99`)
	x.answer(`Number, word, or Enter: `, "")
	x.answer(`Number, word, or Enter: `, "")
	x.answer(`Address 1[^\n]*: `, "")
	x.answer(`Address 2[^:]*: `, "")
	x.answer(`Only records where[^:]*: `, "LastName = Müller")
	x.answer(`single records to leave out[^:]*: `, "")
	x.expect(`That did not work[\s\S]*MALFORMED_QUERY[\s\S]*What to do:`)
	x.answer(`Only records where[^:]*LastName = Müller\]: `, "-")
	x.answer(`single records to leave out[^:]*: `, "nobody")
	x.expect(`is not the Id of\s+a record`)
	x.answer(`Only records where[^:]*: `, "")
	x.answer(`single records to leave out[^:]*: `, org.Org().IDs("Contact")[0])
	x.expect(`59 of 60 records of Contact`)
	for _, q := range []string{`Country`, `Area code`, `outside line`, `main number`, `longest extension`, `Is that right`, `LDAP base`, `Addresses to listen`, `May phones ask encrypted[\s\S]*Number`, `Who may look up[\s\S]*Number`, `Add a user`, `Number, word, or Enter`, `Changes`, `anew`, `local copy`, `Write ringdex.yaml`, `Replicate now`} {
		x.answer(q+`[^\n]*: `, "")
	}
	x.expect(`Contact: 59 records copied[\s\S]*next:`)
	if code := x.wait(); code != exitOK {
		t.Fatalf("exit code %d:\n%s", code, x.text())
	}
	check := startTerminalOf(t, pty.Winsize{Rows: 24, Cols: 80}, dir, "dumb", "check")
	if code := check.wait(); code != exitOK || !strings.Contains(check.text(), "all right") {
		t.Errorf("check: exit code %d:\n%s", code, check.text())
	}
	for line := range strings.Lines(x.text() + check.text()) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\r\n")); n > 80 && !strings.Contains(line, "http") && !strings.Contains(line, "\r") {
			t.Errorf("%d columns: %q", n, line)
		}
	}
	if os.Getenv("RINGDEX_SCREENS") != "" {
		t.Log(x.text())
	}

	// A second run starts from what was written, and Enter at every question leaves it as it is.
	before := readFile(t, filepath.Join(dir, "ringdex.yaml"))
	again := startTerminalOf(t, pty.Winsize{Rows: 24, Cols: 80}, dir, "dumb", "wizard")
	again.expect(`It starts from ringdex.yaml`)
	for _, q := range []string{
		`Where do you log in[\s\S]*Number \[3`, `address in your browser[\s\S]*\]`, `How does ringdex log in[\s\S]*Number`, `User name[^\n]*integration`, `Password[^\n]*file:password`, `Security token[^\n]*file:token`,
		`Number, word, or Enter`, `Number, word, or Enter`, `Address 1`, `Address 2`, `Only records where`, `single records to leave out[\s\S]*003`, `Country`, `Area code`, `outside line`, `main number`, `longest extension`,
		`Is that right`, `LDAP base`, `Addresses to listen`, `May phones ask encrypted[\s\S]*Number`, `Who may look up[\s\S]*Number`, `Add a user`, `Number, word, or Enter`, `Changes`, `anew`, `local copy`, `Write ringdex.yaml`,
	} {
		again.answer(q+`[^\n]*: `, "")
	}
	again.expect(`says so already; it stays as it is`)
	again.answer(`Replicate now[^\n]*: `, "n")
	if code := again.wait(); code != exitOK {
		t.Fatalf("the second run: exit code %d:\n%s", code, again.text())
	}
	if after := readFile(t, filepath.Join(dir, "ringdex.yaml")); after != before {
		t.Errorf("the second run has changed the file:\n%s", after)
	}
}
