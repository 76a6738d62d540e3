package replicator

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"ringdex/replicator/store"
	"ringdex/schema"
	"ringdex/soap"
	"ringdex/soap/emulator"
)

func TestFullEqualsOrg(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	result := b.mustRun(RunOptions{}, pageSize(200))
	if len(result.Objects) != 2 || result.Objects[0].Added != 60 || result.Objects[1].Added != 1100 {
		t.Fatalf("result %+v", result)
	}
	got := dump(t, b.store)
	for _, object := range []string{"Account", "Contact"} {
		for _, id := range b.org.IDs(object) {
			name, _ := b.org.Field(object, id, "Name")
			if !strings.Contains(got[id], "cn: "+quoted(name)) {
				t.Errorf("%s %s should have cn %q: %s", object, id, name, got[id])
			}
			delete(got, id)
		}
	}
	if len(got) > 0 {
		t.Errorf("%d entries are not in the org", len(got))
	}
	calls := result.Objects[0].APICalls + result.Objects[1].APICalls
	total := 0
	for _, n := range b.org.Calls() {
		total += n
	}
	if calls != total {
		t.Errorf("%d API calls, the org counts %d", calls, total)
	}
}

func TestFullCountsChanges(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	b.mustRun(RunOptions{})
	ids := b.org.IDs("Contact")
	b.upsert("Contact", emulator.Values{"Id": ids[0], "Title": "Astronaut"})
	b.upsert("Contact", emulator.Values{"LastName": "Neu", "Phone": "030 23125 123"})
	if err := b.org.Delete("Contact", ids[1], ids[2]); err != nil {
		t.Fatal(err)
	}
	o := b.mustRun(RunOptions{}).Objects[1]
	if o.Added != 1 || o.Changed != 1 || o.Deleted != 2 || o.Unchanged != 1097 {
		t.Errorf("result %+v", o)
	}
	sameDump(t, dump(t, b.store), b.copyOf())
}

func TestFullOfOneObjectKeepsTheOther(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	b.mustRun(RunOptions{})
	before := dump(t, b.store)
	b.upsert("Account", emulator.Values{"Id": b.org.IDs("Account")[0], "Phone": "+49 30 23125 999"})
	contact := b.org.IDs("Contact")[0]
	b.upsert("Contact", emulator.Values{"Id": contact, "Title": "Astronaut"})
	b.mustRun(RunOptions{Objects: []string{"contact"}})
	after := dump(t, b.store)
	if !strings.Contains(after[contact], "Astronaut") {
		t.Error("the contact's change is missing")
	}
	delete(before, contact)
	delete(after, contact)
	sameDump(t, after, before)
}

// A fault somewhere in a run: the run goes on, or fails and leaves what is served as it is.
func TestFullMeetsFaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fault string
		fails bool
	}{
		{"no service at login", "login:1-2:http=503", false},
		{"no service at describe", "describeSObjects:1:http=503", false},
		{"no service at the count", "query:1:http=503", false},
		{"no service at the first page", "query:3:http=503", false},
		{"no service at a later page", "queryMore:2:http=503", false},
		{"cut first page", "query:3:cut=4000", false},
		{"cut later page", "queryMore:1:cut=4000", false},
		{"session lost at a later page", "queryMore:2:kill-session", false},
		{"session lost at every third page", "queryMore:/3:kill-session", false},
		{"session lost at the first page", "query:2:kill-session", false},
		{"row lock", "queryMore:1:fault=UNABLE_TO_LOCK_ROW", false},
		{"query timeout", "query:2-3:fault=QUERY_TIMEOUT", false},
		{"locator forgotten", "queryMore:2:fault=INVALID_QUERY_LOCATOR", false},
		{"a page twice", "queryMore:2:repeat", false},
		{"shrinking pages", "queryMore:*:shrink=37", false},
		{"wrong size once", "queryMore:1:size=7", false},
		{"wrong count", "query:1:size=+30", false},
		{"every queryMore out of service", "queryMore:*:http=503", false}, // each new query brings one page
		{"out of service from the count on", "query:*:http=503", true},
		{"daily limit", "queryMore:2-:fault=REQUEST_LIMIT_EXCEEDED", true},
		{"unknown fault", "queryMore:2:fault=INVALID_FIELD", true},
		{"other org in the middle", "login:2-:org=00D550000000009EAA", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, small())
			want := b.copyOf(pageSize(200))
			b.fault(test.fault)
			_, err := b.run(RunOptions{}, pageSize(200))
			if test.fails {
				if err == nil {
					t.Fatal("the run should fail")
				}
				if m, err := b.store.Meta(); err != nil || m.Complete {
					t.Fatalf("an incomplete copy is served, %v", err)
				}
				b.org.ClearFaults()
				b.mustRun(RunOptions{}, pageSize(200))
			} else if err != nil {
				t.Fatal(err)
			}
			sameDump(t, dump(t, b.store), want)
		})
	}
}

// Every fault leaves what is served as it is, or makes it complete and new.
func TestServedIsNeverLess(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{
		"login:*:fault=INVALID_LOGIN", "login:*:http=503", "getServerTimestamp:*:http=500", "describeSObjects:*:cut=100",
		"query:*:fault=SERVER_UNAVAILABLE", "query:3:fault=INVALID_TYPE",
		"query:5-:http=503", "query:6-:fault=UNKNOWN_EXCEPTION",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, small())
			b.mustRun(RunOptions{})
			before := dump(t, b.store)
			b.upsert("Contact", emulator.Values{"Id": b.org.IDs("Contact")[5], "Title": "Astronaut"})
			b.fault(fault)
			_, err := b.run(RunOptions{}, pageSize(200))
			if err == nil {
				t.Fatal("the run should fail")
			}
			sameDump(t, dump(t, b.store), before)
			runs, _ := Runs(b.store)
			if len(runs) != 2 || runs[0].Result != err.Error() {
				t.Errorf("runs %+v, error %v", runs, err)
			}
		})
	}
}

func TestCredentialsAreNotRetried(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	client := b.client(func(o *soap.Options) {
		o.Auth = &soap.SOAPLogin{Username: "integration@example.com", Password: soap.NewSecret("wrong"), Token: soap.NewSecret("TOKEN")}
	})
	r := b.replicator(func(o *Options) { o.Client = client })
	for range 3 {
		if _, err := r.Run(context.Background(), RunOptions{}); !errors.Is(err, soap.ErrCredentials) {
			t.Fatalf("error %v", err)
		}
	}
	if n := b.org.Calls()["login"]; n != 1 {
		t.Errorf("%d logins were tried, want 1", n)
	}
	if len(b.waits) > 0 {
		t.Errorf("waited %v", b.waits)
	}
}

func TestLimitStopsTheRun(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	b.fault("queryMore:1-:fault=REQUEST_LIMIT_EXCEEDED")
	_, err := b.run(RunOptions{}, pageSize(200))
	if !errors.Is(err, soap.ErrLimit) || !strings.HasPrefix(err.Error(), "replicate Contact: ") {
		t.Fatalf("error %v", err)
	}
	if n := b.org.Calls()["queryMore"]; n != 1 {
		t.Errorf("%d calls after the limit", n-1)
	}
}

func TestOtherOrgIsRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		faults []string
	}{
		{"from the beginning", []string{"login:*:org=00D550000000009EAA"}},
		{"in the middle", []string{"login:2-:org=00D550000000009EAA", "queryMore:2:kill-session"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, small())
			b.mustRun(RunOptions{})
			before := dump(t, b.store)
			b.fault(test.faults...)
			_, err := b.run(RunOptions{}, pageSize(200))
			var other *store.OrgError
			if !errors.As(err, &other) || !strings.Contains(err.Error(), "choose another store file") {
				t.Fatalf("error %v", err)
			}
			sameDump(t, dump(t, b.store), before)
		})
	}
}

func TestWrongCount(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	// Accounts: count, page, count; contacts: count, page, queryMore, count.
	b.fault("query:4:size=+30", "query:6:size=+30")
	_, err := b.run(RunOptions{}, pageSize(200))
	if !errors.Is(err, ErrCount) {
		t.Fatalf("error %v", err)
	}
	if m, _ := b.store.Meta(); m.Complete {
		t.Fatal("an incomplete copy is served")
	}
	b.org.ClearFaults()
	b.mustRun(RunOptions{})
}

// cancelAt cancels a run at its nth request.
type cancelAt struct {
	http.RoundTripper
	n      atomic.Int32
	cancel context.CancelFunc
}

func (c *cancelAt) RoundTrip(r *http.Request) (*http.Response, error) {
	if c.n.Add(-1) == 0 {
		c.cancel()
	}
	return c.RoundTripper.RoundTrip(r)
}

// A run that breaks off anywhere leaves nothing half served, and is gone on with by the next process.
func TestResume(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	want := b.copyOf(pageSize(200))
	pages := func() int { return b.org.Calls()["query"] + b.org.Calls()["queryMore"] }
	for at := int32(1); ; at++ {
		b.path = filepath.Join(t.TempDir(), "ringdex.db")
		b.reopen()
		ctx, cancel := context.WithCancel(context.Background())
		transport := &cancelAt{RoundTripper: http.DefaultTransport, cancel: cancel}
		transport.n.Store(at)
		client := b.client(func(o *soap.Options) { o.Transport = transport })
		before := pages()
		_, err := b.replicator(pageSize(200), func(o *Options) { o.Client = client }).Run(ctx, RunOptions{})
		cancel()
		if err == nil {
			if at < 12 {
				t.Fatalf("a run of %d requests", at)
			}
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("request %d: error %v", at, err)
		}
		if m, _ := b.store.Meta(); m.Complete {
			t.Fatalf("request %d: an incomplete copy is served", at)
		}
		b.reopen()
		result := b.mustRun(RunOptions{}, pageSize(200))
		// Four counts and seven pages; at most two counts and two pages are asked for twice.
		if n := pages() - before; n > 4+7+4 {
			t.Errorf("request %d: %d queries in both runs", at, n)
		}
		if o := result.Objects[1]; o.Added != 1100 || o.Rows != 1100 || o.Duplicates > 200 {
			t.Errorf("request %d: result %+v", at, o)
		}
		sameDump(t, dump(t, b.store), want)
	}
}

func TestMissingField(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	b.mustRun(RunOptions{})
	before := dump(t, b.store)
	if err := b.org.HideField("Contact", "MobilePhone"); err != nil {
		t.Fatal(err)
	}
	// A person who asks is told; a run goes on without the field, and what is served keeps its values (freeze_test.go).
	var field *FieldError
	if err := b.replicator().Check(context.Background()); !errors.As(err, &field) || field.Object != "Contact" || field.Field != "MobilePhone" {
		t.Errorf("check: error %v", err)
	}
	if _, err := b.run(RunOptions{}); err != nil {
		t.Errorf("run: %v", err)
	}
	sameDump(t, dump(t, b.store), before)
}

func TestRefusedMappings(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	for _, test := range []struct {
		name, object, field, where string
		want                       string
	}{
		{"typing error in a field", "Contact", "MobilPhone", "", "replicate Contact: replicator: Contact has no field MobilPhone that this user may see; the nearest is MobilePhone"},
		{"typing error in a parent's field", "Contact", "Account.Nmae", "", "replicate Contact: replicator: Contact has no field Account.Nmae that this user may see; the nearest is Account.Name"},
		{"typing error in a parent", "Contact", "Acount.Name", "", "names a parent Acount that Contact does not have; the nearest is Account"},
		{"a compound field", "Contact", "MailingAddress", "", "map its parts instead: MailingStreet, "},
		{"typing error in the object", "Contct", "Name", "", "replicator: object Contct does not exist, or this user may not see it; the nearest is Contact"},
		{"an open parenthesis", "Contact", "Name", "(Name = 'x'", "a parenthesis is not closed"},
		{"a way out of the parentheses", "Contact", "Name", "Name = 'x') OR (Name = 'y'", "that was not opened"},
		{"an open quotation mark", "Contact", "Name", "Name = 'x", "a quotation mark is not closed"},
		{"a condition on what is not there", "Contact", "Name", "Nam = 'x'", "INVALID_FIELD"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := schema.Mapping{Object: test.object, Where: test.where}
			template, err := schema.ParseTemplate("{" + test.field + "}")
			if err != nil {
				t.Fatal(err)
			}
			m.Attributes = []schema.MappedAttribute{{Name: "cn", Templates: []*schema.Template{template}}}
			_, err = b.run(RunOptions{}, func(o *Options) { o.Mappings = []schema.Mapping{m} })
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
}

func TestConditionIsKept(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	id := b.upsert("Contact", emulator.Values{"LastName": "Muster", "Department": "Left"})
	b.upsert("Contact", emulator.Values{"LastName": "Beispiel", "Department": "Right"})
	b.mustRun(RunOptions{}, func(o *Options) {
		m := mapping(t, "Contact")
		m.Where = "Department = 'Left' OR Department = 'Middle'"
		o.Mappings = []schema.Mapping{m}
	})
	if got := dump(t, b.store); len(got) != 1 || got[id] == "" {
		t.Errorf("served %v", got)
	}
}

func TestDryRunChangesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, small())
	b.mustRun(RunOptions{})
	before := dump(t, b.store)
	ids := b.org.IDs("Contact")
	b.upsert("Contact", emulator.Values{"Id": ids[0], "Title": "Astronaut"})
	if err := b.org.Delete("Contact", ids[1]); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []Kind{Full, Delta, Reconcile} {
		o := b.mustRun(RunOptions{Kind: kind, DryRun: true}).Objects[1]
		if o.Changed != 1 || o.Deleted != 1 || o.Added != 0 {
			t.Errorf("%s: result %+v", kind, o)
		}
		text := strings.Join(o.Samples, "\n")
		if !strings.Contains(text, "delete Contact "+ids[1]) || !strings.Contains(text, "Astronaut") {
			t.Errorf("%s: samples %s", kind, text)
		}
		sameDump(t, dump(t, b.store), before)
	}
	if runs, _ := Runs(b.store); len(runs) != 1 {
		t.Errorf("%d runs are remembered, want 1", len(runs))
	}
}
