package soap

import (
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestDeletedAndUpdated(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	from := time.Date(2026, 6, 1, 14, 0, 5, 0, time.FixedZone("", 2*3600))
	to := from.Add(time.Hour)
	const interval = "<sObjectType>Contact</sObjectType>\n            <startDate>2026-06-01T12:00:05.000Z</startDate>\n            <endDate>2026-06-01T13:00:05.000Z</endDate>"
	o.answers["getDeleted"] = func(w http.ResponseWriter, q *orgRequest) {
		if !strings.Contains(q.body, interval) {
			t.Errorf("request %s", q.body)
		}
		reply(w, q, answer("getDeleted", `<result>
			<deletedRecords> <deletedDate>2026-06-01T12:10:20.000Z</deletedDate><!-- x --><id>003000000000001AAA</id></deletedRecords>
			<deletedRecords><deletedDate>2026-06-01T12:10:21.000+0200</deletedDate><id>003i000000UPVtq</id></deletedRecords>
			<earliestDateAvailable>2026-05-01T00:00:00.000Z</earliestDateAvailable><latestDateCovered>2026-06-01T13:00:00.000Z</latestDateCovered></result>`))
	}
	c := o.client(nil)
	if _, err := c.Deleted(t.Context(), "Contact", from, to); !errors.Is(err, ErrReply) {
		t.Errorf("a time in another form: got %v", err)
	}
	o.answers["getDeleted"] = func(w http.ResponseWriter, q *orgRequest) {
		reply(w, q, answer("getDeleted", `<result>
			<deletedRecords> <deletedDate>2026-06-01T12:10:20.000Z</deletedDate><!-- x --><id>003000000000001AAA</id></deletedRecords>
			<deletedRecords><deletedDate>2026-06-01T14:10:21+02:00</deletedDate><id>003i000000UPVtq</id></deletedRecords>
			<earliestDateAvailable>2026-05-01T00:00:00.000Z</earliestDateAvailable><latestDateCovered>2026-06-01T13:00:00.000Z</latestDateCovered></result>`))
	}
	deleted, err := c.Deleted(t.Context(), "Contact", from, to)
	want := DeletedResult{
		Records: []DeletedRecord{
			{"003000000000001AAA", time.Date(2026, 6, 1, 12, 10, 20, 0, time.UTC)},
			{"003i000000UPVtqAAH", time.Date(2026, 6, 1, 12, 10, 21, 0, time.UTC)},
		},
		EarliestDateAvailable: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC),
		LatestDateCovered:     time.Date(2026, 6, 1, 13, 0, 0, 0, time.UTC),
	}
	if err != nil || !reflect.DeepEqual(deleted, want) {
		t.Errorf("got %+v, %v", deleted, err)
	}
	o.answers["getUpdated"] = func(w http.ResponseWriter, q *orgRequest) {
		if !strings.Contains(q.body, interval) {
			t.Errorf("request %s", q.body)
		}
		reply(w, q, answer("getUpdated", "<result><ids>003000000000001AAA</ids><ids>003000000000002</ids><latestDateCovered>2026-06-01T13:00:00.000Z</latestDateCovered></result>"))
	}
	updated, err := c.Updated(t.Context(), "Contact", from, to)
	if err != nil || !reflect.DeepEqual(updated, UpdatedResult{IDs: []ID{"003000000000001AAA", "003000000000002AAA"}, LatestDateCovered: want.LatestDateCovered}) {
		t.Errorf("got %+v, %v", updated, err)
	}
	calls := c.Usage().Calls
	if _, err := c.Updated(t.Context(), "Contact", to, from); err == nil || c.Usage().Calls != calls {
		t.Errorf("an interval backwards: got %v", err)
	}
}

func TestDeletedRefusesBadRecords(t *testing.T) {
	t.Parallel()
	const date = "<deletedDate>2026-06-01T12:10:20.000Z</deletedDate>"
	for _, record := range []string{
		"<deletedRecords/>", "<deletedRecords></deletedRecords>", "<deletedRecords>" + date + "</deletedRecords>",
		"<deletedRecords>" + date + "<id>x</id></deletedRecords>", "<deletedRecords>" + date + "<id><b/></id></deletedRecords>",
		"<deletedRecords><id>003000000000001AAA</id><deletedDate>now</deletedDate></deletedRecords>",
		"<deletedRecords>x" + date + "<id>003000000000001AAA</id></deletedRecords>",
	} {
		o := newOrg(t)
		o.answers["getDeleted"] = func(w http.ResponseWriter, q *orgRequest) {
			reply(w, q, answer("getDeleted", "<result>"+record+"<earliestDateAvailable>2026-05-01T00:00:00.000Z</earliestDateAvailable><latestDateCovered>2026-06-01T13:00:00.000Z</latestDateCovered></result>"))
		}
		now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
		if got, err := o.client(nil).Deleted(t.Context(), "Contact", now, now.Add(time.Hour)); !errors.Is(err, ErrReply) {
			t.Errorf("%s: got %+v, %v", record, got, err)
		}
	}
}

func TestServerTimestampAndUserInfo(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	c := o.client(nil)
	got, err := c.ServerTimestamp(t.Context())
	if want := time.Date(2026, 7, 3, 9, 14, 41, 321e6, time.UTC); err != nil || !got.Equal(want) || got.Location() != time.UTC {
		t.Errorf("got %v, %v", got, err)
	}
	u, err := c.UserInfo(t.Context())
	want := UserInfo{
		UserID: "005000000000001AAA", UserName: testUser, FullName: "Jo Example", Email: "jo@example.org", UserType: "Standard", TimeZone: "Europe/Berlin",
		OrganizationID: testOrg, OrganizationName: "Example & Co", SessionSecondsValid: 7200,
	}
	if err != nil || u != want {
		t.Errorf("got %+v, %v", u, err)
	}
}
