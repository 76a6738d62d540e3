package emulator

import (
	"strings"
	"testing"
	"time"
)

func TestFaultActions(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := start(t, Options{Clock: clock.now, Generate: &Generate{Accounts: 10, Contacts: 1000, Seed: 2}})
	o := s.org
	c := login(t, s)
	c.options = "<urn:QueryOptions><urn:batchSize>200</urn:batchSize></urn:QueryOptions>"
	script := func(specs ...string) {
		t.Helper()
		o.ClearFaults()
		for _, spec := range specs {
			if err := o.AddFault(spec); err != nil {
				t.Fatal(err)
			}
		}
	}
	const soql = "SELECT Id, Phone FROM Contact"
	body := envelopeOf(c.session, c.options, "<urn:query><urn:queryString>"+soql+"</urn:queryString></urn:query>")

	script("query:2:delay=30ms")
	began := time.Now()
	c.query(soql)
	quick := time.Since(began)
	began = time.Now()
	c.query(soql)
	if slow := time.Since(began); slow < 30*time.Millisecond {
		t.Errorf("delay: took %v, want 30ms (and %v without)", slow, quick)
	}

	script("query:*:cut=1000")
	if a, err := tryPost(s, "58.0", body, map[string]string{"Accept-Encoding": "identity"}); err == nil || len(a.body) != 1000 {
		t.Errorf("cut: got %d bytes and error %v, want 1000 and a broken connection", len(a.body), err)
	}
	if a, err := tryPost(s, "58.0", body, map[string]string{"Accept-Encoding": "gzip"}); err == nil || len(a.body) > 1000 {
		t.Errorf("cut gzip: got %d bytes and error %v", len(a.body), err)
	}

	script("query:2-3:http=503")
	for i, want := range []int{200, 503, 503, 200} {
		if a := c.query(soql); a.status != want || want == 503 && !strings.Contains(a.header.Get("Content-Type"), "text/html") {
			t.Errorf("http: call %d gives %s %s, want %d", i+1, a.reason, a.header.Get("Content-Type"), want)
		}
	}

	script("query:/2:fault=SERVER_UNAVAILABLE", "query:3-:fault=QUERY_TIMEOUT/too slow")
	for i, want := range []string{"", "SERVER_UNAVAILABLE: Server is unavailable", "QUERY_TIMEOUT: too slow", "QUERY_TIMEOUT: too slow"} {
		if got := c.query(soql).fault(); got != want {
			t.Errorf("fault: call %d gives %q, want %q", i+1, got, want)
		}
	}

	script("query:1:size=+7", "query:2:size=3")
	for _, want := range []string{"1007", "3", "1000"} {
		if got := find(c.query(soql).root, "size"); got != want {
			t.Errorf("size: got %s, want %s", got, want)
		}
	}

	script("queryMore:1:repeat")
	first := c.query(soql)
	again := c.more(find(first.root, "queryLocator"))
	second := c.more(find(again.root, "queryLocator"))
	if first.column("Id")[0] != again.column("Id")[0] || len(again.column("Id")) != 200 || second.column("Id")[0] == first.column("Id")[0] {
		t.Error("repeat: queryMore did not answer the first page again and then the second")
	}
	script("query:1:repeat")
	if ids := c.query(soql).column("Id"); len(ids) != 400 || ids[0] != ids[1] {
		t.Errorf("repeat: query gave %d records, want each twice", len(ids))
	}

	script("*:*:shrink=50")
	seen := 0
	for a := c.query(soql); ; a = c.more(find(a.root, "queryLocator")) {
		n := len(all(a.root, "records"))
		if n < 1 || n > 50 {
			t.Fatalf("shrink: page of %d records: %s", n, a.fault())
		}
		seen += n
		if find(a.root, "done") == "true" {
			break
		}
	}
	if seen != 1000 {
		t.Errorf("shrink: %d records in all, want 1000", seen)
	}

	o.ClearFaults()
	late, err := o.UpsertLate("Contact", Values{"LastName": "Late"}, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	count := func() string { return find(c.query("SELECT COUNT() FROM Contact").root, "size") }
	if got := count(); got != "1000" {
		t.Errorf("late record: %s visible, want 1000", got)
	}
	clock.advance(time.Minute)
	if got := count(); got != "1001" {
		t.Errorf("late record a minute later: %s visible, want 1001", got)
	}
	for range 10 {
		if _, err := o.Upsert("Contact", Values{"LastName": "Late"}); err != nil {
			t.Fatal(err)
		}
	}
	script("query:*:late=90s")
	if got := count(); got != "1006" {
		t.Errorf("late: %s visible, want half of the ten new ones", got)
	}
	clock.advance(90 * time.Second)
	if got := count(); got != "1011" {
		t.Errorf("late: %s visible after the time, want 1011", got)
	}

	if err := o.Delete("Contact", late); err != nil {
		t.Fatal(err)
	}
	script("getDeleted:*:trim=1h")
	if a := c.call("<urn:getDeleted><urn:sObjectType>Contact</urn:sObjectType><urn:startDate>2026-01-15T08:00:00Z</urn:startDate><urn:endDate>2026-01-15T13:00:00Z</urn:endDate></urn:getDeleted>"); !strings.HasPrefix(a.fault(), "INVALID_REPLICATION_DATE") {
		t.Errorf("trim: got %s", a.body)
	}

	script("query:1:hide=Contact.Phone")
	if got := c.query(soql).fault(); !strings.HasPrefix(got, "INVALID_FIELD") {
		t.Errorf("hide: got %q", got)
	}
	if a := c.call("<urn:describeSObject><urn:sObjectType>Contact</urn:sObjectType></urn:describeSObject>"); strings.Contains(a.body, "<name>Phone</name>") {
		t.Error("hide: describe still shows the field")
	}
	if err := o.ShowField("Contact", "Phone"); err != nil {
		t.Fatal(err)
	}

	script("login:1:serverurl=http://127.0.0.2:99/", "*:1:org=00D000000000009")
	a := post(t, s, "58.0", loginBody("integration@example.com", "emulatorTOKEN"), nil)
	if got := find(a.root, "serverUrl"); got != "http://127.0.0.2:99/services/Soap/u/58.0/00D000000000009" {
		t.Errorf("serverurl and org: got %q", got)
	}

	script("*:2:kill-session")
	c.query(soql)
	if got := c.query(soql).fault(); !strings.HasPrefix(got, "INVALID_SESSION_ID") {
		t.Errorf("kill-session: got %q", got)
	}
}

func TestFaultSpecsRefused(t *testing.T) {
	t.Parallel()
	for _, spec := range []string{
		"", "query", "query:1", "query:1:", "fetch:1:repeat", "query:0:repeat", "query:x:repeat", "query:4-2:repeat", "query:/0:repeat",
		"query:1:delay", "query:1:delay=-2s", "query:1:cut=-1", "query:1:http=200", "query:1:http=599", "query:1:fault=", "query:1:fault=bad code",
		"query:1:size=", "query:1:org=001000000000001", "query:1:hide=Phone", "query:1:serverurl=host", "query:1:repeat=2", "query:1:kill-session,dance", "query:1:shrink=0",
	} {
		if r, err := parseRule(spec); err == nil {
			t.Errorf("%q was read as %+v", spec, r)
		} else if !strings.HasPrefix(err.Error(), "emulator: fault ") {
			t.Errorf("%q: error %q does not say what it is about", spec, err)
		}
	}
	if _, err := Start(Options{Faults: []string{"query:1:dance"}}); err == nil {
		t.Error("Start took a bad fault spec")
	}
}

func FuzzParseRule(f *testing.F) {
	for _, s := range []string{"query:3:delay=2s", "queryMore:*:cut=1000", "login:1:fault=INVALID_LOGIN/text", "query:2-4:http=503", "*:5:kill-session", "query:/2:late=90s,size=-1,repeat", "x:1-:serverurl=http://h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		r, err := parseRule(spec)
		if (r == nil) == (err == nil) {
			t.Fatalf("got %v and %v", r, err)
		}
		if r != nil {
			(&script{rules: []*rule{r}}).match("query")
		}
	})
}
