package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// mostExposure is the highest exposure level, of 10, that the unit may have; 1.2 with systemd 252.
const mostExposure = 1.5

// TestUnit has systemd judge the package's unit, and the unit with the drop-in for port 389. It runs where systemd-analyze
// is, as on any Debian machine; no systemd needs to run.
func TestUnit(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("no systemd-analyze on this machine: the unit is tested where it is")
	}
	source := filepath.Join(repositoryRoot(t), "cmd", "ringdex", "package")
	unit, err := os.ReadFile(filepath.Join(source, "ringdex.service"))
	if err != nil {
		t.Fatal(err)
	}
	// What the unit starts must be there to be verified.
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(unit), "/usr/bin/ringdex", program)
	for _, dropIn := range []string{"", "port-389.conf", "log-file.conf"} {
		dir := t.TempDir()
		path := filepath.Join(dir, "ringdex.service")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if dropIn != "" {
			data, err := os.ReadFile(filepath.Join(source, dropIn))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.MkdirAll(path+".d", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(path+".d", dropIn), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		verify := exec.Command("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", path)
		if out, err := verify.CombinedOutput(); err != nil || strings.Contains(string(out), path) {
			t.Errorf("verify with %q: %v\n%s", dropIn, err, out)
		}
		if dropIn != "" {
			continue // --offline does not read drop-ins
		}
		out, err := exec.Command("systemd-analyze", "security", "--offline=true", path).CombinedOutput()
		if err != nil {
			t.Fatalf("security: %v\n%s", err, out)
		}
		found := regexp.MustCompile(`exposure level[^:]*: ([0-9.]+)`).FindSubmatch(out)
		if found == nil {
			t.Fatalf("security gives no level:\n%s", out)
		}
		level, err := strconv.ParseFloat(string(found[1]), 64)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("exposure level %.1f of 10", level)
		if level > mostExposure {
			t.Errorf("exposure level %.1f, want at most %.1f:\n%s", level, mostExposure, out)
		}
	}
}

// TestPackageExample holds the example configuration of the package against the program.
func TestPackageExample(t *testing.T) {
	t.Parallel()
	c, err := loadConfig(filepath.Join(repositoryRoot(t), "cmd", "ringdex", "package", "ringdex.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.StorePath(); got != "/var/lib/ringdex/ringdex.db" {
		t.Errorf("store %s: the unit may write in /var/lib/ringdex only", got)
	}
}

// TestPackageScripts has a shell read the package's scripts.
func TestPackageScripts(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("no bash on this machine: the scripts are read where it is, as in .ci/run")
	}
	source := filepath.Join(repositoryRoot(t), "cmd", "ringdex", "package")
	files, err := filepath.Glob(filepath.Join(source, "*.sh"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d scripts: %v", len(files), err)
	}
	for _, name := range []string{"postinst", "prerm", "postrm"} {
		files = append(files, filepath.Join(source, name))
	}
	for _, f := range files {
		if out, err := exec.Command("bash", "-n", f).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", f, err, out)
		}
		if info, err := os.Stat(f); err != nil || info.Mode()&0o111 == 0 {
			t.Errorf("%s can't be executed: %v", f, err)
		}
	}
}
