package emulator

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// dataDir writes files for --data.
func dataDir(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestDataDirectory(t *testing.T) {
	t.Parallel()
	dir := dataDir(t, map[string]string{
		"Account.json":   `[{"Id": "001000000000001", "Name": "Café & Co."}]`,
		"Contact.json":   `[{"Id": "003000000000001AAA", "LastName": "Löw", "FirstName": "Eva", "AccountId": "001000000000001AAA", "Desk__c": "A-1", "Rank__c": 3, "Rate__c": 0.5, "Vip__c": true, "Since__c": "2020-02-29", "Seen__c": "2020-02-29T10:00:00.000+0000", "Site__c": "a01000000000001AAA", "Pager": "+49 30 23125-1", "attributes": {"type": "Contact"}}, {"Name": "Only Name"}]`,
		"Site__c.json":   `[{"Id": "a01000000000001AAA", "Name": "Berlin", "Hotline_Phone__c": "030/23125-0"}]`,
		"Asset_Tag.json": `[]`,
	})
	c := login(t, start(t, Options{DataDir: dir}))
	a := c.query("SELECT Name, Account.Name, Site__r.Name, Site__r.Hotline_Phone__c, Rank__c, Rate__c, Vip__c, Since__c, Seen__c, Pager, CreatedDate, SystemModstamp, IsDeleted, OwnerId FROM Contact ORDER BY Id")
	if f := a.fault(); f != "" {
		t.Fatal(f)
	}
	for _, want := range []string{
		"<sf:Name>Eva Löw</sf:Name>", "<sf:Name>Café &amp; Co.</sf:Name>", "<sf:Site__r xsi:type=\"sf:sObject\"><sf:type>Site__c</sf:type><sf:Id xsi:nil=\"true\"/><sf:Name>Berlin</sf:Name><sf:Hotline_Phone__c>030/23125-0</sf:Hotline_Phone__c></sf:Site__r>",
		"<sf:Rank__c>3.0</sf:Rank__c>", "<sf:Rate__c>0.5</sf:Rate__c>", "<sf:Vip__c>true</sf:Vip__c>", "<sf:Since__c>2020-02-29</sf:Since__c>", "<sf:Seen__c>2020-02-29T10:00:00.000Z</sf:Seen__c>", "<sf:Pager>+49 30 23125-1</sf:Pager>",
		"<sf:CreatedDate>2024-01-01T08:00:00.000Z</sf:CreatedDate><sf:SystemModstamp>2024-01-01T08:00:00.000Z</sf:SystemModstamp><sf:IsDeleted>false</sf:IsDeleted><sf:OwnerId>005", "<sf:Name>Only Name</sf:Name>", "<sf:Vip__c>false</sf:Vip__c>",
	} {
		if !strings.Contains(a.body, want) {
			t.Errorf("%s is not in %s", want, a.body)
		}
	}
	d := c.call("<urn:describeSObject><urn:sObjectType>Site__c</urn:sObjectType></urn:describeSObject>")
	if find(d.root, "keyPrefix") != "a01" || !strings.Contains(d.body, "<type>phone</type>") || !strings.Contains(d.body, "<childSObject>Contact</childSObject>") {
		t.Errorf("describe of the custom object: %s", d.body)
	}
}

func TestDataRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, file, text, want string }{
		{"no list", "Contact.json", `{"Id": 1}`, "want a list of records"},
		{"twice", "Contact.json", `[{"Id": "003000000000001AAA", "LastName": "a"}, {"Id": "003000000000001", "LastName": "b"}]`, "record 2: the Id 003000000000001 is there twice"},
		{"wrong prefix", "Contact.json", `[{"Id": "001000000000001AAA", "LastName": "a"}]`, "does not begin with 003"},
		{"too long", "Contact.json", `[{"LastName": "a", "Phone": "` + strings.Repeat("1", 41) + `"}]`, "data value too large"},
		{"no date", "Contact.json", `[{"LastName": "a", "Birthdate": "soon"}]`, `"soon" is no date`},
		{"field name", "Contact.json", `[{"LastName": "a", "b c": 1}]`, `"b c" is no field name`},
		{"foreign Ids", "Site__c.json", `[{"Id": "003000000000001AAA"}]`, "which are those of Contact"},
		{"nothing there", "notes.txt", "", "holds no <Object>.json"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := Start(Options{DataDir: dataDir(t, map[string]string{tt.file: tt.text})})
			if err == nil {
				s.Close() // the test has failed
				t.Fatal("it was taken")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %q, want %q in it", err, tt.want)
			}
		})
	}
	if _, err := Start(Options{DataDir: "no/such/directory"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a directory that is not there gives %v", err)
	}
}

func TestDeveloperEdition(t *testing.T) {
	t.Parallel()
	dir := shared(t, "salesforce", "developer-edition")
	c := login(t, start(t, Options{DataDir: dir}))
	data, err := os.ReadFile(filepath.Join(dir, "Contact.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want []map[string]any
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	a := c.query("SELECT Id, Name, Phone, MobilePhone, Email, Account.Name FROM Contact")
	got := map[string]*element{}
	for _, r := range all(a.root, "records") {
		got[r.value("Id")] = r
	}
	if len(got) != len(want) || len(want) != 20 {
		t.Fatalf("got %d contacts, want %d: %s", len(got), len(want), a.fault())
	}
	for _, w := range want {
		r := got[w["Id"].(string)]
		for _, field := range []string{"Name", "Phone", "MobilePhone", "Email"} {
			text, _ := w[field].(string)
			if r.value(field) != text {
				t.Errorf("%s.%s: got %q, want %q", w["Name"], field, r.value(field), text)
			}
		}
		if r.child("Account").value("Name") == "" {
			t.Errorf("%s has no company", w["Name"])
		}
	}
	if got := find(c.query("SELECT COUNT() FROM Account").root, "size"); got != "12" {
		t.Errorf("%s accounts, want 12", got)
	}
}

func TestReplicationCalls(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := start(t, Options{Clock: clock.now})
	o, c := s.org, login(t, s)
	var ids []string
	for _, name := range []string{"Kept", "Deleted", "Purged", "Loser"} {
		id, err := o.Upsert("Contact", Values{"LastName": name})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	child, err := o.Upsert("Task", Values{"WhoId": ids[3], "Subject": "Call"})
	if err != nil {
		t.Fatal(err)
	}
	clock.advance(10 * time.Minute)
	for _, err := range []error{o.Delete("Contact", ids[1]), o.Delete("Contact", ids[2]), o.Purge("Contact", ids[2]), o.Merge("Contact", ids[0], ids[3])} {
		if err != nil {
			t.Fatal(err)
		}
	}
	call := func(name, from, to string) answer {
		return c.call("<urn:" + name + "><urn:sObjectType>Contact</urn:sObjectType><urn:startDate>" + from + "</urn:startDate><urn:endDate>" + to + "</urn:endDate></urn:" + name + ">")
	}
	clock.advance(30 * time.Second)
	updated := call("getUpdated", "2026-01-15T12:09:59Z", "2026-01-15T13:00:00Z")
	if got := all(updated.root, "ids"); len(got) != 1 || got[0].text != ids[0] {
		t.Errorf("getUpdated: %s", updated.body)
	}
	if got := find(updated.root, "latestDateCovered"); got != "2026-01-15T12:10:00.000Z" {
		t.Errorf("latestDateCovered is %s, want the last whole minute", got)
	}
	clock.advance(time.Minute)
	deleted := call("getDeleted", "2026-01-15T12:10:00Z", "2026-01-15T12:11:00Z")
	if got := all(deleted.root, "deletedRecords"); len(got) != 3 {
		t.Errorf("getDeleted: %s", deleted.body)
	}
	bin := c.queryAll("SELECT Id, MasterRecordId FROM Contact WHERE IsDeleted = true ORDER BY Id")
	if got := bin.column("Id"); len(got) != 2 || got[0] != ids[1] || got[1] != ids[3] {
		t.Errorf("the recycle bin holds %v", got)
	}
	if got := bin.column("MasterRecordId"); len(got) != 2 || got[1] != ids[0] {
		t.Errorf("MasterRecordId: %v", got)
	}
	if got, _ := o.Field("Task", child, "WhoId"); got != ids[0] {
		t.Errorf("the loser's task belongs to %s, want the master", got)
	}
	if err := o.Undelete("Contact", ids[1]); err != nil {
		t.Fatal(err)
	}
	r := c.call("<urn:retrieve><urn:fieldList>LastName</urn:fieldList><urn:sObjectType>Contact</urn:sObjectType><urn:ids>" + ids[1] + "</urn:ids><urn:ids>" + ids[2] + "</urn:ids><urn:ids>" + ids[0][:15] + "</urn:ids></urn:retrieve>")
	if want := `<result xsi:type="sf:sObject"><sf:type>Contact</sf:type><sf:Id>` + ids[1] + `</sf:Id><sf:LastName>Deleted</sf:LastName></result><result xsi:nil="true"/><result`; !strings.Contains(r.body, want) {
		t.Errorf("retrieve: got %s, want %s in it", r.body, want)
	}
	for _, tt := range []struct{ name, from, to string }{
		{"end before start", "2026-01-15T12:10:00Z", "2026-01-15T12:10:40Z"},
		{"too long ago", "2025-12-01T00:00:00Z", "2026-01-15T12:00:00Z"},
		{"in the future", "2026-01-16T00:00:00Z", "2026-01-17T00:00:00Z"},
	} {
		if got := call("getUpdated", tt.from, tt.to).fault(); !strings.HasPrefix(got, "INVALID_REPLICATION_DATE") {
			t.Errorf("%s: got %q", tt.name, got)
		}
	}
}

func TestDescribeByVersion(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	c := login(t, s)
	since := map[string]int{"isSubtype": 41, "polymorphicForeignKey": 41, "searchPrefilterable": 41, "aiPredictionField": 44, "developerName": 44, "deepCloneable": 47, "implementedBy": 47, "isInterface": 47, "associateEntityType": 50}
	for version, text := range map[int]string{38: "38.0", 41: "41.0", 44: "44.0", 47: "47.0", 50: "50.0", 64: "64.0"} {
		c.version = text
		a := c.call("<urn:describeSObject><urn:sObjectType>Lead</urn:sObjectType></urn:describeSObject>")
		for name, from := range since {
			if got, want := search(a.root, name) != nil, version >= from; got != want {
				t.Errorf("version %d: %s is there: %t, want %t", version, name, got, want)
			}
		}
	}
}

// TestManagement drives the endpoint as a test of another program would.
func TestManagement(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Generate: &Generate{Accounts: 3, Contacts: 10, Seed: 1}})
	do := func(method, path, body string, status int) map[string]any {
		t.Helper()
		req, err := http.NewRequest(method, s.URL()+"/_emulator/"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if method == "POST" {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded") // curl -d says so of everything
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close() // read to its end
		var out map[string]any
		if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
		if resp.StatusCode != status {
			t.Errorf("%s %s: got %s: %v, want %d", method, path, resp.Status, out, status)
		}
		return out
	}
	id := do("POST", "records/Contact", `[{"LastName": "New", "Phone": "030 1"}, {"LastName": "Other"}]`, 200)["ids"].([]any)[0].(string)
	do("POST", "records/Contact", `{"Id": "`+id+`", "Phone": null}`, 200)
	if got := do("GET", "records/Contact/"+id, "", 200)["fields"].(map[string]any); got["Phone"] != nil || got["LastName"] != "New" {
		t.Errorf("record: %v", got)
	}
	do("POST", "records/Contact", `{"Nick": "x", "LastName": "y"}`, 404)
	do("POST", "records/Person", `{}`, 404)
	do("POST", "records/Contact?late=1h", `{"LastName": "Late"}`, 200)
	do("DELETE", "records/Contact/"+id, "", 200)
	do("POST", "undelete/Contact/"+id, "", 200)
	do("DELETE", "records/Contact/"+id+"?purge=true", "", 200)
	do("DELETE", "records/Contact/"+id, "", 404)
	do("POST", "fields/Contact", `{"name": "Desk__c", "type": "string", "length": 20}`, 200)
	do("POST", "fields/Contact", `{"name": "Desk__c"}`, 400)
	do("POST", "records/Contact", `{"LastName": "x", "Desk__c": "B-2"}`, 200)
	do("POST", "permissions/Contact/Desk__c", `{"visible": false}`, 200)
	c := login(t, s)
	if got := c.query("SELECT Desk__c FROM Contact").fault(); !strings.HasPrefix(got, "INVALID_FIELD") {
		t.Errorf("hidden field: %q", got)
	}
	do("POST", "permissions/Contact/Desk__c", `{"visible": true}`, 200)
	if got := c.query("SELECT Desk__c FROM Contact WHERE Desk__c != null").column("Desk__c"); len(got) != 1 {
		t.Errorf("shown field: %v", got)
	}
	do("DELETE", "fields/Contact/Desk__c", "", 200)
	if got := do("POST", "clock", `{"now": "2030-01-01T00:00:00Z"}`, 200)["now"]; got != "2030-01-01T00:00:00Z" {
		t.Errorf("clock: %v", got)
	}
	if got := do("POST", "clock", `{"advance": "1h"}`, 200)["now"]; got != "2030-01-01T01:00:00Z" {
		t.Errorf("clock: %v", got)
	}
	do("POST", "clock", `{"advance": "soon"}`, 400)
	do("POST", "faults", `{"faults": ["query:1:http=503"]}`, 200)
	do("POST", "faults", `{"faults": ["query:1:dance"]}`, 400)
	do("DELETE", "faults", "", 200)
	do("POST", "settings", `{"daily_limit": 500}`, 200)
	do("POST", "settings", `{"dayly_limit": 500}`, 400)
	if got := do("GET", "settings", "", 200); got["daily_limit"] != 500.0 || got["session_seconds"] != 7200.0 {
		t.Errorf("settings: %v", got)
	}
	do("DELETE", "sessions", "", 200)
	if got := do("GET", "counters", "", 200); got["calls"].(map[string]any)["query"] != 2.0 || got["logins"] != 1.0 {
		t.Errorf("counters: %v", got)
	}
	do("POST", "reset", "", 200)
	if got := do("GET", "", "", 200); got["records"].(map[string]any)["Contact"] != 10.0 || got["logins"] != 0.0 {
		t.Errorf("after reset: %v", got)
	}
	req, err := http.NewRequest(http.MethodGet, s.URL()+"/_emulator/", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "emulator.example.org"
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() // nothing in it
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("a request for another host: %s", resp.Status)
	}
	for _, address := range []string{"0.0.0.0:0", "192.0.2.1:80", "nonsense"} {
		if s, err := Start(Options{Listen: address}); err == nil {
			s.Close() // the test has failed
			t.Errorf("listens on %s", address)
		}
	}
}
