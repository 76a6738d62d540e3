package main

import (
	"fmt"
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
