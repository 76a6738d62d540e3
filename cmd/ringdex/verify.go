package main

import (
	"fmt"

	"github.com/urfave/cli/v2"
)

func (env *environment) verifyCommand() *cli.Command {
	return &cli.Command{
		Name:        "verify",
		Usage:       "check the whole store: pages, entries, indexes, counts",
		Description: "Exit code 0: sound; 1: not.",
		Flags:       []cli.Flag{configFlag(), jsonFlag()},
		Action: func(c *cli.Context) error {
			return env.withOperations(c, func(ops operations) error {
				r, err := ops.Verify(c.Context)
				if err != nil {
					return fmt.Errorf("verify: %w", err)
				}
				if c.Bool("json") {
					err = writeJSON(env.Out, r)
				} else {
					for _, p := range r.Problems {
						fmt.Fprintln(env.Out, p)
					}
					fmt.Fprintf(env.Out, "%s entries, %s index terms, %d problems\n", thousands(r.Entries), thousands(r.Terms), len(r.Problems))
				}
				if err == nil && len(r.Problems) > 0 {
					return &codeError{exitFailed, &hintError{fmt.Errorf("the store has %d problems", len(r.Problems)), "ringdex replicate --full builds it anew from the org"}}
				}
				return err
			})
		},
	}
}
