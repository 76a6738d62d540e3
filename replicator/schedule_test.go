package replicator

import (
	"testing"
	"time"
)

func TestParseSchedule(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"", "never"},
		{"never", "never"},
		{"Never", "never"},
		{"5m", "5m0s"},
		{"12h", "12h0m0s"},
		{"02:30", "02:30"},
		{"2:30", "02:30"},
		{" 23:59 ", "23:59"},
		{"30s", ""},
		{"-5m", ""},
		{"25:00", ""},
		{"daily", ""},
		{"0", ""},
	} {
		s, err := ParseSchedule(test.text)
		if (err != nil) != (test.want == "") || err == nil && s.String() != test.want {
			t.Errorf("%q: %s, %v", test.text, s, err)
		}
	}
}

func TestScheduleNext(t *testing.T) {
	t.Parallel()
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 5, day, hour, minute, 0, 0, time.Local) }
	for _, test := range []struct {
		name, text string
		last, now  time.Time
		want       time.Time
	}{
		{"never", "never", at(1, 0, 0), at(2, 0, 0), time.Time{}},
		{"interval after the last run", "5m", at(1, 12, 0), at(1, 12, 1), at(1, 12, 5)},
		{"interval without a run", "5m", time.Time{}, at(1, 12, 1), at(1, 12, 1)},
		{"interval after a sleep", "5m", at(1, 12, 0), at(3, 12, 1), at(1, 12, 5)},
		{"interval, clock set back", "5m", at(3, 12, 0), at(1, 12, 0), at(1, 12, 0)},
		{"time of day without a run", "02:30", time.Time{}, at(1, 12, 0), at(2, 2, 30)},
		{"time of day after today's run", "02:30", at(1, 2, 31), at(1, 12, 0), at(2, 2, 30)},
		{"time of day that was missed", "02:30", at(1, 2, 31), at(3, 12, 0), at(2, 2, 30)},
		{"time of day just now", "02:30", at(1, 2, 31), at(2, 2, 30), at(2, 2, 30)},
		{"time of day, clock set back", "02:30", at(9, 2, 31), at(1, 12, 0), at(2, 2, 30)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, err := ParseSchedule(test.text)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Next(test.last, test.now); !got.Equal(test.want) {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
