//go:build unix

package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// documentTest is a document whose sh blocks run.
type documentTest struct {
	path   string
	tools  []string // beside bash and make
	blocks int      // at least
	wants  []string // in what the blocks print
}

// administrators is what an administrator reads: every command in it is run as it stands, by TestReadme or in the Debian of
// make try-deb.
var administrators = []string{
	"README.md", "soap/SALESFORCE.md", "cmd/ringdex/OPERATIONS.md", "cmd/ringdex/TROUBLESHOOTING.md", "cmd/ringdex/DRILLS.md",
	"cmd/ringdex/SECURITY.md", "cmd/ringdex/SIZING.md", "cmd/ringdex/CONFIG.md", "ldapserver/HANDSETS.md",
}

// notRun are commands of the texts that nothing runs, and why.
var notRun = map[string]string{
	"ssh -L 8713:127.0.0.1:8713 server":      "needs a second machine",
	"go version -m ringdex":                  "Go's, and says what is in a binary",
	"govulncheck -mode binary ringdex":       "another program, which asks the internet",
	"CONTACTS=1000000 ./replicator/peers.sh": "takes half an hour: make bench-replication runs it smaller",
}

// shellWords are the first words of a command line in these texts.
var shellWords = []string{
	"apt", "apt-get", "ringdex", "./ringdex", "systemctl", "journalctl", "ss", "ldapsearch", "chmod", "chown", "runuser", "systemd-creds",
	"systemd-analyze", "vmstat", "man", "make", "rm", "mv", "cp", "time", "go", "govulncheck", "openssl", "curl", "ssh", "dpkg", "certbot", "mount",
	"umount", "dd", "grep", "sed", "install", "cat", "kill", "logrotate", "export", "cd", "sudo", "ls", "test",
}

// codeBlock is a fenced block of a document.
type codeBlock struct {
	kind, heading string
	number        int // among those of its kind under its heading, from 1
	text          string
}

var (
	fence      = regexp.MustCompile("^( *)```(.*)$")
	heading    = regexp.MustCompile(`^#+ (.*)$`)
	span       = regexp.MustCompile("`([^`]+)`")
	setting    = regexp.MustCompile(`^[A-Z_]+=\S* `)
	makeTarget = regexp.MustCompile(`(?m)^([a-z-]+):`)
)

// readBlocks takes the blocks out of a document, and gives the rest of it. A block that is indented instead of fenced doesn't
// say what it is.
func readBlocks(document, text string) (blocks []codeBlock, rest string, err error) {
	var out strings.Builder
	var open *codeBlock
	indent, under, before := "", "", ""
	for i, line := range strings.Split(text, "\n") {
		switch m := fence.FindStringSubmatch(line); {
		case m != nil && open == nil:
			open, indent = &codeBlock{kind: m[2], heading: under, number: 1}, m[1]
			for _, b := range blocks {
				if b.kind == open.kind && b.heading == under {
					open.number++
				}
			}
		case m != nil && m[2] == "" && m[1] == indent:
			blocks, open = append(blocks, *open), nil
		case open != nil:
			open.text += strings.TrimPrefix(line, indent) + "\n"
		case strings.HasPrefix(line, "    ") && before == "":
			return nil, "", fmt.Errorf("%s:%d: an indented block doesn't say whether it is run: use ```sh, ```sh server, ```yaml or ```text", document, i+1)
		default:
			if h := heading.FindStringSubmatch(line); h != nil {
				under = h[1]
			}
			out.WriteString(line + "\n")
		}
		before = line
	}
	if open != nil {
		return nil, "", fmt.Errorf("%s: a block under %s has no end", document, under)
	}
	return blocks, out.String(), nil
}

// TestDocumentCommands holds every command of the documents against what is run.
func TestDocumentCommands(t *testing.T) {
	t.Parallel()
	root := repositoryRoot(t)
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	var targets []string
	for _, m := range makeTarget.FindAllStringSubmatch(read("Makefile"), -1) {
		targets = append(targets, m[1])
	}
	inside := read("cmd/ringdex/package/try-documents.sh")
	run := inside + read("cmd/ringdex/package/try-inside.sh")
	if !strings.Contains(read("cmd/ringdex/package/try.sh"), "try-documents.sh") {
		t.Error("try.sh doesn't run try-documents.sh")
	}
	texts := map[string]string{}
	for _, document := range administrators {
		blocks, rest, err := readBlocks(document, read(document))
		if err != nil {
			t.Error(err)
			continue
		}
		texts[document] = rest
		for _, b := range blocks {
			where := fmt.Sprintf("%s, %s, block %d", document, b.heading, b.number)
			switch b.kind {
			case "sh":
				if !slices.ContainsFunc(documents, func(d documentTest) bool { return d.path == document }) {
					t.Errorf("%s: TestReadme doesn't run this document", where)
				}
				run += b.text
			case "sh server":
				name := path.Base(document)
				calls := []string{fmt.Sprintf("block %s %s %d\n", name, b.heading, b.number), fmt.Sprintf("block %s %q %d\n", name, b.heading, b.number), name + "/" + strings.ReplaceAll(b.heading, " ", "_") + fmt.Sprintf(".%d", b.number)}
				if !slices.ContainsFunc(calls, func(c string) bool { return strings.Contains(inside, c) }) {
					t.Errorf("%s: try-documents.sh doesn't run it: %s", where, calls[1])
				}
				run += b.text
			case "yaml":
				if _, err := parseConfig([]byte(b.text), where); err != nil {
					t.Errorf("%s: %v", where, err)
				}
			case "text":
				for line := range strings.Lines(b.text) {
					if words := strings.Fields(line); len(words) > 0 && slices.Contains(shellWords, words[0]) && (words[0] != "make" || !slices.Contains(targets, words[1])) {
						t.Errorf("%s: %q is a command, and not run", where, strings.TrimSpace(line))
					}
				}
			case "":
				if document != "ldapserver/HANDSETS.md" { // made from the models, whose filters TestPhoneFiltersFindAnna asks
					t.Errorf("%s doesn't say what it is", where)
				}
			default:
				t.Errorf("%s: what is %s?", where, b.kind)
			}
		}
	}
	for document, text := range texts {
		for _, m := range span.FindAllStringSubmatch(text, -1) {
			command := strings.Join(strings.Fields(m[1]), " ")
			words := strings.Fields(command)
			if len(words) < 2 || !slices.Contains(shellWords, words[0]) && !setting.MatchString(command) {
				continue
			}
			_, unknown := modelNamed(words[len(words)-1])
			switch {
			case notRun[command] != "", strings.Contains(run, command):
			case words[0] == "make" && slices.Contains(targets, words[1]):
			case strings.HasPrefix(command, "ringdex phones ") && unknown == nil:
			default:
				t.Errorf("%s: nothing runs %q: put it into a block, or into try-documents.sh", document, command)
			}
		}
	}
}
