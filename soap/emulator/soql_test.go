package emulator

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// people is an org of a few records whose answers one can count on one's fingers.
func people(t testing.TB) *Server {
	t.Helper()
	s := start(t, Options{Clock: func() time.Time { return time.Date(2026, 3, 18, 10, 0, 0, 0, time.UTC) }})
	o := s.org
	put := func(object string, v Values) {
		t.Helper()
		if _, err := o.Upsert(object, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.AddField("Contact", FieldSpec{Name: "Tags__c", Type: "multipicklist"}); err != nil {
		t.Fatal(err)
	}
	if err := o.AddField("Contact", FieldSpec{Name: "Score__c", Type: "double", Scale: 2}); err != nil {
		t.Fatal(err)
	}
	put("Account", Values{"Id": "001000000000001AAA", "Name": "Äpfel & Söhne GmbH", "AnnualRevenue": 139000000, "NumberOfEmployees": 12})
	put("Account", Values{"Id": "001000000000002AAA", "Name": "O'Brien <Ltd>", "ParentId": "001000000000001AAA"})
	put("Contact", Values{"Id": "003000000000001AAA", "FirstName": "Anna", "LastName": "Müller", "AccountId": "001000000000001AAA", "Phone": "030 23125-10", "Tags__c": "a;b", "Score__c": 1.5, "Birthdate": "1980-05-04", "SystemModstamp": "2026-03-18T08:00:00Z", "DoNotCall": true})
	put("Contact", Values{"Id": "003000000000002AAA", "FirstName": "bob", "LastName": "D'Arcy", "AccountId": "001000000000002AAA", "MobilePhone": "100%_x", "Tags__c": "b", "Score__c": -2, "SystemModstamp": "2026-03-17T23:59:59Z"})
	put("Contact", Values{"Id": "003000000000003AAA", "LastName": "Zoë", "Score__c": 10, "SystemModstamp": "2026-02-28T00:00:00Z"})
	put("Contact", Values{"Id": "003000000000004AAA", "FirstName": "Carl", "LastName": "anders", "AccountId": "001000000000002AAA", "SystemModstamp": "2026-03-18T08:00:00Z"})
	put("Contact", Values{"Id": "003000000000005AAA", "LastName": "Gone"})
	if err := o.Delete("Contact", "003000000000005AAA"); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestQueryResults(t *testing.T) {
	t.Parallel()
	c := login(t, people(t))
	for _, tt := range []struct{ name, soql, want string }{ // want: the last digits of the Ids, in order
		{"no condition in order of Id", "SELECT Id FROM Contact", "1234"},
		{"names in any letter case", "sElEcT iD fRoM cOnTaCt WHERE lastNAME = 'ZOË'", "3"},
		{"equal without regard to case", "SELECT Id FROM Contact WHERE LastName = 'ANDERS'", "4"},
		{"unequal takes null too", "SELECT Id FROM Contact WHERE FirstName != 'Anna'", "234"},
		{"null", "SELECT Id FROM Contact WHERE FirstName = null", "3"},
		{"empty text is null", "SELECT Id FROM Contact WHERE FirstName = ''", "3"},
		{"not null", "SELECT Id FROM Contact WHERE FirstName <> NULL", "124"},
		{"quoted quote", `SELECT Id FROM Contact WHERE LastName = 'D\'Arcy'`, "2"},
		{"like prefix", "SELECT Id FROM Contact WHERE LastName LIKE 'm%'", "1"},
		{"like inner", "SELECT Id FROM Contact WHERE LastName LIKE '%ü_l%'", "1"},
		{"like one character", "SELECT Id FROM Contact WHERE LastName LIKE 'Zo_'", "3"},
		{"like escaped signs", `SELECT Id FROM Contact WHERE MobilePhone LIKE '100\%\__'`, "2"},
		{"not like takes null", "SELECT Id FROM Contact WHERE NOT FirstName LIKE 'a%'", "234"},
		{"in", "SELECT Id FROM Contact WHERE LastName IN ('zoë', 'müller')", "13"},
		{"not in", "SELECT Id FROM Contact WHERE LastName NOT IN ('Zoë', 'Müller')", "24"},
		{"and", "SELECT Id FROM Contact WHERE FirstName != null AND Score__c > 0", "1"},
		{"or", "SELECT Id FROM Contact WHERE LastName = 'Zoë' OR FirstName = 'Carl'", "34"},
		{"mixed with parentheses", "SELECT Id FROM Contact WHERE (LastName = 'Zoë' OR FirstName = 'Carl') AND Score__c = 10", "3"},
		{"not of parentheses", "SELECT Id FROM Contact WHERE NOT (LastName = 'Zoë' OR FirstName = 'Carl')", "12"},
		{"number", "SELECT Id FROM Contact WHERE Score__c <= -2.0", "2"},
		{"number order", "SELECT Id FROM Contact ORDER BY Score__c", "4213"},
		{"nulls last", "SELECT Id FROM Contact ORDER BY Score__c NULLS LAST", "2134"},
		{"descending puts nulls last", "SELECT Id FROM Contact ORDER BY Score__c DESC", "3124"},
		{"descending with nulls first", "SELECT Id FROM Contact ORDER BY Score__c DESC NULLS FIRST", "4312"},
		{"text order ignores case", "SELECT Id FROM Contact ORDER BY LastName", "4213"},
		{"two keys", "SELECT Id FROM Contact ORDER BY SystemModstamp DESC, LastName", "4123"},
		{"natural order", "SELECT Id FROM Contact ORDER BY SystemModstamp, Id", "3214"},
		{"natural order backwards", "SELECT Id FROM Contact ORDER BY SystemModstamp DESC, Id DESC", "4123"},
		{"Id backwards with limit", "SELECT Id FROM Contact ORDER BY Id DESC LIMIT 2", "43"},
		{"limit and offset", "SELECT Id FROM Contact LIMIT 2 OFFSET 1", "23"},
		{"offset behind the end", "SELECT Id FROM Contact OFFSET 10", ""},
		{"limit 0", "SELECT Id FROM Contact LIMIT 0", ""},
		{"Id of 15 characters", "SELECT Id FROM Contact WHERE Id = '003000000000002'", "2"},
		{"Ids in a list, twice", "SELECT Id FROM Contact WHERE Id IN ('003000000000003AAA','003000000000001AAA','003000000000003AAA')", "13"},
		{"above an Id", "SELECT Id FROM Contact WHERE Id > '003000000000002AAA' ORDER BY Id", "34"},
		{"keyset", "SELECT Id FROM Contact WHERE (SystemModstamp = 2026-03-18T08:00:00Z AND Id > '003000000000001AAA') OR SystemModstamp > 2026-03-18T08:00:00Z ORDER BY SystemModstamp, Id LIMIT 2000", "4"},
		{"keyset the other way round", "SELECT Id FROM Contact WHERE SystemModstamp > 2026-03-17T23:59:59Z OR (Id > '003000000000001AAA' AND SystemModstamp = 2026-03-17T23:59:59Z) ORDER BY SystemModstamp, Id", "214"},
		{"zone of a dateTime", "SELECT Id FROM Contact WHERE SystemModstamp = 2026-03-18T09:00:00+01:00", "14"},
		{"today", "SELECT Id FROM Contact WHERE SystemModstamp = TODAY", "14"},
		{"before today", "SELECT Id FROM Contact WHERE SystemModstamp < TODAY", "23"},
		{"after a span is after its end", "SELECT Id FROM Contact WHERE SystemModstamp > YESTERDAY", "14"},
		{"from a span on", "SELECT Id FROM Contact WHERE SystemModstamp >= yesterday", "124"},
		{"last days", "SELECT Id FROM Contact WHERE SystemModstamp = LAST_N_DAYS:1", "124"},
		{"last month", "SELECT Id FROM Contact WHERE SystemModstamp = LAST_MONTH", "3"},
		{"not a span", "SELECT Id FROM Contact WHERE SystemModstamp != TODAY", "23"},
		{"date", "SELECT Id FROM Contact WHERE Birthdate = 1980-05-04", "1"},
		{"boolean", "SELECT Id FROM Contact WHERE DoNotCall = true", "1"},
		{"deleted are hidden", "SELECT Id FROM Contact WHERE IsDeleted = true", ""},
		{"not deleted", "SELECT Id FROM Contact WHERE IsDeleted = false AND Score__c > 1", "13"},
		{"deleted inside an OR", "SELECT Id FROM Contact WHERE IsDeleted = true OR LastName = 'Zoë'", "3"},
		{"parent field", "SELECT Id FROM Contact WHERE Account.Name LIKE 'äpf%'", "1"},
		{"grandparent field", "SELECT Id FROM Contact WHERE Account.Parent.Name LIKE 'Ä%'", "24"},
		{"parent of none is null", "SELECT Id FROM Contact WHERE Account.Name = null", "3"},
		{"alias", "SELECT c.Id FROM Contact c WHERE c.Account.Name = 'O\\'Brien <Ltd>' ORDER BY c.LastName", "42"},
		{"object name as prefix", "SELECT Contact.Id FROM Contact WHERE Contact.LastName = 'Zoë'", "3"},
		{"includes", "SELECT Id FROM Contact WHERE Tags__c INCLUDES ('a;b', 'c')", "1"},
		{"includes one", "SELECT Id FROM Contact WHERE Tags__c INCLUDES ('b')", "12"},
		{"excludes", "SELECT Id FROM Contact WHERE Tags__c EXCLUDES ('a')", "2"},
		{"scope", "SELECT Id FROM Contact USING SCOPE everything WHERE LastName = 'Zoë'", "3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := c.query(tt.soql)
			if f := a.fault(); f != "" {
				t.Fatalf("fault %s", f)
			}
			var got strings.Builder
			for _, id := range a.column("Id") {
				got.WriteByte(id[14])
			}
			if got.String() != tt.want {
				t.Errorf("got %q, want %q", got.String(), tt.want)
			}
			if size := find(a.root, "size"); size != fmt.Sprint(len(tt.want)) {
				t.Errorf("size is %s, want %d", size, len(tt.want))
			}
		})
	}
	a := c.queryAll("SELECT Id, IsDeleted FROM Contact WHERE IsDeleted = TRUE")
	if got := a.column("Id"); len(got) != 1 || got[0] != "003000000000005AAA" {
		t.Errorf("queryAll: got %v, want the deleted record", got)
	}
}

func TestQueryFaults(t *testing.T) {
	t.Parallel()
	c := login(t, people(t))
	for _, tt := range []struct{ name, soql, code, text, row, column string }{
		{"no such column", "select adfId, Name, Account.Name from Contact", "INVALID_FIELD", "\nselect adfId, Name, Account.Name from Contact\n       ^\nERROR at Row:1:Column:8\nNo such column 'adfId' on entity 'Contact'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.", "1", "8"},
		{"in the second line", "SELECT Id\nFROM Contact WHERE Nick = 'x'", "INVALID_FIELD", "No such column 'Nick'", "2", "20"},
		{"no such relationship", "SELECT Firm.Name FROM Contact", "INVALID_FIELD", "Didn't understand relationship 'Firm' in field path.", "1", "8"},
		{"no such object", "SELECT Id FROM Unknown", "INVALID_TYPE", "sObject type 'Unknown' is not supported.", "1", "16"},
		{"no field", "SELECT FROM Contact", "MALFORMED_QUERY", "unexpected token: 'FROM'", "1", "8"},
		{"nothing", "", "MALFORMED_QUERY", "unexpected token: '<EOF>'", "1", "1"},
		{"mixed AND and OR", "SELECT Id FROM Contact WHERE Name = 'a' AND Name = 'b' OR Name = 'c'", "MALFORMED_QUERY", "unexpected token: 'OR'", "1", "56"},
		{"open text", "SELECT Id FROM Contact WHERE Name = 'a", "MALFORMED_QUERY", "mismatched character", "1", "37"},
		{"strange escape", `SELECT Id FROM Contact WHERE Name = 'a\x'`, "MALFORMED_QUERY", "Illegal string literal", "1", "39"},
		{"twice", "SELECT Id, Name, id FROM Contact", "MALFORMED_QUERY", "duplicate field selected: id", "1", "18"},
		{"quoted dateTime", "SELECT Id FROM Contact WHERE SystemModstamp > '2026-01-01T00:00:00Z'", "INVALID_FIELD", "value of filter criterion for field 'SystemModstamp' must be of type dateTime and should not be enclosed in quotes", "1", "30"},
		{"unquoted text", "SELECT Id FROM Contact WHERE LastName = 5", "INVALID_FIELD", "must be of type string", "1", "30"},
		{"long text in a filter", "SELECT Id FROM Contact WHERE Description = 'x'", "INVALID_FIELD", "field 'Description' can not be filtered in a query call", "1", "30"},
		{"long text in the order", "SELECT Id FROM Contact ORDER BY Description", "INVALID_FIELD", "field 'Description' can not be sorted", "1", "33"},
		{"semi-join", "SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Account)", "MALFORMED_QUERY", "no semi-joins", "1", "44"},
		{"all fields without limit", "SELECT FIELDS(ALL) FROM Contact", "MALFORMED_QUERY", "LIMIT of at most 200", "1", "15"},
		{"all rows", "SELECT Id FROM Contact ALL ROWS", "MALFORMED_QUERY", "ALL ROWS not allowed", "1", "24"},
		{"something behind", "SELECT Id FROM Contact LIMIT 5 please", "MALFORMED_QUERY", "unexpected token: 'please'", "1", "32"},
		{"not grouped", "SELECT Name, COUNT(Id) FROM Contact", "MALFORMED_QUERY", "Field must be grouped or aggregated: Name", "1", "8"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := c.query(tt.soql)
			if a.reason != "500 Server Error" {
				t.Fatalf("got status %q, want a fault: %s", a.reason, a.body)
			}
			if got := find(a.root, "exceptionCode"); got != tt.code {
				t.Errorf("got code %q, want %q", got, tt.code)
			}
			if got := find(a.root, "exceptionMessage"); !strings.Contains(got, tt.text) {
				t.Errorf("got message %q, want %q in it", got, tt.text)
			}
			if row, column := find(a.root, "row"), find(a.root, "column"); row != tt.row || column != tt.column {
				t.Errorf("got %s:%s, want %s:%s", row, column, tt.row, tt.column)
			}
		})
	}
}

func TestAggregates(t *testing.T) {
	t.Parallel()
	c := login(t, people(t))
	if got := find(c.query("SELECT COUNT() FROM Contact WHERE Score__c != null").root, "size"); got != "3" {
		t.Errorf("COUNT() gives %s, want 3", got)
	}
	a := c.query("SELECT COUNT(Id), MIN(Score__c), MAX(LastName) longest, COUNT_DISTINCT(AccountId), SUM(Score__c) FROM Contact")
	for name, want := range map[string]string{"expr0": "4", "expr1": "-2.0", "longest": "Zoë", "expr2": "2", "expr3": "9.5"} {
		if got := find(a.root, name); got != want {
			t.Errorf("%s is %q, want %q: %s", name, got, want, a.body)
		}
	}
	if got := a.column("type"); !slices.Equal(got, []string{"AggregateResult"}) {
		t.Errorf("records are of type %v, want one AggregateResult", got)
	}
	a = c.query("SELECT AccountId, COUNT(Id) n FROM Contact GROUP BY AccountId")
	if got := a.column("n"); !slices.Equal(got, []string{"1", "1", "2"}) {
		t.Errorf("groups have %v records, want 1 1 2", got)
	}
}

// TestRecordLayout fixes what clients trip over: type, Id, then the fields in the order of SELECT, nil where empty.
func TestRecordLayout(t *testing.T) {
	t.Parallel()
	c := login(t, people(t))
	for _, tt := range []struct{ name, soql, want string }{
		{"Id not selected", "SELECT Name, Phone FROM Contact WHERE LastName = 'Zoë'", `<records xsi:type="sf:sObject"><sf:type>Contact</sf:type><sf:Id xsi:nil="true"/><sf:Name>Zoë</sf:Name><sf:Phone xsi:nil="true"/></records>`},
		{"Id comes again", "SELECT name, ID FROM Contact WHERE LastName = 'Zoë'", `<records xsi:type="sf:sObject"><sf:type>Contact</sf:type><sf:Id>003000000000003AAA</sf:Id><sf:Name>Zoë</sf:Name><sf:Id>003000000000003AAA</sf:Id></records>`},
		{"parents come together", "SELECT Account.Name, LastName, Account.Parent.Id, Owner.Name FROM Contact WHERE LastName = 'anders'", `<sf:Account xsi:type="sf:sObject"><sf:type>Account</sf:type><sf:Id xsi:nil="true"/><sf:Name>O&apos;Brien &lt;Ltd&gt;</sf:Name><sf:Parent xsi:type="sf:sObject"><sf:type>Account</sf:type><sf:Id>001000000000001AAA</sf:Id><sf:Id>001000000000001AAA</sf:Id></sf:Parent></sf:Account><sf:LastName>anders</sf:LastName><sf:Owner xsi:type="sf:sObject"><sf:type>User</sf:type><sf:Id xsi:nil="true"/><sf:Name>Integration User</sf:Name></sf:Owner>`},
		{"no parent", "SELECT Account.Name FROM Contact WHERE LastName = 'Zoë'", `<sf:Id xsi:nil="true"/><sf:Account xsi:nil="true"/></records>`},
		{"doubles and booleans", "SELECT AnnualRevenue, NumberOfEmployees, IsDeleted, SystemModstamp FROM Account LIMIT 1", `<sf:AnnualRevenue>1.39E8</sf:AnnualRevenue><sf:NumberOfEmployees>12</sf:NumberOfEmployees><sf:IsDeleted>false</sf:IsDeleted><sf:SystemModstamp>2026-03-18T10:00:00.000Z</sf:SystemModstamp>`},
		{"children", "SELECT Id, (SELECT LastName FROM Contacts ORDER BY LastName LIMIT 1) FROM Account WHERE Name LIKE 'O%'", `<sf:Contacts xsi:type="QueryResult"><done>true</done><queryLocator xsi:nil="true"/><records xsi:type="sf:sObject"><sf:type>Contact</sf:type><sf:Id xsi:nil="true"/><sf:LastName>anders</sf:LastName></records><size>1</size></sf:Contacts>`},
		{"empty result", "SELECT Id FROM Lead", `<result xsi:type="QueryResult"><done>true</done><queryLocator xsi:nil="true"/><size>0</size></result>`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if a := c.query(tt.soql); !strings.Contains(a.body, tt.want) {
				t.Errorf("got %s\nwant %s in it", a.body, tt.want)
			}
		})
	}
}

// TestPlansEqualScan compares planned queries with the same conditions in a form that no plan recognises.
func TestPlansEqualScan(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Generate: &Generate{Accounts: 40, Contacts: 3000, Seed: 5}})
	o := s.org
	rnd := rand.New(rand.NewPCG(1, 2))
	ids := o.IDs("Contact")
	for range 200 {
		id := ids[rnd.IntN(len(ids))]
		var err error
		switch rnd.IntN(4) {
		case 0:
			err = o.Delete("Contact", id)
		case 1:
			_, err = o.Upsert("Contact", Values{"LastName": "New"})
		default:
			_, err = o.Upsert("Contact", Values{"Id": id, "SystemModstamp": formatDateTime(inventedStart + rnd.Int64N(inventedEnd-inventedStart))})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	run := func(soql string, all bool) []string {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.settle()
		q, err := o.prepare(soql)
		if err != nil {
			t.Fatalf("%s: %s", soql, err.text)
		}
		e := &evaluation{org: o}
		var out []string
		for _, slot := range e.records(q, selection{deleted: all, now: o.now()}) {
			out = append(out, string(q.object.table.appendID(nil, slot)))
		}
		return out
	}
	for range 300 {
		id := ids[rnd.IntN(len(ids))]
		stamp, _ := o.Field("Contact", ids[rnd.IntN(len(ids))], "SystemModstamp")
		condition := []string{
			fmt.Sprintf("(SystemModstamp = %s AND Id > '%s') OR SystemModstamp > %[1]s", stamp, id),
			fmt.Sprintf("SystemModstamp >= %s AND LastName LIKE 'M%%'", stamp),
			fmt.Sprintf("SystemModstamp = %s", stamp),
			fmt.Sprintf("SystemModstamp < %s AND Id > '%s'", stamp, id),
			fmt.Sprintf("Id >= '%s' AND Phone != null", id),
			fmt.Sprintf("Id < '%s'", id),
		}[rnd.IntN(6)]
		order := []string{"", " ORDER BY Id", " ORDER BY SystemModstamp, Id", " ORDER BY SystemModstamp DESC, Id DESC", " ORDER BY Id DESC"}[rnd.IntN(5)]
		limit := []string{"", " LIMIT 7", " LIMIT 20 OFFSET 3"}[rnd.IntN(3)]
		everything := rnd.IntN(2) == 0
		planned := run("SELECT Id FROM Contact WHERE "+condition+order+limit, everything)
		// NOT (NOT …) hides the condition from the planner.
		scanned := run("SELECT Id FROM Contact WHERE NOT (NOT ("+condition+"))"+order+limit, everything)
		if !slices.Equal(planned, scanned) {
			t.Fatalf("%s%s%s: planned %d, scanned %d records: %v and %v", condition, order, limit, len(planned), len(scanned), planned, scanned)
		}
	}
}

func FuzzParseSOQL(f *testing.F) {
	for _, seed := range []string{
		"SELECT Id FROM Contact", "SELECT COUNT() FROM Account WHERE Name LIKE 'a\\%%'", "select a.b.c, (SELECT x FROM y) from z limit 1 offset 2",
		"SELECT Id FROM C WHERE (a = 1 AND b != null) OR NOT c IN ('x', 'y') ORDER BY d DESC NULLS LAST, e",
		"SELECT FIELDS(ALL) FROM A LIMIT 200", "SELECT x, COUNT(Id) n FROM y GROUP BY x", "SELECT Id FROM C WHERE d > 2026-01-01T00:00:00+01:00 AND e = LAST_N_DAYS:3",
		"SELECT Id FROM C WHERE a = '\\'", "SELECT Id FROM C WHERE a = 'ü\x00\\n'", "((((((", "SELECT Id FROM C WHERE NOT NOT NOT a = 1", "-", "'", "2026-01-01T",
	} {
		f.Add(seed)
	}
	s, err := Start(Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() }) // nothing to lose
	f.Fuzz(func(t *testing.T, text string) {
		q, err := parseSOQL(text)
		if err == nil {
			s.org.mu.Lock()
			_, err = (&binder{org: s.org, now: fixedTime()}).bind(q)
			s.org.mu.Unlock()
		}
		if err != nil {
			if err.code == "" || err.text == "" || err.at > len(text) {
				t.Errorf("error without code, text or place: %+v", err)
			}
			queryFault(text, err)
		}
	})
}
