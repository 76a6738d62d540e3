package replicator

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ringdex/schema"
	"ringdex/soap"
	"ringdex/soap/emulator"
)

func TestFieldsOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		where string
		want  []string
	}{
		{"", nil},
		{"IsDeleted = false", []string{"IsDeleted"}},
		{"Title != null AND (NOT Account.Type = 'Other') OR Email LIKE '%x = y%'", []string{"Title", "Account.Type", "Email"}},
		{"Contact.Title='a' and contact.title = 'b'", []string{"Title"}},
		{`LastName = 'D\'Cruz = x' AND Level__c >= 3`, []string{"LastName", "Level__c"}},
		{"Title IN ('a', 'b') AND Department NOT IN ('c') AND Kind__c INCLUDES ('d;e', 'f')", []string{"Title", "Department", "Kind__c"}},
		{"AccountId IN (SELECT Id FROM Account WHERE Industry = 'Energy') AND Title = 'x'", []string{"AccountId", "Title"}},
		{"CreatedDate > LAST_N_DAYS:30 AND SystemModstamp >= 2026-01-31T10:00:00.000+01:00", []string{"CreatedDate", "SystemModstamp"}},
		{"CALENDAR_YEAR(CreatedDate) = 2026 AND DISTANCE(Site__c, GEOLOCATION(37.7,-122.4), 'mi') < 20", []string{"CreatedDate", "Site__c"}},
		{"DoNotCall = FALSE AND Amount__c > USD5000 AND x__Private__c<>true", []string{"DoNotCall", "Amount__c", "x__Private__c"}},
		{"((((", nil},
		{"Title = 'unclosed", []string{"Title"}},
	} {
		if got := fieldsOf(test.where, "Contact"); !slices.Equal(got, test.want) {
			t.Errorf("%q has the fields %q, want %q", test.where, got, test.want)
		}
	}
}

func FuzzFieldsOf(f *testing.F) {
	f.Add("Title = 'a' AND (NOT x IN (SELECT Id FROM Account))")
	f.Add(`a='\`)
	f.Fuzz(func(t *testing.T, where string) {
		for _, field := range fieldsOf(where, "Contact") {
			if !isName(field) && !strings.Contains(where, "."+field) {
				t.Errorf("%q has the field %q", where, field)
			}
		}
	})
}

// where gives contacts a condition.
func where(t testing.TB, text string) func(*Options) {
	t.Helper()
	return func(o *Options) {
		m := mapping(t, "Contact")
		m.Where = text
		o.Mappings = []schema.Mapping{mapping(t, "Account"), m}
	}
}

// A field that the condition needs is gone: which contacts it means can't be said any more. None is dropped, none is let
// in, accounts are brought up to date, and status says it once.
func TestVanishedConditionField(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, where, field, says string
		vanish, back             func(b *bench) error
	}{
		{
			"hidden", "Department != 'Einkauf'", "Contact.Department", "Contact.Department, which the condition needs",
			func(b *bench) error { return b.org.HideField("Contact", "Department") },
			func(b *bench) error { return b.org.ShowField("Contact", "Department") },
		},
		{
			"of the parent", "Account.Industry != 'Energy'", "Account.Industry", "Contact.Account.Industry, which the condition needs",
			func(b *bench) error { return b.org.HideField("Account", "Industry") },
			func(b *bench) error { return b.org.ShowField("Account", "Industry") },
		},
	} {
		for _, kind := range []Kind{Delta, Full, Reconcile} {
			t.Run(test.name+" "+kind.String(), func(t *testing.T) {
				t.Parallel()
				b := newBench(t, emulator.Options{Generate: &emulator.Generate{Accounts: 20, Contacts: 300, Seed: 3}})
				condition := where(t, test.where)
				b.mustRun(RunOptions{}, condition)
				before := dump(t, b.store)
				b.org.Advance(time.Hour)
				b.must(test.vanish(b))
				account := b.org.IDs("Account")[2]
				b.upsert("Account", emulator.Values{"Id": account, "Phone": "+49 30 23125 999"})
				stranger := b.upsert("Contact", emulator.Values{"LastName": "Fremd", "Department": "Einkauf"})
				var gone string
				for id, text := range before {
					if strings.HasPrefix(text, "Contact") {
						gone = id
					}
				}
				b.must(b.org.Delete("Contact", gone))
				b.org.Advance(time.Minute)
				for range 2 {
					result := b.mustRun(RunOptions{Kind: kind}, condition)
					if last := result.Objects[len(result.Objects)-1]; result.Kind != kind || result.Held || !strings.Contains(last.Frozen, test.says) {
						t.Fatalf("result %+v", result)
					}
					b.reopen()
				}
				got := dump(t, b.store)
				if !strings.Contains(got[account], "23125999") {
					t.Errorf("the account is not up to date: %s", got[account])
				}
				got[account] = before[account]
				sameDump(t, got, before)
				problems, err := Problems(b.store, b.options(condition).Mappings, schedules(t, "5m", "02:30"), time.Now().Add(10*time.Hour))
				if err != nil {
					t.Fatal(err)
				}
				said := 0
				for _, p := range problems {
					if p.Object == "Contact" && !p.Notice {
						said++
						if p.Kind != ProblemFrozen || !strings.Contains(p.Text, test.says) || !strings.Contains(p.Next, "condition") {
							t.Errorf("problem %+v", p)
						}
					}
				}
				if said != 1 {
					t.Errorf("%d problems of contacts: %+v", said, problems)
				}
				// It is back: what happened meanwhile follows.
				b.must(test.back(b))
				b.org.Advance(time.Minute)
				b.mustRun(RunOptions{Kind: kind}, condition)
				if got = dump(t, b.store); got[gone] != "" || test.name == "hidden" && got[stranger] != "" {
					t.Errorf("deleted: %q, not meant: %q", got[gone], got[stranger])
				}
				sameDump(t, got, b.copyOf(condition))
				if frozen, err := FrozenFields(b.store); err != nil || len(frozen) > 0 {
					t.Errorf("frozen %+v, %v", frozen, err)
				}
			})
		}
	}
}

// A slip in the condition is no vanished field.
func TestUnknownConditionField(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	var fault *soap.Fault
	for range 2 {
		if _, err := b.run(RunOptions{}, where(t, "Departement = 'x'")); !errors.As(err, &fault) || fault.Code != "INVALID_FIELD" {
			t.Errorf("error %v", err)
		}
		b.mustRun(RunOptions{})
	}
}

// Where the user no longer sees the canary, it does not see others either: the object stays as it is.
func TestCanary(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	id := b.org.IDs("Contact")[3]
	canary := func(o *Options) { o.Canaries = map[string]soap.ID{"Contact": soap.ID(id)} }
	b.mustRun(RunOptions{}, canary)
	b.mustRun(RunOptions{Kind: Delta}, canary)
	before := dump(t, b.store)
	b.must(b.org.Delete("Contact", b.org.IDs("Contact")[2:20]...)) // few enough for the guard
	account := b.org.IDs("Account")[2]
	b.upsert("Account", emulator.Values{"Id": account, "Phone": "+49 30 23125 999"})
	b.org.Advance(time.Minute)
	for _, kind := range []Kind{Delta, Reconcile, Full} {
		result := b.mustRun(RunOptions{Kind: kind}, canary)
		if last := result.Objects[len(result.Objects)-1]; !strings.Contains(last.Frozen, "the canary "+id+" of Contact") {
			t.Errorf("%s: %+v", kind, result)
		}
		got := dump(t, b.store)
		if !strings.Contains(got[account], "23125999") {
			t.Errorf("%s: the account is not up to date: %s", kind, got[account])
		}
		got[account] = before[account]
		sameDump(t, got, before)
	}
	frozen, err := FrozenFields(b.store)
	if err != nil || len(frozen) != 1 || frozen[0].Since.IsZero() {
		t.Errorf("frozen %+v, %v", frozen, err)
	}
	if err := b.replicator(canary).Check(t.Context()); err == nil || !strings.Contains(err.Error(), id) {
		t.Errorf("check: %v", err)
	}
	b.mustRun(RunOptions{Kind: Delta})
	sameDump(t, dump(t, b.store), b.copyOf())
	if frozen, _ := FrozenFields(b.store); len(frozen) > 0 {
		t.Errorf("frozen %+v", frozen)
	}
}
