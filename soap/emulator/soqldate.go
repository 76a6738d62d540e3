package emulator

import (
	"strconv"
	"strings"
	"time"
)

const dateTimeForm = "2006-01-02T15:04:05.000Z"

// formatDateTime spells Unix seconds as SOAP does.
func formatDateTime(unix int64) string {
	return time.Unix(unix, 0).UTC().Format(dateTimeForm)
}

// appendDateTime appends Unix seconds in SOAP spelling, without allocation.
func appendDateTime(dst []byte, unix int64) []byte {
	return time.Unix(unix, 0).UTC().AppendFormat(dst, dateTimeForm)
}

// parseDateTime accepts what SOQL and SOAP accept: with Z, +01:00 or +0100, with and without fractions.
func parseDateTime(s string) (time.Time, bool) {
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04:05-0700", "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(form, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

func parseDate(s string) (time.Time, bool) {
	t, err := time.Parse(time.DateOnly, s)
	return t, err == nil
}

// A span is the time that a date literal such as LAST_MONTH stands for: from included, to excluded.
type span struct{ from, to time.Time }

// dateLiteral gives the span of a literal at a time; n is the number behind the colon, -1 without one. The user's
// time zone is UTC and weeks begin on Sunday, as in the locale en_US.
func dateLiteral(name string, n int, now time.Time) (span, bool) {
	now = now.UTC()
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	week := day.AddDate(0, 0, -int(day.Weekday()))
	month := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	quarter := time.Date(now.Year(), (now.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC)
	year := time.Date(now.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	days := func(from, to int) (span, bool) { return span{day.AddDate(0, 0, from), day.AddDate(0, 0, to)}, true }

	name = strings.ToUpper(name)
	if n < 0 {
		switch name {
		case "TODAY":
			return days(0, 1)
		case "YESTERDAY":
			return days(-1, 0)
		case "TOMORROW":
			return days(1, 2)
		case "LAST_90_DAYS":
			return days(-90, 1)
		case "NEXT_90_DAYS":
			return days(1, 91)
		}
		step := map[string]int{"LAST": -1, "THIS": 0, "NEXT": 1}
		which, unit, ok := strings.Cut(name, "_")
		k, known := step[which]
		if !ok || !known {
			return span{}, false
		}
		switch unit {
		case "WEEK":
			return span{week.AddDate(0, 0, 7*k), week.AddDate(0, 0, 7*k+7)}, true
		case "MONTH":
			return span{month.AddDate(0, k, 0), month.AddDate(0, k+1, 0)}, true
		case "QUARTER":
			return span{quarter.AddDate(0, 3*k, 0), quarter.AddDate(0, 3*k+3, 0)}, true
		case "YEAR":
			return span{year.AddDate(k, 0, 0), year.AddDate(k+1, 0, 0)}, true
		}
		return span{}, false
	}
	switch name {
	case "LAST_N_DAYS":
		return days(-n, 1)
	case "NEXT_N_DAYS":
		return days(1, n+1)
	case "N_DAYS_AGO":
		return days(-n, -n+1)
	case "LAST_N_WEEKS":
		return span{week.AddDate(0, 0, -7*n), week}, true
	case "NEXT_N_WEEKS":
		return span{week.AddDate(0, 0, 7), week.AddDate(0, 0, 7+7*n)}, true
	case "LAST_N_MONTHS":
		return span{month.AddDate(0, -n, 0), month}, true
	case "NEXT_N_MONTHS":
		return span{month.AddDate(0, 1, 0), month.AddDate(0, n+1, 0)}, true
	case "LAST_N_YEARS":
		return span{year.AddDate(-n, 0, 0), year}, true
	case "NEXT_N_YEARS":
		return span{year.AddDate(1, 0, 0), year.AddDate(n+1, 0, 0)}, true
	}
	return span{}, false
}

// javaDouble spells a number as the server does, which is how Java prints a double: 1.5, 1.0, 1.39E8.
func javaDouble(v float64) string {
	abs := v
	if abs < 0 {
		abs = -abs
	}
	if abs == 0 || abs >= 1e-3 && abs < 1e7 {
		s := strconv.FormatFloat(v, 'f', -1, 64)
		if !strings.ContainsRune(s, '.') {
			s += ".0"
		}
		return s
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'E', -1, 64), "E")
	if !strings.ContainsRune(mantissa, '.') {
		mantissa += ".0"
	}
	n, err := strconv.Atoi(exponent)
	if err != nil {
		return mantissa
	}
	return mantissa + "E" + strconv.Itoa(n)
}
