package replicator

import "time"

// Schedule is an interval, a time of day, or never (the zero value).
type Schedule struct {
	every  time.Duration
	minute int // of the day, if daily
	daily  bool
}

// ParseSchedule reads "5m" (an interval of at least a minute), "02:30" (local time), or "never" or "".
func ParseSchedule(s string) (Schedule, error) { return Schedule{}, nil }

// Next returns when to run after a run at last, the zero time for never. A last of zero means that there was none.
func (s Schedule) Next(last, now time.Time) time.Time { return time.Time{} }

func (s Schedule) String() string { return "never" }
