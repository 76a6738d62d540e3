package soap

import (
	"context"
	"errors"
	"strings"
	"time"
)

// DeletedResult is getDeleted's answer.
type DeletedResult struct {
	Records []DeletedRecord
	// EarliestDateAvailable is the oldest deletion that the org still knows. If
	// the asked interval begins before, deletions may be missing.
	EarliestDateAvailable time.Time
	// LatestDateCovered is the start of the next interval to ask for.
	LatestDateCovered time.Time
}

// DeletedRecord is one deletion.
type DeletedRecord struct {
	ID          ID
	DeletedDate time.Time
}

// UpdatedResult is getUpdated's answer.
type UpdatedResult struct {
	IDs []ID
	// LatestDateCovered is the start of the next interval to ask for.
	LatestDateCovered time.Time
}

// The interval's seconds are cut off by the server.
const replicationTime = "2006-01-02T15:04:05.000Z"

var errInterval = errors.New("soap: the interval's end is not after its start")

func replicationCall(operation, object string, from, to time.Time) (*call, error) {
	if !to.After(from) {
		return nil, errInterval
	}
	return &call{operation: operation, params: []Param{
		{"sObjectType", object},
		{"startDate", from.UTC().Format(replicationTime)},
		{"endDate", to.UTC().Format(replicationTime)},
	}}, nil
}

// Deleted asks for the records deleted in an interval, at most 15 days back. The
// server sees only what the user may see, and forgets early when much is deleted.
func (c *Client) Deleted(ctx context.Context, object string, from, to time.Time) (DeletedResult, error) {
	q, err := replicationCall("getDeleted", object, from, to)
	if err != nil {
		return DeletedResult{}, err
	}
	var records deletedReader
	q.scan = replyScan{take: "deletedRecords", taker: &records}
	var v struct {
		Earliest string `xml:"result>earliestDateAvailable"`
		Latest   string `xml:"result>latestDateCovered"`
	}
	if _, err := c.call(ctx, q, &v); err != nil {
		return DeletedResult{}, err
	}
	r := DeletedResult{Records: records}
	if r.EarliestDateAvailable, err = replyTime(q.operation, v.Earliest); err != nil {
		return DeletedResult{}, err
	}
	if r.LatestDateCovered, err = replyTime(q.operation, v.Latest); err != nil {
		return DeletedResult{}, err
	}
	return r, nil
}

// Updated asks for the ids of the records changed in an interval, at most 30 days
// back and 600,000 ids.
func (c *Client) Updated(ctx context.Context, object string, from, to time.Time) (UpdatedResult, error) {
	q, err := replicationCall("getUpdated", object, from, to)
	if err != nil {
		return UpdatedResult{}, err
	}
	var ids idReader
	q.scan = replyScan{take: "ids", taker: &ids}
	var v struct {
		Latest string `xml:"result>latestDateCovered"`
	}
	if _, err := c.call(ctx, q, &v); err != nil {
		return UpdatedResult{}, err
	}
	r := UpdatedResult{IDs: ids}
	if r.LatestDateCovered, err = replyTime(q.operation, v.Latest); err != nil {
		return UpdatedResult{}, err
	}
	return r, nil
}

// idReader takes <ids>. There may be 600,000 of them, which is why gosoap does
// not get to see them.
type idReader []ID

func (r *idReader) take(s *scanner, t tag) error {
	text, err := s.simple(t)
	if err != nil {
		return err
	}
	id, err := ParseID(text)
	if err != nil {
		return s.fail("an id is none")
	}
	*r = append(*r, id)
	return nil
}

// deletedReader takes <deletedRecords>.
type deletedReader []DeletedRecord

func (r *deletedReader) take(s *scanner, t tag) error {
	if t.empty {
		return s.fail("an empty deletedRecords")
	}
	var d DeletedRecord
	for {
		if err := s.blank(); err != nil {
			return err
		}
		if s.ahead("</") {
			name, err := s.endTag()
			switch {
			case err != nil:
				return err
			case string(name) != string(t.name):
				return s.fail("an element is closed by another's end tag")
			case d.ID == "" || d.DeletedDate.IsZero():
				return s.fail("deletedRecords without id or date")
			}
			*r = append(*r, d)
			return nil
		}
		if s.pos < len(s.data) && s.data[s.pos] != '<' {
			return s.fail("text inside deletedRecords")
		}
		child, err := s.startTag()
		if err != nil {
			return err
		}
		text, err := s.simple(child)
		if err != nil {
			return err
		}
		switch string(child.local()) {
		case "id":
			if d.ID, err = ParseID(text); err != nil {
				return s.fail("an id is none")
			}
		case "deletedDate":
			if d.DeletedDate, err = time.Parse(time.RFC3339, text); err != nil {
				return s.fail("a time is none")
			}
			d.DeletedDate = d.DeletedDate.UTC()
		}
	}
}

// simple reads the text of an element without markup, trimmed, up to and with the
// end tag.
func (s *scanner) simple(t tag) (string, error) {
	if t.empty {
		return "", nil
	}
	raw, err := s.text()
	if err != nil {
		return "", err
	}
	if !s.ahead("</") {
		return "", s.fail("markup inside a plain value")
	}
	name, err := s.endTag()
	if err != nil {
		return "", err
	}
	if string(name) != string(t.name) {
		return "", s.fail("an element is closed by another's end tag")
	}
	var text strings.Builder
	if _, err := writeText(&text, raw); err != nil {
		return "", s.fail("%v", err)
	}
	return strings.TrimSpace(text.String()), nil
}
