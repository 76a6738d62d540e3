package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// Stdio is what a command reads and writes.
type Stdio struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer
}

// Exit codes of the commands.
const (
	exitOK      = 0
	exitFailed  = 1
	exitUsage   = 2
	exitHeld    = 3
	exitNothing = 4
)

// codeError ends a command with an exit code of its own; a nil err says nothing.
type codeError struct {
	code int
	err  error
}

func (e *codeError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e *codeError) Unwrap() error { return e.err }

// Run executes one command line (args[0] is the program) and returns its exit code.
func Run(ctx context.Context, args []string, stdio Stdio) int {
	env := &environment{Stdio: stdio, secrets: &secretSet{}}
	app := env.app()
	err := app.RunContext(ctx, flagsFirst(app, args))
	if err == nil {
		return exitOK
	}
	code := exitFailed
	var ce *codeError
	var usage *usageError
	switch {
	case errors.As(err, &ce):
		if code = ce.code; ce.err == nil {
			return code
		}
	case errors.As(err, &usage):
		code = exitUsage
	}
	printError(stdio.Err, env.secrets, err)
	return code
}

// environment is what the commands share in one run.
type environment struct {
	Stdio
	secrets *secretSet
}

// usageError is a command line that is not understood.
type usageError struct {
	what string
	try  string
}

func (e *usageError) Error() string { return e.what }
func (e *usageError) Hint() string  { return e.try }

func (env *environment) app() *cli.App {
	app := &cli.App{
		Name:                 "ringdex",
		Usage:                "every caller has a name: Salesforce contacts for phones, over LDAP",
		Version:              version(),
		HideVersion:          true,
		Reader:               env.In,
		Writer:               env.Out,
		ErrWriter:            env.Err,
		EnableBashCompletion: true,
		// Values hold commas: hashes, conditions, fault specs. A flag is given more than once instead.
		DisableSliceFlagSeparator: true,
		Suggest:                   true,
		Commands: []*cli.Command{
			env.demoCommand(),
			env.emulatorCommand(),
			env.wizardCommand(),
			env.checkCommand(),
			env.replicateCommand(),
			env.serveCommand(),
			env.lookupCommand(),
			env.statusCommand(),
			env.reloadCommand(),
			env.reportCommand(),
			env.phonesCommand(),
			env.approveCommand(),
			env.rejectCommand(),
			env.backupCommand(),
			env.restoreCommand(),
			env.compactCommand(),
			env.verifyCommand(),
			env.hashPasswordCommand(),
			env.completionCommand(),
			env.docsCommand(),
			env.versionCommand(),
		},
		ExitErrHandler: func(*cli.Context, error) {},
		CommandNotFound: func(*cli.Context, string) {
		},
		OnUsageError: usageFault,
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return unknownCommand(c)
			}
			return cli.ShowAppHelp(c)
		},
	}
	for _, cmd := range app.Commands {
		cmd.OnUsageError = usageFault
		addExamples(cmd)
		if cmd.Before == nil {
			cmd.Before = noStrayArguments(cmd)
		}
	}
	app.Commands, app.Flags = env.addHelp(app.Commands), []cli.Flag{cli.HelpFlag}
	return app
}

func usageFault(c *cli.Context, err error, _ bool) error {
	name := "ringdex"
	if c.Command != nil && c.Command.Name != "" && c.Command.Name != "ringdex" {
		name += " " + c.Command.Name
	}
	return &usageError{what: strings.TrimPrefix(err.Error(), "flag "), try: name + " --help"}
}

func unknownCommand(c *cli.Context) error {
	name := c.Args().First()
	e := &usageError{what: fmt.Sprintf("there is no command %q", name), try: "ringdex --help"}
	if s := cli.SuggestCommand(c.App.Commands, name); s != "" {
		e.try = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(s, "Did you mean "), "?"))
		e.try = "ringdex " + strings.Trim(e.try, `"`)
	}
	return e
}

// noStrayArguments refuses arguments that a command does not take: a mistyped flag must not pass unseen.
func noStrayArguments(cmd *cli.Command) cli.BeforeFunc {
	return func(c *cli.Context) error {
		if cmd.ArgsUsage == "" && c.Args().Present() {
			return &usageError{what: fmt.Sprintf("%s takes no argument %q", cmd.Name, c.Args().First()), try: "ringdex " + cmd.Name + " --help"}
		}
		return nil
	}
}

// flagsFirst moves flags that stand behind a command's arguments in front of them (`lookup +49511 --json`): the
// library stops reading flags at the first argument. "--" ends the flags, and a "+49…" never looks like one.
func flagsFirst(app *cli.App, args []string) []string {
	at := 1
	for at < len(args) && strings.HasPrefix(args[at], "-") {
		at++
	}
	if at >= len(args) {
		return args
	}
	cmd := app.Command(args[at])
	if cmd == nil {
		return args
	}
	takesValue := map[string]bool{}
	for _, f := range cmd.Flags {
		_, isBool := f.(*cli.BoolFlag)
		for _, n := range f.Names() {
			takesValue[n] = !isBool
		}
	}
	var flags, rest []string
	for i := at + 1; i < len(args); i++ {
		a := args[i]
		if a == "--" {
			rest = append(rest, args[i+1:]...)
			break
		}
		if len(a) < 2 || a[0] != '-' {
			rest = append(rest, a)
			continue
		}
		name := strings.TrimLeft(a, "-")
		if slices.Contains(cli.HelpFlag.Names(), name) { // with arguments, the library would look for a command of that name
			return append(args[:at+1:at+1], a)
		}
		flags = append(flags, a)
		if !strings.Contains(name, "=") && takesValue[name] && i+1 < len(args) {
			i++
			flags = append(flags, args[i])
		}
	}
	out := append([]string{}, args[:at+1]...)
	out = append(out, flags...)
	if len(rest) > 0 {
		out = append(out, "--")
	}
	return append(out, rest...)
}

// configFlag is on every command that needs the configuration.
func configFlag() cli.Flag {
	return &cli.StringFlag{Name: "config", Aliases: []string{"c"}, Value: defaultConfigPath, Usage: "the configuration `FILE`; without one here, /etc/ringdex/ringdex.yaml", EnvVars: []string{"RINGDEX_CONFIG"}}
}

func jsonFlag() cli.Flag {
	return &cli.BoolFlag{Name: "json", Usage: "print JSON"}
}
