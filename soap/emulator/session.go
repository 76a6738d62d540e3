package emulator

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"strings"
	"time"
)

// Limits of sessions and locators.
const (
	maxLoginTries   = 10
	lockoutTime     = 15 * time.Minute
	maxCursors      = 10 // of one session; the oldest is dropped
	cursorLife      = 48 * time.Hour
	defaultSession  = 7200 // seconds
	defaultBatch    = 2000
	minBatch        = 200
	maxBatch        = 2000
	defaultDayLimit = 100_000
)

// A session is one login. Its locators die with it.
type session struct {
	id      string
	used    time.Time
	cursors []*cursor
}

// sessions holds what the login calls know. The org's lock guards it.
type sessions struct {
	live     map[string]*session
	made     uint64 // sessions and locators ever made, for their names
	failures int    // wrong passwords in a row
	locked   time.Time
}

// usage counts calls. The org's lock guards it.
type usage struct {
	calls  map[string]int
	logins int // successful ones
	hours  map[int64]int
}

func (u *usage) count(name string) { u.calls[name]++ }

// spend takes one API call from the allowance of 24 hours; false when it is used up.
func (u *usage) spend(now time.Time, limit int) bool {
	if u.current(now) >= limit {
		return false
	}
	u.hours[now.Unix()/3600]++
	return true
}

func (u *usage) current(now time.Time) int {
	sum := 0
	for hour, n := range u.hours {
		if hour <= now.Unix()/3600-24 {
			delete(u.hours, hour)
			continue
		}
		sum += n
	}
	return sum
}

// token makes text of base 62 from a number: the same org gives the same names again.
func (o *Org) token(purpose string, n uint64, length int) string {
	var b strings.Builder
	for block := 0; b.Len() < length; block++ {
		sum := sha256.Sum256([]byte(purpose + strconv.FormatUint(n, 10) + o.orgID + strconv.Itoa(block)))
		for i := 0; i+2 <= len(sum) && b.Len() < length; i += 2 {
			b.WriteByte(idDigits[binary.BigEndian.Uint16(sum[i:])%62])
		}
	}
	return b.String()
}

// newSession opens a session. The lock must be held for writing.
func (o *Org) newSession() *session {
	o.sessions.made++
	s := &session{id: o.orgID[:15] + "!AQ" + o.token("session", o.sessions.made, 94), used: o.now()}
	o.sessions.live[s.id] = s
	o.usage.logins++
	return s
}

// session finds the session of a call and keeps it alive. The lock must be held for writing.
func (o *Org) session(id string) (*session, *fault) {
	s := o.sessions.live[id]
	now := o.now()
	if s != nil && now.Sub(s.used) > time.Duration(o.settings.SessionSeconds)*time.Second {
		delete(o.sessions.live, id)
		s = nil
	}
	if s == nil {
		return nil, newFault("INVALID_SESSION_ID", textInvalidSession)
	}
	s.used = now
	return s, nil
}

// KillSessions ends all sessions and their query locators.
func (o *Org) KillSessions() {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.sessions.live)
}

// A cursor is a query that goes on with queryMore.
type cursor struct {
	id       string
	made     time.Time
	query    *boundQuery
	slots    []uint32
	batch    int
	size     int // rows of the whole query
	pos      int // rows sent
	previous int // where the last page began
}

// locator names the cursor's place.
func (c *cursor) locator() string { return c.id + "-" + strconv.Itoa(c.pos) }

func (o *Org) newCursor(s *session, c *cursor) {
	o.sessions.made++
	c.id = string(appendMadeID(nil, "0r8", "E0", uint32(o.sessions.made)))
	c.made = o.now()
	if len(s.cursors) >= maxCursors {
		s.cursors = s.cursors[1:]
	}
	s.cursors = append(s.cursors, c)
}

// cursor finds the cursor of a locator and the place that it names: where the next page begins, or the last one again.
func (o *Org) cursor(s *session, locator string) (*cursor, int, *fault) {
	id, at, ok := strings.Cut(strings.TrimSpace(locator), "-")
	pos, err := strconv.Atoi(at)
	if ok && err == nil {
		for _, c := range s.cursors {
			if c.id == id && o.now().Sub(c.made) <= cursorLife && (pos == c.pos && pos < c.size || pos == c.previous && pos > 0) {
				return c, pos, nil
			}
		}
	}
	return nil, 0, newFault("INVALID_QUERY_LOCATOR", "invalid query locator")
}
