package main

import (
	"flag"

	"github.com/urfave/cli/v2"
)

// The library's own help flag and help command are variables of its package that every run writes to. Ringdex runs more
// than one command line at a time in one process (the demo's, the tests'), so each run has its own.
func init() {
	cli.HelpFlag = helpFlag{&cli.BoolFlag{Name: "help", Aliases: []string{"h"}, Usage: "show help", DisableDefaultText: true}}
}

// helpFlag is a flag that a run leaves as it is.
type helpFlag struct{ *cli.BoolFlag }

// Apply adds a copy of the flag to set: the library writes into what it adds.
func (f helpFlag) Apply(set *flag.FlagSet) error {
	own := *f.BoolFlag
	return own.Apply(set)
}

// addHelp gives the commands below path, and each of them, a command that shows help.
func (env *environment) addHelp(commands []*cli.Command, path ...string) []*cli.Command {
	for _, c := range commands {
		c.Subcommands = env.addHelp(c.Subcommands, append(path[:len(path):len(path)], c.Name)...)
	}
	help := &cli.Command{
		Name:      "help",
		Aliases:   []string{"h"},
		Usage:     "Shows a list of commands or help for one command",
		ArgsUsage: "[command]",
		Action: func(c *cli.Context) error {
			app := env.app()
			args := append([]string{"ringdex"}, path...)
			return app.RunContext(c.Context, flagsFirst(app, append(append(args, c.Args().Slice()...), "--help")))
		},
	}
	addExamples(help)
	return append(commands, help)
}
