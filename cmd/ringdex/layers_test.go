package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "ringdex"

// TestLayers holds the imports of every package against the third column of the table in the README's
// architecture section. Test files are free, but for the two rules on net and bbolt.
func TestLayers(t *testing.T) {
	t.Parallel()
	root := repositoryRoot(t)
	allowed := layerTable(t, filepath.Join(root, "README.md"))
	used := map[string]bool{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && file != root || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		rel, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(rel)
		may, known := allowed[pkg]
		if !known {
			t.Errorf("package %s has no row in the README's table", pkg)
			return nil
		}
		used[pkg] = true
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, imp := range f.Imports {
			name := strings.Trim(imp.Path.Value, `"`)
			switch {
			case name == "go.etcd.io/bbolt" && pkg != "replicator/store":
				t.Errorf("%s imports bbolt; only replicator/store may", file)
			case (name == "net" || strings.HasPrefix(name, "net/")) && (pkg == "ldapserver/ber" || pkg == "ldapserver/protocol"):
				t.Errorf("%s imports %s; the codec has no sockets", file, name)
			case strings.HasPrefix(name, module+"/"):
				if own := strings.TrimPrefix(name, module+"/"); !permitted(may, own) {
					t.Errorf("%s imports %s; the table allows %s only %v", file, name, pkg, may)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range allowed {
		if !used[pkg] {
			t.Errorf("the README's table names %s, which does not exist", pkg)
		}
	}
}

// permitted reports whether pkg is in the list; "schema…" stands for schema and everything below it.
func permitted(may []string, pkg string) bool {
	return slices.ContainsFunc(may, func(m string) bool {
		if m == "all" {
			return true
		}
		if base, ok := strings.CutSuffix(m, "…"); ok {
			return pkg == base || strings.HasPrefix(pkg, base+"/")
		}
		return m == pkg
	})
}

// layerTable reads the rows "| `pkg` | holds | `a` `b` |" of the first table headed "package".
func layerTable(t *testing.T, readme string) map[string][]string {
	t.Helper()
	data, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	table := map[string][]string{}
	in := false
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		cells := strings.Split(strings.Trim(line, "|"), "|")
		switch {
		case strings.HasPrefix(line, "| package |"):
			in = true
		case in && !strings.HasPrefix(line, "|"):
			in = false
		case in && len(cells) == 3 && !strings.HasPrefix(line, "|---"):
			pkg := strings.Trim(strings.TrimSpace(cells[0]), "`")
			table[path.Clean(pkg)] = strings.Fields(strings.NewReplacer("`", "", "–", "", ",", " ").Replace(cells[2]))
		}
	}
	if len(table) < 10 {
		t.Fatalf("the table of packages in the README has %d rows", len(table))
	}
	return table
}

// repositoryRoot is the folder with go.mod.
func repositoryRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the working directory")
		}
		dir = up
	}
}
