package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"ringdex/replicator/store"
	"ringdex/schema/name"
)

func (env *environment) restoreCommand() *cli.Command {
	return &cli.Command{
		Name:      "restore",
		Usage:     "put a backup in the store's place",
		ArgsUsage: "FILE",
		Description: "The backup is checked first, and the store that it replaces is kept beside it as " + store.KeptSuffix + ".\n" +
			"Stop ringdex serve before.",
		Flags: []cli.Flag{configFlag()},
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return &usageError{what: "restore takes the backup's file", try: "ringdex restore ringdex-backup.db"}
			}
			cfg, o, err := env.closedStore(c)
			if err != nil {
				return err
			}
			g, err := store.Restore(c.Context, c.Args().First(), cfg.StorePath(), o)
			if err != nil {
				return fmt.Errorf("restore: %w", storeError(err))
			}
			if err := giveToFolder(cfg.StorePath()); err != nil {
				return err
			}
			fmt.Fprintf(env.Out, "%s: restored, generation %d\n", cfg.StorePath(), g)
			if _, err := os.Stat(cfg.StorePath() + store.KeptSuffix); err == nil {
				fmt.Fprintf(env.Out, "what was there before: %s\n", cfg.StorePath()+store.KeptSuffix)
			}
			return nil
		},
	}
}

func (env *environment) compactCommand() *cli.Command {
	return &cli.Command{
		Name:        "compact",
		Usage:       "write the store anew without free pages, which may hold what was deleted",
		Description: "Needs room for a second store while it works. Stop ringdex serve before.\n",
		Flags:       []cli.Flag{configFlag()},
		Action: func(c *cli.Context) error {
			cfg, o, err := env.closedStore(c)
			if err != nil {
				return err
			}
			before, after, err := store.Compact(c.Context, cfg.StorePath(), o)
			if err != nil {
				return fmt.Errorf("compact: %w", storeError(err))
			}
			if err := giveToFolder(cfg.StorePath()); err != nil {
				return err
			}
			fmt.Fprintf(env.Out, "%s: %.1f MB, before %.1f MB\n", cfg.StorePath(), float64(after)/1e6, float64(before)/1e6)
			return nil
		},
	}
}

// closedStore is the configuration and the options of a store that no daemon has open.
func (env *environment) closedStore(c *cli.Context) (*Config, store.Options, error) {
	cfg, err := loadConfig(c.String("config"))
	if err != nil {
		return nil, store.Options{}, err
	}
	if daemon := dialControl(c.Context, cfg.StorePath()); daemon != nil {
		return nil, store.Options{}, errors.Join(daemon.Close(), &hintError{errors.New("ringdex serve has the store open"), "stop it first"})
	}
	log, err := newLogger(env.Err, LogConfig{Level: "warning", Format: cfg.Log.Format}, env.secrets)
	if err != nil {
		return nil, store.Options{}, err
	}
	mappings, err := cfg.Mappings()
	if err != nil {
		return nil, store.Options{}, err
	}
	s, err := cfg.Schema(mappings)
	if err != nil {
		return nil, store.Options{}, err
	}
	collation, err := name.ParseCollation(cfg.Names.Collation)
	return cfg, store.Options{Log: log, Schema: s, Collation: collation}, err
}
