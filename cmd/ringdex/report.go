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
		Usage:     "lists to clean the data with, and the callers that nobody knows",
		ArgsUsage: "numbers|callers",
		Description: "numbers: what could not be normalised, is shared by many records, or has an extension that can't be told.\n" +
			"callers: numbers that phones asked for and nobody has, where callers.record is on.",
		BashComplete: func(c *cli.Context) {
			completeArgument(c, "numbers", "callers")
		},
		Flags: []cli.Flag{
			configFlag(), jsonFlag(),
			&cli.BoolFlag{Name: "csv", Usage: "print CSV"},
		},
		Action: func(c *cli.Context) error {
			kind := c.Args().First()
			if c.NArg() != 1 || kind != "numbers" && kind != "callers" {
				return &usageError{what: "report takes the kind of report", try: "ringdex report numbers, or ringdex report callers"}
			}
			return env.withOperations(c, func(ops operations) error {
				if kind == "callers" {
					r, err := ops.Callers(c.Context)
					if err != nil {
						return err
					}
					return env.printCallers(r, c.Bool("json"), c.Bool("csv"))
				}
				r, err := ops.Numbers(c.Context)
				switch {
				case err != nil:
					return err
				case c.Bool("json"):
					return writeJSON(env.Out, r)
				case c.Bool("csv"):
					return env.numbersCSV(r)
				}
				env.printNumbers(r)
				return nil
			})
		},
	}
}

// printedMost is how many rows of a kind a person gets in the terminal; --csv and --json have all.
const printedMost = 1000

func (env *environment) printNumbers(r numbersReport) {
	for _, p := range r.Problems[:min(len(r.Problems), printedMost)] {
		fmt.Fprintf(env.Out, "%s %s %s %q: %s\n  %s\n", p.Object, p.ID, p.Attribute, p.Value, p.Reason, p.URL)
	}
	if n := r.Total - min(len(r.Problems), printedMost); n > 0 {
		fmt.Fprintf(env.Out, "… and %d more: --csv has %d of them\n", n, len(r.Problems)-min(len(r.Problems), printedMost))
	}
	for _, s := range r.Shared[:min(len(r.Shared), printedMost)] {
		fmt.Fprintf(env.Out, "+%s is shared by %d records\n", s.Number, s.Records)
		for _, u := range s.URLs[:min(len(s.URLs), 10)] {
			fmt.Fprintf(env.Out, "  %s\n", u)
		}
	}
	for _, x := range r.Extensions[:min(len(r.Extensions), printedMost)] {
		fmt.Fprintf(env.Out, "%s +%s…: %s\n", x.Company, x.Number, x.Reason)
		for _, u := range x.URLs[:min(len(x.URLs), 10)] {
			fmt.Fprintf(env.Out, "  %s\n", u)
		}
	}
	if len(r.Problems)+len(r.Shared)+len(r.Extensions) == 0 {
		fmt.Fprintln(env.Out, "every number could be normalised, none is shared by many, and every extension can be told")
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
	for _, x := range r.Extensions {
		_ = w.Write([]string{"extension not told", "", "", "", "+" + x.Number, x.Reason, strconv.Itoa(x.Records), strings.Join(x.URLs, " ")})
	}
	w.Flush()
	return w.Error()
}
