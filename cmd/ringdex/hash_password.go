package main

import (
	"bufio"
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
		Description: "Reads the password from the terminal without showing it, or one line from standard input.",
		Flags:       []cli.Flag{configFlag()},
		Action: func(*cli.Context) error {
			password, err := env.readPassword("Password: ")
			if err != nil {
				return err
			}
			if password == "" {
				return &usageError{what: "an empty password is no password", try: "printf '%s' \"$PASSWORD\" | ringdex hash-password"}
			}
			hash, err := directory.HashPassword(password)
			if err != nil {
				return err
			}
			fmt.Fprintln(env.Out, hash)
			return nil
		},
	}
}

// readPassword prompts without echo on a terminal, else takes the first line of standard input.
func (env *environment) readPassword(prompt string) (string, error) {
	if f, ok := env.In.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(env.Err, prompt)
		data, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(env.Err)
		return string(data), err
	}
	line, err := bufio.NewReader(env.In).ReadString('\n')
	if line == "" && err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}
