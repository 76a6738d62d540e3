package main

import (
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"
)

func (env *environment) reportCommand() *cli.Command {
	return &cli.Command{
		Name:      "report",
		Usage:     "lists to clean the data with: ringdex report numbers",
		ArgsUsage: "numbers",
		Flags: []cli.Flag{
			configFlag(), jsonFlag(),
			&cli.BoolFlag{Name: "csv", Usage: "print CSV"},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 || c.Args().First() != "numbers" {
				return &usageError{what: "report takes the kind of report", try: "ringdex report numbers"}
			}
			return env.withOperations(c, func(ops operations) error {
				r, err := ops.Numbers(c.Context)
				switch {
				case err != nil:
					return err
				case c.Bool("json"):
					return writeJSON(env.Out, r)
				case c.Bool("csv"):
					return env.numbersCSV(r)
				}
				for _, p := range r.Problems {
					fmt.Fprintf(env.Out, "%s %s %s %q: %s\n  %s\n", p.Object, p.ID, p.Attribute, p.Value, p.Reason, p.URL)
				}
				if r.Total > len(r.Problems) {
					fmt.Fprintf(env.Out, "… and %d more\n", r.Total-len(r.Problems))
				}
				for _, s := range r.Shared {
					fmt.Fprintf(env.Out, "+%s is shared by %d records\n", s.Number, s.Records)
					for _, u := range s.URLs {
						fmt.Fprintf(env.Out, "  %s\n", u)
					}
				}
				if len(r.Problems)+len(r.Shared) == 0 {
					fmt.Fprintln(env.Out, "every number could be normalised, and none is shared by many")
				}
				return nil
			})
		},
	}
}

func (env *environment) numbersCSV(r numbersReport) error {
	w := csv.NewWriter(env.Out)
	_ = w.Write([]string{"kind", "object", "id", "attribute", "value", "reason", "records", "url"})
	for _, p := range r.Problems {
		_ = w.Write([]string{"not normalised", p.Object, p.ID, p.Attribute, p.Value, p.Reason, "", p.URL})
	}
	for _, s := range r.Shared {
		_ = w.Write([]string{"shared", "", "", "", "+" + s.Number, "", strconv.Itoa(s.Records), strings.Join(s.URLs, " ")})
	}
	w.Flush()
	return w.Error()
}
