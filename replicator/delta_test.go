package replicator

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"ringdex/schema"
	"ringdex/soap/emulator"
)

func TestDeltaFollowsTheOrg(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(b *bench, accounts, contacts []string)
		want   ObjectResult // of the contacts
	}{
		{"nothing", func(*bench, []string, []string) {}, ObjectResult{}},
		{"an edit", func(b *bench, _, contacts []string) {
			b.upsert("Contact", emulator.Values{"Id": contacts[3], "Title": "Astronaut"})
		}, ObjectResult{Changed: 1}},
		{"a new record", func(b *bench, accounts, _ []string) {
			b.upsert("Contact", emulator.Values{"LastName": "Neu", "AccountId": accounts[1]})
		}, ObjectResult{Added: 1}},
		{"deletions", func(b *bench, _, contacts []string) {
			b.must(b.org.Delete("Contact", contacts[4], contacts[5]))
		}, ObjectResult{Deleted: 2}},
		{"an account's new name", func(b *bench, accounts, _ []string) {
			b.upsert("Account", emulator.Values{"Id": accounts[0], "Name": "Umbenannt GmbH"})
		}, ObjectResult{}},
		{"a merge of accounts", func(b *bench, accounts, _ []string) {
			b.must(b.org.Merge("Account", accounts[0], accounts[1]))
		}, ObjectResult{}},
		{"a merge of contacts", func(b *bench, _, contacts []string) {
			b.must(b.org.Merge("Contact", contacts[0], contacts[1]))
		}, ObjectResult{Changed: -1, Deleted: 1}},
		{"deleted for good", func(b *bench, _, contacts []string) {
			b.must(b.org.Delete("Contact", contacts[6]))
			b.must(b.org.Purge("Contact", contacts[6]))
		}, ObjectResult{Deleted: 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, small())
			b.mustRun(RunOptions{})
			b.org.Advance(2 * time.Minute)
			test.change(b, b.org.IDs("Account"), b.org.IDs("Contact"))
			b.org.Advance(time.Minute)
			result := b.mustRun(RunOptions{Kind: Delta})
			o := result.Objects[1]
			if result.Kind != Delta {
				t.Fatalf("a %s run was made", result.Kind)
			}
			if test.name != "an account's new name" && test.name != "a merge of accounts" {
				if o.Added != test.want.Added || test.want.Changed >= 0 && o.Changed != test.want.Changed || o.Deleted != test.want.Deleted {
					t.Errorf("result %+v", o)
				}
			}
			sameDump(t, dump(t, b.store), b.copyOf())
			again := b.mustRun(RunOptions{Kind: Delta}).Objects[1]
			if again.Added+again.Changed+again.Deleted != 0 {
				t.Errorf("the second delta changed something: %+v", again)
			}
		})
	}
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func TestDeltaBecomesFull(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	if result := b.mustRun(RunOptions{Kind: Delta}); result.Kind != Full {
		t.Errorf("the first run was a %s run", result.Kind)
	}
	if result := b.mustRun(RunOptions{Kind: Delta}); result.Kind != Delta {
		t.Errorf("the second run was a %s run", result.Kind)
	}
	changed := func(o *Options) { o.Mappings[1].Attributes = o.Mappings[1].Attributes[:8] }
	if result := b.mustRun(RunOptions{Kind: Delta}, changed); result.Kind != Full {
		t.Errorf("with another mapping it was a %s run", result.Kind)
	}
}

// A record that becomes visible after later ones were read is inside the overlap.
func TestDeltaCatchesLateRecords(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	b.mustRun(RunOptions{})
	b.org.Advance(time.Hour)
	id, err := b.org.UpsertLate("Contact", emulator.Values{"LastName": "Spät"}, 9*time.Minute)
	b.must(err)
	b.org.Advance(time.Minute)
	b.upsert("Contact", emulator.Values{"LastName": "Früh"})
	b.mustRun(RunOptions{Kind: Delta})
	if dump(t, b.store)[id] != "" {
		t.Fatal("the late record was visible at once")
	}
	b.org.Advance(8 * time.Minute)
	b.mustRun(RunOptions{Kind: Delta})
	if dump(t, b.store)[id] == "" {
		t.Error("the late record was lost")
	}
}

// Thousands of records with one stamp, read in small pages that break off: none is lost, none read for ever.
func TestDeltaWithEqualStamps(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	b.mustRun(RunOptions{})
	b.org.SetClock(b.org.Now().Add(time.Hour))
	for _, id := range b.org.IDs("Contact") {
		b.upsert("Contact", emulator.Values{"Id": id, "Department": "Neu"})
	}
	b.org.Advance(time.Minute)
	b.fault("queryMore:/2:kill-session")
	o := b.mustRun(RunOptions{Kind: Delta}, pageSize(200)).Objects[1]
	if o.Changed != 1100 || o.Rows != 1100 {
		t.Errorf("result %+v", o)
	}
	b.org.ClearFaults()
	sameDump(t, dump(t, b.store), b.copyOf())
}

// Records that stop to meet the condition, or begin to.
func TestDeltaWithCondition(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	left := func(o *Options) {
		m := mapping(t, "Contact")
		m.Where = "Department = 'Left'"
		o.Mappings = []schema.Mapping{m}
	}
	stays := b.upsert("Contact", emulator.Values{"LastName": "Bleibt", "Department": "Left"})
	leaves := b.upsert("Contact", emulator.Values{"LastName": "Geht", "Department": "Left"})
	comes := b.upsert("Contact", emulator.Values{"LastName": "Kommt", "Department": "Right"})
	b.mustRun(RunOptions{}, left)
	b.org.Advance(time.Minute)
	b.upsert("Contact", emulator.Values{"Id": leaves, "Department": "Right"})
	b.upsert("Contact", emulator.Values{"Id": comes, "Department": "Left"})
	b.org.Advance(time.Minute)
	b.mustRun(RunOptions{Kind: Delta}, left)
	got := dump(t, b.store)
	if len(got) != 2 || got[stays] == "" || got[comes] == "" {
		t.Errorf("served %v", got)
	}
}

// A record that a sweep missed, and that a later sweep sees again with the stamp that it had: a formula in the condition,
// or sharing that was lost and given back.
func TestSweepTakesBackWhatItMissed(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	left := func(o *Options) {
		m := mapping(t, "Contact")
		m.Where = "Department = 'Left'"
		o.Mappings = []schema.Mapping{m}
	}
	stamp := b.org.Now().Add(-24 * time.Hour).UTC().Format(soqlTime)
	b.upsert("Contact", emulator.Values{"LastName": "Bleibt", "Department": "Left"})
	id := b.upsert("Contact", emulator.Values{"LastName": "Geht", "Department": "Left", "SystemModstamp": stamp})
	b.mustRun(RunOptions{}, left)
	b.org.Advance(time.Hour)
	b.upsert("Contact", emulator.Values{"Id": id, "Department": "Right", "SystemModstamp": stamp})
	b.mustRun(RunOptions{Kind: Reconcile}, left)
	if dump(t, b.store)[id] != "" {
		t.Fatal("the sweep did not miss it")
	}
	b.upsert("Contact", emulator.Values{"Id": id, "Department": "Left", "SystemModstamp": stamp})
	b.mustRun(RunOptions{Kind: Reconcile}, left)
	sameDump(t, dump(t, b.store), b.copyOf(left))
}

// What no delta can see, the sweep does: deletions that the org has forgotten.
func TestDeltaSweepsWhenTheLogIsTooShort(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		trim func(b *bench)
	}{
		{"log cut short", func(b *bench) { b.fault("getDeleted:*:trim=1m") }},
		{"away for a month", func(b *bench) { b.org.Advance(30 * 24 * time.Hour) }},
		{"no log", func(b *bench) { b.fault("getDeleted:*:fault=INVALID_REPLICATION_DATE") }},
		{"too many deletions", func(b *bench) { b.fault("getDeleted:*:fault=EXCEEDED_ID_LIMIT") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, small())
			b.mustRun(RunOptions{})
			b.org.Advance(time.Minute)
			id := b.org.IDs("Contact")[7]
			b.must(b.org.Delete("Contact", id))
			b.must(b.org.Purge("Contact", id))
			b.org.Advance(time.Hour)
			test.trim(b)
			b.mustRun(RunOptions{Kind: Delta})
			if dump(t, b.store)[id] != "" {
				t.Error("the deletion was lost")
			}
			b.org.ClearFaults()
			sameDump(t, dump(t, b.store), b.copyOf())
		})
	}
}

// A sweep that breaks off, or that does not bring what the org counts, deletes nothing.
func TestSweepNeedsProof(t *testing.T) {
	t.Parallel()
	for _, faults := range [][]string{
		// Accounts: count, sweep, count; contacts: count, sweep, count.
		{"query:4:size=+40", "query:6:size=+40"}, {"queryMore:3-:fault=INVALID_TYPE"}, {"query:6-:http=503"}, {"queryMore:3:fault=INVALID_FIELD"},
	} {
		t.Run(faults[0], func(t *testing.T) {
			t.Parallel()
			b := newBench(t, small())
			b.mustRun(RunOptions{})
			before := dump(t, b.store)
			b.fault(faults...)
			if _, err := b.run(RunOptions{Kind: Reconcile}, pageSize(200)); err == nil {
				t.Fatal("the run should fail")
			}
			sameDump(t, dump(t, b.store), before)
		})
	}
}

// The note of a changed account outlives the process that was to fetch its contacts.
func TestParentChangeSurvivesACrash(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	b.mustRun(RunOptions{})
	b.org.Advance(time.Hour)
	account, _ := b.org.Field("Contact", b.org.IDs("Contact")[0], "AccountId")
	b.upsert("Account", emulator.Values{"Id": account, "Name": "Umbenannt GmbH"})
	b.org.Advance(time.Minute)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r := b.replicator()
	_, err := r.Run(ctx, RunOptions{Kind: Delta, Progress: func(p Progress) {
		if p.Object == "Account" && p.Records > 0 {
			cancel()
		}
	}})
	if err == nil {
		t.Fatal("the run was not cancelled")
	}
	b.reopen()
	b.org.Advance(time.Hour) // the account is outside of the overlap
	b.mustRun(RunOptions{Kind: Delta})
	sameDump(t, dump(t, b.store), b.copyOf())
}

// Any history: deltas, sweeps and full runs in any order, with faults, serve what one full copy would.
func TestRandomHistories(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			history(t, seed)
		})
	}
	for until := time.Now().Add(soak(t)); time.Now().Before(until); {
		seed := rand.Uint64()
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { history(t, seed) })
	}
}

func history(t *testing.T, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 1))
	b := newBench(t, emulator.Options{Generate: &emulator.Generate{Accounts: 40, Contacts: 300, Seed: int64(seed % 1000)}})
	loose := func(o *Options) {
		o.Guard, o.PageSize, o.Connections = Guard{Records: 1000}, 200, 1+int(seed%3)
	}
	b.mustRun(RunOptions{}, loose)
	for range 8 {
		for range random.IntN(40) {
			b.randomChange(random)
			if random.IntN(3) == 0 {
				b.org.Advance(time.Duration(random.IntN(120)) * time.Second)
			}
		}
		b.org.ClearFaults()
		if random.IntN(2) == 0 {
			call := []string{"query", "queryMore", "queryAll", "getDeleted"}[random.IntN(4)]
			action := []string{"http=503", "cut=3000", "kill-session"}[random.IntN(3)]
			b.fault(fmt.Sprintf("%s:%d:%s", call, 1+random.IntN(4), action))
		}
		kind := []Kind{Delta, Delta, Delta, Reconcile, Full}[random.IntN(5)]
		if _, err := b.run(RunOptions{Kind: kind}, loose); err != nil {
			t.Logf("%s run: %v", kind, err)
		}
		b.org.Advance(time.Duration(random.IntN(20)) * time.Minute)
	}
	b.org.ClearFaults()
	b.must(b.org.ShowField("Contact", "Department"))
	b.org.Advance(20 * time.Minute)
	b.mustRun(RunOptions{Kind: Reconcile}, loose)
	sameDump(t, dump(t, b.store), b.copyOf(loose))
}

// randomChange changes the org as people and programs do.
func (b *bench) randomChange(random *rand.Rand) {
	b.t.Helper()
	pick := func(object string) string {
		ids := b.org.IDs(object)
		return ids[random.IntN(len(ids))]
	}
	switch random.IntN(11) {
	case 0, 1, 2:
		b.upsert("Contact", emulator.Values{"Id": pick("Contact"), "Phone": fmt.Sprintf("030 23125-%d", 100+random.IntN(900))})
	case 3:
		b.upsert("Contact", emulator.Values{"LastName": fmt.Sprint("Neu ", random.IntN(1000)), "AccountId": pick("Account")})
	case 4:
		b.must(b.org.Delete("Contact", pick("Contact")))
	case 5:
		id := pick("Contact")
		b.must(b.org.Delete("Contact", id))
		b.org.Advance(time.Duration(1+random.IntN(300)) * time.Second)
		b.must(b.org.Undelete("Contact", id))
	case 6:
		id := pick("Contact")
		b.must(b.org.Delete("Contact", id))
		b.must(b.org.Purge("Contact", id))
	case 7:
		b.upsert("Account", emulator.Values{"Id": pick("Account"), "Name": fmt.Sprintf("Firma %d GmbH", random.IntN(1000))})
	case 8:
		if master, loser := pick("Account"), pick("Account"); master != loser {
			b.must(b.org.Merge("Account", master, loser))
		}
	case 10: // a field that comes and goes, while its values change
		b.upsert("Contact", emulator.Values{"Id": pick("Contact"), "Department": fmt.Sprint("Abteilung ", random.IntN(1000))})
		if random.IntN(2) == 0 {
			b.must(b.org.HideField("Contact", "Department"))
		} else {
			b.must(b.org.ShowField("Contact", "Department"))
		}
	case 9:
		late := time.Duration(random.IntN(540)) * time.Second
		_, err := b.org.UpsertLate("Contact", emulator.Values{"Id": pick("Contact"), "Title": fmt.Sprint("Titel ", random.IntN(1000))}, late)
		b.must(err)
	}
}

func TestFrozenAccountName(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	b.mustRun(RunOptions{})
	contact := b.org.IDs("Contact")[0]
	account, _ := b.org.Field("Contact", contact, "AccountId")
	if account == "" {
		t.Fatal("the first contact has no account")
	}
	b.org.Advance(time.Hour)
	b.upsert("Account", emulator.Values{"Id": account, "Name": "Umbenannt GmbH"})
	b.org.Advance(time.Minute)
	b.mustRun(RunOptions{Kind: Delta})
	if got := dump(t, b.store)[contact]; !strings.Contains(got, "Umbenannt GmbH") {
		t.Errorf("the contact still shows the old name: %s", got)
	}
}

// The clock of this machine doesn't matter: a day early or late, beyond 2038, or jumping between runs, the copy is the same, and
// made with the same calls. What has changed is asked for in the org's time.
func TestLocalClockDoesNotMatter(t *testing.T) {
	t.Parallel()
	follow := func(t *testing.T, skew func(run int) time.Duration) (calls int) {
		b := newBench(t, small())
		run := 0
		clock := func(o *Options) {
			o.Clock = func() time.Time { return b.org.Now().Add(skew(run)).In(time.FixedZone("here", 3600*(run%3))) }
		}
		b.mustRun(RunOptions{}, clock)
		ids := b.org.IDs("Contact")
		for run = 1; run <= 4; run++ {
			b.org.Advance(time.Minute)
			b.upsert("Contact", emulator.Values{"Id": ids[run], "LastName": fmt.Sprint("Neu ", run)})
			b.must(b.org.Delete("Contact", ids[run+10]))
			b.org.Advance(15 * time.Minute) // beyond the overlap
			got := b.mustRun(RunOptions{Kind: Delta}, clock).Objects[1]
			if got.Changed != 1 || got.Deleted != 1 {
				t.Errorf("run %d: %d changed and %d deleted, want 1 and 1", run, got.Changed, got.Deleted)
			}
		}
		for _, n := range b.org.Calls() {
			calls += n
		}
		sameDump(t, dump(t, b.store), b.copyOf())
		return calls
	}
	want := follow(t, func(int) time.Duration { return 0 })
	for name, skew := range map[string]func(run int) time.Duration{
		"a day early":      func(int) time.Duration { return -24 * time.Hour },
		"a day late":       func(int) time.Duration { return 24 * time.Hour },
		"beyond 2038":      func(int) time.Duration { return 20 * 365 * 24 * time.Hour },
		"jumping":          func(run int) time.Duration { return time.Duration(run%2*48-24) * time.Hour },
		"summer to winter": func(run int) time.Duration { return -time.Duration(run) * time.Hour },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := follow(t, skew); got != want {
				t.Errorf("%d calls, want %d", got, want)
			}
		})
	}
}

// The org's own clock may go back, as that of a sandbox restored from a backup does: what changes then is seen.
func TestOrgClockThatWentBack(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	b.org.Advance(24 * time.Hour)
	b.mustRun(RunOptions{})
	b.org.SetClock(b.org.Now().Add(-6 * time.Hour))
	ids := b.org.IDs("Contact")
	b.upsert("Contact", emulator.Values{"LastName": "Neu"})
	b.must(b.org.Delete("Contact", ids[2]))
	b.org.Advance(time.Minute)
	b.mustRun(RunOptions{Kind: Delta})
	sameDump(t, dump(t, b.store), b.copyOf())
}
