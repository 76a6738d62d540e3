package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestReadme runs the README's sh blocks as written, in one shell and an empty copy of the repository's folder, so that
// what they write does not lie around. It needs make, a shell and ldapsearch (ldap-utils); .ci/run installs the latter.
func TestReadme(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and serves: runs without -short, as in make test")
	}
	for _, tool := range []string{"bash", "make", "ldapsearch"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("no %s on this machine: the README's blocks run where it is, as in .ci/run", tool)
		}
	}
	root := repositoryRoot(t)
	data, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := shellBlocks(string(data))
	if len(blocks) < 3 {
		t.Fatalf("%d sh blocks in the README", len(blocks))
	}
	dir := t.TempDir()
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || e.Name() == "ringdex" || strings.HasSuffix(e.Name(), ".db") {
			continue
		}
		if err := os.Symlink(filepath.Join(root, e.Name()), filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	script := "set -euo pipefail\nexport GOFLAGS=-buildvcs=false\n" + strings.Join(blocks, "\n")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-x", "-c", script)
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = time.Second
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	err = cmd.Run()
	// What the blocks started in the background ends with them.
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
	if err != nil && !strings.Contains(err.Error(), "WaitDelay") {
		t.Fatalf("%v\n%s", err, out.String())
	}
	t.Log(out.String())
	for _, want := range []string{"all 3 lookups were right", "0 problems", "numEntries", `"running": true`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the blocks' output has no %q:\n%s", want, out.String())
		}
	}
}

// shellBlocks are the contents of the ```sh fences.
func shellBlocks(text string) []string {
	var out []string
	for {
		_, rest, ok := strings.Cut(text, "```sh\n")
		if !ok {
			return out
		}
		block, after, _ := strings.Cut(rest, "```")
		out = append(out, block)
		text = after
	}
}
