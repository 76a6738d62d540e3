package replicator

import (
	"strings"
	"testing"
	"time"

	"ringdex/schema"
	"ringdex/soap/emulator"
)

// A formula, and a parent whose change nobody told, change entries without their records' stamps. No delta sees that; the
// next sweep does, and says how many.
func TestSweepSeesWhatHasNoStamp(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	b.must(b.org.AddField("Contact", emulator.FieldSpec{Name: "Level__c", Type: "string", Calculated: true}))
	formula := func(o *Options) {
		m := mapping(t, "Contact")
		template, err := schema.ParseTemplate("{Level__c}")
		if err != nil {
			t.Fatal(err)
		}
		m.Attributes = []schema.MappedAttribute{m.Attributes[0], {Name: "title", Templates: []*schema.Template{template}}}
		o.Mappings = []schema.Mapping{m}
	}
	set := func(object, id, field, value string) {
		stamp := "2025-01-01T00:00:00.000Z"
		b.upsert(object, emulator.Values{"Id": id, field: value, "SystemModstamp": stamp, "LastModifiedDate": stamp})
	}
	ids := b.org.IDs("Contact")
	account := b.org.IDs("Account")[3]
	set("Account", account, "Name", "Alt AG")
	set("Contact", ids[4], "Level__c", "Silber")
	set("Contact", ids[5], "Level__c", "Silber")
	// It is said once for a mapping, not with every run.
	for run, want := range []bool{true, false} {
		notes := strings.Join(b.mustRun(RunOptions{}, formula).Notes, "\n")
		if got := strings.Contains(notes, "a change of Level__c does not move"); got != want {
			t.Errorf("run %d notes %q", run, notes)
		}
	}
	set("Contact", ids[4], "Level__c", "Gold")
	set("Contact", ids[5], "Level__c", "Gold")
	b.org.Advance(time.Hour)
	stale := dump(t, b.store)
	b.mustRun(RunOptions{Kind: Delta}, formula)
	sameDump(t, dump(t, b.store), stale)
	if result := b.mustRun(RunOptions{Kind: Reconcile}, formula); result.Kind != Reconcile || result.Objects[0].Changed != 2 {
		t.Errorf("result %+v", result)
	}
	sameDump(t, dump(t, b.store), b.copyOf(formula))

	// The parent's own stamp did not move either.
	b.mustRun(RunOptions{})
	set("Account", account, "Name", "Umbenannt AG")
	b.org.Advance(time.Hour)
	contacts := func(o *Options) { o.Mappings = []schema.Mapping{mapping(t, "Contact")} }
	b.mustRun(RunOptions{Kind: Delta}, contacts)
	before := dump(t, b.store)
	result := b.mustRun(RunOptions{Kind: Reconcile}, contacts)
	if result.Kind != Reconcile || result.Objects[0].Changed == 0 || equalDumps(dump(t, b.store), before) {
		t.Errorf("result %+v", result)
	}
	if again := b.mustRun(RunOptions{Kind: Reconcile}, contacts); again.Objects[0].Changed != 0 {
		t.Errorf("a second sweep changed %+v", again)
	}
}

// What shows up so late that no delta asks for its time any more is found by the next sweep, also where it reads Ids and stamps only.
func TestSweepFindsWhatCameTooLate(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	accounts := func(o *Options) { o.Mappings = []schema.Mapping{mapping(t, "Account")} }
	changed := b.upsert("Account", emulator.Values{"Name": "Alt AG"})
	b.mustRun(RunOptions{}, accounts)
	b.org.Advance(time.Hour)
	added, err := b.org.UpsertLate("Account", emulator.Values{"Name": "Spät AG"}, 2*time.Hour)
	b.must(err)
	_, err = b.org.UpsertLate("Account", emulator.Values{"Id": changed, "Name": "Neu AG"}, 2*time.Hour)
	b.must(err)
	for range 3 {
		b.org.Advance(time.Hour)
		b.mustRun(RunOptions{Kind: Delta}, accounts)
	}
	if now := dump(t, b.store); now[added] != "" || strings.Contains(now[changed], "Neu AG") {
		t.Fatal("a delta saw it")
	}
	if got := b.mustRun(RunOptions{Kind: Reconcile}, accounts).Objects[0]; got.Added != 1 || got.Changed != 1 {
		t.Errorf("%d added and %d changed, want 1 and 1", got.Added, got.Changed)
	}
	sameDump(t, dump(t, b.store), b.copyOf(accounts))
}
