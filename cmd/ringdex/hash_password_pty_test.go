//go:build linux || darwin || freebsd || netbsd || openbsd

package main

import (
	"strings"
	"testing"

	"ringdex/ldapserver/directory"
)

// TestHashPasswordInTerminal pastes the password before the question is there, and mistypes the second one at first:
// nothing of it is shown at any time.
func TestHashPasswordInTerminal(t *testing.T) {
	t.Parallel()
	x := startTerminal(t, t.TempDir(), "xterm", "hash-password")
	x.expect(`^Password \(not shown\): `)
	x.send("correct-horse\nhorse-correct\ncorrect-horse\ncorrect-horse\n")
	x.expect(`The two differ`)
	hash := x.capture(`(\$argon2id\$\S+)`)
	if code := x.wait(); code != exitOK {
		t.Fatalf("exit code %d:\n%s", code, x.text())
	}
	if strings.Contains(x.text(), "correct") {
		t.Errorf("the screen shows the password:\n%s", x.text())
	}
	if ok, err := directory.VerifyPassword(hash, "correct-horse"); err != nil || !ok {
		t.Errorf("the hash is not the password's: %v", err)
	}
}

// TestHashPasswordBrokenOff leaves the terminal as it was.
func TestHashPasswordBrokenOff(t *testing.T) {
	t.Parallel()
	x := startTerminal(t, t.TempDir(), "xterm", "hash-password")
	x.expect(`Password \(not shown\): `)
	x.send("half\x03")
	if code := x.wait(); code == exitOK {
		t.Errorf("exit code 0:\n%s", x.text())
	}
	if !x.echoes() {
		t.Error("the terminal does not echo any more")
	}
	if strings.Contains(x.text(), "half") {
		t.Errorf("the screen shows the password:\n%s", x.text())
	}
}
