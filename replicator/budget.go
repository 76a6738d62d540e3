package replicator

import (
	"fmt"
	"time"

	"ringdex/replicator/store"
)

// Salesforce counts the API calls of all integrations together, over the last 24 hours, and tells how many there were and
// may be with every reply. Others live from that too: ringdex keeps to a share of its own, and stops early when all
// together are near the end. Its own calls are noted in the store by the hour, in the org's time, so that a restart does
// not forget them.

// Defaults of Options.
const (
	OwnShare  = 0.2
	StopShare = 0.8
)

const (
	callsBucket = "calls"
	callsKey    = "hours"
	callsHours  = 24
)

// ledger counts API calls by the hour, which counts from 1970.
type ledger map[int64]int64

func hour(t time.Time) int64 { return t.Unix() / 3600 }

// recent are the calls of the last day.
func (l ledger) recent(now time.Time) (n int64) {
	for h, calls := range l {
		if age := hour(now) - h; age >= 0 && age < callsHours {
			n += calls
		}
	}
	return n
}

// budget puts a run off that would use more of the org's API calls than is ours, or when all together have used most. The
// first load of a store is always made.
func (r *run) budget() error {
	if _, err := readJSON(r.o.Store, callsBucket, callsKey, &r.calls); err != nil {
		return err
	}
	meta, err := r.o.Store.Meta()
	if err != nil || !meta.Complete {
		return err
	}
	current, limit, ok := r.o.Client.Limits()
	if ok && r.o.StopShare < 1 && float64(current) >= r.o.StopShare*float64(limit) {
		return fmt.Errorf("replicate: %w: %d of %d in 24 hours, runs are put off from %.0f %% on", ErrBudget, current, limit, 100*r.o.StopShare)
	}
	return r.spend(0)
}

// afford puts a run through all records off for which the calls that are left to us are too few.
func (r *run) afford() error {
	if !r.meta.Complete || r.result.Kind == Delta {
		return nil
	}
	expected := int64(0)
	for i := range r.mappings {
		expected += int64(r.objectMeta(r.mappings[i].Object).Records/r.o.PageSize) + 1
	}
	return r.spend(expected)
}

// spend says whether more calls are ours to make.
func (r *run) spend(more int64) error {
	_, limit, ok := r.o.Client.Limits()
	if !ok || r.o.OwnShare >= 1 {
		return nil
	}
	made := r.calls.recent(r.t0) + r.o.Client.Usage().Calls - r.usage.Calls
	if float64(made+more) < r.o.OwnShare*float64(limit) {
		return nil
	}
	return fmt.Errorf("replicate: %w: ringdex made %d in 24 hours and needs %d more, its share is %.0f %% of %d",
		ErrBudget, made, max(more, 1), 100*r.o.OwnShare, limit)
}

// noteCalls adds the calls of a run. Without the org's time nothing was called that counts.
func (r *run) noteCalls(n int64) error {
	if r.t0.IsZero() || n <= 0 {
		return nil
	}
	kept := ledger{hour(r.t0): n}
	for h, calls := range r.calls {
		if age := hour(r.t0) - h; age >= 0 && age < callsHours {
			kept[h] += calls
		}
	}
	return putJSON(r.o.Store, callsBucket, callsKey, kept)
}

// loginsKey has the times of the last hour's logins, for a client of another process: a process that is started again and again
// makes no more of them than one.
const loginsKey = "logins"

// Logins are the times of the last logins to the org, the oldest first, for soap.Options.Logins.
func Logins(s *store.Store) (times []time.Time, err error) {
	_, err = readJSON(s, callsBucket, loginsKey, &times)
	return times, err
}

// NoteLogins notes them, for soap.Options.NoteLogin.
func NoteLogins(s *store.Store, times []time.Time) error {
	return putJSON(s, callsBucket, loginsKey, times)
}
