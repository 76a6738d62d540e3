package main

import (
	"fmt"
	"strings"
	"time"
)

// printStatus says first whether a person is needed and why, then what there is.
func (env *environment) printStatus(r statusReport, now time.Time) {
	w := env.Out
	verdict := func(colour, text string) {
		if coloured(w) {
			text = "\x1b[" + colour + "m" + text + "\x1b[0m"
		}
		fmt.Fprintln(w, text)
	}
	if n := len(r.Holds) + len(r.Problems); n == 0 {
		verdict("32", "all is well: "+freshness(&r, now))
	} else {
		verdict("31", fmt.Sprintf("%s a person: %s", plural(n, "thing needs", "things need"), freshness(&r, now)))
	}
	for _, h := range r.Holds {
		fmt.Fprintf(w, "HELD %s since %s: %s\n     try: ringdex approve %s, or ringdex reject %s\n", h.Object, h.Since.Local().Format("2006-01-02 15:04"), h.Reason, h.Object, h.Object)
	}
	for _, p := range r.Problems {
		fmt.Fprintf(w, "PROBLEM %s\n", p)
	}
	for _, n := range r.Notices {
		fmt.Fprintf(w, "note: %s\n", n)
	}
	fmt.Fprintln(w)

	if r.Running {
		fmt.Fprintf(w, "service  ringdex %s, started %s, listening on %s\n", r.Version, since(r.Since, now), strings.Join(r.Listeners, ", "))
	} else {
		fmt.Fprintf(w, "service  ringdex %s: no daemon runs\n", r.Version)
	}
	r.LDAP.print(w, now)
	if r.Org != "" {
		fmt.Fprintf(w, "org      %s %s\n", r.OrgName, r.Org)
	}
	fmt.Fprintf(w, "copy     %s, %.1f MB, generation %d\n", r.Store, float64(r.StoreBytes)/1e6, r.Generation)
	for _, o := range r.Objects {
		fmt.Fprintf(w, "  %-12s %10s records, last success %s", o.Name, thousands(o.Records), since(o.LastSuccess, now))
		if o.LastResult != "" && o.LastResult != "ok" {
			fmt.Fprintf(w, ", last run: %s", o.LastResult)
		}
		fmt.Fprintln(w)
	}
	if r.Replicating {
		fmt.Fprintf(w, "next     a replication is running now: %s\n", r.Progress)
	}
	for _, n := range []struct {
		what string
		at   *time.Time
	}{{"changes", r.NextDelta}, {"comparison", r.NextReconcile}, {"everything", r.NextFull}} {
		if n.at != nil {
			fmt.Fprintf(w, "next     %-10s %s, %s\n", n.what, n.at.Local().Format("2006-01-02 15:04:05"), until(*n.at, now))
		}
	}
	if r.LoginEnds != "" {
		fmt.Fprintf(w, "login    SOAP login ends on %s, in %d days\n", r.LoginEnds, r.LoginDays)
	}
}

// freshness is how much there is, and how old the oldest part of it.
func freshness(r *statusReport, now time.Time) string {
	records := 0
	var oldest *time.Time
	for i := range r.Objects {
		o := &r.Objects[i]
		records += o.Records
		if o.LastSuccess == nil || oldest != nil && oldest.Before(*o.LastSuccess) {
			continue
		}
		oldest = o.LastSuccess
	}
	if oldest == nil {
		return "nothing was copied yet"
	}
	return fmt.Sprintf("%s records, brought up to date %s", thousands(records), since(oldest, now))
}

// until says how long it is to a time that comes.
func until(t, now time.Time) string {
	d := t.Sub(now)
	switch {
	case d < 0:
		return "due now"
	case d < 2*time.Minute:
		return fmt.Sprintf("in %d seconds", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("in %d minutes", int(d.Minutes()))
	}
	return fmt.Sprintf("in %d hours", int(d.Hours()))
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}
