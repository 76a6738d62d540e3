package main

import (
	"io"
	"strings"

	"github.com/urfave/cli/v2"
)

//go:generate sh -c "go run . docs config > CONFIG.md.new && mv CONFIG.md.new CONFIG.md"
//go:generate go test -count=1 -run ^TestHandsetsAreCurrent$ . -args -update-handsets

func (env *environment) docsCommand() *cli.Command {
	return &cli.Command{
		Name:      "docs",
		Usage:     "print the manual page, or the reference of the configuration",
		ArgsUsage: "man|config",
		BashComplete: func(c *cli.Context) {
			_, _ = io.WriteString(c.App.Writer, "man\nconfig\n")
		},
		Flags: []cli.Flag{configFlag()},
		Action: func(c *cli.Context) error {
			var text string
			var err error
			switch c.Args().First() {
			case "man":
				text, err = manPage(c.App)
			case "config":
				text, err = configReference()
			default:
				return &usageError{what: "docs takes man or config", try: "ringdex docs man | man -l -"}
			}
			if err == nil {
				_, err = io.WriteString(env.Out, text)
			}
			return err
		},
	}
}

// manPage is ringdex(8), without the commands that the library adds.
func manPage(app *cli.App) (string, error) {
	plain := *app
	plain.Description = "Copies the contacts of a Salesforce org into a local store and answers the number and name lookups of telephones over LDAP, whether Salesforce is up or not. The configuration is ringdex.yaml; **ringdex wizard** writes it, **ringdex check** tries it."
	return plain.ToManWithSection(8)
}

// addExamples puts examples under a command's description, where it has none yet.
func addExamples(cmd *cli.Command) {
	lines := examples()[cmd.Name]
	if len(lines) == 0 || strings.Contains(cmd.Description, "Examples:") {
		return
	}
	if cmd.Description != "" {
		cmd.Description += "\n\n"
	}
	cmd.Description += "Examples:\n  " + strings.Join(lines, "\n  ")
}

func examples() map[string][]string {
	return map[string][]string{
		"demo":          {"ringdex demo", "ringdex demo --once"},
		"emulator":      {"ringdex emulator --listen 127.0.0.1:8780 --accounts 100 --contacts 1000", "ringdex emulator --data FOLDER --fault query:3:delay=2s"},
		"replicate":     {"ringdex replicate", "ringdex replicate --dry-run", "ringdex replicate --full --object Contact --json", "ringdex replicate --cancel"},
		"serve":         {"ringdex serve", "ringdex serve --config /etc/ringdex/ringdex.yaml --log-format json"},
		"status":        {"ringdex status", "ringdex status --json | jq .problems"},
		"reload":        {"ringdex reload", "systemctl reload ringdex"},
		"report":        {"ringdex report numbers", "ringdex report numbers --csv > numbers.csv", "ringdex report callers"},
		"phones":        {"ringdex phones", "ringdex phones yealink", "ringdex phones snom --profile reception --json"},
		"approve":       {"ringdex status", "ringdex approve Contact"},
		"reject":        {"ringdex status", "ringdex reject Contact"},
		"backup":        {"ringdex backup /var/backups/ringdex.db"},
		"restore":       {"systemctl stop ringdex", "ringdex restore /var/backups/ringdex.db", "systemctl start ringdex"},
		"compact":       {"systemctl stop ringdex", "ringdex compact", "systemctl start ringdex"},
		"verify":        {"ringdex verify", "ringdex verify --json"},
		"hash-password": {"ringdex hash-password", "printf '%s\\n' \"$PASSWORD\" | ringdex hash-password"},
		"completion":    {"source <(ringdex completion bash)", "ringdex completion zsh > ~/.zfunc/_ringdex", "ringdex completion fish > ~/.config/fish/completions/ringdex.fish"},
		"docs":          {"ringdex docs man > /usr/local/share/man/man8/ringdex.8", "ringdex docs config"},
		"help":          {"ringdex help lookup"},
		"version":       {"ringdex version --json"},
	}
}
