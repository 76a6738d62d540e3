package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ringdex/replicator/store"
	"ringdex/soap/emulator"
)

// A statusBench is an org that was copied, and the commands beside it.
type statusBench struct {
	t           *testing.T
	org         *emulator.Org
	dir, config string
}

func newStatusBench(t *testing.T, objects string) *statusBench {
	t.Helper()
	server, err := emulator.Start(emulator.Options{Generate: &emulator.Generate{Accounts: 5, Contacts: 80, Seed: 3}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	b := &statusBench{t: t, org: server.Org(), dir: t.TempDir()}
	b.config = filepath.Join(b.dir, "ringdex.yaml")
	b.write("password", "emulator")
	b.write("token", "TOKEN")
	if objects == "" {
		objects = "{ Contact: {}, Account: {} }"
	}
	b.write("ringdex.yaml", fmt.Sprintf(`salesforce:
  url: %s
  username: integration@example.com
  password: file:password
  security_token: file:token
  allowed_hosts: ["127.0.0.1"]
  logins_per_hour: 4
objects: %s
guard: { records: 3 }
dialling: { country: DE }
schedule: { delta: 5m, full: never, reconcile: never }
`, server.URL(), strings.ReplaceAll(objects, "CANARY", b.org.IDs("Contact")[0])))
	return b
}

func (b *statusBench) write(name, text string) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

func (b *statusBench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// run runs a command, which must end with a code, and returns what it prints.
func (b *statusBench) run(want int, args ...string) string {
	b.t.Helper()
	out := &lockedBuffer{}
	args = append([]string{"ringdex", args[0], "--config", b.config}, args[1:]...)
	if code := Run(b.t.Context(), args, Stdio{In: strings.NewReader(""), Out: out, Err: out}); code != want {
		b.t.Fatalf("%s: exit code %d, want %d:\n%s", strings.Join(args, " "), code, want, out.String())
	}
	return out.String()
}

// object changes what the store knows of the contacts, as a run would that was made then.
func (b *statusBench) object(change func(*store.ObjectMeta)) {
	b.t.Helper()
	s, err := store.Open(filepath.Join(b.dir, "ringdex.db"), store.Options{})
	b.must(err)
	meta, err := s.Meta()
	b.must(err)
	m := meta.Objects[slices.IndexFunc(meta.Objects, func(m store.ObjectMeta) bool { return m.Name == "Contact" })]
	change(&m)
	b.must(errors.Join(s.SetObject(m), s.Close()))
}

// Whatever is held, frozen, quarantined, stale, refused, put off or failed is in the command's answer, for people and for
// programs, with what to do, and ends it with 1.
func TestStatusListsEverything(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, objects string
		happens       func(b *statusBench)
		says          string // beside that it ends with 1
		held          bool
	}{
		{"all is well", "", func(*statusBench) {}, "", false},
		{"deletions are held", "", func(b *statusBench) {
			b.must(b.org.Delete("Contact", b.org.IDs("Contact")[:10]...))
			b.run(exitHeld, "replicate")
		}, "10 of 80 records would be deleted", true},
		{"lost values are held", "", func(b *statusBench) {
			for _, id := range b.org.IDs("Contact") {
				_, err := b.org.Upsert("Contact", emulator.Values{"Id": id, "Email": nil})
				b.must(err)
			}
			b.run(exitHeld, "replicate")
		}, "mail is empty in", true},
		{"a field is frozen", "", func(b *statusBench) {
			b.must(b.org.HideField("Contact", "Title"))
			b.run(exitOK, "replicate")
		}, "Contact.Title is no longer visible: title stays as it was on", false},
		{"a field of the condition is frozen", `{ Contact: { where: "Department != 'x'" }, Account: {} }`, func(b *statusBench) {
			b.must(b.org.HideField("Contact", "Department"))
			b.run(exitHeld, "replicate")
		}, "Contact.Department, which the condition needs, is no longer visible", false},
		{"the canary is gone", `{ Contact: { canary: CANARY }, Account: {} }`, func(b *statusBench) {
			b.must(b.org.Delete("Contact", b.org.IDs("Contact")[0]))
			b.run(exitHeld, "replicate")
		}, "the canary 003", false},
		{"numbers can't be read", "", func(b *statusBench) {
			b.object(func(m *store.ObjectMeta) { m.Quarantined = 79 })
		}, "79 numbers of Contact can't be read, of 80 records", false},
		{"values are damaged", "", func(b *statusBench) {
			b.object(func(m *store.ObjectMeta) { m.Quarantined, m.Damaged = 2, 2 })
		}, "2 values of Contact hold characters that can't be", false},
		{"it is stale", "", func(b *statusBench) {
			b.object(func(m *store.ObjectMeta) { m.LastSuccess = m.LastSuccess.Add(-time.Hour) })
		}, "Contact was last brought up to date 60 minutes ago", false},
		{"a run failed", "", func(b *statusBench) {
			b.must(b.org.AddFault("queryAll:1:fault=INVALID_FIELD"))
			b.run(exitFailed, "replicate")
		}, "did not succeed: ", false},
		{"the login was refused", "", func(b *statusBench) {
			b.must(b.org.AddFault("login:*:fault=INVALID_LOGIN"))
			b.run(exitFailed, "replicate")
		}, "INVALID_LOGIN", false},
		{"another organization", "", func(b *statusBench) {
			b.must(b.org.AddFault("login:*:org=00D550000000009EAA"))
			b.run(exitFailed, "replicate")
		}, "belongs to organization", false},
		{"the org's calls are used up", "", func(b *statusBench) {
			b.must(b.org.Configure(emulator.Settings{DailyLimit: 10, SessionSeconds: 7200}))
			b.run(exitFailed, "replicate")
		}, "it goes on by itself when calls are free again", false},
		{"it is started again and again", "", func(b *statusBench) {
			for range 3 {
				b.run(exitOK, "replicate")
			}
			if says := b.run(exitFailed, "replicate"); !strings.Contains(says, "there were 4 within an hour") {
				b.t.Errorf("a fifth login says %s", says)
			}
			if n := b.org.Logins(); n != 4 {
				b.t.Errorf("%d logins, want 4", n)
			}
		}, "there were 4 within an hour", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newStatusBench(t, test.objects)
			if text := b.run(exitFailed, "status"); !strings.Contains(text, "nothing has been replicated yet") {
				t.Errorf("before the first copy: %s", text)
			}
			b.run(exitOK, "replicate")
			test.happens(b)
			want := exitFailed
			if test.says == "" {
				want = exitOK
			}
			text := b.run(want, "status")
			mark := "PROBLEM "
			if test.held {
				mark = "HELD Contact since "
			}
			if test.says == "" {
				mark = "all is well"
			}
			line := ""
			for l := range strings.Lines(text) {
				if strings.HasPrefix(l, mark) && strings.Contains(l, test.says) {
					line = l
				}
			}
			if line == "" || test.says != "" && strings.Contains(text, "all is well") {
				t.Errorf("no line %q with %q:\n%s", mark, test.says, text)
			}
			var report statusReport
			if err := json.Unmarshal([]byte(b.run(want, "status", "--json")), &report); err != nil {
				t.Fatal(err)
			}
			listed := strings.Join(report.Problems, "\n")
			for _, h := range report.Holds {
				listed += h.Reason
			}
			if n := len(report.Holds) + len(report.Problems); n == 0 != (test.says == "") || !strings.Contains(listed, test.says) || test.held != (len(report.Holds) > 0) {
				t.Errorf("%d holds and problems %s", n, listed)
			}
		})
	}
}
