package replicator

import (
	"fmt"
	"strings"
	"time"
)

// Schedule is an interval, a time of day, or never (the zero value).
type Schedule struct {
	every  time.Duration
	daily  bool
	minute int // of the day, local time
}

// minInterval is the shortest interval: the org's replication log is cut to whole minutes.
const minInterval = time.Minute

// ParseSchedule reads "5m" (an interval of at least a minute), "02:30" (local time), or "never" or "".
func ParseSchedule(s string) (Schedule, error) {
	text := strings.ToLower(strings.TrimSpace(s))
	if text == "" || text == "never" {
		return Schedule{}, nil
	}
	if t, err := time.Parse("15:04", text); err == nil {
		return Schedule{daily: true, minute: t.Hour()*60 + t.Minute()}, nil
	}
	every, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return Schedule{}, fmt.Errorf("replicator: schedule %q is neither an interval (5m, 12h), nor a time of day (02:30), nor never", s)
	case every < minInterval:
		return Schedule{}, fmt.Errorf("replicator: schedule %q is shorter than %s", s, minInterval)
	}
	return Schedule{every: every}, nil
}

// Never says whether nothing is ever due.
func (s Schedule) Never() bool { return s.every == 0 && !s.daily }

// Next returns when a run is due that last began at last, the zero time for never. A last of zero means that there was
// none: an interval is due now, a time of day at the next one. A run that was missed, because the machine slept or the
// process did not run, is due now, once.
func (s Schedule) Next(last, now time.Time) time.Time {
	switch {
	case s.Never():
		return time.Time{}
	case s.daily && last.IsZero():
		return s.after(now)
	case s.daily:
		return earliest(s.after(last), s.after(now))
	case last.IsZero() || last.After(now): // the clock was set back
		return now
	}
	return last.Add(s.every)
}

// after returns the first time of day behind t. In the hour that a change to summer time leaves out it is the time after
// it; an hour that comes twice counts once.
func (s Schedule) after(t time.Time) time.Time {
	t = t.Local()
	for day := range 3 {
		next := time.Date(t.Year(), t.Month(), t.Day()+day, s.minute/60, s.minute%60, 0, 0, t.Location())
		if next.After(t) {
			return next
		}
	}
	return t.Add(24 * time.Hour)
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func (s Schedule) String() string {
	switch {
	case s.daily:
		return fmt.Sprintf("%02d:%02d", s.minute/60, s.minute%60)
	case s.every > 0:
		return s.every.String()
	}
	return "never"
}
