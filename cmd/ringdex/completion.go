package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"
)

func (env *environment) completionCommand() *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "print the completion of commands and flags for a shell",
		ArgsUsage: "bash|zsh|fish|powershell",
		BashComplete: func(c *cli.Context) {
			fmt.Fprintln(c.App.Writer, "bash\nzsh\nfish\npowershell")
		},
		Flags: []cli.Flag{configFlag()},
		Action: func(c *cli.Context) error {
			wrong := &usageError{what: "completion takes the name of a shell", try: "ringdex completion bash, zsh, fish or powershell"}
			if c.NArg() != 1 {
				return wrong
			}
			script := ""
			switch strings.ToLower(c.Args().First()) {
			case "bash":
				script = bashCompletion
			case "zsh":
				script = zshCompletion
			case "powershell", "pwsh":
				script = powershellCompletion
			case "fish":
				var err error
				if script, err = c.App.ToFishCompletion(); err != nil {
					return err
				}
			default:
				return wrong
			}
			_, err := io.WriteString(env.Out, script)
			return err
		},
	}
}

// The scripts ask ringdex itself, with the words as they stand: nothing of the line is evaluated.
const (
	bashCompletion = `# bash completion of ringdex: source <(ringdex completion bash)
_ringdex() {
  local cur="${COMP_WORDS[COMP_CWORD]}"
  local -a words=("${COMP_WORDS[@]:0:COMP_CWORD}")
  [[ $cur == -* ]] && words+=("$cur")
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    [[ $line == "$cur"* ]] && COMPREPLY+=("$line")
  done < <("${words[@]}" --generate-bash-completion 2>/dev/null)
}
complete -o bashdefault -o default -F _ringdex ringdex
`
	zshCompletion = `#compdef ringdex
# zsh completion of ringdex: source <(ringdex completion zsh), or save it as _ringdex in a folder of $fpath
_ringdex() {
  local -a request found
  request=("${words[@]:0:$((CURRENT-1))}")
  [[ ${words[CURRENT]} == -* ]] && request+=("${words[CURRENT]}")
  found=("${(@f)$("${request[@]}" --generate-bash-completion 2>/dev/null)}")
  if [[ -n ${found[1]} ]]; then
    compadd -- "${found[@]}"
  else
    _files
  fi
}
compdef _ringdex ringdex
`
	powershellCompletion = `# PowerShell completion of ringdex: ringdex completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName ringdex -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | ForEach-Object { $_.ToString() } | Select-Object -Skip 1)
  if ($wordToComplete -and -not $wordToComplete.StartsWith('-')) { $words = @($words | Select-Object -SkipLast 1) }
  & ringdex @words --generate-bash-completion 2>$null |
    Where-Object { $_ -like "$wordToComplete*" } |
    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}
`
)

// completeArgument completes a command's argument, or its flags where one has been begun.
func completeArgument(c *cli.Context, values ...string) {
	if n := len(os.Args); n > 2 && strings.HasPrefix(os.Args[n-2], "-") { // the last one asks for completion
		cli.DefaultCompleteWithFlags(c.Command)(c)
		return
	}
	fmt.Fprintln(c.App.Writer, strings.Join(values, "\n"))
}
