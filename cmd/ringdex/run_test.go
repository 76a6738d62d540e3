package main

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"ringdex/replicator"
)

func TestFlagsFirst(t *testing.T) {
	t.Parallel()
	env := &environment{secrets: &secretSet{}}
	for _, c := range []struct {
		name, in, want string
	}{
		{"flag behind the argument", "ringdex lookup +49511 --json", "ringdex lookup --json -- +49511"},
		{"flag with a value behind", "ringdex lookup 030 --config x.yaml", "ringdex lookup --config x.yaml -- 030"},
		{"value with equals sign", "ringdex lookup 030 --config=x.yaml more", "ringdex lookup --config=x.yaml -- 030 more"},
		{"two dashes end the flags", "ringdex lookup -- --json", "ringdex lookup -- --json"},
		{"no arguments", "ringdex status --json", "ringdex status --json"},
		{"unknown command", "ringdex nothing --json x", "ringdex nothing --json x"},
		{"no command", "ringdex --help", "ringdex --help"},
		{"help behind the argument", "ringdex lookup 030 --json -h", "ringdex lookup -h"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := flagsFirst(env.app(), strings.Fields(c.in))
			if want := strings.Fields(c.want); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// TestHelp asks for help in each way that the commands offer.
func TestHelp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in, want string
		code     int
	}{
		{"ringdex", "COMMANDS:", exitOK},
		{"ringdex help", "COMMANDS:", exitOK},
		{"ringdex help status", "ringdex status - ", exitOK},
		{"ringdex lookup 030 --help", "ringdex lookup - ", exitOK},
		{"ringdex help report numbers", "ringdex report - ", exitOK},
		{"ringdex help nothing", `there is no command "nothing"`, exitUsage},
	} {
		t.Run(c.in, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			code := Run(t.Context(), strings.Fields(c.in), Stdio{In: strings.NewReader(""), Out: &out, Err: &out})
			if code != c.code || !strings.Contains(out.String(), c.want) {
				t.Errorf("exit %d, want %d with %q:\n%s", code, c.code, c.want, out.String())
			}
		})
	}
}

func TestProgressText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   replicator.Progress
		want string
	}{
		{replicator.Progress{Stage: "login"}, "login"},
		{replicator.Progress{Object: "Contact", Stage: "load", Records: 12000, Total: 100000, Rate: 25000, Remaining: 3500 * time.Millisecond}, "Contact: load 12,000 of 100,000 (12 %), 25,000/s, 4s left"},
		{replicator.Progress{Object: "Contact", Stage: "load", Records: 12, Total: 10}, "Contact: load 12 of 10 (100 %)"},
	} {
		if got := progressText(c.in); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestProgressLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	now := time.Unix(0, 0)
	p := newProgressPrinter(&out)
	p.now = func() time.Time { return now }
	for i := range 30 {
		p.show(replicator.Progress{Object: "Contact", Stage: "load", Records: i})
		now = now.Add(time.Second)
	}
	p.show(replicator.Progress{Stage: "index"})
	p.end()
	if got := strings.Count(out.String(), "\n"); got != 4 {
		t.Errorf("%d lines for 30 seconds of one stage and another stage, want 4:\n%s", got, out.String())
	}
}

func TestThousands(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000"} {
		if got := thousands(n); got != want {
			t.Errorf("thousands(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestRedaction(t *testing.T) {
	t.Parallel()
	s := &secretSet{}
	s.add("correct horse")
	s.add("abc") // too short to tell from text
	for in, want := range map[string]string{
		"login with correct horse failed":             "login with *** failed",
		"session 00D000000000001!AQcAQExampleExample": "session 00D000000000001!***",
		"<urn:password>geheim</urn:password>":         "<urn:password>***</urn:password>",
		"abc is not a secret":                         "abc is not a secret",
	} {
		if got := s.redact(in); got != want {
			t.Errorf("redact(%q) = %q, want %q", in, got, want)
		}
	}
	var out bytes.Buffer
	log, err := newLogger(&out, LogConfig{Level: "debug", Format: "text"}, s)
	if err != nil {
		t.Fatal(err)
	}
	log.WithField("token", "anything").WithError(&usageError{what: "correct horse"}).Info("correct horse")
	if strings.Contains(out.String(), "horse") || strings.Contains(out.String(), "anything") {
		t.Errorf("secret in the log: %s", out.String())
	}
}

func TestUsageGoesToStderr(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	code := Run(context.Background(), []string{"ringdex", "verfy"}, Stdio{In: strings.NewReader(""), Out: &out, Err: &errs})
	if code != exitUsage || out.Len() > 0 || !strings.HasPrefix(errs.String(), "ringdex: there is no command") {
		t.Errorf("code %d, stdout %q, stderr %q", code, out.String(), errs.String())
	}
}
