package replicator

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ringdex/schema"
	"ringdex/soap"
	"ringdex/soap/emulator"
)

func schedules(t *testing.T, delta, full string) Schedules {
	t.Helper()
	d, err1 := ParseSchedule(delta)
	f, err2 := ParseSchedule(full)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return Schedules{Delta: d, Full: f}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	refused := func(o *Options) {
		o.Client.Reset()
	}
	for _, test := range []struct {
		name   string
		change func(t *testing.T, b *bench)
		later  time.Duration
		want   []ProblemKind // beside notices
		says   string
	}{
		{"nothing", func(*testing.T, *bench) {}, 0, nil, ""},
		{"a mass deletion", func(t *testing.T, b *bench) {
			b.must(b.org.Delete("Contact", b.org.IDs("Contact")[:70]...))
			b.mustRun(RunOptions{Kind: Delta})
		}, 0, []ProblemKind{ProblemHeld}, "ringdex approve Contact"},
		{"a hidden field", func(t *testing.T, b *bench) {
			b.must(b.org.HideField("Contact", "Title"))
			b.mustRun(RunOptions{Kind: Delta})
		}, 0, []ProblemKind{ProblemFrozen}, "Contact.Title is no longer visible"},
		{"a quiet quarter of an hour", func(*testing.T, *bench) {}, 14 * time.Minute, nil, ""},
		{"a quiet hour", func(*testing.T, *bench) {}, time.Hour, []ProblemKind{ProblemStale, ProblemStale}, "60 minutes ago, every 5m0s"},
		{"a quiet week", func(*testing.T, *bench) {}, 7 * 24 * time.Hour, []ProblemKind{ProblemStale, ProblemStale, ProblemStale}, "the last full run was 7 days ago"},
		{"a refused login", func(t *testing.T, b *bench) {
			b.fault("login:*:fault=INVALID_LOGIN")
			if _, err := b.run(RunOptions{Kind: Delta}, refused); !errors.Is(err, soap.ErrCredentials) {
				t.Fatal(err)
			}
		}, 0, []ProblemKind{ProblemCredentials}, "INVALID_LOGIN"},
		{"no API calls left", func(t *testing.T, b *bench) {
			b.must(b.org.Configure(emulator.Settings{DailyLimit: 10, SessionSeconds: 7200}))
			if _, err := b.run(RunOptions{Kind: Delta}); err == nil {
				t.Fatal("the run should be put off")
			}
		}, 0, []ProblemKind{ProblemBudget}, "goes on by itself"},
		{"a run that failed", func(t *testing.T, b *bench) {
			b.fault("queryAll:1:fault=INVALID_FIELD")
			if _, err := b.run(RunOptions{Kind: Delta}); err == nil {
				t.Fatal("the run should fail")
			}
		}, 0, []ProblemKind{ProblemFailed}, "Account did not succeed"},
		{"another org", func(t *testing.T, b *bench) {
			b.fault("login:*:org=00D000000000777")
			if _, err := b.run(RunOptions{Kind: Delta}); err == nil {
				t.Fatal("the run should fail")
			}
		}, 0, []ProblemKind{ProblemOrganization}, "00D000000000777"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, small())
			b.mustRun(RunOptions{})
			test.change(t, b)
			b.reopen() // all of it survives a restart
			mappings := []schema.Mapping{mapping(t, "Account"), mapping(t, "Contact")}
			problems, err := Problems(b.store, mappings, schedules(t, "5m", "02:30"), time.Now().Add(test.later))
			if err != nil {
				t.Fatal(err)
			}
			var kinds []ProblemKind
			var text strings.Builder
			numbers := 0
			for _, p := range problems {
				if p.Notice {
					numbers += p.Count
					continue
				}
				kinds = append(kinds, p.Kind)
				text.WriteString(p.Text + "\n" + p.Next + "\n")
				if p.Count < 1 || p.Next == "" {
					t.Errorf("problem %+v", p)
				}
			}
			if !slices.Equal(kinds, test.want) || !strings.Contains(text.String(), test.says) {
				t.Errorf("problems %v, want %v with %q:\n%s", kinds, test.want, test.says, &text)
			}
			if numbers == 0 {
				t.Error("the numbers that can't be read are not counted")
			}
		})
	}
}

func TestProblemsOfAnEmptyStore(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	problems, err := Problems(b.store, []schema.Mapping{mapping(t, "Contact")}, Schedules{}, time.Now())
	if err != nil || len(problems) != 1 || problems[0].Kind != ProblemEmpty {
		t.Errorf("problems %+v, %v", problems, err)
	}
}

// A decision and a run never work at the same time.
func TestDecisionBesideARun(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	b.mustRun(RunOptions{})
	b.must(b.org.Delete("Contact", b.org.IDs("Contact")[:70]...))
	b.mustRun(RunOptions{})
	r := b.replicator()
	asked := false
	_, err := r.Run(context.Background(), RunOptions{Kind: Delta, Progress: func(Progress) {
		if asked {
			return
		}
		asked = true
		if !r.Busy() {
			t.Error("the run is not busy")
		}
		var hint interface{ Hint() string }
		_, _, err := r.Approve(context.Background(), "Contact", nil)
		if !errors.Is(err, ErrBusy) || !errors.As(err, &hint) || hint.Hint() == "" {
			t.Errorf("approve: %v", err)
		}
		if _, _, err := r.Reject(context.Background(), "Contact", nil); !errors.Is(err, ErrBusy) {
			t.Errorf("reject: %v", err)
		}
	}})
	if err != nil || !asked || r.Busy() {
		t.Fatalf("%v, asked %v", err, asked)
	}
	if _, done, err := r.Approve(context.Background(), "Contact", nil); err != nil || !done {
		t.Errorf("after the run: %v, %v", done, err)
	}
}
