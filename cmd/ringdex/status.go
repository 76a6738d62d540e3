package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
)

func (env *environment) statusCommand() *cli.Command {
	return &cli.Command{
		Name:        "status",
		Usage:       "how fresh the copy is, and whether something needs a person",
		Description: "Exit code 0: all is well; 1: something needs a person.",
		Flags:       []cli.Flag{configFlag(), jsonFlag()},
		Action: func(c *cli.Context) error {
			return env.withOperations(c, func(ops operations) error {
				r, err := ops.Status(c.Context)
				if err != nil {
					return err
				}
				if c.Bool("json") {
					err = writeJSON(env.Out, r)
				} else {
					env.printStatus(r, time.Now())
				}
				if err == nil && len(r.Problems)+len(r.Holds) > 0 {
					return &codeError{code: exitFailed}
				}
				return err
			})
		},
	}
}

func (env *environment) printStatus(r statusReport, now time.Time) {
	w := env.Out
	if r.Running {
		fmt.Fprintf(w, "ringdex %s runs since %s, listening on %s\n", r.Version, since(r.Since, now), strings.Join(r.Listeners, ", "))
	} else {
		fmt.Fprintf(w, "ringdex %s: no daemon runs\n", r.Version)
	}
	fmt.Fprintf(w, "store %s: %.1f MB, generation %d", r.Store, float64(r.StoreBytes)/1e6, r.Generation)
	if r.Org != "" {
		fmt.Fprintf(w, ", org %s %s", r.Org, r.OrgName)
	}
	fmt.Fprintln(w)
	for _, o := range r.Objects {
		fmt.Fprintf(w, "  %-12s %10s records, last success %s", o.Name, thousands(o.Records), since(o.LastSuccess, now))
		if o.LastResult != "" && o.LastResult != "ok" {
			fmt.Fprintf(w, ", last run: %s", o.LastResult)
		}
		fmt.Fprintln(w)
	}
	r.LDAP.print(w, now)
	if r.Replicating {
		fmt.Fprintln(w, "a replication is running")
	}
	for _, n := range []struct {
		what string
		at   *time.Time
	}{{"delta", r.NextDelta}, {"reconcile", r.NextReconcile}, {"full", r.NextFull}} {
		if n.at != nil {
			fmt.Fprintf(w, "next %s replication: %s\n", n.what, n.at.Local().Format("2006-01-02 15:04:05"))
		}
	}
	if r.LoginEnds != "" {
		fmt.Fprintf(w, "SOAP login ends on %s, in %d days\n", r.LoginEnds, r.LoginDays)
	}
	for _, h := range r.Holds {
		fmt.Fprintf(w, "HELD %s since %s: %s\n", h.Object, h.Since.Local().Format("2006-01-02 15:04"), h.Reason)
	}
	for _, p := range r.Problems {
		fmt.Fprintf(w, "PROBLEM %s\n", p)
	}
	for _, n := range r.Notices {
		fmt.Fprintf(w, "note: %s\n", n)
	}
	if len(r.Holds)+len(r.Problems) == 0 {
		fmt.Fprintln(w, "all is well")
	}
}

// since says how long ago t was, in words that need no calculation.
func since(t *time.Time, now time.Time) string {
	if t == nil || t.IsZero() {
		return "never"
	}
	d := now.Sub(*t).Round(time.Second)
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%s ago", max(d, 0))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d minutes ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}
