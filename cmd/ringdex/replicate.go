package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"ringdex/replicator"
)

func (env *environment) replicateCommand() *cli.Command {
	return &cli.Command{
		Name:  "replicate",
		Usage: "copy the org's records into the store, once",
		Description: "Where a daemon runs, it does the work and this command shows its progress. What is served stays as it\n" +
			"is until the copy is complete. Exit code 3: a mass change is held, or an object is frozen;\n" +
			"see ringdex status.",
		Flags: []cli.Flag{
			configFlag(), jsonFlag(),
			&cli.BoolFlag{Name: "full", Usage: "copy everything anew (the first run always does)"},
			&cli.BoolFlag{Name: "cancel", Usage: "end the run that is at work in the daemon, whoever began it"},
			&cli.BoolFlag{Name: "dry-run", Usage: "show what would change, and change nothing"},
			&cli.StringSliceFlag{Name: "object", Usage: "only this `OBJECT`; may be given more than once"},
		},
		Action: func(c *cli.Context) error {
			return env.withOperations(c, func(ops operations) error {
				if c.Bool("cancel") {
					return env.cancel(c, ops)
				}
				p := newProgressPrinter(env.Err)
				report, err := ops.Replicate(c.Context, replicateRequest{
					Full: c.Bool("full"), DryRun: c.Bool("dry-run"), Objects: c.StringSlice("object"),
				}, func(pr replicator.Progress) { p.show(pr) })
				p.end()
				if err != nil {
					return err
				}
				if err := env.printReplicate(c, report); err != nil {
					return err
				}
				frozen := slices.ContainsFunc(report.Objects, func(o objectRun) bool { return o.Frozen != "" })
				if report.Held || frozen {
					return &codeError{code: exitHeld}
				}
				return nil
			})
		},
	}
}

func (env *environment) cancel(c *cli.Context, ops operations) error {
	done, err := ops.Cancel(c.Context)
	switch {
	case err != nil:
		return err
	case !done:
		return &hintError{errors.New("no replication is at work"), "ringdex status"}
	}
	fmt.Fprintln(env.Out, "cancelled: what was served is served on, and the next run goes on from there")
	return nil
}

func (env *environment) printReplicate(c *cli.Context, r replicateReport) error {
	if c.Bool("json") {
		return writeJSON(env.Out, r)
	}
	w := tabwriter.NewWriter(env.Out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "object\tadded\tchanged\tdeleted\tunchanged\tquarantined\tAPI calls\tseconds\t")
	for _, o := range r.Objects {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%.1f\t\n", o.Name, thousands(o.Added), thousands(o.Changed), thousands(o.Deleted),
			thousands(o.Unchanged), thousands(o.Quarantined), o.APICalls, o.Seconds)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, o := range r.Objects {
		if o.Duplicates > 0 {
			fmt.Fprintf(env.Out, "%s: %d records came twice; the newer one counts\n", o.Name, o.Duplicates)
		}
		env.printSamples(&o)
		if o.Held != "" {
			fmt.Fprintf(env.Out, "%s is held: %s\n  what was served stays; ringdex approve %s or ringdex reject %s\n", o.Name, o.Held, o.Name, o.Name)
		}
		if o.Frozen != "" {
			fmt.Fprintf(env.Out, "%s is frozen: %s\n", o.Name, o.Frozen)
		}
	}
	for _, o := range r.Objects {
		if o.LeftOut > 0 {
			fmt.Fprintf(env.Out, "%s: %s records of the org are left out by where and leave_out\n", o.Name, thousands(o.LeftOut))
		}
	}
	if r.DryRun {
		fmt.Fprintln(env.Out, "dry run: nothing was changed")
	}
	return nil
}

// printSamples shows some records of each kind of change, and how many there are beside them.
func (env *environment) printSamples(o *objectRun) {
	for _, kind := range []struct {
		word, title string
		all         int
	}{
		{"delete", "would be deleted", o.Deleted},
		{"change", "would be changed", o.Changed},
		{"add", "would be added", o.Added},
		{"problem", "problems in what comes", o.Quarantined},
	} {
		var lines []string
		for _, s := range o.Samples {
			if text, ok := strings.CutPrefix(s, kind.word+" "); ok {
				lines = append(lines, strings.TrimPrefix(text, o.Name+" "))
			}
		}
		if len(lines) == 0 {
			continue
		}
		fmt.Fprintf(env.Out, "%s, %s:\n", o.Name, kind.title)
		for _, l := range lines {
			fmt.Fprintf(env.Out, "  %s\n", l)
		}
		if more := kind.all - len(lines); more > 0 {
			fmt.Fprintf(env.Out, "  and %s more\n", thousands(more))
		}
	}
}
