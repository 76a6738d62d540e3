package main

import (
	"fmt"

	"github.com/urfave/cli/v2"
)

func (env *environment) approveCommand() *cli.Command {
	return env.decideCommand("approve", "let a held mass change through, after showing it", true)
}

func (env *environment) rejectCommand() *cli.Command {
	return env.decideCommand("reject", "drop a held mass change: what is served stays as it is", false)
}

func (env *environment) decideCommand(name, usage string, approve bool) *cli.Command {
	return &cli.Command{
		Name:      name,
		Usage:     usage,
		ArgsUsage: "OBJECT",
		Flags:     []cli.Flag{configFlag(), jsonFlag()},
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return &usageError{what: name + " takes the name of one object", try: "ringdex " + name + " Contact"}
			}
			return env.withOperations(c, func(ops operations) error {
				report, err := ops.Decide(c.Context, decision{Object: c.Args().First(), Approve: approve})
				if err != nil {
					return err
				}
				if c.Bool("json") {
					return writeJSON(env.Out, report)
				}
				for _, line := range report.Would {
					fmt.Fprintln(env.Out, line)
				}
				fmt.Fprintf(env.Out, "%s: %s\n", report.Object, report.Done)
				return nil
			})
		},
	}
}
