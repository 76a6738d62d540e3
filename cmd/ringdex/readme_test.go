//go:build unix

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

// documents are the texts whose sh blocks run as written, each in one shell of its own.
var documents = []documentTest{
	{
		"README.md",
		[]string{"ldapsearch"},
		3,
		[]string{"all 3 lookups were right", "0 problems", "numEntries", `"running": true`},
	},
	{
		"cmd/ringdex/DRILLS.md",
		[]string{"ldapsearch", "curl", "openssl"},
		10,
		[]string{
			"connection refused", "cn: Newcomer", // down for a day
			"INVALID_LOGIN", `"login": 1`, // password and token
			"no longer visible", "is held", // permission
			"the certificate has ended on", "namingContexts: dc=ringdex", // certificate
			"file is damaged", "its beginning was overwritten", // store
			"newer.db has format 9, this ringdex reads 1", // downgrade
			"cn: Tomorrow", "cn: Yesterday", // clock
			"all is well", ", 0 problems",
		},
	},
	{
		"cmd/ringdex/SIZING.md", nil, 1,
		[]string{"VmRSS", "VmHWM", "10,000        0"},
	},
	{
		"cmd/ringdex/OPERATIONS.md",
		[]string{"ldapsearch"},
		2,
		[]string{", 0 problems", "dn: uid=003", "is looked up as a name"},
	},
}

// TestReadme runs the documents' sh blocks as written, in one shell and an empty copy of the repository's folder, so that
// what they write does not lie around. It needs make, a shell and ldapsearch (ldap-utils); .ci/run installs the latter.
func TestReadme(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and serves: runs without -short, as in make test")
	}
	built := filepath.Join(t.TempDir(), "ringdex") // by the first document: the others find it up to date
	for i, d := range documents {
		t.Run(filepath.Base(d.path), func(t *testing.T) {
			if i > 0 {
				t.Parallel() // they have ports of their own
			}
			for _, tool := range append([]string{"bash", "make"}, d.tools...) {
				if _, err := exec.LookPath(tool); err != nil {
					t.Skipf("no %s on this machine: the document's blocks run where it is, as in .ci/run", tool)
				}
			}
			root := repositoryRoot(t)
			data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(d.path)))
			if err != nil {
				t.Fatal(err)
			}
			all, _, err := readBlocks(d.path, string(data))
			if err != nil {
				t.Fatal(err)
			}
			var blocks []string
			for _, b := range all {
				if b.kind == "sh" {
					blocks = append(blocks, b.text)
				}
			}
			if len(blocks) < d.blocks {
				t.Fatalf("%d sh blocks in %s", len(blocks), d.path)
			}
			dir := copyOfFolder(t, root)
			if i > 0 {
				_ = os.Link(built, filepath.Join(dir, "ringdex")) // make build makes it where it isn't
			}
			out := runBlocks(t, dir, blocks)
			if i == 0 {
				_ = os.Link(filepath.Join(dir, "ringdex"), built)
			}
			for _, want := range d.wants {
				if !strings.Contains(out, want) {
					t.Errorf("the blocks' output has no %q:\n%s", want, out)
				}
			}
		})
	}
}

// copyOfFolder is a folder with links to what the repository's holds, without what was built or stored there.
func copyOfFolder(t *testing.T, root string) string {
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
	return dir
}

// runBlocks runs the blocks in one shell that ends at the first command that fails, and returns what they print.
func runBlocks(t *testing.T, dir string, blocks []string) string {
	script := "set -euo pipefail\nexport GOFLAGS=-buildvcs=false\n" + strings.Join(blocks, "\n")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-x", "-c", script)
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = time.Second
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	err := cmd.Run()
	// What the blocks started in the background ends with them.
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
	if err != nil && !strings.Contains(err.Error(), "WaitDelay") {
		t.Fatalf("%v\n%s", err, out.String())
	}
	t.Log(out.String())
	return out.String()
}
