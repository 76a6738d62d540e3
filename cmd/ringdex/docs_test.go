package main

import (
	"context"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestConfigReferenceIsCurrent(t *testing.T) {
	t.Parallel()
	want, err := configReference()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("CONFIG.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("CONFIG.md is not current: run make docs")
	}
	keys := configKeys(reflect.TypeFor[Config](), "")
	for key := range keyTexts() {
		if !slices.Contains(keys, key) {
			t.Errorf("%s is described and does not exist", key)
		}
	}
}

func TestHelpHasExamples(t *testing.T) {
	t.Parallel()
	env := &environment{secrets: &secretSet{}}
	for _, cmd := range env.app().Commands {
		if !strings.Contains(cmd.Description, "Examples:") || !strings.Contains(cmd.Description, "ringdex "+cmd.Name) {
			t.Errorf("ringdex %s --help has no example", cmd.Name)
		}
	}
}

func run(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs strings.Builder
	if code := Run(context.Background(), append([]string{"ringdex"}, args...), Stdio{In: strings.NewReader(""), Out: &out, Err: &errs}); code != exitOK {
		t.Fatalf("ringdex %s: exit code %d: %s", strings.Join(args, " "), code, errs.String())
	}
	return out.String()
}

func TestManPage(t *testing.T) {
	t.Parallel()
	page := run(t, "docs", "man")
	for _, want := range []string{".TH", "wizard", "--security-token", "check"} {
		if !strings.Contains(strings.ReplaceAll(page, `\-`, "-"), want) {
			t.Errorf("the manual page has no %q", want)
		}
	}
}

// TestBashCompletion completes in a real bash: a command, a flag, and nothing of the line is run.
func TestBashCompletion(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("no bash on this machine; .ci/run has one")
	}
	script := run(t, "completion", "bash")
	for line, want := range map[string]string{
		"ringdex wiz":                       "wizard",
		"ringdex wizard --client-s":         "--client-secret",
		"ringdex completion f":              "fish",
		"ringdex phones ye":                 "yealink",
		"ringdex phones --prof":             "--profile",
		"ringdex report c":                  "callers",
		"ringdex lookup --prof":             "--profile",
		"ringdex wizard $(echo>ran) --cons": "",
	} {
		dir := t.TempDir()
		words := strings.Split(line, " ")
		test := script + `
COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _ringdex; printf '%s\n' "${COMPREPLY[@]}"`
		cmd := exec.Command("bash", append([]string{"-c", test, "bash"}, words...)...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", line, got, err, want)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%s: something of the line was run", line)
		}
	}
	for _, shell := range []string{"zsh", "fish", "powershell"} {
		if s := run(t, "completion", shell); !strings.Contains(s, "ringdex") {
			t.Errorf("completion %s: %q", shell, s)
		}
	}
}
