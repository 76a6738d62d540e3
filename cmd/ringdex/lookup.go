package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

func (env *environment) lookupCommand() *cli.Command {
	return &cli.Command{
		Name:        "lookup",
		Usage:       "show the entries that a phone would get, in that order, and why",
		ArgsUsage:   "NUMBER|NAME",
		Description: "Examples:\n  ringdex lookup 030 23125123\n  ringdex lookup 'mül an'\nExit code 4: nothing found.",
		Flags: []cli.Flag{
			configFlag(), jsonFlag(),
			&cli.StringFlag{Name: "profile", Usage: "as this `PROFILE` of phone sees it"},
		},
		Action: func(c *cli.Context) error {
			query := strings.TrimSpace(strings.Join(c.Args().Slice(), " "))
			if query == "" {
				return &usageError{what: "lookup takes a number or a name", try: "ringdex lookup +493023125123"}
			}
			return env.withOperations(c, func(ops operations) error {
				report, err := ops.Lookup(c.Context, lookupRequest{Query: query, Profile: c.String("profile")})
				if err != nil {
					return err
				}
				if c.Bool("json") {
					err = writeJSON(env.Out, report)
				} else {
					env.printLookup(report)
				}
				if err == nil && len(report.Hits) == 0 {
					return &codeError{code: exitNothing}
				}
				return err
			})
		},
	}
}

func (env *environment) printLookup(r lookupReport) {
	fmt.Fprintf(env.Out, "%q is looked up as a %s\n", r.Query, r.Kind)
	for i, c := range r.Candidates {
		fmt.Fprintf(env.Out, "  %d. %s (%s)\n", i+1, c.Key, c.Rule)
	}
	if len(r.Hits) == 0 {
		fmt.Fprintln(env.Out, "nothing found")
		return
	}
	for _, h := range r.Hits {
		fmt.Fprintf(env.Out, "\n#%d %s\n   %s\n", h.Rank, h.Rule, h.DN)
		names := make([]string, 0, len(h.Attributes))
		for n := range h.Attributes {
			names = append(names, n)
		}
		slices.Sort(names)
		for _, n := range names {
			for _, v := range h.Attributes[n] {
				fmt.Fprintf(env.Out, "   %s: %s\n", n, v)
			}
		}
	}
}
