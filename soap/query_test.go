package soap

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

func contact(n int) string {
	return fmt.Sprintf(`<records xsi:type="sf:sObject"><sf:type>Contact</sf:type><sf:Id>003000000000%03dAAA</sf:Id><sf:Name>N%d</sf:Name></records>`, n, n)
}

func contacts(from, to int) string {
	var b strings.Builder
	for n := from; n < to; n++ {
		b.WriteString(contact(n))
	}
	return b.String()
}

func TestQueryPages(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	o.answers["query"] = func(w http.ResponseWriter, q *orgRequest) {
		if !strings.Contains(q.body, "<batchSize>250</batchSize>") || !strings.Contains(q.body, "WHERE Name &lt; &#39;R&amp;D&#39;") {
			t.Errorf("request %s", q.body)
		}
		reply(w, q, queryReply("query", "01gX-3", 7, contacts(0, 3)))
	}
	o.answers["queryMore"] = func(w http.ResponseWriter, q *orgRequest) {
		switch {
		case strings.Contains(q.body, "<queryLocator>01gX-3</queryLocator>"):
			reply(w, q, queryReply("queryMore", "01gX-4", 7, contacts(3, 4)))
		case strings.Contains(q.body, "<queryLocator>01gX-4</queryLocator>"):
			reply(w, q, queryReply("queryMore", "", 7, contacts(4, 7)))
		default:
			t.Errorf("request %s", q.body)
		}
	}
	c := o.client(nil)
	cu := c.Query(t.Context(), "SELECT Id, Name FROM Contact WHERE Name < 'R&D'", QueryOptions{BatchSize: 250})
	n := 0
	for r, err := range cu.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("N%d", n); r.Field("Name") != want {
			t.Errorf("record %d is %s", n, describeRecord(r))
		}
		n++
	}
	if n != 7 {
		t.Errorf("got %d records, want 7", n)
	}
	if _, err := cu.Page(t.Context()); err != io.EOF {
		t.Errorf("after the last page: got %v", err)
	}
	if current, limit, ok := c.Limits(); current != 17 || limit != 15000 || !ok {
		t.Errorf("limits %d of %d, %v", current, limit, ok)
	}
}

func TestQueryAllAndEmptyPage(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	o.answers["queryAll"] = func(w http.ResponseWriter, q *orgRequest) { reply(w, q, queryReply("queryAll", "", 0, "")) }
	page, err := o.client(nil).Query(t.Context(), "SELECT Id FROM Lead", QueryOptions{All: true}).Page(t.Context())
	if err != nil || !page.Done || page.Size != 0 || len(page.Records) != 0 {
		t.Errorf("got %+v, %v", page, err)
	}
}

func TestPagesThatContradictThemselves(t *testing.T) {
	t.Parallel()
	good := queryReply("query", "", 2, contacts(0, 2))
	cases := map[string]string{
		"fewer than announced":     queryReply("query", "", 3, contacts(0, 2)),
		"none of those announced":  queryReply("query", "", 3, ""),
		"more than announced":      queryReply("query", "", 1, contacts(0, 2)),
		"more than announced, cut": queryReply("query", "01g-2", 1, contacts(0, 2)),
		"not done without locator": strings.Replace(good, "<done>true", "<done>false", 1),
		"no done":                  strings.Replace(good, "<done>true</done>", "", 1),
		"no size":                  strings.Replace(good, "<size>2</size>", "", 1),
		"size is no number":        strings.Replace(good, "<size>2</size>", "<size>many</size>", 1),
		"negative size":            strings.Replace(good, "<size>2</size>", "<size>-1</size>", 1),
		"other operation":          queryReply("queryAll", "", 2, contacts(0, 2)),
	}
	for name, body := range cases {
		o := newOrg(t)
		o.answers["query"] = func(w http.ResponseWriter, q *orgRequest) { reply(w, q, body) }
		page, err := o.client(nil).Query(t.Context(), "SELECT Id FROM Contact", QueryOptions{}).Page(t.Context())
		if !errors.Is(err, ErrReply) || len(page.Records) != 0 {
			t.Errorf("%s: got %d records, %v", name, len(page.Records), err)
		}
	}
}

func TestMorePagesThanAnnounced(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	o.answers["query"] = func(w http.ResponseWriter, q *orgRequest) {
		reply(w, q, queryReply("query", "01g-2", 3, contacts(0, 2)))
	}
	o.answers["queryMore"] = func(w http.ResponseWriter, q *orgRequest) {
		reply(w, q, queryReply("queryMore", "01g-4", 3, contacts(2, 4)))
	}
	cu := o.client(nil).Query(t.Context(), "SELECT Id FROM Contact", QueryOptions{})
	if _, err := cu.Page(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := cu.Page(t.Context()); !errors.Is(err, ErrReply) {
		t.Errorf("got %v", err)
	}
}

func TestSessionEndsDuringQuery(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	o.answers["query"] = func(w http.ResponseWriter, q *orgRequest) {
		reply(w, q, queryReply("query", "01g-2", 4, contacts(0, 2)))
	}
	c := o.client(nil)
	if _, err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.endSession()
	first := c.Query(t.Context(), "SELECT Id FROM Contact", QueryOptions{})
	if _, err := first.Page(t.Context()); err != nil || o.count("login") != 2 || o.count("query") != 2 {
		t.Fatalf("query: %v, %d logins, %d queries", err, o.count("login"), o.count("query"))
	}
	second := c.Query(t.Context(), "SELECT Id FROM Contact", QueryOptions{})
	if _, err := second.Page(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.endSession()
	for range 2 {
		if _, err := first.Page(t.Context()); !errors.Is(err, ErrLocator) || errors.Is(err, ErrSession) {
			t.Errorf("queryMore: got %v", err)
		}
	}
	if n := o.count("login"); n != 3 {
		t.Errorf("%d logins, want 3", n)
	}
	before := o.count("queryMore")
	if _, err := second.Page(t.Context()); !errors.Is(err, ErrLocator) {
		t.Errorf("the other cursor of the ended session: got %v", err)
	}
	if o.count("queryMore") != before {
		t.Error("a locator was sent in another session than its own")
	}
}

func TestTemporaryErrorKeepsTheCursor(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	o.answers["query"] = func(w http.ResponseWriter, q *orgRequest) {
		reply(w, q, queryReply("query", "01g-2", 4, contacts(0, 2)))
	}
	tries := 0
	o.answers["queryMore"] = func(w http.ResponseWriter, q *orgRequest) {
		if tries++; tries == 1 {
			fault(w, "SERVER_UNAVAILABLE", "busy")
			return
		}
		reply(w, q, queryReply("queryMore", "", 4, contacts(2, 4)))
	}
	cu := o.client(nil).Query(t.Context(), "SELECT Id FROM Contact", QueryOptions{})
	if _, err := cu.Page(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := cu.Page(t.Context()); !errors.Is(err, ErrTemporary) {
		t.Errorf("got %v", err)
	}
	if page, err := cu.Page(t.Context()); err != nil || len(page.Records) != 2 || !page.Done {
		t.Errorf("got %+v, %v", page, err)
	}
}

func TestQuarantineIsCounted(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	bad := strings.Replace(contact(1), "N1", "N&#x1F;1", 1)
	o.answers["query"] = func(w http.ResponseWriter, q *orgRequest) {
		reply(w, q, queryReply("query", "", 3, contact(0)+bad+contact(2)))
	}
	page, err := o.client(nil).Query(t.Context(), "SELECT Id, Name FROM Contact", QueryOptions{}).Page(t.Context())
	if err != nil || len(page.Records) != 3 || page.Quarantined != 1 || page.Records[1].Field("Name") != "N1" || !page.Records[1].Fields()[0].Quarantined {
		t.Errorf("got %+v, %v", page, err)
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	body := queryReply("query", "", 4711, "")
	o.answers["query"] = func(w http.ResponseWriter, q *orgRequest) { reply(w, q, body) }
	c := o.client(nil)
	if n, err := c.Count(t.Context(), "SELECT COUNT() FROM Contact"); n != 4711 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
	body = queryReply("query", "", 2, contacts(0, 2))
	if n, err := c.Count(t.Context(), "SELECT Id FROM Contact"); err == nil {
		t.Errorf("a query of records: got %d", n)
	}
}

func TestBatchSizeRange(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	c := o.client(nil)
	for _, size := range []int{-1, 1, 199, 2001} {
		if _, err := c.Query(t.Context(), "SELECT Id FROM Contact", QueryOptions{BatchSize: size}).Page(t.Context()); err == nil {
			t.Errorf("batch size %d is accepted", size)
		}
	}
	if n := o.count("query"); n != 0 {
		t.Errorf("%d queries were sent", n)
	}
}
