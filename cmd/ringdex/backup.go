package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"
)

func (env *environment) backupCommand() *cli.Command {
	return &cli.Command{
		Name:      "backup",
		Usage:     "write a consistent copy of the store, while it serves",
		ArgsUsage: "FILE",
		Flags:     []cli.Flag{configFlag()},
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return &usageError{what: "backup takes the file to write", try: "ringdex backup ringdex-backup.db"}
			}
			return env.withOperations(c, func(ops operations) error {
				n, err := writeBackup(c, ops, c.Args().First())
				if err != nil {
					return fmt.Errorf("backup: %w", err)
				}
				fmt.Fprintf(env.Out, "%s: %.1f MB\n", c.Args().First(), float64(n)/1e6)
				return nil
			})
		},
	}
}

// writeBackup writes beside the target and renames at the end: a file of that name is always a whole copy.
func writeBackup(c *cli.Context, ops operations, target string) (int64, error) {
	f, err := os.CreateTemp(filepath.Dir(target), filepath.Base(target)+".*.part")
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	n, err := ops.Backup(c.Context, f)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return n, err
	}
	return n, os.Rename(f.Name(), target)
}
