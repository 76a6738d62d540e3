package directory

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"ringdex/ldapserver/protocol"
)

var update = flag.Bool("update", false, "rewrite testdata/search with what is answered now")

// TestSearchText runs testdata/search/*.txt on the invented directory. A file has blocks, one per request: its lines
//
//	search BASE base|one|sub FILTER [limit=N] [types] [ATTRIBUTE…]
//	compare DN ATTRIBUTE VALUE
//	bind NAME PASSWORD
//	whoami
//
// ("-" is an empty base), then ----, then the answer: LDIF and the result code where it is not success. Lines with # are
// comments.
func TestSearchText(t *testing.T) {
	t.Parallel()
	hash, err := HashPassword("not-a-secret")
	if err != nil {
		t.Fatal(err)
	}
	runText(t, "testdata/search/*.txt", directoryOf(t, invented(t), func(o *Options) { o.Users = map[string]User{"phone": {Hash: hash}} }))
}

// runText runs the files of a pattern on a directory.
func runText(t *testing.T, pattern string, d *Directory) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s := sessionOf(d)
			var out strings.Builder
			for i, block := range strings.Split(string(b), "\n====\n") {
				request, _, _ := strings.Cut(block, "----\n")
				if i > 0 {
					out.WriteString("\n====\n")
				}
				out.WriteString(strings.TrimRight(request, "\n") + "\n----\n")
				for line := range strings.Lines(request) {
					if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
						out.WriteString(strings.TrimRight(doText(t, s, line), "\n") + "\n")
					}
				}
			}
			got := strings.TrimRight(out.String(), "\n") + "\n"
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(b) {
				t.Errorf("answers differ; run with -update and look at the difference:\n%s", got)
			}
		})
	}
}

// doText runs one request line.
func doText(t *testing.T, s *Session, line string) string {
	words := strings.Fields(line)
	ctx := context.Background()
	switch words[0] {
	case "search":
		return searchText(t, s, words[1:])
	case "compare":
		ok, err := s.Compare(ctx, &protocol.CompareRequest{DN: []byte(words[1]), Attribute: []byte(words[2]), Value: []byte(strings.Join(words[3:], " "))}, nil)
		if err != nil {
			return resultText(err)
		}
		return fmt.Sprintf("# %v", ok)
	case "bind":
		r := &protocol.BindRequest{Version: 3}
		if words[1] != "-" {
			r.Name = []byte(words[1])
		}
		if len(words) > 2 {
			r.Simple = []byte(words[2])
		}
		return resultText(s.Bind(ctx, r))
	case "whoami":
		_, value, err := s.Extended(ctx, &protocol.ExtendedRequest{OID: []byte(protocol.OIDWhoAmI)})
		return fmt.Sprintf("# %q\n%s", value, resultText(err))
	}
	t.Fatalf("%q is no request", line)
	return ""
}

func searchText(t *testing.T, s *Session, words []string) string {
	scope, ok := map[string]protocol.Scope{"base": protocol.BaseObject, "one": protocol.SingleLevel, "sub": protocol.WholeSubtree}[words[1]]
	if !ok {
		t.Fatalf("scope %q", words[1])
	}
	base := strings.ReplaceAll(words[0], "_", " ")
	if base == "-" {
		base = ""
	}
	r := requestOf(t, base, scope, strings.ReplaceAll(words[2], "_", " "))
	for _, w := range words[3:] {
		switch n, isLimit := strings.CutPrefix(w, "limit="); {
		case isLimit:
			limit, err := strconv.Atoi(n)
			if err != nil {
				t.Fatal(err)
			}
			r.SizeLimit = limit
		case w == "types":
			r.TypesOnly = true
		default:
			r.Attributes = append(r.Attributes, []byte(w))
		}
	}
	list, err := tryAsk(t, s, r)
	return ldif(list) + resultText(err)
}

func resultText(err error) string {
	if err == nil {
		return "# success"
	}
	pe, ok := err.(*protocol.Error)
	if !ok {
		return "# ours: " + err.Error()
	}
	text := "# " + pe.Code.String()
	if pe.MatchedDN != "" {
		text += ", matched " + pe.MatchedDN
	}
	return text
}
