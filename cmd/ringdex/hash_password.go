package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"ringdex/ldapserver/directory"
)

func (env *environment) hashPasswordCommand() *cli.Command {
	return &cli.Command{
		Name:        "hash-password",
		Usage:       "hash a bind password for ldap.users",
		Description: "Asks for the password on a terminal, twice and without showing it, or reads one line from standard input.",
		Flags:       []cli.Flag{configFlag()},
		Action: func(c *cli.Context) error {
			password, err := env.readPassword(c.Context)
			if err != nil {
				return err
			}
			if password == "" {
				return &usageError{what: "an empty password is no password", try: "printf '%s' \"$PASSWORD\" | ringdex hash-password"}
			}
			env.secrets.add(password)
			hash, err := directory.HashPassword(password)
			if err != nil {
				return err
			}
			fmt.Fprintln(env.Out, hash)
			return nil
		},
	}
}

// readPassword asks on a terminal, else takes the first line of standard input. The questions go to stderr: stdout is
// the hash alone.
func (env *environment) readPassword(ctx context.Context) (string, error) {
	f, ok := env.In.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		line, err := bufio.NewReader(env.In).ReadString('\n')
		if line == "" && err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	// One silence for both questions: nothing that is typed ahead is shown, between them either.
	restore, err := hideEcho(f)
	if err != nil {
		return "", &hintError{errors.New("this terminal cannot hide what is typed"), "printf '%s' \"$PASSWORD\" | ringdex hash-password"}
	}
	defer restore()
	p := &prompter{in: env.In, out: env.Err}
	for {
		password, err := p.hidden(ctx, "Password")
		if err != nil || password == "" {
			return "", err
		}
		again, err := p.hidden(ctx, "The same again")
		if err != nil {
			return "", err
		}
		if password == again {
			return password, nil
		}
		p.say("The two differ. Once more:")
	}
}
