package replicator

import (
	"context"
	"errors"
	"fmt"
	"os"
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

// Characters that can't be are left out, their values and records stay, and status says so.
func TestDamagedValuesAreAProblem(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	b.upsert("Contact", emulator.Values{"Id": b.org.IDs("Contact")[3], "Title": "Zeichen BAD!!! hier"})
	broken := b.client(func(o *soap.Options) { o.Transport = &renaming{from: "BAD!!!", to: "&#x1f;"} })
	b.mustRun(RunOptions{}, func(o *Options) { o.Client = broken })
	b.reopen()
	if text := dump(t, b.store)[b.org.IDs("Contact")[3]]; !strings.Contains(text, `"Zeichen  hier"`) {
		t.Errorf("the record is %q", text)
	}
	problems, err := Problems(b.store, b.options().Mappings, Schedules{}, time.Now())
	i := slices.IndexFunc(problems, func(p Problem) bool { return p.Kind == ProblemDamaged })
	if err != nil || i < 0 || problems[i].Object != "Contact" || problems[i].Count != 1 || problems[i].Notice {
		t.Errorf("problems %+v, %v", problems, err)
	}
}

// Where most numbers can't be read, the country is wrong: that needs somebody. Some in a hundred don't.
func TestManyUnreadableNumbers(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	b.mustRun(RunOptions{})
	for _, test := range []struct {
		share float64
		notes bool
	}{{0, true}, {0.9, true}, {0.01, false}} {
		problems, err := Problems(b.store, b.options().Mappings, Schedules{Unreadable: test.share}, time.Now())
		i := slices.IndexFunc(problems, func(p Problem) bool { return p.Kind == ProblemNumbers && p.Object == "Contact" })
		if err != nil || i < 0 || problems[i].Notice != test.notes || problems[i].Count == 0 {
			t.Errorf("%g: %+v, %v", test.share, problems, err)
		}
	}
}

// A store whose pages were damaged behind our back says so.
func TestDamagedStoreIsAProblem(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	b.mustRun(RunOptions{})
	info, err := os.Stat(b.path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(b.path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	const kept = 64 << 10
	if _, err := f.WriteAt(make([]byte, info.Size()-kept), kept); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	served, err := b.store.Reader()
	if err != nil {
		t.Fatal(err)
	}
	for ordinal := range uint32(2000) {
		if view, found := served.View(ordinal); found {
			view.Entry()
		}
	}
	served.Release()
	if b.store.Damage() == nil {
		t.Fatal("the reader did not notice")
	}
	problems, err := Problems(b.store, b.options().Mappings, Schedules{}, time.Now())
	if err != nil || !slices.ContainsFunc(problems, func(p Problem) bool { return p.Kind == ProblemStore && !p.Notice && p.Next != "" }) {
		t.Errorf("problems %+v, %v", problems, err)
	}
}

// What is remembered of blanked values is bounded, and what is over the bound keeps its value.
func TestBlanksAreBounded(t *testing.T) {
	t.Parallel()
	id := func(i int) string { return fmt.Sprintf("003%012dAAA", i) }
	stamp := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	earlier, now := blanks{}, blanks{}
	for i := range maxBlanks {
		earlier["title"] = append(earlier["title"], blank{id(i), stamp})
		now["title"] = append(now["title"], blank{id(i + maxBlanks/2), stamp.Add(time.Hour)})
	}
	merged := now.merge(earlier)
	if n := merged.count(); n != maxBlanks {
		t.Errorf("%d are remembered, want %d", n, maxBlanks)
	}
	for _, b := range merged["title"][maxBlanks/2:] {
		if !b.Stamp.Equal(stamp.Add(time.Hour)) {
			t.Fatalf("the older stamp of %s counts", b.ID)
		}
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
